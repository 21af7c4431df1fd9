/** A job of several processes tried in the lab: checkpointed, crashed, restarted. */
import { readOptions } from "../base/option.ts";
import { CHANNEL } from "../cluster/channel.ts";
import { PROFILE } from "../cluster/profile.ts";
import type { Protocol } from "../cluster/protocol.ts";
import type { Strategy } from "../lab/lab.ts";
import type { UsedPlugin } from "../lab/plugin.ts";
import type { World } from "../lab/world.ts";
import { scriptOf, written } from "./reproduction.ts";

const MS = 1_000_000;

/** Three processes of one program on a node each; times in ms. */
export interface JobTrial {
  readonly seed: number;
  readonly workload: "bank" | "gossip";
  readonly checkpointer: "stop-the-world" | "concurrent-cow";
  readonly order: "fifo" | "any";
  readonly checkpointsAt: readonly number[];
  /** When the second process crashes; it is restarted with all others. */
  readonly crashAt: number | undefined;
}

/** The trials: a crash before, in the middle of and after the second checkpoint. */
export const TRIALS: readonly JobTrial[] = ([
  ["bank", "stop-the-world", 3.2],
  ["gossip", "concurrent-cow", 3.9],
  ["bank", "concurrent-cow", 4.6],
  ["gossip", "stop-the-world", 5.5],
] as const).map(([workload, checkpointer, crashAt], n) => ({
  seed: n + 1,
  workload,
  checkpointer,
  order: "any",
  checkpointsAt: [1, 3.5],
  crashAt,
}));

/** The processes. */
export const NAMES = ["p0", "p1", "p2"] as const;
const OPTIONS = {
  bank: { transfers: 24, accounts: 4, gap: 250_000, seed: 5 },
  gossip: { messages: 24, size: 64, gap: 250_000, seed: 5 },
} as const;

/** What came of a trial. */
export interface JobEnd {
  readonly seed: number;
  /** How the programs ended. */
  readonly ends: string;
  readonly committed: number;
  readonly lost: number;
  readonly orphans: number;
  readonly duplicated: number;
  readonly hash: string;
}

/** Longest a trial may take, in virtual time. */
const LONGEST_NS = 5_000 * MS;

/** What a job is set up from. */
export type JobSetup = Pick<JobTrial, "workload" | "order"> & {
  /** How channels are carried; as usual without it. */
  readonly transport?: string;
};

/** Sets the job up in a world that has not begun. */
export function setUpJob(world: World, trial: JobSetup, protocol: Strategy | undefined): void {
  const profile =
    readOptions(PROFILE, { ram: 2 ** 20, quantum: 100_000, disk: 200_000_000 }).values;
  for (const n of NAMES.keys()) world.addNode(`n${n}`, profile);
  const row = world.options.registry.workload(trial.workload);
  const { values } = readOptions(row?.options ?? {}, OPTIONS[trial.workload]);
  for (const [n, name] of NAMES.entries()) {
    world.addProcess(name, `n${n}`, { name: trial.workload, options: values });
  }
  const latency = { shape: "uniform", low: 20_000, high: 200_000 };
  const ends = [...NAMES, "manager"];
  const { order, transport } = trial;
  const channel = { order, latency, ...transport === undefined ? {} : { transport } };
  world.connect(ends, ends, readOptions(CHANNEL, channel).values);
  if (protocol !== undefined) world.coordinate(protocol);
}

/** Runs a trial to its end; without a protocol nothing is done to it: the undisturbed twin. */
export async function runJob(
  world: World,
  trial: JobTrial,
  protocol?: Strategy,
): Promise<JobEnd> {
  try {
    setUpJob(world, trial, protocol);
    await world.begin();
    const at = async (ms: number) => await world.advance(Math.max(world.now, ms * MS));
    if (protocol !== undefined) {
      const row = world.options.registry.checkpointer(trial.checkpointer);
      const using = {
        name: trial.checkpointer,
        options: readOptions(row?.options ?? {}, {}).values,
      };
      let n = 0;
      for (const ms of trial.checkpointsAt.filter((one) => one < (trial.crashAt ?? Infinity))) {
        await at(ms);
        await settled(world);
        await world.checkpoint(NAMES, `c${++n}`, using as Strategy);
      }
      // A crash before there is anything to go back to tries nothing.
      if (n === 1) await settled(world);
      if (trial.crashAt !== undefined) await crash(world, () => at(trial.crashAt ?? 0));
    }
    while (!world.atRest && world.now < LONGEST_NS) await world.advance(world.now + MS / 2);
    return endOf(world, trial.seed);
  } finally {
    world.end();
  }
}

/** Waits until no checkpoint is under way. */
export async function settled(world: World, until = LONGEST_NS): Promise<void> {
  while (world.coordination?.isBusy === true && world.now < until) {
    await world.advance(world.now + MS / 10);
  }
}

async function crash(world: World, wait: () => Promise<void>): Promise<void> {
  await wait();
  await world.crash({ processes: ["p1"], nodes: [], manager: false }, "nothing");
  await world.advance(world.now + 2 * MS);
  await world.restart(NAMES, undefined, undefined);
}

/** What came of it. */
export function endOf(world: World, seed: number): JobEnd {
  const ends = NAMES.map((name) => [
    name,
    world.processMetric(name, "exited"),
    world.processMetric(name, "exited") === true ? world.processMetric(name, "exit") : "runs",
    world.processMetric(name, "output"),
  ]);
  const count = (metric: string) => Number(world.clusterMetric(metric));
  return {
    seed,
    ends: JSON.stringify(ends),
    committed: world.committed.length,
    lost: count("lost"),
    orphans: count("orphans"),
    duplicated: count("duplicated"),
    hash: world.traceHash,
  };
}

/** The trial as a script. */
export function jobScript(plugin: UsedPlugin, row: Protocol, trial: JobTrial): string {
  const options = trial.workload === "bank"
    ? "{ transfers: 24, accounts: 4, gap: 250us, seed: 5 }"
    : "{ messages: 24, size: 64B, gap: 250us, seed: 5 }";
  const { crashAt } = trial;
  const steps = trial.checkpointsAt.filter((one) => one < (crashAt ?? Infinity))
    .map((ms, n) => `at ${ms}ms checkpoint all as c${n + 1}`);
  const crashes = steps.length === 1
    ? `when c1.committed and time >= ${crashAt}ms`
    : `at ${crashAt}ms`;
  return scriptOf(plugin, `${row.name}: ${trial.workload}, ${trial.checkpointer}`, [
    `seed ${trial.seed}`,
    "node n[3] { ram: 2MiB, quantum: 100us, disk: 200MB/s }",
    `proc p[3] on n runs ${trial.workload} ${options}`,
    `channel all { order: "${trial.order}", latency: 20us..200us }`,
    `checkpointer ${written(trial.checkpointer)}`,
    `protocol ${written(row.name)}`,
    ...steps,
    ...crashAt === undefined ? [] : [`${crashes} crash p[1]`, "after 2ms restart all"],
    "until p.exited",
    "expect p.output == undisturbed.p.output",
    "expect cluster.lost + cluster.orphans + cluster.duplicated == 0",
  ]);
}
