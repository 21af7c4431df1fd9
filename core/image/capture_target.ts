/** What a capture session works on: a process and its pages, what things cost, where the image goes. */
import { isZero } from "../base/bytes.ts";
import type { WriteGuard } from "../kernel/guard.ts";
import { type FirstWrite, QUARTERS } from "../kernel/page.ts";
import type { Entry } from "./capture_entry.ts";
import type { CaptureStep, CopyCosts } from "./checkpointer.ts";
import { type Image, PAGE_BYTES, type ParentLink } from "./image.ts";
import type { PageTracker } from "./page_tracker.ts";
import type { SavedState } from "./refusal.ts";

type Protect = Extract<CaptureStep, { readonly step: "protect" }>;

/** What a session needs of the process it captures and of the node it runs on. */
export interface CaptureTarget {
  /** Cycles of the node's clock, exact also inside a slice of the process. */
  now(): number;
  /** Makes the clock go on for work that is not the program's. */
  charge(cycles: number): void;
  /** Cycles the process has used; exact only between its slices. */
  used(): number;
  /** Whether a thread of the process could run now. */
  runnable(): boolean;
  /** The process has ended: there is nothing left to save. */
  ended(): boolean;
  /** It goes on elsewhere: once its state is saved it stands still here, whatever the strategy says. */
  readonly leaves?: boolean;
  freeze(): void;
  thaw(): void;
  /** Everything of the image but the pages, at this instant. */
  manifest(): SavedState;
  /** This instant is t0, and its state is saved: what happens from now on is not in the image. */
  taken?(): void;
  /** The pages of the process at this instant, ascending: as many as that, each when asked for. */
  pages(): SourcePages;
  /**
   * Installs the guard and drops the TLB entries of the process; nothing: takes it away. Entries
   * loaded under it may stay: a store through one with D = 0 finds nothing to guard any more.
   */
  guard(guard: WriteGuard | undefined): void;
  /**
   * Drops the TLB entry of a page, so that the guard hears of its next store. False when that page is
   * no longer where it was.
   */
  watch(page: SourcePage): boolean;
  /** The pages whose TLB entries are valid now, by page number: their next refill is our doing. */
  residentPages(): readonly number[];
  /** Who hears of first stores between two checkpoints; nobody where none has asked for it. */
  tracker(): PageTracker | undefined;
  /** It stays, or goes. */
  keep(tracker: PageTracker | undefined): void;
  /** What {@linkcode CaptureTarget.remember} was told last. */
  history(): readonly FirstWrite[];
  /** The stores that met this checkpoint, for the next one to look at. */
  remember(writes: readonly FirstWrite[]): void;
}

/** Where a guard of a capture is installed, or taken away again. */
export interface GuardDoor {
  guard(guard: WriteGuard | undefined): void;
}

/** The pages of a process at one instant, by ascending page number. */
export interface SourcePages {
  readonly length: number;
  /** How many of them equal the executable's page. */
  readonly fromExecutable: number;
  at(index: number): SourcePage | undefined;
}

/** A page of the process, with the means to copy it. */
export interface SourcePage {
  readonly vpn: number;
  /** The frame it lies in; absent when it was never touched and only its file has it. */
  readonly frame: number | undefined;
  readonly dirty: boolean;
  /** It equals the executable's page at that address. */
  readonly fromExecutable: boolean;
  /** A copy of its content now. */
  copy(): Uint8Array;
}

/** What things cost on the node, in cycles; of its profile. */
export interface CaptureCosts extends CopyCosts {
  readonly cpus: number;
  /** Cycles of a processor for the hash of a page, where the store keeps pages by it; else absent. */
  readonly pageHash?: number;
  /** Cycles that writing so many bytes to the store takes. */
  store(bytes: number): number;
}

/** Cycles of a processor a step takes, of a process of so many pages; the disk works on its own. */
export function stepCost(step: CaptureStep, costs: CaptureCosts, pages: number): number {
  switch (step.step) {
    case "save":
      return costs.fixedStop;
    case "protect":
      return protectCost(step, costs, pages);
    case "copy":
      return Math.ceil(costs.pageCopy * (step.page as Entry).costOf(step.quarter) / QUARTERS);
    case "refresh":
      return costs.pageCopy;
    case "message":
      return costs.message;
    case "spill":
      return Math.ceil(costs.store(PAGE_BYTES));
    default:
      return 0;
  }
}

/** Bits of a word. */
const WORD_BITS = 32;

function protectCost({ by, bits = 1 }: Protect, costs: CaptureCosts, pages: number): number {
  if (by === "table") return costs.tableEntry * pages;
  return by === "bits" ? costs.bitWord * Math.ceil(pages * bits / WORD_BITS) : 0;
}

/** Cycles of a processor for the keys of an image's pages, where the store wants them. */
export function hashCost({ pages }: Image, { pageHash = 0 }: CaptureCosts): number {
  if (pageHash === 0) return 0;
  return pageHash * pages.filter(({ bytes }) => bytes !== undefined && !isZero(bytes)).length;
}

/** An image in its store. */
export interface StoredImage extends ParentLink {
  /** Bytes a restart reads of it. */
  readonly readBytes: number;
}

/** Where the finished image goes: each part is written in its own time. */
export interface ImageSink {
  /** That image is still there: a new one may leave pages to it. */
  holds(link: ParentLink): boolean;
  /** Begins to write; says how many bytes the pages take in the store. */
  writePages(image: Image): number;
  /** The bytes of the manifest, which is written last. */
  manifestBytes(): number;
  /** The manifest is durable: from here on the image exists, and this is what tells it from others. */
  commit(): StoredImage;
  /** Forgets what was written. */
  abandon(): void;
}
