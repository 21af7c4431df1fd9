/** Which cells a run is about: what was asked for, what failed last time, this machine's part. */
import type { ShardData } from "../core/mod.ts";
import { chosen, type LeftOut, leftOut } from "./discover.ts";
import type { Flag, Given } from "./flags.ts";
import { UsageError } from "./flags.ts";
import type { Host } from "./host.ts";
import { choiceOf } from "./commands/scripts.ts";
import { isSound, type Loaded } from "./load.ts";
import type { OutFolder } from "./out_folder.ts";
import { readText } from "./recording.ts";
import type { Job } from "./session.ts";
import { costKey, type Costs, deal, planName, readCosts, readShard } from "./shard.ts";

export const ONLY_FAILED_FLAG: Flag = {
  name: "only-failed",
  help: "Only cells that did not hold in the last run.",
};

/** The cells of a run, and which part of all they are. */
export interface WantedCells {
  readonly jobs: readonly Job[];
  readonly shard?: ShardData;
  /** Scenarios that are left out whatever is chosen. */
  readonly left: readonly LeftOut[];
  /** There is something to run, if only in another shard. */
  readonly isAnything: boolean;
  /** Some of it explores, if only in another shard. */
  readonly isSearch: boolean;
}

/** The jobs of the scripts that may run, without the cells that are not wanted. */
function jobsOf(
  loaded: readonly Loaded[],
  given: Given,
  left: readonly LeftOut[],
): readonly Job[] {
  const out = new Set(left.map(({ scenario }) => scenario));
  const choice = choiceOf(given);
  return loaded.filter(isSound).flatMap(({ path, scenarios, scripts }) =>
    scenarios.flatMap((scenario) => {
      const plans = out.has(scenario) ? [] : chosen(scenario, choice);
      return plans.length === 0
        ? []
        : [{ file: path, scenario, plans, sources: scripts.map(({ span }) => span.source) }];
    })
  );
}

/** Leaves the cells that are wanted, and the scenarios that have some. */
const only = (jobs: readonly Job[], isWanted: (id: string) => boolean): readonly Job[] =>
  jobs.map((job) => ({ ...job, plans: job.plans.filter(({ id }) => isWanted(id)) }))
    .filter(({ plans }) => plans.length > 0);

/** The plan of costs that was named. */
export async function costsOf(given: Given, host: Host): Promise<Costs | undefined> {
  const file = given.text("plan");
  return file === undefined ? undefined : readCosts(await readText(file, host), file);
}

/** What is to be run of all that was found. */
export async function wantedCells(
  loaded: readonly Loaded[],
  given: Given,
  host: Host,
  out: OutFolder,
): Promise<WantedCells> {
  const asked = given.text("shard");
  if (asked === undefined && given.text("plan") !== undefined) {
    throw new UsageError("--plan says how shards are dealt: it goes with --shard");
  }
  const left = leftOut(loaded.filter(isSound).flatMap(({ scenarios }) => scenarios));
  let jobs = jobsOf(loaded, given, left);
  if (given.on(ONLY_FAILED_FLAG.name)) {
    const failed = await out.failed();
    jobs = only(jobs, (id) => failed.has(costKey(id)));
  }
  const isAnything = jobs.length > 0;
  const isSearch = jobs.some(({ plans }) => plans.some(({ explore }) => explore !== undefined));
  if (asked === undefined) return { jobs, left, isAnything, isSearch };
  const { index, count } = readShard(asked, host.environment);
  const costs = await costsOf(given, host);
  const ids = jobs.flatMap(({ plans }) => plans.map(({ id }) => id));
  const mine = new Set(deal(ids, count, costs)[index - 1]);
  const shard = { index, count, by: planName(costs) };
  return { jobs: only(jobs, (id) => mine.has(id)), shard, left, isAnything, isSearch };
}
