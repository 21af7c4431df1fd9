/** Moves by hand: what each actor does about each message. */
import { assertEquals } from "@std/assert";
import { charm } from "../../plugins/protocols/charm.ts";
import { cocheck } from "../../plugins/protocols/cocheck.ts";
import { mpvm } from "../../plugins/protocols/mpvm.ts";
import { Bench } from "./protocol_bench.ts";

const THREE = [0, 1, 2];
const MOVE = { kind: "MOVE", number: 1, who: 1, members: THREE } as const;

Deno.test("cocheck: it stops, is flushed both ways, departs, tells everybody and goes on", () => {
  const mover = new Bench(cocheck, 1, THREE);
  assertEquals(mover.hears(0, { kind: "READY", number: 1 }), []);
  assertEquals(mover.hears("manager", MOVE), ["hold", "READY to 0", "READY to 2"]);
  assertEquals(mover.waitsFor, "READY from process 2");
  assertEquals(mover.hears(2, { kind: "READY", number: 1 }), ["depart"]);
  assertEquals(mover.waitsFor, "its own move");
  assertEquals(mover.on({ event: "moved", place: 1 }), [
    "TID to 0",
    "TID to 2",
    "MOVED to manager",
    "release",
  ]);
  assertEquals([mover.waitsFor, mover.on({ event: "moved", place: 1 })], [undefined, []]);
});

Deno.test("mpvm: the others acknowledge, do not send to it alone, and send to its new place", () => {
  const other = new Bench(mpvm, 0, THREE);
  assertEquals(other.hears(1, { kind: "STOP", number: 1 }), ["hold to 1", "READY to 1"]);
  assertEquals(other.hears(2, { kind: "STOP", number: 2 }), ["hold to 2", "READY to 2"]);
  assertEquals(other.waitsFor, "the task id of process 1");
  const tid = { kind: "TID", number: 1, who: 1, place: 1 } as const;
  assertEquals(other.hears(1, tid), ["map 1 to 1", "release to 1"]);
  // It could not be saved: its place is the one it had.
  assertEquals(other.hears(2, { ...tid, number: 2, who: 2, place: 0 }), ["release to 2"]);
  assertEquals(other.hears("manager", { kind: "OVER", number: 3, who: 1 }), []);
  assertEquals(other.hears(1, { kind: "STOP", number: 3 }), [], "that move is over already");
});

Deno.test("mpvm: a process stays when another is lost before it has departed, not after", () => {
  const mover = new Bench(mpvm, 1, THREE);
  assertEquals(mover.hears("manager", MOVE), ["STOP to 0", "STOP to 2"]);
  const over = { kind: "OVER", number: 1, who: 1 } as const;
  assertEquals(mover.hears("manager", over), ["TID to 0", "TID to 2", "MOVED to manager"]);
  mover.hears("manager", { ...MOVE, number: 2 });
  for (const from of [0, 2]) mover.hears(from, { kind: "READY", number: 2 });
  assertEquals(mover.hears("manager", { ...over, number: 2 }), []);
});

Deno.test("charm: one after the other, none in a round, and who begins is told where they are", () => {
  const manager = new Bench(charm, "manager", THREE);
  const told = ["MOVE to 0", "MOVE to 1", "MOVE to 2"];
  assertEquals(manager.on({ event: "moving", who: 1 }), told);
  assertEquals(manager.on({ event: "moving", who: 2 }), []);
  assertEquals(manager.waitsFor, "MOVED from process 1");
  assertEquals(manager.on({ event: "joining", who: 3 }), []);
  const moved = { kind: "MOVED", number: 1, place: 1, gaveUp: false } as const;
  assertEquals(manager.hears(0, moved), [], "it does not move");
  assertEquals(manager.hears(1, moved), [
    "TID to 0",
    "TID to 2",
    "settled 1 of 0 1 2",
    "MAP to 3",
    "WELCOME to 3",
    ...told,
    "MOVE to 3",
  ]);
  assertEquals(manager.on({ event: "joining", who: 4 }), [], "it hears of all when it is let in");
  assertEquals(manager.on({ event: "restarted", recorded: false }), []);
  const lost = "process 2 was lost: restart from the last checkpoint";
  assertEquals(manager.on({ event: "crashed", who: 2 }), [
    "OVER to 0",
    "OVER to 1",
    "OVER to 3",
    "OVER to 4",
    `refused 2: ${lost}`,
    "MAP to 4",
    "WELCOME to 4",
  ]);
  assertEquals(manager.on({ event: "moving", who: 0 }), [`refused 0: ${lost}`]);
  assertEquals(manager.on({ event: "moving", who: 2 }), ["refused 2: process 2 is gone"]);
});

Deno.test("a move costs 4 N - 2 or 3 N - 1 messages, of so many bytes", () => {
  for (const n of [2, 3, 8, 64]) {
    const of = (row: Pick<typeof charm, "moves">) =>
      Object.values(row.moves?.({ n, options: {} }) ?? {}).reduce((sum, each) => sum + each, 0);
    assertEquals([cocheck, mpvm, charm].map(of), [4 * n - 2, 3 * n - 1, 3 * n - 1]);
  }
  assertEquals(charm.size(MOVE), 24);
  assertEquals(charm.size({ kind: "TID", number: 1, who: 1, place: 1 }), 12);
  assertEquals(charm.size({ kind: "MAP", mappings: [{ who: 1, place: 1 }] }), 12);
  assertEquals(charm.size({ kind: "CLS", round: 1 }), 4);
});
