/** A capture session against a process of a few pages: every interleaving must give t0. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import type { Checkpointer } from "../../../core/image/checkpointer.ts";
import { type Image, ImageError } from "../../../core/image/image.ts";
import { type CaptureSession, StrategyError } from "../../../core/image/session.ts";
import { checkpointers } from "../../../plugins/mod.ts";
import { begin, COSTS, FakeProcess, goOn, happenings, type Sink } from "./fake_process.ts";

const byName = (name: string) => checkpointers.find((row) => row.name === name) as Checkpointer;

const VARIANTS: readonly [string, Record<string, unknown>][] = [
  ["stop-the-world", {}],
  ["stop-the-world", { buffered: true }],
  ["stop-the-world", { leave_out_executable: true }],
  ["concurrent-cow", {}],
  ["concurrent-cow", { include_executable: true }],
  ["concurrent-cow", { cow_slots: 1, when_full: "block" }],
  ["concurrent-cow", { cow_slots: 1, when_full: "spill" }],
  ["concurrent-cow", { cow_slots: 1, when_full: "stop" }],
  ["fork-cow", {}],
  ["fork-cow", { include_executable: true }],
  ["fork-cow", { direct: true }],
  ["tlb-cow-plus", { direct: true }],
  ["tlb-cow-plus", {}],
  ["tlb-cow-plus", { sub_page: false, budget: 0 }],
  ["tlb-cow-plus", { include_executable: true, hot_stopped: 3 }],
  ["blcr", {}],
  ["linux-ckpt", {}],
  ["crak", {}],
  ["condor", {}],
  ["incremental", {}],
  ["incremental", { copies: "concurrent" }],
  ["zigzag", {}],
  ["zigzag", { unit: "quarter", include_executable: true }],
  ["ping-pong", {}],
  ["ping-pong", { shadows: 1, unit: "quarter" }],
  ["pre-copy", { stop_below: 1 }],
  ["pre-copy", { stop_below: 1, rounds: 2, gain: 0, write_ahead: true }],
];

Deno.test("no strategy is forgotten", () => {
  const held = new Set(VARIANTS.map(([name]) => name));
  assertEquals(checkpointers.map(({ name }) => name).filter((name) => !held.has(name)), []);
});

for (const cpus of [1, 2]) {
  for (const [name, given] of VARIANTS) {
    Deno.test(`${name} ${JSON.stringify(given)} on ${cpus}: the image is memory at t0`, () => {
      fc.assert(fc.property(happenings, (script) => {
        const process = new FakeProcess(6);
        let clone: Uint8Array[] = [];
        const manifest = process.manifest;
        process.manifest = () => {
          clone = process.memory.map((bytes) => bytes.slice());
          return manifest();
        };
        const { session, sink } = begin(byName(name), given, process, cpus);
        for (const event of script) {
          if ("copier" in event) goOn(session, process, event.copier, cpus);
          else if (!process.frozen) {
            process.clock += 50;
            process.store(event.page, event.value, event.by);
            session.settle("programs");
          }
        }
        for (let n = 0; !session.over; n++) {
          assert(n < 1000, "the session never ends");
          goOn(session, process, 50_000, cpus);
        }
        check(session, sink, clone, process);
      }));
    });
  }
}

/** As far as the first step after the process runs again, with nothing copied. */
function toResume(session: CaptureSession, process: FakeProcess) {
  session.turn(0);
  session.turn(COSTS.fixedStop + COSTS.message);
  assert(!process.frozen && process.installed !== undefined);
}

function check(session: CaptureSession, sink: Sink, clone: Uint8Array[], process: FakeProcess) {
  assert(sink.committed && !process.frozen && process.installed === process.tracked);
  const image = sink.image as Image;
  image.pages.forEach((page, n) => {
    if (page.source === "image") assertEquals(page.bytes, clone[n]);
    else assertEquals(page.vpn, 16);
  });
  const { account, counts } = session;
  assertEquals(account.total, (session.committedAt as number) - session.requestedAt);
  assertEquals(counts.pagesA + counts.pagesB + counts.pagesExcluded, counts.pages);
  const strategy = byName(image.manifest.checkpointer.name);
  assertEquals(counts.controlMessages, strategy.controlMessages(counts.writeFaults));
}

Deno.test("stop-the-world: downtime is s + M c + the store, all in one pause", () => {
  const process = new FakeProcess(6);
  const { session } = begin(byName("stop-the-world"), {}, process);
  for (let n = 0; !session.over && n < 100; n++) goOn(session, process, 1000, 1);
  assertEquals(session.account.downtime, 20_000 + 6 * 4096 + COSTS.store(6 * 4096 + 500));
  assertEquals(session.account.maxPause, session.account.downtime);
});

Deno.test("concurrent-cow: a write fault costs f + c + 2 m, and blocks until the copier is there", () => {
  const process = new FakeProcess(6);
  const { session } = begin(byName("concurrent-cow"), {}, process);
  toResume(session, process);
  process.store(3, 9, "user");
  assertEquals(session.account.in("fault"), 300 + 4096 + 2 * 500);
  process.store(3, 9, "user");
  assertEquals(session.counts.writeFaults, 1);
});

Deno.test("fork-cow: it stops for the page table, and a write fault costs f + c and no message", () => {
  const process = new FakeProcess(6);
  const { session } = begin(byName("fork-cow"), {}, process);
  session.turn(0);
  session.turn(COSTS.fixedStop + 6 * COSTS.tableEntry - 1);
  assert(process.frozen);
  session.turn(1);
  assert(!process.frozen);
  assertEquals(session.account.in("stop"), COSTS.fixedStop + 6 * COSTS.tableEntry);
  process.store(3, 9, "user");
  assertEquals(session.account.in("fault"), COSTS.trap + COSTS.pageCopy);
  assertEquals(session.counts.controlMessages, 0);
});

Deno.test("stream: the disk takes page after page from memory, and nobody copies them", () => {
  for (const cpus of [1, 2]) {
    const process = new FakeProcess(6);
    const { session, sink } = begin(byName("fork-cow"), { direct: true }, process, cpus);
    session.turn(0);
    session.turn(COSTS.fixedStop + 6 * COSTS.tableEntry);
    session.turn(0);
    assert(!process.frozen && !session.wantsCpu);
    const clone = process.memory.map((bytes) => bytes.slice());
    const whole = COSTS.store(5 * 4096);
    assertEquals(session.waitsForStoreUntil, process.clock + whole);
    // Two pages and a half of five are there: the third has to be saved before it changes.
    process.clock += whole / 2;
    for (const page of [1, 2, 3, 5]) process.store(page, 9, "user");
    session.settle("programs");
    assertEquals([session.counts.writeFaults, session.counts.pagesA], [2, 2]);
    assertEquals(session.account.in("fault"), 2 * (COSTS.trap + COSTS.pageCopy));
    for (let n = 0; !session.over && n < 20; n++) goOn(session, process, 1000, cpus);
    sink.image?.pages.forEach(({ bytes }, n) => n > 0 && assertEquals(bytes, clone[n]));
    const { pagesA, pagesB } = session.counts;
    assertEquals([pagesA, pagesB, session.account.in("steal")], [3, 2, 0]);
    // What went to the disk so is not written again: the manifest alone is left.
    const window = (session.committedAt as number) - (session.takenAt as number);
    assertEquals(window, 6 * COSTS.tableEntry + whole + COSTS.store(6 * 4096 - 5 * 4096 + 500));
  }
});

Deno.test("pre-copy: a round that gains too little is the last", () => {
  const copies = [0, 0.5].map((gain) => {
    const process = new FakeProcess(6);
    const { session } = begin(byName("pre-copy"), { stop_below: 1, gain }, process);
    // It writes the page copied last, whenever one was copied.
    for (let n = 0; !session.over && n < 200; n++) {
      goOn(session, process, COSTS.pageCopy, 1);
      if (!process.frozen) { for (const page of [1, 2, 3, 4, 5]) process.store(page, n, "user"); }
    }
    return session.preCopied?.copies;
  });
  // The page copied last in a round is listed before it can be written again.
  assertEquals(copies, [17, 5]);
});

Deno.test("a session given up leaves the process as it was", () => {
  const process = new FakeProcess(4);
  const { session, sink } = begin(byName("concurrent-cow"), {}, process);
  toResume(session, process);
  session.turn(5000);
  session.abandon();
  assert(!process.frozen && process.installed === undefined && sink.abandoned);
  process.store(2, 7, "user");
  assertEquals(session.counts.writeFaults, 0);
});

Deno.test("every step may fail: the process goes on, and there is no image", () => {
  for (let step = 1; step < 12; step++) {
    const process = new FakeProcess(4);
    const { session, sink } = begin(byName("concurrent-cow"), {}, process);
    session.failAtStep = step;
    for (let n = 0; !session.over && n < 100; n++) goOn(session, process, 5000, 1);
    if (session.state === "committed") return assert(step > 8);
    assert(!process.frozen && process.installed === undefined);
    assert(sink.abandoned && !sink.committed);
  }
});

Deno.test("a strategy that lets a page slip is named", () => {
  const careless: Checkpointer = {
    ...byName("concurrent-cow"),
    name: "careless",
    *onFirstWrite() {},
  };
  const process = new FakeProcess(4);
  const { session, sink } = begin(careless, {}, process);
  toResume(session, process);
  process.store(3, 1, "user");
  assert(session.failure instanceof StrategyError);
  assertStringIncludes(session.failure.message, "careless");
  assert(!process.frozen && process.installed === undefined && sink.abandoned);
});

Deno.test("what cannot be saved, or ended before t0, gives no image, and says why", () => {
  for (
    const [what, isError] of [["an open socket cannot be saved", true], ["ended", false]] as const
  ) {
    const process = new FakeProcess(4);
    if (isError) {
      process.manifest = () => {
        throw new ImageError(what);
      };
    } else process.ended = () => true;
    const { session, sink } = begin(byName("concurrent-cow"), {}, process);
    for (let n = 0; !session.over && n < 100; n++) goOn(session, process, 30_000, 1);
    assertEquals([session.state, process.frozen, sink.abandoned], ["abandoned", false, true]);
    assertEquals(session.failure instanceof ImageError, isError);
    assertStringIncludes(session.why, what);
  }
});

Deno.test("a store that fails gives no image, and is nobody's mistake", () => {
  for (const part of ["writePages", "manifestBytes", "commit"] as const) {
    const process = new FakeProcess(4);
    const { session, sink } = begin(byName("stop-the-world"), {}, process);
    sink[part] = () => {
      throw new ImageError("the disk is full");
    };
    for (let n = 0; !session.over && n < 100; n++) goOn(session, process, 30_000, 1);
    assertEquals([session.state, session.why], ["abandoned", "the disk is full"]);
    assertEquals([session.failure, process.frozen, sink.abandoned], [undefined, false, true]);
  }
});

Deno.test("without onFirstWrite the writer copies the page, and pays for it", () => {
  const { onFirstWrite: _, ...row } = byName("concurrent-cow");
  const process = new FakeProcess(6);
  const { session } = begin({ ...row, controlMessages: () => 2 }, {}, process);
  toResume(session, process);
  process.store(3, 9, "user");
  assertEquals([session.account.in("fault"), session.counts.pagesB], [300 + 4096, 1]);
});

Deno.test("what was spilled is not written twice", () => {
  const times = ["spill", "block"].map((when_full) => {
    const process = new FakeProcess(6);
    const { session } = begin(byName("concurrent-cow"), { cow_slots: 1, when_full }, process);
    toResume(session, process);
    for (const n of [5, 4]) process.store(n, 9, "user");
    session.settle("programs");
    let began = 0;
    for (let n = 0; !session.over && n < 100; n++) {
      goOn(session, process, 30_000, 1);
      if (session.waitsForStoreUntil !== undefined && began === 0) {
        began = session.waitsForStoreUntil - process.clock;
      }
    }
    return began;
  });
  assertEquals((times[1] as number) - (times[0] as number), COSTS.store(4096));
});
