/** A page of the list a capture makes, at t0 or before it. */
import { ALL_QUARTERS, QUARTER_BYTES, QUARTERS } from "../kernel/page.ts";
import type { SourcePage } from "./capture_target.ts";
import type { CapturePage, PageState } from "./checkpointer.ts";
import { type ImagePage, PAGE_BYTES } from "./image.ts";

/** The address of a page, for messages. */
export const hexPage = (vpn: number): string =>
  "0x" + (vpn * PAGE_BYTES).toString(16).padStart(8, "0");

/** How many quarters a set has. */
const countOf = (quarters: number): number =>
  (quarters & 1) + (quarters >> 1 & 1) + (quarters >> 2 & 1) + (quarters >> 3 & 1);

/** A page of the list, and what has become of it. */
export class Entry implements CapturePage {
  state: PageState;
  bytes: Uint8Array | undefined;
  /** The store has it already, since before t0. */
  isAhead = false;
  /** Something of it is in buffer B. */
  isInB = false;
  /** Quarters that were captured one by one. */
  private taken = 0;

  /** `index`: its place in the list. */
  constructor(readonly source: SourcePage, readonly index: number, leaveOut: boolean) {
    this.state = leaveOut && source.fromExecutable ? "excluded" : "uncaptured";
  }
  get vpn(): number {
    return this.source.vpn;
  }
  get fromExecutable(): boolean {
    return this.source.fromExecutable;
  }
  /** The page as an image has it; nothing while it is not captured. */
  get saved(): ImagePage | undefined {
    const { source: { vpn, dirty }, state, bytes } = this;
    if (state === "excluded") return { vpn, dirty, source: "executable" };
    if (state === "inherited") return { vpn, dirty, source: "parent" };
    return this.captured && bytes !== undefined
      ? { vpn, dirty, source: "image", bytes }
      : undefined;
  }
  /** It is copied, or left out, or inherited, or a shadow has it. At t0 and after it a store may change the page then. */
  get captured(): boolean {
    return this.state !== "uncaptured" && this.state !== "copying" && this.state !== "split";
  }
  /** The quarters that are not captured, as a set. */
  get left(): number {
    return this.captured ? 0 : ALL_QUARTERS & ~this.taken;
  }
  get quartersLeft(): number {
    return countOf(this.left);
  }
  /** Its quarters were captured one by one, some of them at least. */
  get wasSplit(): boolean {
    return this.taken !== 0;
  }
  /** And others are not captured yet. */
  get isSplit(): boolean {
    return this.wasSplit && !this.captured;
  }

  /** The copier is at work on it. */
  begin(): void {
    this.state = "copying";
  }

  /** The copier has done what it could, if nobody was faster. */
  end(): void {
    if (this.state === "copying") this.state = this.wasSplit ? "split" : "uncaptured";
  }

  /** Takes those quarters as they are now; says how many that are. Whole pages are taken at once. */
  take(quarters: number): number {
    const now = this.source.copy();
    if (quarters === ALL_QUARTERS) {
      this.bytes = now;
      return QUARTERS;
    }
    const bytes = this.bytes ??= new Uint8Array(PAGE_BYTES);
    for (let quarter = 0; quarter < QUARTERS; quarter++) {
      if ((quarters >> quarter & 1) === 0) continue;
      const from = quarter * QUARTER_BYTES;
      bytes.set(now.subarray(from, from + QUARTER_BYTES), from);
    }
    this.taken |= quarters;
    return countOf(quarters);
  }

  /** The quarters a copy of the page, or of one of its quarters, would take. */
  wantedBy(quarter: number | undefined): number {
    return this.left & (quarter === undefined ? ALL_QUARTERS : 1 << quarter);
  }

  /** How many those are. */
  costOf(quarter: number | undefined): number {
    return countOf(this.wantedBy(quarter));
  }
}
