/** Whose turn it is must not depend on how often that is asked: a slice may be cut anywhere. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Scheduler } from "../../../core/kernel/scheduler.ts";
import type { Thread } from "../../../core/kernel/thread.ts";

const QUANTUM = 100, END = 2000, THREADS = 3;

/** What happens to a thread at a cycle. */
interface Happening {
  readonly at: number;
  readonly thread: number;
  readonly what: "wakes" | "sleeps" | "is frozen" | "is thawed";
}

/** Who has the processor at each cycle, -1 for nobody. */
function course(happenings: readonly Happening[], cuts: readonly number[]): readonly number[] {
  const scheduler = new Scheduler(QUANTUM);
  const threads = Array.from({ length: THREADS }, () => ({
    state: "waiting" as Thread["state"],
    process: { runnable: true },
  }));
  const scheduled = (n: number) => threads[n] as unknown as Thread;
  const who: number[] = [];
  const due = [...happenings].sort((a, b) => a.at - b.at);
  for (let now = 0; now < END;) {
    for (; due[0] !== undefined && due[0].at <= now; due.shift()) {
      const thread = threads[due[0].thread] as (typeof threads)[number];
      if (due[0].what === "is frozen") thread.process.runnable = false;
      else if (due[0].what === "is thawed") thread.process.runnable = true;
      else if (due[0].what === "wakes") {
        thread.state = "ready";
        scheduler.ready(scheduled(due[0].thread));
      } // who sleeps does so by a system call, and so has the processor
      else if (scheduler.current === scheduled(due[0].thread)) thread.state = "waiting";
    }
    const current = scheduler.pick(now);
    const ends = [END, due[0]?.at ?? END, cuts.find((cut) => cut > now) ?? END];
    if (current !== undefined) ends.push(scheduler.sliceEnd(now));
    const end = Math.min(...ends);
    const index = current === undefined
      ? -1
      : threads.findIndex((_, n) => scheduled(n) === current);
    for (; now < end; now++) who.push(index);
  }
  return who;
}

const times = fc.integer({ min: 0, max: END - 1 });
const happening = fc.record({
  at: times,
  thread: fc.nat(THREADS - 1),
  what: fc.constantFrom("wakes", "wakes", "sleeps", "is frozen", "is thawed" as const),
});

Deno.test("scheduler: who runs when is the same, wherever slices are cut", () => {
  fc.assert(
    fc.property(
      fc.array(happening as fc.Arbitrary<Happening>, { maxLength: 12 }),
      fc.array(times, { maxLength: 12 }),
      (happenings, cuts) => {
        cuts.sort((a, b) => a - b);
        assertEquals(course(happenings, cuts), course(happenings, []));
      },
    ),
    { numRuns: 500, seed: 1 },
  );
});

Deno.test("scheduler: of threads that are ready each has a quantum in turn", () => {
  const wake = (thread: number): Happening => ({ at: 0, thread, what: "wakes" });
  const turns = course([wake(0), wake(1), wake(2)], []).filter((_, n) => n % QUANTUM === 50);
  assertEquals(turns.slice(0, 6), [0, 1, 2, 0, 1, 2]);
});

Deno.test("scheduler: who was alone beyond its quantum makes room at once", () => {
  const who = course([
    { at: 0, thread: 0, what: "wakes" },
    { at: 250, thread: 1, what: "wakes" },
  ], [130, 200]);
  assertEquals([who[249], who[250], who[349], who[350]], [0, 1, 1, 0]);
});
