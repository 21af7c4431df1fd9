/** A thread: registers when it does not run, a signal mask, and the system call it waits in. */
import { type Context, copyContext } from "./context.ts";
import type { Process } from "./process.ts";
import {
  type AlternateStack,
  NO_ALTERNATE_STACK,
  NO_SIGNALS,
  PendingSignals,
  type SignalInfo,
  type SignalSet,
  type ThreadSignals,
} from "./signals.ts";
import type { Waiter, WaitQueue } from "./wait_queue.ts";

/**
 * A system call that waits. It holds no half-done work: when the thread runs again the call is
 * repeated from its arguments, so these fields are all an image needs.
 */
export interface WaitingCall {
  readonly number: number;
  /** The words of r4, r5, r6, r7, r0, r1 when it was made. */
  readonly words: readonly number[];
  /** The cycle at which it gives up, fixed when it was first made. */
  deadline: number | undefined;
  /** Bytes moved by earlier turns, as of a write to a full pipe. */
  progress: number;
  /** A wait queue let it go. */
  woken: boolean;
  /** A signal wants to be delivered. */
  interrupted: boolean;
  /** After a handler with SA_RESTART it is made again, instead of answering EINTR. */
  restarts: boolean;
}

/** Whether a thread may run. */
export type ThreadState = "ready" | "waiting" | "ended";

/** Everything of a thread that an image holds, as plain data. */
export interface ThreadRecord {
  readonly id: number;
  readonly context: Context;
  readonly call: WaitingCall | undefined;
  readonly mask: SignalSet;
  readonly restoreMask: SignalSet | undefined;
  readonly pending: readonly SignalInfo[];
  readonly alternateStack: AlternateStack;
  readonly clearChildId: number;
  readonly robustList: number;
  readonly cycles: number;
}

/** The record of a thread that begins with these registers. */
export const newThread = (id: number, context: Context): ThreadRecord => ({
  id,
  context,
  call: undefined,
  mask: NO_SIGNALS,
  restoreMask: undefined,
  pending: [],
  alternateStack: NO_ALTERNATE_STACK,
  clearChildId: 0,
  robustList: 0,
  cycles: 0,
});

/** One thread of a process. */
export class Thread implements Waiter {
  readonly id: number;
  /** True only while the thread is not the one in the processor. */
  context: Context;
  state: ThreadState = "ready";
  call: WaitingCall | undefined;
  readonly signals: ThreadSignals;
  /** Address set by set_tid_address, cleared when the thread ends. */
  clearChildId: number;
  robustList: number;
  /** Cycles it has used. */
  cycles: number;
  /** Where it waits; derived from the call. */
  queues: readonly WaitQueue[] = [];

  /** `onReady` is told when a waiting thread may run again. */
  constructor(
    readonly process: Process,
    record: ThreadRecord,
    private readonly onReady: (thread: Thread) => void,
  ) {
    this.id = record.id;
    this.context = copyContext(record.context);
    this.call = record.call === undefined ? undefined : { ...record.call };
    this.signals = {
      mask: record.mask,
      pending: new PendingSignals([...record.pending]),
      alternateStack: record.alternateStack,
      restoreMask: record.restoreMask,
    };
    this.clearChildId = record.clearChildId;
    this.robustList = record.robustList;
    this.cycles = record.cycles;
  }

  /** The thread as plain data; its context must have been saved. */
  get record(): ThreadRecord {
    return {
      id: this.id,
      context: copyContext(this.context),
      call: this.call === undefined ? undefined : { ...this.call },
      mask: this.signals.mask,
      restoreMask: this.signals.restoreMask,
      pending: [...this.signals.pending.all],
      alternateStack: this.signals.alternateStack,
      clearChildId: this.clearChildId,
      robustList: this.robustList,
      cycles: this.cycles,
    };
  }

  /** Goes to sleep in these queues; the call must be set. */
  sleep(queues: readonly WaitQueue[]): void {
    this.state = "waiting";
    this.queues = queues;
    for (const queue of queues) queue.add(this);
  }

  /** A queue let it go. */
  wake(): void {
    if (this.call !== undefined) this.call.woken = true;
    this.rouse();
  }

  /** Leaves its queues and may run again: its call will be repeated. */
  rouse(): void {
    if (this.state !== "waiting") return;
    for (const queue of this.queues) queue.remove(this);
    this.queues = [];
    this.state = "ready";
    this.onReady(this);
  }

  /** Never runs again. */
  end(): void {
    for (const queue of this.queues) queue.remove(this);
    this.queues = [];
    this.call = undefined;
    this.state = "ended";
  }
}
