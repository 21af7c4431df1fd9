/**
 * Worlds drawn from seeds: processes that talk over channels without order, checkpoints and crashes
 * at random times, and what must be true of every one of them at the end.
 */
import { RandomStream } from "../../core/base/random.ts";
import { CHANNEL, LabError, readOptions, type Strategy, type World } from "../../core/mod.ts";
import {
  addNode,
  load,
  MS,
  newWorld,
  protocol as usually,
  using,
} from "../core/lab/world_fixture.ts";
import {
  checkpointProblems,
  type Ends,
  endsOf,
  fallProblems,
  isAnybodyRunning,
  newestPermanent,
  restartProblems,
  runProblems,
  toTheEnd,
} from "./cluster_claims.ts";

/** The workloads whose output no rollback may change. */
export const GUESTS = ["bank", "gossip", "exits"] as const;

/** What one world is drawn from. */
export interface SeedCase {
  readonly guest: typeof GUESTS[number];
  readonly seed: number;
  /** By its registered name. */
  readonly protocol: string;
  readonly order: "any" | "fifo";
}

/** How often what happened; of one world or of many. */
export interface SeedCounts {
  worlds: number;
  crashes: number;
  /** Crashes while a global checkpoint was under way. */
  crashesInCheckpoint: number;
  restarts: number;
  /** There was nothing to restart from, and the restart was refused. */
  refused: number;
  committed: number;
  aborted: number;
}

/** What became of one world. */
export interface SeedOutcome {
  readonly counts: SeedCounts;
  /** What is not as it must be; empty when all is. */
  readonly problems: readonly string[];
}

/** What is asked of the world after so many ns. */
interface Step {
  readonly gapNs: number;
  readonly act: "checkpoint" | "crash";
  /** Counts from the end of the checkpoints asked for before, not from their beginning. */
  readonly settles: boolean;
}

interface Plan {
  /** The node of each process. */
  readonly nodes: readonly number[];
  readonly cpus: number;
  readonly workload: Strategy;
  readonly checkpointer: Strategy;
  /** The manager's channels are as the others'. */
  readonly managerToo: boolean;
  readonly steps: readonly Step[];
  /** For what is drawn as the run goes on. */
  readonly draw: RandomStream;
}

/** Nothing has happened yet. */
export const newCounts = (): SeedCounts => ({
  worlds: 0,
  crashes: 0,
  crashesInCheckpoint: 0,
  restarts: 0,
  refused: 0,
  committed: 0,
  aborted: 0,
});

/** Adds what happened elsewhere. */
export function addCounts(counts: SeedCounts, more: SeedCounts): void {
  for (const key of Object.keys(counts) as (keyof SeedCounts)[]) counts[key] += more[key];
}

/** Short and long waits alike. */
function gapOf(draw: RandomStream): number {
  const longest = [MS / 4, MS / 2, MS, 3 * MS][draw.below(4)] as number;
  return draw.below(longest);
}

function workloadOf(guest: SeedCase["guest"], draw: RandomStream): Strategy {
  const traffic = { gap: 100_000 + draw.below(400_000), seed: draw.below(2 ** 32) };
  switch (guest) {
    case "bank":
      return load("bank", {
        transfers: 4 + draw.below(9),
        accounts: 1 + draw.below(8),
        ...traffic,
      });
    case "gossip":
      return load("gossip", { messages: 6 + draw.below(14), size: 8 + draw.below(99), ...traffic });
    case "exits":
      return load("exits", { phases: 2 + draw.below(3), messages: 1 + draw.below(4), ...traffic });
  }
}

function planOf({ guest, seed }: SeedCase): Plan {
  const draw = RandomStream.of(seed, "seeds", guest);
  const count = 2 + draw.below(4);
  const shared = draw.below(3) === 0;
  const acts: Step["act"][] = [
    ...Array.from({ length: 1 + draw.below(3) }, () => "crash" as const),
    ...Array.from({ length: 1 + draw.below(3) }, () => "checkpoint" as const),
  ];
  for (let i = acts.length - 1; i > 0; i--) {
    const j = draw.below(i + 1);
    [acts[i], acts[j]] = [acts[j] as Step["act"], acts[i] as Step["act"]];
  }
  // Most begin with a checkpoint: without one there is nothing to go back to.
  if (draw.below(5) > 0) acts.unshift("checkpoint");
  return {
    nodes: Array.from({ length: count }, (_, rank) => shared && rank === count - 1 ? 0 : rank),
    cpus: 1 + draw.below(2),
    workload: workloadOf(guest, draw),
    checkpointer: using(draw.below(2) === 0 ? "stop-the-world" : "concurrent-cow"),
    managerToo: draw.below(2) === 0,
    steps: acts.map((act, index) => (
      { act, gapNs: index === 0 ? draw.below(MS) : gapOf(draw), settles: draw.below(3) > 0 }
    )),
    draw,
  };
}

function worldOf({ seed, protocol, order }: SeedCase, plan: Plan): World {
  const world = newWorld({ seed });
  for (const node of new Set(plan.nodes)) {
    addNode(world, `n${node}`, { ram: 2 ** 20, cpus: plan.cpus });
  }
  for (const [rank, node] of plan.nodes.entries()) {
    world.addProcess(`p${rank}`, `n${node}`, plan.workload);
  }
  const latency = { shape: "uniform", low: 20_000, high: 2_000_000 };
  const { values } = readOptions(CHANNEL, { order, latency });
  const ends = [...namesOf(plan), ...plan.managerToo ? ["manager"] : []];
  world.connect(ends, ends, values);
  world.coordinate(usually(protocol));
  return world;
}

const namesOf = ({ nodes }: Plan): readonly string[] => nodes.map((_, rank) => `p${rank}`);

/** The same world with nothing but the programs in it. */
async function undisturbed(seedCase: SeedCase, plan: Plan): Promise<Ends> {
  const world = worldOf(seedCase, plan);
  const stuck = await toTheEnd(world);
  if (stuck !== undefined) throw new Error(`without crashes and checkpoints, ${stuck}`);
  const ends = endsOf(world);
  world.end();
  return ends;
}

/** One world at work. */
class SeedRun {
  readonly counts = newCounts();
  readonly problems: string[] = [];
  /** Checkpoints asked for since the last crash: nothing keeps them from being committed. */
  private wanted: string[] = [];
  private labels = 0;

  constructor(private readonly world: World, private readonly plan: Plan) {}

  /** Everything in order; false when there was nothing to go back to. */
  async run(): Promise<boolean> {
    const { world } = this;
    for (const { gapNs, act, settles } of this.plan.steps) {
      while (settles && world.coordination?.isBusy === true) {
        await world.advance(world.now + MS / 4);
      }
      await world.advance(world.now + gapNs);
      if (!isAnybodyRunning(world)) break;
      if (act === "checkpoint") await this.checkpoint();
      else if (!await this.crash()) return false;
    }
    const stuck = await toTheEnd(world);
    if (stuck !== undefined) this.problems.push(stuck);
    return true;
  }

  /** Who decides for itself who takes part is asked alone, or all are side by side. */
  private get asked(): readonly string[] {
    const { running, isTentative, plan: { draw } } = this;
    if (!isTentative || draw.below(3) === 0) return running;
    return [running[draw.below(running.length)] as string];
  }

  private get isTentative(): boolean {
    return this.world.coordination?.protocol.tentative === true;
  }

  private async checkpoint(): Promise<void> {
    const label = `c${++this.labels}`;
    await this.world.checkpoint(this.asked, label, this.plan.checkpointer);
    this.wanted.push(label);
  }

  private get running(): readonly string[] {
    return namesOf(this.plan).filter((name) => this.world.processMetric(name, "running") === true);
  }

  /** Some go, then all go back. */
  private async crash(): Promise<boolean> {
    const { world, counts, plan: { draw } } = this;
    const { running } = this;
    if (world.coordination?.isBusy === true) counts.crashesInCheckpoint++;
    const victim = running[draw.below(running.length)] as string;
    const another = running[draw.below(running.length)] as string;
    const processes = draw.below(4) === 0 ? [...new Set([victim, another])] : [victim];
    const nodes = [world.processMetric(victim, "node") as string];
    const losing = draw.below(2) === 0 ? "nothing" : "unsynced";
    this.problems.push(...checkpointProblems(world, this.settle()));
    const whole = draw.below(3) === 0 ? { processes: [], nodes } : { processes, nodes: [] };
    await world.crash({ ...whole, manager: false }, losing);
    counts.crashes++;
    await world.advance(world.now + draw.below(MS));
    if (this.isTentative) return await this.fall();
    const newest = world.committed.at(-1);
    const refused = await this.restart();
    if ((newest === undefined) !== refused) {
      this.problems.push(
        `with ${newest ?? "nothing"} committed the restart was ${
          refused ? "refused" : "not refused"
        }`,
      );
    }
    if (refused || newest === undefined) return false;
    counts.restarts++;
    this.problems.push(...restartProblems(world, newest));
    await world.advance(world.now + gapOf(draw));
    if (draw.below(4) > 0 && isAnybodyRunning(world)) await this.checkpoint();
    return true;
  }

  /** Each goes back to its newest permanent checkpoint, whatever there is. */
  private async fall(): Promise<boolean> {
    const { world, counts, plan: { draw } } = this;
    const places = newestPermanent(world);
    await world.restart(namesOf(this.plan), undefined, undefined);
    counts.restarts++;
    this.problems.push(...fallProblems(world, places));
    await world.advance(world.now + gapOf(draw));
    if (draw.below(4) > 0 && isAnybodyRunning(world)) await this.checkpoint();
    return true;
  }

  private async restart(): Promise<boolean> {
    try {
      await this.world.restart(namesOf(this.plan), undefined, undefined);
      return false;
    } catch (error) {
      if (!(error instanceof LabError)) throw error;
      this.counts.refused++;
      return true;
    }
  }

  /** The checkpoints asked for since the last crash that are dealt with by now. */
  private settle(): readonly string[] {
    const over = this.wanted.filter((label) =>
      this.world.checkpoints.get(label)?.coordinated?.over === true
    );
    this.wanted = [];
    return over;
  }

  /** What must be true at the end. */
  judge(ends: Ends): void {
    const { world } = this;
    this.problems.push(...runProblems(world, ends), ...checkpointProblems(world, this.wanted));
  }
}

/** Runs one world and judges it. */
export async function runSeed(seedCase: SeedCase): Promise<SeedOutcome> {
  const ends = await undisturbed(seedCase, planOf(seedCase));
  const plan = planOf(seedCase);
  const world = worldOf(seedCase, plan);
  const run = new SeedRun(world, plan);
  try {
    if (await run.run()) run.judge(ends);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    run.problems.push(`${error.name}: ${error.message}`);
  }
  run.counts.worlds++;
  run.counts.committed += world.committed.length;
  run.counts.aborted += world.checkpoints.size - world.committed.length;
  world.end();
  return { counts: run.counts, problems: run.problems };
}

/** The command that runs one world again. */
export const commandOf = ({ guest, seed, protocol, order }: SeedCase): string =>
  `deno task seeds --guest ${guest} --protocol ${protocol} --order ${order} ` +
  `--from ${seed} --count 1`;

/** A failure as people read it. */
export const failureOf = (seedCase: SeedCase, { problems }: SeedOutcome): string =>
  [`seed ${seedCase.seed} of ${seedCase.guest}:`, ...problems.map((each) => `  ${each}`)]
    .concat(`  again: ${commandOf(seedCase)}`).join("\n");

/** Counts in one line. */
export const countsInWords = (counts: SeedCounts): string =>
  `${counts.worlds} worlds, ${counts.crashes} crashes (${counts.crashesInCheckpoint} in a ` +
  `checkpoint), ${counts.restarts} restarts, ${counts.refused} with nothing to restart from, ` +
  `${counts.committed} checkpoints committed, ${counts.aborted} given up`;
