/** Whose turn it is: round robin, with a quantum in cycles. */
import type { Thread } from "./thread.ts";

/** Cycles of a slice of a thread that is alone. */
const LONE_SLICE = 2 ** 22;

/** Threads that may run, in the order of their turns. */
export class Scheduler {
  /** The thread whose turn it is. */
  current: Thread | undefined;
  /** The cycle at which its turn ends, if somebody waits for that. */
  turnEnd = 0;
  private readonly waiting: Thread[] = [];

  constructor(readonly quantum: number) {}

  /**
   * The cycle until which the current thread may run without being looked at. Alone it has no turn to lose: who
   * becomes ready does so by a system call or an alarm, and both end a slice.
   */
  sliceEnd(now: number): number {
    return this.waiting.length === 0 ? now + LONE_SLICE : this.turnEnd;
  }

  /** A thread may run: it waits for its turn at the end of the line. */
  ready(thread: Thread): void {
    if (thread !== this.current && !this.waiting.includes(thread)) this.waiting.push(thread);
  }

  /** A thread goes to the end of the line. */
  yield(): void {
    const { current } = this;
    this.current = undefined;
    if (current?.state === "ready") this.ready(current);
  }

  /** Forgets a thread. */
  remove(thread: Thread): void {
    if (this.current === thread) this.current = undefined;
    const index = this.waiting.indexOf(thread);
    if (index >= 0) this.waiting.splice(index, 1);
  }

  /** The thread to run at `now`: the current one until its turn ends, then the next in line. */
  pick(now: number): Thread | undefined {
    const { current } = this;
    const goesOn = current !== undefined && current.state === "ready" && current.process.runnable;
    if (goesOn && now < this.turnEnd) return current;
    const index = this.waiting.findIndex((thread) => thread.process.runnable);
    if (index >= 0) {
      const next = this.waiting.splice(index, 1)[0];
      this.yield();
      this.current = next;
    } else if (!goesOn) {
      this.yield();
      return undefined;
    } else if (this.waiting.length === 0) return current; // when that is asked must not matter
    this.turnEnd = now + this.quantum;
    return this.current;
  }
}
