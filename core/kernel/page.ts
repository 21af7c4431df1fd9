/** One mapped page of an address space, and the parts of it that the TLB can tell apart. */

/** A 4 KiB page that has a frame. Pages never touched have no Page: they are zero or file bytes. */
export interface Page {
  /** Virtual page number: address >>> 12. */
  readonly vpn: number;
  /** Index of its 4 KiB frame in physical memory; an image never contains it. */
  readonly frame: number;
  /**
   * Written since it was mapped: anonymous content, or a file page that no longer equals its file.
   * The software shadow of the D bit, which checkpointing clears for its own ends.
   */
  dirty: boolean;
}

/** The smallest page of the SH-4, and with it of a TLB entry, in bytes. */
export const QUARTER_BYTES = 1024;
/** Quarters in a page. */
export const QUARTERS = 4;
/** A set of quarters is a word with a bit for each: here all of them. */
export const ALL_QUARTERS = (1 << QUARTERS) - 1;

/** The quarter of its page an address lies in, as a set of one. */
export const quarterOf = (address: number): number => 1 << ((address >>> 10) & (QUARTERS - 1));

/** A store of the program, or of the kernel on its behalf, that was the first to a quarter. */
export interface FirstWrite {
  readonly vpn: number;
  /** 0 to 3, by address. */
  readonly quarter: number;
}
