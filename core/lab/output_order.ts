/**
 * What several ranks write, put in one order that depends neither on Workers nor on the steps in
 * which the world was advanced: by time, then rank, then as each wrote it.
 */

/** Something a rank wrote; `at` in ns. */
export interface Written {
  readonly rank: number;
  readonly stream: "output" | "error";
  readonly bytes: Uint8Array;
  readonly at: number;
}

/** Takes what is written. */
export type OutputSink = (written: Written) => void;

/** Holds back what is written until nothing earlier can come. */
export class OutputOrder {
  private waiting: Written[] = [];

  constructor(private readonly sink: OutputSink) {}

  add(written: Written): void {
    this.waiting.push(written);
  }

  /** Gives away what was written before that time. */
  flush(before: number): void {
    const due = this.waiting.filter(({ at }) => at < before);
    this.waiting = this.waiting.filter(({ at }) => at >= before);
    for (const each of due.sort((a, b) => a.at - b.at || a.rank - b.rank)) this.sink(each);
  }
}
