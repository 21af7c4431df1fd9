/** The coordination protocols' actors by hand, and in random runs too large to explore. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Protocol } from "../../core/cluster/protocol.ts";
import { type ExploreCase, exploreCase } from "../../core/lab/explorer.ts";
import { Actors } from "../../core/lab/explorer_actors.ts";
import { checkRest, rulesOf } from "../../core/lab/explorer_rules.ts";
import { beginning } from "../../core/lab/explorer_situation.ts";
import { dueSteps, possibleSteps } from "../../core/lab/explorer_step.ts";
import { afterStep } from "../../core/lab/explorer_world.ts";
import { protocols } from "../../plugins/mod.ts";
import { chandyLamport } from "../../plugins/protocols/chandy_lamport.ts";
import { bookmark } from "../../plugins/protocols/bookmark.ts";
import { clsFlush } from "../../plugins/protocols/cls_flush.ts";
import { messageCounting } from "../../plugins/protocols/message_counting.ts";
import { uncoordinated } from "../../plugins/protocols/uncoordinated.ts";
import { countingAcceptsMore } from "../mutants/protocols/counting_mutants.ts";
import { Bench } from "./protocol_bench.ts";

const countingManager = (...members: number[]) => new Bench(messageCounting, "manager", members);
const countingMember = (self: number) => new Bench(messageCounting, self, [0, 1, 2]);
const flushManager = (...members: number[]) => new Bench(clsFlush, "manager", members);
const flushMember = (self: number) => new Bench(clsFlush, self, [0, 1, 2]);

Deno.test("counting: the manager adds the tables up, and commits when the line is durable", () => {
  const manager = countingManager(0, 1);
  assertEquals(manager.on({ event: "requested" }), [
    "timer timeout 1000000000",
    "SYNC to 0",
    "SYNC to 1",
  ]);
  manager.hears(0, { kind: "ACK", attempt: 1, sent: [{ to: 1, count: 3 }] });
  assertEquals(manager.waitsFor, "ACK from process 1");
  const table = [{ to: 0, count: 2 }, { to: 1, count: 1 }];
  assertEquals(manager.hears(1, { kind: "ACK", attempt: 1, sent: table }), ["OP to 0", "OP to 1"]);
  assertEquals(manager.sent.slice(-2).map(({ message }) => message), [
    { kind: "OP", attempt: 1, expected: 2 },
    { kind: "OP", attempt: 1, expected: 4 },
  ]);
  assertEquals(manager.hears(1, { kind: "DONE", attempt: 1 }), []);
  assertEquals(manager.hears(0, { kind: "DONE", attempt: 1 }), ["clear timeout", "done 0 1"]);
  assertEquals(manager.on({ event: "recorded" }), ["COMMIT to 0", "COMMIT to 1"]);
  assertEquals(manager.waitsFor, undefined);
});

Deno.test("counting: a process is held from SYNC to COMMIT and saves when the counts meet", () => {
  const member = countingMember(0);
  member.on({ event: "sending", to: 2 });
  member.on({ event: "sending", to: 1 });
  member.on({ event: "sending", to: 2 });
  assertEquals(member.hears("manager", { kind: "SYNC", attempt: 1 }), ["hold", "ACK to manager"]);
  assertEquals(member.sent.at(-1)?.message, {
    kind: "ACK",
    attempt: 1,
    sent: [{ to: 1, count: 1 }, { to: 2, count: 2 }],
  });
  assertEquals(member.hears("manager", { kind: "OP", attempt: 1, expected: 2 }), []);
  assertEquals(member.on({ event: "arriving", from: 1 }), []);
  assertEquals(member.waitsFor, "1 of the 2 messages sent to it");
  assertEquals(member.on({ event: "arriving", from: 2 }), ["capture"]);
  assertEquals(member.on({ event: "saved" }), ["DONE to manager"]);
  assertEquals(member.on({ event: "arriving", from: 1 }), [], "one of the next interval");
  assertEquals(member.hears("manager", { kind: "COMMIT", attempt: 1 }), ["release"]);
  member.hears("manager", { kind: "SYNC", attempt: 2 });
  assertEquals(member.hears("manager", { kind: "OP", attempt: 2, expected: 1 }), ["capture"]);
});

Deno.test("counting: more messages than expected is a mistake somewhere, and said", () => {
  const member = countingMember(2);
  member.on({ event: "arriving", from: 0 });
  member.hears("manager", { kind: "SYNC", attempt: 1 });
  assertEquals(member.hears("manager", { kind: "OP", attempt: 1, expected: 0 }), [
    "FAIL to manager",
  ]);
  assertEquals(member.on({ event: "arriving", from: 0 }), [], "it is said once");
  const manager = countingManager(2);
  manager.on({ event: "requested" });
  const failure = member.sent.at(-1)?.message;
  assert(failure?.kind === "FAIL");
  assertEquals(manager.hears(2, failure), [
    "clear timeout",
    "ABORT to 2",
    "abort: process 2 received 1 messages, but those that count sent it 0: somebody's sends are " +
    "unknown, or a message came twice",
  ]);
});

Deno.test("counting: R >= E is not R = E", () => {
  const deeds = [messageCounting, countingAcceptsMore].map((protocol) => {
    const member = new Bench(protocol, 2, [0, 1, 2]);
    member.on({ event: "arriving", from: 0 });
    member.hears("manager", { kind: "SYNC", attempt: 1 });
    return member.hears("manager", { kind: "OP", attempt: 1, expected: 0 });
  });
  assertEquals(deeds, [["FAIL to manager"], ["capture"]]);
});

Deno.test("a manager that comes back sets its timer again, and has no line it did not record", () => {
  const again = "timer timeout 1000000000";
  for (const recorded of [false, true]) {
    const manager = countingManager(0);
    manager.on({ event: "requested" });
    assertEquals(manager.on({ event: "restarted", recorded: false }), [again]);
    manager.hears(0, { kind: "ACK", attempt: 1, sent: [] });
    manager.hears(0, { kind: "DONE", attempt: 1 });
    const why = "the manager crashed before the line was recorded";
    assertEquals(
      manager.on({ event: "restarted", recorded }),
      recorded ? ["COMMIT to 0"] : ["clear timeout", "ABORT to 0", `abort: ${why}`],
    );
    const flushing = flushManager(0);
    flushing.on({ event: "requested" });
    assertEquals(flushing.on({ event: "restarted", recorded: false }), [again]);
    flushing.hears(0, { kind: "SAVED", round: 1 });
    assertEquals(
      flushing.on({ event: "restarted", recorded }),
      recorded ? ["COMMIT to 0"] : ["clear timeout", "ABORT to 0", `abort: ${why}`],
    );
  }
});

Deno.test("counting: an end waits for RUN, a kill does not", () => {
  const member = countingMember(1);
  member.on({ event: "sending", to: 0 });
  member.hears("manager", { kind: "SYNC", attempt: 1 });
  assertEquals(member.on({ event: "exiting", killed: false }), []);
  assertEquals(member.hears("manager", { kind: "ABORT", attempt: 1 }), [
    "release",
    "EXIT to manager",
    "leave",
  ]);
  assertEquals(member.sent.at(-1)?.message, {
    kind: "EXIT",
    attempt: 0,
    sent: [{ to: 0, count: 1 }],
  });
  const killed = countingMember(1);
  killed.hears("manager", { kind: "SYNC", attempt: 1 });
  killed.hears("manager", { kind: "OP", attempt: 1, expected: 0 });
  assertEquals(killed.on({ event: "exiting", killed: true }), [
    "discard",
    "EXIT to manager",
    "leave",
  ]);
  assertEquals(killed.sent.at(-1)?.message, { kind: "EXIT", attempt: 1, sent: [] });
});

Deno.test("counting: an EXIT that crosses the SYNC counts as the ACK, one in EXEC fails it", () => {
  const manager = countingManager(0, 1);
  manager.on({ event: "requested" });
  manager.hears(0, { kind: "ACK", attempt: 1, sent: [] });
  const exit = { kind: "EXIT", attempt: 0, sent: [{ to: 0, count: 2 }] } as const;
  assertEquals(manager.hears(1, exit), ["OP to 0"]);
  assertEquals(manager.sent.at(-1)?.message, { kind: "OP", attempt: 1, expected: 2 });
  assertEquals(manager.hears(0, { kind: "EXIT", attempt: 1, sent: [] }), [
    "clear timeout",
    "abort: process 0 was killed during the checkpoint",
  ]);
  assertEquals(manager.on({ event: "requested" }), ["abort: no process is left to save"]);
});

Deno.test("counting: what those who ended had sent is kept over an attempt that fails", () => {
  const manager = countingManager(0, 1);
  manager.hears(1, { kind: "EXIT", attempt: 0, sent: [{ to: 0, count: 2 }] });
  for (const attempt of [1, 2]) {
    manager.on({ event: "requested" });
    manager.hears(0, { kind: "ACK", attempt, sent: [] });
    assertEquals(manager.sent.at(-1)?.message, { kind: "OP", attempt, expected: 2 });
    assertEquals(manager.on({ event: "timer", name: "timeout" }), [
      "clear timeout",
      "ABORT to 0",
      "abort: timeout: no DONE from process 0",
    ]);
  }
});

Deno.test("counting: a crash in any state of the manager, and what follows", () => {
  const lost = "abort: process 1 was lost: restart from the last checkpoint";
  const idle = countingManager(0, 1);
  assertEquals(idle.on({ event: "crashed", who: 1 }), []);
  assertEquals(idle.on({ event: "requested" }), [lost]);

  const sync = countingManager(0, 1);
  sync.on({ event: "requested" });
  assertEquals(sync.on({ event: "requested" }), [], "one after the other");
  assertEquals(
    sync.on({ event: "crashed", who: 1 }),
    ["clear timeout", "ABORT to 0", lost, lost],
    "both are answered",
  );

  const record = countingManager(0, 1);
  record.on({ event: "requested" });
  for (const who of [0, 1]) record.hears(who, { kind: "ACK", attempt: 1, sent: [] });
  for (const who of [0, 1]) record.hears(who, { kind: "DONE", attempt: 1 });
  assertEquals(record.on({ event: "crashed", who: 1 }), [], "the line is complete");
  assertEquals(record.on({ event: "recorded" }), ["COMMIT to 0"]);
  assertEquals(record.on({ event: "requested" }), [lost]);
});

Deno.test("counting: who joins is held until it is let in", () => {
  const newcomer = countingMember(2);
  assertEquals(newcomer.on({ event: "joining", who: 2 }), ["hold"]);
  assertEquals(newcomer.on({ event: "joining", who: 1 }), [], "somebody else");
  assertEquals(newcomer.hears("manager", { kind: "WELCOME" }), ["release"]);

  const manager = countingManager(0);
  assertEquals(manager.on({ event: "joining", who: 1 }), ["WELCOME to 1"]);
  manager.on({ event: "requested" });
  assertEquals(manager.on({ event: "joining", who: 2 }), ["SYNC to 2"]);
  for (const who of [0, 1, 2]) manager.hears(who, { kind: "ACK", attempt: 1, sent: [] });
  assertEquals(manager.on({ event: "joining", who: 3 }), [], "too late for this one");
  for (const who of [0, 1]) manager.hears(who, { kind: "DONE", attempt: 1 });
  assertEquals(manager.hears(2, { kind: "DONE", attempt: 1 }), ["clear timeout", "done 0 1 2"]);
  assertEquals(manager.on({ event: "recorded" }), [
    "COMMIT to 0",
    "COMMIT to 1",
    "COMMIT to 2",
    "WELCOME to 3",
  ]);
  assertEquals(manager.on({ event: "requested" }).length, 5, "a timer and four SYNC");
});

Deno.test("counting: control messages of one attempt mean nothing in another", () => {
  const member = countingMember(0);
  assertEquals(member.hears("manager", { kind: "ABORT", attempt: 1 }), []);
  assertEquals(member.hears("manager", { kind: "SYNC", attempt: 1 }), [], "it has failed already");
  member.hears("manager", { kind: "SYNC", attempt: 2 });
  assertEquals(member.hears("manager", { kind: "SYNC", attempt: 3 }), [], "remembered");
  assertEquals(member.hears("manager", { kind: "OP", attempt: 3, expected: 0 }), []);
  assertEquals(member.hears("manager", { kind: "ABORT", attempt: 2 }), [
    "release",
    "hold",
    "ACK to manager",
  ]);
});

Deno.test("flush: a marker before the SYNC is remembered, also one of the next round", () => {
  const member = flushMember(0);
  const sync = (round: number) =>
    ({ kind: "SYNC", round, members: [0, 1, 2], leaver: -1 }) as const;
  assertEquals(member.hears(1, { kind: "CLS", round: 1 }), []);
  assertEquals(member.hears("manager", sync(1)), ["hold", "CLS to 1", "CLS to 2"]);
  assertEquals(member.waitsFor, "CLS from process 2");
  assertEquals(member.hears(2, { kind: "CLS", round: 1 }), ["capture"]);
  assertEquals(member.on({ event: "saved" }), ["SAVED to manager"]);
  assertEquals(member.hears(2, { kind: "CLS", round: 2 }), []);
  assertEquals(member.hears("manager", { kind: "COMMIT", round: 1 }), ["release"]);
  member.hears("manager", sync(2));
  assertEquals(member.hears(1, { kind: "CLS", round: 2 }), ["capture"]);
  assertEquals(member.hears("manager", { kind: "ABORT", round: 2 }), ["discard", "release"]);
});

Deno.test("flush: who begins during a round takes part, and is told of what was sent to it", () => {
  const manager = flushManager(0, 1);
  manager.on({ event: "requested" });
  assertEquals(manager.on({ event: "joining", who: 2 }), ["SYNC to 2"]);
  assertEquals(manager.waitsFor, "SAVED from processes 0, 1, 2");
  // It has begun, and the SYNC that does not know of it comes: a marker goes to it all the same.
  const late = flushMember(0), early = flushMember(1);
  const sync = { kind: "SYNC", round: 1, members: [0, 1], leaver: -1 } as const;
  assertEquals(late.on({ event: "joining", who: 2 }), []);
  assertEquals(late.hears("manager", sync), ["hold", "CLS to 1", "CLS to 2"]);
  assertEquals(late.waitsFor, "CLS from process 1");
  early.hears("manager", sync);
  assertEquals(early.on({ event: "joining", who: 2 }), ["CLS to 2"]);
  const newcomer = new Bench(clsFlush, 2, [0, 1, 2]);
  assertEquals(newcomer.on({ event: "joining", who: 2 }), ["hold"]);
  newcomer.hears("manager", { ...sync, members: [0, 1, 2] });
  assertEquals(newcomer.waitsFor, "CLS from processes 0, 1");
});

Deno.test("bookmark: saved when as many have come as the marks say, whenever they come", () => {
  const member = new Bench(bookmark, 0, [0, 1, 2]);
  const mark = (round: number, sent: number) => ({ kind: "BOOKMARK", round, sent }) as const;
  member.on({ event: "sending", to: 1 });
  member.on({ event: "sending", to: 1 });
  member.on({ event: "arriving", from: 2 });
  assertEquals(member.hears(1, mark(1, 1)), []);
  member.hears("manager", { kind: "SYNC", round: 1, members: [0, 1, 2], leaver: -1 });
  assertEquals(member.sent.slice(-2).map(({ message }) => message), [mark(1, 2), mark(1, 0)]);
  assertEquals(member.waitsFor, "BOOKMARK from process 2");
  assertEquals(member.hears(2, mark(1, 1)), []);
  assertEquals(member.waitsFor, "messages that were sent to it by process 1");
  assertEquals(member.on({ event: "arriving", from: 1 }), ["capture"]);
  // Numbers go on from round to round; nothing is set back.
  member.on({ event: "saved" });
  member.hears("manager", { kind: "COMMIT", round: 1 });
  member.hears("manager", { kind: "SYNC", round: 2, members: [0, 1, 2], leaver: -1 });
  member.hears(1, mark(2, 1));
  assertEquals(member.hears(2, mark(2, 2)), []);
  assertEquals(member.on({ event: "arriving", from: 2 }), ["capture"]);
});

Deno.test("flush: whoever ends gets a round of its own, in which nobody is saved", () => {
  const manager = flushManager(0, 1);
  assertEquals(manager.hears(1, { kind: "LEAVE" }), [
    "timer timeout 1000000000",
    "SYNC to 0",
    "SYNC to 1",
  ]);
  const sync = manager.sent.at(-1)?.message;
  assertEquals(sync, { kind: "SYNC", round: 1, members: [0, 1], leaver: 1 });
  const member = flushMember(1);
  assertEquals(member.on({ event: "exiting", killed: false }), ["LEAVE to manager"]);
  assert(sync !== undefined);
  member.hears("manager", sync);
  assertEquals(member.hears(0, { kind: "CLS", round: 1 }), ["SAVED to manager"]);
  assertEquals(manager.on({ event: "requested" }), [], "afterwards");
  manager.hears(0, { kind: "SAVED", round: 1 });
  assertEquals(manager.hears(1, { kind: "SAVED", round: 1 }), [
    "clear timeout",
    "COMMIT to 0",
    "COMMIT to 1",
    "timer timeout 1000000000",
    "SYNC to 0",
  ]);
  assertEquals(member.hears("manager", { kind: "COMMIT", round: 1 }), ["release", "leave"]);
});

Deno.test("flush: a farewell that fails is tried again, and no checkpoint has failed", () => {
  const manager = flushManager(0, 1);
  manager.hears(1, { kind: "LEAVE" });
  assertEquals(manager.on({ event: "timer", name: "timeout" }), [
    "clear timeout",
    "ABORT to 0",
    "ABORT to 1",
    "log: process 1 cannot leave yet: timeout: no SAVED from processes 0, 1",
    "timer timeout 1000000000",
    "SYNC to 0",
    "SYNC to 1",
  ]);
});

Deno.test("flush: after a kill nothing can be saved, and whoever wants to end may", () => {
  const member = flushMember(1);
  assertEquals(member.on({ event: "exiting", killed: true }), ["EXIT to manager", "leave"]);
  const manager = flushManager(0, 1, 2);
  manager.on({ event: "requested" });
  manager.hears(2, { kind: "LEAVE" });
  const why = "process 1 was killed with its channels open: restart from the last checkpoint";
  assertEquals(manager.hears(1, { kind: "EXIT" }), [
    "clear timeout",
    "ABORT to 0",
    "ABORT to 2",
    `abort: ${why}`,
    "GO to 2",
  ]);
  assertEquals(manager.on({ event: "requested" }), [`abort: ${why}`]);
});

Deno.test("flush: COMMIT follows the record", () => {
  const manager = flushManager(0);
  manager.on({ event: "requested" });
  assertEquals(manager.hears(0, { kind: "SAVED", round: 1 }), ["clear timeout", "done 0"]);
  assertEquals(manager.on({ event: "timer", name: "timeout" }), [], "nothing is waited for");
  assertEquals(manager.on({ event: "recorded" }), ["COMMIT to 0"]);
});

Deno.test("uncoordinated: everybody for itself", () => {
  const member = new Bench(uncoordinated, 4, [4, 5]);
  assertEquals(member.on({ event: "requested" }), ["capture"]);
  assertEquals(member.on({ event: "requested" }), []);
  assertEquals(member.on({ event: "exiting", killed: false }), [], "its image is under way");
  assertEquals(member.on({ event: "saved" }), ["done 4", "capture"]);
  assertEquals(member.on({ event: "saved" }), ["done 4", "leave"]);
  const failing = new Bench(uncoordinated, 4, [4, 5]);
  const failed = { event: "failed", why: "its disk is full" } as const;
  failing.on({ event: "requested" });
  failing.on({ event: "requested" });
  failing.on({ event: "exiting", killed: false });
  const abort = "abort: process 4: its disk is full";
  assertEquals(failing.on(failed), [abort, "capture"], "the next may not fail");
  assertEquals(failing.on(failed), [abort, "leave"]);
  const killed = new Bench(uncoordinated, 4, [4, 5]);
  killed.on({ event: "requested" });
  assertEquals(killed.on({ event: "exiting", killed: true }), [
    "discard",
    "abort: process 4 was killed while it was being saved",
    "leave",
  ]);
});

Deno.test("costs are as the design says", () => {
  const sum = (protocol: Protocol, n: number) =>
    Object.values(protocol.cost({ n, options: {} })).reduce(
      (total, count) => total + count,
      0,
    );
  for (const n of [2, 4, 16, 64]) {
    assertEquals(sum(messageCounting, n), 5 * n);
    assertEquals(sum(clsFlush, n), n * n + 2 * n);
    assertEquals(sum(bookmark, n), n * n + 2 * n);
    assertEquals(sum(chandyLamport, n), n * (n - 1) + n + 1);
    assertEquals(sum(uncoordinated, n), 0);
  }
});

Deno.test("tables are sent sparse: eight bytes for each destination", () => {
  const sent = [{ to: 3, count: 9 }, { to: 700, count: 1 }];
  assertEquals(messageCounting.size({ kind: "ACK", attempt: 1, sent: [] }), 4);
  assertEquals(messageCounting.size({ kind: "ACK", attempt: 1, sent }), 20);
  assertEquals(clsFlush.size({ kind: "CLS", round: 1 }), 4);
  assertEquals(clsFlush.size({ kind: "SYNC", round: 1, members: [0, 1, 2], leaver: -1 }), 24);
});

/** A world too large to explore: five processes, up to four messages each, everything happens. */
const world = (order: "fifo" | "any"): fc.Arbitrary<ExploreCase> =>
  fc.tuple(
    fc.array(fc.array(fc.nat(3), { maxLength: 4 }), { minLength: 5, maxLength: 5 }),
    fc.record({
      requests: fc.integer({ min: 1, max: 4 }),
      exits: fc.nat(4),
      kills: fc.nat(1),
      crashes: fc.nat(1),
      joins: fc.nat(3),
      timeouts: fc.nat(1),
      restarts: fc.nat(2),
    }),
  ).map(([lists, events]) => {
    const plan = lists.map((list, self) => list.map((to) => to < self ? to : to + 1));
    return exploreCase(plan, { ...events, order });
  });

/** One run in which the given choices are made; it ends at rest with nothing left that may happen. */
function walk(protocol: Protocol, given: ExploreCase, choices: readonly number[]): number {
  const rules = rulesOf(given, new Actors(protocol));
  let moment = beginning(rules.actors, given);
  for (let step = 0;; step++) {
    const due = dueSteps(moment, given, protocol);
    if (due.length === 0) checkRest(moment, rules);
    const steps = [...due, ...possibleSteps(moment, given, protocol)];
    const chosen = steps[(choices[step % choices.length] ?? 0) % steps.length];
    if (chosen === undefined) return moment.completed;
    moment = afterStep(moment, chosen, rules).moment;
  }
}

for (const protocol of protocols.filter(({ recovery }) => recovery === "line")) {
  Deno.test(`${protocol.name} in random worlds of five processes`, () => {
    let completed = 0;
    const choices = fc.array(fc.nat(1000), { minLength: 50, maxLength: 200 });
    fc.assert(
      fc.property(world(protocol.requires.order), choices, (given, chosen) => {
        completed += walk(protocol, given, chosen);
      }),
      { numRuns: 1000, seed: 2003 },
    );
    assert(completed > 100, `only ${completed} checkpoints succeeded`);
  });
}
