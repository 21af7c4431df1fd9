/**
 * Law L3: the memory in an image is exactly the memory at t0, whoever writes while it is taken. The
 * oracle is a clone of the process's memory made at t0; the mutants show that it would be noticed.
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { RandomStream } from "../../../core/base/random.ts";
import type { Image } from "../../../core/image/image.ts";
import { readPages } from "../../../core/image/page_map.ts";
import type { Entry } from "../../../core/image/capture_entry.ts";
import { CaptureSession, StrategyError } from "../../../core/image/session.ts";
import { TOO_LATE } from "../../../core/image/session_state.ts";
import type { WriteGuard } from "../../../core/kernel/guard.ts";
import type { Page } from "../../../core/kernel/page.ts";
import { type Checkpointer, ProgramRun } from "../../../core/mod.ts";
import { checkpointers } from "../../../plugins/mod.ts";
import { call, exitWith, type Line } from "../kernel/tiny_elf.ts";
import {
  COW,
  load,
  MOVED,
  mover,
  type Mutation,
  startGuest,
  type Strategy,
  take,
  tiny,
  torn,
} from "./torn.ts";

const GUESTS: readonly (readonly [name: string, args: readonly string[], instructions: number])[] =
  [
    ["matmul", ["20"], 90_000],
    ["fft", ["256"], 200_000],
    ["sort", ["300"], 450_000],
    ["pattern", ["8192"], 280_000],
    ["josephus", ["5000", "3"], 130_000],
    ["wmem1", ["48", "6", "5"], 200_000],
    ["wmem2", ["48", "6", "5"], 180_000],
    ["counter", ["5", "9000"], 90_000],
    ["clock", ["3", "9000"], 50_000],
    ["echo", [], 2_500],
  ];

/** Guests that write a page while it waits to be captured; the others have next to no data. */
const WRITERS = ["matmul", "fft", "sort", "josephus", "wmem1", "wmem2"];

const STRATEGIES: readonly Strategy[] = [
  ["stop-the-world", {}],
  ["stop-the-world", { buffered: true, leave_out_executable: true }],
  ["concurrent-cow", {}],
  ["concurrent-cow", { include_executable: true }],
  ["concurrent-cow", { cow_slots: 2, when_full: "block" }],
  ["concurrent-cow", { cow_slots: 2, when_full: "spill" }],
  ["concurrent-cow", { cow_slots: 2, when_full: "stop" }],
  ["fork-cow", {}],
  ["fork-cow", { include_executable: true }],
  ["fork-cow", { direct: true }],
  ["tlb-cow-plus", { direct: true }],
  ["tlb-cow-plus", {}],
  ["tlb-cow-plus", { sub_page: false, budget: 0 }],
  ["tlb-cow-plus", { whole_if_dense: false, include_executable: true }],
  ["incremental", {}],
  ["incremental", { copies: "concurrent" }],
  ["zigzag", {}],
  ["zigzag", { unit: "quarter", include_executable: true }],
  ["ping-pong", {}],
  ["ping-pong", { shadows: 1, unit: "quarter" }],
  ["pre-copy", { stop_below: 1 }],
  ["pre-copy", { stop_below: 1, rounds: 2, gain: 0, write_ahead: true }],
  ["blcr", {}],
  ["linux-ckpt", {}],
  ["crak", { include_executable: true }],
  ["condor", {}],
];

type Taken = ReturnType<typeof take>;

/** A strategy that copies before t0 may come too late to it; then it is asked earlier. */
function inTime(at: number, taken: (moment: number) => Taken): Taken {
  const found = taken(at);
  return found.session.why === TOO_LATE && at > 0 ? inTime(at >> 1, taken) : found;
}

for (const [name, args, instructions] of GUESTS) {
  Deno.test(`L3: ${name}: the image is memory at t0, for every strategy`, () => {
    const random = RandomStream.of(3, "t0", name);
    let writeFaults = 0;
    for (const cpus of [1, 2]) {
      for (const strategy of STRATEGIES) {
        const at = random.below(instructions);
        const { image, clone, session } = inTime(at, (moment) => {
          const run = startGuest(name, args, cpus, "one\ntwo\nthree\n");
          run.runTo(moment);
          assert(run.process.exit === undefined, `${name} ends before its checkpoint`);
          return take(run, strategy);
        });
        writeFaults += session.counts.writeFaults;
        assertEquals(torn(image, clone), [], `${strategy[0]} ${JSON.stringify(strategy[1])}`);
        assertMapIsOf(image, session);
      }
    }
    if (WRITERS.includes(name)) assert(writeFaults > 0, `no store of ${name} met a capture`);
  });
}

/** The map of pages says of each page what the image and the counts say of it, and is short. */
function assertMapIsOf(image: Image, session: CaptureSession): void {
  for (const { pages } of session.areas) assertEquals(/\d([^\d])\d+\1/.test(pages), false, pages);
  const fates = session.areas.flatMap(({ first, pages }) => {
    let vpn = first;
    return readPages(pages).flatMap(({ count, fate }) =>
      Array.from({ length: count }, () => ({ vpn: vpn++, fate }))
    );
  }).filter(({ fate }) => fate !== "-");
  assertEquals(fates.map(({ vpn }) => vpn), image.pages.map(({ vpn }) => vpn));
  const { pagesA, pagesB, pagesExcluded } = session.counts;
  const many = (letters: string) => fates.filter(({ fate }) => letters.includes(fate)).length;
  assertEquals([many("Aa"), many("BbSs"), many("X")], [pagesA, pagesB, pagesExcluded]);
  image.pages.forEach(({ source, bytes }, n) => {
    const fate = fates[n]?.fate ?? "-";
    assertEquals(fate === "X", source === "executable");
    assertEquals("abs".includes(fate), bytes?.every((byte) => byte === 0) ?? false);
  });
}

/** Every strategy there is must be held to the law. */
Deno.test("L3: no strategy is forgotten", () => {
  const held = new Set(STRATEGIES.map(([name]) => name));
  assertEquals(checkpointers.map(({ name }) => name).filter((name) => !held.has(name)), []);
});

/** Puts a guard between the address space and the session. */
const throughGuard =
  (wrap: (inner: WriteGuard, run: ProgramRun) => WriteGuard): NonNullable<Mutation["target"]> =>
  (target, run) => ({
    ...target,
    guard: (inner) => target.guard(inner === undefined ? undefined : wrap(inner, run)),
  });

/** Runs a circle of pointers, which is read and written all over, and checkpoints it. */
function josephus(mutation: Mutation) {
  const run = startGuest("josephus", ["20000", "3"]);
  run.runTo(400_000);
  const { image, clone } = take(run, COW, mutation);
  return torn(image, clone);
}

Deno.test("L3 mutant: an entry loaded with D = 1 on a read miss tears the image", () => {
  assertEquals(josephus({}), []);
  const wrong = josephus({
    target: throughGuard((inner, { node }) => {
      let reading = false;
      const { supervisor } = node.kernel.machine;
      node.kernel.machine.supervisor = {
        refill: (exception, address) => {
          reading = exception === "tlbMissRead";
          return supervisor?.refill(exception, address) ?? false;
        },
      };
      return {
        protects: (page) => reading ? 0 : inner.protects(page),
        beforeWrite: (page, by, quarter) => inner.beforeWrite(page, by, quarter),
        beforeUnmap: (page) => inner.beforeUnmap(page),
        refilled: (page, cycles) => inner.refilled(page, cycles),
      };
    }),
  });
  assert(wrong.length > 0, "the mutant was not noticed");
});

Deno.test("L3 mutant: a copier that ignores buffer B tears the image", () => {
  class IgnoresB extends CaptureSession {
    private readonly fromB: Entry[] = [];
    protected override copyTo(entry: Entry, buffer: "A" | "B"): void {
      if (buffer === "B") this.fromB.push(entry);
      super.copyTo(entry, buffer);
    }
    protected override merged(): Image {
      for (const entry of this.fromB) entry.bytes = entry.source.copy();
      return super.merged();
    }
  }
  assert(josephus({ session: IgnoresB }).length > 0, "the mutant was not noticed");
});

Deno.test("L3 mutant: a page that finds buffer B full must not be dropped", () => {
  const strategy = (row: Checkpointer): Checkpointer => ({
    ...row,
    *onFirstWrite(page, view) {
      yield { step: "message", what: "a page is about to be written" };
      if (page.state === "copying") yield { step: "wait", page };
      if (page.state === "uncaptured" && view.pagesInB < 2) yield { step: "copy", page, to: "B" };
      yield { step: "message", what: "the page is captured" };
    },
  });
  assertThrows(() => josephus({ strategy }), StrategyError, "let page");
});

/** Reads four bytes at a time into a page of its own, for ever. */
function reader(): Line[] {
  const [loadBuffer, buffer] = load(5, MOVED, 24);
  const loop: Line[] = [
    loadBuffer,
    "mov #0,r4",
    "mov #4,r6",
    ...call(3),
    "tst r0,r0",
    `bf ${0x400080}`,
    ...exitWith(0),
    "nop",
    "nop",
  ];
  return [...loop, ...buffer];
}

Deno.test("L3 mutant: a kernel store that is not announced tears the image", () => {
  const input = Uint8Array.from({ length: 40_000 }, (_, n) => n % 251 + 1);
  const right = tiny(reader(), 500, {}, input);
  assertEquals(right.wrong, []);
  assert(right.session.counts.writeFaults > 0, "no kernel store met the capture");
  const { wrong } = tiny(reader(), 500, {
    target: throughGuard((inner) => ({
      protects: (page) => inner.protects(page),
      beforeWrite: (page, by, quarter) =>
        by === "kernel" ? undefined : inner.beforeWrite(page, by, quarter),
      beforeUnmap: (page) => inner.beforeUnmap(page),
      refilled: (page, cycles) => inner.refilled(page, cycles),
    })),
  }, input);
  assertEquals(wrong, [MOVED >>> 12]);
});

Deno.test("L3 mutant: captures keyed by page number lose a page that mremap moves", () => {
  const right = tiny(mover(), 38_000, {});
  assertEquals(right.wrong, []);
  assert(right.session.counts.writeFaults > 0, "the moved page was not written in time");
  const { wrong } = tiny(mover(), 38_000, {
    target: throughGuard((inner, { process }) => {
      const frames = new Map([...process.space.table.all()].map(({ vpn, frame }) => [vpn, frame]));
      const keyed = (page: Page) => ({ ...page, vpn: page.vpn, frame: frames.get(page.vpn) ?? -1 });
      return {
        protects: (page) => inner.protects(keyed(page)),
        beforeWrite: (page, by, quarter) => inner.beforeWrite(keyed(page), by, quarter),
        beforeUnmap: (page) => inner.beforeUnmap(keyed(page)),
        refilled: (page, cycles) => inner.refilled(page, cycles),
      };
    }),
  });
  assertEquals(wrong, [MOVED >>> 12]);
});
