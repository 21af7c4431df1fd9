/**
 * Law L3: the memory in an image is exactly the memory at t0, whoever writes while it is taken. The
 * oracle is a clone of the process's memory made at t0; the mutants show that it would be noticed.
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { RandomStream } from "../../../core/base/random.ts";
import { captureCosts } from "../../../core/cluster/board.ts";
import { capturePages, processTarget } from "../../../core/image/capture.ts";
import type { CaptureTarget } from "../../../core/image/capture_target.ts";
import type { Image } from "../../../core/image/image.ts";
import { MemoryStore } from "../../../core/image/memory_store.ts";
import { readPages } from "../../../core/image/page_map.ts";
import type { Entry } from "../../../core/image/capture_entry.ts";
import { CaptureSession, StrategyError } from "../../../core/image/session.ts";
import { StoreSink } from "../../../core/image/store_sink.ts";
import type { WriteGuard } from "../../../core/kernel/guard.ts";
import type { Page } from "../../../core/kernel/page.ts";
import { type Checkpointer, PROFILE, ProgramRun, readOptions } from "../../../core/mod.ts";
import { checkpointers } from "../../../plugins/mod.ts";
import { call, exitWith, type Line, literal, tinyElf } from "../kernel/tiny_elf.ts";

type Strategy = readonly [name: string, options: Record<string, unknown>];

/** Short turns, so that program and copier alternate many times while an image is taken. */
const profileOf = (cpus: number) =>
  readOptions(PROFILE, { ram: 16 * 2 ** 20, quantum: 5000, disk: 400_000_000, cpus }).values;

/** What a test may change: the surroundings of the session, or the session. */
interface Mutation {
  readonly target?: (target: CaptureTarget, run: ProgramRun) => CaptureTarget;
  readonly session?: typeof CaptureSession;
  readonly strategy?: (strategy: Checkpointer) => Checkpointer;
}

/** Takes a checkpoint now, and a clone of memory at its t0. */
function take(run: ProgramRun, [name, given]: Strategy, mutation: Mutation = {}) {
  const { node, process } = run;
  const row = checkpointers.find((each) => each.name === name) as Checkpointer;
  const strategy = mutation.strategy?.(row) ?? row;
  const plain = processTarget(process, node.kernel);
  const clone = new Map<number, Uint8Array>();
  const watched: CaptureTarget = {
    ...plain,
    manifest: () => {
      for (const { vpn, copy } of capturePages(process)) clone.set(vpn, copy());
      return plain.manifest();
    },
  };
  const session = new (mutation.session ?? CaptureSession)(
    mutation.target?.(watched, run) ?? watched,
    strategy,
    readOptions(strategy.options, given).values as never,
    captureCosts(node.profile),
    new StoreSink(new MemoryStore(), "image"),
  );
  node.add(process, session, () => {});
  while (!session.over) node.advance(node.kernel.now + 100_000);
  return { image: session.image as Image, clone, session };
}

/** The pages that are not what they were at t0. */
function torn(image: Image, clone: ReadonlyMap<number, Uint8Array>): number[] {
  assertEquals(image.pages.map(({ vpn }) => vpn), [...clone.keys()]);
  assert(image.pages.some(({ bytes }) => bytes !== undefined), "an image without a page");
  return image.pages.filter(({ vpn, bytes }) =>
    bytes !== undefined && bytes.some((byte, n) => byte !== (clone.get(vpn) as Uint8Array)[n])
  ).map(({ vpn }) => vpn);
}

const guestFile = (name: string) =>
  Deno.readFileSync(new URL(`../../../scenarios/guests/${name}.elf`, import.meta.url));

function startGuest(name: string, args: readonly string[], cpus = 1, input = ""): ProgramRun {
  let bytes = new TextEncoder().encode(input);
  const console = {
    input: (most: number) => {
      const part = bytes.slice(0, most);
      bytes = bytes.slice(part.length);
      return part;
    },
  };
  const executable = guestFile(name);
  return ProgramRun.start({ profile: profileOf(cpus), seed: 1, console }, {
    path: `/bin/${name}`,
    executable,
    args,
  });
}

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
];

for (const [name, args, instructions] of GUESTS) {
  Deno.test(`L3: ${name}: the image is memory at t0, for every strategy`, () => {
    const random = RandomStream.of(3, "t0", name);
    let writeFaults = 0;
    for (const cpus of [1, 2]) {
      for (const strategy of STRATEGIES) {
        const run = startGuest(name, args, cpus, "one\ntwo\nthree\n");
        run.runTo(random.below(instructions));
        assert(run.process.exit === undefined, `${name} ends before its checkpoint`);
        const { image, clone, session } = take(run, strategy);
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

const COW: Strategy = ["concurrent-cow", {}];

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
        protects: (page) => !reading && inner.protects(page),
        beforeWrite: (page, by) => inner.beforeWrite(page, by),
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

/** The third page of a tiny program's data: the last its copier reaches before the stack. */
const MOVED = 0x404000;

/** Loads a literal that stands at the end of the lines. */
const load = (register: number, value: number, at: number): [Line, number[], number] => [
  `mov.l ${0x400080 + at},r${register}`,
  literal(value),
  at,
];

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

/** Writes a page, counts for a while, moves the page elsewhere, writes it there and counts on. */
function mover(): Line[] {
  const TO = 0x10000000, LITERALS = 64;
  const [loadFrom, from] = load(8, MOVED, LITERALS);
  const [loadTo, to] = load(9, TO, LITERALS + 4);
  const [loadTurns, turns] = load(10, 20_000, LITERALS + 8);
  const code: Line[] = [
    loadFrom,
    loadTo,
    "mov.l r8,@r8", // the page is dirty
    loadTurns,
    "dt r10",
    `bf ${0x400080 + 8}`,
    "mov r8,r4",
    "mov #16,r5",
    "shll8 r5", // 4096
    "mov r5,r6",
    "mov #3,r7", // MREMAP_MAYMOVE and MREMAP_FIXED
    "mov r9,r0",
    "mov #81,r3", // 163 in two halves: mov takes a signed byte
    "add #82,r3",
    "trapa #31",
    "mov.l r9,@r9", // through the new address
    `mov.l ${0x400080 + LITERALS + 8},r10`,
    "dt r10",
    `bf ${0x400080 + 34}`,
    ...exitWith(0),
  ];
  while (code.length < LITERALS / 2) code.push("nop");
  return [...code, ...from, ...to, ...turns];
}

/** A tiny program on a node with very short turns, checkpointed at an instruction. */
function tiny(lines: Line[], at: number, mutation: Mutation, input = new Uint8Array(0)) {
  let given = 0;
  const console = {
    input: (most: number) => {
      const part = input.slice(given, given + most);
      given += part.length;
      return part;
    },
  };
  const profile = readOptions(PROFILE, { ram: 2 ** 20, quantum: 1000, disk: 400_000_000 }).values;
  const run = ProgramRun.start({ profile, seed: 1, console }, {
    path: "/tiny",
    executable: tinyElf(lines).bytes,
  });
  run.runTo(at);
  assert(run.process.exit === undefined, "the tiny program ended early");
  const { image, clone, session } = take(run, COW, mutation);
  return { wrong: torn(image, clone), session, run };
}

Deno.test("L3 mutant: a kernel store that is not announced tears the image", () => {
  const input = Uint8Array.from({ length: 40_000 }, (_, n) => n % 251 + 1);
  const right = tiny(reader(), 500, {}, input);
  assertEquals(right.wrong, []);
  assert(right.session.counts.writeFaults > 0, "no kernel store met the capture");
  const { wrong } = tiny(reader(), 500, {
    target: throughGuard((inner) => ({
      protects: (page) => inner.protects(page),
      beforeWrite: (page, by) => by === "kernel" ? undefined : inner.beforeWrite(page, by),
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
        beforeWrite: (page, by) => inner.beforeWrite(keyed(page), by),
        beforeUnmap: (page) => inner.beforeUnmap(keyed(page)),
        refilled: (page, cycles) => inner.refilled(page, cycles),
      };
    }),
  });
  assertEquals(wrong, [MOVED >>> 12]);
});
