/** The same trace, outputs and metrics, wherever the processes are housed. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  CHECKPOINT_METRICS,
  CLUSTER_METRICS,
  type Isolation,
  PROCESS_METRICS,
  WorkerSupply,
  type World,
} from "../../../core/mod.ts";
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
} from "../lab/world_fixture.ts";

const BUILT_IN = new URL("../../../plugins/worker.ts", import.meta.url);
const SUPPLY = new WorkerSupply(BUILT_IN);
addEventListener("unload", () => SUPPLY.end());

/** How processes are housed. */
interface Place {
  readonly workers?: number;
  readonly isolation?: Isolation;
}

/** Where the processes are: how many Workers, or which isolation; 0 Workers is this thread. */
const PLACES: readonly Place[] = [
  { workers: 0 },
  { workers: 1 },
  { workers: 2 },
  { isolation: { kind: "process" } },
  { isolation: { kind: "node" } },
  { isolation: { kind: "pool", count: 2 } },
];

/** All a script could find out about a world. */
function everything(world: World): Record<string, unknown> {
  const all: Record<string, unknown> = { hash: world.traceHash, events: world.trace.events };
  all.committed = world.committed;
  for (const { name } of world.setup.processes) {
    for (const { name: metric } of PROCESS_METRICS) {
      all[`${name}.${metric}`] = world.processMetric(name, metric, ["balance"]);
    }
  }
  for (const label of world.checkpoints.keys()) {
    for (const { name: metric, takes } of CHECKPOINT_METRICS) {
      if (takes === undefined) all[`${label}.${metric}`] = world.checkpointMetric(label, metric);
    }
  }
  for (const { name: metric, takes } of CLUSTER_METRICS) {
    if (takes === undefined) all[metric] = world.clusterMetric(metric);
  }
  return all;
}

/** Lives through the same story everywhere; what the first place saw. */
async function everywhere(
  plan: JobPlan,
  story: (world: World) => Promise<void>,
  places = PLACES,
): Promise<Record<string, unknown>> {
  let first: Record<string, unknown> | undefined;
  for (const { isolation, workers } of places) {
    const world = job(plan, { supply: SUPPLY, ...(workers === undefined ? {} : { workers }) });
    if (isolation !== undefined) world.isolate(isolation);
    try {
      await story(world);
      const seen = everything(world);
      assertEquals(seen, first ??= seen, JSON.stringify({ isolation, workers }));
    } finally {
      world.end();
    }
  }
  return first ?? {};
}

const ALL = named(3);
const COW = using("concurrent-cow"), STOP = using("stop-the-world");

const JOBS = [
  ["ring", { laps: 20, turns: 2000 }],
  ["gossip", { messages: 30, gap: 100_000 }],
  ["bank", { transfers: 30, gap: 100_000 }],
  ["exits", { phases: 4, messages: 10, gap: 100_000 }],
] as const;
const PROTOCOLS = ["message-counting", "cls-flush", "uncoordinated"] as const;

for (const [index, [name, given]] of JOBS.entries()) {
  const chosen = PROTOCOLS[index % PROTOCOLS.length] as string;
  Deno.test(`${name} with ${chosen}: a checkpoint, a crash and a restart, wherever`, async () => {
    const workload = load(name, given);
    const plan = { workload, protocol: protocol(chosen), nodes: 2 };
    const alone = job({ ...plan, protocol: undefined });
    await toEnd(alone, ...ALL);
    const seen = await everywhere(plan, async (world) => {
      await world.advance(MS);
      await world.checkpoint(ALL, "c", index % 2 === 0 ? COW : STOP);
      await until(world, () => world.committed.includes("c"), 200_000);
      await world.crash({ processes: [], nodes: ["n1"], manager: false }, "nothing");
      await world.advance(world.now + 300_000);
      await world.restart(ALL, undefined, undefined);
      await toEnd(world, ...ALL);
    }, [0, 1 + index, 1 + (index + 2) % 5].map((place) => PLACES[place] as Place));
    for (const process of ALL) {
      assertEquals(seen[`${process}.output`], alone.processMetric(process, "output"));
      assertEquals(seen[`${process}.exit`], 0);
    }
    assertEquals(seen.committed, ["c"]);
  });
}

Deno.test("partition, migration, pause and a late start, wherever", async () => {
  const plan = {
    workload: load("bank", { transfers: 40, gap: 100_000 }),
    protocol: protocol("message-counting"),
    channel: { latency: { shape: "uniform", low: 20_000, high: 90_000 }, order: "any" },
    starts: [0, 0, 700_000],
  };
  const seen = await everywhere(plan, async (world) => {
    await world.advance(MS);
    world.partition(["n0"], ["n1", "n2"]);
    await world.advance(world.now + 500_000);
    world.heal(["n0"]);
    await world.migrate(["p1"], "n0", COW);
    world.pause(["p2"]);
    await world.advance(world.now + 700_000);
    world.resume(["p2"]);
    await until(world, () => world.processMetric("p1", "node") === "n0", 200_000);
    await world.checkpoint(ALL, "c", COW);
    await toEnd(world, ...ALL);
  });
  const kinds = (seen.events as World["trace"]["events"]).map(({ kind }) => kind);
  for (const kind of ["partition", "heal", "migrate", "migrated", "pause", "resume", "spawn"]) {
    assert(kinds.includes(kind), kind);
  }
  const balances = ALL.map((process) => seen[`${process}.value`] as number);
  assertEquals(balances.reduce((sum, each) => sum + each), 48_000);
});

Deno.test("another seed gives another trace where channels are random", async () => {
  const hashes: string[] = [];
  for (const seed of [1, 2, 1]) {
    const world = job({
      workload: load("gossip", { messages: 10, gap: 50_000 }),
      channel: { latency: { shape: "uniform", low: 20_000, high: 90_000 } },
    }, { seed });
    await toEnd(world, ...ALL);
    hashes.push(world.traceHash);
  }
  assertEquals(hashes[2], hashes[0]);
  assertNotEquals(hashes[1], hashes[0]);
});

Deno.test("the steps in which a cluster is advanced change nothing", async () => {
  const hashes: string[] = [];
  for (const step of [7_001, 50_000, 333_333, 100 * MS]) {
    const world = job({
      workload: load("bank", { transfers: 20, gap: 50_000 }),
      protocol: protocol("cls-flush"),
    });
    const to = async (time: number) => {
      while (world.now < time) await world.advance(Math.min(time, world.now + step));
    };
    await to(400_000);
    await world.checkpoint(ALL, "c", COW);
    await to(100 * MS);
    hashes.push(world.traceHash);
    assertEquals(world.committed, ["c"]);
  }
  assertEquals(new Set(hashes).size, 1, hashes.join(" "));
});

Deno.test("processes of one node do not take each other's processor", async () => {
  const times = await Promise.all([1, 3].map(async (count) => {
    const world = newWorld();
    addNode(world, "n0");
    const names = named(count);
    for (const name of names) world.addProcess(name, "n0", load("sort", { count: 200 }));
    await toEnd(world, ...names);
    return world.trace.events.filter(({ kind }) => kind === "end").map(({ time }) => time);
  }));
  assertEquals(times[1], [times[0]?.[0], times[0]?.[0], times[0]?.[0]]);
});
