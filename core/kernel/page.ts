/** One mapped page of an address space. */

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
