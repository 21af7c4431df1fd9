/**
 * Copy on write by the D bit of the TLB, as cheap as the SH-4 lets it be. Paper A's checkpoint asks
 * the copier at each write fault and copies a page of 4 KiB; here the handler copies by itself,
 * without a message, and only the quarter that is about to change: 1 KiB, the smallest page the TLB
 * knows. The copier goes ahead of the program, where registers and write faults say that it comes
 * (copy_order.ts). Where it writes all quarters of its pages, whole ones are copied; and where even
 * that costs more than it saves, the rest is copied with the program stopped.
 */
import {
  type CapturePage,
  type CaptureStep,
  type CaptureView,
  checkpointer,
} from "../../core/mod.ts";
import { CopyOrder, isLeft } from "./copy_order.ts";
import { includeExecutable, saveWith } from "./include_executable.ts";

type Steps = Generator<CaptureStep, void, void>;

/** Downtime s + W (f + c / 4) + refills, for W quarters written before the copier reached them. */
export const tlbCowPlus = checkpointer({
  name: "tlb-cow-plus",
  help:
    "Copies pages while the process runs; who writes first copies a quarter of the page himself.",
  options: {
    sub_page: {
      type: "truth",
      default: true,
      doc: "Copy the quarter of a page that is about to be written, not all of it.",
    },
    whole_if_dense: {
      type: "truth",
      default: true,
      doc: "Copy all of it where the pages so far were written in nearly every quarter.",
    },
    aim: {
      type: "truth",
      default: true,
      doc: "Copy the pages first that registers point into, and those behind them.",
    },
    follow: {
      type: "truth",
      default: true,
      doc: "Copy next what comes after the page of a write fault, the way the program goes.",
    },
    hot_first: {
      type: "truth",
      default: true,
      doc: "Copy early what was written first during the last checkpoint.",
    },
    hot_stopped: {
      type: "count",
      default: 0,
      min: 0,
      doc: "So many quarters of these while the process stands still, that they do not fault.",
    },
    direct: {
      type: "truth",
      default: false,
      doc: "Write what is not written by the program straight from memory, without a copy.",
    },
    budget: {
      type: "ratio",
      default: 0.005,
      min: 0,
      doc: "Stop for the rest when faults in whole pages have lost so much of what stopping takes.",
    },
    include_executable: includeExecutable,
  },
  controlMessages: () => 0,
  *capture(view, { aim, follow, hot_first, hot_stopped, direct, include_executable }) {
    yield { step: "stop" };
    yield saveWith(include_executable);
    yield* copyHot(view, hot_stopped);
    yield { step: "protect" };
    yield { step: "resume" };
    if (direct) yield { step: "stream" };
    const hot = hot_first ? [...remembered(view)].map(({ page }) => page) : [];
    const order = new CopyOrder(view, { remembered: hot, aim, follow });
    ORDERS.set(view, order);
    for (let page = order.next(); page !== undefined; page = order.next()) {
      yield { step: "copy", page, to: "A" };
    }
    yield { step: "merge" };
    yield { step: "write" };
    yield { step: "commit" };
  },
  *onFirstWrite(page, view, { sub_page, whole_if_dense, direct, budget }, quarter) {
    ORDERS.get(view)?.met(page);
    const tally = tallyOf(view);
    const isPart = sub_page && !(whole_if_dense && tally.isDense(page, view));
    // To wait for the disk takes longer than any fault.
    if (!isPart && !direct && tally.losesMoreThan(budget, view)) {
      yield { step: "wait", page: "all" };
    } else {
      const before = view.pagesLeft;
      yield { step: "copy", page, to: "B", quarter: isPart ? quarter : undefined };
      tally.served(before - view.pagesLeft);
    }
  },
});

/** The pages and quarters of the last checkpoint's write faults that are still there, in order. */
function* remembered({ pages, history }: CaptureView) {
  const known = new Map(pages.map((page) => [page.vpn, page]));
  for (const { vpn, quarter } of history) {
    const page = known.get(vpn);
    if (page !== undefined && isLeft(page)) yield { page, quarter };
  }
}

function* copyHot(view: CaptureView, most: number): Steps {
  let left = most;
  for (const { page, quarter } of remembered(view)) {
    if (left-- === 0) return;
    yield { step: "copy", page, to: "A", quarter };
  }
}

/** Where the copier of each capture goes. */
const ORDERS = new WeakMap<CaptureView, CopyOrder>();

/** So many pages must have been written before it is judged how they are. */
const SAMPLE = 8;

/** What the write faults of one checkpoint tell each other. */
class Tally {
  private faults = 0;
  /** Pages that write faults have copied, quarters of them as such. */
  private copied = 0;
  /** Pages that had a fault, until it is known that they are written all over. */
  private readonly touched = new Set<CapturePage>();
  private dense = false;

  /** `pages`: that were to be captured. */
  constructor(private readonly pages: number) {}

  /** A fault has copied so many pages. */
  served(pages: number): void {
    this.faults++;
    this.copied += pages;
  }

  /**
   * Whether copying whole pages costs less than as many quarters as they were written in: f + c is
   * k (f + c / 4) where k is about 3.3.
   */
  isDense(page: CapturePage, { costs: { trap, pageCopy } }: CaptureView): boolean {
    this.touched.add(page);
    const least = (trap + pageCopy) / (trap + pageCopy / 4);
    this.dense ||= this.touched.size > SAMPLE && this.faults > least * this.touched.size;
    return this.dense;
  }

  /**
   * Whether the faults have cost more than what the copier has captured meanwhile, by that part of
   * what stopping costs. With a processor of its own the copier gains at every fault.
   */
  losesMoreThan(part: number, { costs, cpus, pagesLeft }: CaptureView): boolean {
    if (cpus > 1) return false;
    const { trap, pageCopy, fixedStop } = costs;
    const gained = (this.pages - pagesLeft - this.copied) * pageCopy;
    return (this.faults + 1) * trap - gained > part * (fixedStop + this.pages * pageCopy);
  }
}

const TALLIES = new WeakMap<CaptureView, Tally>();

function tallyOf(view: CaptureView): Tally {
  const known = TALLIES.get(view);
  if (known !== undefined) return known;
  const tally = new Tally(view.pages.filter(({ state }) => state !== "excluded").length);
  TALLIES.set(view, tally);
  return tally;
}
