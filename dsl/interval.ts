/**
 * How often to checkpoint, from what one costs and how often something fails: Young (1974) and Daly
 * (2006, equation 37). A cost is what the program loses by a checkpoint, its downtime; `mtbf` the mean
 * time between failures of all that goes back together.
 */
import { type Rational, rational } from "./rational.ts";
import * as rationals from "./rational.ts";

/** The largest whole number whose square is not above it. */
function root(square: bigint): bigint {
  if (square < 2n) return square;
  for (let high = 1n << BigInt((square.toString(2).length + 1) >> 1);;) {
    const next = (high + square / high) >> 1n;
    if (next >= high) return high;
    high = next;
  }
}

/**
 * sqrt(2 C M), in whole units of what is given, rounded down.
 *
 * @example
 * ```ts
 * import { young } from "./interval.ts";
 * import { rational } from "./rational.ts";
 * const interval = young(rational(2n), rational(100n));
 * if (interval.top !== 20n) throw new Error("unreachable");
 * ```
 */
export function young(cost: Rational, mtbf: Rational): Rational {
  const square = rationals.multiply(rational(2n), rationals.multiply(cost, mtbf));
  return rational(root(square.top / square.bottom));
}

/**
 * sqrt(2 C M) (1 + sqrt(C / 2M) / 3 + C / 18M) - C where C < 2M, or else M: the work between two, in
 * whole units.
 */
export function daly(cost: Rational, mtbf: Rational): Rational {
  if (rationals.compare(cost, rationals.multiply(rational(2n), mtbf)) >= 0) return mtbf;
  // sqrt(2 C M) sqrt(C / 2M) is C.
  const first = young(cost, mtbf), share = rationals.divide(cost, mtbf);
  const third = rationals.divide(rationals.multiply(first, share), rational(18n));
  const less = rationals.multiply(cost, rational(2n, 3n));
  const exact = rationals.subtract(rationals.add(first, third), less);
  return rational(exact.top / exact.bottom);
}
