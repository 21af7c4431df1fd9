/** Processes that move: same rank, same output, and no message lost on the way. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  CHANNEL,
  type Checkpointer,
  LabError,
  readOptions,
  type Strategy,
  type World,
} from "../../../core/mod.ts";
import precopy from "../../../scenarios/examples/plugins/precopy.ts";
import {
  job,
  type JobPlan,
  load,
  MS,
  named,
  protocol,
  toEnd,
  until,
  using,
  victims,
} from "./world_fixture.ts";

const COW = using("concurrent-cow"), STOP = using("stop-the-world");
/** Copies pages before t0, while the process runs. */
const LIVE: Strategy = { name: "iterative", options: { rounds: 4, stop_below: 4 } };
const MORE = { more: precopy.contributes.checkpointers ?? [] };
const ALL = named(3);
const BANK = load("bank", { transfers: 60, gap: 100_000 });

const outputs = (world: World) => ALL.map((name) => world.processMetric(name, "output"));
const on = (world: World, name: string, node: string) => () =>
  world.processMetric(name, "node") === node;

async function undisturbed(plan: JobPlan): Promise<readonly unknown[]> {
  const world = job({ ...plan, protocol: undefined });
  await toEnd(world, ...ALL);
  return outputs(world);
}

function assertClean(world: World): void {
  for (const metric of ["lost", "orphans", "duplicated", "dropped"]) {
    assertEquals(world.clusterMetric(metric), 0, metric);
  }
}

for (const chosen of [undefined, "message-counting", "cls-flush", "uncoordinated"]) {
  const name = chosen ?? "no protocol";
  const plan: JobPlan = {
    workload: BANK,
    protocol: chosen === undefined ? undefined : protocol(chosen),
  };

  Deno.test(`${name}: a process moves at any time, and a line includes it after`, async () => {
    const expected = await undisturbed(plan);
    for (let at = 150_000; at < 4 * MS; at += 710_000) {
      const world = job(plan, MORE);
      await world.advance(at);
      await world.migrate(["p1"], "n2", [COW, STOP, LIVE][at / 10_000 % 3] as Strategy);
      await until(world, on(world, "p1", "n2"));
      assertEquals(world.processMetric("p1", "rank"), 1);
      assert((world.processMetric("p1", "restart_time") as number) > 0);
      await world.advance(world.now + 100_000);
      await world.checkpoint(ALL, "c", COW);
      await until(world, () => world.committed.includes("c"));
      await world.crash(victims(...ALL), "nothing");
      await world.restart(ALL, "c", undefined);
      assertEquals(world.processMetric("p1", "node"), "n2");
      await toEnd(world, ...ALL);
      assertEquals(outputs(world), expected, `${at}`);
      assertClean(world);
    }
  });

  Deno.test(`${name}: what arrives while it is on its way is kept for it`, async () => {
    const expected = await undisturbed(plan);
    const world = job({ ...plan, profile: { disk: 1_000_000 } });
    await world.advance(MS);
    await world.migrate(["p0"], "n1", STOP);
    const received = world.processMetric("p0", "messages_received");
    await world.advance(world.now + 10 * MS);
    assertEquals(world.processMetric("p0", "node"), "n0");
    assertEquals(world.processMetric("p0", "messages_received"), received);
    assert((world.clusterMetric("in_flight") as number) > 0, "messages wait for it");
    await until(world, on(world, "p0", "n1"), MS);
    await toEnd(world, ...ALL);
    assertEquals(outputs(world), expected);
    assertClean(world);
  });
}

Deno.test("with pre-copy a process runs on, and its downtime is the rest alone", async () => {
  const plan: JobPlan = {
    workload: BANK,
    protocol: protocol("message-counting"),
    profile: { disk: 10_000_000 },
  };
  const expected = await undisturbed(plan);
  const moved = async (using: Strategy) => {
    const world = job(plan, MORE);
    await world.advance(MS);
    const before = world.processMetric("p0", "instructions") as number;
    await world.migrate(["p0"], "n1", using);
    await world.advance(world.now + 3 * MS);
    const ran = (world.processMetric("p0", "instructions") as number) - before;
    await until(world, on(world, "p0", "n1"), MS);
    const forwarded = world.processMetric("p0", "forwarded") as number;
    await toEnd(world, ...ALL);
    assertEquals(outputs(world), expected);
    assertClean(world);
    return { ran, forwarded, downtime: world.processMetric("p0", "downtime") as number };
  };
  const still = await moved(STOP), live = await moved(LIVE);
  assertEquals(still.ran, 0);
  assert(live.ran > 0 && live.downtime < still.downtime, JSON.stringify({ still, live }));
  assert(still.forwarded > 0, "nothing came for it while it was on its way");
});

Deno.test("a process that is called off on its way ends where it arrives", async () => {
  for (const strategy of [STOP, LIVE]) {
    const world = job({ workload: BANK, profile: { disk: 10_000_000 } }, MORE);
    await world.advance(MS);
    await world.migrate(["p0"], "n1", strategy);
    await until(world, () => world.cluster.isPresent(0) === false);
    world.cluster.terminate(world.now, 7);
    await toEnd(world, ...ALL);
    assertEquals(ALL.map((name) => world.processMetric(name, "exit")), [7, 7, 7]);
    assertEquals(world.processMetric("p0", "node"), "n1");
  }
});

Deno.test("called off at any moment of its move, it ends wherever it is then, and all is over", async () => {
  for (const strategy of [STOP, LIVE]) {
    for (let at = 0; at < 12 * MS; at += 790_000) {
      const world = job({ workload: BANK, profile: { disk: 10_000_000 } }, MORE);
      await world.advance(MS);
      await world.migrate(["p0"], "n1", strategy);
      await world.advance(MS + at);
      world.cluster.terminate(world.now + 30_000, 7);
      await toEnd(world, ...ALL);
      const exits = new Set(ALL.map((name) => world.processMetric(name, "exit")));
      assert([0, 7].some((code) => exits.has(code)) && exits.size === 1, `${at}: ${[...exits]}`);
      await world.advance(world.now + 20 * MS);
      assertEquals(world.setup.node("n0").store.labels(), [], `${at}: an image stays`);
    }
  }
});

Deno.test("called off on its way and crashed, it comes back to another life", async () => {
  const world = job({ workload: BANK, profile: { disk: 10_000_000 } }, MORE);
  await world.advance(MS);
  await world.checkpoint(["p0"], "c", STOP);
  await until(world, () => world.committed.includes("c"));
  await world.migrate(["p0"], "n1", STOP);
  await until(world, () => !world.cluster.isPresent(0));
  world.cluster.terminate(world.now, 7);
  await world.crash(victims("p0"), "nothing");
  await world.restart(["p0"], "c", undefined);
  await world.advance(world.now + MS);
  assertEquals(world.processMetric("p0", "running"), true);
});

Deno.test("a disk that is lost takes the image of who is on its way along", async () => {
  for (const losing of ["disk", "unsynced"] as const) {
    const world = job({ workload: BANK, nodes: 2, profile: { disk: 10_000_000 } }, MORE);
    await world.advance(MS);
    await world.migrate(["p0"], "n1", STOP);
    await until(world, () => !world.cluster.isPresent(0));
    // It is being written; p2 is on the same node.
    await world.advance(world.now + MS);
    await world.crash(victims("p2"), losing);
    await assertRejects(
      () => until(world, on(world, "p0", "n1"), MS),
      LabError,
      "'p0' could not be migrated",
    );
    assertEquals(world.processMetric("p0", "running"), true);
  }
});

/** For how long a process retires nothing, in ns, until it is elsewhere and runs. */
async function stallOf(using: Strategy): Promise<{ stall: number; downtime: number }> {
  const STEP = 2_000;
  const plan = { workload: load("counter", { ticks: 40, turns: 4000 }), count: 1, nodes: 2 };
  const world = job({ ...plan, profile: { cpus: 2, disk: 50_000_000 } }, MORE);
  await world.advance(MS);
  await world.migrate(["p0"], "n1", using);
  let stall = 0, before = world.processMetric("p0", "instructions");
  for (let moving = true; moving;) {
    await world.advance(world.now + STEP);
    const now = world.processMetric("p0", "instructions");
    moving = !(on(world, "p0", "n1")() && now > before);
    if (now === before) stall += STEP;
    before = now;
  }
  return { stall, downtime: world.processMetric("p0", "downtime") as number };
}

Deno.test("the downtime of a move is the time for which the process stood still", async () => {
  for (const strategy of [STOP, COW, LIVE]) {
    const { stall, downtime } = await stallOf(strategy);
    assert(stall > 100_000, strategy.name);
    assert(Math.abs(stall - downtime) <= 10_000, `${strategy.name}: ${stall} ${downtime}`);
  }
});

Deno.test("a crash before its image was read takes back the downtime that did not come", async () => {
  const world = job({ workload: BANK, profile: { disk: 2_000_000 } }, MORE);
  await world.advance(MS);
  await world.checkpoint(["p0"], "c", STOP);
  await until(world, () => world.committed.includes("c"));
  const before = world.processMetric("p0", "downtime") as number, from = world.now;
  await world.migrate(["p0"], "n1", STOP);
  await until(world, on(world, "p0", "n1"));
  await world.crash(victims("p0"), "nothing");
  assert((world.processMetric("p0", "downtime") as number) - before <= world.now - from);
});

Deno.test("a process that ends before t0 does not move, and a line that waits begins", async () => {
  const plan: JobPlan = { workload: BANK, protocol: protocol("message-counting") };
  const [row] = MORE.more;
  // It has much to say, and says it while the program runs.
  const slow: Checkpointer = {
    ...row as Checkpointer,
    controlMessages: () => 1_000,
    *capture(view, options) {
      for (let n = 0; n < 1_000; n++) yield { step: "message", what: "wait" };
      yield* (row as Checkpointer).capture(view, options);
    },
  };
  const world = job({ ...plan, profile: { message: 1_000_000 } }, { more: [slow] });
  await world.advance(MS);
  await world.migrate(["p0"], "n1", LIVE);
  await world.checkpoint(ALL, "c", COW);
  await toEnd(world, ...ALL);
  assertEquals(world.processMetric("p0", "node"), "n0");
  assertEquals(outputs(world), await undisturbed(plan));
  const isOver = () => ["committed", "aborted"].some((how) => world.checkpointMetric("c", how));
  const { now } = world;
  await until(world, isOver, MS);
  assert(world.now < now + 100 * MS, "it waited for a checkpoint of a process that is gone");
});

Deno.test("all move at once, to and fro", async () => {
  const plan = { workload: BANK, protocol: protocol("message-counting") };
  const world = job(plan);
  for (const [turn, node] of ["n1", "n0", "n2"].entries()) {
    await world.advance(world.now + 900_000);
    const movers = ALL.filter((name) => world.processMetric(name, "node") !== node);
    await world.migrate(movers, node, turn === 1 ? STOP : COW);
    await until(world, () => ALL.every((name) => on(world, name, node)()));
  }
  await toEnd(world, ...ALL);
  assertEquals(outputs(world), await undisturbed(plan));
  assertClean(world);
});

Deno.test("a line asked for while somebody moves begins when it has arrived", async () => {
  const plan = { workload: BANK, protocol: protocol("message-counting") };
  const world = job(plan);
  await world.advance(MS);
  await world.migrate(["p1"], "n0", COW);
  await world.checkpoint(ALL, "c", COW);
  await until(world, () => world.committed.includes("c"));
  const order = world.trace.events.map(({ kind }) => kind);
  assert(order.indexOf("migrated") < order.indexOf("recorded"));
  assertEquals(world.checkpointMetric("c", "consistent"), true);
  await toEnd(world, ...ALL);
  assertEquals(outputs(world), await undisturbed(plan));
});

Deno.test("nobody moves in the middle of a line, and other orders that cannot be", async () => {
  const world = job({ workload: BANK, protocol: protocol("cls-flush") });
  await world.advance(MS);
  await world.checkpoint(ALL, "c", COW);
  const move = (names: readonly string[], node: string) => () => world.migrate(names, node, COW);
  await assertRejects(move(["p1"], "n0"), LabError, "a global checkpoint is under way");
  await until(world, () => world.committed.includes("c"));
  await assertRejects(move(["p1"], "n1"), LabError, "it is on 'n1' already");
  await assertRejects(move(["p1"], "n9"), LabError, "there are: n0, n1, n2");
  await assertRejects(move(["p1", "p1"], "n0"), LabError, "twice");
  await move(["p1"], "n0")();
  await assertRejects(move(["p1"], "n2"), LabError, "is being moved");
  await toEnd(world, ...ALL);
  await assertRejects(move(["p1"], "n2"), LabError, "has ended");
});

Deno.test("a process that crashes on its way is restarted where it was", async () => {
  const plan = { workload: BANK, protocol: protocol("message-counting") };
  for (const late of [1, 40_000, 150_000]) {
    const world = job({ ...plan, profile: { disk: 20_000_000 } });
    await world.advance(MS);
    await world.checkpoint(ALL, "c", COW);
    await until(world, () => world.committed.includes("c"));
    await world.migrate(["p1"], "n0", STOP);
    await world.checkpoint(ALL, "d", COW);
    await world.advance(world.now + late);
    await world.crash(victims("p1"), "nothing");
    await until(world, () => world.checkpointMetric("d", "aborted") === true);
    await world.advance(world.now + 20 * MS);
    assertEquals(world.clusterMetric("in_flight"), 0, "what waited for it is dropped");
    assert((world.clusterMetric("dropped") as number) > 0);
    await world.restart(ALL, undefined, undefined);
    assertEquals(world.processMetric("p1", "node"), "n1");
    await toEnd(world, ...ALL);
    assertEquals(outputs(world), await undisturbed(plan), `${late}`);
  }
});

Deno.test("a process that is paused stands still until it is resumed, also elsewhere", async () => {
  const plan = { workload: BANK };
  const world = job(plan);
  await world.advance(MS);
  world.pause(["p1"]);
  const before = world.processMetric("p1", "instructions");
  await world.advance(3 * MS);
  assertEquals(world.processMetric("p1", "instructions"), before);
  await world.migrate(["p1"], "n0", COW);
  await until(world, on(world, "p1", "n0"));
  await world.advance(world.now + 20 * MS);
  assertEquals(world.processMetric("p1", "instructions"), before, "it is still paused");
  world.resume(["p1"]);
  await toEnd(world, ...ALL);
  assertEquals(outputs(world), await undisturbed(plan));
});

Deno.test("a process that is resumed on its way does not run on behind its image", async () => {
  const plan = { workload: BANK, profile: { disk: 2_000_000 } };
  for (const paused of [true, false]) {
    const world = job(plan);
    await world.advance(MS);
    if (paused) world.pause(["p1"]);
    await world.migrate(["p1"], "n0", COW);
    const before = world.processMetric("p1", "instructions");
    await world.advance(world.now + 100_000);
    world.resume(["p1"]);
    await world.advance(world.now + 2 * MS);
    assertEquals(world.processMetric("p1", "node"), "n1");
    assertEquals(world.processMetric("p1", "instructions"), before);
    await toEnd(world, ...ALL);
    assertEquals(world.processMetric("p1", "node"), "n0");
    assertEquals(outputs(world), await undisturbed(plan));
    assertClean(world);
  }
});

for (const chosen of ["message-counting", "cls-flush"]) {
  const title = `${chosen}: who moves before it hears that all may go on stays held`;
  Deno.test(title, async () => {
    const plan: JobPlan = { workload: load("gossip", { messages: 200 }) };
    const expected = await undisturbed(plan);
    const world = job({ ...plan, protocol: protocol(chosen) });
    const late = readOptions(CHANNEL, { latency: { shape: "constant", value: 15 * MS } }).values;
    world.connect(["manager"], ["p1"], late);
    await world.advance(2 * MS);
    await world.checkpoint(ALL, "a", COW);
    await until(world, () => world.committed.includes("a"));
    await world.advance(world.now + MS);
    await world.migrate(["p1"], "n2", COW);
    await until(world, on(world, "p1", "n2"));
    await world.advance(world.now + 8 * MS);
    assertEquals(world.processMetric("p1", "phase"), "saved", "COMMIT has not come yet");
    const sent = world.processMetric("p1", "messages_sent");
    await world.advance(world.now + MS);
    assertEquals(world.processMetric("p1", "messages_sent"), sent, "it is held");
    await world.checkpoint(ALL, "b", COW);
    await until(world, () =>
      world.checkpointMetric("b", "aborted") === true ||
      world.committed.includes("b"));
    assertEquals(world.checkpointMetric("b", "why"), "");
    await toEnd(world, ...ALL);
    assertEquals(outputs(world), expected);
    assertClean(world);
  });
}

Deno.test("the time for which the protocol held it is not forgotten when it moves", async () => {
  const world = job({
    workload: load("gossip", { messages: 60 }),
    protocol: protocol("cls-flush"),
  });
  await world.advance(2 * MS);
  await world.checkpoint(ALL, "a", COW);
  await until(world, () => world.committed.includes("a"));
  await world.advance(world.now + MS);
  const before = world.processMetric("p1", "blocked_time") as number;
  assert(before > 0);
  await world.migrate(["p1"], "n2", COW);
  await until(world, on(world, "p1", "n2"));
  assert(world.processMetric("p1", "blocked_time") as number >= before);
});

Deno.test("a move that a restart cut short does not end the next one", async () => {
  const plan: JobPlan = { workload: BANK, protocol: protocol("message-counting") };
  const expected = await undisturbed(plan);
  const world = job(plan);
  await world.advance(MS);
  await world.checkpoint(ALL, "a", STOP);
  await until(world, () => world.committed.includes("a"));
  await world.advance(world.now + MS);
  await world.crash(victims("p0"), "nothing");
  await world.migrate(["p1"], "n2", STOP);
  await world.restart(ALL, "a", undefined);
  await world.migrate(["p1"], "n2", STOP);
  await until(world, on(world, "p1", "n2"));
  await toEnd(world, ...ALL);
  assertEquals(outputs(world), expected);
});
