/** The manager: its time, its crash, and what it still knows afterwards. */
import { assertEquals, assertThrows } from "@std/assert";
import { Manager } from "../../../core/cluster/manager.ts";
import type { Out, Protocol, ProtocolEvent } from "../../../core/mod.ts";

const MESSAGE_NS = 1000;
/** How long the manifest takes to be written. */
const RECORD_NS = 500;

/** A manager under a protocol that answers events by `answer`, and all it did and heard. */
function manager(answer: (event: ProtocolEvent, out: Out) => void, isThere = () => true) {
  const done: string[] = [], heard: string[] = [];
  const note = (at: number, text: string) => void done.push(`${at} ${text}`);
  const protocol = {
    handle: (state: unknown, event: ProtocolEvent, out: Out) => {
      heard.push(event.event === "restarted" ? `restarted ${event.recorded}` : event.event);
      answer(event, out);
      return state;
    },
  } as unknown as Protocol;
  const one = new Manager(protocol, {}, MESSAGE_NS, {
    send: (at, to, { kind }) => note(at, `${kind} to ${to}`),
    cause: () => undefined,
    declare: (at, members) => {
      note(at, `declare ${members}`);
      return at + RECORD_NS;
    },
    record: (at) => {
      note(at, "record");
      return isThere();
    },
    finish: (at) => note(at, "finish"),
    abort: (at, why) => note(at, `abort ${why}`),
    settled: (at, who, members) => note(at, `settled ${who} of ${members}`),
    refused: (at, who, why) => note(at, `refused ${who} ${why}`),
    phase: (at, name) => note(at, `phase ${name}`),
    log: (at, text) => note(at, text),
  });
  return { one, done, heard };
}

const control = (from: number): ProtocolEvent => (
  { event: "control", from, message: { kind: "K" } }
);

Deno.test("a manager handles one message after the other, each in its time", () => {
  const { one, done } = manager((event, out) => {
    if (event.event === "control") out.send(event.from as number, { kind: "A" });
  });
  for (const from of [0, 1, 2]) one.tell(100, control(from));
  one.tell(50, control(3));
  assertEquals([one.next, one.unheard], [50, [3, 0, 1, 2]]);
  one.advance(100);
  assertEquals([done, one.next], [[], 100]);
  one.advance(101);
  assertEquals([one.next, one.unheard], [2050, []]);
  one.advance(6050);
  assertEquals(done, ["2050 A to 3", "4050 A to 0"]);
  one.advance(8051);
  assertEquals(done, ["2050 A to 3", "4050 A to 0", "6050 A to 1", "8050 A to 2"]);
  assertEquals([one.next, one.unheard], [Infinity, []]);
});

Deno.test("a crash between two messages delays the rest, and the line with them", () => {
  const { one, done, heard } = manager((event, out) => {
    if (event.event === "requested") out.done([0, 1]);
    if (event.event === "recorded") { for (const to of [0, 1]) out.send(to, { kind: "COMMIT" }); }
  });
  one.tell(10, { event: "requested" });
  one.advance(1511);
  assertEquals(done, ["10 declare 0,1", "510 record", "1510 COMMIT to 0"]);
  one.crash();
  one.advance(50_000);
  assertEquals(done.length, 3);
  one.restart(60_000);
  one.advance(70_000);
  assertEquals(done.slice(3), ["61000 COMMIT to 1", "61000 finish"]);
  assertEquals(heard, ["requested", "recorded", "restarted true"]);
});

Deno.test("a line is recorded when its manifest is durable, and only then dealt with", () => {
  const { one, done, heard } = manager((event, out) => {
    if (event.event === "requested") out.done([0, 1]);
    if (event.event === "recorded") out.send(0, { kind: "COMMIT" });
  });
  one.tell(10, { event: "requested" });
  one.advance(11);
  assertEquals([one.next, done, heard], [510, ["10 declare 0,1"], ["requested"]]);
  one.advance(510);
  assertEquals(heard, ["requested"]);
  one.advance(511);
  assertEquals(heard, ["requested", "recorded"]);
  assertEquals(done, ["10 declare 0,1", "510 record"]);
  one.advance(1511);
  assertEquals(done, ["10 declare 0,1", "510 record", "1510 COMMIT to 0", "1510 finish"]);
});

Deno.test("a crash costs the timers and a line that was not recorded, messages wait", () => {
  const { one, done, heard } = manager((event, out) => {
    if (event.event !== "requested") return;
    out.setTimer("late", 10_000);
    out.done([0]);
  });
  one.tell(10, { event: "requested" });
  one.advance(11);
  one.crash();
  one.tell(300, control(4));
  assertEquals([one.isDown, one.next], [true, Infinity]);
  one.advance(50_000);
  assertEquals([heard, done], [["requested"], ["10 declare 0"]]);
  one.restart(60_000);
  assertEquals([one.isDown, one.next], [false, 60_000]);
  one.advance(100_000);
  assertEquals(heard, ["requested", "restarted false", "control"]);
  assertEquals(done, ["10 declare 0"]);
});

Deno.test("after its crash it knows that the line had been recorded", () => {
  const { one, heard } = manager((event, out) => event.event === "requested" && out.done([0]));
  one.tell(10, { event: "requested" });
  one.advance(1000);
  one.crash();
  one.restart(2000);
  one.advance(3000);
  assertEquals(heard, ["requested", "recorded", "restarted true"]);
});

Deno.test("what it says of a move comes behind the messages before it, also after a crash", () => {
  const { one, done } = manager((event, out) => {
    if (event.event !== "moving") return;
    out.send(1, { kind: "TID" });
    out.settled(0, [0, 1]);
    out.send(1, { kind: "MOVE" });
    out.refused(1, "no");
  });
  one.tell(10, { event: "moving", who: 0 });
  one.advance(1011);
  assertEquals(done, ["1010 TID to 1", "1010 settled 0 of 0,1"]);
  one.crash();
  one.restart(60_000);
  one.advance(70_000);
  assertEquals(done.slice(2), ["61000 MOVE to 1", "62000 refused 1 no"]);
});

Deno.test("a timer is set anew or cleared, and an aborted line is not recorded", () => {
  const { one, done, heard } = manager((event, out) => {
    if (event.event === "requested") {
      out.done([0]);
      out.setTimer("a", 100);
      out.setTimer("b", 200);
    }
    if (event.event !== "timer") return;
    out.clearTimer("b");
    out.abort("too late");
  });
  one.tell(10, { event: "requested" });
  one.advance(10_000);
  assertEquals(heard, ["requested", "timer"]);
  assertEquals(done, ["10 declare 0", "110 abort too late"]);
});

Deno.test("a manager has no process", () => {
  for (const what of ["hold", "release", "capture", "discard", "leave"] as const) {
    const { one } = manager((_, out) => out[what]());
    one.tell(0, { event: "requested" });
    assertThrows(() => one.advance(1), Error, `a manager has no process to ${what}`);
  }
});
