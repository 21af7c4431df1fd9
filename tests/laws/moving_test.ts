/** Protocols that take part in moves, in every order of events: each mistake is found in a small world. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Protocol } from "../../core/cluster/protocol.ts";
import {
  casesOf,
  caseText,
  explore,
  exploreCase,
  type ExploreScope,
  replayScript,
  scopesOf,
  STANDARD_SCOPES,
  type ViolationKind,
} from "../../core/lab/explorer.ts";
import { charm } from "../../plugins/protocols/charm.ts";
import { clsFlush } from "../../plugins/protocols/cls_flush.ts";
import { cocheck } from "../../plugins/protocols/cocheck.ts";
import { mpvm } from "../../plugins/protocols/mpvm.ts";
import * as mutants from "../mutants/protocols/moving_mutants.ts";

const small = { processes: 2, messages: 1, moves: 1, requests: 0 } as const;

type Caught = readonly [
  mutant: Protocol,
  sound: Protocol,
  scope: ExploreScope,
  kind: ViolationKind,
  message: RegExp,
];

const CAUGHT = [
  [mutants.mpvmForgetsMapping, mpvm, small, "lost", /goes to the place that process \d has left/],
  [mutants.mpvmLeavesUnflushed, mpvm, small, "lost", /comes to the place that process \d has left/],
  [mutants.mpvmGoesOnSending, mpvm, small, "lost", /the place that process \d has left/],
  [
    mutants.mpvmHeedsLateStops,
    mpvm,
    { ...small, kills: 1 },
    "deadlock",
    /process \d may not send to everybody/,
  ],
  [mutants.mpvmStaysSilently, mpvm, small, "deadlock", /process \d may not send to everybody/],
  [mutants.cocheckForgetsEarlyReady, cocheck, small, "deadlock", /waits for READY from process \d/],
  [mutants.cocheckStaysHeld, cocheck, small, "deadlock", /process \d is held/],
  [mutants.cocheckFlushesInwardOnly, cocheck, small, "cost", /READY/],
  [
    mutants.charmForgetsTheSession,
    charm,
    { ...small, kills: 1 },
    "deadlock",
    /process \d may not send to everybody/,
  ],
  [
    mutants.charmWaitsForTheLost,
    charm,
    { ...small, crashes: 1 },
    "deadlock",
    /a move of process \d is never answered/,
  ],
  [mutants.charmMapsNoNewcomers, charm, { ...small, joins: 1 }, "lost", /has left/],
  [mutants.charmRefuses, charm, { ...small, moves: 2 }, "abort", /though nothing had failed/],
  [mutants.charmForgetsMoves, charm, { ...small, moves: 2 }, "deadlock", /is never answered/],
  [
    mutants.charmSettlesEarly,
    charm,
    small,
    "broken",
    /departs, and is not to move|settled before it is there/,
  ],
] as unknown as readonly Caught[];

for (const [mutant, sound, scope, kind, message] of CAUGHT) {
  Deno.test(`${mutant.name} is caught: ${kind}`, () => {
    const cases = casesOf({ ...scope, order: "fifo" });
    const found = cases.map((given) => explore(mutant, given).counterExample)
      .find((each) => each !== undefined);
    assertEquals(found?.violation.kind, kind);
    assertMatch(found?.violation.message ?? "", message);
    for (const given of cases) assertEquals(explore(sound, given).counterExample, undefined);
  });
}

Deno.test("only a protocol that takes part is explored with moves", () => {
  assertEquals(scopesOf(clsFlush), STANDARD_SCOPES);
  assert(scopesOf(charm as Protocol).some(({ moves = 0 }) => moves > 0));
  const given = exploreCase([[1], [0]], { order: "fifo", moves: 1, requests: 0 });
  assertEquals(caseText(given), "0 to 1, 1 to 0; fifo; 1 move");
  const { states, complete } = explore(clsFlush, given);
  assertEquals([states, complete], [explore(clsFlush, { ...given, moves: 0 }).states, true]);
});

Deno.test("a message that a move has lost is replayed by a script", () => {
  const [given] = casesOf({ ...small, order: "fifo" });
  assert(given !== undefined);
  const found = explore(mutants.mpvmLeavesUnflushed as Protocol, given).counterExample;
  assert(found !== undefined);
  const script = replayScript(found, "mutant");
  for (
    const line of ["node m1 { disk: 1GB/s }", "at 2ms migrate p1 to m1", "expect cluster.lost > 0"]
  ) {
    assertStringIncludes(script, line);
  }
});
