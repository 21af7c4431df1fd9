/** A node's time: whose each cycle is, and what is left of a checkpoint that failed. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { BINS } from "../../../core/image/account.ts";
import { stateDigest } from "../../../core/image/state_digest.ts";
import type { CaptureStep, Checkpointer } from "../../../core/image/checkpointer.ts";
import { StrategyError } from "../../../core/image/session.ts";
import type { Process } from "../../../core/kernel/process.ts";
import type { Board } from "../../../core/cluster/board.ts";
import {
  begin,
  byName,
  finish,
  newBoard,
  runTo,
  startGuest,
  type Taking,
} from "./board_fixture.ts";

type Strategy = readonly [name: string, options?: Record<string, unknown>];

const STRATEGIES: readonly Strategy[] = [
  ["stop-the-world"],
  ["stop-the-world", { buffered: true }],
  ["concurrent-cow"],
  ["concurrent-cow", { include_executable: true, cow_slots: 2, when_full: "block" }],
  ["concurrent-cow", { cow_slots: 2, when_full: "spill" }],
  ["concurrent-cow", { cow_slots: 2, when_full: "stop" }],
  ["fork-cow"],
  ["tlb-cow-plus"],
  ["tlb-cow-plus", { direct: true }],
  ["zigzag"],
  ["ping-pong"],
];

/** What the process may be doing while it is checkpointed. */
const SITUATIONS: readonly {
  readonly name: string;
  readonly guest: string;
  readonly input?: string;
  readonly at: number;
  readonly neighbour?: string;
  readonly ends?: boolean;
}[] = [
  { name: "it writes page after page", guest: "wmem2 40 9 5", at: 100_000 },
  { name: "it computes", guest: "matmul 24", at: 60_000 },
  { name: "another has turns too", guest: "wmem1 30 9 5", at: 60_000, neighbour: "sort 300" },
  { name: "it sleeps most of the time", guest: "clock 30 500 1", at: 6_000 },
  { name: "both sleep and wake", guest: "clock 30 900 1", at: 4_000, neighbour: "clock 30 700 1" },
  { name: "the kernel stores for it", guest: "echo", input: "line\n".repeat(4000), at: 3_000 },
  { name: "it ends in the window", guest: "counter 3 2000", at: 12_000, ends: true },
  { name: "it ends, another goes on", guest: "counter 3 2000", at: 9_000, neighbour: "sort 99" },
];

/** What the kernel charges a program by the way, in cycles since power-on. */
function ordinary({ kernel, profile }: Board, process: Process): number {
  const { refills, firstTouches } = kernel.refillCounts;
  return kernel.machine.instructions + process.systemCalls * profile.syscall +
    refills * profile.tlb_miss + firstTouches * profile.trap;
}

function checkClosed({ session, endedAt }: Taking, what: string): void {
  const until = session.committedAt ?? endedAt() as number;
  assertEquals(session.account.total, until - session.requestedAt, what);
  for (const bin of Object.keys(BINS) as (keyof typeof BINS)[]) {
    assert(session.account.in(bin) >= 0, `${what}: ${bin} is below zero`);
  }
}

for (const { name, guest, input = "", at, neighbour, ends } of SITUATIONS) {
  Deno.test(`every cycle is in one bin: ${name}`, () => {
    for (const cpus of [1, 2]) {
      for (const [strategy, options] of STRATEGIES) {
        const what = `${strategy} ${JSON.stringify(options)} on ${cpus}`;
        const node = newBoard({ cpus });
        const { process } = startGuest(node, guest, input);
        if (neighbour !== undefined) startGuest(node, neighbour);
        node.kernel.runInstructions(at);
        assert(process.exit === undefined, "it ended too early");
        const before = ordinary(node, process);
        let after = 0;
        const onEnd = () => void (after = ordinary(node, process));
        const taking = begin(node, process, byName(strategy), options, { onEnd });
        finish(node, taking);
        const { account, counts, state } = taking.session;
        assertEquals(state, "committed", what);
        checkClosed(taking, what);
        if (cpus === 2) assertEquals(account.in("steal"), 0, what);
        if (ends === true && strategy === "concurrent-cow") assert(process.exit !== undefined);
        const sleeps = guest.startsWith("clock");
        if (neighbour === undefined && !sleeps) {
          const own = after - before - account.in("refill");
          assertEquals(account.in("run"), own, what);
        }
        const { controlMessages, writeFaults } = counts;
        assertEquals(controlMessages, byName(strategy).controlMessages(writeFaults), what);
        assertEquals(counts.pagesA + counts.pagesB + counts.pagesExcluded, counts.pages, what);
      }
    }
  });
}

Deno.test("alone on one processor, the copier's work is stop, steal and fault together", () => {
  const node = newBoard();
  const { process } = startGuest(node, "wmem2 60 400 20");
  runTo(node, process, 200_000);
  const taking = begin(node, process, byName("concurrent-cow"));
  finish(node, taking);
  const { account, counts } = taking.session;
  const { fixed_stop, message, page_copy, trap } = node.profile;
  const faults = counts.writeFaults * (trap + 2 * message);
  assert(counts.pagesA > 0 && counts.pagesB > 0);
  assertEquals(account.in("stop"), fixed_stop + message);
  assertEquals(
    account.in("stop") + account.in("steal") + account.in("fault"),
    fixed_stop + 2 * message + (counts.pagesA + counts.pagesB) * page_copy + faults,
  );
});

Deno.test("refill time is the first miss of each page that was in the TLB", () => {
  for (const strategy of ["stop-the-world", "concurrent-cow"]) {
    const misses = [true, false].map((checkpointed) => {
      const node = newBoard();
      const { process } = startGuest(node, "wmem2 20 2000 20");
      runTo(node, process, 100_000);
      const resident = node.kernel.residentPages(process).length;
      const taking = checkpointed ? begin(node, process, byName(strategy)) : undefined;
      if (taking !== undefined) finish(node, taking);
      const end = process.instructions;
      runTo(node, process, 400_000);
      const refill = taking?.session.account.in("refill") ?? 0;
      return { end, resident, refill, refills: node.kernel.refillCounts.refills };
    });
    const [with_, without] = misses as [typeof misses[0] & object, typeof misses[0] & object];
    const caused = with_.refill / newBoard().profile.tlb_miss;
    const extra = with_.refills - without.refills;
    if (strategy === "stop-the-world") assertEquals([caused, extra], [0, 0]);
    else {
      assert(caused > 0 && caused <= with_.resident, `${caused} of ${with_.resident}`);
      // The rest are stores through entries that were loaded while their page was protected.
      assert(extra >= caused && extra <= 2 * with_.resident, `${extra} against ${caused}`);
    }
  }
});

Deno.test("a sleeper wakes in time though the copier has much to do", () => {
  const node = newBoard({ page_copy: 4_000_000 });
  const { process, output } = startGuest(node, "clock 500 100 1");
  runTo(node, process, 4_000);
  const lines = () => output().split("\n").length;
  const before = lines();
  const taking = begin(node, process, byName("concurrent-cow"));
  finish(node, taking);
  const { account, committedAt = 0, requestedAt } = taking.session;
  // A line a millisecond, twice as many turns for the copier.
  assert(lines() - before > (committedAt - requestedAt) / 200_000 / 3);
  assert(account.in("steal") < account.in("other"));
});

for (const cpus of [1, 2]) {
  Deno.test(`a neighbour of a stopped process has its processor, ${cpus} of them`, () => {
    const node = newBoard({ cpus });
    const { process } = startGuest(node, "matmul 24");
    const { process: neighbour } = startGuest(node, "sort 2000");
    node.kernel.runInstructions(100_000);
    const used = neighbour.cycles;
    const taking = begin(node, process, byName("stop-the-world"));
    finish(node, taking);
    const { account, requestedAt, committedAt = 0 } = taking.session;
    const share = (neighbour.cycles - used) / (committedAt - requestedAt);
    assert(cpus === 2 ? share > 0.99 : share > 0.4, `${share}`);
    assertEquals(account.in("stop"), account.total);
  });

  Deno.test(`two checkpoints at once share one copier, ${cpus} processors`, () => {
    const node = newBoard({ cpus });
    const processes = ["wmem1 40 60 5", "wmem2 40 60 5"].map((line) =>
      startGuest(node, line).process
    );
    node.kernel.runInstructions(300_000);
    const takings = processes.map((process) => begin(node, process, byName("concurrent-cow")));
    for (const taking of takings) finish(node, taking);
    const copied = takings.reduce((sum, { session }) => sum + session.counts.pagesA, 0);
    for (const taking of takings) checkClosed(taking, "two at once");
    const last = Math.max(...takings.map(({ session }) => session.committedAt as number));
    const first = Math.min(...takings.map(({ session }) => session.requestedAt));
    assert(last - first >= copied * node.profile.page_copy);
  });

  Deno.test(`the disk writes the manifest after the pages, ${cpus} processors`, () => {
    const node = newBoard({ cpus, disk: 5_000_000 });
    const { process } = startGuest(node, "matmul 64");
    runTo(node, process, 200_000);
    const taking = begin(node, process, byName("concurrent-cow"));
    finish(node, taking);
    const { counts, requestedAt, committedAt = 0 } = taking.session;
    const { fixed_stop, message, page_copy, clock, disk } = node.profile;
    const least = fixed_stop + 2 * message + counts.pagesA * page_copy +
      counts.imageBytes * clock / disk;
    assert(committedAt - requestedAt >= least, `${committedAt - requestedAt} < ${least}`);
  });
}

/** A checkpoint fails at a step; the next one, at an instruction of its own, is looked at. */
function afterFailure(cpus: number, strategy: string, step: number) {
  const node = newBoard({ cpus });
  const { process, output } = startGuest(node, "wmem2 12 2000 20");
  runTo(node, process, 60_000);
  let failed = false;
  if (step > 0) {
    const taking = begin(node, process, byName(strategy), {}, { failAtStep: step });
    finish(node, taking);
    failed = taking.session.state === "abandoned";
    if (failed) {
      assertEquals([process.frozen, process.space.guard], [false, undefined], `step ${step}`);
      assertEquals([taking.store.labels(), taking.store.sweep()], [[], []], `step ${step}`);
      checkClosed(taking, `${strategy} on ${cpus} fails at step ${step}`);
    }
  }
  runTo(node, process, 200_000);
  const state = stateDigest(process, node.kernel);
  const next = begin(node, process, byName(strategy));
  finish(node, next);
  const image = next.session.image;
  const pages = image?.pages.map(({ vpn, dirty, source, bytes }) => ({
    ...{ vpn, dirty, source, bytes },
  }));
  runTo(node, process, Infinity);
  assert(next.session.state === "committed" && process.exit !== undefined);
  return { failed, seen: { state, pages, output: output() } };
}

for (const strategy of ["stop-the-world", "concurrent-cow"]) {
  for (const cpus of [1, 2]) {
    Deno.test(`L8: ${strategy} on ${cpus}: a checkpoint that fails at any step was never there`, () => {
      const { seen } = afterFailure(cpus, strategy, 0);
      let failures = 0;
      for (let step = 1;; step++) {
        const after = afterFailure(cpus, strategy, step);
        assertEquals(after.seen, seen, `step ${step}`);
        if (!after.failed) break;
        failures++;
      }
      assert(failures > 20, `only ${failures} steps`);
    });
  }
}

/** A list of steps; "copies", "spills" and "refreshes" stand for doing that with every page. */
type Steps = readonly unknown[];

const stop = { step: "stop" }, resume = { step: "resume" }, save = { step: "save" };
const protect = { step: "protect" }, merge = { step: "merge" }, write = { step: "write" };
const commit = { step: "commit" }, message = { step: "message", what: "psst" };
const strange = { vpn: 1, state: "B", fromExecutable: false };
const fail = (): never => {
  throw new Error("oh");
};

/** Strategies that break their contract, and a word of the error beside their name. */
const BROKEN: readonly (readonly [
  what: string,
  expected: string,
  capture: Steps | (() => Iterable<unknown>),
  onFirstWrite?: Steps | (() => Iterable<unknown>),
])[] = [
  ["yields nothing", "without the step 'commit'", []],
  ["never saves", "nothing is saved", [stop, write, commit]],
  ["never commits", "without the step 'commit'", [stop, save, "copies", write]],
  ["never writes", "not written", [stop, save, "copies", merge, commit]],
  ["writes twice", "written already", [stop, save, "copies", write, write]],
  ["commits twice", "committed already", [stop, save, "copies", write, commit, commit]],
  ["stops twice", "stopped already", [stop, stop]],
  ["saves twice", "saved already", [stop, save, save]],
  ["saves a running process", "not stopped", [save]],
  ["protects before it saves", "nothing is saved", [stop, protect]],
  [
    "protects a running process",
    "not stopped",
    [stop, save, "copies", resume, message, protect],
  ],
  ["keeps three shadows", "3 shadows are neither", [
    stop,
    save,
    { step: "track", shadows: 3 },
  ]],
  ["takes pages from a shadow that is not there", "no shadow to inherit", [
    stop,
    { step: "save", leaveOut: "nothing", inherit: "shadow" },
  ]],
  ["refreshes what is not behind", "not behind", [stop, save, "refreshes"]],
  ["protects nobody knows how", "none of rule, table, bits", [
    stop,
    save,
    { step: "protect", by: "magic" },
  ]],
  ["turns over two bits a page", "neither 1 nor 4", [
    stop,
    save,
    { step: "protect", by: "bits", bits: 2 },
  ]],
  ["protects twice", "protected already", [stop, save, protect, protect]],
  ["resumes without a stop", "not stopped", [resume]],
  ["resumes unprotected", "neither captured nor protected", [stop, save, resume]],
  ["writes what it has not copied", "did not capture", [stop, save, write]],
  ["copies pages twice", "'A' already", [stop, save, "copies", "copies"]],
  ["copies a page it made up", "listed last", [stop, save, { step: "copy", page: strange }]],
  ["spills pages that are not in B", "not in buffer B", [stop, save, "spills"]],
  ["streams a running process", "not protected", [
    stop,
    save,
    "copies",
    resume,
    { step: "stream" },
  ]],
  ["waits while it captures", "only a write fault", [stop, { step: "wait", page: "all" }]],
  ["yields a step nobody knows", "'dance'", [stop, { step: "dance" }]],
  ["yields no step", "'undefined'", [stop, undefined]],
  ["throws at once", "threw: oh", fail],
  ["throws later", "threw: oh", function* () {
    yield* [stop, save, protect, resume];
    fail();
  }],
  ["never ends", "without end", function* () {
    for (;;) yield* [stop, resume];
  }],
  [
    "sends messages it did not declare",
    "declares 0 control messages",
    [stop, save, message, "copies", write, commit],
  ],
  ["lets a page slip", "be written before", [stop, save, protect, resume, message], []],
  [
    "stops in a write fault",
    "onFirstWrite yielded 'stop'",
    [stop, save, protect, resume, message],
    [stop],
  ],
  ["throws in a write fault", "threw: oh", [stop, save, protect, resume, message], fail],
  [
    "waits for what never comes",
    "without the step 'commit'",
    [stop, save, protect, resume, message, stop],
    [{ step: "wait", page: "all" }],
  ],
];

const OF_EVERY_PAGE: Readonly<Record<string, Partial<CaptureStep>>> = {
  copies: { step: "copy", to: "A" },
  spills: { step: "spill" },
  refreshes: { step: "refresh" },
};

/** A strategy from lists of anything. */
const careless = (
  capture: (typeof BROKEN)[number][2],
  onFirstWrite: (typeof BROKEN)[number][3],
): Checkpointer => ({
  name: "careless",
  help: "Breaks its contract.",
  options: {},
  controlMessages: () => 0,
  *capture(view) {
    for (const item of typeof capture === "function" ? capture() : capture) {
      const step = OF_EVERY_PAGE[item as string];
      if (step === undefined) yield item as CaptureStep;
      else for (const page of view.pages) yield { ...step, page } as CaptureStep;
    }
  },
  ...(onFirstWrite === undefined ? {} : {
    *onFirstWrite() {
      const steps = typeof onFirstWrite === "function" ? onFirstWrite() : onFirstWrite;
      yield* steps as Iterable<CaptureStep>;
    },
  }),
});

for (const cpus of [1, 2]) {
  for (const [what, expected, capture, onFirstWrite] of BROKEN) {
    Deno.test(`a strategy that ${what} is named, and the node goes on, ${cpus} processors`, () => {
      const node = newBoard({ cpus, message: 100_000 });
      const { process, output } = startGuest(node, "wmem2 12 2000 20");
      runTo(node, process, 60_000);
      const strategy = careless(capture, onFirstWrite);
      let taking: Taking | undefined;
      const error = assertThrows(() => {
        taking = begin(node, process, strategy);
        finish(node, taking);
      }, StrategyError);
      assert(error.message.startsWith("checkpointer 'careless' "), error.message);
      assert(error.message.includes(expected), error.message);
      assertEquals(node.sessions.length, 0);
      assertEquals([process.frozen, process.space.guard], [false, undefined]);
      node.advance(node.kernel.now + 100_000_000);
      assertEquals(process.exit, { kind: "exited", code: 0 });
      assertEquals(output().length > 0, true);
      const committed = taking?.session.state === "committed";
      assertEquals(taking?.store.labels() ?? [], committed ? ["image"] : []);
    });
  }
}
