/** Actors: one event after the other, effects only when all is said, and timers in order. */
import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Actor, type Effect, Timers } from "../../../core/cluster/actor.ts";
import type { Out, Protocol, ProtocolEvent } from "../../../core/mod.ts";

/** A protocol that keeps the names of the timers it heard of. */
const listening = (
  handle: (heard: readonly string[], name: string, out: Out) => readonly string[],
): Protocol =>
  ({
    name: "listening",
    help: "Listens.",
    options: {},
    requires: { order: "any", delivery: "reliable" },
    kinds: [],
    phases: [],
    recovery: "line",
    cost: () => ({}),
    size: () => 0,
    member: () => [],
    handle: (state: readonly string[], event: ProtocolEvent, out: Out) =>
      event.event === "timer" ? handle(state, event.name, out) : state,
  }) as unknown as Protocol;

const ring = (name: string): ProtocolEvent => ({ event: "timer", name });

Deno.test("effects come when the event is handled, in the order they were said", () => {
  const seen: [Effect["effect"], unknown][] = [];
  const actor = new Actor(
    listening((heard, name, out) => {
      out.hold();
      out.send(3, { kind: "K" });
      out.capture();
      out.discard();
      out.release();
      out.leave();
      out.done([2, 1]);
      out.abort("why");
      out.log("line");
      out.phase("save");
      out.setTimer("t", 5);
      out.clearTimer("t");
      assertEquals(seen, []);
      return [...heard, name];
    }),
    [],
    ({ effect, ...rest }) => seen.push([effect, rest]),
  );
  actor.tell(ring("a"));
  assertEquals(actor.state, ["a"]);
  assertEquals(seen, [
    ["hold", {}],
    ["send", { to: 3, message: { kind: "K" } }],
    ["capture", {}],
    ["discard", {}],
    ["release", {}],
    ["leave", {}],
    ["done", { members: [2, 1] }],
    ["abort", { text: "why" }],
    ["log", { text: "line" }],
    ["phase", { name: "save" }],
    ["timer", { name: "t", afterNs: 5 }],
    ["timer", { name: "t", afterNs: undefined }],
  ]);
});

Deno.test("what an effect brings about is handled after all effects of this event", () => {
  const seen: string[] = [];
  const actor = new Actor(
    listening((heard, name, out) => {
      seen.push(`handle ${name}`);
      if (name === "a") { for (const text of ["b", "c"]) out.log(text); }
      return [...heard, name];
    }),
    [],
    (effect) => {
      if (effect.effect !== "log") return;
      seen.push(`perform ${effect.text}`);
      actor.tell(ring(effect.text));
    },
  );
  actor.tell(ring("a"));
  assertEquals(seen, ["handle a", "perform b", "perform c", "handle b", "handle c"]);
  assertEquals(actor.state, ["a", "b", "c"]);
});

Deno.test("an actor that threw can be told of the next event", () => {
  const actor = new Actor(
    listening((heard, name) => {
      if (name === "bad") throw new Error("a mistake");
      return [...heard, name];
    }),
    [],
    () => {},
  );
  assertThrows(() => actor.tell(ring("bad")), Error, "a mistake");
  actor.tell(ring("good"));
  assertEquals(actor.state, ["good"]);
});

Deno.test("timers go off in order of time, then of name, each once, replaced or cleared", () => {
  const step = fc.oneof(
    fc.record({ set: fc.constantFrom("a", "b", "c"), at: fc.option(fc.nat(9)) }),
    fc.record({ take: fc.nat(9) }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
    const timers = new Timers();
    let model: { name: string; at: number }[] = [];
    for (const each of steps) {
      if ("set" in each) {
        timers.set(each.set, each.at ?? undefined);
        model = model.filter(({ name }) => name !== each.set);
        if (each.at !== null) model.push({ name: each.set, at: each.at });
      } else {
        model.sort((a, b) => a.at - b.at || a.name.localeCompare(b.name));
        const first = model[0];
        const due = first !== undefined && first.at <= each.take ? model.shift()?.name : undefined;
        assertEquals(timers.take(each.take), due);
      }
      assertEquals(timers.next, Math.min(Infinity, ...model.map(({ at }) => at)));
    }
    timers.clear();
    assertEquals([timers.next, timers.take(99)], [Infinity, undefined]);
  }));
});
