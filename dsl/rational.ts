/** Exact numbers: fractions of big integers, always reduced, the denominator positive. */

/** A fraction. */
export interface Rational {
  readonly top: bigint;
  readonly bottom: bigint;
}

/** A number that grew beyond what a script can mean; a diagnostic, not a crash. */
export class NumberTooLarge extends Error {
  override readonly name = "NumberTooLarge";
}

const LIMIT = 1n << 2048n;

function gcd(a: bigint, b: bigint): bigint {
  let x = a < 0n ? -a : a;
  let y = b;
  while (y > 0n) [x, y] = [y, x % y];
  return x;
}

/** The reduced fraction `top / bottom`; `bottom` must not be zero. */
export function rational(top: bigint, bottom = 1n): Rational {
  if (bottom === 0n) throw new RangeError("a fraction with denominator 0");
  const sign = bottom < 0n ? -1n : 1n;
  const by = gcd(top, bottom * sign);
  const result = { top: (sign * top) / by, bottom: (sign * bottom) / by };
  if (result.top > LIMIT || result.top < -LIMIT || result.bottom > LIMIT) {
    throw new NumberTooLarge("a number beyond 2^2048");
  }
  return result;
}

/** Zero and one. */
export const ZERO: Rational = { top: 0n, bottom: 1n };
export const ONE: Rational = { top: 1n, bottom: 1n };

export const add = (a: Rational, b: Rational): Rational =>
  rational(a.top * b.bottom + b.top * a.bottom, a.bottom * b.bottom);
export const subtract = (a: Rational, b: Rational): Rational =>
  rational(a.top * b.bottom - b.top * a.bottom, a.bottom * b.bottom);
export const multiply = (a: Rational, b: Rational): Rational =>
  rational(a.top * b.top, a.bottom * b.bottom);
/** The divisor must not be zero. */
export const divide = (a: Rational, b: Rational): Rational =>
  rational(a.top * b.bottom, a.bottom * b.top);
export const negate = (a: Rational): Rational => ({ top: -a.top, bottom: a.bottom });
export const absolute = (a: Rational): Rational => a.top < 0n ? negate(a) : a;

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`. */
export function compare(a: Rational, b: Rational): number {
  const left = a.top * b.bottom;
  const right = b.top * a.bottom;
  return left < right ? -1 : left > right ? 1 : 0;
}

/**
 * The exact value of a finite number as it is written: 0.1 is one tenth, not the binary fraction
 * next to it, so that a metric compares with what a script can write.
 */
export function fromNumber(value: number): Rational {
  if (Number.isInteger(value)) return rational(BigInt(value));
  const [digits = "0", exponent = "0"] = Math.abs(value).toString().split("e");
  const size = fromDecimal(digits);
  const power = 10n ** BigInt(Math.abs(Number(exponent)));
  const scaled = exponent.startsWith("-")
    ? divide(size, rational(power))
    : multiply(size, rational(power));
  return value < 0 ? negate(scaled) : scaled;
}

/** The exact value of `12`, `1_000` or `21.4`. */
export function fromDecimal(text: string): Rational {
  const [whole = "0", part = ""] = text.replaceAll("_", "").split(".");
  return rational(BigInt(whole + part), 10n ** BigInt(part.length));
}

/** The nearest double. */
export function toNumber(a: Rational): number {
  const [top, bottom] = [Number(a.top), Number(a.bottom)];
  if (Number.isSafeInteger(top) && Number.isSafeInteger(bottom)) return top / bottom;
  const size = a.top < 0n ? -a.top : a.top;
  const part = ((size % a.bottom) * 10n ** 400n / a.bottom).toString().padStart(400, "0");
  return Number(`${a.top < 0n ? "-" : ""}${size / a.bottom}.${part}`);
}

/** True for whole numbers. */
export const isWhole = (a: Rational): boolean => a.bottom === 1n;

/**
 * Decimal digits: exact up to nine decimals, else rounded to six significant digits behind `≈`.
 *
 * @example
 * ```ts
 * import { rational, toDecimal } from "./rational.ts";
 * if (toDecimal(rational(152n, 10n)) !== "15.2") throw new Error("unreachable");
 * if (toDecimal(rational(1n, 3n)) !== "≈0.333333") throw new Error("unreachable");
 * ```
 */
export function toDecimal(a: Rational): string {
  const scale = 10n ** 9n;
  if ((a.top * scale) % a.bottom === 0n) {
    const units = (a.top * scale) / a.bottom;
    const size = units < 0n ? -units : units;
    const whole = (size / scale).toString();
    const part = (size % scale).toString().padStart(9, "0").replace(/0+$/, "");
    return (units < 0n ? "-" : "") + whole + (part === "" ? "" : "." + part);
  }
  const rounded = toNumber(a);
  return "≈" + Number(rounded.toPrecision(6)).toString();
}
