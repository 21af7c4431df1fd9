/**
 * The abstract machine on which every instruction's meaning is written.
 *
 * `V` is whatever a reading calls a value: a number for the evaluator, a local for a code emitter,
 * a note for the recorder. Meanings can only pass values around, so the type checker keeps them
 * neutral. The staging rule, the one thing to learn: *JavaScript control flow is what is known when
 * decoding; `cpu.` operations are what happens when running.*
 */

/** Control and system registers that are plain 32-bit words; the number is their place in the state. */
export const SPECIAL = {
  pr: 0,
  mach: 1,
  macl: 2,
  gbr: 3,
  vbr: 4,
  ssr: 5,
  spc: 6,
  sgr: 7,
  dbr: 8,
  fpul: 9,
} as const;

/** A place in the list of {@linkcode SPECIAL} registers. */
export type Special = (typeof SPECIAL)[keyof typeof SPECIAL];

/** One-bit flags of SR that arithmetic uses; T has operations of its own, being the busiest. */
export const FLAG = { s: 0, q: 1, m: 2 } as const;

/** A place in the list of {@linkcode FLAG} bits. */
export type Flag = (typeof FLAG)[keyof typeof FLAG];

/** A cache instruction's wish; the caches are not modelled, but its address is checked. */
export type CacheOperation = "ocbi" | "ocbp" | "ocbwb";

/** The operations of an SH-4 processor. Integers are 32-bit and wrap; truth values are 0 and 1. */
export interface Cpu<V> {
  /** A constant known when decoding. */
  int(n: number): V;

  // Registers.
  r(n: number): V;
  setR(n: number, v: V): void;
  /** R0_BANK to R7_BANK: the bank that is not selected by SR.MD and SR.RB. */
  bank(n: number): V;
  setBank(n: number, v: V): void;
  t(): V;
  setT(v: V): void;
  flag(which: Flag): V;
  setFlag(which: Flag, v: V): void;
  special(which: Special): V;
  setSpecial(which: Special, v: V): void;
  /** SR as a word, T S Q M included. Writing it may swap the register banks. */
  sr(): V;
  setSr(v: V): void;
  /** FPSCR as a word. Writing it may swap the floating-point banks. */
  fpscr(): V;
  setFpscr(v: V): void;

  // Integer arithmetic, 32 bits, wrapping.
  add(a: V, b: V): V;
  sub(a: V, b: V): V;
  /** The low 32 bits of the product. */
  mul(a: V, b: V): V;
  /** The high 32 bits of the signed product. */
  mulHighS(a: V, b: V): V;
  /** The high 32 bits of the unsigned product. */
  mulHighU(a: V, b: V): V;
  and(a: V, b: V): V;
  or(a: V, b: V): V;
  xor(a: V, b: V): V;
  not(a: V): V;
  /** Shifts take the low five bits of `count`. */
  shl(a: V, count: V): V;
  /** Shift right, filling with zeros. */
  shr(a: V, count: V): V;
  /** Shift right, filling with the sign. */
  sar(a: V, count: V): V;
  sext8(a: V): V;
  sext16(a: V): V;
  zext8(a: V): V;
  zext16(a: V): V;
  eq(a: V, b: V): V;
  gtS(a: V, b: V): V;
  geS(a: V, b: V): V;
  gtU(a: V, b: V): V;
  geU(a: V, b: V): V;
  /** `condition` is 0 or not 0; both values are computed already. */
  select(condition: V, yes: V, no: V): V;

  // Memory. May fault. Law: an instruction writes no register before its last operation that may.
  /** Sign-extended. */
  load8(address: V): V;
  /** Sign-extended. */
  load16(address: V): V;
  load32(address: V): V;
  store8(address: V, v: V): void;
  store16(address: V, v: V): void;
  store32(address: V, v: V): void;
  /**
   * Loads 8 aligned bytes into a floating-point register pair (`n` even): the word at `address`
   * into the even register, the next into the odd one. `bank` 0 is FR, 1 is XF. May fault, and
   * writes nothing before it.
   */
  loadPair(bank: 0 | 1, n: number, address: V): void;
  /** Stores a floating-point register pair; the mirror of {@linkcode loadPair}. */
  storePair(bank: 0 | 1, n: number, address: V): void;
  /** PREF: a store-queue burst if `address` lies in the store queues, else a hint. May fault. */
  prefetch(address: V): void;
  /** OCBI, OCBP, OCBWB: the address is translated and checked as a store would be. May fault. */
  cache(operation: CacheOperation, address: V): void;

  // Floating point: bits move unchanged, numbers are computed.
  frBits(n: number): V;
  setFrBits(n: number, v: V): void;
  xfBits(n: number): V;
  setXfBits(n: number, v: V): void;
  fr(n: number): V;
  /** Writes a single; a NaN becomes the SH-4's own quiet NaN, 0x7fbfffff. */
  setFr(n: number, v: V): void;
  xf(n: number): V;
  /** The double in DRn; `n` is even, as in the register's name. */
  dr(n: number): V;
  /** Writes a double; a NaN becomes the SH-4's own quiet NaN, 0x7ff7ffff_ffffffff. */
  setDr(n: number, v: V): void;
  /**
   * Floating-point arithmetic under FPSCR: rounding mode, DN, cause and flag fields. Each clears
   * the cause field, sets what it raises, and may fault (FPU exception) before anything is written.
   */
  addF32(a: V, b: V): V;
  subF32(a: V, b: V): V;
  mulF32(a: V, b: V): V;
  divF32(a: V, b: V): V;
  sqrtF32(a: V): V;
  /** a * b + c, rounded once. */
  macF32(a: V, b: V, c: V): V;
  addF64(a: V, b: V): V;
  subF64(a: V, b: V): V;
  mulF64(a: V, b: V): V;
  divF64(a: V, b: V): V;
  sqrtF64(a: V): V;
  eqF32(a: V, b: V): V;
  gtF32(a: V, b: V): V;
  eqF64(a: V, b: V): V;
  gtF64(a: V, b: V): V;
  f32FromInt(a: V): V;
  f64FromInt(a: V): V;
  /** Truncates; out of range saturates, NaN gives 0x80000000; both are invalid operations. */
  intFromF32(a: V): V;
  intFromF64(a: V): V;
  /** The bits of the single nearest a double, for FPUL. */
  f32FromF64(a: V): V;
  /** The double that the bits of a single, from FPUL, stand for. */
  f64FromF32(bits: V): V;
  /** Four products and their sum, as FIPR and FTRV compute it (an approximation in hardware). */
  dot4(a: readonly [V, V, V, V], b: readonly [V, V, V, V]): V;
  /** 1 / sqrt(a), as FSRRA computes it. */
  reciprocalSqrt(a: V): V;
  /** Sine of a 16-bit fraction of a turn, as FSCA computes it. */
  sine(angle: V): V;
  cosine(angle: V): V;

  // The system.
  trap(number: number): void;
  /** LDTLB: the entry MMUCR.URC points at takes PTEH, PTEL and PTEA. */
  loadTlb(): void;
  /** Stops until an interrupt. */
  sleep(): void;
}
