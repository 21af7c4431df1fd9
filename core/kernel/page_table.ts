/** Which page of one address space lies in which frame. */
import type { Page } from "./page.ts";

const TABLE_BITS = 10;
const TABLE_SIZE = 1 << TABLE_BITS;
const TABLES = 1 << (31 - 12 - TABLE_BITS); // user space is the lower 2 GiB

const placeOf = (vpn: number): number => vpn & (TABLE_SIZE - 1);

/** What there is to know of a page that is mapped. */
export interface Mapping {
  readonly vpn: number;
  readonly frame: number;
  readonly dirty: boolean;
  /** PROT_READ, PROT_WRITE, PROT_EXEC, as in vma.ts. */
  readonly protection: number;
}

/**
 * A mapped page with the rights of its area, so that a TLB refill needs one look-up only. Its dirty
 * bit lies beside those of its neighbours, for all of them may have to be copied in one go.
 */
export class MappedPage implements Page, Mapping {
  /** Its TLB entries are of 1 KiB: one for each quarter. */
  isSplit = false;

  constructor(
    readonly vpn: number,
    readonly frame: number,
    public protection: number,
    private readonly bits: Uint8Array,
  ) {}

  get dirty(): boolean {
    return this.bits[placeOf(this.vpn)] !== 0;
  }
  set dirty(dirty: boolean) {
    this.bits[placeOf(this.vpn)] = dirty ? 1 : 0;
  }
}

/** The pages of one table and their dirty bits. */
interface Table {
  readonly pages: (MappedPage | undefined)[];
  readonly dirty: Uint8Array;
}

/** The mapped pages as they were at one moment. */
export interface PageSnapshot {
  readonly count: number;
  /** Goes through them in order of address. */
  each(act: (vpn: number, frame: number, dirty: boolean) => void): void;
}

/** Two levels, as in the hardware's own tables: a look-up is two array reads. */
export class PageTable {
  private readonly tables: (Table | undefined)[] = new Array(TABLES).fill(undefined);
  private mapped = 0;

  /** Pages that have a frame. */
  get count(): number {
    return this.mapped;
  }

  get(vpn: number): MappedPage | undefined {
    const table = this.tables[vpn >>> TABLE_BITS];
    return table === undefined ? undefined : table.pages[placeOf(vpn)];
  }

  /** Maps a page. */
  add({ vpn, frame, dirty, protection }: Mapping): MappedPage {
    const { pages, dirty: bits } = this.tables[vpn >>> TABLE_BITS] ??= {
      pages: new Array(TABLE_SIZE).fill(undefined),
      dirty: new Uint8Array(TABLE_SIZE),
    };
    const page = new MappedPage(vpn, frame, protection, bits);
    if (pages[placeOf(vpn)] === undefined) this.mapped++;
    pages[placeOf(vpn)] = page;
    page.dirty = dirty;
    return page;
  }

  delete(vpn: number): void {
    const pages = this.tables[vpn >>> TABLE_BITS]?.pages;
    if (pages?.[placeOf(vpn)] === undefined) return;
    pages[placeOf(vpn)] = undefined;
    this.mapped--;
  }

  /** The mapped pages from `first` up to but not including `end`, in order. */
  *range(first: number, end: number): Generator<MappedPage> {
    for (let vpn = first; vpn < end;) {
      const table = this.tables[vpn >>> TABLE_BITS];
      const next = Math.min(end, ((vpn >>> TABLE_BITS) + 1) << TABLE_BITS);
      if (table !== undefined) {
        for (; vpn < next; vpn++) {
          const page = table.pages[placeOf(vpn)];
          if (page !== undefined) yield page;
        }
      }
      vpn = next;
    }
  }

  /** Keeps them as they are now, table by table, which is quick: somebody may be waiting. */
  snapshot(): PageSnapshot {
    const kept = this.tables.flatMap((table) =>
      table === undefined ? [] : { pages: table.pages.slice(), dirty: table.dirty.slice() }
    );
    return {
      count: this.mapped,
      each: (act) => {
        for (const { pages, dirty } of kept) {
          for (const page of pages) {
            if (page !== undefined) act(page.vpn, page.frame, dirty[placeOf(page.vpn)] !== 0);
          }
        }
      },
    };
  }

  /** Every mapped page, in order of address. */
  all(): Generator<MappedPage> {
    return this.range(0, TABLES * TABLE_SIZE);
  }
}
