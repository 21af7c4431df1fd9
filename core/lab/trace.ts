/** What happened, in total order: the only thing that leaves a run besides its metrics. */
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

/** Collects events and a digest over them and over what is too frequent to keep. */
export class Trace {
  private readonly digest = new Digest();
  private readonly kept: TraceEvent[] = [];

  /** The events, in the order they happened. */
  get events(): readonly TraceEvent[] {
    return this.kept;
  }

  /** The digest so far, 16 hexadecimal digits. */
  get hash(): string {
    return this.digest.hex;
  }

  /** Keeps an event. */
  event(event: TraceEvent): void {
    this.kept.push(event);
    this.count(event.time, event.node, event.process, event.kind, event.text);
  }

  /** Feeds the digest with something too frequent to keep, as every system call is. */
  count(...parts: readonly (number | string)[]): void {
    for (const part of parts) this.digest.add(part);
  }
}
