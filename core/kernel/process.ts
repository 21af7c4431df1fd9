/** A process: everything that belongs to it is a named field here, and nothing is elsewhere. */
import { RandomStream } from "../base/random.ts";
import type { AddressSpace } from "./address_space.ts";
import type { Credentials, Limits } from "./credentials.ts";
import type { Exit } from "./death.ts";
import type { WriteGuard } from "./guard.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Console } from "./files/console.ts";
import type { FileTable } from "./files/file_table.ts";
import type { FirstWrite } from "./page.ts";
import type { ProcessSignals } from "./signals.ts";
import type { Thread } from "./thread.ts";
import { UserMemory } from "./user_memory.ts";
import { WaitQueue } from "./wait_queue.ts";

/** What a process runs: its file by name and content. */
export interface Executable {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** One of the three timers of setitimer, in cycles; `at` counts in the timer's own time. */
export interface IntervalTimer {
  /** When it goes off, or undefined. */
  readonly at: number | undefined;
  readonly interval: number;
}

/** Timers by what they count: all cycles, or only those the process used. */
export interface IntervalTimers {
  real: IntervalTimer;
  virtual: IntervalTimer;
  profile: IntervalTimer;
}

/** No timer is set. */
export const noTimers = (): IntervalTimers => ({
  real: { at: undefined, interval: 0 },
  virtual: { at: undefined, interval: 0 },
  profile: { at: undefined, interval: 0 },
});

/** What a process is made of: by spawn, or from an image. */
export interface ProcessParts {
  readonly id: number;
  readonly parent: number;
  readonly executable: Executable;
  readonly args: readonly string[];
  readonly environment: readonly string[];
  readonly space: AddressSpace;
  readonly files: FileTable;
  readonly console: Console;
  readonly endpoint: Endpoint;
  readonly signals: ProcessSignals;
  readonly credentials: Credentials;
  readonly limits: Limits;
  readonly timers: IntervalTimers;
  readonly cwd: string;
  readonly umask: number;
  /** State of its stream of random numbers. */
  readonly random: readonly number[];
  /** Cycles added to the machine's for its clocks: they go on where the image was taken. */
  readonly clockOffset: number;
  readonly startedAt: number;
  /** Cycles it has used. */
  readonly cycles: number;
  /** Instructions it has retired. */
  readonly instructions: number;
  readonly systemCalls: number;
}

/** One process. */
export class Process {
  readonly id: number;
  parent: number;
  group: number;
  session: number;
  executable: Executable;
  args: readonly string[];
  environment: readonly string[];
  space: AddressSpace;
  memory: UserMemory;
  readonly files: FileTable;
  readonly console: Console;
  /** Messages to and from the other processes of its application. */
  readonly endpoint: Endpoint;
  readonly signals: ProcessSignals;
  readonly credentials: Credentials;
  readonly limits: Limits;
  readonly timers: IntervalTimers;
  /** Absolute path of the working directory. */
  cwd: string;
  umask: number;
  readonly random: RandomStream;
  readonly threads: Thread[] = [];
  clockOffset: number;
  readonly startedAt: number;
  /** Cycles its threads have used, those of threads that ended included. */
  cycles: number;
  /** Instructions they have retired. */
  instructions: number;
  systemCalls: number;
  /** Frozen by a checkpointer: none of its threads runs. */
  frozen = false;
  /**
   * The stores that met its last checkpoint, in their order. A hint for the next one, of this life
   * alone: no image has it.
   */
  firstWrites: readonly FirstWrite[] = [];
  /**
   * Who hears of its first stores between two checkpoints. Of this life alone, so a process that was
   * restored or has moved builds on no image of an earlier one.
   */
  tracker: WriteGuard | undefined;
  /** Stopped by SIGSTOP or the like. */
  stopped = false;
  /** Set when it has ended. */
  exit: Exit | undefined;
  /** Who waits for a child of it. */
  readonly childQueue = new WaitQueue();
  /** Who waits for a signal without a handler. */
  readonly signalQueue = new WaitQueue();
  private readonly futexes = new Map<number, WaitQueue>();

  constructor(parts: ProcessParts) {
    this.id = this.group = this.session = parts.id;
    this.parent = parts.parent;
    this.executable = parts.executable;
    this.args = [...parts.args];
    this.environment = [...parts.environment];
    this.space = parts.space;
    this.memory = new UserMemory(parts.space);
    this.files = parts.files;
    this.console = parts.console;
    this.endpoint = parts.endpoint;
    this.signals = parts.signals;
    this.credentials = parts.credentials;
    this.limits = parts.limits;
    this.timers = parts.timers;
    this.cwd = parts.cwd;
    this.umask = parts.umask;
    this.random = RandomStream.from(parts.random);
    this.clockOffset = parts.clockOffset;
    this.startedAt = parts.startedAt;
    this.cycles = parts.cycles;
    this.instructions = parts.instructions;
    this.systemCalls = parts.systemCalls;
  }

  /** The name in reports: the last part of the executable's path. */
  get name(): string {
    return this.executable.path.slice(this.executable.path.lastIndexOf("/") + 1);
  }

  /** Who waits at an address; derived from the calls that wait. */
  futex(address: number): WaitQueue {
    const known = this.futexes.get(address);
    if (known !== undefined) return known;
    const queue = new WaitQueue();
    this.futexes.set(address, queue);
    return queue;
  }

  /** Neither ended nor held back by a checkpointer or a stop signal. */
  get runnable(): boolean {
    return this.exit === undefined && !this.frozen && !this.stopped;
  }
}
