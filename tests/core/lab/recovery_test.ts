/** Crashes of processes, nodes and the manager under a protocol, and the way back. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { LabError, type World } from "../../../core/mod.ts";
import { protocols } from "../../../plugins/mod.ts";
import {
  addNode,
  job,
  type JobPlan,
  load,
  MS,
  named,
  newWorld,
  protocol,
  toEnd,
  until,
  using,
  victims,
} from "./world_fixture.ts";

const COW = using("concurrent-cow"), STOP = using("stop-the-world");
const LINES = protocols.filter(({ recovery }) => recovery === "line").map(({ name }) => name);
const ALL = named(3);
const BANK = load("bank", { transfers: 60, gap: 100_000 });
const MANAGER = { processes: [], nodes: [], manager: true };

const ask = (world: World, metric: string, label = "c") => world.checkpointMetric(label, metric);
const isOver = (world: World, label = "c") => () =>
  ask(world, "committed", label) === true || ask(world, "aborted", label) === true;
const outputs = (world: World) => ALL.map((name) => world.processMetric(name, "output"));

async function undisturbed(plan: JobPlan): Promise<readonly unknown[]> {
  const world = job({ ...plan, protocol: undefined });
  await toEnd(world, ...ALL);
  return outputs(world);
}

/** Nothing was lost, doubled or made up. */
function assertClean(world: World, what: string): void {
  for (const metric of ["lost", "orphans", "duplicated"]) {
    assertEquals(world.clusterMetric(metric), 0, `${what}: ${metric}`);
  }
}

/** A world with the line "a", a while after it. */
async function withLine(plan: JobPlan): Promise<World> {
  const world = job(plan);
  await world.advance(MS);
  await world.checkpoint(ALL, "a", COW);
  await until(world, isOver(world, "a"));
  assertEquals(world.committed, ["a"]);
  return world;
}

for (const chosen of LINES) {
  const plan = { workload: BANK, nodes: 2, protocol: protocol(chosen) };

  Deno.test(`${chosen}: the manager crashes at any time of a line, and comes back`, async () => {
    const expected = await undisturbed(plan);
    const seen = { committed: 0, aborted: 0 };
    for (let late = 1_000; late < 1_300_000; late += 101_000) {
      const world = await withLine(plan);
      await world.checkpoint(ALL, "c", COW);
      await world.advance(world.now + late);
      await world.crash(MANAGER, "nothing");
      await world.advance(world.now + 400_000);
      const before = ask(world, "committed");
      await world.restart(["manager"], undefined, undefined);
      await until(world, isOver(world));
      seen[ask(world, "committed") === true ? "committed" : "aborted"]++;
      assert(before !== true || ask(world, "committed") === true, "what is durable stays");
      await world.checkpoint(ALL, "d", COW);
      await until(world, isOver(world, "d"));
      assertEquals(ask(world, "committed", "d"), true, `${late}: ${ask(world, "why", "d")}`);
      await toEnd(world, ...ALL);
      assertEquals(outputs(world), expected, `${late}`);
      assertClean(world, `${late}`);
    }
    assert(seen.committed > 0, JSON.stringify(seen));
  });

  Deno.test(`${chosen}: the manager crashes, and all go back with it`, async () => {
    const expected = await undisturbed(plan);
    for (const late of [30_000, 200_000, 500_000, 800_000]) {
      const world = await withLine(plan);
      await world.checkpoint(ALL, "c", COW);
      await world.advance(world.now + late);
      await world.crash({ ...MANAGER, processes: ["p1"] }, "nothing");
      const newest = world.committed.at(-1) as string;
      await world.restart([...ALL, "manager"], undefined, undefined);
      const back = world.trace.events.filter(({ kind }) => kind === "restart").slice(-3);
      assertEquals(back.map(({ text }) => text), ALL.map((name) => `${newest}.${name}`));
      await world.checkpoint(ALL, "d", STOP);
      await until(world, isOver(world, "d"));
      assertEquals(ask(world, "committed", "d"), true, `${ask(world, "why", "d")}`);
      await toEnd(world, ...ALL);
      assertEquals(outputs(world), expected, `${late}`);
      assertClean(world, `${late}`);
    }
  });

  Deno.test(`${chosen}: a node crashes with all on it; some cannot go back alone`, async () => {
    const expected = await undisturbed(plan);
    const world = await withLine(plan);
    await world.advance(world.now + 300_000);
    await world.crash({ processes: [], nodes: ["n0"], manager: false }, "unsynced");
    const running = ALL.map((name) => world.processMetric(name, "running"));
    assertEquals(running, [false, true, false]);
    await assertRejects(
      () => world.restart(["p0", "p2"], undefined, undefined),
      LabError,
      "'p1' is running and not among those named; write 'restart all'",
    );
    await world.restart(ALL, undefined, "n1");
    assertEquals(world.clusterMetric("rolled_back"), 1);
    assertEquals(ALL.map((name) => world.processMetric(name, "node")), ["n1", "n1", "n1"]);
    await toEnd(world, ...ALL);
    assertEquals(outputs(world), expected);
    assertClean(world, "on n1");
  });

  Deno.test(`${chosen}: nobody goes back without who has ended since the line`, async () => {
    const letters = ["0:1000:1", "1:9000:0"];
    const workload = load("puppet", { messages: letters, receives: 1 });
    const world = job({ workload, count: 2, protocol: protocol(chosen) });
    await world.advance(3 * MS);
    await world.checkpoint(["p0", "p1"], "a", STOP);
    await toEnd(world, "p1");
    await world.crash(victims("p0"), "nothing");
    await assertRejects(
      () => world.restart(["p0"], "a", undefined),
      LabError,
      "'p1' has ended since and is not among those named; write 'restart all'",
    );
    await world.restart(["p0", "p1"], undefined, undefined);
    await toEnd(world, "p0", "p1");
    assertClean(world, "both went back");
  });

  Deno.test(`${chosen}: a disk that is lost takes the line with it`, async () => {
    const world = await withLine(plan);
    await world.crash({ processes: [], nodes: ["n1"], manager: false }, "disk");
    assertEquals([world.committed, ask(world, "committed", "a")], [[], false]);
    await assertRejects(() => world.restart(ALL, undefined, undefined), LabError, "none");
    await assertRejects(() => world.restart(ALL, "a", undefined), LabError, "committed: none");
  });

  Deno.test(`${chosen}: a message on its way to a crashed process is gone, not delivered`, async () => {
    const slow = { ...plan, channel: { latency: { shape: "constant", value: 400_000 } } };
    const expected = await undisturbed(slow);
    const world = await withLine(slow);
    await until(world, () => (world.clusterMetric("in_flight") as number) > 0);
    await world.crash(victims("p0"), "nothing");
    await world.advance(world.now + MS);
    assert((world.clusterMetric("dropped") as number) > 0);
    await world.restart(ALL, undefined, undefined);
    // But for what comes out of a sender's log, in which it crosses the line.
    assertEquals(world.clusterMetric("in_flight"), world.clusterMetric("sent_again"));
    await toEnd(world, ...ALL);
    assertEquals(outputs(world), expected);
    assertClean(world, "slow");
  });
}

Deno.test("uncoordinated: all fall back until what they have fits together", async () => {
  const plan = { workload: BANK, protocol: protocol("uncoordinated") };
  const expected = await undisturbed(plan);
  for (const order of [ALL, ["p2", "p0", "p1"], ["p1"]]) {
    const world = job(plan);
    for (const [turn, name] of [...order, ...order].entries()) {
      await world.advance(world.now + 700_000);
      await world.checkpoint([name], `${name}.${turn}`, COW);
    }
    await world.advance(world.now + MS);
    await world.crash(victims("p0"), "nothing");
    await world.restart(ALL, undefined, undefined);
    await toEnd(world, ...ALL);
    assertEquals(outputs(world), expected, order.join(" "));
    assertClean(world, order.join(" "));
  }
});

Deno.test("who has not begun is not restarted, and begins at its time", async () => {
  const plan = { workload: BANK, protocol: protocol("message-counting"), starts: [0, 0, 4 * MS] };
  const world = job(plan);
  await world.advance(MS);
  await world.checkpoint(ALL, "a", COW);
  await until(world, isOver(world, "a"));
  await world.crash(victims("p0"), "nothing");
  await world.restart(ALL, undefined, undefined);
  assertEquals(world.processMetric("p2", "running"), false);
  await toEnd(world, ...ALL);
  const spawned = world.trace.events.filter(({ kind, process }) =>
    kind === "spawn" && process === "p2"
  );
  assertEquals(spawned.map(({ time }) => time), [4 * MS]);
  assertEquals(outputs(world), await undisturbed(plan));
});

Deno.test("what is not there can be neither crashed nor restarted", async () => {
  const world = job({ workload: BANK });
  await assertRejects(() => world.crash(MANAGER, "nothing"), LabError, "no protocol has one");
  await assertRejects(
    () => world.restart(["manager"], undefined, undefined),
    LabError,
    "it has not crashed",
  );
  const late = job({ workload: BANK, starts: [MS, MS, MS] });
  await assertRejects(
    () => late.restart(["p0"], undefined, undefined),
    LabError,
    "'p0' cannot be restarted: it has not begun",
  );
});

Deno.test("who began after the line begins anew with it, though it has ended since", async () => {
  const world = newWorld();
  for (const rank of [0, 1, 2]) addNode(world, `n${rank}`, { ram: 2 ** 20 });
  const puppet = (messages: readonly string[], receives: number) =>
    load("puppet", { messages, receives });
  world.addProcess("p0", "n0", puppet([], 2));
  world.addProcess("p1", "n1", puppet(["30000:0"], 0));
  world.addProcess("p2", "n2", puppet(["1000:0"], 0), 5 * MS);
  world.coordinate(protocol("message-counting"));
  await world.advance(MS);
  await world.checkpoint(["p0", "p1"], "c", STOP);
  await until(world, () => world.clusterMetric("delivered") === 1);
  assertEquals([world.committed, world.processMetric("p2", "exited")], [["c"], true]);
  await world.crash(victims("p1"), "nothing");
  await assertRejects(
    () => world.restart(["p0", "p1"], undefined, undefined),
    LabError,
    "'p2' has ended since and is not among those named",
  );
  await world.restart(ALL, undefined, undefined);
  assertEquals(world.processMetric("p2", "running"), true);
  await toEnd(world, ...ALL);
  assertClean(world, "all");
  assertEquals(world.clusterMetric("delivered"), 1 + 2, "what p2 sent is sent again");
});

Deno.test("a restart leaves alone what a process beside it is writing, also where writes are torn", async () => {
  for (const losing of ["nothing", "unsynced"] as const) {
    for (const after of [1, 20, 60]) {
      const world = newWorld();
      addNode(world, "n0", { torn_writes: true, disk: 4_000_000 });
      const workload = load("wmem2", { pages: 60, sweeps: 900, gap: 900 });
      for (const name of ["a", "b"]) world.addProcess(name, "n0", workload);
      const is = (label: string, what: string) => world.checkpointMetric(label, what) === true;
      await world.advance(5 * MS);
      await world.checkpoint(["a"], "c", using("stop-the-world"));
      await until(world, () => is("c", "committed"));
      await world.checkpoint(["b"], "d", using("stop-the-world"));
      await world.advance(world.now + after * MS);
      await world.crash(victims("a"), losing);
      await world.restart(["a"], "c", undefined);
      await until(world, () => is("d", "committed") || is("d", "aborted"));
      // What the disk loses when a crashes is b's, too, as long as it is not synced.
      if (losing === "nothing") assert(is("d", "committed"), `after ${after} ms`);
      else assert(is("d", "committed") !== is("d", "aborted"));
      world.end();
    }
  }
});
