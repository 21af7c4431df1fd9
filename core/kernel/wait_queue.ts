/**
 * Who waits for something to happen. A waiting thread repeats its system call when it is woken, so a
 * queue is derived state: an image holds the calls that wait, never the queues.
 */

/** Somebody who can be woken: a thread. */
export interface Waiter {
  /** Called once, when a queue lets the waiter go; it then leaves all its queues. */
  wake(): void;
}

/** Waiters in the order they came. */
export class WaitQueue {
  private readonly waiters = new Set<Waiter>();

  get size(): number {
    return this.waiters.size;
  }

  add(waiter: Waiter): void {
    this.waiters.add(waiter);
  }

  remove(waiter: Waiter): void {
    this.waiters.delete(waiter);
  }

  /** Wakes the first `count` waiters, all by default; returns how many there were. */
  wake(count = Infinity): number {
    let woken = 0;
    for (const waiter of [...this.waiters]) {
      if (woken >= count) break;
      this.waiters.delete(waiter);
      waiter.wake();
      woken++;
    }
    return woken;
  }
}
