/**
 * The memory management unit: 64-entry UTLB, 4-entry ITLB, and the soft TLB in front of them.
 *
 * Every change of an entry is told to the soft TLB (soft_tlb.ts), which answers what can be answered
 * without a search. (SH7750 manual section 3.)
 *
 * One deviation, on purpose: hardware moves MMUCR.URC at every UTLB access, which no engine could
 * reproduce cheaply; here it moves once per LDTLB, so the victim is the oldest loaded entry.
 */
import { type ExceptionName, EXCEPTIONS, Fault } from "./exception.ts";
import { PAGE_1K_MASK, PAGE_4K_MASK, pageMask, PTEL_D, PTEL_SH, PTEL_V } from "./ptel.ts";
import { SoftTlb } from "./soft_tlb.ts";
import {
  LRUI,
  lrui,
  LRUI_SHIFT,
  MMUCR_AT,
  MMUCR_SQMD,
  MMUCR_SV,
  MMUCR_TI,
  URB_SHIFT,
  URC_SHIFT,
} from "./mmucr.ts";
import * as S from "./state.ts";

/** How memory is touched. */
export type Access = "read" | "write" | "fetch";

/** The kernel's part of a TLB miss: software-managed refill, as on the real machine. */
export interface Supervisor {
  /**
   * Called inside a TLB miss or an initial page write, with PTEH, TEA and EXPEVT set and before
   * any register is written. True: an entry was loaded, repeat the access. False: take the
   * exception for real.
   */
  refill(exception: RefillException, address: number): boolean;
}

/** The exceptions a supervisor may answer by loading a TLB entry. */
export type RefillException = "tlbMissRead" | "tlbMissWrite" | "initialPageWrite";

const PTEL_MASK = 0x1ffffdff;
const PTEH_MASK = 0xfffffcff | 0;

/** The translation hardware of one processor and its arrays. */
export class Mmu {
  supervisor: Supervisor | undefined;
  readonly soft: SoftTlb;
  private readonly i32: Int32Array;
  /** The page mask of the TLB entry that led the last access to where it went; 0 where none did. */
  private mask = 0;

  constructor(memory: WebAssembly.Memory, ramBytes: number) {
    this.i32 = new Int32Array(memory.buffer);
    this.soft = new SoftTlb(memory, ramBytes);
    this.forgetFetch();
  }

  /** What the fetch path holds may be stale. */
  private forgetFetch(): void {
    this.i32[S.FETCH_TAG >> 2] = -1;
  }

  /** MD has changed, so what was allowed may not be any more. */
  privilegeChanged(): void {
    this.soft.privilegeChanged();
    this.forgetFetch();
  }

  /** Index in the shared memory of a physical address, or -1 where there is no memory. */
  hostOf(physical: number): number {
    return this.soft.hostOf(physical);
  }

  /** The translation just made leads to a place in memory, and may be gone by again. */
  notePage(address: number, host: number, access: Access): void {
    this.soft.note(address, host, access === "write", this.mask);
  }

  /** What was translated last is so for a part of its page only. */
  get isPartial(): boolean {
    return this.mask === PAGE_1K_MASK;
  }

  /**
   * What to add to an address of a page of 4 KiB to get its place in the shared memory, if that can
   * be told without a trace: for who reads code that is not executed now.
   */
  peek(address: number): number | undefined {
    if (this.soft.special || address < 0) return undefined;
    const base = this.soft.baseOf(address);
    if (base !== undefined) return base;
    const asid = this.matchingAsid();
    const entry = this.matching(S.ITLB, S.ITLB_ENTRIES, address, asid)[0];
    const data = entry === undefined ? this.soft.kept(address, false) : this.i32[entry + 1];
    if (data === undefined || data === 0 || pageMask(data) !== PAGE_4K_MASK) return undefined;
    return (this.hostOf(data & (0x1ffff000)) - (address & ~0xfff)) | 0;
  }

  /** Memory outside the reach of translated stores changes at an index of the shared memory. */
  codeWritten(host: number): void {
    this.soft.codeWritten(host);
  }

  /**
   * The physical address behind a virtual one, after every check; a miss asks the supervisor.
   * Throws {@linkcode Fault} as the manual's order demands: address error, miss, protection,
   * initial page write.
   */
  translate(address: number, access: Access): number {
    this.mask = 0;
    const privileged = (this.word(S.SR) & S.SR_MD) !== 0;
    if (address < 0) { // 0x80000000 and above
      if (!privileged && !this.isOpenStoreQueue(address)) {
        throw new Fault(access === "write" ? "addressErrorWrite" : "addressErrorRead", address);
      }
      if (address < (0xc0000000 | 0)) return address & 0x1fffffff; // P1, P2
      // P4 answers by its own address, the store queues apart when PREF translates them.
      if (address >= (0xe0000000 | 0)) return address;
    }
    if ((this.word(S.MMUCR) & MMUCR_AT) === 0) return address & 0x1fffffff;
    return this.translateByTlb(address, access, privileged);
  }

  /** Translation of P0, U0, P3 and of store-queue bursts: the TLB alone decides. */
  translateByTlb(address: number, access: Access, privileged: boolean): number {
    for (;;) {
      const entry = access === "fetch" ? this.searchItlb(address) : this.searchUtlb(address);
      if (entry < 0) {
        this.refillOrFault(access === "write" ? "tlbMissWrite" : "tlbMissRead", address);
        continue;
      }
      const data = this.i32[entry + 1] as number;
      this.checkProtection(data, address, access, privileged);
      if (access === "write" && (data & PTEL_D) === 0) {
        this.refillOrFault("initialPageWrite", address);
        continue;
      }
      const mask = this.mask = pageMask(data);
      return (data & mask & 0x1ffffc00) | (address & ~mask);
    }
  }

  private checkProtection(data: number, address: number, access: Access, md: boolean): void {
    const user = (data & (1 << 6)) !== 0, writable = (data & (1 << 5)) !== 0;
    if ((md || user) && (access !== "write" || writable)) return;
    throw new Fault(access === "write" ? "protectionWrite" : "protectionRead", address);
  }

  private refillOrFault(exception: RefillException, address: number): void {
    if (exception !== "initialPageWrite" && this.reload(exception, address)) return;
    this.noteFault(exception, address);
    if (this.supervisor === undefined || !this.supervisor.refill(exception, address)) {
      throw new Fault(exception, address);
    }
  }

  /**
   * A miss that a translation the supervisor left is enough for. No exception is entered, so the
   * registers that tell of one stay as they are.
   */
  private reload(exception: RefillException, address: number): boolean {
    const ptel = this.soft.kept(address, exception === "tlbMissWrite");
    if (ptel === 0) return false;
    this.load((address & ~0xfff) | (this.word(S.PTEH) & 0xff), ptel);
    this.i32[S.BUDGET >> 2] = this.word(S.BUDGET) - this.word(S.RELOAD_CYCLES);
    this.i32[S.RELOADS >> 2] = this.word(S.RELOADS) + 1;
    return true;
  }

  /** Sets what hardware sets before it enters an exception that has an address. */
  noteFault(exception: ExceptionName, address: number): void {
    this.i32[S.TEA >> 2] = address;
    this.i32[S.EXPEVT >> 2] = EXCEPTIONS[exception].code;
    this.i32[S.PTEH >> 2] = (this.word(S.PTEH) & 0xff) | (address & (0xfffffc00 | 0));
  }

  /** Index (in words) of the UTLB entry that matches, or -1. Two matches are a multiple hit. */
  private searchUtlb(address: number): number {
    const { i32 } = this;
    const asid = this.matchingAsid();
    let found = -1;
    const end = (S.UTLB >> 2) + 2 * S.UTLB_ENTRIES;
    for (let entry = S.UTLB >> 2; entry < end; entry += 2) {
      const data = i32[entry + 1] as number;
      if ((data & PTEL_V) === 0) continue;
      const tag = i32[entry] as number;
      if (((tag ^ address) & pageMask(data)) !== 0) continue;
      if (asid >= 0 && (data & PTEL_SH) === 0 && (tag & 0xff) !== asid) continue;
      if (found >= 0) throw new Fault("tlbMultipleHit", address);
      found = entry;
    }
    return found;
  }

  /** The ASID entries must carry, or -1 when single virtual mode lets a privileged access ignore it. */
  private matchingAsid(): number {
    const single = (this.word(S.MMUCR) & MMUCR_SV) !== 0 && (this.word(S.SR) & S.SR_MD) !== 0;
    return single ? -1 : this.word(S.PTEH) & 0xff;
  }

  /** The ITLB entry for a fetch, copied from the UTLB where it is missing (manual section 3.3.2). */
  private searchItlb(address: number): number {
    const { i32 } = this;
    const asid = this.matchingAsid();
    let found = -1;
    for (let n = 0; n < S.ITLB_ENTRIES; n++) {
      if (!this.matches((S.ITLB >> 2) + 2 * n, address, asid)) continue;
      if (found >= 0) throw new Fault("tlbMultipleHit", address);
      found = n;
    }
    if (found >= 0) {
      this.useItlb(found);
      return (S.ITLB >> 2) + 2 * found;
    }
    const from = this.searchUtlb(address);
    if (from < 0) return -1;
    const victim = this.itlbVictim();
    const entry = (S.ITLB >> 2) + 2 * victim;
    i32[entry] = i32[from] as number;
    i32[entry + 1] = i32[from + 1] as number;
    this.useItlb(victim);
    return entry;
  }

  /** Notes in LRUI that an entry was used. */
  private useItlb(n: number): void {
    const { clear, set } = lrui(n);
    this.i32[S.MMUCR >> 2] = (this.word(S.MMUCR) & ~(clear << LRUI_SHIFT)) | (set << LRUI_SHIFT);
  }

  private itlbVictim(): number {
    const used = this.word(S.MMUCR) >>> LRUI_SHIFT;
    const oldest = LRUI.findIndex(({ mask, value }) => (used & mask) === value);
    return oldest < 0 ? LRUI.length - 1 : oldest;
  }

  /** LDTLB: the entry at URC takes PTEH and PTEL; URC moves on. */
  loadTlb(): void {
    this.load(this.word(S.PTEH), this.word(S.PTEL));
  }

  private load(tag: number, data: number): void {
    const mmucr = this.word(S.MMUCR);
    const urc = (mmucr >> URC_SHIFT) & 63, urb = (mmucr >> URB_SHIFT) & 63;
    this.setUtlb(urc, tag, data);
    const next = (urc + 1) & 63;
    const wrapped = urb !== 0 && next === urb ? 0 : next;
    this.i32[S.MMUCR >> 2] = (mmucr & ~(63 << URC_SHIFT)) | (wrapped << URC_SHIFT);
  }

  private setUtlb(n: number, address: number, data: number): void {
    this.setEntry((S.UTLB >> 2) + 2 * n, address & PTEH_MASK, data & PTEL_MASK);
  }

  /** Every change of an entry goes through here. */
  private setEntry(entry: number, tag: number, data: number): void {
    const isItlb = entry >= S.ITLB >> 2;
    if (!isItlb) this.soft.leave(entry);
    this.i32[entry] = tag;
    this.i32[entry + 1] = data;
    if (isItlb) this.soft.enterItlb(entry);
    else this.soft.enter(entry);
  }

  /** Whether a valid entry covers an address; no `asid` (-1) matches them all. */
  private matches(entry: number, address: number, asid: number): boolean {
    const tag = this.i32[entry] as number, data = this.i32[entry + 1] as number;
    if ((data & PTEL_V) === 0 || ((tag ^ address) & pageMask(data)) !== 0) return false;
    return asid < 0 || (data & PTEL_SH) !== 0 || (tag & 0xff) === asid;
  }

  /** MMUCR.TI: every entry of both TLBs loses its V bit. */
  invalidateAll(): void {
    for (let n = 0; n < S.UTLB_ENTRIES; n++) this.clearV((S.UTLB >> 2) + 2 * n);
    for (let n = 0; n < S.ITLB_ENTRIES; n++) this.clearV((S.ITLB >> 2) + 2 * n);
    this.soft.emptied();
    this.forgetFetch();
  }

  private clearV(entry: number): void {
    this.i32[entry + 1] = (this.i32[entry + 1] as number) & ~PTEL_V;
  }

  /**
   * The associative write of the UTLB address array: entries that match `address` and `asid` take
   * V and D from `value` (bits 8 and 9, as the array has them). An ITLB entry that matches becomes
   * what the UTLB entry is, or takes V where there is none (manual section 3.7.3).
   */
  associate(address: number, asid: number, value: number): void {
    const v = value & PTEL_V, d = (value & (1 << 9)) !== 0 ? PTEL_D : 0;
    this.soft.drop(address, asid);
    const utlb = this.matching(S.UTLB, S.UTLB_ENTRIES, address, asid);
    const itlb = this.matching(S.ITLB, S.ITLB_ENTRIES, address, asid);
    for (const entry of utlb) {
      const data = this.i32[entry + 1] as number;
      this.setEntry(entry, this.i32[entry] as number, (data & ~(PTEL_V | PTEL_D)) | v | d);
    }
    const [source] = utlb;
    for (const entry of itlb) {
      const data = this.i32[entry + 1] as number;
      if (source === undefined) this.i32[entry + 1] = (data & ~PTEL_V) | v;
      else this.i32.copyWithin(entry, source, source + 2);
    }
    this.forgetFetch();
  }

  /** The entries of one TLB that match: more than one where software made a mistake. */
  private matching(base: number, count: number, address: number, asid: number): number[] {
    const found: number[] = [];
    for (let entry = base >> 2; entry < (base >> 2) + 2 * count; entry += 2) {
      if (this.matches(entry, address, asid)) found.push(entry);
    }
    return found;
  }

  /** The entries with V set: address word and data word, for tests and statistics. */
  validEntries(): { address: number; data: number }[] {
    const entries: { address: number; data: number }[] = [];
    for (let n = 0; n < S.UTLB_ENTRIES; n++) {
      const at = (S.UTLB >> 2) + 2 * n;
      const address = this.i32[at] as number, data = this.i32[at + 1] as number;
      if ((data & PTEL_V) !== 0) entries.push({ address, data });
    }
    return entries;
  }

  /** Writes PTEH; another ASID makes it another space. */
  setPteh(value: number): void {
    const changed = ((this.word(S.PTEH) ^ value) & 0xff) !== 0;
    this.i32[S.PTEH >> 2] = value & PTEH_MASK;
    if (!changed) return;
    this.soft.refresh();
    this.forgetFetch();
  }

  /** Writes PTEL. */
  setPtel(value: number): void {
    this.i32[S.PTEL >> 2] = value & PTEL_MASK;
  }

  /** Writes MMUCR; TI acts and reads as 0. */
  setMmucr(value: number): void {
    this.i32[S.MMUCR >> 2] = value & 0xfcfcff05 & ~MMUCR_TI;
    const isSpecial = (value & MMUCR_AT) === 0 || (value & MMUCR_SV) !== 0;
    this.soft.modeChanged(isSpecial);
    if ((value & MMUCR_TI) !== 0) this.invalidateAll();
    this.forgetFetch();
  }

  /** User mode may store to the store queues unless SQMD forbids it (manual section 4.7). */
  private isOpenStoreQueue(address: number): boolean {
    return address >>> 26 === 0x38 && (this.word(S.MMUCR) & MMUCR_SQMD) === 0;
  }

  /** Reads a memory-mapped TLB array word (manual section 3.7); others read as 0. */
  readArray(address: number): number {
    const n = (address >>> 8) & 63;
    const utlb = (S.UTLB >> 2) + 2 * n, itlb = (S.ITLB >> 2) + 2 * (n & 3);
    const addressWord = (entry: number, withD: boolean) => {
      const tag = this.i32[entry] as number, data = this.i32[entry + 1] as number;
      return tag | (data & PTEL_V) | (withD && (data & PTEL_D) !== 0 ? 1 << 9 : 0);
    };
    switch (address >>> 24) {
      case 0xf2:
        return addressWord(itlb, false);
      case 0xf3:
        return (address & 0x800000) === 0 ? this.i32[itlb + 1] as number : 0;
      case 0xf6:
        return addressWord(utlb, true);
      case 0xf7:
        return (address & 0x800000) === 0 ? this.i32[utlb + 1] as number : 0;
      default:
        return 0;
    }
  }

  /** Writes a memory-mapped TLB array word; the cache arrays take anything and keep nothing. */
  writeArray(address: number, value: number): void {
    const n = (address >>> 8) & 63;
    const array = address >>> 24;
    if (array === 0xf6 && (address & 0x80) !== 0) return this.writeAssociative(value);
    const isItlb = array === 0xf2 || array === 0xf3;
    if (!isItlb && array !== 0xf6 && array !== 0xf7) return;
    const entry = isItlb ? (S.ITLB >> 2) + 2 * (n & 3) : (S.UTLB >> 2) + 2 * n;
    const isData = array === 0xf3 || array === 0xf7;
    if (isData && (address & 0x800000) !== 0) return; // data arrays 2: PCMCIA attributes, not modelled
    const tag = this.i32[entry] as number;
    if (!isItlb) this.soft.drop(tag, tag & 0xff);
    if (isData) {
      this.setEntry(entry, this.i32[entry] as number, value & PTEL_MASK);
    } else {
      const v = value & PTEL_V, d = (value & (1 << 9)) !== 0 ? PTEL_D : 0;
      if (!isItlb) this.soft.drop(value, value & 0xff);
      const keep = isItlb ? ~PTEL_V : ~(PTEL_V | PTEL_D);
      const data = (this.i32[entry + 1] as number) & keep;
      this.setEntry(entry, value & PTEH_MASK, data | v | (isItlb ? 0 : d));
    }
    this.forgetFetch();
  }

  /** Compares as an access would: by PTEH.ASID and SV, and more than one match is a multiple hit. */
  private writeAssociative(value: number): void {
    const asid = this.matchingAsid();
    if (this.matching(S.UTLB, S.UTLB_ENTRIES, value, asid).length > 1) {
      throw new Fault("tlbMultipleHit", value & (0xfffffc00 | 0));
    }
    this.associate(value, asid, value);
  }

  private word(offset: number): number {
    return this.i32[offset >> 2] as number;
  }
}
