/**
 * All a scenario can do or ask. The language knows nothing else of the engine, and the engine
 * nothing of the language.
 */
import type { OptionTable, OptionValue, OptionValues } from "../base/option.ts";
import type { Profile } from "../cluster/profile.ts";
import type { MetricValue } from "./metric.ts";

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
  start(options: OptionValues<T>): ProgramStart;
}

/** A step the lab refuses at run time: the script's doing. The message says what was expected. */
export class LabError extends Error {
  override readonly name = "LabError";
}

/** One world: nodes, processes, checkpoints, in one virtual time. */
export interface Lab {
  /** Virtual time since the start of the cell, in ns. */
  readonly now: number;
  /** True when no process can run any more and no checkpoint is under way. */
  readonly atRest: boolean;
  /** Digest of every event so far, as 16 hexadecimal digits. */
  readonly traceHash: string;
  /** What the user should know of the run, a line each: system calls that were answered ENOSYS. */
  readonly remarks: readonly string[];

  addNode(name: string, profile: Profile): void;
  addProcess(name: string, node: string, workload: Strategy): void;

  /** Begins a checkpoint of these processes at this instant; it goes on in virtual time. */
  checkpoint(processes: readonly string[], label: string | undefined, using: Strategy): void;
  /** Kills processes at this instant. What is not in the store is gone. */
  crash(processes: readonly string[], losing: Loss): void;
  /** Restarts processes from a committed checkpoint: a label, or undefined for the newest. */
  restart(processes: readonly string[], from: string | undefined, on: string | undefined): void;
  note(text: string): void;

  /** Runs to exactly that virtual time; everything at rest, the clock goes on alone. */
  advance(until: number): void;

  /** A metric of a process, by the names in `PROCESS_METRICS`. */
  processMetric(process: string, metric: string): MetricValue;
  /** A metric of a checkpoint, by the names in `CHECKPOINT_METRICS`. */
  checkpointMetric(label: string, metric: string): MetricValue;
  /** Labels of committed checkpoints, oldest first. */
  readonly committed: readonly string[];
  /** Digest of the state a restart from this checkpoint would begin with. */
  restoredState(label: string): string;
}
