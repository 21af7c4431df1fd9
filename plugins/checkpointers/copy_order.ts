/**
 * Which page a copier takes next, so that it is there before the program: programs go through their
 * memory in sweeps, page after page, and begin again where the area begins. Where a sweep is at t0
 * the registers say, for some of them point into it; where it is later its write faults say. So the
 * copier goes ahead of each sweep, in turn. The law: while the copier has a turn of Q it takes Q / c
 * pages, and a sweep whose next pages they are meets none that is not captured as long as it comes
 * to fewer than one new page in c. One that is faster is met halfway, whatever the order.
 */
import type { CapturePage, CaptureView } from "../../core/mod.ts";

/** Nothing, or not all, of the page is captured. */
export const isLeft = ({ state }: CapturePage): boolean =>
  state === "uncaptured" || state === "split";

/** A register may point at anything; a write fault is where the program writes. */
const FAULT_WEIGHT = 4;

/** Pages without a gap between them, ascending. */
type Area = readonly CapturePage[];

/** The place of a page in its area. */
interface Place {
  readonly area: Area;
  readonly index: number;
}

function placesOf(pages: readonly CapturePage[]): ReadonlyMap<CapturePage, Place> {
  const places = new Map<CapturePage, Place>();
  let area: CapturePage[] = [];
  for (const page of pages) {
    if (page.vpn !== (area.at(-1)?.vpn ?? -1) + 1) area = [];
    places.set(page, { area, index: area.length });
    area.push(page);
  }
  return places;
}

/** Pages one of which is to be copied, as often as its weight says beside the weights of others. */
interface Source {
  readonly weight: number;
  /** Pages taken of it since the last write fault. */
  taken: number;
  next(): CapturePage | undefined;
}

/** A program on its way through an area. */
class Sweep implements Source {
  weight = 0;
  taken = 0;
  private way: 1 | -1 = 1;
  /** Where the program is, and which page is to be copied next, as places in the area. */
  private at: number;
  private following: number;
  /** Pages of the area that were not looked at since it is here. */
  private unseen: number;
  /** Pages between the program and the copier, when the program has been faster. */
  private lead = 0;

  constructor(readonly area: Area, index: number) {
    this.at = this.following = index;
    this.unseen = area.length;
  }

  startsAt({ area, index }: Place): boolean {
    return area === this.area && index === this.at;
  }

  /** It is on that page, or one beside it. */
  covers({ area, index }: Place): boolean {
    return area === this.area && Math.abs(index - this.at) <= 1;
  }

  /**
   * It has met a page that is not captured. Where the copier works beside it, it was faster: the next
   * page it would be at first, too, so the copier goes ahead twice as far as before.
   */
  met(index: number, isBeside: boolean): void {
    this.weight = Math.max(this.weight, FAULT_WEIGHT);
    if (index !== this.at) {
      this.way = index > this.at ? 1 : -1;
      if (isBeside) this.lead = Math.min(Math.max(1, 2 * this.lead), this.area.length);
    }
    this.at = index;
    this.following = this.stepFrom(index, this.lead);
    this.unseen = this.area.length;
  }

  next(): CapturePage | undefined {
    while (this.unseen-- > 0) {
      const page = this.area[this.following];
      this.following = this.stepFrom(this.following, 1);
      if (page !== undefined && isLeft(page)) return page;
    }
    return undefined;
  }

  private stepFrom(index: number, steps: number): number {
    const { length } = this.area;
    return (index + this.way * (steps % length) + length) % length;
  }
}

/** Pages in an order of their own. */
class Listed implements Source {
  readonly weight = 1;
  taken = 0;
  private at = 0;

  constructor(private readonly pages: readonly CapturePage[]) {}

  next(): CapturePage | undefined {
    while (this.at < this.pages.length) {
      const page = this.pages[this.at++] as CapturePage;
      if (isLeft(page)) return page;
    }
    return undefined;
  }
}

/** What an order goes by. */
export interface Hints {
  /** Pages that were written first during the last checkpoint. */
  readonly remembered: readonly CapturePage[];
  /** Sweeps begin where registers point. */
  readonly aim: boolean;
  /** And are where the program meets pages that are not captured. */
  readonly follow: boolean;
}

/**
 * The order of one capture.
 *
 * @example
 * ```ts
 * import type { CapturePage, CaptureView } from "../../core/mod.ts";
 * import { CopyOrder } from "./copy_order.ts";
 * const pages = [5, 6, 7].map((vpn): CapturePage => (
 *   { vpn, state: "uncaptured", quartersLeft: 4, fromExecutable: false }
 * ));
 * const view = { pages, pointed: [pages[1]], cpus: 1 } as unknown as CaptureView;
 * const order = new CopyOrder(view, { remembered: [], aim: true, follow: true });
 * if ([1, 2, 3].map(() => order.next()?.vpn).join() !== "6,7,5") throw new Error("unreachable");
 * ```
 */
export class CopyOrder {
  private readonly places: ReadonlyMap<CapturePage, Place>;
  private sources: Source[] = [];
  private readonly rest: Listed;
  private readonly follows: boolean;
  private readonly isBeside: boolean;

  constructor({ pages, pointed, cpus }: CaptureView, { remembered, aim, follow }: Hints) {
    const left = pages.filter(isLeft);
    this.places = placesOf(left);
    this.rest = new Listed(left);
    this.follows = follow;
    this.isBeside = cpus > 1;
    if (aim) { for (const page of pointed) this.aimAt(page); }
    this.sources.push(new Listed(remembered));
  }

  /** The program meets a page that is not captured. */
  met(page: CapturePage): void {
    const place = this.places.get(page);
    if (!this.follows || place === undefined) return;
    const sweep = this.sweepOn((each) => each.covers(place)) ?? new Sweep(place.area, place.index);
    sweep.met(place.index, this.isBeside);
    this.sources = [sweep, ...this.sources.filter((each) => each !== sweep)];
    for (const each of this.sources) each.taken = 0;
  }

  /** The page to copy next; nothing when all are captured. */
  next(): CapturePage | undefined {
    for (;;) {
      const [first, ...others] = this.sources;
      if (first === undefined) return this.rest.next();
      const due = ({ taken, weight }: Source) => (taken + 1) / weight;
      const source = others.reduce((best, each) => due(each) < due(best) ? each : best, first);
      const page = source.next();
      source.taken++;
      if (page !== undefined) return page;
      this.sources = this.sources.filter((each) => each !== source);
    }
  }

  /** Compilers keep several pointers into what a loop is at, and one to where an area begins. */
  private aimAt(page: CapturePage): void {
    const place = this.places.get(page);
    if (place === undefined) return;
    let sweep = this.sweepOn((each) => each.startsAt(place));
    if (sweep === undefined) this.sources.push(sweep = new Sweep(place.area, place.index));
    sweep.weight++;
  }

  private sweepOn(is: (sweep: Sweep) => boolean): Sweep | undefined {
    return this.sources.find((each): each is Sweep => each instanceof Sweep && is(each));
  }
}
