/**
 * The part of a capture session that builds on the last image of its process: what may be left to it,
 * what is heard of from now on, and what becomes of that when the checkpoint ends.
 */
import type { WriteGuard } from "../kernel/guard.ts";
import type { Account } from "./account.ts";
import type { Entry } from "./capture_entry.ts";
import type { CaptureTarget, GuardDoor, ImageSink, StoredImage } from "./capture_target.ts";
import type { ImageManifest } from "./image.ts";
import { type ChainTip, NO_ACCOUNT, PageTracker, type TrackingCost } from "./page_tracker.ts";
import type { SessionCounts } from "./session_state.ts";
import { Shadow } from "./shadow.ts";

/** The chain of images, as one checkpoint sees it. */
export class SessionChain implements GuardDoor {
  private tracker: PageTracker | undefined;
  /** The image that some pages are left to. */
  private parent: ChainTip | undefined;
  /** First stores are heard of from its t0 on. */
  tracks = false;
  /** It is to stay in memory, as so many shadows. */
  private many = 0;
  /** What is saved. */
  private pages: readonly Entry[] = [];
  /** What that has cost between the last image and this t0. */
  private cost: TrackingCost | undefined;

  constructor(
    private readonly target: CaptureTarget,
    private readonly sink: ImageSink,
    private readonly account: () => Account | undefined,
    private readonly trap: number,
  ) {
    this.tracker = target.tracker();
    if (this.tracker !== undefined) this.tracker.account = account;
  }

  /** Images a restart from the last one reads; 0 where none is there to build on. */
  get length(): number {
    const tip = this.tracker?.tip;
    return tip !== undefined && this.sink.holds(tip) ? tip.reads.length : 0;
  }

  /** Shadows of the last image. */
  get shadows(): number {
    return this.tracker?.shadow?.many ?? 0;
  }

  /** Installs a guard of this capture, or takes it away; whoever hears of first stores stays. */
  guard(guard: WriteGuard | undefined): void {
    const { tracker } = this;
    if (tracker === undefined) return this.target.guard(guard);
    tracker.inner = guard;
    if (guard !== undefined) this.target.guard(tracker);
  }

  /**
   * t0: leaves what was not written since to the last image, if it is still there, or takes it from
   * its shadow.
   */
  inherit(pages: readonly Entry[], counts: SessionCounts, from: true | "shadow"): void {
    const { tracker } = this;
    if (tracker === undefined) return;
    const same = pages.filter(({ source, state }) =>
      state === "uncaptured" && tracker.isClean(source)
    );
    const { shadow, tip } = tracker;
    if (from === "shadow") counts.shadowed = same.filter((entry) => shadow?.give(entry)).length;
    else if (this.length > 0) {
      for (const entry of same) entry.state = "inherited";
      counts.inherited = same.length;
      if (same.length > 0) this.parent = tip;
    }
  }

  /** A page is in both shadows now. */
  refresh(entry: Entry, counts: SessionCounts): void {
    this.tracker?.shadow?.refresh(entry);
    counts.refreshed = (counts.refreshed ?? 0) + 1;
  }

  /**
   * From t0 on first stores are heard of, until the next checkpoint that is committed; this image
   * stays in memory as so many shadows.
   */
  track(pages: readonly Entry[], counts: SessionCounts, shadows = 0): void {
    [this.pages, this.many] = [pages, shadows];
    const tracker = this.tracker ??= new PageTracker(this.target, this.trap);
    tracker.account = this.account;
    this.tracks = true;
    this.cost = { ...tracker.cost };
    if (tracker.hasLast) {
      counts.trackingFaults = this.cost.faults;
      counts.trackingCycles = this.cost.cycles;
    }
    const resident = this.target.residentPages();
    const saved = pages.filter(({ state }) => state !== "excluded").map(({ source }) => source);
    tracker.begin(saved, resident);
    this.target.keep(tracker);
    this.target.guard(tracker);
  }

  /** What the manifest says of it. */
  get link(): Pick<ImageManifest, "parent"> {
    if (this.parent === undefined) return {};
    const { image, identity } = this.parent;
    return { parent: { image, identity } };
  }

  /**
   * The image is durable; says how many bytes a restart reads, of it and of the images it builds on.
   * A checkpoint that does not track is the last of its chain.
   */
  commit({ image, identity, readBytes }: StoredImage, counts: SessionCounts): readonly number[] {
    const reads = [readBytes, ...this.parent?.reads ?? []];
    const { many, tracker, pages, cost } = this;
    if (!this.tracks) this.leave();
    else if (many > 0) tracker?.commit(Shadow.of(pages, many, tracker.shadow), cost);
    else {
      counts.chain = reads.length;
      tracker?.commit({ image, identity, reads }, cost);
    }
    this.release();
    return reads;
  }

  /** There is no image: the next checkpoint builds on the last one, as if this had not been. */
  abandon(): void {
    this.tracker?.abandon();
    if (this.tracker?.hasLast !== true) this.leave();
    this.release();
  }

  /** The tracker outlives this checkpoint, and must not keep it. */
  private release(): void {
    this.pages = [];
    if (this.tracker !== undefined) this.tracker.account = NO_ACCOUNT;
  }

  private leave(): void {
    if (this.tracker === undefined) return;
    this.tracker = undefined;
    this.target.keep(undefined);
    this.target.guard(undefined);
  }
}
