/**
 * The sine that FSCA gives. The host's own sine is not specified to the last bit, so it is worked out
 * here with nothing but products and sums of doubles, the same on every host.
 */

/** One unit of the angle: a turn is 65,536 units. */
const UNIT = 9.587379924285257e-5;
const QUARTER = 0x4000;
const EIGHTH = 0x2000;

/** Taylor's coefficients, highest power first; beyond them nothing reaches a double within pi/4. */
const SINE = [
  -8.22063524662433e-18,
  2.8114572543455206e-15,
  -7.647163731819816e-13,
  1.6059043836821613e-10,
  -2.505210838544172e-8,
  2.7557319223985893e-6,
  -1.984126984126984e-4,
  8.333333333333333e-3,
  -1.6666666666666666e-1,
];
const COSINE = [
  -1.5619206968586225e-16,
  4.779477332387385e-14,
  -1.1470745597729725e-11,
  2.08767569878681e-9,
  -2.755731922398589e-7,
  2.48015873015873e-5,
  -1.388888888888889e-3,
  4.1666666666666664e-2,
  -0.5,
];

const polynomial = (coefficients: readonly number[], square: number): number => {
  let sum = 0;
  for (const coefficient of coefficients) sum = sum * square + coefficient;
  return sum * square;
};

/** The sine of 0 to a quarter turn. */
function sineOfQuarter(angle: number): number {
  if (angle <= EIGHTH) {
    const x = angle * UNIT;
    return x + x * polynomial(SINE, x * x);
  }
  const x = (QUARTER - angle) * UNIT;
  return 1 + polynomial(COSINE, x * x);
}

/**
 * The sine of `angle` / 65,536 turns, as a single; only the low 16 bits of `angle` count.
 *
 * @example
 * ```ts
 * import { sineOf } from "./trig.ts";
 * if (sineOf(0x4000) !== 1 || sineOf(0x8000) !== 0) throw new Error("unreachable");
 * ```
 */
export function sineOf(angle: number): number {
  const inHalf = angle & 0x7fff;
  const size = Math.fround(sineOfQuarter(inHalf <= QUARTER ? inHalf : 2 * QUARTER - inHalf));
  return (angle & 0x8000) === 0 || size === 0 ? size : -size;
}

/** The cosine of `angle` / 65,536 turns, as a single. */
export const cosineOf = (angle: number): number => sineOf(angle + QUARTER);
