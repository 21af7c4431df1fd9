/**
 * Laws L5 to L8 and L11 for checkpoints that are tentative until a line is declared: in small worlds the
 * newest permanent ones always fit together, what is undone leaves nothing, nobody waits for ever, and
 * a line costs what its dependencies do; and each mistake is found.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Protocol } from "../../core/cluster/protocol.ts";
import {
  casesOf,
  caseText,
  explore,
  type ExploreScope,
  replayScript,
  type ViolationKind,
} from "../../core/lab/explorer.ts";
import { kooToueg } from "../../plugins/protocols/koo_toueg.ts";
import type { Koo } from "../../plugins/protocols/koo_toueg_state.ts";
import * as koo from "../mutants/protocols/koo_mutants.ts";

const sound = kooToueg as Protocol;
const small = { processes: 2, messages: 1 } as const;
const three = { processes: 3, messages: 1 } as const;

interface Caught {
  readonly protocol: unknown;
  readonly scope: ExploreScope;
  readonly kind: ViolationKind;
  readonly message?: RegExp;
}

const ORPHAN = /is received in the newest permanent checkpoints, but not sent/;
const LOST = /is sent in the newest permanent checkpoints, but neither received nor kept/;

const CAUGHT: readonly Caught[] = [
  { protocol: koo.kooAsksNoFurther, scope: three, kind: "orphan", message: ORPHAN },
  { protocol: koo.kooCommitsEarly, scope: small, kind: "orphan", message: ORPHAN },
  { protocol: koo.kooSendsOn, scope: small, kind: "orphan", message: ORPHAN },
  {
    protocol: koo.kooLeansOnAnother,
    scope: { ...small, requests: 2 },
    kind: "incomplete",
    message: /a line is declared, but the local checkpoint of process \d is not durable/,
  },
  {
    protocol: koo.kooForgetsAtUndo,
    scope: { ...small, requests: 2, timeouts: 1 },
    kind: "orphan",
    message: ORPHAN,
  },
  { protocol: koo.kooKeepsNothing, scope: small, kind: "lost", message: LOST },
  {
    protocol: koo.kooForgetsTentatively,
    scope: { ...small, requests: 2, timeouts: 1 },
    kind: "lost",
    message: LOST,
  },
  {
    protocol: koo.kooKeepsUndone,
    scope: { ...small, timeouts: 1 },
    kind: "incomplete",
    message: /the tentative checkpoint of process \d is neither made permanent nor undone/,
  },
  {
    protocol: koo.kooIgnoresUndo,
    scope: { ...small, timeouts: 1 },
    kind: "deadlock",
    message: /process \d may not send to everybody; process \d waits for COMMIT or UNDO from/,
  },
  {
    protocol: koo.kooLeavesSilently,
    scope: { ...small, exits: 1 },
    kind: "deadlock",
    message: /process \d waits for YES from process \d/,
  },
  {
    protocol: koo.kooLeavesUnsaved,
    scope: { ...small, exits: 1 },
    kind: "abort",
    message: /process \d has ended and was not saved/,
  },
  {
    protocol: koo.kooForgetsSecond,
    scope: { ...small, requests: 2 },
    kind: "deadlock",
    message: /never answered/,
  },
  {
    protocol: koo.kooAsksAgain,
    scope: { ...small, requests: 2 },
    kind: "cost",
    message: /2 lines took 1 REQ more than declared/,
  },
  { protocol: koo.kooAsksEverybody, scope: small, kind: "cost", message: /1 REQ more/ },
  { protocol: koo.kooVotesTwice, scope: small, kind: "cost", message: /1 YES more/ },
];

for (const { protocol, scope, kind, message } of CAUGHT) {
  const { processes, messages, ...events } = scope;
  const world = `${processes}x${messages} ${JSON.stringify(events)}`;
  const row = protocol as Protocol;
  Deno.test(`${row.name} is caught: ${kind} in ${world}`, () => {
    const cases = casesOf({ order: "any", ...scope });
    const found = cases.map((given) => explore(row, given).counterExample)
      .find((each) => each !== undefined);
    assertEquals(found?.violation.kind, kind);
    if (message !== undefined) assertMatch(found?.violation.message ?? "", message);
    for (const given of cases) {
      const { complete, counterExample } = explore(sound, given);
      assertEquals([complete, counterExample], [true, undefined], caseText(given));
    }
  });
}

const LEFT: readonly (readonly [readonly (readonly number[])[], Partial<ExploreScope>])[] = [
  [[[1], [], []], { crashes: 1, exits: 1 }],
  [[[1], [0], [0]], { crashes: 1, exits: 1 }],
  [[[1], [], []], { crashes: 1, kills: 1 }],
  [[[1], [2], []], { kills: 1, exits: 1 }],
  [[[1], [2], []], { kills: 2 }],
];

for (const [plan, events] of LEFT) {
  for (const order of ["any", "fifo"] as const) {
    const world = `${JSON.stringify(plan)} ${JSON.stringify(events)} ${order}`;
    Deno.test(`who has ended still says that a run came to nothing: ${world}`, () => {
      const [first] = casesOf({ ...three, ...events, order });
      assert(first !== undefined);
      const given = { ...first, plan };
      const { complete, counterExample } = explore(sound, given);
      assertEquals([complete, counterExample?.violation], [true, undefined], caseText(given));
    });
  }
}

Deno.test("what is permanent may not be discarded, and no other begun before one is undone", () => {
  const [given] = casesOf({ ...small, requests: 2 });
  assert(given !== undefined);
  const wrong = (act: "discard" | "capture"): Protocol => ({
    ...sound,
    handle: (state, event, out) => {
      const isAsked = (state as Koo).runs.some(({ parent }) => parent !== undefined);
      const next = sound.handle(state, event, out);
      if (act === "discard" ? event.event === "recorded" : event.event === "saved" && isAsked) {
        out[act]();
      }
      return next;
    },
  });
  const messageOf = (row: Protocol) => explore(row, given).counterExample?.violation.message;
  assertMatch(messageOf(wrong("discard")) ?? "", /discards a checkpoint that is permanent/);
  assertMatch(messageOf(wrong("capture")) ?? "", /captures and has not undone the last one/);
});

Deno.test("a counter-example asks one process, in words and in its script", () => {
  const found = casesOf({ ...three }).map((each) =>
    explore(koo.kooAsksNoFurther as Protocol, each).counterExample
  ).find((each) => each !== undefined);
  assert(found !== undefined);
  const asked = found.steps.find(({ step }) => step.step === "request");
  assertMatch(asked?.text ?? "", /^process \d is asked for a checkpoint$/);
  assertMatch(replayScript(found, "koo-toueg"), /at \d+ms checkpoint p\d as g\n/);
});
