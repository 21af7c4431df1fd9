/**
 * The contract of a checkpointer. It is policy: which page is saved when, and what is said to whom.
 * Core is mechanism: it carries out each step a strategy yields, charges its time to one bin, and
 * may fail it, so that any strategy can be paused, measured, failed at every step and replayed.
 */
import type { OptionTable, OptionValues } from "../base/option.ts";
import type { FirstWrite } from "../kernel/page.ts";
import type { Refusal } from "./refusal.ts";

export type { FirstWrite };

/**
 * Where a page of the list stands: not captured yet, some of its quarters captured and others not,
 * being copied by the copier, in the copier's buffer A, in the fault path's buffer B (all of it, or
 * what the copier has not), moved from there to the store already, left out because the executable
 * has it, or inherited: not written since the last image, which has it. Or a shadow of that image has
 * it in memory: the one that is brought up to date for this image, or only the other, and this one is
 * behind. Before t0 a page in A is "uncaptured" again as soon as it is written.
 */
export type PageState =
  | "uncaptured"
  | "split"
  | "copying"
  | "A"
  | "B"
  | "spilled"
  | "excluded"
  | "inherited"
  | "shadow"
  | "behind";

/** One page as a strategy sees it. */
export interface CapturePage {
  /** Virtual page number. */
  readonly vpn: number;
  readonly state: PageState;
  /** Quarters of 1 KiB that are not captured yet, 0 to 4. */
  readonly quartersLeft: number;
  /** True for pages that equal the executable's: text, and data never written. */
  readonly fromExecutable: boolean;
}

/** What a strategy may know of the capture it drives. */
export interface CaptureView {
  /**
   * The pages the process had at t0, ascending; before that those it had at the last step `list`, or
   * none. Each of these steps makes them anew.
   */
  readonly pages: readonly CapturePage[];
  /** Pages that are not captured yet; a quarter is a quarter. */
  readonly pagesLeft: number;
  /** Pages in buffer B now, in whole or in part. */
  readonly pagesInB: number;
  /** Processors of the node: 1 or 2. */
  readonly cpus: number;
  /** What steps cost on this node, in cycles. */
  readonly costs: CopyCosts;
  /**
   * Images a restart from the last tracked one reads: what a chain goes on from. 0 where there is
   * none, or it is gone: at the first checkpoint, after a restart or a move, or when the disk was lost.
   */
  readonly chain: number;
  /** Shadows in memory of the last tracked image; 0 where there is none, as at the first checkpoint. */
  readonly shadows: number;
  /**
   * The stores that met the last checkpoint of this process, each the first to its quarter, in their
   * order: what is likely to be written next. Empty at its first, and after a restart.
   */
  readonly history: readonly FirstWrite[];
  /**
   * Pages that general registers of the process pointed into at t0, once for each register that did:
   * where it was at work. Registers are saved at the stop, so to read them costs no more than that.
   */
  readonly pointed: readonly CapturePage[];
}

/** What a strategy may weigh, in cycles. */
export interface CopyCosts {
  /** Entry, handler and return of a write fault (f). */
  readonly trap: number;
  /** One control message (m). */
  readonly message: number;
  /** Copying a page (c); a quarter of it is a quarter. */
  readonly pageCopy: number;
  /** Duplicating an entry of the page table (e). */
  readonly tableEntry: number;
  /** Turning over a word of a bit vector: 32 pages, or 8 whose quarters have a bit each. */
  readonly bitWord: number;
  /** Saving registers, files and the list of pages (s). */
  readonly fixedStop: number;
}

/** What an image holds, and what it leaves to others. */
export interface Saving {
  /** Pages that equal the executable's, which a restart reads. */
  readonly leaveOut: "nothing" | "executable";
  /**
   * Pages not written since the last image are left to it, or taken from its shadow in memory; neither
   * unless told.
   */
  readonly inherit?: boolean | "shadow";
}

/** What is copied, and where to. */
export interface Copy {
  readonly page: CapturePage;
  readonly to: "A" | "B";
  /** One quarter alone, 0 to 3. */
  readonly quarter?: number | undefined;
}

/** One thing a strategy asks of the mechanism. Each is charged to one bin and is a failure point. */
export type CaptureStep =
  /**
   * Pre-copy: list the pages the process has now, before t0. From here on they may be copied to A
   * while it runs; a copy is good until its page is written again, which traps once.
   */
  | { readonly step: "list" }
  /** Freeze the process: from here on its time is downtime. */
  | { readonly step: "stop" }
  /**
   * Save registers, files, signals, VMAs and the page list. This instant is t0. `inherit`: leave pages
   * that were not written since the last tracked image to that one, or take them from its shadow;
   * there must be one.
   */
  | { readonly step: "save" } & Saving
  /**
   * Hear of the first store to each page from t0 on, so that the next checkpoint knows which pages it
   * may inherit: their TLB entries go, and each first store costs a trap, until the next image that
   * is committed. It takes effect with the commit: of a checkpoint that fails nothing is left.
   * `shadows`: and keep this image in memory when it is written, for the next one to take from it what
   * was not written since. With two, they take turns: one is whole while the other is brought up to
   * date, and so each page that was written is copied once to each. They hold a frame of each page.
   */
  | { readonly step: "track"; readonly shadows?: 1 | 2 }
  /**
   * Load no page of the list writable any more, and drop the TLB entries that are. By `rule`, unless
   * said otherwise: each refill asks, which costs nothing now. By `table`: a second page table is
   * made, both marked read-only, as fork() does: it costs an entry for each page. By `bits`: each page
   * that is saved has a second frame, taken once and kept from checkpoint to checkpoint, and there is a
   * bit for every page that says in which of the two the next store belongs; all are turned over.
   * `bits`: one for each page, unless each quarter has its own.
   */
  | { readonly step: "protect"; readonly by?: "rule" | "table" | "bits"; readonly bits?: 1 | 4 }
  /** Let the process run again. */
  | { readonly step: "resume" }
  /**
   * Copy what is not captured of a page to buffer A or B; of one of its quarters (0 to 3) after t0, if
   * one is given. From then on each quarter of the page has a TLB entry of its own, until all of it is
   * captured.
   */
  | { readonly step: "copy" } & Copy
  /**
   * Write what is not captured to the store straight from memory, page by page at the speed of the
   * disk: nobody copies it, and each page is captured when the disk has it. No processor is used.
   */
  | { readonly step: "stream" }
  /** Copy a page that is behind from one shadow to the other; no store of the process meets that. */
  | { readonly step: "refresh"; readonly page: CapturePage }
  /** Write a page of buffer B to the store at once, so that B has room. */
  | { readonly step: "spill"; readonly page: CapturePage }
  /** In a write fault: wait until the copier has this page, or every page. */
  | { readonly step: "wait"; readonly page: CapturePage | "all" }
  /** One control message between the process and the copier. */
  | { readonly step: "message"; readonly what: string }
  /** Put A and B together in page order, B before A. */
  | { readonly step: "merge" }
  /**
   * Write the pages to the store, at the speed of the disk. Before t0, as often as it is yielded:
   * those copied since the last time, while the process runs; what is still good at t0 is there then.
   */
  | { readonly step: "write" }
  /** Write the manifest: from here on the image exists. */
  | { readonly step: "commit" };

/** A checkpointing strategy. State lives in its generators, one set for each capture. */
export interface Checkpointer<T extends OptionTable = OptionTable> {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One sentence; printed by `list` and the manual. */
  readonly help: string;
  readonly options: T;
  /** What it can be used for; whatever is not said is supported. */
  readonly supports?: { readonly migration?: boolean };
  /**
   * What it does not save. A process that has one of these at t0 is not saved at all: the checkpoint
   * is given up and says what was found and why it is refused, before any page is captured after t0.
   */
  readonly refuses?: readonly Refusal[];
  /** Control messages of one checkpoint with that many write faults; checked, exactly. */
  controlMessages(writeFaults: number): number;
  /** The checkpoint, from the request to the durable image; runs on the copier's kernel thread. */
  capture(view: CaptureView, options: OptionValues<T>): Generator<CaptureStep, void, void>;
  /**
   * A store is about to reach a quarter (0 to 3) of a page that is still protected, or, without one,
   * the page goes away; runs in the writer's time.
   */
  onFirstWrite?(
    page: CapturePage,
    view: CaptureView,
    options: OptionValues<T>,
    quarter: number | undefined,
  ): Generator<CaptureStep, void, void>;
}

/**
 * Declares a checkpointer.
 *
 * @example
 * ```ts
 * import { checkpointer } from "./checkpointer.ts";
 * const still = checkpointer({
 *   name: "still",
 *   help: "Stops the process and copies everything.",
 *   options: {},
 *   controlMessages: () => 0,
 *   *capture(view) {
 *     yield { step: "stop" };
 *     yield { step: "save", leaveOut: "nothing" };
 *     for (const page of view.pages) yield { step: "copy", page, to: "A" };
 *     yield { step: "resume" };
 *     yield { step: "merge" };
 *     yield { step: "write" };
 *     yield { step: "commit" };
 *   },
 * });
 * if (still.name !== "still") throw new Error("unreachable");
 * ```
 */
export function checkpointer<T extends OptionTable>(row: Checkpointer<T>): Checkpointer<T> {
  return row;
}
