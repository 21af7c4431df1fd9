/** Distributions of a quantity a script may write, as plain data. */

/**
 * How long something takes, in the base unit of its quantity. `script` gives the values one after
 * the other, then repeats the last: so a script can lay down one run exactly.
 */
export type Distribution =
  | { readonly shape: "constant"; readonly value: number }
  | { readonly shape: "uniform"; readonly low: number; readonly high: number }
  | { readonly shape: "exponential"; readonly low: number; readonly mean: number }
  | { readonly shape: "script"; readonly values: readonly number[] };

/** The least value it can give. */
export function least(distribution: Distribution): number {
  switch (distribution.shape) {
    case "constant":
      return distribution.value;
    case "uniform":
    case "exponential":
      return distribution.low;
    case "script":
      return Math.min(...distribution.values);
  }
}
