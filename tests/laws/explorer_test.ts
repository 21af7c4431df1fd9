/**
 * Laws L5 to L8 and L11 for coordination protocols: over all interleavings of small worlds nothing is
 * orphaned or lost, everything terminates, costs are as declared; and a mistake is found.
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Protocol } from "../../core/cluster/protocol.ts";
import {
  casesOf,
  caseText,
  explore,
  exploreCase,
  type ExploreScope,
  sendPlans,
  STANDARD_SCOPES,
  type ViolationKind,
} from "../../core/lab/explorer.ts";
import { canonical } from "../../core/lab/explorer_actors.ts";
import { bcs } from "../../plugins/protocols/bcs.ts";
import { bookmark } from "../../plugins/protocols/bookmark.ts";
import { chandyLamport } from "../../plugins/protocols/chandy_lamport.ts";
import { clsFlush } from "../../plugins/protocols/cls_flush.ts";
import { messageLogging } from "../../plugins/protocols/message_logging.ts";
import { messageCounting } from "../../plugins/protocols/message_counting.ts";
import { uncoordinated } from "../../plugins/protocols/uncoordinated.ts";
import { counting2 } from "../../plugins/protocols/counting_2.ts";
import { laiYang } from "../../plugins/protocols/lai_yang.ts";
import { mattern } from "../../plugins/protocols/mattern.ts";
import * as index from "../mutants/protocols/bcs_mutants.ts";
import * as coloured from "../mutants/protocols/coloured_mutants.ts";
import * as counting from "../mutants/protocols/counting_mutants.ts";
import * as flush from "../mutants/protocols/flush_mutants.ts";
import * as logging from "../mutants/protocols/logging_mutants.ts";
import * as snapshot from "../mutants/protocols/snapshot_mutants.ts";
import { uncoordinatedForgetsSecond } from "../mutants/protocols/uncoordinated_mutants.ts";

/**
 * Those of three take longest, and the kit explores them. It leaves out those in which one is killed,
 * which are here, and those in which one crashes: the command goes through them.
 */
const SCOPES = STANDARD_SCOPES.filter(({ processes, kills = 0 }) => processes < 3 || kills > 0);

/** The kit explores all there are, which takes its time; here these are looked at more closely. */
const PROTOCOLS: readonly Protocol[] = [messageCounting, clsFlush, uncoordinated];

for (const protocol of PROTOCOLS) {
  const { order } = protocol.requires;
  for (const scope of SCOPES) {
    const { processes, messages, ...events } = scope;
    const title = `${processes} processes, ${messages} messages each ${JSON.stringify(events)}`;
    Deno.test(`${protocol.name} is clean: ${title}`, () => {
      for (const given of casesOf({ ...scope, order })) {
        const found = explore(protocol, given);
        assertEquals(found.counterExample, undefined, caseText(given));
        assert(found.complete && found.terminals > 1, caseText(given));
        assert(found.states > 100, `${caseText(given)}: only ${found.states} states`);
      }
    });
  }
}

Deno.test("who is lost has no timers any more, and who fails is not waited for twice", () => {
  for (const protocol of [bcs as Protocol, messageLogging as Protocol]) {
    // A message of one of them only: with two there are ten times as many moments.
    for (const plan of [[[1], []], [[], [0]]]) {
      const given = exploreCase(plan, { failures: 1, crashes: 1 });
      const { complete, counterExample } = explore(protocol, given);
      assertEquals([complete, counterExample], [true, undefined], caseText(given));
    }
  }
});

Deno.test("the orders of small worlds are all there", () => {
  const states = (protocol: Protocol, processes: number, messages: number): number[] =>
    sendPlans(processes, messages).map((plan) =>
      explore(protocol, exploreCase(plan, { order: protocol.requires.order })).states
    );
  assertEquals(states(messageCounting, 2, 2), [1166]);
  assertEquals(states(messageCounting, 3, 1), [2745, 2673]);
  assertEquals(states(clsFlush, 2, 2), [585]);
  assertEquals(states(clsFlush, 3, 1), [5493, 5445]);
});

Deno.test("counting needs no order, and is clean with it too", () => {
  for (const given of casesOf({ processes: 2, messages: 2, requests: 2, order: "fifo" })) {
    assertEquals(explore(messageCounting, given).counterExample, undefined);
  }
});

/** A protocol, the world in which it fails, and how. */
interface Caught {
  readonly protocol: Protocol;
  /** What it is a mutant of, which is clean there; without, the protocol is used wrongly. */
  readonly sound?: Protocol;
  readonly scope: ExploreScope;
  readonly kind: ViolationKind;
  /** Only this kind counts: another would be found first. */
  readonly only?: true;
  readonly message?: RegExp;
}

const small = { processes: 2, messages: 1 } as const;
const two = { processes: 2, messages: 2 } as const;
const three = { processes: 3, messages: 1 } as const;

const COUNTING_MUTANTS: readonly Omit<Caught, "sound">[] = [
  { protocol: counting.countingResumesEarly, scope: two, kind: "orphan", only: true },
  { protocol: counting.countingResumesEarly, scope: three, kind: "orphan", only: true },
  {
    protocol: counting.countingExitsWithoutTable,
    scope: { ...small, exits: 1 },
    kind: "lost",
    only: true,
  },
  {
    protocol: counting.countingExitsWithoutTable,
    scope: { ...small, exits: 1 },
    kind: "abort",
    only: true,
    message: /received 1 messages, but those that count sent it 0/,
  },
  { protocol: counting.countingHidesLostTables, scope: { ...small, exits: 1 }, kind: "lost" },
  {
    protocol: counting.countingNeverClearsReceived,
    scope: { ...small, requests: 2 },
    kind: "abort",
  },
  {
    protocol: counting.countingNeverClears,
    scope: { ...small, requests: 2, exits: 1 },
    kind: "abort",
  },
  {
    protocol: counting.countingForgetsNextInterval,
    scope: { ...small, requests: 2 },
    kind: "deadlock",
    message: /process \d waits for 1 of the 1 messages sent to it/,
  },
  {
    protocol: counting.countingClearsAtAbort,
    scope: { ...small, requests: 2, timeouts: 1 },
    kind: "lost",
  },
  {
    protocol: counting.countingIgnoresJoin,
    scope: { ...small, joins: 1 },
    kind: "deadlock",
    message: /process 1 waits for the manager's WELCOME/,
  },
  {
    protocol: counting.countingLetsJoinersRun,
    scope: { ...three, joins: 1 },
    kind: "orphan",
    only: true,
  },
  {
    protocol: counting.countingWaitsForTheDead,
    scope: { ...small, exits: 1 },
    kind: "deadlock",
    message: /the manager waits for ACK from process \d/,
  },
  {
    protocol: counting.countingLosesSync,
    scope: { ...small, requests: 2 },
    kind: "deadlock",
    message: /the manager waits for ACK from process \d/,
  },
  {
    protocol: counting.countingCountsTheKilledTwice,
    scope: { ...small, requests: 2, kills: 1 },
    kind: "deadlock",
  },
  { protocol: counting.countingDropsRequests, scope: { ...small, requests: 2 }, kind: "deadlock" },
  { protocol: counting.countingSignals, scope: small, kind: "cost", message: /2 WELCOME/ },
  { protocol: counting.countingDeclaresEarly, scope: small, kind: "incomplete" },
  {
    protocol: counting.countingCommitsUnrecorded,
    scope: { ...small, restarts: 1 },
    kind: "deadlock",
    message: /never answered/,
  },
  { protocol: counting.countingSavesBeforeDrained, scope: small, kind: "lost" },
  {
    protocol: counting.countingGoesOnAfterCrash,
    scope: { ...small, requests: 2, crashes: 1 },
    kind: "lost",
    only: true,
  },
  { protocol: counting.countingWritesInPlace, scope: small, kind: "broken", message: /read only/ },
];

const FLUSH_MUTANTS: readonly Omit<Caught, "sound">[] = [
  { protocol: flush.flushResumesEarly, scope: three, kind: "orphan" },
  {
    protocol: flush.flushForgetsEarlyMarkers,
    scope: small,
    kind: "deadlock",
    message: /process \d waits for CLS from process \d/,
  },
  { protocol: flush.flushIgnoresJoin, scope: { ...small, joins: 1 }, kind: "deadlock" },
  {
    protocol: flush.flushLetsInLater,
    scope: { ...small, joins: 1 },
    kind: "lost",
    message: /sent in the line, to a process that is not in it/,
  },
  {
    protocol: flush.flushMarksOnlyTheOld,
    scope: { ...small, joins: 1 },
    kind: "deadlock",
    message: /process 1 waits for CLS from process 0/,
  },
  {
    protocol: flush.flushWaitsForTheDead,
    scope: { ...small, exits: 1 },
    kind: "deadlock",
    only: true,
    message: /the manager waits for SAVED from process/,
  },
  { protocol: flush.flushLeavesAtOnce, scope: { ...small, exits: 1 }, kind: "lost", only: true },
  { protocol: flush.flushDropsRequests, scope: { ...small, requests: 2 }, kind: "deadlock" },
  { protocol: flush.flushMarksTwice, scope: small, kind: "cost", message: /4 CLS/ },
  { protocol: flush.flushNeverAborts, scope: { ...small, timeouts: 1 }, kind: "deadlock" },
];

const SNAPSHOT_MUTANTS: readonly Omit<Caught, "sound">[] = [
  { protocol: snapshot.snapshotMarksLate, scope: small, kind: "orphan", only: true },
  { protocol: snapshot.snapshotMarksEarly, scope: small, kind: "lost" },
  { protocol: snapshot.snapshotForgetsChannels, scope: small, kind: "lost" },
  { protocol: snapshot.snapshotClosesEarly, scope: small, kind: "lost", only: true },
  { protocol: snapshot.snapshotLetsIn, scope: small, kind: "orphan", message: /received/ },
  {
    protocol: snapshot.snapshotRecordsAll,
    scope: three,
    kind: "orphan",
    message: /recorded in the line, but not sent/,
  },
  {
    protocol: snapshot.snapshotForgetsOldMarks,
    scope: { ...small, requests: 2, timeouts: 1 },
    kind: "lost",
  },
  {
    protocol: snapshot.snapshotLeavesSilently,
    scope: { ...small, exits: 1 },
    kind: "deadlock",
    message: /process \d waits for MARKER from process \d/,
  },
  { protocol: snapshot.snapshotStartsOnce, scope: { ...small, exits: 1 }, kind: "deadlock" },
  { protocol: snapshot.snapshotIgnoresJoin, scope: { ...small, joins: 1 }, kind: "deadlock" },
  { protocol: snapshot.snapshotLeavesJoinersOut, scope: { ...small, joins: 1 }, kind: "deadlock" },
  { protocol: snapshot.snapshotMarksTwice, scope: small, kind: "cost", message: /4 MARKER/ },
  { protocol: snapshot.snapshotDropsRequests, scope: { ...small, requests: 2 }, kind: "deadlock" },
];

const COLOURED_MUTANTS: readonly Omit<Caught, "sound">[] = [
  { protocol: coloured.countingWithoutTag as Protocol, scope: two, kind: "orphan", only: true },
  { protocol: coloured.countingForgetsLate as Protocol, scope: small, kind: "lost" },
  { protocol: coloured.countingExpectsNothing as Protocol, scope: small, kind: "lost", only: true },
  {
    protocol: coloured.countingSetsBack as Protocol,
    scope: { ...small, requests: 2 },
    kind: "abort",
    message: /1 more messages came than were sent/,
  },
  {
    protocol: coloured.countingLeavesWithoutTable as Protocol,
    scope: { ...small, exits: 1 },
    kind: "abort",
  },
  {
    protocol: coloured.countingLeavesAtOnce as Protocol,
    scope: { ...small, exits: 1 },
    kind: "deadlock",
    only: true,
  },
  {
    protocol: coloured.countingIgnoresJoin as Protocol,
    scope: { ...small, joins: 1 },
    kind: "deadlock",
  },
  {
    protocol: coloured.countingDropsRequests as Protocol,
    scope: { ...small, requests: 2 },
    kind: "deadlock",
  },
  {
    protocol: coloured.countingAsksAgain as Protocol,
    scope: small,
    kind: "cost",
    message: /4 DONE/,
  },
];

const BCS_MUTANTS: readonly Omit<Caught, "sound">[] = [
  {
    protocol: index.bcsDeliversEarly as Protocol,
    scope: small,
    kind: "orphan",
    message: /is received in line \d, but not sent/,
  },
  {
    protocol: index.bcsSavesItselfLate as Protocol,
    scope: small,
    kind: "incomplete",
    message: /all have reached line 1, but not all have a part of it/,
  },
  {
    protocol: index.bcsKeepsNothing as Protocol,
    scope: small,
    kind: "lost",
    message: /is sent in line \d, but neither received nor kept/,
  },
  {
    protocol: index.bcsKeepsSinceTheLast as Protocol,
    scope: { ...small, requests: 2 },
    kind: "lost",
  },
  { protocol: index.bcsTellsTheLast as Protocol, scope: two, kind: "lost" },
  {
    protocol: index.bcsForgetsSecond as Protocol,
    scope: { ...small, requests: 2 },
    kind: "deadlock",
  },
  {
    protocol: index.bcsClaimsWhatFailed as Protocol,
    scope: { ...small, requests: 2, timeouts: 1 },
    kind: "orphan",
  },
];

/** Two send to one, which sends to one of them; and whoever is lost comes back alone. */
const lost = { processes: 3, messages: 1, requests: 0, crashes: 1 } as const;

const LOGGING_MUTANTS: readonly Omit<Caught, "sound">[] = [
  {
    protocol: logging.loggingDoesNotWait as Protocol,
    scope: lost,
    kind: "orphan",
    message: /process \d receives message 1 .* where it had received message 1 of/,
  },
  { protocol: logging.loggingForgetsOrder as Protocol, scope: lost, kind: "orphan" },
  {
    protocol: logging.loggingKeepsNothing as Protocol,
    scope: { ...lost, processes: 2 },
    kind: "lost",
    message: /is sent, and will never be received/,
    only: true,
  },
  {
    protocol: logging.loggingTakesTwice as Protocol,
    scope: { ...lost, processes: 2 },
    kind: "orphan",
    message: /is received twice/,
  },
  {
    protocol: logging.loggingForgetsItsNotes as Protocol,
    scope: { ...lost, processes: 2 },
    kind: "deadlock",
    message: /process \d is held; process \d waits for ACK from \d/,
  },
  { protocol: logging.loggingAcksTwice as Protocol, scope: small, kind: "cost", message: /ACK/ },
];

const CAUGHT: readonly Caught[] = [
  ...COUNTING_MUTANTS.map((row) => ({ ...row, sound: messageCounting })),
  ...FLUSH_MUTANTS.map((row) => ({ ...row, sound: clsFlush })),
  ...SNAPSHOT_MUTANTS.map((row) => ({ ...row, sound: chandyLamport })),
  { protocol: chandyLamport, scope: { ...small, order: "any" }, kind: "lost", only: true },
  ...COLOURED_MUTANTS.map((row) => ({ ...row, sound: counting2 as Protocol })),
  {
    protocol: coloured.matternForgetsLate as Protocol,
    sound: mattern as Protocol,
    scope: small,
    kind: "lost",
  },
  {
    protocol: coloured.matternPassesOnAtOnce as Protocol,
    sound: mattern as Protocol,
    scope: small,
    kind: "lost",
    only: true,
  },
  {
    protocol: coloured.laiYangDeliversEarly as Protocol,
    sound: laiYang as Protocol,
    scope: small,
    kind: "orphan",
  },
  {
    protocol: coloured.laiYangForgetsTooMuch as Protocol,
    sound: laiYang as Protocol,
    scope: { ...two, requests: 2 },
    kind: "abort",
    message: /nobody says that it was sent/,
  },
  {
    protocol: uncoordinatedForgetsSecond,
    sound: uncoordinated,
    scope: { ...small, requests: 2 },
    kind: "deadlock",
  },
  // That three are clean is for the kit to say: it takes its time.
  ...LOGGING_MUTANTS.map((row) =>
    row.scope.processes > 2 ? row : { ...row, sound: messageLogging as Protocol }
  ),
  ...BCS_MUTANTS.map((row) => ({ ...row, sound: bcs as Protocol })),
  { protocol: flush.bookmarkIsAMarker, sound: bookmark, scope: small, kind: "lost" },
  {
    protocol: flush.bookmarkSetsBack,
    sound: bookmark,
    scope: { ...small, requests: 2 },
    kind: "deadlock",
    message: /waits for messages that were sent to it by process/,
  },
  { protocol: clsFlush, scope: { ...small, order: "any" }, kind: "lost" },
  { protocol: clsFlush, scope: { processes: 2, messages: 2, order: "any" }, kind: "lost" },
  {
    protocol: { ...uncoordinated, recovery: "line" },
    scope: small,
    kind: "orphan",
    only: true,
  },
];

for (const { protocol, sound, scope, kind, only, message } of CAUGHT) {
  const { processes, messages, ...events } = scope;
  const world = `${processes}x${messages} ${JSON.stringify(events)}`;
  Deno.test(`${protocol.name} is caught: ${kind} in ${world}`, () => {
    const cases = casesOf({ order: protocol.requires.order, ...scope });
    const kinds = only === true ? { kinds: [kind] } : {};
    const found = cases.map((given) => explore(protocol, given, kinds).counterExample)
      .find((each) => each !== undefined);
    assertEquals(found?.violation.kind, kind);
    if (message !== undefined) assertMatch(found?.violation.message ?? "", message);
    if (sound === undefined) return;
    for (const given of cases) assertEquals(explore(sound, given).counterExample, undefined);
  });
}

Deno.test("with R >= E a table that is missing is noticed by nobody but the line's own check", () => {
  const [given] = casesOf({ ...small, exits: 1 });
  assert(given !== undefined);
  const others: ViolationKind[] = [
    "abort",
    "deadlock",
    "cost",
    "broken",
    "incomplete",
  ];
  assertEquals(
    explore(counting.countingHidesLostTables, given, { kinds: others }).counterExample,
    undefined,
  );
  const strict = explore(counting.countingExitsWithoutTable, given, { kinds: others });
  assertEquals(strict.counterExample?.violation.kind, "abort");
});

Deno.test("without over-counting R >= E does no harm, so nothing is found", () => {
  for (const given of casesOf({ processes: 2, messages: 2, requests: 2 })) {
    assertEquals(explore(counting.countingAcceptsMore, given).counterExample, undefined);
  }
});

Deno.test("a counter-example is a shortest one, in words", () => {
  const [given] = casesOf({ ...small, order: "any" });
  assert(given !== undefined);
  const found = explore(clsFlush, given).counterExample;
  assertEquals(found?.steps.map(({ text }) => text), [
    "process 0 sends message 1 to process 1",
    "a global checkpoint is asked for",
    "SYNC from the manager arrives at process 0",
    "CLS from process 0 arrives at process 1",
    "SYNC from the manager arrives at process 1",
    "t0 of the local checkpoint of process 1",
    "the local checkpoint of process 1 is durable",
    "CLS from process 1 arrives at process 0",
    "t0 of the local checkpoint of process 0",
    "the local checkpoint of process 0 is durable",
    "SAVED from process 0 arrives at the manager",
    "SAVED from process 1 arrives at the manager",
  ]);
});

Deno.test("an exploration that is cut short proves nothing", () => {
  const [given] = casesOf({ processes: 2, messages: 2, requests: 2 });
  assert(given !== undefined);
  assertEquals(explore(messageCounting, given, { maxStates: 500 }).complete, false);
  const told: number[] = [];
  const [large] = casesOf({ ...three, requests: 2, crashes: 1 });
  assert(large !== undefined);
  const stopped = explore(messageCounting, large, {
    onProgress: (states) => told.push(states) < 2,
  });
  assertEquals([stopped.complete, told.length], [false, 2]);
});

Deno.test("plans that differ in names only are one", () => {
  assertEquals(sendPlans(2, 2), [[[1, 1], [0, 0]]]);
  assertEquals(sendPlans(3, 1).length, 2);
  assertEquals(sendPlans(3, 1, 1).length, 4);
  assertEquals(sendPlans(1, 3), [[[]]]);
});

Deno.test("a manager that does what only a member can is found, not followed", () => {
  const [given] = casesOf({ ...small });
  assert(given !== undefined);
  const sound: Protocol = messageCounting;
  for (const effect of ["capture", "discard", "hold", "release", "leave"] as const) {
    const wrong: Protocol = {
      ...sound,
      handle: (state, event, out) => {
        if (event.event === "requested") out[effect]();
        return sound.handle(state, event, out);
      },
    };
    const { violation } = explore(wrong, given).counterExample ?? {};
    assertEquals(violation, {
      kind: "broken",
      message: `the manager has no process to ${effect}`,
    });
    explore(wrong, given, { kinds: ["lost"] });
  }
});

Deno.test("states are compared as plain data, whatever the order of their fields", () => {
  assertEquals(canonical({ a: 1, b: [2, { c: undefined }] }), canonical({ b: [2, {}], a: 1 }));
  assert(canonical({ a: "1" }) !== canonical({ a: 1 }));
  let refused = "";
  try {
    canonical({ table: new Map() });
  } catch (error) {
    refused = String(error);
  }
  assertStringIncludes(refused, "holds Map: plain data is wanted");
});
