/** A program of several processes on the lab: undisturbed, or crashed and brought back on the way. */
import { CHANNEL, PROFILE, readOptions, Registry, type Strategy, World } from "../../core/mod.ts";
import { checkpointers, protocols, workloads } from "../../plugins/mod.ts";

/** What to run. */
export interface ClusterProgram {
  /** The ELF file. */
  readonly file: string;
  readonly args: readonly string[];
  readonly input?: string;
  readonly size: number;
}

/** What becomes of it on the way. */
export interface Disturbance {
  readonly checkpointer: string;
  /** When the global checkpoint is asked for, and how long after its commit the crash comes, in ns. */
  readonly atNs: number;
  readonly laterNs: number;
}

/** How it went. */
export interface ClusterEnd {
  /** What each process wrote. */
  readonly outputs: readonly string[];
  readonly exits: readonly number[];
  readonly endedNs: number;
  /** Messages lost, orphaned or duplicated. */
  readonly faults: number;
  /** The checkpoint was committed and the processes came back from it. */
  readonly restarted: boolean;
}

const defaults = (name: string, table: Parameters<typeof readOptions>[0]): Strategy => ({
  name,
  options: readOptions(table, {}).values as Strategy["options"],
});

const chosen = (name: string): Strategy =>
  defaults(name, checkpointers.find((row) => row.name === name)?.options ?? {});

/** Nothing takes longer in virtual time. */
const LONGEST_NS = 600_000_000_000;

/** Runs a program; messages may overtake each other. */
export async function runCluster(
  { file, args, input = "", size }: ClusterProgram,
  disturbance?: Disturbance,
): Promise<ClusterEnd> {
  const world = new World({
    seed: 1,
    registry: new Registry(checkpointers, workloads, protocols),
    readProgram: (name) => Deno.readFileSync(name),
  });
  const profile = { ram: 64 * 2 ** 20, disk: 200_000_000 };
  const names = Array.from({ length: size }, (_, rank) => `p${rank}`);
  names.forEach((name, rank) => {
    world.addNode(`node${rank}`, readOptions(PROFILE, profile).values);
    world.addProcess(name, `node${rank}`, { name: "program", options: { file, args, input } });
  });
  const latency = { shape: "uniform", low: 20_000, high: 300_000 } as const;
  const all = [...names, "manager"];
  world.connect(all, all, readOptions(CHANNEL, { order: "any", latency }).values);
  world.coordinate(defaults("message-counting", protocols[0]?.options ?? {}));
  await world.begin();
  const restarted = disturbance !== undefined && await disturb(world, names, disturbance);
  while (!world.atRest) {
    if (world.now > LONGEST_NS) throw new Error("it does not end");
    await world.advance(world.now + 10_000_000);
  }
  const count = (metric: string) => Number(world.clusterMetric(metric));
  return {
    outputs: names.map((name) => String(world.processMetric(name, "output"))),
    exits: names.map((name) => Number(world.processMetric(name, "exit"))),
    endedNs: Math.max(...world.setup.processes.map(({ status }) => status?.now ?? 0)),
    faults: count("lost") + count("orphans") + count("duplicated"),
    restarted,
  };
}

/** A global checkpoint, a crash of one process, a restart of all. */
async function disturb(
  world: World,
  names: readonly string[],
  { checkpointer, atNs, laterNs }: Disturbance,
): Promise<boolean> {
  await world.advance(atNs);
  await world.checkpoint(names, "g", chosen(checkpointer));
  for (const give = world.now + 2_000_000_000; world.now < give;) {
    await world.advance(world.now + 20_000);
    if (world.committed.includes("g")) break;
    if (world.checkpointMetric("g", "aborted") === true) return false;
  }
  await world.advance(world.now + laterNs);
  const victim = names.find((name) => world.processMetric(name, "running") === true);
  if (victim === undefined || !world.committed.includes("g")) return false;
  await world.crash({ processes: [victim], nodes: [], manager: false }, "nothing");
  await world.advance(world.now + 1_000_000);
  await world.restart(names, "g", undefined);
  return true;
}
