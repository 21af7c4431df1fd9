/** Which page of one address space lies in which frame. */
import type { Page } from "./page.ts";

/** A mapped page with the rights of its area, so that a TLB refill needs one look-up only. */
export class MappedPage implements Page {
  constructor(
    readonly vpn: number,
    public frame: number,
    public dirty: boolean,
    /** PROT_READ, PROT_WRITE, PROT_EXEC, as in vma.ts. */
    public protection: number,
  ) {}
}

const TABLE_BITS = 10;
const TABLE_SIZE = 1 << TABLE_BITS;
const TABLES = 1 << (31 - 12 - TABLE_BITS); // user space is the lower 2 GiB

type Table = (MappedPage | undefined)[];

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
    return table === undefined ? undefined : table[vpn & (TABLE_SIZE - 1)];
  }

  set(page: MappedPage): void {
    const index = page.vpn >>> TABLE_BITS;
    const table = this.tables[index] ??= new Array(TABLE_SIZE).fill(undefined);
    if (table[page.vpn & (TABLE_SIZE - 1)] === undefined) this.mapped++;
    table[page.vpn & (TABLE_SIZE - 1)] = page;
  }

  delete(vpn: number): void {
    const table = this.tables[vpn >>> TABLE_BITS];
    if (table?.[vpn & (TABLE_SIZE - 1)] === undefined) return;
    table[vpn & (TABLE_SIZE - 1)] = undefined;
    this.mapped--;
  }

  /** The mapped pages from `first` up to but not including `end`, in order. */
  *range(first: number, end: number): Generator<MappedPage> {
    for (let vpn = first; vpn < end;) {
      const table = this.tables[vpn >>> TABLE_BITS];
      const next = Math.min(end, ((vpn >>> TABLE_BITS) + 1) << TABLE_BITS);
      if (table !== undefined) {
        for (; vpn < next; vpn++) {
          const page = table[vpn & (TABLE_SIZE - 1)];
          if (page !== undefined) yield page;
        }
      }
      vpn = next;
    }
  }

  /** The same for every mapped page, where there are many and time is short. */
  each(act: (page: MappedPage) => void): void {
    for (const table of this.tables) {
      if (table === undefined) continue;
      for (const page of table) if (page !== undefined) act(page);
    }
  }

  /** Every mapped page, in order of address. */
  all(): Generator<MappedPage> {
    return this.range(0, TABLES * TABLE_SIZE);
  }
}
