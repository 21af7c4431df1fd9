/**
 * What the SH-4's arithmetic must give, by another way than the machine's: numbers are fractions of
 * BigInt, and rounding is a search among the bit patterns of the format. Slow and plain on purpose.
 */

/** A format by its bits: exponent and fraction widths. */
export interface Shape {
  readonly exponent: number;
  readonly fraction: number;
}

export const SINGLE_SHAPE: Shape = { exponent: 8, fraction: 23 };
export const DOUBLE_SHAPE: Shape = { exponent: 11, fraction: 52 };

export const CAUSES = { E: 1 << 17, V: 1 << 16, Z: 1 << 15, O: 1 << 14, U: 1 << 13, I: 1 << 12 };

export interface Setting {
  readonly shape: Shape;
  readonly toZero: boolean;
  /** DN. */
  readonly flush: boolean;
  /** Compute with denormalized operands although DN = 0. */
  readonly emulate: boolean;
}

export interface Expected {
  readonly bits: bigint;
  readonly cause: number;
}

/** A fraction; `d` is positive. */
interface Fraction {
  readonly n: bigint;
  readonly d: bigint;
}

const infinity = ({ exponent, fraction }: Shape): bigint =>
  ((1n << BigInt(exponent)) - 1n) << BigInt(fraction);
const signBit = ({ exponent, fraction }: Shape): bigint => 1n << BigInt(exponent + fraction);
const minNormal = ({ fraction }: Shape): bigint => 1n << BigInt(fraction);
const size = (bits: bigint, shape: Shape): bigint => bits & (signBit(shape) - 1n);
const isNegative = (bits: bigint, shape: Shape): boolean => (bits & signBit(shape)) !== 0n;
const isNaN = (bits: bigint, shape: Shape): boolean => size(bits, shape) > infinity(shape);
const isInfinite = (bits: bigint, shape: Shape): boolean => size(bits, shape) === infinity(shape);
const isDenormal = (bits: bigint, shape: Shape): boolean =>
  size(bits, shape) !== 0n && size(bits, shape) < minNormal(shape);
const isSignalling = (bits: bigint, shape: Shape): boolean =>
  isNaN(bits, shape) && (bits & (minNormal(shape) >> 1n)) !== 0n;

/** The NaN the SH-4 gives: fraction all ones but the first bit. */
export const defaultNaN = (shape: Shape): bigint =>
  infinity(shape) | ((minNormal(shape) >> 1n) - 1n);

const ratio = (n: bigint, power: bigint): Fraction =>
  power >= 0n ? { n: n << power, d: 1n } : { n, d: 1n << -power };

/** The size of a pattern's number; infinity's pattern is the power of two after the last finite. */
function sizeOf(pattern: bigint, shape: Shape): Fraction {
  const width = BigInt(shape.fraction);
  const biased = pattern >> width;
  const fraction = pattern & (minNormal(shape) - 1n);
  const bias = (1n << BigInt(shape.exponent - 1)) - 1n;
  const power = (biased === 0n ? 1n : biased) - bias - width;
  return ratio(biased === 0n ? fraction : fraction + minNormal(shape), power);
}

function valueOf(bits: bigint, shape: Shape): Fraction {
  const { n, d } = sizeOf(size(bits, shape), shape);
  return { n: isNegative(bits, shape) ? -n : n, d };
}

const compare = (a: Fraction, b: Fraction): number => {
  const difference = a.n * b.d - b.n * a.d;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
};

/** Compares a pattern with a size, which for a square root is given by its square. */
type Against = (pattern: Fraction) => number;

/** Rounds the size that `against` knows: the greatest pattern not above it, or the one after. */
function round(against: Against, negative: boolean, setting: Setting): Expected {
  const { shape } = setting;
  let low = 0n;
  let high = infinity(shape);
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (against(sizeOf(middle, shape)) <= 0) low = middle;
    else high = middle;
  }
  const overflows = against(sizeOf(infinity(shape), shape)) <= 0;
  const exact = !overflows && against(sizeOf(low, shape)) === 0;
  let result = low;
  if (!exact && !setting.toZero) {
    const [a, b] = [sizeOf(low, shape), sizeOf(high, shape)];
    const half = { n: a.n * b.d + b.n * a.d, d: 2n * a.d * b.d };
    const side = against(half);
    if (overflows || side < 0 || (side === 0 && (low & 1n) === 1n)) result = high;
  }
  let cause = exact ? 0 : CAUSES.I;
  if (overflows || result === infinity(shape)) cause |= CAUSES.O;
  if (result < minNormal(shape)) {
    if (setting.flush && result !== 0n) {
      result = 0n;
      cause |= CAUSES.I;
    }
    if ((cause & CAUSES.I) !== 0) cause |= CAUSES.U;
  }
  return { bits: result | (negative ? signBit(shape) : 0n), cause };
}

const roundFraction = (x: Fraction, setting: Setting): Expected => {
  const size = { n: x.n < 0n ? -x.n : x.n, d: x.d };
  return round((pattern) => compare(pattern, size), x.n < 0n, setting);
};

const rootOf = (x: Fraction, setting: Setting): Expected =>
  round(({ n, d }) => compare({ n: n * n, d: d * d }, x), false, setting);

export type Operation = "add" | "sub" | "mul" | "div" | "sqrt" | "mac";

/** What an operation must give: `mac` is a * b + c, the others take a, or a and b. */
export function expected(
  operation: Operation,
  operands: readonly bigint[],
  setting: Setting,
): Expected {
  const { shape, flush, emulate } = setting;
  const nan = { bits: defaultNaN(shape), cause: 0 };
  const invalid = { bits: defaultNaN(shape), cause: CAUSES.V };
  const error = { bits: 0n, cause: CAUSES.E };
  if (operands.some((bits) => isSignalling(bits, shape))) return invalid;
  const read = operands.map((bits) =>
    flush && isDenormal(bits, shape) ? bits & signBit(shape) : bits
  );
  const [a = 0n, b = 0n, c = 0n] = read;
  const refused = (...some: bigint[]) => !emulate && some.some((bits) => isDenormal(bits, shape));
  const opposite = (bits: bigint) => bits ^ signBit(shape);
  switch (operation) {
    case "sub":
      return expected("add", [a, isNaN(b, shape) ? b : opposite(b)], setting);
    case "add":
      if (isNaN(a, shape) || isNaN(b, shape)) return nan;
      if (refused(a, b)) return error;
      return sum(a, b, setting) ??
        roundFraction(plus(valueOf(a, shape), valueOf(b, shape)), setting);
    case "mul":
      if (isNaN(a, shape) || isNaN(b, shape)) return nan;
      if (refused(a, b)) return error;
      return product(a, b, setting) ??
        roundFraction(times(valueOf(a, shape), valueOf(b, shape)), setting);
    case "div":
      return isNaN(a, shape) || isNaN(b, shape) ? nan : quotient(a, b, setting, refused);
    case "sqrt":
      if (isNaN(a, shape)) return nan;
      if (isNegative(a, shape) && size(a, shape) !== 0n) return invalid;
      if (refused(a)) return error;
      if (size(a, shape) === 0n || isInfinite(a, shape)) return { bits: a, cause: 0 };
      return rootOf(valueOf(a, shape), setting);
    case "mac": {
      if (isNaN(a, shape) || isNaN(b, shape)) return nan;
      if (refused(a, b)) return error;
      const special = product(a, b, setting);
      if (special?.cause === CAUSES.V) return invalid;
      if (isNaN(c, shape)) return nan;
      if (refused(c)) return error;
      if (special !== undefined) {
        return sum(special.bits, c, setting) ?? { bits: c, cause: 0 };
      }
      if (isInfinite(c, shape)) return { bits: c, cause: 0 };
      const x = plus(times(valueOf(a, shape), valueOf(b, shape)), valueOf(c, shape));
      return x.n === 0n ? { bits: 0n, cause: 0 } : roundFraction(x, setting);
    }
  }
}

const plus = (a: Fraction, b: Fraction): Fraction => ({ n: a.n * b.d + b.n * a.d, d: a.d * b.d });
const times = (a: Fraction, b: Fraction): Fraction => ({ n: a.n * b.n, d: a.d * b.d });

/** Sums with an infinity, and sums that are zero. */
function sum(a: bigint, b: bigint, { shape }: Setting): Expected | undefined {
  const sign = signBit(shape);
  if (isInfinite(a, shape) && isInfinite(b, shape) && a !== b) {
    return { bits: defaultNaN(shape), cause: CAUSES.V };
  }
  if (isInfinite(a, shape)) return { bits: a, cause: 0 };
  if (isInfinite(b, shape)) return { bits: b, cause: 0 };
  if (size(a, shape) === 0n && size(b, shape) === 0n) return { bits: a & b & sign, cause: 0 };
  return size(a, shape) === size(b, shape) && a !== b ? { bits: 0n, cause: 0 } : undefined;
}

/** Products with an infinity or a zero. */
function product(a: bigint, b: bigint, { shape }: Setting): Expected | undefined {
  const negative = (a ^ b) & signBit(shape);
  const zero = size(a, shape) === 0n || size(b, shape) === 0n;
  if (isInfinite(a, shape) || isInfinite(b, shape)) {
    if (zero) return { bits: defaultNaN(shape), cause: CAUSES.V };
    return { bits: infinity(shape) | negative, cause: 0 };
  }
  return zero ? { bits: negative, cause: 0 } : undefined;
}

function quotient(
  a: bigint,
  b: bigint,
  setting: Setting,
  refused: (...some: bigint[]) => boolean,
): Expected {
  const { shape } = setting;
  const negative = (a ^ b) & signBit(shape);
  const [zeroA, zeroB] = [size(a, shape) === 0n, size(b, shape) === 0n];
  // A zero divisor decides before a denormalized dividend is an error.
  if (!zeroB && refused(a, b)) return { bits: 0n, cause: CAUSES.E };
  if ((zeroA && zeroB) || (isInfinite(a, shape) && isInfinite(b, shape))) {
    return { bits: defaultNaN(shape), cause: CAUSES.V };
  }
  if (isInfinite(a, shape)) return { bits: infinity(shape) | negative, cause: 0 };
  if (zeroB) return { bits: infinity(shape) | negative, cause: CAUSES.Z };
  if (zeroA || isInfinite(b, shape)) return { bits: negative, cause: 0 };
  const [x, y] = [valueOf(a, shape), valueOf(b, shape)];
  const n = x.n * y.d, d = x.d * y.n;
  return roundFraction(d < 0n ? { n: -n, d: -d } : { n, d }, setting);
}
