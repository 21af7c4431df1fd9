/**
 * Pages in quarters: exact against memory at t0, the same on both engines, and each mistake one could
 * make with them found by the law that is meant for it.
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { Buffers } from "../../../core/image/buffers.ts";
import type { Entry } from "../../../core/image/capture_entry.ts";
import { StrategyError } from "../../../core/image/session.ts";
import { AddressSpace } from "../../../core/kernel/address_space.ts";
import { ALL_QUARTERS, quarterOf } from "../../../core/kernel/page.ts";
import {
  type Bin,
  BINS,
  type Checkpointer,
  type EngineOptions,
  ProgramRun,
  readOptions,
} from "../../../core/mod.ts";
import { checkpointers } from "../../../plugins/mod.ts";
import { begin, COSTS, FakeProcess, goOn } from "./fake_process.ts";
import { guestFile, type Mutation, profileOf, startGuest, take, torn } from "./torn.ts";

const plus = checkpointers.find(({ name }) => name === "tlb-cow-plus") as Checkpointer;

/** Stores a word every `stride` bytes, which meets most pages before the copier does. */
function written(stride: number, mutation: Mutation = {}, cpus = 1) {
  const run = startGuest("writer", [String(stride), "60", "400", "3"], cpus);
  run.runTo(60_000);
  const { image, clone, session } = take(run, ["tlb-cow-plus", {}], mutation);
  return { wrong: image === undefined ? undefined : torn(image, clone), session, run };
}

for (const cpus of [1, 2]) {
  for (const stride of [64, 512, 1024, 2048, 4096]) {
    Deno.test(`quarters: a word every ${stride} bytes on ${cpus}: the image is memory at t0`, () => {
      const { wrong, session, run } = written(stride, {}, cpus);
      assertEquals(wrong, []);
      const { counts } = session;
      assert(counts.writeFaults > 10 && (counts.quarters ?? 0) > 10);
      assertEquals(counts.pagesA + counts.pagesB + counts.pagesExcluded, counts.pages);
      assertEquals(run.runTo(), "ended");
      assertEquals(run.process.exit, { kind: "exited", code: 0 });
    });
  }
}

/** A checkpoint of a writer in the middle, and what came of it and of the writer. */
function onEngine(engine: EngineOptions) {
  const run = ProgramRun.start(
    { profile: profileOf(1), seed: 1, engine, console: { sink: () => {} } },
    { path: "/bin/writer", executable: guestFile("writer"), args: ["1024", "60", "400", "3"] },
  );
  run.runTo(600_000);
  const { session, image } = run.checkpoint(plus, readOptions(plus.options, {}).values);
  run.runTo();
  const { account, counts } = session;
  const bins = Object.keys(BINS).map((bin) => account.in(bin as Bin));
  const pages = image.pages.map(({ bytes }) => bytes);
  return { bins, counts, pages, cycles: run.process.cycles, exit: run.process.exit };
}

Deno.test("quarters: both engines take the same checkpoint, and agree in lock-step", () => {
  const evaluated = onEngine({ jit: "off" });
  assert((evaluated.counts.quarters ?? 0) > 10);
  assertEquals(onEngine({ jit: "on", hot: 2 }), evaluated);
  assertEquals(onEngine({ jit: "verify", hot: 2 }), evaluated);
});

Deno.test("quarters: a fault costs f + c / 4, the copier takes the rest, and a page has one fate", () => {
  const process = new FakeProcess(6);
  const { session } = begin(plus, {}, process);
  session.turn(0);
  session.turn(COSTS.fixedStop);
  assert(!process.frozen);
  const left = session.pagesLeft;
  process.store(5, 1, "user");
  assertEquals(session.account.in("fault"), COSTS.trap + COSTS.pageCopy / 4);
  process.store(5, 1, "user");
  process.store(5, 2, "kernel");
  assertEquals(session.account.in("fault"), COSTS.trap + 2 * COSTS.pageCopy / 4);
  assertEquals(left - session.pagesLeft, 0.5);
  assertEquals(session.pages[5]?.quartersLeft, 2);
  assertEquals(session.pages[5]?.state, "split");
  const before = process.clock;
  while (session.pagesLeft > 0) session.turn(COSTS.pageCopy / 4);
  assertEquals(process.clock - before, 4.5 * COSTS.pageCopy, "four whole pages and two quarters");
  assertEquals(session.pages[5]?.state, "B");
  const { pagesA, pagesB, quarters, bufferBPeak } = session.counts;
  assertEquals([pagesA, pagesB, quarters, bufferBPeak], [4, 1, 2, 1]);
});

Deno.test("quarters: what met the last checkpoint is told to the next, and to no other life", () => {
  const process = new FakeProcess(6);
  const orders: number[][] = [];
  for (const _ of [1, 2]) {
    const { session } = begin(plus, { aim: false, follow: false }, process);
    session.turn(0);
    session.turn(COSTS.fixedStop);
    const order: number[] = [];
    process.store(4, 3, "user");
    process.store(3, 5, "user");
    while (!session.over) {
      const before = session.pages.map(({ quartersLeft }) => quartersLeft);
      goOn(session, process, 1024, 1);
      session.pages.forEach(({ vpn, quartersLeft }, n) => {
        if (quartersLeft === 0 && before[n] !== 0) order.push(vpn);
      });
    }
    orders.push(order);
  }
  assertEquals(orders, [[17, 18, 19, 20, 21], [20, 19, 17, 18, 21]]);
  assertEquals(process.writes, [{ vpn: 20, quarter: 3 }, { vpn: 19, quarter: 1 }]);
});

Deno.test("quarters: a checkpoint that fails changes nothing that the next is told", () => {
  const process = new FakeProcess(6);
  process.writes = [{ vpn: 20, quarter: 3 }];
  const { session } = begin(plus, {}, process);
  session.turn(0);
  session.turn(COSTS.fixedStop);
  process.store(2, 1, "user");
  assertEquals(session.counts.writeFaults, 1);
  session.abandon();
  assertEquals(process.writes, [{ vpn: 20, quarter: 3 }]);
});

/** Steps that a strategy may not yield, and what is said of each. */
const WRONG: readonly (readonly [what: string, quarter: number, times: number])[] = [
  ["quarter 4 is none of 0, 1, 2 and 3", 4, 1],
  ["is captured already", 2, 2],
];

for (const [what, quarter, times] of WRONG) {
  Deno.test(`quarters: ${what}`, () => {
    const careless: Checkpointer = {
      ...plus,
      *capture(view) {
        yield { step: "stop" };
        yield { step: "save", leaveOut: "nothing" };
        for (let n = 0; n < times; n++) {
          for (const page of view.pages) yield { step: "copy", page, to: "A", quarter };
        }
      },
    };
    const process = new FakeProcess(4);
    const { session } = begin(careless, {}, process);
    for (let n = 0; !session.over && n < 100; n++) goOn(session, process, 50_000, 1);
    assert(session.failure?.message.includes(what), session.failure?.message);
  });
}

// The mutants.

Deno.test("L3 mutant: a quarter copied in the place of another is noticed", () => {
  const strategy = (row: Checkpointer): Checkpointer => ({
    ...row,
    *onFirstWrite(page, _view, _options, quarter) {
      const wrong = quarter === undefined ? undefined : (quarter + 1) % 4;
      yield { step: "copy", page, to: "B", quarter: wrong };
    },
  });
  assertThrows(() => written(4096, { strategy }), StrategyError, "let page");
  // And if it were core's mistake, the image tells.
  const { copy } = Buffers.prototype;
  Buffers.prototype.copy = function (entry: Entry, buffer, quarter) {
    const source = entry.source.copy;
    const turned = () => {
      const bytes = source();
      return quarter === undefined ? bytes : Uint8Array.from(bytes, (_, n) => bytes[n ^ 1024] ?? 0);
    };
    Object.assign(entry.source, { copy: turned });
    copy.call(this, entry, buffer, quarter);
    Object.assign(entry.source, { copy: source });
  };
  try {
    assert((written(4096).wrong ?? []).length > 0, "the mutant was not noticed");
  } finally {
    Buffers.prototype.copy = copy;
  }
});

Deno.test("L3 mutant: a quarter loaded with D = 1 on a read miss tears the image", () => {
  const target: Mutation["target"] = (inner, { node }) => {
    let reading: number | undefined;
    const { supervisor } = node.kernel.machine;
    node.kernel.machine.supervisor = {
      refill: (exception, address) => {
        reading = exception === "tlbMissRead" ? quarterOf(address) : undefined;
        return supervisor?.refill(exception, address) ?? false;
      },
    };
    return {
      ...inner,
      guard: (guard) =>
        inner.guard(
          guard === undefined ? undefined : {
            // Only where the page is in quarters, and only for the one that is read.
            protects: (page) => {
              const kept = guard.protects(page);
              return kept === ALL_QUARTERS ? kept : kept & ~(reading ?? 0);
            },
            beforeWrite: (page, by, quarter) => guard.beforeWrite(page, by, quarter),
            beforeUnmap: (page) => guard.beforeUnmap(page),
            refilled: (page, cycles) => guard.refilled(page, cycles),
          },
        ),
    };
  };
  const run = startGuest("josephus", ["20000", "3"]);
  run.runTo(400_000);
  const { image, clone } = take(run, ["tlb-cow-plus", { whole_if_dense: false }], { target });
  assert(torn(image, clone).length > 0, "the mutant was not noticed");
});

Deno.test("L3 mutant: a fallback that does not wait for every page is noticed", () => {
  const strategy = (row: Checkpointer): Checkpointer => ({
    ...row,
    *onFirstWrite(page, view) {
      // The rest is to be copied with the process stopped, and it goes on at once.
      if (view.pagesLeft > 10) yield { step: "copy", page, to: "B" };
    },
  });
  assertThrows(() => written(4096, { strategy }), StrategyError, "let page");
});

Deno.test("L1 mutant: an entry of 1 KiB that outlives its page's split is a multiple hit", () => {
  const { split } = AddressSpace.prototype;
  AddressSpace.prototype.split = function (page, isSplit) {
    page.isSplit = isSplit; // and its entries stay
  };
  try {
    const { run } = written(1024);
    run.runTo();
    assertEquals(run.process.exit?.kind === "exited" && run.process.exit.code === 0, false);
  } catch (error) {
    assert(`${error}`.includes("tlbMultipleHit"), `${error}`);
  } finally {
    AddressSpace.prototype.split = split;
  }
});

/** A copier that stops the process while a writer waits for a page. */
function stopper(waits: "page" | "all"): Checkpointer {
  return {
    ...plus,
    *capture(view) {
      yield { step: "stop" };
      yield { step: "save", leaveOut: "executable" };
      yield { step: "protect" };
      yield { step: "resume" };
      yield { step: "message", what: "begin copying" };
      yield { step: "stop" };
      for (const page of view.pages) {
        if (page.state === "uncaptured") yield { step: "copy", page, to: "A" };
      }
      yield { step: "merge" };
      yield { step: "write" };
      yield { step: "resume" };
      yield { step: "commit" };
    },
    controlMessages: () => 1,
    *onFirstWrite(page) {
      yield { step: "wait", page: waits === "all" ? "all" : page };
    },
  };
}

for (const cpus of [1, 2]) {
  for (const waits of ["page", "all"] as const) {
    Deno.test(`a copier may stop a process whose writer waits for ${waits}, on ${cpus}`, () => {
      const process = new FakeProcess(4);
      const { session, sink } = begin(stopper(waits), {}, process, cpus);
      session.turn(0);
      session.turn(COSTS.fixedStop);
      assert(!process.frozen);
      const clone = process.memory.map((bytes) => bytes.slice());
      process.store(3, 1, "user");
      // The stop was noted, all was copied and written, and the writer sleeps until it is resumed.
      assert(!process.frozen && !session.stopped);
      const copied = COSTS.trap + COSTS.message + 3 * COSTS.pageCopy + COSTS.store(4 * 4096);
      assertEquals(session.account.in("fault"), copied);
      session.settle("programs");
      for (let n = 0; !session.over && n < 20; n++) goOn(session, process, 50_000, cpus);
      assertEquals(session.account.total, (session.committedAt as number) - session.requestedAt);
      sink.image?.pages.forEach(({ bytes }, n) => n > 0 && assertEquals(bytes, clone[n]));
      assert(sink.committed);
    });
  }
}

Deno.test("a process stopped while its writer waits runs again if the checkpoint is given up", () => {
  for (let step = 1; step < 16; step++) {
    const process = new FakeProcess(4);
    const { session } = begin(stopper("all"), {}, process);
    session.failAtStep = step;
    session.turn(0);
    session.turn(COSTS.fixedStop);
    if (!session.over) process.store(3, 1, "user");
    for (let n = 0; !session.over && n < 20; n++) goOn(session, process, 50_000, 1);
    assert(!process.frozen && !session.stopped && process.installed === undefined, `step ${step}`);
  }
});
