/** Pre-copy: what is copied while the process runs is in the image only if it is memory at t0. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import type { Checkpointer } from "../../../core/image/checkpointer.ts";
import type { Image } from "../../../core/image/image.ts";
import { StrategyError } from "../../../core/image/session.ts";
import { TOO_LATE } from "../../../core/image/session_state.ts";
import precopy from "../../../scenarios/examples/plugins/precopy.ts";
import { begin, COSTS, FakeProcess, goOn, happenings } from "./fake_process.ts";
import { mover, type Mutation, startGuest, type Strategy, take, tiny, torn } from "./torn.ts";

const iterative = precopy.contributes.checkpointers?.[0] as Checkpointer;

/** In these tests a strategy is the one given, whatever its name. */
const AS: Strategy = ["stop-the-world", {}];
const byItself = (mutation: Mutation = {}, given: Record<string, unknown> = {}) =>
  [[AS[0], given] as Strategy, { strategy: () => iterative, ...mutation }] as const;

for (const cpus of [1, 2]) {
  for (const given of [{}, { stop_below: 1 }, { rounds: 1, stop_below: 1 }, { stop_below: 3 }]) {
    Deno.test(`pre-copy ${JSON.stringify(given)} on ${cpus}: the image is memory at t0`, () => {
      let again = 0, kept = 0;
      fc.assert(fc.property(happenings, (script) => {
        const process = new FakeProcess(6);
        let clone: Uint8Array[] = [];
        const { manifest } = process;
        process.manifest = () => {
          clone = process.memory.map((bytes) => bytes.slice());
          return manifest();
        };
        const { session, sink } = begin(iterative, given, process, cpus);
        for (const event of script) {
          if ("copier" in event) goOn(session, process, event.copier, cpus);
          else if (!process.frozen) {
            process.clock += 50;
            process.store(event.page, event.value, event.by);
            session.settle("programs");
          }
        }
        for (let n = 0; !session.over && n < 1000; n++) goOn(session, process, 50_000, cpus);
        assert(sink.committed && !process.frozen && process.installed === undefined);
        (sink.image as Image).pages.forEach(({ source, bytes }, n) =>
          assertEquals(bytes, source === "image" ? clone[n] : undefined)
        );
        const { account, counts, preCopied } = session;
        assertEquals(account.total, (session.committedAt as number) - session.requestedAt);
        assertEquals([counts.pagesA, counts.pagesB, counts.pagesExcluded], [5, 0, 1]);
        const { copies = 0, rewritten = 0 } = preCopied ?? {};
        assert(rewritten <= copies);
        again += rewritten;
        kept += copies - rewritten;
      }));
      if (given.stop_below === undefined) return assertEquals(kept, 0, "five pages are too few");
      assert(again > 0 && kept > 0, "nothing was ever copied in vain, or never kept");
    });
  }
}

Deno.test("pre-copy: downtime is s + D c and a trap for each page written again", () => {
  const process = new FakeProcess(6);
  const { session } = begin(iterative, { stop_below: 3 }, process);
  session.turn(5 * 4096 - 1);
  process.store(2, 9, "user");
  process.store(2, 10, "user");
  process.store(3, 9, "kernel");
  for (let n = 0; !session.over && n < 100; n++) goOn(session, process, 3000, 1);
  const { account, preCopied } = session;
  assertEquals(preCopied, { copies: 5, rewritten: 2, bytes: 3 * 4096, ahead: 3 });
  assertEquals(account.in("fault"), COSTS.trap);
  assertEquals(account.in("stop"), 20_000 + 2 * 4096);
});

Deno.test("pre-copy: what was written before t0 and is still good is not written again", () => {
  const process = new FakeProcess(6);
  const { session } = begin(iterative, { stop_below: 3 }, process);
  const writes: number[] = [];
  for (let n = 0; !session.over && n < 200; n++) {
    const before = session.waitsForStoreUntil;
    goOn(session, process, 3000, 1);
    const until = session.waitsForStoreUntil;
    if (until === undefined || until === before) continue;
    writes.push(until - process.clock);
    // In the middle of the first: what is being written is void, and the page is copied once more.
    if (writes.length === 1) process.store(4, 9, "user");
  }
  assertEquals(writes, [5 * 4096, 6 * 4096 - 4 * 4096, 500].map(COSTS.store));
  assertEquals(session.preCopied, { copies: 5, rewritten: 1, bytes: 5 * 4096, ahead: 4 });
});

Deno.test("pre-copy: a page that goes away is forgotten, one that comes is copied", () => {
  const process = new FakeProcess(6);
  const { session, sink } = begin(iterative, { stop_below: 3 }, process);
  session.turn(4 * 4096);
  process.installed?.beforeUnmap({ vpn: 17, frame: 1, dirty: true });
  // Another page takes its frame.
  (process.memory[1] as Uint8Array).fill(99);
  for (let n = 0; !session.over && n < 100; n++) goOn(session, process, 3000, 1);
  assertEquals(session.preCopied, { copies: 5, rewritten: 0, bytes: 4 * 4096, ahead: 4 });
  assertEquals(sink.image?.pages[1]?.bytes, new Uint8Array(4096).fill(99));
});

Deno.test("pre-copy: a page that moves stays copied under its new number", () => {
  const process = new FakeProcess(6);
  const { session, sink } = begin(iterative, { stop_below: 3 }, process);
  session.turn(5 * 4096);
  const { pages } = process;
  process.pages = function () {
    const list = pages.call(process);
    // mremap: the frame of page 20 is mapped at 90 now, and another page at 20.
    const at = (n: number) => {
      const page = list.at(n);
      return page === undefined ? page : { ...page, vpn: page.vpn === 20 ? 90 : page.vpn };
    };
    return { ...list, at };
  };
  for (let n = 0; !session.over && n < 100; n++) goOn(session, process, 3000, 1);
  assertEquals(session.preCopied, { copies: 5, rewritten: 0, bytes: 5 * 4096, ahead: 5 });
  const moved = sink.image?.pages.find(({ vpn }) => vpn === 90);
  assertEquals(moved?.bytes, process.memory[4]);
});

Deno.test("pre-copy: a TLB miss is its doing only if it dropped an entry that was there", () => {
  const process = new FakeProcess(6);
  const { session } = begin(iterative, { stop_below: 3 }, process);
  // Pages 16 and 17 were in the TLB when the watch began; 17 and 18 are when they are copied.
  // All five pages of data are copied; two of them are in the TLB.
  process.residentPages = () => [17, 18];
  session.turn(5 * 4096);
  for (const n of [0, 1, 2, 3, 4]) {
    process.charge(100);
    process.installed?.refilled({ vpn: 16 + n, frame: n, dirty: true }, 100);
  }
  session.settle("programs");
  assertEquals(session.account.in("refill"), 200);
});

Deno.test("pre-copy: given up or too late, it leaves the process alone, unwatched", () => {
  for (const end of ["abandon", "exit"]) {
    const process = new FakeProcess(6);
    const { session, sink } = begin(iterative, { stop_below: 1 }, process);
    session.turn(5000);
    assert(process.installed !== undefined);
    if (end === "abandon") session.abandon();
    else process.ended = () => true;
    for (let n = 0; !session.over && n < 100; n++) goOn(session, process, 5000, 1);
    assertEquals([session.state, process.frozen, sink.abandoned], ["abandoned", false, true]);
    assertEquals(process.installed, undefined);
    if (end === "exit") assertEquals(session.why, TOO_LATE);
  }
});

/** Steps out of order, and what is said of each. */
const WRONG: readonly (readonly [what: string, capture: Checkpointer["capture"]])[] = [
  ["before t0 there is buffer A alone", function* (view) {
    yield { step: "list" };
    for (const page of view.pages) yield { step: "copy", page, to: "B" };
  }],
  ["its state is saved already", function* () {
    yield { step: "stop" };
    yield { step: "save", leaveOut: "nothing" };
    yield { step: "list" };
  }],
  ["its page is not one of those listed last", function* (view) {
    yield { step: "list" };
    const { pages } = view;
    yield { step: "list" };
    for (const page of pages) yield { step: "copy", page, to: "A" };
  }],
];

for (const [what, capture] of WRONG) {
  Deno.test(`pre-copy out of order: ${what}`, () => {
    const process = new FakeProcess(4);
    const { session } = begin({ ...iterative, capture }, {}, process);
    for (let n = 0; !session.over && n < 100; n++) goOn(session, process, 30_000, 1);
    assert(session.failure instanceof StrategyError);
    assertStringIncludes(session.failure.message, what);
    assert(!process.frozen && process.installed === undefined);
  });
}

/** A circle of pointers, read and written all over. */
function josephus(cpus: number, at: number, mutation: Mutation = {}) {
  const run = startGuest("josephus", ["20000", "3"], cpus);
  run.runTo(at);
  const [strategy, changed] = byItself(mutation, { rounds: 2, stop_below: 1 });
  const { image, clone, session } = take(run, strategy, changed);
  assertEquals(session.why, "");
  return { wrong: torn(image, clone), session };
}

Deno.test("pre-copy L3: a program that writes all over, on one processor and two", () => {
  for (const cpus of [1, 2]) {
    let rewritten = 0;
    for (const at of [30_000, 60_000, 150_000]) {
      const { wrong, session } = josephus(cpus, at);
      assertEquals(wrong, [], `${cpus} processors, at ${at}`);
      rewritten += session.preCopied?.rewritten ?? 0;
    }
    assert(rewritten > 0, "no store met a copy");
  }
});

Deno.test("pre-copy L3 mutant: a TLB entry that stays after the copy tears the image", () => {
  const target: Mutation["target"] = (inner) => ({ ...inner, watch: () => true });
  assert(josephus(1, 60_000, { target }).wrong.length > 0, "the mutant was not noticed");
});

Deno.test("pre-copy L3: a page that mremap moves is watched where it is", () => {
  for (const at of [500, 10_000, 30_000, 38_000]) {
    const [strategy, changed] = byItself({}, { stop_below: 1, rounds: 2 });
    const { wrong } = tiny(mover(), at, changed, new Uint8Array(0), strategy);
    assertEquals(wrong, [], `at ${at}`);
  }
});
