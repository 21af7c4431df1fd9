/**
 * Where the time of a checkpoint goes. Every cycle between the request and the durable image lies in
 * exactly one bin; otherwise a relative downtime is an opinion.
 */

/** The bins, and what each means for the process. */
export const BINS = {
  run: "the process ran, or could have",
  stop: "frozen by the checkpointer",
  fault: "suspended inside a write fault: entry, messages, page copy, waiting for the copier",
  refill: "TLB misses that only the invalidation caused",
  steal: "runnable, but the processor ran the copier",
  other: "asleep, exited, or other processes ran",
} as const;

/** The name of a bin. */
export type Bin = keyof typeof BINS;

/** The time account of one checkpoint, in cycles. */
export class Account {
  private readonly cycles: Record<Bin, number> = {
    run: 0,
    stop: 0,
    fault: 0,
    refill: 0,
    steal: 0,
    other: 0,
  };
  private pauseNow = 0;
  private pauseLongest = 0;

  /** Adds cycles to a bin. Consecutive cycles in which the process could not run are one pause. */
  add(bin: Bin, cycles: number): void {
    if (cycles <= 0) return;
    this.cycles[bin] += cycles;
    if (bin === "run" || bin === "other") this.pauseNow = 0;
    else {
      this.pauseNow += cycles;
      this.pauseLongest = Math.max(this.pauseLongest, this.pauseNow);
    }
  }

  /** The cycles of one bin. */
  in(bin: Bin): number {
    return this.cycles[bin];
  }

  /** All bins together; equals the elapsed time, or the account does not close. */
  get total(): number {
    return Object.values(this.cycles).reduce((sum, cycles) => sum + cycles, 0);
  }

  /** The downtime as paper A counts it: what the process lost while it wanted to run. */
  get downtime(): number {
    return this.cycles.stop + this.cycles.fault + this.cycles.refill;
  }

  /** The downtime with the processor time the copier took. */
  get downtimeHonest(): number {
    return this.downtime + this.cycles.steal;
  }

  /** The longest time in one piece during which the process could not run. */
  get maxPause(): number {
    return this.pauseLongest;
  }
}
