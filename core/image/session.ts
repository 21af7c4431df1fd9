/**
 * One checkpoint under way: the mechanism that carries out what a strategy yields.
 *
 * Whatever a strategy or a store does wrong ends the session and nothing else: the process runs on,
 * unguarded, and nothing of the image is left. In the middle of an instruction of the guest nothing
 * is thrown; the error waits in `failure` until the instruction is over.
 */
import type { OptionValue } from "../base/option.ts";
import { ALL_QUARTERS, type FirstWrite, QUARTERS } from "../kernel/page.ts";
import type { Writer } from "../kernel/guard.ts";
import { Account } from "./account.ts";
import { Buffers, type FrameCounts } from "./buffers.ts";
import { type Entry, hexPage } from "./capture_entry.ts";
import { type CaptureProgress, StrategyError } from "./capture_order.ts";
import { CaptureScript } from "./capture_script.ts";
import {
  type CaptureCosts,
  type CaptureTarget,
  hashCost,
  type ImageSink,
  stepCost,
} from "./capture_target.ts";
import type { CapturePage, CaptureStep, CaptureView, Checkpointer } from "./checkpointer.ts";
import { Listing } from "./listing.ts";
import { PageGuard, type ServeFault } from "./page_guard.ts";
import type { PreCopyCounts } from "./pre_copy.ts";
import { type Image, ImageError } from "./image.ts";
import type { PageArea } from "./page_map.ts";
import type { SavedState } from "./refusal.ts";
import { Stream } from "./stream.ts";
import { SessionChain } from "./session_chain.ts";
import { newCounts, type SessionState } from "./session_state.ts";

export { StrategyError };

/** A checkpoint in progress. */
export class CaptureSession implements CaptureView {
  readonly account: Account;
  readonly requestedAt: number;
  /** When the image became durable. */
  committedAt: number | undefined;
  readonly counts = newCounts();
  state: SessionState = "running";
  /** The strategy has nothing left to do; after the commit it may still have to thaw the process. */
  over = false;
  /** Why there is no image; empty while there may be one. */
  why = "";
  /** Somebody's mistake that ended it: whoever drives the session throws it on. */
  failure: StrategyError | ImageError | undefined;
  /** The process is frozen by the strategy. */
  stopped = false;
  image: Image | undefined;
  /** Step number at which the session fails, for tests of strategies; 0 for never. */
  failAtStep = 0;
  readonly history: readonly FirstWrite[];
  /** Bytes a restart reads, the newest image first; none before there is one. */
  reads: readonly number[] = [];
  private readonly images: SessionChain;
  private readonly listing: Listing;
  private readonly buffers = new Buffers(this.counts);
  /** The stores that met this capture. */
  private readonly writes: FirstWrite[] = [];
  private readonly script: CaptureScript;
  private current: CaptureStep | undefined;
  /** Cycles of the copier that the current step still needs. */
  private left = 0;
  private ioUntil: number | undefined;
  /** What the disk takes straight from memory. */
  private stream: Stream | undefined;
  private written = false;
  /** Since t0 the process was not stopped all the time. */
  private hasRun = false;
  private pageGuard: PageGuard | undefined;
  /** A writer waits in the middle of an instruction: nobody else of its process runs. */
  private hasWaiter = false;
  /** No time goes into the account any more. */
  private closed = false;
  /** Two processors: the second works for this session, not for another. */
  private hasCopier = true;
  /** Two processors: how far the copier's own time has come. */
  private copierClock: number;

  constructor(
    private readonly target: CaptureTarget,
    private readonly strategy: Checkpointer,
    private readonly options: Readonly<Record<string, OptionValue>>,
    readonly costs: CaptureCosts,
    private readonly sink: ImageSink,
  ) {
    this.account = new Account(target);
    this.history = target.history();
    const account = () => this.state === "running" ? this.account : undefined;
    this.images = new SessionChain(target, sink, account, costs.trap);
    const refusal = (state: SavedState) => this.script.refusal(state);
    this.listing = new Listing(target, refusal, this.images, this.account, costs);
    this.requestedAt = this.copierClock = target.now();
    this.script = new CaptureScript(strategy, options, this, () => this.progress);
    this.attempt(() => this.next());
  }

  get pages(): readonly CapturePage[] {
    return this.listing.entries.all;
  }
  get pagesLeft(): number {
    return this.buffers.quartersLeft / QUARTERS;
  }
  get pagesInB(): number {
    return this.buffers.pagesInB;
  }
  get chain(): number {
    return this.images.length;
  }
  get shadows(): number {
    return this.images.shadows;
  }
  get cpus(): number {
    return this.costs.cpus;
  }
  /** The step the strategy is at; empty when there is none. */
  get step(): string {
    return this.current?.step ?? "";
  }
  get frames(): FrameCounts {
    return this.buffers.frames;
  }
  get pointed(): readonly CapturePage[] {
    return this.listing.pointed;
  }
  /** What was copied before t0; nothing where the strategy does not do that. */
  get preCopied(): PreCopyCounts | undefined {
    return this.listing.preCopy?.counts;
  }
  /** When t0 was. */
  get takenAt(): number | undefined {
    return this.listing.takenAt;
  }
  /** What became of the pages; nothing before there is an image. */
  get areas(): readonly PageArea[] {
    return this.state === "committed" ? this.listing.areas : [];
  }
  /** The copier has work for a processor now. */
  get wantsCpu(): boolean {
    return !this.over && this.ioUntil === undefined;
  }
  /** The cycle at which the store is done with what it was given. */
  get waitsForStoreUntil(): number | undefined {
    return this.ioUntil;
  }
  /** Two processors: the cycle at which the copier is done with its present step. */
  get stepEndsAt(): number {
    return this.copierClock + this.left;
  }

  /** Puts the time since the last mark into bins: programs had the processor, or the copier had. */
  settle(who: "programs" | "copier"): void {
    if (this.closed) return;
    this.closed = this.state !== "running";
    if (this.stopped || this.hasLeft) this.account.settle("stop");
    else if (who === "programs") this.account.settlePrograms();
    else this.account.settle(this.target.runnable() ? "steal" : "other");
  }

  /** The store may be done: goes on with the script if so. */
  poll(): void {
    if (this.ioUntil === undefined || this.target.now() < this.ioUntil) return;
    this.settle("programs");
    this.copierClock = this.ioUntil;
    this.ioUntil = undefined;
    this.attempt(() => this.complete());
  }

  /**
   * Gives the copier the processor for up to so many cycles: the node's clock goes on with it. Ends
   * early when the process is frozen or thawed, for then somebody else decides who runs.
   */
  turn(cycles: number): void {
    const { stopped } = this;
    const end = this.target.now() + cycles;
    this.attempt(() => {
      while (this.wantsCpu && this.stopped === stopped) {
        const part = Math.min(this.left, end - this.target.now());
        this.left -= part;
        this.target.charge(part);
        this.settle("copier");
        if (this.left > 0) break;
        if (!this.startsIo(this.target.now())) this.complete();
      }
    });
    this.copierClock = this.target.now();
  }

  /** Two processors: the second works for this session from now on, or for another. */
  giveCopier(has: boolean): void {
    if (has && !this.hasCopier) this.copierClock = this.target.now();
    this.hasCopier = has;
  }

  /** Two processors: lets the copier come to the present on its own. */
  catchUp(): void {
    if (this.costs.cpus > 1) this.attempt(() => this.comeToPresent(false));
  }

  /** `inSlice`: a program is in the middle of an instruction, so nobody can be frozen now. */
  private comeToPresent(inSlice: boolean): void {
    const now = this.target.now();
    while (this.wantsCpu && this.hasCopier) {
      const part = Math.min(this.left, Math.max(0, now - this.copierClock));
      this.left -= part;
      this.copierClock += part;
      if (this.left > 0 || (inSlice && this.current?.step === "stop")) return;
      if (!this.startsIo(this.copierClock)) this.complete();
    }
  }

  /** Ends it without an image: the process is as if there had been no checkpoint. */
  abandon(why = "given up"): void {
    if (this.over) return;
    this.over = true;
    this.current = this.ioUntil = undefined;
    if (this.listing.early !== undefined) this.images.guard(undefined);
    this.pageGuard?.end();
    if (this.stopped) this.hold(false);
    if (this.state === "committed") return;
    this.state = "abandoned";
    this.why = why;
    this.images.abandon();
    this.sink.abandon();
  }

  /** The strategy's part of a write fault, in the writer's time. */
  private serveFault(entry: Entry, by: Writer, quarters: number): void {
    if (this.costs.cpus > 1) this.comeToPresent(true);
    this.stream?.reach(this.target.now());
    // The copier on the other processor may have been faster.
    if ((entry.left & quarters) === 0 || this.over) return;
    this.counts.writeFaults++;
    const quarter = quarters === ALL_QUARTERS ? undefined : 31 - Math.clz32(quarters);
    if (quarter !== undefined) this.writes.push({ vpn: entry.vpn, quarter });
    if (by === "user") this.target.charge(this.costs.trap);
    let isAsked = false;
    for (const step of this.script.writeFault(entry, quarter)) {
      isAsked ||= step.step !== "copy";
      if (step.step === "wait") this.waitFor(step.page as Entry | "all");
      else {
        this.target.charge(stepCost(step, this.costs, this.counts.pages));
        this.carryOut(step);
      }
      if (this.over) return;
    }
    // Whoever is asked answers, and does nothing else meanwhile; else the copier goes on.
    if (isAsked) this.copierClock = Math.max(this.copierClock, this.target.now());
    if ((entry.left & quarters) === 0) return;
    throw this.script.broken(
      `let page ${hexPage(entry.vpn)} be written before it was captured; its onFirstWrite must ` +
        "copy the page or wait for it",
    );
  }

  /**
   * The writer sleeps while the copier goes on, until the page (or every page) is captured. If the
   * copier stops the process meanwhile, the writer sleeps until it is resumed.
   */
  private waitFor(page: Entry | "all"): void {
    this.hasWaiter = true;
    const waiting = () => page === "all" ? this.buffers.quartersLeft > 0 : !page.captured;
    while (!this.over && (waiting() || this.stopped)) {
      this.target.charge(this.left + Math.max(0, (this.ioUntil ?? 0) - this.target.now()));
      this.left = 0;
      const isWritten = this.ioUntil !== undefined;
      this.ioUntil = undefined;
      if (isWritten || !this.startsIo(this.target.now())) this.complete();
    }
    this.hasWaiter = false;
  }

  private get progress(): CaptureProgress {
    const { stopped, hasRun, pageGuard, images, written, state } = this;
    const saved = this.takenAt !== undefined, committed = state === "committed";
    const protects = pageGuard !== undefined, entries = () => this.listing.entries.all;
    return { stopped, saved, hasRun, protects, images, written, committed, entries };
  }

  /** It is saved to go on elsewhere, so nothing lets it run here. */
  private get hasLeft(): boolean {
    return this.target.leaves === true && this.takenAt !== undefined;
  }

  /** Whatever goes wrong ends the session, and is told when the guest is between instructions. */
  private attempt(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof StrategyError || error instanceof ImageError)) throw error;
      this.failure ??= error;
      this.abandon(error.message);
    }
  }

  private next(): void {
    this.current = this.script.next();
    if (this.current === undefined) return this.finish();
    this.left = stepCost(this.current, this.costs, this.counts.pages);
    if (this.current.step === "write" && this.listing.early === undefined) {
      this.left += hashCost(this.image ??= this.merged(), this.costs);
    }
    if (this.current.step === "copy") (this.current.page as Entry).begin();
  }

  private finish(): void {
    if (this.state !== "committed") {
      throw this.script.broken("ended without the step 'commit': there is no image");
    }
    this.abandon();
    this.script.checkMessages(this.counts.writeFaults, this.counts.controlMessages);
  }

  /** The current step is done: it takes effect, and the script says what is next. */
  private complete(): void {
    const step = this.current;
    if (step === undefined) return;
    if (step.step === "copy") (step.page as Entry).end();
    this.carryOut(step);
    if (!this.over) this.next();
  }

  private startsIo(now: number): boolean {
    const step = this.current?.step;
    if (step === "stream") return this.startsStream(now);
    if (step !== "write" && step !== "commit") return false;
    const { early } = this.listing;
    const bytes = early === undefined ? this.writeImage(step) : early.write();
    if (bytes !== undefined) this.ioUntil = Math.ceil(now + this.costs.store(bytes));
    return true;
  }

  private startsStream(now: number): boolean {
    const { costs, buffers, listing: { entries } } = this;
    this.stream = new Stream(entries.all, now, costs, buffers, (page) => this.copyTo(page, "A"));
    this.ioUntil = this.stream.until;
    return true;
  }

  /** Bytes that go to the disk now; nothing where the store fails. */
  private writeImage(step: "write" | "commit"): number | undefined {
    const image = this.image ??= this.merged();
    const bytes = this.inStore(() =>
      step === "write" ? this.sink.writePages(image) : this.sink.manifestBytes()
    );
    this.counts.imageBytes += bytes ?? 0;
    // What was spilled is on the disk already.
    return bytes && step === "write" ? Math.max(0, bytes - this.buffers.spilledBytes) : bytes;
  }

  /** A store that fails, as in a crash of its node, ends the checkpoint; that is nobody's mistake. */
  private inStore<T>(act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      this.abandon(error.message);
      return undefined;
    }
  }

  private carryOut(step: CaptureStep): void {
    if (++this.counts.steps === this.failAtStep) return this.abandon("a step failed");
    this.buffers.reserve(step);
    switch (step.step) {
      case "stop":
        return this.hold(true);
      case "list":
        return this.giveUpFor(this.listing.list());
      case "save":
        return this.giveUpFor(this.listing.save(step, this.counts, this.buffers));
      case "track":
        return this.images.track(this.listing.entries.all, this.counts, step.shadows);
      case "protect":
        return this.protect();
      case "resume":
        return this.hold(false);
      case "copy":
        return this.copyTo(step.page as Entry, step.to, step.quarter);
      case "stream":
        return this.stream?.reach(Infinity);
      case "refresh":
        return this.images.refresh(step.page as Entry, this.counts);
      case "spill":
        return this.buffers.spill(step.page as Entry);
      case "message":
        this.counts.controlMessages++;
        return;
      case "merge":
        this.image = this.merged();
        return;
      case "write":
        if (this.listing.early !== undefined) return this.listing.early.wrote();
        this.written = true;
        return;
      case "commit":
        return this.commit();
    }
  }

  private commit(): void {
    this.inStore(() => {
      const stored = this.sink.commit();
      [this.state, this.closed] = ["committed", true];
      this.committedAt = this.target.now();
      this.target.remember(this.writes);
      this.reads = this.images.commit(stored, this.counts);
    });
  }

  /** Whoever waits in a write fault stands still as it is, and its time is the fault's. */
  private hold(stopped: boolean): void {
    if (!this.hasWaiter) this.settle("programs");
    this.stopped = stopped;
    this.hasRun ||= !stopped && this.takenAt !== undefined;
    if (this.hasWaiter) return;
    if (stopped) this.target.freeze();
    else this.target.thaw();
  }

  private protect(): void {
    const { target, images, account, listing: { entries } } = this;
    const isOpen = () => this.state === "running";
    const serve: ServeFault = (...fault) => this.attempt(() => this.serveFault(...fault));
    this.pageGuard = new PageGuard(target, images, entries, account, isOpen, serve);
  }

  /** Without a reason it goes on. */
  private giveUpFor(why: string | undefined): void {
    if (why !== undefined) this.abandon(why);
  }

  protected copyTo(entry: Entry, buffer: "A" | "B", quarter?: number): void {
    if (this.listing.early !== undefined) return this.listing.early.copy(entry);
    this.buffers.copy(entry, buffer, quarter);
    // It gets one entry instead of its four.
    if (entry.captured && entry.wasSplit) this.pageGuard?.joined(entry);
  }

  /** A and B in page order. */
  protected merged(): Image {
    const { listing, images, options, strategy: { name }, script } = this;
    const more = { ...images.link, checkpointer: { name, options: { ...options } } };
    return listing.image(more, (what) => script.broken(what));
  }
}
