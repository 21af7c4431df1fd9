/** PTEL, which is also the data word of a TLB entry (manual section 3.2). */

/** The entry is valid. */
export const PTEL_V = 1 << 8;
/** The page may be written: a store to a clean one is an initial page write exception. */
export const PTEL_D = 1 << 2;
/** PR: the page may be written to by who may reach it. */
export const PTEL_WRITE = 1 << 5;
/** The bits that a page has both of, if stores to it go through. */
export const PTEL_WRITABLE = PTEL_WRITE | PTEL_D;
/** The page belongs to all address spaces: ASID is not compared. */
export const PTEL_SH = 1 << 1;

/** SZ: the page is of 4 KiB; without it, of 1 KiB. */
export const PTEL_4K = 1 << 4;

/** The address bits that name a page of 1 KiB. */
export const PAGE_1K_MASK = 0xfffffc00 | 0;
/** The address bits that name a page of 4 KiB. */
export const PAGE_4K_MASK = 0xfffff000 | 0;
/** The address bits that name a page, by SZ1 SZ0: 1 KiB, 4 KiB, 64 KiB, 1 MiB. */
const PAGE_MASKS = [PAGE_1K_MASK, PAGE_4K_MASK, 0xffff0000 | 0, 0xfff00000 | 0] as const;

/** The page mask of a data word. */
export function pageMask(data: number): number {
  return PAGE_MASKS[((data >> 6) & 2) | ((data >> 4) & 1)] as number;
}
