/** The protocol of Koo and Toueg: its actor by hand, and in the lab, where crashes hit each process. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { type Protocol, StrategyError, type World } from "../../core/mod.ts";
import { kooToueg } from "../../plugins/protocols/koo_toueg.ts";
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
import { fallProblems, newestPermanent } from "../laws/cluster_claims.ts";
import { kooVotesTwice } from "../mutants/protocols/koo_mutants.ts";
import { Bench } from "./protocol_bench.ts";

const ALL = [0, 1, 2, 3];
const member = (self: number) => new Bench(kooToueg, self, ALL);
type Member = ReturnType<typeof member>;
const TIMER = "timer run 1000000000";
const HELD = (self: number) => ALL.filter((who) => who !== self).map((who) => `hold to ${who}`);
const FREE = (self: number) => ALL.filter((who) => who !== self).map((who) => `release to ${who}`);

const sends = (from: Member, to: number, number: number) =>
  assertEquals(from.on({ event: "sending", to, number }), ["keep"]);
const comes = (to: Member, from: number, number: number) =>
  assertEquals(to.on({ event: "arriving", from, number }), []);
const id = (initiator: number, number = 1) => ({ initiator, number });
const req = (of: { initiator: number; number: number }, last: number, safe = 0) =>
  ({ kind: "REQ", ...of, last, safe }) as const;

Deno.test("who begins asks those whose messages are in no permanent checkpoint of its own", () => {
  const first = member(0);
  comes(first, 1, 0);
  comes(first, 1, 1);
  assertEquals(first.on({ event: "requested" }), ["capture", TIMER]);
  comes(first, 3, 0);
  assertEquals(first.on({ event: "taken" }), [...HELD(0), "REQ to 1", "REQ to 3"]);
  assertEquals(first.sent.at(-2)?.message, req(id(0), 1));
  assertEquals(first.waitsFor, "its own capture");
  comes(first, 2, 0);
  assertEquals(first.on({ event: "saved" }), []);
  assertEquals(first.waitsFor, "YES from processes 1, 3");
  assertEquals(first.hears(3, { kind: "YES", ...id(0), members: [] }), []);
  assertEquals(first.hears(1, { kind: "YES", ...id(0), members: [1, 2] }), [
    "COMMIT to 1",
    "COMMIT to 2",
    "clear run",
    "done 0 1 2",
    ...FREE(0),
  ]);
  // What came since t0 is asked for the next time, and that only; it says what is safe by now.
  first.on({ event: "requested" });
  assertEquals(first.on({ event: "taken" }), [...HELD(0), "REQ to 2"]);
  first.on({ event: "saved" });
  first.hears(2, { kind: "YES", ...id(0, 2), members: [2] });
  comes(first, 1, 2);
  first.on({ event: "requested" });
  first.on({ event: "taken" });
  assertEquals(first.sent.at(-1)?.message, req(id(0, 3), 2, 2));
});

Deno.test("who is asked takes part if it has sent that since it was saved last, and votes last", () => {
  const second = member(1);
  assertEquals(second.hears(0, req(id(0), -1)), ["prune 0 below 0", "YES to 0"]);
  sends(second, 0, 0);
  comes(second, 2, 0);
  assertEquals(second.hears(0, req(id(0), 0)), ["prune 0 below 0", "capture"]);
  assertEquals(second.on({ event: "taken" }), [...HELD(1), "REQ to 2"]);
  assertEquals(second.hears(2, { kind: "YES", ...id(0), members: [2] }), []);
  assertEquals(second.on({ event: "saved" }), ["YES to 0"]);
  assertEquals(second.sent.at(-1)?.message, { kind: "YES", ...id(0), members: [1, 2] });
  assertEquals(second.waitsFor, "COMMIT or UNDO from process 0");
  assertEquals(second.hears(2, req(id(0), 0)), ["prune 2 below 0", "YES to 2"], "it is in it");
  assertEquals(second.hears(0, { kind: "COMMIT", ...id(0) }), FREE(1));
  assertEquals(second.hears(0, req(id(0, 2), 0, 3)), ["prune 0 below 3", "YES to 0"]);
});

Deno.test("runs share one checkpoint: it is free when both are decided, and stays if one is committed", () => {
  const ends = (first: "COMMIT" | "UNDO", second: "COMMIT" | "UNDO") => {
    const shared = member(1);
    sends(shared, 0, 0);
    sends(shared, 2, 0);
    comes(shared, 3, 0);
    shared.hears(0, req(id(0), 0));
    shared.on({ event: "taken" });
    assertEquals(shared.hears(2, req(id(2), 0)), ["prune 2 below 0", "REQ to 3"]);
    shared.on({ event: "saved" });
    for (const each of [id(0), id(2)]) shared.hears(3, { kind: "YES", ...each, members: [3] });
    return [
      shared.hears(0, { kind: first, ...id(0) }),
      shared.hears(2, { kind: second, ...id(2) }),
    ];
  };
  const undo = ["UNDO to 3"];
  assertEquals(ends("COMMIT", "COMMIT"), [[], FREE(1)]);
  assertEquals(ends("COMMIT", "UNDO"), [[], [...undo, ...FREE(1)]]);
  assertEquals(ends("UNDO", "COMMIT"), [undo, FREE(1)]);
  assertEquals(ends("UNDO", "UNDO"), [undo, [...undo, "discard", ...FREE(1)]]);
});

Deno.test("one no gives up the run, and what was asked for is asked for again the next time", () => {
  const first = member(0);
  comes(first, 1, 0);
  first.on({ event: "requested" });
  first.on({ event: "requested" });
  first.on({ event: "taken" });
  first.on({ event: "saved" });
  assertEquals(first.hears(1, { kind: "NO", ...id(0), why: "process 1: its disk is full" }), [
    "UNDO to 1",
    "clear run",
    "abort: process 1: its disk is full",
    "discard",
    ...FREE(0),
    "capture",
    TIMER,
  ]);
  assertEquals(first.on({ event: "taken" }), [...HELD(0), "REQ to 1"]);
  assertEquals(first.hears(2, { kind: "YES", ...id(0), members: [2, 3] }), [
    "UNDO to 2",
    "UNDO to 3",
  ], "too late");
});

Deno.test("who ends is saved before, once, if others may depend on it; and says what of it is", () => {
  const second = member(1);
  assertEquals(second.on({ event: "exiting", killed: false }), ["leave"], "nobody has heard of it");
  const talker = member(1);
  sends(talker, 0, 0);
  assertEquals(talker.on({ event: "exiting", killed: false }), ["capture", TIMER]);
  assertEquals(talker.on({ event: "failed", why: "its disk is full" }), [
    "discard",
    "clear run",
    "log: process 1: its disk is full",
    ...FREE(1),
    "GONE to 0",
    "leave",
  ]);
  assertEquals(talker.on({ event: "requested" }), ["abort: process 1 has ended"]);
  const first = member(0);
  comes(first, 1, 0);
  first.on({ event: "requested" });
  first.on({ event: "taken" });
  first.on({ event: "saved" });
  const gone = { kind: "GONE", covered: 0, killed: false } as const;
  assertMatch(first.hears(1, gone).join("; "), /abort: process 1 has ended and was not saved/);
});

Deno.test("whoever is killed takes no run with it that could do without", () => {
  const second = member(1);
  sends(second, 0, 0);
  comes(second, 2, 0);
  second.hears(0, req(id(0), 0));
  second.on({ event: "taken" });
  assertEquals(second.on({ event: "exiting", killed: true }).slice(0, 3), [
    "NO to 0",
    "UNDO to 2",
    "discard",
  ]);
  const voted = member(1);
  sends(voted, 0, 0);
  voted.hears(0, req(id(0), 0));
  voted.on({ event: "taken" });
  voted.on({ event: "saved" });
  const left = ["GONE to 0", "GONE to 2", "GONE to 3", "leave"];
  assertEquals(voted.on({ event: "exiting", killed: true }), left);
});

// In the lab.

const NAMES = named(3);
const outputs = (world: World) => NAMES.map((name) => world.processMetric(name, "output"));

function worldOf(name: string | undefined, others: readonly Protocol[] = [], messages = 24): World {
  const latency = { shape: "uniform", low: 20_000, high: 400_000 };
  return job({
    workload: load("gossip", { messages, size: 64, gap: 150_000, seed: 3 }),
    profile: { ram: 2 ** 20 },
    channel: { order: "any", latency },
    protocol: name === undefined ? undefined : protocol(name, {}, others),
  }, { seed: 5, others });
}

/** `second` is asked when a first line is there and has been followed by 1 ms. */
async function atSecond(world: World, second: readonly string[]): Promise<void> {
  await world.advance(MS / 2);
  await world.checkpoint(["p0"], "c1", using("stop-the-world"));
  await until(world, () => world.committed.includes("c1"));
  await world.advance(world.now + MS);
  await world.checkpoint(second, "c2", using("concurrent-cow"));
}

Deno.test("who has ended says to those who vote that its run came to nothing", () => {
  const ended = member(0);
  comes(ended, 1, 0);
  ended.on({ event: "requested" });
  ended.on({ event: "taken" });
  ended.on({ event: "crashed", who: 3 });
  ended.on({ event: "exiting", killed: false });
  assertEquals(ended.hears(1, { kind: "YES", ...id(0), members: [1, 2] }), [
    "UNDO to 1",
    "UNDO to 2",
  ]);
  assertEquals(ended.hears(1, { kind: "NO", ...id(0), why: "a full disk" }), ["UNDO to 1"]);
  assertEquals(ended.hears(1, { kind: "COMMIT", ...id(1) }), []);
});

Deno.test("who has not gone back with one that was lost refuses it, and says why", () => {
  const stayed = member(0);
  sends(stayed, 1, 0);
  stayed.on({ event: "crashed", who: 1 });
  assertEquals(stayed.hears(1, req(id(1), 0)), ["prune 1 below 0", "NO to 1"]);
  const { message } = stayed.sent.at(-1) ?? {};
  assert(message?.kind === "NO");
  assertEquals(message.why, "process 0 has not gone back with process 1: restart all");
});

Deno.test("a crash of anyone at six moments is invisible, and all go back to what is permanent", async () => {
  const twin = worldOf(undefined);
  await toEnd(twin, ...NAMES);
  const seen = new Set<string>();
  const crashes = Array.from(
    { length: 6 },
    (_, moment) => NAMES.map((victim, rank) => ({ moment, victim, rank })),
  ).flat();
  for (const second of [["p1"], ["p0", "p2"]]) {
    for (const { moment, victim, rank } of crashes) {
      const what = `${victim} at moment ${moment} of ${second.join()}`;
      const world = worldOf("koo-toueg");
      await atSecond(world, second);
      await world.advance(world.now + moment * 0.28 * MS);
      const isUnsynced = (moment + rank) % 2 === 0;
      await world.crash(victims(victim), isUnsynced ? "unsynced" : "nothing");
      const places = newestPermanent(world);
      for (const [, image] of places) seen.add(image.slice(0, 2));
      await world.advance(world.now + MS / 2);
      await world.restart(NAMES, undefined, undefined);
      assertEquals(fallProblems(world, places), [], what);
      assert([...places.values()].every((image) => image !== "the beginning"), "c1 is there");
      await toEnd(world, ...NAMES);
      assertEquals(outputs(world), outputs(twin), what);
      const counts = ["lost", "orphans", "duplicated"].map((one) => world.clusterMetric(one));
      assertEquals(counts, [0, 0, 0]);
      world.end();
    }
  }
  assert(seen.has("c1") && seen.has("c2"), "before the line and behind it");
});

Deno.test("the lab holds lines to what their dependencies cost, also side by side", async () => {
  for (const second of [["p1"], NAMES]) {
    const world = worldOf("koo-toueg", [], 60);
    await atSecond(world, second);
    await until(world, () => world.coordination?.isBusy === false);
    assert(world.committed.includes("c2"));
    world.end();
  }
  const wrong = { ...kooVotesTwice as unknown as Protocol };
  const world = worldOf(wrong.name, [wrong], 60);
  await assertRejects(
    async () => {
      await atSecond(world, ["p1"]);
      await until(world, () => world.committed.includes("c2"));
      await world.advance(world.now + MS);
    },
    StrategyError,
    "messages YES for its lines, but sent",
  );
});

Deno.test("what is tentative is no checkpoint yet, and what came to nothing says why", async () => {
  const world = worldOf("koo-toueg", [], 60);
  await atSecond(world, ["p1"]);
  await until(
    world,
    () => world.trace.events.some(({ kind, text }) => kind === "log" && /^c2/.test(text)),
    20_000,
  );
  assert(!world.committed.includes("c2"), "its image is durable, its line is not");
  assertEquals(world.coordination?.isBusy, true);
  await world.crash(victims("p2"), "nothing");
  await world.advance(world.now + MS);
  assert(!world.committed.includes("c2"));
  assertEquals(world.checkpointMetric("c2", "aborted"), true);
  assertEquals(
    world.checkpointMetric("c2", "why"),
    "process 2 was lost: restart from the last checkpoint",
  );
  // Whoever has received from it cannot be saved either, and the others go on.
  await world.checkpoint(["p1"], "c3", using("stop-the-world"));
  await until(world, () => world.checkpointMetric("c3", "aborted") === true);
  assertEquals(world.processMetric("p1", "running"), true);
  world.end();
});

Deno.test("who ends before anybody has asked is saved all the same", async () => {
  const world = worldOf("koo-toueg", [], 6);
  await toEnd(world, ...NAMES);
  assert((world.clusterMetric("forced_checkpoints") as number) > 0);
  assertEquals(world.committed.filter((label) => !label.startsWith("forced")), []);
});
