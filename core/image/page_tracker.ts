/**
 * What stays at the door of a process between two of its checkpoints, and hears which pages are
 * written first: the dirty bit of an incremental checkpoint. A page that equals the one in the last
 * image is loaded with D = 0, so its next store traps once; from then on it is dirty and costs
 * nothing. Whoever else writes comes by the same door, and a page that goes away is clean no more.
 *
 * There are two sets while a checkpoint is under way: what is clean since the last image, which counts
 * if this one comes to nothing, and what is clean since its own t0, which counts from its commit on.
 * So a checkpoint that fails has consumed nothing.
 */
import type { WriteGuard, Writer } from "../kernel/guard.ts";
import { ALL_QUARTERS, type Page } from "../kernel/page.ts";
import type { Account } from "./account.ts";
import type { CaptureTarget, SourcePage } from "./capture_target.ts";
import type { ParentLink } from "./image.ts";
import { Shadow } from "./shadow.ts";

/** The last image of a process, as its next one needs to know it. */
export interface ChainTip extends ParentLink {
  /** Bytes a restart from it reads: of its own, of its parent, and so on. */
  readonly reads: readonly number[];
}

/** Pages by the frame each lies in: whoever moves one takes its frame along. */
type Clean = Map<number, number>;

/** What tracking has cost since the last image. */
export interface TrackingCost {
  /** First stores, each of which trapped. */
  faults: number;
  /** Cycles of these traps, and of the refills that would not have been needed. */
  cycles: number;
}

/** No checkpoint is under way. */
export const NO_ACCOUNT = (): Account | undefined => undefined;

/** Watches one process from its first tracked checkpoint on. */
export class PageTracker implements WriteGuard {
  /** What the clean pages are the same as; nothing before the first image. */
  tip: ChainTip | undefined;
  /** The last image in memory, instead of a tip, where that is what the next one takes pages from. */
  shadow: Shadow | undefined;
  /** The guard of the checkpoint under way. */
  inner: WriteGuard | undefined;
  /** The account of the checkpoint under way, as long as time goes into it. */
  account: () => Account | undefined = NO_ACCOUNT;
  readonly cost: TrackingCost = { faults: 0, cycles: 0 };
  protected clean: Clean = new Map();
  protected next: Clean | undefined;
  /** Pages whose TLB entries went because of this and have not been loaded again. */
  private readonly missing = new Set<number>();

  constructor(
    private readonly target: Pick<CaptureTarget, "now" | "charge">,
    private readonly trap: number,
  ) {}

  /** There is an image that the clean pages are the same as. */
  get hasLast(): boolean {
    return this.tip !== undefined || this.shadow !== undefined;
  }

  /** The page is as the last image has it. */
  isClean({ vpn, frame }: SourcePage): boolean {
    return frame !== undefined && this.clean.get(frame) === vpn;
  }

  /** These pages have just been saved as they are: t0. `resident`: whose TLB entries go now. */
  begin(pages: Iterable<SourcePage>, resident: readonly number[]): void {
    const next: Clean = this.next = new Map();
    for (const { vpn, frame } of pages) if (frame !== undefined) next.set(frame, vpn);
    for (const vpn of resident) this.missing.add(vpn);
  }

  /** The image that was begun is durable: it is the last one now. `cost`: up to its t0. */
  commit(last: ChainTip | Shadow, cost: TrackingCost = { faults: 0, cycles: 0 }): void {
    const isShadow = last instanceof Shadow;
    this.tip = isShadow ? undefined : last;
    this.shadow = isShadow ? last : undefined;
    this.cost.faults -= cost.faults;
    this.cost.cycles -= cost.cycles;
    this.clean = this.next ?? new Map();
    this.next = undefined;
  }

  /** It came to nothing: what was dirty before is dirty still, and what was written since is, too. */
  abandon(): void {
    this.next = undefined;
  }

  protects(page: Page): number {
    return this.isTracked(page) ? ALL_QUARTERS : this.inner?.protects(page) ?? 0;
  }

  beforeWrite(page: Page, by: Writer, quarter: number): void {
    const isServed = ((this.inner?.protects(page) ?? 0) & quarter) !== 0;
    if (isServed) this.inner?.beforeWrite(page, by, quarter);
    if (!this.isTracked(page)) return;
    this.forget(page);
    // One trap tells both.
    if (isServed || by !== "user") return;
    const from = this.target.now();
    this.target.charge(this.trap);
    this.cost.faults++;
    this.cost.cycles += this.trap;
    this.account()?.claim("fault", from);
  }

  beforeUnmap(page: Page): void {
    this.inner?.beforeUnmap(page);
    this.missing.delete(page.vpn);
    this.forget(page);
  }

  refilled(page: Page, cycles: number): boolean {
    const isWatched = this.inner?.refilled(page, cycles) ?? false;
    if (this.missing.delete(page.vpn)) {
      this.cost.cycles += cycles;
      this.account()?.claim("refill", this.target.now() - cycles);
    }
    return isWatched || this.isTracked(page);
  }

  private isTracked({ frame }: Page): boolean {
    return this.clean.has(frame) || this.next?.has(frame) === true;
  }

  /** The page is about to change, or to go. */
  protected forget({ frame }: Page): void {
    this.clean.delete(frame);
    this.next?.delete(frame);
  }
}
