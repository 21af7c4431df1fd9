/** What a system call sees: its thread, its process, and what the kernel does for it. */
import type { Context } from "./context.ts";
import { Refusal } from "./errno.ts";
import type { FileSystem } from "./files/file_system.ts";
import type { Process } from "./process.ts";
import type { SignalInfo } from "./signals.ts";
import type { Thread } from "./thread.ts";
import type { UserMemory } from "./user_memory.ts";
import { cyclesOf, timeOf, type Timespec } from "./virtual_clock.ts";
import type { WaitQueue } from "./wait_queue.ts";

/** The part of the kernel that system calls use. */
export interface KernelServices {
  /** Cycles since power-on. */
  readonly now: number;
  readonly clockHz: number;
  readonly fileSystem: FileSystem;
  readonly memoryBytes: number;
  readonly freeBytes: number;
  /** Every process that has not been waited for. */
  processes(): Iterable<Process>;
  process(id: number): Process | undefined;
  /** Sends a signal to a process, or to one thread of it. */
  send(process: Process, info: SignalInfo, thread?: Thread): void;
  /** Ends a process, or its last thread. */
  exit(process: Process, code: number): void;
  exitThread(thread: Thread, code: number): void;
  /** Forgets a process that has been waited for. */
  reap(process: Process): void;
  /** The registers of the calling thread. */
  registers(): Context;
  setRegisters(context: Context): void;
  /** Gives the processor to the next in line. */
  yield(): void;
}

/** One system call's surroundings. */
export class Task {
  constructor(
    readonly kernel: KernelServices,
    readonly process: Process,
    readonly thread: Thread,
  ) {}

  get memory(): UserMemory {
    return this.process.memory;
  }

  /** Cycles on the process's own clock. */
  get clock(): number {
    return this.kernel.now + this.process.clockOffset;
  }

  /** The process's monotonic time. */
  get time(): Timespec {
    return timeOf(this.clock, this.kernel.clockHz);
  }

  /** How many bytes earlier turns of this call have moved. */
  get progress(): number {
    return this.thread.call?.progress ?? 0;
  }

  /** True when a queue has let this call go. */
  get woken(): boolean {
    return this.thread.call?.woken ?? false;
  }

  /** True when a signal waits for this call to end. */
  get interrupted(): boolean {
    return this.thread.call?.interrupted ?? false;
  }

  /** The cycle at which a wait that was first asked for so long gives up; kept over turns. */
  deadlineAfter(length: Timespec | undefined): number | undefined {
    if (this.thread.call !== undefined) return this.thread.call.deadline;
    if (length === undefined) return undefined;
    return this.kernel.now + cyclesOf(length, this.kernel.clockHz);
  }

  /** The cycle at which the process's clock shows `moment`; kept over turns. */
  deadlineAt(moment: Timespec): number {
    const at = cyclesOf(moment, this.kernel.clockHz) - this.process.clockOffset;
    return this.thread.call?.deadline ?? at;
  }

  /** Whether a deadline has come. */
  isOver(deadline: number | undefined): boolean {
    return deadline !== undefined && this.kernel.now >= deadline;
  }
}

/** What a system call answers when it must wait: it is repeated when woken or at `until`. */
export class Block {
  readonly queues: readonly WaitQueue[];
  readonly until: number | undefined;
  readonly restarts: boolean;
  /** Made again after every handler, SA_RESTART or not: it never answers EINTR. */
  readonly undisturbed: boolean;
  readonly progress: number;

  constructor(
    queues: readonly WaitQueue[],
    options: {
      readonly until?: number | undefined;
      readonly restarts?: boolean;
      readonly undisturbed?: boolean;
      readonly progress?: number;
    } = {},
  ) {
    this.queues = queues;
    this.until = options.until;
    this.restarts = options.restarts ?? true;
    this.undisturbed = options.undisturbed ?? false;
    this.progress = options.progress ?? 0;
  }
}

/** What a system call answers when the registers are already as they should be. */
export const NO_RESULT = Symbol("no result");

/** A result (negative errno for an error), a wait, or nothing to put into r0. */
export type Outcome = number | Block | typeof NO_RESULT;

/** Refuses with an error unless `condition` holds. */
export function demand(condition: boolean, errno: Refusal["errno"]): asserts condition {
  if (!condition) throw new Refusal(errno);
}
