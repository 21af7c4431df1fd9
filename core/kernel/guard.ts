/**
 * The one door at which checkpointing watches memory: whoever is about to change a page, by
 * whatever way (a user store through the TLB, the kernel through an untranslated alias, an unmap),
 * the guard hears of it first. Core is mechanism: the guard decides nothing about scheduling.
 */
import type { Page } from "./page.ts";

/** Who is about to write: the program by a store, or the kernel on its behalf. */
export type Writer = "user" | "kernel";

/** Watches the pages of one address space; at most one is installed at a time. */
export interface WriteGuard {
  /** While true, the page's TLB entry is loaded with D = 0, so that its first store traps. */
  protects(page: Page): boolean;
  /**
   * Called before the first change of a protected page reaches memory; afterwards `protects` must
   * be false for it. May charge time through the kernel.
   */
  beforeWrite(page: Page, by: Writer): void;
  /** Called before a page leaves the address space (munmap, brk, mremap, exec, exit). */
  beforeUnmap(page: Page): void;
  /**
   * Called at TLB refills of this space with the cycles each costs, for the time accounts. False:
   * it need not hear of this page again until its entries are invalidated, so the machine may load
   * it by itself; it must hear of one that it protects.
   */
  refilled(page: Page, cycles: number): boolean;
}
