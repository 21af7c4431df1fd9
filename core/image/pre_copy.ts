/**
 * Copies made before t0, while the process runs: pre-copy. A copy is good until its page is written
 * again, so the mechanism watches every page from the moment it is copied. What is still good at t0
 * needs no second copy; only the rest is downtime.
 */
import type { WriteGuard, Writer } from "../kernel/guard.ts";
import { ALL_QUARTERS, type Page } from "../kernel/page.ts";
import type { Account } from "./account.ts";
import type { Entry } from "./capture_entry.ts";
import type { CaptureTarget, GuardDoor } from "./capture_target.ts";
import type { EntryList } from "./entry_list.ts";
import { PAGE_BYTES } from "./image.ts";

/** What was done before t0. */
export interface PreCopyCounts {
  /** Page copies, those made again included. */
  copies: number;
  /** Copies that were in vain, for their page was written again before t0. */
  rewritten: number;
  /** Bytes written to the store, in vain or not. */
  bytes: number;
  /** Pages that were in the store at t0, as they were then. */
  ahead: number;
}

/** The time before t0 of a capture whose strategy lists pages there. */
export class PreCopy implements WriteGuard {
  readonly counts: PreCopyCounts = { copies: 0, rewritten: 0, bytes: 0, ahead: 0 };
  /** What is being written to the store. */
  private writing: readonly Entry[] = [];
  /** Pages whose TLB entries were dropped and have not been loaded again. */
  private readonly dropped: Set<number>;

  /** Watches the process from now on, until another guard takes its place. */
  constructor(
    private readonly target: CaptureTarget,
    images: GuardDoor,
    private readonly entries: EntryList,
    private readonly account: Account,
    private readonly trap: number,
  ) {
    this.dropped = new Set(target.residentPages());
    images.guard(this);
  }

  /** Lists the pages the process has now; those copied and not written since stay copied. */
  list(): void {
    this.entries.take(this.target.pages(), false);
  }

  /** Takes the content of a page, unless it went away since it was listed. */
  copy(entry: Entry): void {
    this.counts.copies++;
    // Only an entry that was there has to be loaded again because of this.
    const isResident = this.target.residentPages().includes(entry.vpn);
    const watched = this.target.watch(entry.source);
    entry.state = watched ? "A" : "uncaptured";
    if (!watched) return;
    if (isResident) this.dropped.add(entry.vpn);
    entry.bytes = entry.source.copy();
  }

  /** Begins to write what is copied and not in the store; says how many bytes that are. */
  write(): number {
    this.writing = this.entries.all.filter(({ captured, isAhead }) => captured && !isAhead);
    return this.writing.length * PAGE_BYTES;
  }

  /** The store has it. */
  wrote(): void {
    this.counts.bytes += this.writing.length * PAGE_BYTES;
    for (const entry of this.writing) entry.isAhead = entry.captured;
    this.writing = [];
  }

  /** t0 was: what of the list is in the store already, in bytes. */
  end(): number {
    this.counts.ahead = this.entries.all.filter(({ isAhead }) => isAhead).length;
    return this.counts.ahead * PAGE_BYTES;
  }

  protects(page: Page): number {
    return this.copyOf(page) === undefined ? 0 : ALL_QUARTERS;
  }

  beforeWrite(page: Page, by: Writer): void {
    const entry = this.copyOf(page);
    if (entry === undefined) return;
    const from = this.target.now();
    this.counts.rewritten++;
    this.forget(entry);
    if (by === "user") this.target.charge(this.trap);
    this.account.claim("fault", from);
  }

  beforeUnmap(page: Page): void {
    this.dropped.delete(page.vpn);
    const entry = this.copyOf(page);
    if (entry !== undefined) this.forget(entry);
  }

  refilled(page: Page, cycles: number): boolean {
    if (this.dropped.delete(page.vpn)) {
      this.account.claim("refill", this.target.now() - cycles);
    }
    return this.protects(page) !== 0;
  }

  private forget(entry: Entry): void {
    entry.state = "uncaptured";
    entry.bytes = undefined;
    entry.isAhead = false;
  }

  /** The entry of a page whose copy is good. */
  private copyOf(page: Page): Entry | undefined {
    const entry = this.entries.in(page.frame);
    return entry?.captured === true ? entry : undefined;
  }
}
