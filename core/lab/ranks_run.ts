/**
 * One program as several ranks on like nodes, without a scenario: it runs, is checkpointed as a
 * whole, crashes, and goes on from its newest global checkpoint.
 */
import type { ChannelOptions } from "../cluster/channel.ts";
import type { Fact } from "../cluster/facts.ts";
import type { Profile } from "../cluster/profile.ts";
import type { WorkerSupply } from "../cluster/worker_supply.ts";
import type { Jit } from "../machine/machine.ts";
import type { Strategy } from "./lab.ts";
import { MANAGER } from "./setup.ts";
import { OutputOrder, type OutputSink } from "./output_order.ts";
import { Registry } from "./registry.ts";
import { whyOf } from "./checkpoint_record.ts";
import { World } from "./world.ts";

/** What happens to the ranks at a virtual time, in ns. */
export interface RanksStep {
  readonly atNs: number;
  /** `crash`: of all ranks, which are restarted at once. */
  readonly what: "checkpoint" | "crash";
}

/** What there is to tell while ranks run; times in ns. */
export type RanksEvent =
  | {
    readonly event: "committed";
    readonly label: string;
    readonly requestedNs: number;
    readonly atNs: number;
    readonly ranks: number;
    readonly bytes: number;
    /** Messages in it that nobody had read. */
    readonly messages: number;
  }
  | { readonly event: "aborted"; readonly label: string; readonly why: string }
  /** The ranks ended, crashed or came to a stop before it was whole. */
  | { readonly event: "unfinished"; readonly label: string }
  /** All ranks had ended before that. */
  | { readonly event: "too late"; readonly step: RanksStep }
  /** Rank by rank: the label of a checkpoint, or nothing for its beginning. */
  | {
    readonly event: "restarted";
    readonly atNs: number;
    readonly from: readonly { readonly rank: number; readonly label: string | undefined }[];
  };

/** A program and what it runs on. */
export interface RanksOptions {
  readonly ranks: number;
  /** Ranks are dealt round them. */
  readonly nodes: number;
  readonly profile: Profile;
  readonly channel: ChannelOptions;
  readonly seed: number;
  readonly program: {
    readonly path: string;
    readonly executable: Uint8Array;
    readonly args: readonly string[];
    /** `NAME=value`. */
    readonly environment: readonly string[];
  };
  /** Where checkpointers and protocols are found by name. */
  readonly strategies: Pick<Registry, "checkpointers" | "protocols">;
  readonly checkpointer: Strategy;
  /** Who coordinates checkpoints; without it there can be none of several ranks that fit. */
  readonly protocol?: Strategy;
  readonly supply?: WorkerSupply;
  readonly workers?: number;
  /** Which engines run the program, "on" unless given. */
  readonly jit?: Jit;
  readonly steps: readonly RanksStep[];
  /** Virtual time after which it is given up. */
  readonly mostNs: number;
  readonly interrupted: () => boolean;
  /** What the ranks write, in order of (time, rank). */
  readonly output: OutputSink;
  readonly onEvent: (event: RanksEvent) => void;
}

/** How a run came back. */
export type RanksEnd = "ended" | "waits for ever" | "time" | "interrupted";

/** How a rank is doing after the run. */
export interface RankEnd {
  readonly rank: number;
  /** Nothing while it has not ended. */
  readonly exitCode: number | undefined;
  /** How a signal ended it, in lines. */
  readonly death: string | undefined;
  /** What its threads wait in, in words. */
  readonly waits: readonly string[];
  /** The system calls it was answered ENOSYS, in words. */
  readonly unknownCalls: readonly string[];
}

/** How long what was written may wait to be shown, in ns of virtual time. */
const SLICE_NS = 1_000_000;

const nameOf = (rank: number): string => `rank${rank}`;

/** The world of a run, set up and not begun. */
function makeWorld(options: RanksOptions, onFact: (rank: number, fact: Fact) => void): World {
  const { ranks, nodes, program: { path, executable, args, environment }, strategies } = options;
  const { checkpointers, protocols } = strategies;
  const workload = {
    name: "program",
    help: "The program.",
    options: {},
    start: () => ({ file: path, args, environment }),
  };
  const world = new World({
    seed: options.seed,
    registry: new Registry(checkpointers, [workload], protocols),
    readProgram: () => executable,
    onFact,
    ...(options.supply === undefined ? {} : { supply: options.supply }),
    ...(options.workers === undefined ? {} : { workers: options.workers }),
    ...(options.jit === undefined ? {} : { jit: options.jit }),
  });
  for (let node = 0; node < nodes; node++) world.addNode(`node${node}`, options.profile);
  const names = Array.from({ length: ranks }, (_, rank) => nameOf(rank));
  names.forEach((name, rank) =>
    world.addProcess(name, `node${rank % nodes}`, { name: "program", options: {} })
  );
  world.connect([...names, MANAGER], [...names, MANAGER], options.channel);
  if (options.protocol !== undefined) world.coordinate(options.protocol);
  return world;
}

/** A program as several ranks. */
export class RanksRun {
  readonly world: World;
  private readonly output: OutputOrder;
  private readonly steps: RanksStep[];
  private lastEndNs = 0;
  /** When the last part of a checkpoint was dealt with, by label. */
  private readonly lastOverNs = new Map<string, number>();
  /** Checkpoints that were asked for and of which nothing was told yet: when that was, by label. */
  private readonly open = new Map<string, number>();

  /** Throws {@linkcode LabError} when the program is none. */
  constructor(private readonly options: RanksOptions) {
    this.output = new OutputOrder(options.output);
    this.world = makeWorld(options, (rank, fact) => this.hear(rank, fact));
    // A checkpoint of the same instant comes before the crash.
    this.steps = options.steps.toSorted((a, b) =>
      a.atNs - b.atNs || a.what.localeCompare(b.what, "en")
    );
  }

  /** Runs to its end. Throws {@linkcode LabError} and `StrategyError`. */
  async run(): Promise<RanksEnd> {
    try {
      await this.world.begin();
      return await this.goOn();
    } finally {
      this.output.flush(Infinity);
    }
  }

  /** When the last rank ended, or what the clock says, in ns. */
  get endedNs(): number {
    const isOver = this.world.setup.processes.every(({ exited }) => exited);
    return isOver ? this.lastEndNs : this.world.now;
  }

  /** How each rank is doing. */
  get ranks(): readonly RankEnd[] {
    return this.world.setup.processes.map((record) => {
      const look = this.world.inspect(record);
      return {
        rank: record.rank,
        exitCode: record.ending?.exitCode,
        death: look?.death,
        waits: look?.waits ?? [],
        unknownCalls: look?.unknownCalls ?? [],
      };
    });
  }

  /** Ends the world and its Workers. */
  close(): void {
    this.world.end();
  }

  private async goOn(): Promise<RanksEnd> {
    const { world, options: { mostNs, interrupted } } = this;
    for (;;) {
      for (let due; (due = this.steps[0]) !== undefined && due.atNs <= world.now;) {
        this.steps.shift();
        await this.perform(due);
      }
      this.lookAtCheckpoints();
      const end = world.setup.processes.every(({ exited }) => exited)
        ? "ended"
        : world.atRest
        ? "waits for ever"
        : interrupted()
        ? "interrupted"
        : world.now >= mostNs
        ? "time"
        : undefined;
      if (end !== undefined) return this.finish(end);
      await world.advance(
        Math.min(world.now + SLICE_NS, mostNs, this.steps[0]?.atNs ?? Infinity),
      );
      this.output.flush(world.now);
    }
  }

  private hear(rank: number, fact: Fact): void {
    if (fact.fact === "ended") this.lastEndNs = Math.max(this.lastEndNs, fact.at);
    if (fact.fact === "over") {
      this.lastOverNs.set(fact.label, Math.max(this.lastOverNs.get(fact.label) ?? 0, fact.at));
    }
    if (fact.fact !== "output") return;
    const { stream, bytes, at } = fact;
    this.output.add({ rank, stream, bytes, at });
  }

  private finish(end: RanksEnd): RanksEnd {
    this.leaveUnfinished();
    if (end === "ended") {
      for (const step of this.steps) this.options.onEvent({ event: "too late", step });
    }
    return end;
  }

  private async perform(step: RanksStep): Promise<void> {
    const { world } = this;
    const records = world.setup.processes;
    const alive = records.filter((record) => record.alive).map(({ name }) => name);
    if (alive.length === 0) return this.options.onEvent({ event: "too late", step });
    if (step.what === "crash") return await this.crash(alive);
    const label = `#${world.checkpoints.size + 1}`;
    const all = world.coordination?.protocol.manager === undefined
      ? alive
      : records.map(({ name }) => name);
    await world.checkpoint(all, label, this.options.checkpointer);
    this.open.set(label, world.now);
  }

  private async crash(alive: readonly string[]): Promise<void> {
    const { world } = this;
    this.lookAtCheckpoints();
    const told = world.trace.events.length;
    await world.crash({ processes: alive, nodes: [], manager: false }, "nothing");
    await world.restart(world.setup.processes.map(({ name }) => name), undefined, undefined);
    this.leaveUnfinished();
    const from = world.trace.events.slice(told).filter(({ kind }) => kind === "restart")
      .map(({ process, text }) => ({
        rank: world.setup.process(process).rank,
        label: [...world.checkpoints.values()].find(({ parts }) =>
          parts.some(({ record, image }) => record.name === process && image === text)
        )?.label,
      }));
    this.options.onEvent({ event: "restarted", atNs: world.now, from });
  }

  /** Tells of checkpoints that have come to something. */
  private lookAtCheckpoints(): void {
    const { world } = this;
    for (const [label, requestedNs] of this.open) {
      const checkpoint = world.checkpoints.get(label);
      if (checkpoint === undefined) continue;
      const { coordinated } = checkpoint;
      const why = coordinated === undefined ? "" : whyOf(coordinated);
      if (why !== "") {
        this.options.onEvent({ event: "aborted", label, why });
      } else if (world.isCommitted(checkpoint)) {
        const metric = (name: string) => world.checkpointMetric(label, name) as number;
        this.options.onEvent({
          event: "committed",
          label,
          requestedNs,
          atNs: coordinated?.recordedNs ?? this.lastOverNs.get(label) ?? world.now,
          ranks: world.partsOf(checkpoint).length,
          bytes: metric("image_size"),
          messages: metric("in_transit") + metric("buffered"),
        });
      } else continue;
      this.open.delete(label);
    }
  }

  private leaveUnfinished(): void {
    for (const label of this.open.keys()) {
      this.options.onEvent({ event: "unfinished", label });
    }
    this.open.clear();
  }
}
