/**
 * Where everything of one machine lies in its memory: one flat layout, shared by every engine and
 * every worker. Offsets are bytes. A checkpoint image never uses them: it names its fields.
 */

/** R0 to R15 as the running program sees them. */
export const R = 0;
/** R0_BANK to R7_BANK. */
export const BANK = 64;
/** The words of `SPECIAL` in core/isa/cpu.ts, in its order. */
export const SPECIALS = 96;
export const PC = 136;
/** SR's T bit, 0 or 1, apart from the rest because nearly every instruction wants it. */
export const T = 140;
/** SR's S, Q and M bits, 0 or 1, in the order of `FLAG` in core/isa/cpu.ts. */
export const FLAGS = 144;
/** SR without T, S, Q and M. */
export const SR = 156;
export const FPSCR = 160;
/** Cycles left to the running slice; every instruction takes one, the kernel's charges the rest. */
export const BUDGET = 164;
/** Instructions retired since power-on, as a float64 (exact to 2^53). */
export const COUNT = 168;
/**
 * FR0 to FR15 of the active bank. FRn lies at word n ^ 1, so that the pair of an even n reads as one
 * little-endian float64 (FRn is the high word of DRn).
 */
export const FR = 192;
/** The other bank, XF0 to XF15, in the same order. */
export const XF = 256;

/** MMU and exception registers, P4 0xff000000 onwards (manual table 3.1 and 5.1). */
export const PTEH = 320;
export const PTEL = 324;
export const PTEA = 328;
export const TTB = 332;
export const TEA = 336;
export const MMUCR = 340;
export const EXPEVT = 344;
export const INTEVT = 348;
export const TRA = 352;
export const CCR = 356;
export const QACR0 = 360;
export const QACR1 = 364;
/** The two store queues, 32 bytes each. */
export const SQ = 384;

/** 64 UTLB entries of 2 words: address part (VPN, ASID as in PTEH), data part (as in PTEL). */
export const UTLB = 512;
export const UTLB_ENTRIES = 64;
/** 4 ITLB entries of the same shape. */
export const ITLB = 1024;
export const ITLB_ENTRIES = 4;

/** The page instructions are fetched from: its address, or -1; bit 0 catches odd addresses. */
export const FETCH_TAG = 1088;
/** What to add to an address in that page to get its place in this memory. */
export const FETCH_BASE = 1092;
/** Entries the machine loaded anew by itself since the slice began, and the cycles of each. */
export const RELOADS = 1096;
export const RELOAD_CYCLES = 1100;
/** Not 0: a TLB holds, or held, more than ordinary pages, and every search is to be a full one. */
export const SPECIAL = 1104;

/** Translated functions that have called one another: {@linkcode ENTER_DEPTH} at most. */
export const DEPTH = 1108;
/** Where the region begins that was left for code it could have had in it, or 0. */
export const LEFT = 1112;

/**
 * Translations the refill handler would load again without doing anything else, as the two words of
 * a UTLB entry. Direct-mapped by page number; where there is none the first word is
 * {@linkcode KEPT_NOTHING}.
 */
export const KEPT = 8192;
export const KEPT_ENTRIES = 4096;
/** No first word of an entry has bit 8. */
export const KEPT_NOTHING = 1 << 8;

/** The machine's state ends here; what follows is made of it. */
export const STATE_END = KEPT + 8 * KEPT_ENTRIES;
/** Words of it that only translated code uses: whatever they hold, the machine is the same. */
export const ENGINE_OWN: readonly number[] = [DEPTH, LEFT];

/** For every UTLB entry: where its pair of words lies, from {@linkcode READ_PAGES} on. */
export const OWNED = 0x10000;
/** What {@linkcode OWNED} is of an entry that has no words: a page where memory never is. */
export const OWNED_NOTHING = 8 * 0xfffff;
/** For every kept translation: the pair of words that its page has when it is loaded. */
export const KEPT_WORDS = 0x20000;

/**
 * The soft TLB: a pair of words for every page of 4 KiB of the address space, for reads and for
 * writes. Each is what to add to a virtual address, less 1, to get its place in this memory; 0 where
 * an access must take the long way. Untouched host pages of this table cost nothing.
 */
export const READ_PAGES = 0x400000;
export const WRITE_PAGES = READ_PAGES + 4;
/** A byte for every page: which UTLB entry the words come from. */
export const PAGE_OWNERS = 0x300000;
/** A byte for every frame of memory: not 0 where translated code comes from it. */
export const CODE_FRAMES = 0x60000;

/**
 * Where translated code begins, by the hash of its address: entries of 8 words, five of them used:
 * pc, mode, what `FETCH_BASE` must be, place in the table, the least budget it can run with.
 */
export const JUMPS = 0x100000;
export const JUMP_ENTRIES = 16384;
export const JUMP_BYTES = 32;

/** Physical memory begins here in the shared memory. */
export const RAM = 0xc00000;
/** The physical address of the first byte of memory: area 3 of the SH7750, as on most boards. */
export const RAM_START = 0x0c000000;

/** SR bits (manual section 2.2.4). */
export const SR_MD = 1 << 30;
export const SR_RB = 1 << 29;
export const SR_BL = 1 << 28;
export const SR_FD = 1 << 15;
export const SR_M = 1 << 9;
export const SR_Q = 1 << 8;
export const SR_IMASK = 0xf0;
export const SR_S = 1 << 1;
export const SR_T = 1;

/** FPSCR bits (manual section 6.2.4). */
export const FPSCR_FR = 1 << 21;
export const FPSCR_SZ = 1 << 20;
export const FPSCR_PR = 1 << 19;
export const FPSCR_DN = 1 << 18;
