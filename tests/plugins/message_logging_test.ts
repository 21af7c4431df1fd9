/** Sender-based message logging: who is lost comes back alone, and does bit for bit what it had done. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { LabError, WorkerSupply, type World } from "../../core/mod.ts";
import type { Fact } from "../../core/cluster/facts.ts";
import { Auditor } from "../../core/lab/auditor.ts";
import { messageLogging } from "../../plugins/protocols/message_logging.ts";
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

// The actor by hand.

const member = (self: number) => new Bench(messageLogging, self, [0, 1, 2]);
const rsn = (number: number, rsn: number, safe = 0) =>
  ({ kind: "RSN", number, rsn, safe }) as const;
const arriving = (from: number, number: number) => ({ event: "arriving", from, number }) as const;

Deno.test("until what it has received is noted, a process waits; what it sends is kept", () => {
  const second = member(1);
  assertEquals(second.on(arriving(0, 0)), ["hold", "RSN to 0"]);
  assertEquals(second.on(arriving(2, 0)), ["hold", "RSN to 2"]);
  assertEquals(second.sent.map(({ message }) => message), [rsn(0, 1), rsn(0, 2)]);
  assertEquals(second.hears(0, { kind: "ACK", number: 0 }), []);
  assertEquals(second.waitsFor, "ACK from 2");
  assertEquals(second.hears(2, { kind: "ACK", number: 0 }), ["release"]);
  assertEquals(second.on({ event: "sending", to: 2, number: 0 }), ["keep"]);
  assertEquals(second.on(arriving(0, 0)), ["drop"], "it has had that");
});

Deno.test("what is in a durable checkpoint is said to be safe, and the log forgets it", () => {
  const second = member(1);
  const safe = (number: number) => {
    second.on(arriving(0, number));
    second.hears(0, { kind: "ACK", number });
    const { message } = second.sent.at(-1) ?? {};
    return message?.kind === "RSN" ? message.safe : undefined;
  };
  assertEquals(safe(0), 0);
  assertEquals(second.on({ event: "requested" }), ["capture", "timer save 1000000000"]);
  assertEquals(safe(1), 0);
  second.on({ event: "taken" });
  assertEquals(safe(2), 0, "not at t0");
  assertEquals(second.on({ event: "saved" }), ["clear save", "done 1"]);
  assertEquals(safe(3), 2);
  const first = member(0);
  assertEquals(first.hears(1, rsn(3, 4, 2)), ["prune 1 below 2", "ACK to 1"]);
});

Deno.test("who comes back asks everybody, and lets in what it had in the order it had it", () => {
  const back = member(1);
  assertEquals(back.on({ event: "recovering" }), ["ASK to 0", "ASK to 2"]);
  assertEquals(back.on(arriving(0, 0)), ["withhold"], "nobody has said yet when that was");
  assertEquals(back.on(arriving(0, 1)), ["withhold"]);
  const yours = (...receipts: readonly (readonly [number, number])[]) => ({
    kind: "KNOWN" as const,
    mine: [],
    yours: receipts.map(([number, rsn]) => ({ number, rsn })),
  });
  assertEquals(back.hears(0, yours([0, 2])), []);
  assertEquals(back.waitsFor, "KNOWN from 2");
  assertEquals(back.hears(2, yours([0, 1], [1, 3])), []);
  assertEquals(back.waitsFor, "message 0 of process 2, to replay it");
  assertEquals(back.on(arriving(2, 0)), ["admit 0#0"], "the first is there: it is noted already");
  assertEquals(back.on(arriving(0, 0)), []);
  // With the last that others depend on, the rest is like any message.
  assertEquals(back.on(arriving(2, 1)), ["admit 0#1", "recovered"]);
  assertEquals(back.on(arriving(0, 1)), ["hold", "RSN to 0"]);
  assertEquals(back.sent.at(-1)?.message, rsn(1, 4));
});

// In the lab.

const NAMES = named(3);
const STOP = using("stop-the-world");
const ends = (world: World) =>
  NAMES.map((name) => [world.processMetric(name, "output"), world.processMetric(name, "state")]);
const WRONG = ["lost", "orphans", "duplicated"] as const;
const wrong = (world: World) => WRONG.map((name) => world.clusterMetric(name));
const strange = (world: World) => world.auditor.run([]).strange;

const RING = load("ring", { laps: 12, size: 64, turns: 3000 });
const HEAT = load("heat", { rows: 18, columns: 18, steps: 20 });
const FRACTAL = load("fractal", { rows: 30, columns: 24, depth: 60 });

function worldOf(
  workload: typeof RING,
  options: Parameters<typeof job>[1] = {},
  logs = true,
): World {
  const latency = { shape: "uniform", low: 50_000, high: 400_000 };
  return job({
    workload,
    profile: { ram: 2 ** 20 },
    channel: { order: "fifo", latency },
    protocol: logs ? protocol("message-logging") : undefined,
  }, options);
}

/** What a process has read and sent, in the order of its program. */
type Deed = string;

class Watch {
  readonly deeds: Deed[][] = NAMES.map(() => []);
  /** How many deeds there were at t0, by label. */
  readonly cuts = new Map<string, number>();

  readonly onFact = (rank: number, fact: Fact): void => {
    const deeds = this.deeds[rank] as Deed[];
    if (fact.fact === "cut") this.cuts.set(`${fact.label}.p${rank}`, deeds.length);
    if (fact.fact === "delivered") deeds.push(`read ${fact.id.from}#${fact.id.sequence}`);
    if (fact.fact !== "sent" || fact.again === true || fact.body.kind !== "user") return;
    deeds.push(`send ${fact.to}#${fact.body.sequence} ${fact.body.bytes.join()}`);
  };
}

/** A crash of one after the other, each saved now and then; what each had done since its checkpoint. */
async function crashing(world: World, watch: Watch): Promise<number> {
  let crashes = 0, replayed = 0;
  for (let turn = 0; !NAMES.every((name) => world.processMetric(name, "exited")); turn++) {
    await world.advance(world.now + MS);
    const records = world.setup.processes;
    const saved = records[turn % 3];
    const isBusy = (saved?.status?.sessions.length ?? 0) > 0;
    if (saved?.alive && !isBusy && turn % 2 === 0) {
      await world.checkpoint([saved.name], `c${turn}`, STOP);
    }
    const lost = records[(turn * 7 + 1) % 3];
    const isOver = records.every(({ isRecovering }) => !isRecovering);
    if (turn % 4 !== 3 || crashes === 4 || lost?.alive !== true || !isOver) continue;
    crashes++;
    const { name, rank } = lost;
    const done = watch.deeds[rank] as Deed[], again: Deed[] = [];
    await world.crash(victims(name), "unsynced");
    await world.advance(world.now + MS / 3);
    watch.deeds[rank] = again;
    await world.restart([name], undefined, undefined);
    await world.advance(world.now + 1);
    const from = world.trace.events.findLast(({ kind }) => kind === "restart")?.text ?? "";
    const cut = watch.cuts.get(from) ?? 0, since = done.slice(cut);
    const depends = since.slice(0, since.findLastIndex((deed) => deed.startsWith("send")) + 1);
    await until(world, () => again.length >= depends.length, MS / 10);
    assertEquals(again.slice(0, depends.length), depends);
    watch.deeds[rank] = [...done.slice(0, cut), ...again];
    replayed += depends.length;
  }
  assert(crashes >= 2, `${crashes} crashes`);
  return replayed;
}

for (
  const [name, workload, isFixed] of [["ring", RING, true], ["heat", HEAT, true], [
    "fractal",
    FRACTAL,
    false,
  ]] as const
) {
  Deno.test(`${name}: who comes back reads and sends again what it had, byte for byte`, async () => {
    const twin = worldOf(workload);
    await toEnd(twin, ...NAMES);
    const watch = new Watch();
    const world = worldOf(workload, { onFact: watch.onFact });
    const replayed = await crashing(world, watch);
    assert(replayed > 5, `${replayed} deeds`);
    assertEquals([wrong(world), strange(world)], [[0, 0, 0], []]);
    // Of a fractal, who does which row follows from who asks first, which a crash may change.
    if (isFixed) assertEquals(ends(world), ends(twin));
    const others = world.trace.events.filter(({ kind }) => kind === "restart").length;
    assertEquals(
      others,
      NAMES.reduce((sum, one) => sum + Number(world.processMetric(one, "crashes")), 0),
    );
    assertEquals(world.clusterMetric("rolled_back"), 0);
    assert((world.clusterMetric("repeated") as number) > 0);
  });
}

Deno.test("two control messages for each message, none for a checkpoint, and the time they take", async () => {
  const world = worldOf(RING), bare = worldOf(RING, {}, false);
  await world.advance(2 * MS);
  await world.checkpoint(NAMES, "c", STOP);
  await until(world, () => world.checkpointMetric("c", "committed") === true);
  await toEnd(world, ...NAMES);
  await toEnd(bare, ...NAMES);
  assertEquals(ends(world).map(([output]) => output), ends(bare).map(([output]) => output));
  const messages = world.clusterMetric("messages") as number;
  assertEquals(world.clusterMetric("control_messages"), 2 * messages);
  assert(world.now > 2 * bare.now);
});

Deno.test("only who has crashed goes back, to its newest checkpoint, whoever is named", async () => {
  const world = worldOf(RING);
  await world.advance(2 * MS);
  for (const label of ["a", "b"]) {
    await world.checkpoint(["p1"], label, STOP);
    await until(world, () => world.checkpointMetric(label, "committed") === true);
  }
  await assertRejects(
    () => world.restart(["p1"], undefined, undefined),
    LabError,
    "'p1' cannot be restarted: it is running",
  );
  await world.crash(victims("p1"), "nothing");
  await assertRejects(
    () => world.restart(["p1"], "a", undefined),
    LabError,
    "with 'message-logging' a process goes back to its newest checkpoint, for older ones nobody " +
      "keeps the messages; write 'restart p1'",
  );
  await world.restart(NAMES, undefined, undefined);
  const restarts = world.trace.events.filter(({ kind }) => kind === "restart");
  assertEquals(restarts.map(({ process, text }) => [process, text]), [["p1", "b.p1"]]);
  assertEquals(world.clusterMetric("rolled_back"), 0);
  await toEnd(world, ...NAMES);
  assertEquals(wrong(world), [0, 0, 0]);
});

Deno.test("nobody comes back alone without its newest checkpoint", async () => {
  const world = worldOf(RING);
  await world.advance(2 * MS);
  for (const label of ["a", "b"]) {
    await world.checkpoint(["p1"], label, STOP);
    await until(world, () => world.checkpointMetric(label, "committed") === true);
  }
  await world.crash(victims("p1"), "disk");
  for (const from of [undefined, "b"]) {
    await assertRejects(
      () => world.restart(["p1"], from, undefined),
      LabError,
      "'p1' cannot be restarted: its newest checkpoint 'b' is lost, and for an older one nobody " +
        "keeps the messages",
    );
  }
});

Deno.test("two at once are refused, and one before the other is back", async () => {
  const world = worldOf(RING);
  await world.advance(3 * MS);
  await world.crash(victims("p0", "p2"), "nothing");
  const message =
    "'p0' cannot be restarted: 'p2' has crashed, too, and with 'message-logging' the " +
    "messages of one process are in the memory of the others";
  for (const names of [["p0"], NAMES]) {
    await assertRejects(() => world.restart(names, undefined, undefined), LabError, message);
  }
  const early = worldOf(RING);
  await early.advance(3 * MS);
  await early.crash(victims("p0"), "nothing");
  await early.restart(["p0"], undefined, undefined);
  await early.crash(victims("p1"), "nothing");
  await assertRejects(
    () => early.restart(["p1"], undefined, undefined),
    LabError,
    "'p0' is not back to where it was, too",
  );
});

Deno.test("a full disk costs a checkpoint, and stops nobody for good", async () => {
  const world = worldOf(RING);
  await world.advance(2 * MS);
  const places = { nodes: ["n1"], processes: [] };
  world.inject({ name: "disk-full", options: { lasts: 5 * MS, room: 0 } }, places);
  await world.checkpoint(["p1"], "c", STOP);
  await world.advance(5 * MS);
  await world.crash(victims("p1"), "nothing");
  await world.restart(["p1"], undefined, undefined);
  await toEnd(world, ...NAMES);
  const given = worldOf(RING);
  await given.advance(2 * MS);
  given.inject({ name: "disk-full", options: { lasts: 5 * MS, room: 0 } }, places);
  await given.checkpoint(["p1"], "c", STOP);
  await toEnd(given, ...NAMES);
  assertEquals([world, given].flatMap(wrong), [0, 0, 0, 0, 0, 0]);
  assertEquals(given.committed, []);
});

Deno.test("who has ended still gives what it has sent", async () => {
  const letters = ["0:1000:1", "0:1500:1", "2:1200:1", "1:9000:0"];
  const world = job({
    workload: load("puppet", { messages: letters, receives: 0, end: 0 }),
    profile: { ram: 2 ** 20 },
    protocol: protocol("message-logging"),
  });
  await world.advance(6 * MS);
  await until(world, () => world.processMetric("p2", "exited") === true);
  await world.crash(victims("p1"), "nothing");
  await world.restart(["p1"], undefined, undefined);
  await until(world, () => world.setup.record(1).isRecovering === false);
  await toEnd(world, ...NAMES);
  assertEquals(wrong(world), [0, 0, 0]);
  assert((world.clusterMetric("sent_again") as number) >= 3);
});

Deno.test("domains in Workers leave the same trace", async () => {
  const supply = new WorkerSupply(new URL("../../plugins/worker.ts", import.meta.url));
  const hashes: string[] = [];
  for (const workers of [0, 2]) {
    const world = worldOf(HEAT, { workers, supply });
    await world.advance(4 * MS);
    await world.checkpoint(["p1"], "c", STOP);
    await world.advance(7 * MS);
    await world.crash(victims("p1"), "unsynced");
    await world.restart(["p1"], undefined, undefined);
    await until(world, () => world.setup.record(1).isRecovering === false, MS);
    await world.advance(world.now + 2 * MS);
    hashes.push(world.traceHash);
    world.end();
  }
  supply.end();
  assertEquals(hashes[0], hashes[1]);
});

Deno.test("the auditor looks at what is sent again", () => {
  const auditor = new Auditor({ count: 2 }), message = { from: 0, to: 1, sequence: 0 };
  for (const [content, has, told] of [["a", true, 0], ["a", true, 0], ["b", true, 1]] as const) {
    auditor.sent(message, 10, content);
    if (has) auditor.repeated(message);
    auditor.arrived(message, 20);
    auditor.restarted([{ process: 0, label: undefined }], 30);
    assertEquals(auditor.run([]).strange.length, told, content);
  }
  assertEquals(
    auditor.run([]).strange,
    ["message 0->1#0 is sent once more at 10 ns with other contents than process 1 has"],
  );
});
