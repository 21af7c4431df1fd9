/**
 * One checkpoint under way: the mechanism that carries out what a strategy yields.
 *
 * Time is counted by marks: whatever happens first settles the time since the last mark into a bin,
 * so no cycle between the request and the durable image is counted twice or not at all.
 */
import type { OptionTable, OptionValue } from "../base/option.ts";
import type { Page } from "../kernel/page.ts";
import type { WriteGuard, Writer } from "../kernel/guard.ts";
import { Account, type Bin } from "./account.ts";
import type { CaptureCosts, CaptureTarget, ImageSink, SourcePage } from "./capture_target.ts";
import type {
  CapturePage,
  CaptureStep,
  CaptureView,
  Checkpointer,
  PageState,
} from "./checkpointer.ts";
import { type Image, type ImageManifest, type ImagePage, PAGE_BYTES } from "./image.ts";

/** A strategy that broke its contract; the message names it. */
export class StrategyError extends Error {
  override readonly name = "StrategyError";
}

/** A page of the list made at t0, and what has become of it. */
export class Entry implements CapturePage {
  state: PageState;
  bytes: Uint8Array | undefined;
  constructor(readonly source: SourcePage, leaveOut: boolean) {
    this.state = leaveOut && source.fromExecutable ? "excluded" : "uncaptured";
  }
  get vpn(): number {
    return this.source.vpn;
  }
  get fromExecutable(): boolean {
    return this.source.fromExecutable;
  }
  get captured(): boolean {
    return this.state !== "uncaptured" && this.state !== "copying";
  }
}

/** How far a session is. */
export type SessionState = "running" | "committed" | "abandoned";

/** Counts a session keeps besides its time account. */
export interface SessionCounts {
  controlMessages: number;
  writeFaults: number;
  pagesA: number;
  pagesB: number;
  bufferBPeak: number;
  pagesExcluded: number;
  pages: number;
  imageBytes: number;
  steps: number;
}

/** A checkpoint in progress. */
export class CaptureSession implements WriteGuard, CaptureView {
  readonly account = new Account();
  readonly requestedAt: number;
  /** When the image became durable. */
  committedAt: number | undefined;
  /** When t0 was. */
  takenAt: number | undefined;
  readonly counts: SessionCounts = {
    controlMessages: 0,
    writeFaults: 0,
    pagesA: 0,
    pagesB: 0,
    bufferBPeak: 0,
    pagesExcluded: 0,
    pages: 0,
    imageBytes: 0,
    steps: 0,
  };
  state: SessionState = "running";
  /** The strategy has nothing left to do; after the commit it may still have to thaw the process. */
  over = false;
  /** The process is frozen by the strategy. */
  stopped = false;
  image: Image | undefined;
  /** Step number at which the session fails, for tests of strategies; 0 for never. */
  failAtStep = 0;
  private entries: Entry[] = [];
  private readonly byFrame = new Map<number, Entry>();
  private readonly script: Generator<CaptureStep, void, void>;
  private current: CaptureStep | undefined;
  private left = 0;
  private ioUntil: number | undefined;
  private manifest: Omit<ImageManifest, "checkpointer"> | undefined;
  private protectedNow = false;
  private invalidated = new Set<number>();
  private inB = 0;
  private mark: number;
  /** On two processors: how far the copier's own time has come. */
  private copierClock: number;

  constructor(
    private readonly target: CaptureTarget,
    private readonly strategy: Checkpointer,
    private readonly options: Readonly<Record<string, OptionValue>>,
    private readonly costs: CaptureCosts,
    private readonly sink: ImageSink,
  ) {
    this.requestedAt = this.mark = this.copierClock = target.now();
    this.script = (strategy as Checkpointer<OptionTable>).capture(this, options as never);
    this.next();
  }

  get pages(): readonly CapturePage[] {
    return this.entries;
  }
  get pagesInB(): number {
    return this.inB;
  }
  get cpus(): number {
    return this.costs.cpus;
  }
  /** The process could run now. */
  get runnable(): boolean {
    return this.target.runnable();
  }
  /** The copier has work for a processor now. */
  get wantsCpu(): boolean {
    return !this.over && this.ioUntil === undefined;
  }
  /** The cycle at which the store is done with what it was given. */
  get waitsForStoreUntil(): number | undefined {
    return this.ioUntil;
  }

  /** Puts the time since the last mark into a bin. */
  settle(bin: Bin): void {
    const now = this.target.now();
    if (this.state === "running") this.account.add(this.stopped ? "stop" : bin, now - this.mark);
    this.mark = now;
  }

  /** The store may be done: goes on with the script if so. */
  poll(): void {
    if (this.ioUntil === undefined || this.target.now() < this.ioUntil) return;
    this.settle("run");
    this.ioUntil = undefined;
    this.complete();
  }

  /**
   * Gives the copier the processor for up to so many cycles: the node's clock goes on with it. Ends
   * early when the process is frozen or thawed, for then somebody else decides who runs.
   */
  turn(cycles: number): void {
    const { stopped } = this;
    const end = this.target.now() + cycles;
    while (this.wantsCpu && this.stopped === stopped) {
      const part = Math.min(this.left, end - this.target.now());
      this.left -= part;
      this.target.charge(part);
      this.settle(this.runnable ? "steal" : "other");
      if (this.left > 0) break;
      if (!this.startsIo(this.target.now())) this.complete();
    }
    this.copierClock = this.target.now();
  }

  /** Two processors: lets the copier come to the present on its own. */
  catchUp(): void {
    if (this.costs.cpus < 2) return;
    const now = this.target.now();
    while (this.wantsCpu && !this.stopped && this.copierClock < now) {
      const part = Math.min(this.left, now - this.copierClock);
      this.left -= part;
      this.copierClock += part;
      if (this.left === 0 && !this.startsIo(this.copierClock)) this.complete();
    }
    this.copierClock = now;
  }

  /** Ends it without an image: the process is as if there had been no checkpoint. */
  abandon(): void {
    if (this.over) return;
    this.over = true;
    this.release();
    if (this.stopped) this.resume();
    if (this.state === "committed") return;
    this.state = "abandoned";
    this.sink.abandon();
  }

  // What the address space tells us.

  protects(page: Page): boolean {
    if (!this.protectedNow) return false;
    const entry = this.byFrame.get(page.frame);
    return entry !== undefined && !entry.captured;
  }

  beforeWrite(page: Page, by: Writer): void {
    const entry = this.byFrame.get(page.frame);
    if (!this.protectedNow || entry === undefined || entry.captured) return;
    this.settle("run");
    this.catchUp();
    this.counts.writeFaults++;
    if (by === "user") this.target.charge(this.costs.trap);
    this.runFaultSteps(entry);
    if (!entry.captured) {
      throw new StrategyError(
        `checkpointer '${this.strategy.name}' let page ${hexPage(entry.vpn)} be written before ` +
          "it was captured; its onFirstWrite must copy the page or wait for it",
      );
    }
    this.settle("fault");
  }

  beforeUnmap(page: Page): void {
    this.beforeWrite(page, "kernel");
  }

  refilled(page: Page, cycles: number): void {
    if (!this.invalidated.delete(page.vpn)) return;
    const now = this.target.now();
    this.account.add(this.stopped ? "stop" : "run", now - cycles - this.mark);
    this.account.add("refill", cycles);
    this.mark = now;
  }

  /** The strategy's part of a write fault, in the writer's time. */
  private runFaultSteps(entry: Entry): void {
    const { onFirstWrite } = this.strategy as Checkpointer<OptionTable>;
    const steps = onFirstWrite?.call(this.strategy, entry, this, this.options as never);
    if (steps === undefined) return this.copyTo(entry, "B");
    for (const step of steps) {
      if (step.step === "wait") this.waitFor(step.page as Entry | "all");
      else if (step.step === "copy" || step.step === "message" || step.step === "spill") {
        this.target.charge(this.cost(step));
        this.carryOut(step);
      } else {
        throw new StrategyError(
          `checkpointer '${this.strategy.name}': onFirstWrite yielded '${step.step}'; ` +
            "in a write fault only copy, spill, wait and message are possible",
        );
      }
    }
    this.copierClock = Math.max(this.copierClock, this.target.now());
  }

  /** The writer sleeps while the copier goes on, until the page (or every page) is captured. */
  private waitFor(page: Entry | "all"): void {
    const waiting = () =>
      page === "all" ? this.entries.some((entry) => !entry.captured) : !page.captured;
    while (waiting()) {
      if (!this.wantsCpu) {
        throw new StrategyError(
          `checkpointer '${this.strategy.name}' waits for a page its copier will not copy`,
        );
      }
      this.target.charge(this.left);
      this.left = 0;
      if (!this.startsIo(this.target.now())) this.complete();
    }
  }

  private startsIo(now: number): boolean {
    const step = this.current?.step;
    if (step !== "write" && step !== "commit") return false;
    const bytes = step === "write"
      ? this.sink.writePages(this.merged())
      : this.sink.manifestBytes();
    this.counts.imageBytes += bytes;
    this.ioUntil = Math.ceil(now + this.costs.store(bytes));
    return true;
  }

  /** The current step is done: it takes effect, and the script says what is next. */
  private complete(): void {
    const step = this.current;
    if (step === undefined) return;
    this.counts.steps++;
    if (this.counts.steps === this.failAtStep) return this.abandon();
    this.carryOut(step);
    this.next();
  }

  private next(): void {
    const { value, done } = this.script.next();
    if (done === true) return this.finish();
    this.current = value;
    this.left = this.cost(value);
    if (value.step === "copy") (value.page as Entry).state = "copying";
  }

  private finish(): void {
    this.current = undefined;
    this.abandon();
    if (this.state !== "committed") {
      throw new StrategyError(
        `checkpointer '${this.strategy.name}' ended without the step 'commit': there is no image`,
      );
    }
  }

  private cost(step: CaptureStep): number {
    switch (step.step) {
      case "save":
        return this.costs.fixedStop;
      case "copy":
        return this.costs.pageCopy;
      case "message":
        return this.costs.message;
      case "spill":
        return Math.ceil(this.costs.store(PAGE_BYTES));
      default:
        return 0;
    }
  }

  private carryOut(step: CaptureStep): void {
    switch (step.step) {
      case "stop":
        this.settle("run");
        this.stopped = true;
        this.target.freeze();
        break;
      case "save":
        this.save(step.leaveOut === "executable");
        break;
      case "protect":
        this.protectedNow = true;
        this.invalidated = new Set(this.target.residentPages());
        this.target.guard(this);
        break;
      case "resume":
        this.resume();
        break;
      case "copy":
        this.copyTo(step.page as Entry, step.to);
        break;
      case "spill":
        (step.page as Entry).state = "spilled";
        this.inB--;
        break;
      case "message":
        this.counts.controlMessages++;
        break;
      case "merge":
        this.image = this.merged();
        break;
      case "commit":
        this.sink.commit();
        this.state = "committed";
        this.committedAt = this.target.now();
        break;
    }
  }

  private resume(): void {
    this.settle("stop");
    this.stopped = false;
    this.target.thaw();
  }

  private save(leaveOut: boolean): void {
    this.takenAt = this.target.now();
    this.manifest = this.target.manifest();
    this.entries = this.target.pages().map((source) => new Entry(source, leaveOut));
    for (const entry of this.entries) {
      if (entry.source.frame !== undefined) this.byFrame.set(entry.source.frame, entry);
    }
    this.counts.pages = this.entries.length;
    this.counts.pagesExcluded = this.entries.filter((entry) => entry.state === "excluded").length;
  }

  protected copyTo(entry: Entry, buffer: "A" | "B"): void {
    if (entry.captured) return;
    entry.bytes = entry.source.copy();
    entry.state = buffer;
    if (buffer === "A") this.counts.pagesA++;
    else {
      this.counts.pagesB++;
      this.counts.bufferBPeak = Math.max(this.counts.bufferBPeak, ++this.inB);
    }
  }

  protected merged(): Image {
    if (this.image !== undefined) return this.image;
    if (this.manifest === undefined) {
      throw new StrategyError(`checkpointer '${this.strategy.name}' never yielded 'save'`);
    }
    const checkpointer = { name: this.strategy.name, options: { ...this.options } };
    const pages = this.entries.map((entry): ImagePage => {
      const page = { vpn: entry.vpn, dirty: entry.source.dirty };
      if (entry.state === "excluded") return { ...page, source: "executable" };
      if (entry.bytes === undefined) {
        throw new StrategyError(
          `checkpointer '${this.strategy.name}' did not capture page ${hexPage(entry.vpn)}`,
        );
      }
      return { ...page, source: "image", bytes: entry.bytes };
    });
    return { manifest: { ...this.manifest, checkpointer }, pages };
  }

  private release(): void {
    if (!this.protectedNow) return;
    this.protectedNow = false;
    this.target.guard(undefined);
  }
}

const hexPage = (vpn: number): string => "0x" + (vpn * PAGE_BYTES).toString(16).padStart(8, "0");
