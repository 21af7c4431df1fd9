/**
 * Exact numbers and their one rounding: what the floating-point unit falls back on where the host's
 * arithmetic cannot be trusted to give both the result and its flags.
 */
import { CAUSE, type FloatFormat } from "./float_format.ts";

/** `magnitude * 2^exponent`, negated if `negative`; `sticky` says a part below 1 was cut off. */
export interface Exact {
  readonly negative: boolean;
  readonly magnitude: bigint;
  readonly exponent: number;
  /** Allowed only where `magnitude` has more than 54 bits, so that rounding can still be decided. */
  readonly sticky: boolean;
}

/** A value of the format, and the cause bits of the rounding that gave it. */
export interface Outcome {
  readonly value: number;
  readonly cause: number;
}

/** How to round. */
export interface Rounding {
  readonly format: FloatFormat;
  /** FPSCR.RM = 01; otherwise to nearest, ties to even. */
  readonly toZero: boolean;
  /** FPSCR.DN = 1: denormalized results become zero. */
  readonly flush: boolean;
}

const doubles = new Float64Array(1);
const quads = new BigUint64Array(doubles.buffer);
const FRACTION = (1n << 52n) - 1n;

/** Quotients and roots are worked out to this many bits at least: more than 53 and two to round. */
const ENOUGH = 64;

/** A finite number, exactly. */
export function exactOf(value: number): Exact {
  doubles[0] = value;
  const bits = quads[0] ?? 0n;
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & FRACTION;
  return {
    negative: bits >> 63n === 1n,
    magnitude: biased === 0 ? fraction : fraction | (1n << 52n),
    exponent: biased === 0 ? -1074 : biased - 1075,
    sticky: false,
  };
}

/** `2^exponent` as a double; the host's `**` is not bound to be exact. */
function powerOfTwo(exponent: number): number {
  if (exponent > 1023) return Infinity;
  quads[0] = exponent >= -1022
    ? BigInt(exponent + 1023) << 52n
    : 1n << BigInt(Math.max(exponent + 1074, 0));
  return doubles[0] ?? 0;
}

const lengthOf = (magnitude: bigint): number => magnitude === 0n ? 0 : magnitude.toString(2).length;

const shifted = (magnitude: bigint, by: number): bigint =>
  by >= 0 ? magnitude << BigInt(by) : magnitude >> BigInt(-by);

/** `a + b`, neither of them sticky. */
export function sumOf(a: Exact, b: Exact): Exact {
  const exponent = Math.min(a.exponent, b.exponent);
  const left = shifted(a.negative ? -a.magnitude : a.magnitude, a.exponent - exponent);
  const right = shifted(b.negative ? -b.magnitude : b.magnitude, b.exponent - exponent);
  const sum = left + right;
  return { negative: sum < 0n, magnitude: sum < 0n ? -sum : sum, exponent, sticky: false };
}

/** `a * b`, neither of them sticky. */
export function productOf(a: Exact, b: Exact): Exact {
  return {
    negative: a.negative !== b.negative,
    magnitude: a.magnitude * b.magnitude,
    exponent: a.exponent + b.exponent,
    sticky: false,
  };
}

/** `a / b`, `b` not zero, to enough bits. */
export function quotientOf(a: Exact, b: Exact): Exact {
  const up = Math.max(0, ENOUGH + lengthOf(b.magnitude) - lengthOf(a.magnitude));
  const dividend = shifted(a.magnitude, up);
  const magnitude = dividend / b.magnitude;
  return {
    negative: a.negative !== b.negative,
    magnitude,
    exponent: a.exponent - b.exponent - up,
    sticky: magnitude * b.magnitude !== dividend,
  };
}

/** The square root of a positive number, to enough bits. */
export function rootOf(a: Exact): Exact {
  const wanted = Math.max(0, 2 * ENOUGH - lengthOf(a.magnitude));
  const up = (a.exponent - wanted) % 2 === 0 ? wanted : wanted + 1;
  const square = shifted(a.magnitude, up);
  // Newton's iteration from above falls until it meets the integer root.
  let root = 1n << BigInt((lengthOf(square) + 1) >> 1);
  for (;;) {
    const next = (root + square / root) >> 1n;
    if (next >= root) break;
    root = next;
  }
  return {
    negative: false,
    magnitude: root,
    exponent: (a.exponent - up) / 2,
    sticky: root * root !== square,
  };
}

/**
 * Rounds once. Underflow is judged as the manual's check_single_exception does: the delivered result
 * lies below the smallest normal number and is inexact; with DN = 1 it becomes zero, which is inexact
 * in itself.
 *
 * @example
 * ```ts
 * import { exactOf, rounded, sumOf } from "./exact.ts";
 * import { CAUSE, SINGLE } from "./float_format.ts";
 * const sum = sumOf(exactOf(1), exactOf(2 ** -40));
 * const { value, cause } = rounded(sum, { format: SINGLE, toZero: false, flush: false });
 * if (value !== 1 || cause !== CAUSE.I) throw new Error("unreachable");
 * ```
 */
export function rounded(x: Exact, { format, toZero, flush }: Rounding): Outcome {
  const unit = Math.max(x.exponent + lengthOf(x.magnitude) - format.precision, format.lastBit);
  const drop = unit - x.exponent;
  let kept = shifted(x.magnitude, -drop);
  let inexact = x.sticky;
  if (drop > 0) {
    const rest = x.magnitude - shifted(kept, drop);
    inexact ||= rest !== 0n;
    const half = shifted(1n, drop - 1);
    const up = rest > half || (rest === half && (x.sticky || (kept & 1n) === 1n));
    if (up && !toZero) kept += 1n;
  }
  let size = Number(kept) * powerOfTwo(unit);
  let cause: number = inexact ? CAUSE.I : 0;
  if (size > format.maxFinite) {
    cause = CAUSE.O | CAUSE.I;
    size = toZero ? format.maxFinite : Infinity;
  } else if (size < format.minNormal) {
    if (flush && size !== 0) {
      size = 0;
      cause = CAUSE.I;
    }
    if (cause !== 0) cause |= CAUSE.U;
  }
  return { value: x.negative ? -size : size, cause };
}
