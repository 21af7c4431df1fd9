/**
 * Laws L5 to L7 and L11 for protocols that poll: their messages are those of whole rounds, however many,
 * the explored worlds have an end all the same, and polling for ever is found.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Protocol } from "../../core/cluster/protocol.ts";
import { costDifference, inRounds, roundsOf } from "../../core/lab/declared_cost.ts";
import {
  casesOf,
  explore,
  exploreCase,
  type ExploreScope,
  type ViolationKind,
} from "../../core/lab/explorer.ts";
import { exploredCost, withoutRound, wrongCost } from "../../core/lab/explorer_cost.ts";
import { WaysToRest } from "../../core/lab/explorer_rest.ts";
import { manaDrain } from "../../plugins/protocols/mana_drain.ts";
import * as drain from "../mutants/protocols/drain_mutants.ts";

const sound = manaDrain as Protocol;
const small = { processes: 2, messages: 1 } as const;

Deno.test("the cost of a checkpoint is that of whole rounds, one at the least", () => {
  const cost = { once: { DONE: 2 }, perRound: { ASK: 2, SAY: 4, DONE: 1 } };
  const found = (done: number, ask: number, say: number) =>
    new Map([["DONE", done], ["ASK", ask], ["SAY", say]]);
  assertEquals(costDifference(cost, found(3, 2, 4)), undefined);
  assertEquals(costDifference(cost, found(5, 6, 12)), undefined);
  assertEquals(roundsOf(cost, found(5, 6, 12)), 3);
  assertEquals(costDifference(cost, found(5, 6, 13)), { kind: "SAY", declared: 12, found: 13 });
  assertEquals(costDifference(cost, found(6, 6, 12)), { kind: "DONE", declared: 5, found: 6 });
  // Neither half a round, nor no round, nor as many rounds for each kind as it likes.
  assert(costDifference(cost, found(3, 3, 4)) !== undefined);
  assert(costDifference(cost, found(2, 0, 0)) !== undefined);
  assert(costDifference(cost, found(4, 2, 8)) !== undefined);
  assert(costDifference(cost, new Map([...found(3, 2, 4), ["HELLO", 1]])) !== undefined);
  // A kind may be in both.
  const both = { once: { ASK: 2 }, perRound: { ASK: 2 } };
  assertEquals(roundsOf(both, new Map([["ASK", 6]])), 2);
  assertEquals(costDifference(both, new Map([["ASK", 6]])), undefined);
  // Two checkpoints have two rounds at the least.
  assertEquals(costDifference(cost, found(7, 6, 12), 2), undefined);
  assert(costDifference(cost, found(5, 2, 4), 2) !== undefined);
});

Deno.test("without rounds the cost is one number of each kind", () => {
  const cost = { once: { DONE: 2 }, perRound: undefined };
  assertEquals(roundsOf(cost, new Map([["DONE", 4]])), 0);
  assertEquals(costDifference(cost, new Map([["DONE", 2]])), undefined);
  assertEquals(costDifference(cost, new Map([["DONE", 4]])), {
    kind: "DONE",
    declared: 2,
    found: 4,
  });
  assertEquals([0, 1, 2].map(inRounds), ["", " in 1 round", " in 2 rounds"]);
});

Deno.test("rounds that are taken away change no verdict", () => {
  const row = { ...sound, kinds: ["A", "B", "C"], cost: () => ({ A: 1, C: 2 }) };
  const cost = exploredCost({ ...row, perRound: () => ({ A: 1, B: 3 }) }, 2);
  const reduced = (counts: readonly number[], asked: number): readonly number[] => {
    const less = withoutRound(counts, cost, asked);
    return less === counts ? counts : reduced(less, asked);
  };
  assertEquals(reduced([900, 2700, 2], 1), [2, 6, 2]);
  for (const asked of [1, 2]) {
    for (let a = 0; a < 12; a++) {
      for (let b = 0; b < 24; b++) {
        for (const c of [0, 2, 4]) {
          const counts = [a, b, c], verdict = wrongCost(cost, counts, asked) === undefined;
          assertEquals(wrongCost(cost, reduced(counts, asked), asked) === undefined, verdict);
        }
      }
    }
  }
  const { kinds, once } = exploredCost(sound, 3);
  const none = { ...exploredCost(sound, 3), perRound: undefined };
  const many = kinds.map(() => 1000);
  assertEquals([withoutRound(many, none, 1), once.length], [many, kinds.length]);
});

Deno.test("a state from which no way leads to rest is found, and the first of them", () => {
  const ways = new WaysToRest();
  for (const [from, to] of [[0, 1], [1, 0], [1, 2], [0, 3], [3, 4], [4, 3]] as const) {
    ways.lead(from, to);
  }
  ways.rest(2);
  assertEquals(ways.firstWithout(5), 3);
  ways.lead(4, 0);
  assertEquals(ways.firstWithout(5), undefined);
  assertEquals(new WaysToRest().firstWithout(1), 0);
});

/** The kit has the worlds in which something happens; here is one of three at the barrier. */
Deno.test("mana-drain is clean: rounds have an end, of two with two messages and of three", () => {
  const [two] = casesOf({ processes: 2, messages: 2 });
  const three = exploreCase([[1], [], []]);
  for (const given of [two, three]) {
    assert(given !== undefined);
    const { counterExample, complete, terminals } = explore(sound, given);
    assertEquals([counterExample, complete, terminals > 1], [undefined, true, true]);
  }
});

/** A mutant, the world in which it fails, and how. */
type Caught = readonly [
  Protocol<never, never>,
  ExploreScope,
  ViolationKind,
  message?: RegExp,
];

const row = (protocol: unknown) => protocol as Protocol<never, never>;

const CAUGHT: readonly Caught[] = [
  [row(drain.drainSharesSums), small, "deadlock", /waits for everybody at the barrier/],
  [row(drain.drainReadsBeforeTheBarrier), small, "deadlock", /at the barrier/],
  [row(drain.drainAddsBeforeTheBarrier), small, "lost"],
  [row(drain.drainCountsAtMatch), small, "deadlock", /polls for ever/],
  // A timer would end it, but a protocol is not to rely on that.
  [row(drain.drainCountsAtMatch), { ...small, timeouts: 1 }, "deadlock", /polls for ever/],
  [row(drain.drainHidesShortage), small, "lost"],
  [row(drain.drainLeavesAtOnce), { ...small, exits: 1 }, "deadlock"],
  [row(drain.drainCountsTheGone), { ...small, exits: 1 }, "deadlock", /polls for ever/],
  [row(drain.drainWaitsForTheDead), { ...small, exits: 1 }, "deadlock", /at the barrier/],
  [row(drain.drainIgnoresJoin), { ...small, joins: 1 }, "deadlock"],
  [row(drain.drainLetsInLater), { ...small, joins: 1 }, "deadlock", /polls for ever/],
  [row(drain.drainDropsRequests), { ...small, requests: 2 }, "deadlock"],
  [row(drain.drainForgetsSince), { ...small, requests: 2 }, "deadlock", /polls for ever/],
  [row(drain.drainResumesEarly), small, "orphan"],
  [row(drain.drainAsksOnceMore), small, "cost", /took 5 GET, declared are 4 in 1 round/],
  [row(drain.drainDeclaresTooFew), small, "cost", /12 REPLY, declared are 10 in 1 round/],
];

for (const [protocol, scope, kind, message] of CAUGHT) {
  Deno.test(`${protocol.name} is caught: ${kind} in ${JSON.stringify(scope)}`, () => {
    const found = casesOf(scope).map((given) =>
      explore(protocol as unknown as Protocol, given, { kinds: [kind] }).counterExample
    ).find((each) => each !== undefined);
    assertEquals(found?.violation.kind, kind);
    if (message !== undefined) assertMatch(found?.violation.message ?? "", message);
  });
}

Deno.test("polling for ever counts as a deadlock only where deadlocks count", () => {
  const [given] = casesOf(small);
  assert(given !== undefined);
  const mutant = drain.drainCountsAtMatch as Protocol;
  const others: ViolationKind[] = ["orphan", "lost", "cost", "broken", "abort", "incomplete"];
  const { counterExample, complete } = explore(mutant, given, { kinds: others });
  assertEquals([counterExample, complete], [undefined, true]);
  const { steps = [] } = explore(mutant, given).counterExample ?? {};
  assertEquals(steps.map(({ text }) => text), [
    "process 0 sends message 1 to process 1",
    "a global checkpoint is asked for",
    "PRESUSPEND from the manager arrives at process 1",
  ]);
});
