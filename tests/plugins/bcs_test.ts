/** The index-based protocol: its actor by hand, and in the lab with crash after crash. */
import { assert, assertEquals } from "@std/assert";
import { WorkerSupply, type World } from "../../core/mod.ts";
import { bcs } from "../../plugins/protocols/bcs.ts";
import {
  job,
  load,
  MS,
  named,
  protocol,
  toEnd,
  until,
  using,
  victims,
} from "../core/lab/world_fixture.ts";
import { Bench } from "./protocol_bench.ts";

const member = (self: number) => new Bench(bcs, self, [0, 1, 2]);
const TIMER = "timer save 1000000000";

Deno.test("who has a lower index saves itself before it reads the message", () => {
  const second = member(1);
  const later = { event: "arriving", from: 0, number: 0, piggyback: { index: 4 } } as const;
  assertEquals(second.on(later), ["withhold", "capture", TIMER]);
  assertEquals(second.waitsFor, "t0 of its own capture");
  assertEquals(second.on({ ...later, number: 1, piggyback: { index: 6 } }), ["withhold"]);
  assertEquals(second.on({ event: "sending", to: 2, number: 0 }), [
    'piggyback {"index":0}',
    "keep",
  ]);
  assertEquals(second.on({ event: "taken" }), ["admit"]);
  // The highest of those that waited.
  assertEquals(second.on({ event: "sending", to: 2, number: 1 }), [
    'piggyback {"index":6}',
    "keep",
  ]);
  assertEquals(second.on({ ...later, number: 1, piggyback: { index: 6 } }), []);
  assertEquals(second.on({ event: "saved" }), ["clear save"], "nobody has asked for it");
});

Deno.test("what came to nothing is waited for only if a message waits for it", () => {
  const failed = { event: "failed", why: "its disk is full" } as const;
  const ahead = { event: "arriving", from: 1, number: 0, piggyback: { index: 3 } } as const;
  const asked = member(0);
  asked.on({ event: "requested" });
  assertEquals(asked.on(failed), ["abort: process 0: its disk is full", "clear save", "discard"]);
  const before = member(0);
  before.on(ahead);
  assertEquals(before.on(failed), [], "the timer begins another");
  const behind = member(0);
  behind.on(ahead);
  behind.on({ event: "taken" });
  assertEquals(behind.on(failed), ["clear save", "discard"], "the message has been let in");
});

Deno.test("who is being saved serves one after the other, a request first", () => {
  const second = member(1);
  assertEquals(second.on({ event: "requested" }), ["capture", TIMER]);
  second.on({ event: "taken" });
  const later = { event: "arriving", from: 0, number: 0, piggyback: { index: 2 } } as const;
  assertEquals(second.on(later), ["withhold"], "one is under way, and behind its t0");
  assertEquals(second.waitsFor, "its own capture, to save itself once more");
  assertEquals(second.on({ event: "requested" }), []);
  assertEquals(second.on({ event: "exiting", killed: false }), []);
  assertEquals(second.on({ event: "saved" }), ["clear save", "done 1", "capture", TIMER]);
  assertEquals(second.on({ event: "taken" }), ["admit"], "the index it has now is enough");
  assertEquals(second.on(later), []);
  assertEquals(second.on({ event: "saved" }), ["clear save", "done 1", "leave"]);
});

Deno.test("a message says what has come, when that has changed, and a log forgets it", () => {
  const first = member(0);
  const tag = (to: number) => first.on({ event: "sending", to, number: 0 })[0];
  const come = (from: number, number: number, came?: number) =>
    first.on({ event: "arriving", from, number, piggyback: { index: 0, ...came && { came } } });
  assertEquals(tag(1), 'piggyback {"index":0}');
  assertEquals(come(1, 1), [], "behind a gap");
  assertEquals(tag(1), 'piggyback {"index":0}');
  assertEquals(come(1, 0, 3), ["prune 1 below 3"]);
  assertEquals(tag(1), 'piggyback {"index":0,"came":2}');
  assertEquals([tag(1), tag(2)], ['piggyback {"index":0}', 'piggyback {"index":0}']);
  assertEquals([bcs.piggybackSize?.({ index: 1 }), bcs.piggybackSize?.({ index: 1, came: 2 })], [
    4,
    8,
  ]);
});

Deno.test("a checkpoint that comes to nothing is begun anew, and its lines are left out", () => {
  const first = member(0);
  first.on({ event: "requested" });
  first.on({ event: "taken" });
  const failed = first.on({ event: "timer", name: "save" });
  assertEquals(failed, ["discard", "abort: process 0 could not be saved in time"]);
  first.on({ event: "requested" });
  first.on({ event: "taken" });
  assertEquals(first.on({ event: "saved" }), ["clear save", "done 0"]);
});

// In the lab.

const NAMES = named(3);
const outputs = (world: World) => NAMES.map((name) => world.processMetric(name, "output"));
const runs = (world: World, name: string) => world.processMetric(name, "running") === true;

interface Trial {
  readonly workload: "bank" | "gossip";
  readonly seed: number;
}

/** Messages that overtake each other; bank is left alone by its protocol where it has none. */
function worldOf({ workload, seed }: Trial, name: string | undefined, more = {}): World {
  const plan = workload === "bank"
    ? load("bank", { transfers: 50, accounts: 4, gap: 200_000, seed })
    : load("gossip", { messages: 50, size: 64, gap: 200_000, seed });
  const latency = { shape: "uniform", low: 50_000, high: 1_500_000 };
  const given = { workload: plan, profile: { ram: 2 ** 20 }, channel: { order: "any", latency } };
  return job({ ...given, protocol: name === undefined ? undefined : protocol(name) }, {
    seed,
    ...more,
  });
}

/** One after the other is saved, and three times one crashes, and loses what is not synced. */
async function crashing(world: World): Promise<readonly string[]> {
  const places: string[] = [];
  let crashes = 0;
  for (let turn = 0; !NAMES.every((name) => world.processMetric(name, "exited")); turn++) {
    await world.advance(world.now + MS);
    const name = NAMES[turn % 3] as string;
    const strategy = turn % 2 === 0 ? "stop-the-world" : "concurrent-cow";
    if (runs(world, name)) await world.checkpoint([name], `c${turn}`, using(strategy));
    if (turn % 5 !== 4 || crashes === 3 || !runs(world, "p1")) continue;
    crashes++;
    await world.crash(victims("p1"), "unsynced");
    await world.advance(world.now + MS / 2);
    await world.restart(NAMES, undefined, undefined);
    const back = world.trace.events.filter(({ kind }) => kind === "restart").slice(-3);
    places.push(...back.map(({ text }) => text));
  }
  return places;
}

Deno.test("crash after crash is invisible, and nobody falls to the beginning", async () => {
  for (const trial of [{ workload: "bank", seed: 1 }, { workload: "gossip", seed: 2 }] as const) {
    const twin = worldOf(trial, undefined);
    await toEnd(twin, ...NAMES);
    const world = worldOf(trial, "bcs");
    const places = await crashing(world);
    assertEquals(outputs(world), outputs(twin));
    const counts = ["lost", "orphans", "duplicated", "control_messages"];
    assertEquals(counts.map((name) => world.clusterMetric(name)), [0, 0, 0, 0]);
    assertEquals(places.length, 9);
    assert(!places.includes("the beginning"), places.join());
    assert((world.clusterMetric("sent_again") as number) > 10);
    assert((world.clusterMetric("forced_checkpoints") as number) > 5);
  }
});

Deno.test("domains in Workers leave the same trace", async () => {
  const supply = new WorkerSupply(new URL("../../plugins/worker.ts", import.meta.url));
  const hashes: string[] = [];
  for (const workers of [0, 2]) {
    const world = worldOf({ workload: "gossip", seed: 3 }, "bcs", { workers, supply });
    await world.advance(2 * MS);
    await world.checkpoint(["p0"], "c", using("stop-the-world"));
    await until(world, () => world.clusterMetric("forced_checkpoints") === 2, MS);
    await world.crash(victims("p1"), "unsynced");
    await world.restart(NAMES, undefined, undefined);
    assert((world.clusterMetric("sent_again") as number) > 0);
    await world.advance(world.now + 3 * MS);
    hashes.push(world.traceHash);
    world.end();
  }
  supply.end();
  assertEquals(hashes[0], hashes[1]);
});

Deno.test("a full disk delays messages, and stops nobody for good", async () => {
  const trial = { workload: "gossip", seed: 4 } as const;
  const world = worldOf(trial, "bcs");
  await world.advance(3 * MS);
  world.inject({ name: "disk-full", options: { lasts: 5 * MS, room: 0 } }, {
    nodes: ["n1"],
    processes: [],
  });
  await world.checkpoint(["p0"], "c", using("stop-the-world"));
  await until(world, () => world.processMetric("p1", "exited") === true, MS);
  const abandoned = world.trace.events.filter(({ kind }) => kind === "abandoned");
  assert(abandoned.length > 0);
  const twin = worldOf(trial, undefined);
  await toEnd(twin, ...NAMES);
  await toEnd(world, ...NAMES);
  assertEquals(outputs(world), outputs(twin));
});
