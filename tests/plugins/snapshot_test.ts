/** The actors of Chandy and Lamport's snapshot by hand. */
import { assertEquals } from "@std/assert";
import { chandyLamport } from "../../plugins/protocols/chandy_lamport.ts";
import { Bench } from "./protocol_bench.ts";

const member = (self: number) => new Bench(chandyLamport, self, [0, 1, 2]);
const managerOf = (...members: number[]) => new Bench(chandyLamport, "manager", members);
const marker = (epoch: number) => ({ kind: "MARKER", epoch }) as const;

Deno.test("who is asked to begin marks its channels at t0, and records each until it is marked", () => {
  const first = member(0);
  assertEquals(first.hears("manager", { kind: "START", epoch: 1 }), ["capture open"]);
  assertEquals(first.on({ event: "arriving", from: 1 }), [], "before t0: it is in the image");
  assertEquals(first.on({ event: "taken" }), ["MARKER to 1", "MARKER to 2", "release", "admit"]);
  assertEquals(first.on({ event: "arriving", from: 1 }), ["record"]);
  assertEquals(first.hears(1, marker(1)), []);
  assertEquals(first.on({ event: "arriving", from: 1 }), [], "behind the marker");
  assertEquals(first.waitsFor, "MARKER from process 2");
  assertEquals(first.on({ event: "arriving", from: 2 }), ["record"]);
  assertEquals(first.hears(2, marker(1)), ["close channels"]);
  assertEquals(first.on({ event: "saved" }), ["DONE to manager"]);
});

Deno.test("the first marker begins the own capture; what follows it waits for t0", () => {
  const second = member(1);
  assertEquals(second.hears(0, marker(1)), ["capture open"]);
  assertEquals(second.on({ event: "arriving", from: 0 }), ["withhold"]);
  assertEquals(second.on({ event: "arriving", from: 2 }), [], "not behind a marker");
  assertEquals(second.waitsFor, "t0 of its own capture");
  assertEquals(second.hears("manager", { kind: "START", epoch: 1 }), [], "it is at it");
  assertEquals(second.on({ event: "taken" }), ["MARKER to 0", "MARKER to 2", "release", "admit"]);
  assertEquals(second.on({ event: "arriving", from: 0 }), [], "let in, and not recorded");
  assertEquals(second.hears(2, marker(1)), ["close channels"]);
});

Deno.test("behind the marker of one given up a message crosses the next", () => {
  const second = member(1);
  second.hears(0, marker(1));
  second.on({ event: "arriving", from: 0 });
  assertEquals(second.hears(0, marker(2)), ["discard", "capture open"]);
  second.on({ event: "arriving", from: 0 });
  second.on({ event: "taken" });
  assertEquals(second.hears(2, marker(2)), [], "not before it is let in");
  assertEquals(second.on({ event: "arriving", from: 0 }), ["record", "close channels"]);
  assertEquals(second.on({ event: "arriving", from: 0 }), [], "the second is behind marker 2");
});

Deno.test("an end puts BYE on every channel, and waits for the own part of a snapshot", () => {
  assertEquals(member(0).on({ event: "exiting", killed: false }), [
    "BYE to 1",
    "BYE to 2",
    "EXIT to manager",
    "leave",
  ]);
  const busy = member(0);
  busy.hears("manager", { kind: "START", epoch: 1 });
  busy.on({ event: "taken" });
  assertEquals(busy.on({ event: "exiting", killed: false }), []);
  assertEquals(busy.hears(1, { kind: "BYE" }), [], "a marker for ever");
  assertEquals(busy.hears(2, marker(1)), ["close channels"]);
  assertEquals(busy.on({ event: "saved" }), [
    "DONE to manager",
    "BYE to 2",
    "EXIT to manager",
    "leave",
  ]);
  assertEquals(busy.sent.at(-1)?.message, { kind: "EXIT", epoch: 0 });
  const killed = member(0);
  killed.hears("manager", { kind: "START", epoch: 1 });
  assertEquals(killed.on({ event: "exiting", killed: true })[0], "discard");
  assertEquals(killed.sent.at(-1)?.message, { kind: "EXIT", epoch: 1 });
});

Deno.test("a snapshot that is given up leaves no image, whether its part was done or not", () => {
  const abort = { kind: "ABORT", epoch: 1 } as const;
  const busy = member(1);
  busy.hears(0, marker(1));
  assertEquals(busy.hears("manager", abort), ["discard", "release", "admit"]);
  assertEquals(busy.hears(2, marker(1)), [], "it is over");
  const done = new Bench(chandyLamport, 0, [0]);
  done.hears("manager", { kind: "START", epoch: 1 });
  assertEquals(done.on({ event: "taken" }), ["release", "admit", "close channels"]);
  done.on({ event: "saved" });
  assertEquals(done.hears("manager", abort), ["discard"]);
});

Deno.test("who joins waits for the manager's word about the markers that come", () => {
  const late = member(2);
  assertEquals(late.on({ event: "joining", who: 2 }), ["hold"]);
  assertEquals(late.hears(0, marker(3)), []);
  assertEquals(late.on({ event: "arriving", from: 0 }), ["withhold"]);
  assertEquals(late.hears("manager", { kind: "WELCOME", epoch: 3 }), ["release", "admit"]);
  const inTheMiddle = member(2);
  inTheMiddle.on({ event: "joining", who: 2 });
  inTheMiddle.hears(0, marker(4));
  assertEquals(inTheMiddle.hears("manager", { kind: "WELCOME", epoch: 3 }), ["capture open"]);
  const slow = member(2);
  slow.on({ event: "joining", who: 2 });
  for (const from of [0, 1]) slow.hears(from, marker(4));
  slow.hears("manager", { kind: "START", epoch: 3 });
  slow.on({ event: "taken" });
  assertEquals(slow.sent.at(-1)?.message, marker(4), "3 is over, for there are markers of 4");
  assertEquals(slow.hears("manager", { kind: "ABORT", epoch: 3 }), []);
  const old = member(0);
  assertEquals(old.on({ event: "joining", who: 3 }), []);
  old.hears("manager", { kind: "START", epoch: 1 });
  assertEquals(old.on({ event: "taken" }).slice(0, 3), [
    "MARKER to 1",
    "MARKER to 2",
    "MARKER to 3",
  ]);
  assertEquals(old.on({ event: "joining", who: 4 }), ["MARKER to 4"]);
});

Deno.test("the manager asks one, another if that has ended, and declares who is done", () => {
  const manager = managerOf(0, 1, 2);
  assertEquals(manager.on({ event: "requested" }), ["timer timeout 1000000000", "START to 0"]);
  assertEquals(manager.hears(0, { kind: "EXIT", epoch: 0 }), ["START to 1"]);
  assertEquals(manager.on({ event: "joining", who: 3 }), ["START to 3"], "it takes part");
  for (const who of [1, 2]) manager.hears(who, { kind: "DONE", epoch: 1 });
  assertEquals(manager.waitsFor, "DONE from process 3");
  assertEquals(manager.hears(2, { kind: "EXIT", epoch: 0 }), [], "its part is done");
  assertEquals(manager.hears(3, { kind: "DONE", epoch: 1 }), ["clear timeout", "done 1 2 3"]);
  assertEquals(manager.on({ event: "joining", who: 4 }), ["WELCOME to 4"]);
  assertEquals(manager.on({ event: "recorded" }), []);
});

Deno.test("the manager gives up when a part is missing for ever, and says whose", () => {
  const why = "process 1 was killed during the checkpoint";
  const killed = managerOf(0, 1);
  killed.on({ event: "requested" });
  assertEquals(killed.hears(1, { kind: "EXIT", epoch: 1 }), [
    "clear timeout",
    "ABORT to 0",
    `abort: ${why}`,
  ]);
  const slow = managerOf(0, 1);
  slow.on({ event: "requested" });
  slow.hears(1, { kind: "DONE", epoch: 1 });
  assertEquals(
    slow.on({ event: "timer", name: "timeout" }).at(-1),
    "abort: timeout: no DONE from process 0",
  );
  const lost = managerOf(0, 1);
  lost.on({ event: "requested" });
  const crash = "abort: process 0 was lost: restart from the last checkpoint";
  assertEquals(lost.on({ event: "crashed", who: 0 }), ["clear timeout", "ABORT to 1", crash]);
  assertEquals(lost.on({ event: "requested" }), [crash]);
  for (const recorded of [true, false]) {
    const back = managerOf(0);
    back.on({ event: "requested" });
    assertEquals(back.on({ event: "restarted", recorded: false }), ["timer timeout 1000000000"]);
    back.hears(0, { kind: "DONE", epoch: 1 });
    assertEquals(back.on({ event: "restarted", recorded }).length, recorded ? 0 : 3);
  }
  assertEquals(managerOf().on({ event: "requested" }), ["abort: no process is left to save"]);
});
