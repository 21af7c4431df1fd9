/**
 * TLB refill: the hottest path of the kernel, called inside the machine at every miss. It loads
 * entries only through PTEH, PTEL and LDTLB, as a handler on the processor would.
 */
import { PTEL_4K, PTEL_D, PTEL_V, PTEL_WRITABLE, PTEL_WRITE } from "../machine/ptel.ts";
import { RAM_START } from "../machine/state.ts";
import type { RefillException, Supervisor } from "../machine/mmu.ts";
import { type AddressSpace, permits, TASK_SIZE } from "./address_space.ts";
import { ALL_QUARTERS, quarterOf } from "./page.ts";
import { PROTECTION } from "./vma.ts";

/** What refill needs of a machine. */
export interface RefillMachine {
  setPtel(value: number): void;
  loadTlb(): void;
  invalidatePage(address: number, asid: number): void;
  charge(cycles: number): void;
  keepTranslation(cycles: number): void;
  readonly reloads: number;
}

/** PTEL (manual section 3.2): valid, user access, cacheable; then comes what varies. */
const PTEL_USER_READ = PTEL_V | 0x040 | 0x008;
/** Bits of an address that number the quarter of its page. */
const QUARTER_BITS = 0xc00;
const FRAME_BASE = RAM_START >>> 12;

/** Counts that reports use. */
export interface RefillCounts {
  refills: number;
  firstTouches: number;
  firstWrites: number;
}

/** Answers TLB misses and initial page writes from the page table of the current space. */
export class TlbRefill implements Supervisor {
  /** The space of the running process. */
  space: AddressSpace | undefined;
  private readonly own: RefillCounts = { refills: 0, firstTouches: 0, firstWrites: 0 };

  /** `missCycles` is charged for every refill, `touchCycles` more when the page is made. */
  constructor(
    private readonly machine: RefillMachine,
    private readonly missCycles: number,
    private readonly touchCycles: number,
  ) {}

  /** What was done so far, by the machine in its place too. */
  get counts(): Readonly<RefillCounts> {
    return { ...this.own, refills: this.own.refills + this.machine.reloads };
  }

  refill(exception: RefillException, address: number): boolean {
    const { space, machine } = this;
    if (space === undefined || (address >>> 0) >= TASK_SIZE) return false;
    const write = exception !== "tlbMissRead";
    let page = space.table.get(address >>> 12);
    if (page === undefined) {
      const made = space.touch(address >>> 0, write);
      if (typeof made === "string") return false;
      page = made;
      this.own.firstTouches++;
      machine.charge(this.touchCycles);
    } else if (!permits(page.protection, write)) return false;
    const { guard } = space;
    let ptel = PTEL_USER_READ | ((FRAME_BASE + page.frame) << 12);
    let guarded = guard === undefined ? 0 : guard.protects(page);
    if (write) {
      if (guard !== undefined && (guarded & quarterOf(address)) !== 0) {
        guard.beforeWrite(page, "user", quarterOf(address));
        guarded = guard.protects(page);
      }
      if (!page.dirty) this.own.firstWrites++;
      page.dirty = true;
      ptel |= PTEL_WRITABLE;
      // Two entries for one page would be a multiple hit, and LDTLB does not replace the old one.
      if (exception === "initialPageWrite") machine.invalidatePage(address, space.asid);
    } else if ((page.protection & PROTECTION.write) !== 0) {
      ptel |= PTEL_WRITE;
      if (page.dirty && (guarded & quarterOf(address)) === 0) ptel |= PTEL_D;
    }
    const isSplit = guarded !== 0 && guarded !== ALL_QUARTERS;
    if (page.isSplit !== isSplit) space.split(page, isSplit);
    ptel |= isSplit ? address & QUARTER_BITS : PTEL_4K;
    machine.setPtel(ptel);
    machine.loadTlb();
    machine.charge(this.missCycles);
    this.own.refills++;
    const isWatched = guard?.refilled(page, this.missCycles) ?? false;
    // The next refill of such a page would change nothing and give the same entry.
    const isSettled = page.dirty || (page.protection & PROTECTION.write) === 0;
    if (isSettled && !isWatched) machine.keepTranslation(this.missCycles);
    return true;
  }
}
