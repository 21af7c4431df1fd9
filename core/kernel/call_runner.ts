/**
 * Runs system calls: finds the row, decodes, answers in r0, puts a call that must wait to sleep and
 * repeats it later. Repeating instead of remembering is what keeps a waiting call plain data.
 */
import { ERRNO, Refusal } from "./errno.ts";
import { nextSignal } from "./signal_delivery.ts";
import { ACTION_FLAGS, HANDLER } from "./signals.ts";
import { showResult, type SystemCall } from "./syscall.ts";
import { Block, type KernelServices, NO_RESULT, type Outcome, Task } from "./task.ts";
import type { Thread } from "./thread.ts";
import { OutOfMemory } from "./user_memory.ts";

/** Registers of the running thread, one by one. */
export interface CallRegisters {
  r(n: number): number;
  setR(n: number, value: number): void;
}

/** What the runner needs of the kernel. */
export interface CallServices extends KernelServices {
  readonly live: CallRegisters;
  /** Steps the program back onto its trapa, so that the call is made again. */
  retry(): void;
  /** No memory is left for a page the call needs. */
  outOfMemory(thread: Thread, address: number): void;
  /** Told of every finished call; undefined saves the work. */
  readonly onCall: ((event: CallEvent) => void) | undefined;
}

/** A finished system call, as tracing sees it. */
export interface CallEvent {
  readonly at: number;
  readonly process: number;
  readonly thread: number;
  readonly number: number;
  readonly name: string;
  /** What r0 became; undefined when the call does not return. */
  readonly result: number | undefined;
  /** The call as strace prints it. */
  readonly line: string;
}

/** A call the kernel does not do, and how often a program asked for it. */
export interface UnknownCall {
  readonly number: number;
  readonly name: string | undefined;
  readonly why: string;
  count: number;
}

/** An unknown call in words. */
export function describeUnknown({ number, name, why, count }: UnknownCall): string {
  const times = count === 1 ? "once" : `${count} times`;
  return `${name ?? `system call ${number}`} was answered ENOSYS ${times} (${why})`;
}

/** Where the six words of a call are: r4 to r7, then r0 and r1. */
const ARGUMENTS = [4, 5, 6, 7, 0, 1] as const;
const TRAPA_BYTES = 2;
export { TRAPA_BYTES };

/** System calls of one kernel. */
export class CallRunner {
  private readonly unknown = new Map<number, UnknownCall>();

  constructor(
    private readonly services: CallServices,
    private readonly table: ReadonlyMap<number, SystemCall>,
  ) {}

  /** The calls that were answered ENOSYS, by number. */
  get unknownCalls(): readonly UnknownCall[] {
    return [...this.unknown.values()].sort((a, b) => a.number - b.number);
  }

  /** The program has made a call: its registers say which. */
  call(thread: Thread): void {
    const { live } = this.services;
    thread.process.systemCalls++;
    this.perform(thread, live.r(3) | 0, ARGUMENTS.map((n) => live.r(n) | 0));
  }

  /** A waiting thread has its turn again: its call is repeated. */
  repeat(thread: Thread): void {
    const { call } = thread;
    if (call !== undefined) this.perform(thread, call.number, call.words);
  }

  private perform(thread: Thread, number: number, words: readonly number[]): void {
    const row = this.table.get(number);
    if (row === undefined || row.unsupported !== undefined) return this.refuse(thread, number, row);
    const decoded: unknown[] = [];
    const outcome = this.outcomeOf(row, thread, words, decoded);
    if (outcome === undefined) return;
    if (outcome instanceof Block) return this.block(thread, row, words, outcome, decoded);
    thread.call = undefined;
    const result = outcome === NO_RESULT ? undefined : outcome;
    if (result !== undefined) this.services.live.setR(0, result | 0);
    this.report(thread, row, words, decoded, result);
  }

  private outcomeOf(
    row: SystemCall,
    thread: Thread,
    words: readonly number[],
    decoded: unknown[],
  ): Outcome | undefined {
    try {
      return row.run(new Task(this.services, thread.process, thread), words, decoded);
    } catch (error) {
      if (error instanceof Refusal) return -ERRNO[error.errno];
      if (!(error instanceof OutOfMemory)) throw error;
      this.services.outOfMemory(thread, error.address);
      return undefined;
    }
  }

  private refuse(thread: Thread, number: number, row: SystemCall | undefined): void {
    const why = row?.unsupported ?? "no row for this number";
    const entry = this.unknown.get(number) ?? { number, name: row?.name, why, count: 0 };
    entry.count++;
    this.unknown.set(number, entry);
    this.services.live.setR(0, -ERRNO.ENOSYS);
    thread.call = undefined;
    const { onCall } = this.services;
    const name = row?.name ?? `syscall_${number}`;
    const line = `${name}(…) = ${showResult(-ERRNO.ENOSYS)}`;
    onCall?.({ ...this.eventOf(thread), number, name, result: -ERRNO.ENOSYS, line });
  }

  /** Puts a thread to sleep in its call, or ends the call if a signal wants to be delivered. */
  private block(
    thread: Thread,
    row: SystemCall,
    words: readonly number[],
    block: Block,
    decoded: readonly unknown[],
  ): void {
    const interrupted = thread.call?.interrupted === true || nextSignal(thread) !== undefined;
    const ending = interrupted ? this.interruption(thread, block) : "wait";
    if (ending === "wait") {
      thread.call = {
        number: row.number,
        words,
        deadline: block.until,
        progress: block.progress,
        woken: false,
        interrupted: false,
        restarts: block.restarts,
      };
      return thread.sleep(block.queues);
    }
    thread.call = undefined;
    if (ending === "retry") {
      this.services.live.setR(0, words[4] ?? 0);
      return this.services.retry();
    }
    this.services.live.setR(0, ending);
    this.report(thread, row, words, decoded, ending);
  }

  /** How a signal ends a wait: by a result, by making the call again, or not at all. */
  private interruption(thread: Thread, block: Block): number | "retry" | "wait" {
    const info = nextSignal(thread);
    if (info === undefined) return "wait";
    if (block.progress > 0) return block.progress;
    const { handler, flags } = thread.process.signals.action(info.signal);
    if (handler === HANDLER.default || handler === HANDLER.ignore) return "retry";
    if (block.undisturbed) return "retry";
    return block.restarts && (flags & ACTION_FLAGS.restart) !== 0 ? "retry" : -ERRNO.EINTR;
  }

  private report(
    thread: Thread,
    row: SystemCall,
    words: readonly number[],
    decoded: readonly unknown[],
    result: number | undefined,
  ): void {
    const { onCall } = this.services;
    if (onCall === undefined) return;
    const { number, name } = row;
    const line = `${row.show(words, decoded)} = ${showResult(result)}`;
    onCall({ ...this.eventOf(thread), number, name, result, line });
  }

  private eventOf(thread: Thread): Pick<CallEvent, "at" | "process" | "thread"> {
    return { at: this.services.now, process: thread.process.id, thread: thread.id };
  }
}
