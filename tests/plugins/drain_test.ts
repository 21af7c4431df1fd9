/** MANA's drain: its actors by hand. */
import { assertEquals } from "@std/assert";
import type { DrainMessage } from "../../plugins/protocols/drain_state.ts";
import { manaDrain } from "../../plugins/protocols/mana_drain.ts";
import { Bench } from "./protocol_bench.ts";

const managerOf = (...members: number[]) => new Bench(manaDrain, "manager", members);
const memberOf = (self: number) => new Bench(manaDrain, self, [0, 1, 2]);
type Member = ReturnType<typeof memberOf>;

const presuspend = (attempt: number, leaver = -1): DrainMessage => (
  { kind: "PRESUSPEND", attempt, leaver }
);
const reply = (attempt: number, value = 0): DrainMessage => ({ kind: "REPLY", attempt, value });
const release = (attempt: number): DrainMessage => ({ kind: "RELEASE", attempt });

/** Answers a member's round; the sums are these. Gives what it does at the end. */
function round(member: Member, attempt: number, sent: number, received: number) {
  const answers = [
    reply(attempt),
    reply(attempt),
    release(attempt),
    reply(attempt),
    reply(attempt),
    release(attempt),
    reply(attempt, sent),
  ];
  const asked = answers.map((answer) => member.hears("manager", answer).join());
  assertEquals(asked, [
    "SET to manager",
    "BARRIER to manager",
    "INCRBY to manager",
    "INCRBY to manager",
    "BARRIER to manager",
    "GET to manager",
    "GET to manager",
  ]);
  return member.hears("manager", reply(attempt, received));
}

const added = (member: Member) =>
  member.sent.flatMap(({ message }) => message.kind === "INCRBY" ? [message.by] : []);
const turns = (member: Member) =>
  member.sent.flatMap(({ message }) => message.kind === "GET" ? [message.turn] : []);

Deno.test("drain: rounds until the sums are equal, each with the other pair of sums", () => {
  const member = memberOf(0);
  member.on({ event: "sending", to: 1 });
  member.on({ event: "sending", to: 2 });
  assertEquals(member.hears("manager", presuspend(1)), ["hold", "SET to manager"]);
  assertEquals(round(member, 1, 2, 1), ["SET to manager"]);
  assertEquals(member.on({ event: "arriving", from: 1 }), [], "what comes in a round is counted");
  assertEquals(member.waitsFor, "the answer to its SET");
  assertEquals(round(member, 1, 2, 2), ["capture"]);
  assertEquals([added(member), turns(member)], [[2, 0, 2, 1], [0, 0, 1, 1]]);
  assertEquals(member.on({ event: "saved" }), ["SAVED to manager"]);
  member.on({ event: "arriving", from: 2 });
  assertEquals(member.hears("manager", { kind: "RESUME", attempt: 1, gone: [] }), ["release"]);
  // Only what came since is left of the counts.
  member.hears("manager", presuspend(2));
  round(member, 2, 1, 0);
  assertEquals(added(member).slice(-2), [0, 1]);
});

Deno.test("drain: an ABORT changes no count, and gives up what was saved", () => {
  const member = memberOf(0);
  member.on({ event: "sending", to: 1 });
  member.on({ event: "arriving", from: 1 });
  member.hears("manager", presuspend(1));
  assertEquals(round(member, 1, 1, 1), ["capture"]);
  const abort = { kind: "ABORT", attempt: 1, gone: [] } as const;
  assertEquals(member.hears("manager", abort), ["discard", "release"]);
  assertEquals(member.hears("manager", reply(1)), [], "an answer that comes too late");
  member.hears("manager", presuspend(2));
  round(member, 2, 1, 1);
  assertEquals(added(member), [1, 1, 1, 1]);
  // One that overtakes its PRESUSPEND is remembered.
  const other = memberOf(1);
  assertEquals(other.hears("manager", abort), []);
  assertEquals(other.hears("manager", presuspend(1)), []);
});

Deno.test("drain: the store adds, the barrier waits for all, and stale requests have no answer", () => {
  const manager = managerOf(0, 1);
  assertEquals(manager.on({ event: "requested" }).slice(1), ["PRESUSPEND to 0", "PRESUSPEND to 1"]);
  const ask = (from: number, message: object) =>
    manager.hears(from, { attempt: 1, turn: 0, ...message } as DrainMessage);
  assertEquals(ask(0, { kind: "SET", sum: "sent" }), ["REPLY to 0"]);
  assertEquals(ask(0, { kind: "SET", sum: "sent", attempt: 7 }), []);
  assertEquals(ask(0, { kind: "BARRIER", at: "reset" }), []);
  assertEquals(ask(1, { kind: "BARRIER", at: "reset" }), ["RELEASE to 0", "RELEASE to 1"]);
  ask(0, { kind: "INCRBY", sum: "sent", by: 3 });
  ask(1, { kind: "INCRBY", sum: "sent", by: 2 });
  ask(1, { kind: "INCRBY", sum: "received", by: 4 });
  ask(0, { kind: "BARRIER", at: "register" });
  ask(1, { kind: "BARRIER", at: "register" });
  ask(0, { kind: "GET", sum: "sent" });
  ask(0, { kind: "GET", sum: "received" });
  ask(0, { kind: "GET", sum: "sent", turn: 1 });
  assertEquals(
    manager.sent.slice(-3).map(({ message }) => message),
    [reply(1, 5), reply(1, 4), reply(1, 0)],
  );
  assertEquals(manager.waitsFor, "SAVED from processes 0, 1; on some channels: 1 more");
  assertEquals(manager.on({ event: "timer", name: "timeout" }), [
    "clear timeout",
    "ABORT to 0",
    "ABORT to 1",
    "abort: timeout: no SAVED from processes 0, 1; on some channels: 1 more",
  ]);
});

Deno.test("drain: who begins takes part while somebody may send to it, and later waits", () => {
  const manager = managerOf(0);
  manager.on({ event: "requested" });
  assertEquals(manager.on({ event: "joining", who: 1 }), ["PRESUSPEND to 1"]);
  const barrier = { kind: "BARRIER", attempt: 1, at: "reset", turn: 0 } as const;
  assertEquals(manager.hears(0, barrier), []);
  assertEquals(manager.hears(1, barrier), ["RELEASE to 0", "RELEASE to 1"]);
  assertEquals(manager.on({ event: "joining", who: 2 }), []);
  for (const who of [0, 1]) manager.hears(who, { kind: "SAVED", attempt: 1 });
  assertEquals(manager.on({ event: "recorded" }), ["RESUME to 0", "RESUME to 1", "WELCOME to 2"]);
});

Deno.test("drain: who ends has a drain of its own, and nobody counts what is sent to it later", () => {
  const manager = managerOf(0, 1);
  manager.hears(1, { kind: "LEAVE" });
  const member = memberOf(0), leaver = memberOf(1);
  for (const each of [member, leaver]) {
    each.hears("manager", presuspend(1, 1));
    assertEquals(round(each, 1, 0, 0), ["SAVED to manager"], "and is not saved");
  }
  for (const who of [0, 1]) manager.hears(who, { kind: "SAVED", attempt: 1 });
  const resume = manager.sent.at(-1)?.message as DrainMessage;
  assertEquals(resume, { kind: "RESUME", attempt: 1, gone: [1] });
  assertEquals(leaver.hears("manager", resume), ["release", "leave"]);
  assertEquals(member.hears("manager", resume), ["release"]);
  member.on({ event: "sending", to: 1 });
  member.on({ event: "sending", to: 2 });
  member.hears("manager", presuspend(2));
  round(member, 2, 1, 0);
  assertEquals(added(member).slice(-2), [1, 0]);
});

Deno.test("drain: a farewell that comes to nothing is tried again, and no checkpoint has failed", () => {
  const manager = managerOf(0, 1);
  manager.hears(1, { kind: "LEAVE" });
  const after = manager.on({ event: "timer", name: "timeout" });
  assertEquals(after.filter((what) => what.startsWith("abort")), []);
  const next = { kind: "PRESUSPEND", attempt: 2, leaver: 1 } as const;
  assertEquals(manager.sent.slice(-2).map(({ message }) => message), [next, next]);
});

Deno.test("drain: a manager that comes back in a drain sets its timer again", () => {
  const manager = managerOf(0, 1);
  manager.on({ event: "requested" });
  assertEquals(manager.on({ event: "restarted", recorded: false }), ["timer timeout 1000000000"]);
});

Deno.test("drain: who is gone is counted in the bytes of the end", () => {
  const bytes = (kind: "RESUME" | "ABORT", gone: readonly number[]) =>
    manaDrain.size({ kind, attempt: 1, gone });
  for (const kind of ["RESUME", "ABORT"] as const) {
    assertEquals(bytes(kind, [1, 4]) - bytes(kind, []), 8);
  }
});

Deno.test("drain: after a kill the sums are never equal again, so nothing is saved any more", () => {
  const manager = managerOf(0, 1);
  manager.on({ event: "requested" });
  const why = "process 1 was killed, and two sums cannot say what of them was its own: restart " +
    "from the last checkpoint";
  assertEquals(manager.hears(1, { kind: "EXIT" }), [
    "clear timeout",
    "ABORT to 0",
    `abort: ${why}`,
  ]);
  assertEquals(manager.on({ event: "requested" }), [`abort: ${why}`]);
  assertEquals(manager.hears(0, { kind: "LEAVE" }), ["GO to 0"]);
});

Deno.test("drain: 3 N messages, and 16 N in a round", () => {
  const sum = (counts: Readonly<Record<string, number>> = {}) =>
    Object.values(counts).reduce((total, count) => total + count, 0);
  for (const n of [1, 2, 16]) {
    assertEquals(sum(manaDrain.cost({ n, options: {} })), 3 * n);
    assertEquals(sum(manaDrain.perRound?.({ n, options: {} })), 16 * n);
  }
});
