/** Protocols with coloured messages: their actors by hand, what they count, and the tree they count on. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Protocol } from "../../core/mod.ts";
import { casesOf, explore } from "../../core/lab/explorer.ts";
import type { ColouredMessage } from "../../plugins/protocols/coloured_state.ts";
import { counting2 } from "../../plugins/protocols/counting_2.ts";
import { split } from "../../plugins/protocols/cut_tree.ts";
import { histories, type History } from "../../plugins/protocols/histories.ts";
import { laiYang } from "../../plugins/protocols/lai_yang.ts";
import { mattern } from "../../plugins/protocols/mattern.ts";
import { type Vector, vectorCounters } from "../../plugins/protocols/vector_counters.ts";
import { Bench } from "./protocol_bench.ts";

const counting = (self: number | "manager", ...members: number[]) =>
  new Bench(counting2, self, members);
const cut = (epoch: number, ...subtree: number[]): ColouredMessage<Vector> => (
  { kind: "CUT", epoch, committed: 0, subtree }
);
const arriving = (from: number, colour: number) =>
  ({ event: "arriving", from, piggyback: { colour } }) as const;

/** The row with other defaults, as the explorer takes them. */
const withArity = (arity: number): Protocol => ({
  ...counting2 as Protocol,
  options: { ...counting2.options, arity: { ...counting2.options["arity"], default: arity } },
} as Protocol);

Deno.test("a process is cut, reports, records what crosses, and is done when nothing is missing", () => {
  const member = counting(1, 0, 1, 2);
  assertEquals(member.on({ event: "sending", to: 0 }), ['piggyback {"colour":0}']);
  assertEquals(member.on(arriving(2, 0)), []);
  assertEquals(member.hears("manager", cut(1, 1)), ["capture open"]);
  assertEquals(member.on({ event: "taken" }), ["admit", "REPORT to manager"]);
  assertEquals(member.sent.at(-1)?.message, {
    kind: "REPORT",
    epoch: 1,
    report: [{ to: 0, count: 1 }, { to: 1, count: -1 }],
  });
  assertEquals(member.on({ event: "sending", to: 0 }), ['piggyback {"colour":1}']);
  assertEquals(member.on(arriving(2, 0)), ["record"], "it crosses the line");
  assertEquals(member.on(arriving(2, 1)), [], "it was sent after the cut");
  member.hears("manager", { kind: "EXPECT", epoch: 1, report: [{ to: 1, count: 2 }] });
  assertEquals(member.waitsFor, "1 messages that were sent to it");
  assertEquals(member.on(arriving(0, 0)), ["record", "close channels"]);
  assertEquals(member.on({ event: "saved" }), ["DONE to manager"]);
});

Deno.test("a message of a later colour cuts, and waits for t0", () => {
  const member = counting(1, 0, 1);
  assertEquals(member.on(arriving(0, 1)), ["withhold", "capture open"]);
  assertEquals(member.on(arriving(0, 1)), ["withhold"], "it is at it");
  assertEquals(member.on(arriving(0, 0)), [], "from before the cut: it is in the image");
  assertEquals(member.on({ event: "taken" }), ["admit"], "nobody has told it the way");
  assertEquals(member.on(arriving(0, 1)), [], "let in");
  assertEquals(member.hears("manager", cut(1, 1)), ["REPORT to manager"]);
});

Deno.test("one message more than were sent is a mistake somewhere, and said", () => {
  const member = counting(1, 0, 1);
  member.hears("manager", cut(1, 1));
  member.on({ event: "taken" });
  member.hears("manager", { kind: "EXPECT", epoch: 1, report: [] });
  assertEquals(member.on(arriving(0, 0)), ["FAIL to manager"]);
  const manager = counting("manager", 0, 1);
  manager.on({ event: "requested" });
  manager.hears(0, { kind: "REPORT", epoch: 1, report: [] });
  const report = [{ to: 1, count: -1 }];
  assertEquals(
    manager.hears(1, { kind: "REPORT", epoch: 1, report }).at(-1),
    "abort: process 1: 1 more messages came than were sent",
  );
});

Deno.test("a timeout says who had not answered, and who lacked how much", () => {
  const manager = counting("manager", 0, 1, 2);
  manager.on({ event: "requested" });
  assertEquals(manager.waitsFor, "the report of processes 0, 1, 2 and who is reached through it");
  const report = [{ to: 1, count: 2 }];
  for (const who of [0, 1, 2]) {
    manager.hears(who, { kind: "REPORT", epoch: 1, report: who === 0 ? report : [] });
  }
  for (const who of [0, 2]) manager.hears(who, { kind: "DONE", epoch: 1 });
  assertEquals(
    manager.on({ event: "timer", name: "timeout" }).at(-1),
    "abort: timeout: no end from process 1 or who is reached through it; when all had reported, " +
      "process 1 lacked 2 of the messages sent to it",
  );
});

Deno.test("down a tree everybody is told once, and up it everything is added up", () => {
  const manager = new Bench(withArity(2) as typeof counting2, "manager", [0, 1, 2, 3, 4, 5, 6]);
  const sent = manager.on({ event: "requested" });
  assertEquals(sent, ["timer timeout 1000000000", "CUT to 0", "CUT to 3"]);
  const inner = new Bench(withArity(2) as typeof counting2, 3, [0, 1, 2, 3, 4, 5, 6]);
  assertEquals(inner.hears("manager", cut(1, 3, 4, 5, 6)), [
    "capture open",
    "CUT to 4",
    "CUT to 5",
  ]);
  assertEquals(inner.sent.map(({ message }) => message), [cut(1, 4), cut(1, 5, 6)]);
  inner.hears(4, { kind: "REPORT", epoch: 1, report: [{ to: 9, count: 2 }] });
  inner.on({ event: "taken" });
  assertEquals(
    inner.hears(5, {
      kind: "REPORT",
      epoch: 1,
      report: [{ to: 3, count: 1 }, { to: 9, count: -2 }],
    }),
    ["REPORT to manager"],
  );
  assertEquals(inner.sent.at(-1)?.message, {
    kind: "REPORT",
    epoch: 1,
    report: [{ to: 3, count: 1 }],
  });
  const expected = [{ to: 3, count: 1 }, { to: 6, count: 4 }];
  assertEquals(
    inner.hears("manager", { kind: "EXPECT", epoch: 1, report: expected }),
    ["EXPECT to 4", "EXPECT to 5"],
  );
  assertEquals(inner.sent.at(-1)?.message, {
    kind: "EXPECT",
    epoch: 1,
    report: [{ to: 6, count: 4 }],
  });
  inner.on(arriving(0, 0));
  for (const who of [4, 5]) assertEquals(inner.hears(who, { kind: "DONE", epoch: 1 }), []);
  assertEquals(inner.on({ event: "saved" }), ["DONE to manager"]);
});

Deno.test("the parts of a list are as equal as can be, and no process is in two", () => {
  fc.assert(fc.property(fc.nat(200), fc.nat(20), (length, parts) => {
    const list = Array.from({ length }, (_, n) => n), made = split(list, parts);
    assertEquals(made.flat(), list);
    assertEquals(made.length, Math.min(length, parts === 0 ? length : parts));
    const sizes = made.map((part) => part.length);
    assert(length === 0 || Math.max(...sizes) - Math.min(...sizes) <= 1);
  }));
});

Deno.test("whoever wants to end is held, takes part, and is let go when nothing is under way", () => {
  const manager = counting("manager", 0, 1);
  const report = [{ to: 0, count: 3 }];
  manager.on({ event: "requested" });
  assertEquals(manager.hears(1, { kind: "LEAVE", report }), []);
  manager.hears(0, { kind: "REPORT", epoch: 1, report: [{ to: 0, count: -3 }] });
  manager.hears(1, { kind: "REPORT", epoch: 1, report });
  manager.hears(1, { kind: "DONE", epoch: 1 });
  assertEquals(manager.hears(0, { kind: "DONE", epoch: 1 }), ["clear timeout", "done 0 1"]);
  assertEquals(manager.on({ event: "recorded" }), ["GO to 1"]);
  // Its counters stay: without them three messages would be too many.
  manager.on({ event: "requested" });
  assertEquals(
    manager.hears(0, { kind: "REPORT", epoch: 2, report: [{ to: 0, count: -3 }] }),
    ["EXPECT to 0"],
  );
  const member = counting(1, 0, 1);
  assertEquals(member.on({ event: "exiting", killed: false }), ["hold", "LEAVE to manager"]);
  member.hears("manager", cut(1, 1));
  assertEquals(member.on({ event: "taken" }), ["admit", "REPORT to manager"], "it stays held");
  assertEquals(member.hears("manager", { kind: "GO" }), ["discard", "release", "leave"]);
});

Deno.test("who joins waits for the manager's word, and is cut if some are not yet", () => {
  const manager = counting("manager", 0);
  assertEquals(manager.on({ event: "joining", who: 1 }), ["WELCOME to 1"]);
  manager.on({ event: "requested" });
  assertEquals(manager.on({ event: "joining", who: 2 }), ["CUT to 2"]);
  for (const who of [0, 1, 2]) manager.hears(who, { kind: "REPORT", epoch: 1, report: [] });
  assertEquals(manager.on({ event: "joining", who: 3 }), ["WELCOME to 3"], "all are cut");
  for (const who of [0, 1]) manager.hears(who, { kind: "DONE", epoch: 1 });
  assertEquals(manager.hears(2, { kind: "DONE", epoch: 1 }), ["clear timeout", "done 0 1 2"]);
  const newcomer = counting(2, 0, 1, 2);
  assertEquals(newcomer.on({ event: "joining", who: 2 }), ["hold"]);
  assertEquals(newcomer.on(arriving(0, 1)), ["withhold"], "it does not know yet what that means");
  assertEquals(newcomer.hears("manager", cut(1, 2)), ["admit", "capture open"]);
  assertEquals(newcomer.on(arriving(0, 1)), ["withhold"]);
  assertEquals(newcomer.on({ event: "taken" }), ["release", "admit", "REPORT to manager"]);
});

Deno.test("a checkpoint that is given up leaves no image, and its colour means nothing more", () => {
  const abort = { kind: "ABORT", epoch: 1 } as const;
  const uncut = counting(0, 0, 1);
  assertEquals(uncut.hears("manager", abort), ["admit"]);
  assertEquals(uncut.on(arriving(1, 1)), [], "a message like any");
  assertEquals(uncut.hears("manager", cut(1, 0)), [], "it is over");
  const busy = counting(0, 0, 1);
  busy.hears("manager", cut(1, 0));
  assertEquals(busy.hears("manager", abort), ["discard", "admit"]);
  const done = counting(0, 0);
  done.hears("manager", cut(1, 0));
  done.on({ event: "taken" });
  done.hears("manager", { kind: "EXPECT", epoch: 1, report: [] });
  done.on({ event: "saved" });
  assertEquals(done.hears("manager", abort), ["discard", "admit"]);
  const later = counting(0, 0, 1);
  later.hears("manager", cut(1, 0));
  assertEquals(later.hears("manager", cut(2, 0)), ["discard", "capture open"]);
  assertEquals(later.hears("manager", abort), [], "it is at the next");
});

Deno.test("mattern: the token goes round twice, and only it waits", () => {
  const member = new Bench(mattern, 1, [0, 1, 2]);
  const token = (lap: 1 | 2, report: Vector) =>
    ({ kind: "TOKEN", epoch: 1, committed: 0, lap, rest: [2], report }) as const;
  member.on({ event: "sending", to: 2 });
  assertEquals(member.hears(0, token(1, [{ to: 1, count: 1 }])), ["capture open"]);
  assertEquals(member.on({ event: "taken" }), ["admit", "TOKEN to 2"]);
  assertEquals(member.sent.at(-1)?.message, {
    ...token(1, [{ to: 1, count: 1 }, { to: 2, count: 1 }]),
    rest: [],
  });
  assertEquals(member.hears(0, token(2, [{ to: 1, count: 1 }])), []);
  assertEquals(member.on(arriving(0, 0)), ["record", "close channels"]);
  assertEquals(member.on({ event: "saved" }), ["TOKEN to 2"]);
  const manager = new Bench(mattern, "manager", [0, 1]);
  assertEquals(manager.on({ event: "requested" }), ["timer timeout 1000000000", "TOKEN to 0"]);
  assertEquals(manager.hears(1, { ...token(1, []), rest: [] }), ["TOKEN to 0"]);
  assertEquals(manager.hears(1, { ...token(2, []), rest: [] }), ["clear timeout", "done 0 1"]);
});

Deno.test("lai-yang: what was sent and has not come is missing, message by message", () => {
  const entry = (from: number, to: number, number: number) => ({ from, to, number, colour: 0 });
  const total: History = {
    sent: [entry(0, 1, 0), entry(0, 1, 1), entry(2, 1, 0), entry(1, 0, 0)],
    received: [entry(0, 1, 1)],
  };
  const missing = histories.missing(histories.of(total, [1]), 1);
  assertEquals(missing, [entry(0, 1, 0), entry(2, 1, 0)]);
  assert(typeof missing !== "string");
  assertEquals(histories.arrived(missing, 2, { colour: 0, number: 0 }), [entry(0, 1, 0)]);
  assertEquals(
    histories.arrived(missing, 0, { colour: 0, number: 1 }),
    "message 1 of process 0 came, and is none of those that are missing",
  );
  assertEquals(
    histories.missing({ sent: [], received: [entry(0, 1, 5)] }, 1),
    "process 1: message 5 of process 0 came, and nobody says that it was sent",
  );
  const later = { ...entry(0, 1, 9), colour: 3 };
  const kept = histories.pruneReport({ sent: [entry(0, 1, 0), later], received: [] }, 3);
  assertEquals(kept.sent, [later], "what belongs to a recorded line is forgotten");
  assertEquals(histories.size(total), 16 * 5);
  const member = new Bench(laiYang, 0, [0, 1]);
  assertEquals(member.on({ event: "sending", to: 1 }), ['piggyback {"colour":0,"number":0}']);
  assertEquals(member.on({ event: "sending", to: 1 }), ['piggyback {"colour":0,"number":1}']);
});

Deno.test("counters added up are what is on its way, whoever adds them in which order", () => {
  const run = fc.array(fc.tuple(fc.nat(3), fc.nat(3), fc.boolean()), { maxLength: 40 });
  fc.assert(fc.property(run, (messages) => {
    const accounts = [0, 1, 2, 3].map(() => vectorCounters.start);
    const flying = [0, 0, 0, 0];
    for (const [from, to, comes] of messages) {
      accounts[from] = vectorCounters.sent(accounts[from] as never, to, 0).account;
      if (comes) accounts[to] = vectorCounters.received(accounts[to] as never, from, { colour: 0 });
      else flying[to] = (flying[to] as number) + 1;
    }
    const reports = accounts.map((account, self) => vectorCounters.report(account, self));
    const [a, b, c, d] = reports as [Vector, Vector, Vector, Vector];
    const total = vectorCounters.sum([vectorCounters.sum([a, b]), vectorCounters.sum([c, d])]);
    assertEquals(total, vectorCounters.sum([d, c, b, a]));
    for (const who of [0, 1, 2, 3]) assertEquals(vectorCounters.missing(total, who), flying[who]);
    assertEquals(total.length, flying.filter((count) => count > 0).length, "no zeros on the wire");
  }));
});

for (const arity of [1, 2]) {
  Deno.test(`counting-2 is clean on a tree of arity ${arity}`, () => {
    for (
      const scope of [{ requests: 2 }, { timeouts: 1 }, { joins: 1 }] as const
    ) {
      for (const given of casesOf({ processes: 3, messages: 1, ...scope, order: "any" })) {
        const { counterExample, complete } = explore(withArity(arity), given);
        assertEquals([counterExample, complete], [undefined, true]);
      }
    }
  });
}
