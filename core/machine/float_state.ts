/**
 * What the floating-point unit keeps: the two register banks and FPSCR, in the machine's state.
 *
 * All NaN are one to JavaScript. So reading a register that holds a signalling NaN leaves a note for
 * the operation that takes it. Who only wants to show a register reads its bits.
 */
import type { Outcome } from "./exact.ts";
import {
  CAUSE,
  CAUSE_FIELD,
  CAUSE_TO_ENABLE,
  CAUSE_TO_FLAG,
  DOUBLE_NAN_HIGH,
  DOUBLE_NAN_LOW,
  ENABLE_FIELD,
  FLAG_FIELD,
  type FloatFormat,
  isSignallingDouble,
  isSignallingSingle,
  ROUNDING_FIELD,
  SINGLE_NAN,
} from "./float_format.ts";
import type { FloatMode } from "./float_rules.ts";
import { FPSCR, FPSCR_DN, FR, XF } from "./state.ts";

/** The word of FPSCR in the machine's state. */
export const FPSCR_WORD = FPSCR >> 2;
const FR_WORD = FR >> 2;
const XF_WORD = XF >> 2;
const DR_PAIR = FR >> 3;

/** What an inexact result leaves in FPSCR. */
const INEXACT = CAUSE.I | (CAUSE.I >> CAUSE_TO_FLAG);

/** Registers and status of the floating-point unit. */
export class FloatState {
  /**
   * Denormalized operands are computed with, although DN = 0, and raise no FPU error. The kernel sets
   * it for the one instruction it emulates after that exception.
   */
  computeDenormals = false;
  /** A signalling NaN was read for the operation to come. */
  #signalling = false;
  protected readonly words: Int32Array;
  readonly #singles: Float32Array;
  readonly #doubles: Float64Array;
  readonly #raise: () => never;

  /** The three views lie over one memory laid out as state.ts says; `raise` throws. */
  constructor(
    words: Int32Array,
    singles: Float32Array,
    doubles: Float64Array,
    raise: () => never,
  ) {
    this.words = words;
    this.#singles = singles;
    this.#doubles = doubles;
    this.#raise = raise;
  }

  frBits(n: number): number {
    return this.words[FR_WORD + (n ^ 1)]!;
  }

  setFrBits(n: number, bits: number): void {
    this.words[FR_WORD + (n ^ 1)] = bits;
  }

  xfBits(n: number): number {
    return this.words[XF_WORD + (n ^ 1)]!;
  }

  fr(n: number): number {
    const value = this.#singles[FR_WORD + (n ^ 1)]!;
    if (value !== value) this.#noteSingle(this.frBits(n));
    return value;
  }

  xf(n: number): number {
    const value = this.#singles[XF_WORD + (n ^ 1)]!;
    if (value !== value) this.#noteSingle(this.xfBits(n));
    return value;
  }

  dr(n: number): number {
    const value = this.#doubles[DR_PAIR + (n >> 1)]!;
    if (value !== value && isSignallingDouble(this.frBits(n))) this.#signalling = true;
    return value;
  }

  setFr(n: number, value: number): void {
    if (value === value) this.#singles[FR_WORD + (n ^ 1)] = value;
    else this.setFrBits(n, SINGLE_NAN);
  }

  setDr(n: number, value: number): void {
    if (value === value) {
      this.#doubles[DR_PAIR + (n >> 1)] = value;
    } else {
      this.setFrBits(n, DOUBLE_NAN_HIGH);
      this.setFrBits(n + 1, DOUBLE_NAN_LOW);
    }
  }

  fpscr(): number {
    return this.words[FPSCR_WORD]!;
  }

  #noteSingle(bits: number): void {
    if (isSignallingSingle(bits)) this.#signalling = true;
  }

  /** Takes the note of a signalling operand, so that the next operation does not find it. */
  protected takeNote(): boolean {
    const signalling = this.#signalling;
    this.#signalling = false;
    return signalling;
  }

  /** The end of a short cut: the cause field is I or empty. */
  protected conclude(status: number, exact: boolean): void {
    const cleared = status & ~CAUSE_FIELD;
    this.words[FPSCR_WORD] = exact ? cleared : cleared | INEXACT;
  }

  protected mode(format: FloatFormat): FloatMode {
    const status = this.words[FPSCR_WORD]!;
    const flush = (status & FPSCR_DN) !== 0;
    return {
      format,
      toZero: (status & ROUNDING_FIELD) === 1,
      flush,
      refuse: !flush && !this.computeDenormals,
      signalling: this.takeNote(),
    };
  }

  /**
   * The end of the long way: the cause field is replaced, the flags gather it, and an FPU error or an
   * enabled cause is an exception, before any register is written (section 6.5). The hardware traps
   * on the mere possibility of an enabled O, U or I; this one only when it happens.
   */
  protected settle({ value, cause }: Outcome): number {
    const status = this.words[FPSCR_WORD]!;
    this.words[FPSCR_WORD] = (status & ~CAUSE_FIELD) | cause |
      ((cause >> CAUSE_TO_FLAG) & FLAG_FIELD);
    if ((cause & (CAUSE.E | ((status & ENABLE_FIELD) << CAUSE_TO_ENABLE))) !== 0) this.#raise();
    return value;
  }
}
