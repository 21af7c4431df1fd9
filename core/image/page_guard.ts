/**
 * The watch over the pages of a capture from the step `protect` on: what is not captured yet must not
 * change before the strategy has heard of it, whoever writes.
 */
import type { WriteGuard, Writer } from "../kernel/guard.ts";
import { ALL_QUARTERS, type Page } from "../kernel/page.ts";
import type { Account } from "./account.ts";
import type { Entry } from "./capture_entry.ts";
import type { CaptureTarget, GuardDoor } from "./capture_target.ts";
import type { EntryList } from "./entry_list.ts";

/** Serves a write fault: afterwards those quarters are captured, or the watch is over. */
export type ServeFault = (entry: Entry, by: Writer, quarters: number) => void;

/** Stands at the door of the process's memory. */
export class PageGuard implements WriteGuard {
  /** Pages whose TLB entries went because of this and have not been loaded again. */
  private readonly missing: Set<number>;
  /** The page of the write fault just served, which ends by loading its entry. */
  private served: number | undefined;
  private isOver = false;

  /** `isOpen`: time still goes into the account. */
  constructor(
    private readonly target: CaptureTarget,
    private readonly images: GuardDoor,
    private readonly entries: EntryList,
    private readonly account: Account,
    private readonly isOpen: () => boolean,
    private readonly serve: ServeFault,
  ) {
    this.missing = new Set(target.residentPages());
    images.guard(this);
  }

  /** From now on nothing is protected. */
  end(): void {
    this.isOver = true;
    this.images.guard(undefined);
  }

  protects(page: Page): number {
    return this.entryOf(page)?.left ?? 0;
  }

  beforeWrite(page: Page, by: Writer, quarter: number): void {
    this.fault(page, by, quarter);
  }

  beforeUnmap(page: Page): void {
    this.missing.delete(page.vpn);
    this.fault(page, "kernel", ALL_QUARTERS);
  }

  refilled(page: Page, cycles: number): boolean {
    const isServed = this.served === page.vpn;
    this.served = undefined;
    const isOurs = this.missing.delete(page.vpn) || !isServed && this.isMissedForSize(page);
    if (isOurs && this.isOpen()) this.account.claim("refill", this.target.now() - cycles);
    return this.protects(page) !== 0;
  }

  /** One entry for the whole page would still be there: that of another quarter is. */
  private isMissedForSize(page: Page): boolean {
    if (this.entryOf(page)?.isSplit !== true) return false;
    return this.target.residentPages().filter((vpn) => vpn === page.vpn).length > 1;
  }

  /** The page gets one entry in place of those of its quarters. */
  joined({ vpn }: Entry): void {
    if (this.target.residentPages().includes(vpn)) this.missing.add(vpn);
  }

  private fault(page: Page, by: Writer, quarters: number): void {
    const entry = this.entryOf(page);
    if (entry === undefined || (entry.left & quarters) === 0) return;
    const from = this.target.now();
    this.serve(entry, by, quarters);
    this.account.claim("fault", from);
    this.served = page.vpn;
  }

  private entryOf(page: Page): Entry | undefined {
    return this.isOver ? undefined : this.entries.in(page.frame);
  }
}
