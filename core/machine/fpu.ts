/**
 * The floating-point unit of the evaluator: registers, FPSCR and arithmetic, on JavaScript numbers.
 *
 * Every operation first takes a short cut: round to nearest, no exception enabled, operands and
 * result ordinary numbers. There the host's result is the SH-4's, and a few more host operations tell
 * whether it is exact. Whatever fails the test goes to float_rules.ts, which is exact in all cases.
 * The short cuts rely on the host's square root being correctly rounded, as IEEE hardware's is.
 *
 * A NaN operand never passes a short cut, so the note a signalling one leaves is always taken.
 */
import type { Outcome } from "./exact.ts";
import { CAUSE, CAUSE_FIELD, DOUBLE, ENABLE_FIELD, type FloatFormat } from "./float_format.ts";
import { isDenormal, isSignallingSingle, SINGLE, SINGLE_NAN } from "./float_format.ts";
import {
  addition,
  conversion,
  division,
  innerProduct,
  multiplication,
  multiplyAdd,
  reciprocalRoot,
  squareRoot,
} from "./float_rules.ts";
import { FloatState, FPSCR_WORD } from "./float_state.ts";
import { FPSCR_DN } from "./state.ts";
import { cosineOf, sineOf } from "./trig.ts";

/** FPSCR bits that forbid every short cut: the low bit of RM, and any enabled exception. */
const CAREFUL = ENABLE_FIELD | 1;
const MIN_SINGLE = SINGLE.minNormal;
const MAX_SINGLE = SINGLE.maxFinite;
const MIN_DOUBLE = DOUBLE.minNormal;
const MAX_DOUBLE = DOUBLE.maxFinite;
// Between these bounds the error of a product of doubles is itself a double, and nothing on the way
// to it overflows.
const LOW = 2 ** -960;
const HIGH = 2 ** 990;
/** Veltkamp's factor, 2^27 + 1: splits a double in two halves whose products are exact. */
const SPLIT = 134217729;

/** Dekker's product: what `a * b` lost when it was rounded to `product`. */
function productError(a: number, b: number, product: number): number {
  const p = SPLIT * a;
  const aHigh = p - (p - a);
  const aLow = a - aHigh;
  const q = SPLIT * b;
  const bHigh = q - (q - b);
  const bLow = b - bHigh;
  return ((aHigh * bHigh - product) + aHigh * bLow + aLow * bHigh) + aLow * bLow;
}

type Four = readonly [number, number, number, number];

/**
 * The floating-point part of `Cpu<number>`, over the machine's state.
 *
 * @example
 * ```ts
 * import { Fpu } from "./fpu.ts";
 * const memory = new ArrayBuffer(4096);
 * const fpu = new Fpu(
 *   new Int32Array(memory),
 *   new Float32Array(memory),
 *   new Float64Array(memory),
 *   () => { throw new Error("FPU exception"); },
 * );
 * fpu.setDr(0, fpu.addF64(0.1, 0.2));
 * if (fpu.dr(0) !== 0.1 + 0.2) throw new Error("unreachable");
 * if ((fpu.fpscr() & 0x1000) === 0) throw new Error("the sum is inexact");
 * ```
 */
export class Fpu extends FloatState {
  /** A place to take a number apart: the double, its words, and a single over the first of them. */
  readonly #parts = new Float64Array(1);
  readonly #partWords = new Int32Array(this.#parts.buffer);
  readonly #partSingles = new Float32Array(this.#parts.buffer);

  addF32(a: number, b: number): number {
    const status = this.words[FPSCR_WORD]!;
    const sum = a + b; // twice rounded, innocently: 53 bits are more than 2 * 24 + 2
    const result = Math.fround(sum);
    const size = Math.abs(result);
    if (
      (status & CAREFUL) === 0 &&
      ((size > MIN_SINGLE && size <= MAX_SINGLE) || sum === 0) &&
      (Math.abs(a) >= MIN_SINGLE || a === 0) && (Math.abs(b) >= MIN_SINGLE || b === 0)
    ) {
      // A sum is exact if, and only if, taking either operand away leaves the other.
      this.conclude(status, result === sum && sum - a === b && sum - b === a);
      return result;
    }
    return this.settle(addition(this.mode(SINGLE), a, b));
  }

  subF32(a: number, b: number): number {
    return this.addF32(a, -b);
  }

  mulF32(a: number, b: number): number {
    const status = this.words[FPSCR_WORD]!;
    const product = a * b; // 48 bits: exact
    const result = Math.fround(product);
    const size = Math.abs(result);
    if (
      (status & CAREFUL) === 0 &&
      ((size > MIN_SINGLE && size <= MAX_SINGLE) || product === 0) &&
      (Math.abs(a) >= MIN_SINGLE || a === 0) && (Math.abs(b) >= MIN_SINGLE || b === 0)
    ) {
      this.conclude(status, result === product);
      return result;
    }
    return this.settle(multiplication(this.mode(SINGLE), a, b));
  }

  divF32(a: number, b: number): number {
    const status = this.words[FPSCR_WORD]!;
    const result = Math.fround(a / b);
    const size = Math.abs(result);
    if (
      (status & CAREFUL) === 0 && size > MIN_SINGLE && size <= MAX_SINGLE &&
      Math.abs(a) >= MIN_SINGLE && Math.abs(b) >= MIN_SINGLE
    ) {
      this.conclude(status, result * b === a);
      return result;
    }
    return this.settle(division(this.mode(SINGLE), a, b));
  }

  sqrtF32(a: number): number {
    const status = this.words[FPSCR_WORD]!;
    if ((status & CAREFUL) === 0 && a >= MIN_SINGLE && a <= MAX_SINGLE) {
      const result = Math.fround(Math.sqrt(a));
      this.conclude(status, result * result === a);
      return result;
    }
    return this.settle(squareRoot(this.mode(SINGLE), a));
  }

  macF32(a: number, b: number, c: number): number {
    const status = this.words[FPSCR_WORD]!;
    const product = a * b;
    const sum = product + c;
    const result = Math.fround(sum);
    const size = Math.abs(result);
    if (
      (status & CAREFUL) === 0 &&
      ((size > MIN_SINGLE && size <= MAX_SINGLE) || sum === 0) &&
      (Math.abs(a) >= MIN_SINGLE || a === 0) && (Math.abs(b) >= MIN_SINGLE || b === 0) &&
      (Math.abs(c) >= MIN_SINGLE || c === 0)
    ) {
      if (sum - product === c && sum - c === product) {
        this.conclude(status, result === sum);
        return result;
      }
      // Rounded already: rounding again may only go wrong half way between two singles.
      this.#parts[0] = sum;
      if ((this.#partWords[0]! & 0x1fffffff) !== 0x10000000) {
        this.conclude(status, false);
        return result;
      }
    }
    return this.settle(multiplyAdd(this.mode(SINGLE), a, b, c));
  }

  addF64(a: number, b: number): number {
    const status = this.words[FPSCR_WORD]!;
    const sum = a + b;
    const size = Math.abs(sum);
    if (
      (status & CAREFUL) === 0 &&
      ((size >= MIN_DOUBLE && size <= MAX_DOUBLE) || sum === 0) &&
      (Math.abs(a) >= MIN_DOUBLE || a === 0) && (Math.abs(b) >= MIN_DOUBLE || b === 0)
    ) {
      this.conclude(status, sum - a === b && sum - b === a);
      return sum;
    }
    return this.settle(addition(this.mode(DOUBLE), a, b));
  }

  subF64(a: number, b: number): number {
    return this.addF64(a, -b);
  }

  mulF64(a: number, b: number): number {
    const status = this.words[FPSCR_WORD]!;
    const product = a * b;
    const size = Math.abs(product);
    if ((status & CAREFUL) === 0) {
      const left = Math.abs(a);
      const right = Math.abs(b);
      if (
        size > LOW && size < HIGH && left < HIGH && right < HIGH &&
        left >= MIN_DOUBLE && right >= MIN_DOUBLE
      ) {
        this.conclude(status, productError(a, b, product) === 0);
        return product;
      }
    }
    return this.settle(multiplication(this.mode(DOUBLE), a, b));
  }

  divF64(a: number, b: number): number {
    const status = this.words[FPSCR_WORD]!;
    const quotient = a / b;
    if ((status & CAREFUL) === 0) {
      const size = Math.abs(quotient);
      const left = Math.abs(a);
      const right = Math.abs(b);
      if (
        size > MIN_DOUBLE && size < HIGH && left > LOW && left < HIGH &&
        right >= MIN_DOUBLE && right < HIGH
      ) {
        this.conclude(status, quotient * b === a && productError(quotient, b, a) === 0);
        return quotient;
      }
    }
    return this.settle(division(this.mode(DOUBLE), a, b));
  }

  sqrtF64(a: number): number {
    const status = this.words[FPSCR_WORD]!;
    if ((status & CAREFUL) === 0 && a > LOW && a < HIGH) {
      const root = Math.sqrt(a);
      this.conclude(status, root * root === a && productError(root, root, a) === 0);
      return root;
    }
    return this.settle(squareRoot(this.mode(DOUBLE), a));
  }

  eqF32(a: number, b: number): number {
    return this.#equal(a, b, SINGLE);
  }

  gtF32(a: number, b: number): number {
    return this.#greater(a, b, SINGLE);
  }

  eqF64(a: number, b: number): number {
    return this.#equal(a, b, DOUBLE);
  }

  gtF64(a: number, b: number): number {
    return this.#greater(a, b, DOUBLE);
  }

  f32FromInt(a: number): number {
    const status = this.words[FPSCR_WORD]!;
    const result = Math.fround(a);
    if (result === a || (status & CAREFUL) === 0) {
      this.conclude(status, result === a);
      return result;
    }
    return this.settle(conversion(this.mode(SINGLE), a));
  }

  f64FromInt(a: number): number {
    this.conclude(this.words[FPSCR_WORD]!, true);
    return a;
  }

  intFromF32(a: number): number {
    return this.#truncated(a);
  }

  intFromF64(a: number): number {
    return this.#truncated(a);
  }

  /** FCNVDS: takes a double, gives the *bits* of a single, for FPUL. */
  f32FromF64(a: number): number {
    const status = this.words[FPSCR_WORD]!;
    const size = Math.abs(Math.fround(a));
    let value: number;
    if (
      (status & CAREFUL) === 0 && ((size > MIN_SINGLE && size <= MAX_SINGLE) || a === 0)
    ) {
      value = Math.fround(a);
      this.conclude(status, value === a);
    } else {
      value = this.settle(this.#narrowed(a));
    }
    if (value !== value) return SINGLE_NAN;
    this.#partSingles[0] = value;
    return this.#partWords[0]!;
  }

  /** FCNVSD: takes the *bits* of a single, from FPUL, gives a double. */
  f64FromF32(bits: number): number {
    this.#partWords[0] = bits;
    const value = this.#partSingles[0]!;
    if (value !== value) {
      this.takeNote();
      return this.settle({ value, cause: isSignallingSingle(bits) ? CAUSE.V : 0 });
    }
    if (isDenormal(value, SINGLE)) {
      const mode = this.mode(SINGLE);
      if (mode.refuse) return this.settle({ value, cause: CAUSE.E });
      return this.settle({ value: mode.flush ? value * 0 : value, cause: 0 });
    }
    this.conclude(this.words[FPSCR_WORD]!, true);
    return value;
  }

  dot4(a: Four, b: Four): number {
    const status = this.words[FPSCR_WORD]!;
    if ((status & (CAREFUL | FPSCR_DN)) === 0) {
      const p = a[0] * b[0];
      const q = a[1] * b[1];
      const r = a[2] * b[2];
      const s = a[3] * b[3];
      const two = p + q;
      const three = two + r;
      const sum = three + s;
      const result = Math.fround(sum);
      const size = Math.abs(result);
      if (size > MIN_SINGLE && size <= MAX_SINGLE) {
        this.conclude(
          status,
          result === sum && two - p === q && two - q === p && three - two === r &&
            three - r === two && sum - three === s && sum - s === three,
        );
        return result;
      }
    }
    return this.settle(innerProduct(this.mode(SINGLE), a, b));
  }

  reciprocalSqrt(a: number): number {
    return this.settle(reciprocalRoot(this.mode(SINGLE), a));
  }

  /** FSCA always raises I: the hardware approximates (section 9, FSCA). */
  sine(angle: number): number {
    return this.settle({ value: sineOf(angle), cause: CAUSE.I });
  }

  cosine(angle: number): number {
    return this.settle({ value: cosineOf(angle), cause: CAUSE.I });
  }

  /** Comparisons take denormalized numbers as they are, or as zero with DN = 1: no FPU error. */
  #equal(a: number, b: number, format: FloatFormat): number {
    const status = this.words[FPSCR_WORD]!;
    this.words[FPSCR_WORD] = status & ~CAUSE_FIELD;
    if (a === b) return 1;
    if (a !== a || b !== b) {
      if (this.takeNote()) this.settle({ value: 0, cause: CAUSE.V });
      return 0;
    }
    if ((status & FPSCR_DN) === 0) return 0;
    return Math.abs(a) < format.minNormal && Math.abs(b) < format.minNormal ? 1 : 0;
  }

  #greater(a: number, b: number, format: FloatFormat): number {
    const status = this.words[FPSCR_WORD]!;
    this.words[FPSCR_WORD] = status & ~CAUSE_FIELD;
    if (a !== a || b !== b) {
      this.takeNote();
      this.settle({ value: 0, cause: CAUSE.V }); // FCMP/GT: any NaN
      return 0;
    }
    if ((status & FPSCR_DN) !== 0) {
      const left = isDenormal(a, format) ? 0 : a;
      const right = isDenormal(b, format) ? 0 : b;
      return left > right ? 1 : 0;
    }
    return a > b ? 1 : 0;
  }

  /**
   * FTRC: towards zero whatever RM says. Section 9 lists the invalid operation as its only exception,
   * so a lost fraction raises no I and a denormalized operand no E. All NaN give 0x80000000.
   */
  #truncated(a: number): number {
    this.takeNote();
    if (a > -2147483649 && a < 2147483648) {
      this.conclude(this.words[FPSCR_WORD]!, true);
      return a | 0;
    }
    this.settle({ value: 0, cause: CAUSE.V });
    return a > 0 ? 0x7fffffff : 0x80000000 | 0;
  }

  #narrowed(a: number): Outcome {
    const mode = this.mode(DOUBLE);
    if (a !== a) return { value: a, cause: mode.signalling ? CAUSE.V : 0 };
    if (isDenormal(a, DOUBLE)) {
      if (mode.refuse) return { value: a, cause: CAUSE.E };
      if (mode.flush) return { value: a * 0, cause: 0 };
    }
    return conversion({ ...mode, format: SINGLE }, a);
  }
}
