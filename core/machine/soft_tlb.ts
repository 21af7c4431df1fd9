/**
 * The soft TLB: two words for every page of the address space, by which both engines reach memory
 * without a search. It is derived state: a word is there only while a search of the UTLB would find
 * the very entry it came from, so that misses, and with them virtual time and write tracking, are
 * the machine's own.
 *
 * There is a word for writes where the entry lets every store through and no translated code comes
 * from the frame. Where code came from it once, the first store goes the long way and notes the word.
 *
 * The thing to know: as long as the TLBs hold nothing but ordinary pages (4 KiB, of user space, in
 * memory, none twice), the words mirror the entries of the present ASID exactly. A page without a
 * word and with a translation kept has no entry, and no search is needed to know it.
 *
 * Ordinary too are pages in parts of 1 KiB, which a checkpoint makes for a while: they have no word
 * and nothing kept, so each access to them is searched for, and no other page is slower for it.
 *
 * Anything else, a page that has entries of both sizes, and a valid entry that a program has written
 * into the ITLB, sets `SPECIAL`: every access is then searched for, until MMUCR.TI empties the TLBs.
 * Only where nothing is translated do words stand for what no entry covers.
 */
import { PAGE_1K_MASK, PAGE_4K_MASK, pageMask, PTEL_SH, PTEL_V, PTEL_WRITABLE } from "./ptel.ts";
import * as S from "./state.ts";

const UTLB = S.UTLB >> 2, UTLB_END = UTLB + 2 * S.UTLB_ENTRIES;
const ITLB = S.ITLB >> 2, ITLB_END = ITLB + 2 * S.ITLB_ENTRIES;
const OWNED = S.OWNED >> 2;
/** PTEL.PR: user access. */
const PTEL_USER = 1 << 6;

/** Where the words of a page lie, for reads; those for writes are next to it. */
const wordsAt = (page: number): number => (S.READ_PAGES >> 2) + 2 * page;

/** The soft TLB of one machine. */
export class SoftTlb {
  /** Called before a store into a frame that translated code comes from. */
  onCodeWritten: (frame: number) => void = () => {};
  private readonly i32: Int32Array;
  private readonly u8: Uint8Array;
  /** Pages whose words came from no entry: their addresses are not translated. */
  private readonly noted: number[] = [];
  /** What makes the present mode special: translation is off, or ASIDs are not compared. */
  private modeIsSpecial = false;
  /** There may be entries of 1 KiB. */
  private mayHaveParts = false;

  constructor(memory: WebAssembly.Memory, private readonly ramBytes: number) {
    this.i32 = new Int32Array(memory.buffer);
    this.u8 = new Uint8Array(memory.buffer);
    this.i32.fill(S.OWNED_NOTHING, OWNED, OWNED + S.UTLB_ENTRIES);
    this.keepNothing();
  }

  /** Index in the shared memory of a physical address, or -1 where there is no memory. */
  hostOf(physical: number): number {
    const offset = ((physical & 0x1fffffff) - S.RAM_START) | 0;
    return offset >= 0 && offset < this.ramBytes ? S.RAM + offset : -1;
  }

  get special(): boolean {
    return this.i32[S.SPECIAL >> 2] !== 0;
  }

  private get asid(): number {
    return (this.i32[S.PTEH >> 2] as number) & 0xff;
  }

  /** Whether an entry is of the kind the mirror knows. */
  private isOrdinary(tag: number, data: number): boolean {
    const mask = pageMask(data);
    if (mask !== PAGE_4K_MASK && mask !== PAGE_1K_MASK || (data & PTEL_SH) !== 0) return false;
    return (data & PTEL_USER) !== 0 && tag >= 0 && this.frameOf(data & PAGE_4K_MASK) >= 0;
  }

  /** Index in the shared memory of a whole page of 4 KiB, or -1. */
  private frameOf(physical: number): number {
    const host = this.hostOf(physical);
    return host >= 0 && host - S.RAM + 4096 <= this.ramBytes ? host : -1;
  }

  /** A UTLB entry is about to change: its words go. */
  leave(entry: number): void {
    const owned = OWNED + ((entry - UTLB) >> 1);
    this.clear((this.i32[owned] as number) >> 3);
    this.i32[owned] = S.OWNED_NOTHING;
  }

  /** A UTLB entry has changed. Where another one covers its page, a search must find both. */
  enter(entry: number): void {
    const tag = this.i32[entry] as number, data = this.i32[entry + 1] as number;
    if ((data & PTEL_V) === 0) return;
    if (!this.isOrdinary(tag, data)) this.becomeSpecial();
    if (pageMask(data) === PAGE_1K_MASK) {
      this.mayHaveParts = true;
      this.drop(tag, tag & 0xff);
    }
    if (!this.special) this.mirror(entry);
  }

  /** An ITLB entry was written by software: it may be there twice, or nowhere else. */
  enterItlb(entry: number): void {
    if (((this.i32[entry + 1] as number) & PTEL_V) !== 0) this.becomeSpecial();
  }

  /** Whether a page of the present ASID has entries of 1 KiB. */
  private hasParts(page: number): boolean {
    if (!this.mayHaveParts) return false;
    this.mayHaveParts = false;
    let found = false;
    const look = (from: number, end: number) => {
      for (let at = from; at < end; at += 2) {
        const tag = this.i32[at] as number, data = this.i32[at + 1] as number;
        if ((data & PTEL_V) === 0 || pageMask(data) !== PAGE_1K_MASK) continue;
        this.mayHaveParts = true;
        found ||= tag >>> 12 === page && (tag & 0xff) === this.asid;
      }
    };
    look(UTLB, UTLB_END);
    look(ITLB, ITLB_END);
    return found;
  }

  /** The words of an ordinary entry, if it is of the present ASID. */
  private mirror(entry: number): void {
    const tag = this.i32[entry] as number, data = this.i32[entry + 1] as number;
    if ((data & PTEL_V) === 0 || (tag & 0xff) !== this.asid) return;
    const page = tag >>> 12, n = (entry - UTLB) >> 1;
    if (this.i32[wordsAt(page)] !== 0) return this.becomeSpecial(); // it is there twice
    if (pageMask(data) === PAGE_1K_MASK) return;
    if (this.hasParts(page)) return this.becomeSpecial();
    this.putWords(wordsAt(page), tag, data);
    this.u8[S.PAGE_OWNERS + page] = n;
    this.i32[OWNED + n] = 8 * page;
  }

  /** Puts the words of an ordinary entry somewhere. */
  private putWords(at: number, tag: number, data: number): void {
    const host = this.frameOf(data & PAGE_4K_MASK);
    const word = (host - (tag & PAGE_4K_MASK) - 1) | 0;
    const isOpen = (data & PTEL_WRITABLE) === PTEL_WRITABLE && !this.isCode(host);
    this.i32[at] = word;
    this.i32[at + 1] = isOpen ? word : 0;
  }

  /**
   * An access has come to a place in memory the long way: the next one finds it without. `mask` is
   * that of the TLB entry that led there, 0 where none did.
   */
  note(address: number, host: number, write: boolean, mask: number): void {
    if (write) this.codeWritten(host);
    if (mask === PAGE_1K_MASK) return;
    const page = address >>> 12, word = (host - address - 1) | 0;
    const at = wordsAt(page);
    if (!this.special && address >= 0) {
      if (!write) return;
      this.i32[at + 1] = word; // its frame held code until now
      if (this.kept(address, true) !== 0) this.i32[this.keptWords(address) + 1] = word;
      return;
    }
    const start = host & PAGE_4K_MASK; // memory begins at a multiple of that
    if (mask !== 0 || start - S.RAM + 4096 > this.ramBytes) return;
    if (this.i32[at] === 0 && this.i32[at + 1] === 0) this.noted.push(page);
    this.i32[write ? at + 1 : at] = word;
  }

  /** What to add to an address to read there, if its page has a word. */
  baseOf(address: number): number | undefined {
    const word = this.i32[wordsAt(address >>> 12)] as number;
    return word === 0 ? undefined : (word + 1) | 0;
  }

  private clear(page: number): void {
    this.i32.fill(0, wordsAt(page), wordsAt(page) + 2);
  }

  /** Forgets every word; the TLBs keep their entries, and those of the present ASID come back. */
  refresh(): void {
    this.forget();
    for (let at = UTLB; at < UTLB_END && !this.special; at += 2) this.mirror(at);
  }

  /** The state is put back to what it was at another time, TLBs and all. */
  replaceState(put: () => void): void {
    this.forget();
    put();
    this.refresh();
  }

  private forget(): void {
    for (const page of this.noted) this.clear(page);
    this.noted.length = 0;
    for (let at = UTLB; at < UTLB_END; at += 2) this.leave(at);
  }

  /** MD has changed. Ordinary pages are open to both modes, so only others must go. */
  privilegeChanged(): void {
    if (this.special || this.noted.length > 0) this.refresh();
  }

  /** MMUCR has changed. */
  modeChanged(special: boolean): void {
    this.modeIsSpecial = special;
    if (special) this.becomeSpecial();
    this.refresh();
  }

  /** Every entry of both TLBs has lost its V bit. */
  emptied(): void {
    this.forget();
    this.keepNothing();
    this.i32[S.SPECIAL >> 2] = this.modeIsSpecial ? 1 : 0;
  }

  private becomeSpecial(): void {
    if (this.special) return;
    this.forget();
    this.keepNothing();
    this.i32[S.SPECIAL >> 2] = 1;
  }

  // Translations that software would load again.

  private keptPlace(address: number): number {
    return (S.KEPT >> 2) + 2 * ((address >>> 12) & (S.KEPT_ENTRIES - 1));
  }
  private keptWords(address: number): number {
    return this.keptPlace(address) + ((S.KEPT_WORDS - S.KEPT) >> 2);
  }
  private keepNothing(): void {
    this.i32.fill(S.KEPT_NOTHING, S.KEPT >> 2, (S.KEPT >> 2) + 2 * S.KEPT_ENTRIES);
  }

  /**
   * What PTEH and PTEL hold is what the refill handler would load for that page each time, and do
   * nothing else, until the page's entries are invalidated.
   */
  keep(): void {
    const pteh = this.i32[S.PTEH >> 2] as number, data = this.i32[S.PTEL >> 2] as number;
    const tag = (pteh & PAGE_4K_MASK) | (pteh & 0xff);
    if (this.special || !this.isOrdinary(tag, data)) return;
    if (pageMask(data) !== PAGE_4K_MASK) return;
    const at = this.keptPlace(tag);
    this.i32[at] = tag;
    this.i32[at + 1] = data;
    this.putWords(this.keptWords(tag), tag, data);
  }

  /** The PTEL kept for an access to a page, or 0. */
  kept(address: number, write: boolean): number {
    const at = this.keptPlace(address);
    if (this.i32[at] !== ((address & PAGE_4K_MASK) | this.asid)) return 0;
    const ptel = this.i32[at + 1] as number;
    return write && (ptel & PTEL_WRITABLE) !== PTEL_WRITABLE ? 0 : ptel;
  }

  /** The page's entries are invalidated: nothing is kept of it. */
  drop(address: number, asid: number): void {
    const at = this.keptPlace(address);
    if (this.i32[at] === ((address & PAGE_4K_MASK) | asid)) this.i32[at] = S.KEPT_NOTHING;
  }

  // Frames that translated code comes from.

  private isCode(host: number): boolean {
    return this.u8[S.CODE_FRAMES + ((host - S.RAM) >> 12)] !== 0;
  }

  /** Memory changes at an index: code made of it must go first. */
  codeWritten(host: number): void {
    if (this.isCode(host)) this.onCodeWritten((host - S.RAM) >> 12);
  }

  /** From now on stores into a frame take the long way, where they are noticed. */
  guardCode(frame: number): void {
    if (this.u8[S.CODE_FRAMES + frame] !== 0) return;
    this.u8[S.CODE_FRAMES + frame] = 1;
    const shut = (at: number, page: number) => {
      if (this.i32[at] === ((S.RAM + frame * 4096 - 1 - (page << 12)) | 0)) this.i32[at] = 0;
    };
    for (const page of this.noted) shut(wordsAt(page) + 1, page);
    for (let n = 0; n < S.UTLB_ENTRIES; n++) {
      const page = (this.i32[OWNED + n] as number) >> 3;
      shut(wordsAt(page) + 1, page);
    }
    const words = (S.KEPT_WORDS >> 2) + 1, kept = S.KEPT >> 2;
    for (let n = 0; n < 2 * S.KEPT_ENTRIES; n += 2) {
      shut(words + n, (this.i32[kept + n] as number) >>> 12);
    }
  }

  /** No translated code comes from a frame any more. */
  releaseCode(frame: number): void {
    this.u8[S.CODE_FRAMES + frame] = 0;
  }
}
