/**
 * Pages on their way to the disk straight from memory. Nobody copies them, so each must stay as it is
 * until the disk has it; one that is to be written before is captured by its write fault.
 */
import { ALL_QUARTERS } from "../kernel/page.ts";
import type { Buffers } from "./buffers.ts";
import type { Entry } from "./capture_entry.ts";
import type { CaptureCosts } from "./capture_target.ts";
import { PAGE_BYTES } from "./image.ts";

/** What is not captured when it begins, in the order of the list. */
export class Stream {
  /** When the disk has all of it, in cycles. */
  readonly until: number;
  private readonly pages: readonly Entry[];
  private next = 0;

  constructor(
    entries: readonly Entry[],
    private readonly from: number,
    costs: CaptureCosts,
    private readonly buffers: Buffers,
    private readonly capture: (page: Entry) => void,
  ) {
    this.pages = entries.filter(({ captured }) => !captured);
    const bytes = this.pages.length * PAGE_BYTES;
    buffers.spilledBytes += bytes;
    this.until = Math.ceil(from + costs.store(bytes));
  }

  /** The disk is as far as it is at that cycle. */
  reach(now: number): void {
    const part = (now - this.from) / (this.until - this.from);
    const done = now >= this.until ? this.pages.length : Math.floor(this.pages.length * part);
    for (; this.next < done; this.next++) {
      const page = this.pages[this.next] as Entry;
      if (page.left === ALL_QUARTERS) this.buffers.streamed++;
      this.capture(page);
    }
  }
}
