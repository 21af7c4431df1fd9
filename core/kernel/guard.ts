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
  /**
   * The quarters of a page that must not change yet, as a set (page.ts). Their TLB entries are loaded
   * with D = 0, so that the first store traps; where only some are in it, each quarter of the page
   * gets an entry of its own.
   */
  protects(page: Page): number;
  /**
   * Called before the first change of a protected quarter (a set of one) reaches memory; afterwards
   * `protects` must not have it. May charge time through the kernel.
   */
  beforeWrite(page: Page, by: Writer, quarter: number): void;
  /** Called before a page leaves the address space (munmap, brk, mremap, exec, exit). */
  beforeUnmap(page: Page): void;
  /**
   * Called at TLB refills of this space with the cycles each costs, for the time accounts. False:
   * it need not hear of this page again until its entries are invalidated, so the machine may load
   * it by itself; it must hear of one that it protects.
   */
  refilled(page: Page, cycles: number): boolean;
}
