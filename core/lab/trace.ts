/**
 * What happened, in total order: the only thing that leaves a run besides its metrics. What is told
 * of the same time is ordered by process, so that the order does not depend on the steps in which a
 * world was advanced; and a process may be a little ahead of the clock, so what it tells waits.
 */
import { Digest } from "../base/digest.ts";

/** One event. */
export interface TraceEvent {
  /** Virtual time in ns. */
  readonly time: number;
  readonly node: string;
  /** The process it happened to; empty for the node's own. */
  readonly process: string;
  readonly kind: string;
  /** What else there is to say, in one line. */
  readonly text: string;
}

/** Something told: an event, or something too frequent to keep. */
interface Entry {
  readonly time: number;
  readonly process: string;
  readonly event: TraceEvent | undefined;
  readonly parts: readonly (number | string)[];
}

const compareEntries = (a: Entry, b: Entry): number =>
  a.time - b.time || (a.process === b.process ? 0 : a.process < b.process ? -1 : 1);

/** Collects events and a digest over them and over what is too frequent to keep. */
export class Trace {
  private readonly digest = new Digest();
  private readonly kept: TraceEvent[] = [];
  /** What is told and has not its place yet, as it was told. */
  private waiting: Entry[] = [];
  private now = 0;
  private told = 0;

  /** How much was told, that which is too frequent to keep among it. */
  get size(): number {
    return this.told;
  }

  /** The events up to now, in the order they happened. */
  get events(): readonly TraceEvent[] {
    this.settle(({ time }) => time <= this.now);
    return this.kept;
  }

  /** The digest so far, 16 hexadecimal digits. */
  get hash(): string {
    this.settle(({ time }) => time <= this.now);
    return this.digest.hex;
  }

  /** Takes in an event of the present or of a time to come. */
  event(event: TraceEvent): void {
    this.told++;
    const { time, node, process, kind, text } = event;
    this.waiting.push({ time, process, event, parts: [time, node, process, kind, text] });
  }

  /** An order from outside is carried out: what has happened until now comes before it. */
  order(event: TraceEvent): void {
    this.settle(({ time }) => time <= this.now);
    this.event(event);
    if (event.time <= this.now) this.settle(({ time }) => time <= this.now);
  }

  /** Feeds the digest with something of a process that is too frequent to keep. */
  count(time: number, process: string, ...parts: readonly (number | string)[]): void {
    this.told++;
    this.waiting.push({ time, process, event: undefined, parts: [time, process, ...parts] });
  }

  /** The clock is there: what was told of earlier times has its place. */
  reach(now: number): void {
    this.now = Math.max(this.now, now);
    this.settle(({ time }) => time < this.now);
  }

  /** The run has broken off: nothing more will come between what is told. */
  breakOff(): void {
    this.settle(() => true);
  }

  private settle(has: (entry: Entry) => boolean): void {
    if (!this.waiting.some(has)) return;
    const due = this.waiting.filter(has);
    this.waiting = this.waiting.filter((entry) => !has(entry));
    for (const { event, parts } of due.sort(compareEntries)) {
      if (event !== undefined) this.kept.push(event);
      this.digest.add(...parts);
    }
  }
}
