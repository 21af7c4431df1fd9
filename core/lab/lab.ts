/**
 * All a scenario can do or ask. The language knows nothing else of the engine, and the engine
 * nothing of the language.
 */
import type { Choices } from "../base/choices.ts";
import type { OptionTable, OptionValue, OptionValues } from "../base/option.ts";
import type { ChannelOptions } from "../cluster/channel.ts";
import type { Isolation } from "../cluster/isolation.ts";
import type { Profile } from "../cluster/profile.ts";
import type { ProcessPages } from "../image/page_map.ts";
import type { Scene } from "./scene.ts";
import type { MetricArgument, MetricValue } from "./metric.ts";
import type { Recording } from "./recording.ts";
import type { TraceEvent } from "./trace.ts";

/** A name from the registry with its options, defaults filled in. */
export interface Strategy {
  readonly name: string;
  readonly options: Readonly<Record<string, OptionValue>>;
}

/** What a crash takes away besides the process: its image store's unsynced part, or all of it. */
export const LOSSES = ["nothing", "unsynced", "disk"] as const;

/** One of {@linkcode LOSSES}. */
export type Loss = (typeof LOSSES)[number];

/** A program to run: an ELF file and what it is started with. */
export interface ProgramStart {
  /** URL or path of the ELF file. */
  readonly file: string;
  readonly args: readonly string[];
  /** `NAME=value`; nothing of the host's. */
  readonly environment?: readonly string[];
  /** What it reads from standard input. */
  readonly input?: string;
}

/** A workload a script may name: options in, a program to start out. */
export interface Workload<T extends OptionTable = OptionTable> {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One sentence; printed by `list` and the manual. */
  readonly help: string;
  readonly options: T;
  /** Numbers the program publishes, by name: asked for as `p.balance`. */
  readonly values?: readonly string[];
  /** What may be done to it; whatever is not said is supported. `rerun`: it writes the same again. */
  readonly supports?: { readonly rerun?: boolean };
  start(options: OptionValues<T>): ProgramStart;
}

/** A step the lab refuses at run time: the script's doing. The message says what was expected. */
export class LabError extends Error {
  override readonly name = "LabError";
}

/** Who a crash takes: processes, whole nodes, the manager of the protocol. */
export interface Victims {
  readonly processes: readonly string[];
  readonly nodes: readonly string[];
  readonly manager: boolean;
}

/** Where a fault is to happen. */
export interface FaultPlaces {
  readonly nodes: readonly string[];
  readonly processes: readonly string[];
}

/**
 * One world: nodes, processes, channels, checkpoints, in one virtual time. What takes host time, as
 * a Worker does to begin, is awaited; what is asked of it is answered at once.
 */
export interface Lab {
  /** Virtual time since the start of the cell, in ns. */
  readonly now: number;
  /** True when no process can run any more, no checkpoint and no message is under way. */
  readonly atRest: boolean;
  /** Digest of every event so far, as 16 hexadecimal digits. */
  readonly traceHash: string;
  /**
   * Events so far, those too frequent to keep among them; ten thousand instructions of a process
   * count as one. It is what a run costs, the same on every host.
   */
  readonly events: number;
  /** What happened, in total order, but for what is too frequent to keep. */
  readonly trace: { readonly events: readonly TraceEvent[] };
  /** What pictures of the run need; only of a lab that was made to record. */
  readonly recording?: Recording | undefined;
  /** What the user should know of the run, a line each: system calls that were answered ENOSYS. */
  readonly remarks: readonly string[];
  /** Every choice of the run goes through here: those of the network, and those of a scenario. */
  readonly choices: Choices;

  // The setup, before the first advance.

  /** How processes are put into Workers; before the first process. */
  isolate(isolation: Isolation): void;
  /** Where images are kept; before the first node. */
  keep(storage: Strategy): void;
  addNode(name: string, profile: Profile): void;
  /** A process; its rank is the number of those added before. It begins at `startsAt`, in ns. */
  addProcess(name: string, node: string, workload: Strategy, startsAt?: number): void;
  /** What the channels from these to those are like; "manager" may be among them. */
  connect(from: readonly string[], to: readonly string[], options: ChannelOptions): void;
  /** Who coordinates checkpoints of several processes. */
  coordinate(protocol: Strategy): void;
  /** What was set up begins, at time 0; whatever comes first begins it too. */
  begin(): Promise<void>;

  // Steps.

  /** Begins a checkpoint of these processes at this instant; it goes on in virtual time. */
  checkpoint(
    processes: readonly string[],
    label: string | undefined,
    using: Strategy,
  ): Promise<void>;
  /** Kills at this instant. What is not in the store is gone. */
  crash(victims: Victims, losing: Loss): Promise<void>;
  /**
   * Restarts processes from a committed checkpoint: a label, or undefined for the newest that is
   * whole. Those of them that still run go back with the others. The manager, if it was crashed,
   * begins anew. Without such a checkpoint it is refused, unless they may go back to their beginning.
   */
  restart(
    processes: readonly string[],
    from: string | undefined,
    on: string | undefined,
    orBeginning?: boolean,
  ): Promise<void>;
  /** Stops a process, saves it, and lets it go on elsewhere, under its rank. */
  migrate(processes: readonly string[], to: string, using: Strategy): Promise<void>;
  /** Nothing gets from the one to the other side, either way, until healed. */
  partition(nodes: readonly string[], others: readonly string[]): void;
  /** Ends every partition one of these nodes is in. */
  heal(nodes: readonly string[]): void;
  /** The processes stand still until they are resumed. */
  pause(processes: readonly string[]): void;
  resume(processes: readonly string[]): void;
  /** One of several, by a recorded choice. */
  pick(names: readonly string[]): string;
  /** Makes a fault happen at these nodes and processes; at none: wherever it can. */
  inject(fault: Strategy, at: FaultPlaces): void;
  note(text: string): void;

  /** Runs to exactly that virtual time; everything at rest, the clock goes on alone. */
  advance(until: number): Promise<void>;
  /** Ends the world and its Workers; nothing can be asked of it any more. */
  end(): void;

  /** A metric of a process, by the names in `PROCESS_METRICS`. */
  processMetric(
    process: string,
    metric: string,
    given?: readonly MetricArgument[],
  ): MetricValue;
  /** A metric of a checkpoint, by the names in `CHECKPOINT_METRICS`. */
  checkpointMetric(
    label: string,
    metric: string,
    given?: readonly MetricArgument[],
  ): MetricValue;
  /** What became of the pages of the processes in a committed checkpoint. */
  checkpointPages(label: string): readonly ProcessPages[];
  /** A metric of the whole run, by the names in `CLUSTER_METRICS`. */
  clusterMetric(metric: string, given?: readonly MetricArgument[]): MetricValue;
  /** Labels of committed checkpoints, oldest first. */
  readonly committed: readonly string[];
  /** Digest of the state a restart from this checkpoint would begin with. */
  restoredState(label: string): string;
  /** What it looks like now. Looking changes nothing. */
  readonly scene: Scene;
}
