/**
 * Where the time of a checkpoint goes. Every cycle between the request and the durable image lies in
 * exactly one bin; otherwise a relative downtime is an opinion.
 *
 * Time is counted by marks: whatever settles puts all the time since the last mark into bins. Only
 * faults and refills happen in the middle of the program's own time: they claim their cycles at once,
 * and what is settled later is what they left.
 */

/** The bins, and what each means for the process. */
export const BINS = {
  run: "the process ran",
  stop: "frozen by the checkpointer",
  fault: "suspended inside a write fault: entry, messages, page copy, waiting for the copier",
  refill: "TLB misses that only the invalidation caused",
  steal: "runnable, but the processor ran the copier",
  other: "asleep, ended, or other processes ran",
} as const;

/** The name of a bin. */
export type Bin = keyof typeof BINS;

/** What an account must know of time, in cycles. */
export interface ProcessClock {
  /** The node's clock, exact also inside a slice of the process. */
  now(): number;
  /** Processor time the process has used, charges included; exact only between its slices. */
  used(): number;
}

/** The time account of one checkpoint, in cycles. It opens when it is made. */
export class Account {
  private readonly cycles: Record<Bin, number> = {
    run: 0,
    stop: 0,
    fault: 0,
    refill: 0,
    steal: 0,
    other: 0,
  };
  private mark: number;
  private usedAtMark: number;
  /** Cycles since the mark that are in a bin already. */
  private claimed = 0;
  private pauseNow = 0;
  private pauseLongest = 0;
  private pausedUntil: number;

  constructor(private readonly clock: ProcessClock) {
    this.mark = this.pausedUntil = clock.now();
    this.usedAtMark = clock.used();
  }

  /** In the process's own time: the cycles since `from` were not its program's. */
  claim(bin: "fault" | "refill", from: number): void {
    this.claimed += this.pause(bin, from);
  }

  /** All the time since the mark was this. */
  settle(bin: "stop" | "steal" | "other"): void {
    if (bin === "other") this.cycles.other += this.clock.now() - this.mark;
    else this.pause(bin, this.mark);
    this.markNow();
  }

  /** Programs had the processor since the mark: what this one did not use, others did, or nobody. */
  settlePrograms(): void {
    const used = this.clock.used() - this.usedAtMark;
    this.cycles.run += used - this.claimed;
    this.cycles.other += this.clock.now() - this.mark - used;
    this.markNow();
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

  /** The longest time in one piece that the checkpoint kept the process from running. */
  get maxPause(): number {
    return this.pauseLongest;
  }

  private markNow(): void {
    this.mark = this.clock.now();
    this.usedAtMark = this.clock.used();
    this.claimed = 0;
  }

  /** Puts the cycles since `from` in a bin; what follows a pause without a gap prolongs it. */
  private pause(bin: Bin, from: number): number {
    const now = this.clock.now(), cycles = now - from;
    if (cycles <= 0) return 0;
    this.cycles[bin] += cycles;
    this.pauseNow = (from > this.pausedUntil ? 0 : this.pauseNow) + cycles;
    this.pauseLongest = Math.max(this.pauseLongest, this.pauseNow);
    this.pausedUntil = now;
    return cycles;
  }
}
