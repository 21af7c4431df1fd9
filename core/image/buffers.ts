/**
 * What is captured so far and where it lies: buffer A is the copier's, buffer B that of the write
 * faults. A page may have quarters in both; then it counts as one of B.
 */
import { QUARTERS } from "../kernel/page.ts";
import type { Entry } from "./capture_entry.ts";
import type { CaptureStep } from "./checkpointer.ts";
import { PAGE_BYTES } from "./image.ts";
import type { SessionCounts } from "./session_state.ts";

/** Frames a checkpoint takes besides those of the process. */
export interface FrameCounts {
  /** At once. */
  readonly most: number;
  /** When it is over, until the next. */
  readonly kept: number;
}

/** The two buffers of one capture. */
export class Buffers {
  /** Pages of which something is in buffer B. */
  pagesInB = 0;
  /** Bytes that are on the disk before the image is written. */
  spilledBytes = 0;
  /** Quarters that are not captured yet. */
  quartersLeft = 0;
  /** Pages that went to the disk from where they are: they never lay in a buffer. */
  streamed = 0;
  /** Frames that are kept for each page from checkpoint to checkpoint, so that none is taken now. */
  private reserved = 0;

  constructor(private readonly counts: SessionCounts) {}

  /** Frames besides those of the process: the most at once, and those that stay when it is over. */
  get frames(): FrameCounts {
    const { pages, pagesA, pagesExcluded, bufferBPeak } = this.counts;
    const kept = this.reserved * (pages - pagesExcluded);
    return { most: kept > 0 ? kept : pagesA - this.streamed + bufferBPeak, kept };
  }

  /** What a step takes from now on. */
  reserve(step: CaptureStep): void {
    if (step.step === "track") this.reserved = step.shadows ?? 0;
    else if (step.step === "protect" && step.by === "bits") this.reserved = 1;
  }

  /** Of so many pages those are to be captured that are neither left out nor inherited nor captured. */
  begin(pages: number): void {
    const { pagesA, pagesExcluded, inherited = 0, shadowed = 0 } = this.counts;
    this.quartersLeft = QUARTERS * (pages - pagesA - pagesExcluded - inherited - shadowed);
  }

  /** Captures what is not captured of a page, or of one of its quarters. */
  copy(entry: Entry, buffer: "A" | "B", quarter: number | undefined): void {
    // The copier was at work on it when a write fault took it to B.
    const wanted = entry.wantedBy(quarter);
    if (wanted === 0) return;
    const count = entry.take(wanted), left = entry.left & ~wanted;
    this.quartersLeft -= count;
    if (quarter !== undefined) this.counts.quarters = (this.counts.quarters ?? 0) + count;
    if (buffer === "B" && !entry.isInB) {
      entry.isInB = true;
      this.counts.bufferBPeak = Math.max(this.counts.bufferBPeak, ++this.pagesInB);
    }
    if (left === 0) this.finish(entry);
    else if (entry.state === "uncaptured") entry.state = "split";
  }

  private finish(entry: Entry): void {
    entry.state = entry.isInB ? "B" : "A";
    if (entry.isInB) this.counts.pagesB++;
    else this.counts.pagesA++;
  }

  /** A page of B goes to the disk. */
  spill(entry: Entry): void {
    entry.state = "spilled";
    this.spilledBytes += PAGE_BYTES;
    this.pagesInB--;
  }
}
