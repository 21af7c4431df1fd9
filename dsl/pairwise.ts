/** Fewer cells: some points in which every two values that can meet do meet. */

/**
 * Chooses of some points so many that each pair of values of two axes which is in one of them is in
 * one that is chosen. Greedy: always the first point with the most pairs that are missing still, as
 * AETG does (Cohen, Dalal, Fredman, Patton, IEEE TSE 23(7), 1997); so the choice is the same each
 * time, and not the smallest there is.
 *
 * @param points What each point has on each axis, as many numbers in each.
 * @returns Places of the chosen points, ascending.
 *
 * @example
 * ```ts
 * import { pairwise } from "./pairwise.ts";
 * const bits = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => [n >> 2, n >> 1 & 1, n & 1]);
 * if (pairwise(bits).length !== 4) throw new Error("unreachable");
 * ```
 */
export function pairwise(points: readonly (readonly number[])[]): readonly number[] {
  const pairsOf = (point: readonly number[]): readonly string[] =>
    point.flatMap((value, axis) =>
      point.slice(axis + 1).map((other, i) => `${axis}:${value},${axis + 1 + i}:${other}`)
    );
  // With one axis there are no pairs, and every value is wanted.
  if ((points[0]?.length ?? 0) < 2) return points.map((_, place) => place);
  const pairs = points.map(pairsOf);
  const missing = new Set(pairs.flat());
  const chosen: number[] = [];
  while (missing.size > 0) {
    let best = -1, most = 0;
    pairs.forEach((some, place) => {
      const fresh = some.filter((pair) => missing.has(pair)).length;
      if (fresh > most) [best, most] = [place, fresh];
    });
    chosen.push(best);
    for (const pair of pairs[best] ?? []) missing.delete(pair);
  }
  return chosen.sort((a, b) => a - b);
}
