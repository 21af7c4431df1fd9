/**
 * What to leave out of a list: all of it, its halves, quarters, …, each item, as in ddmin (Zeller,
 * Hildebrandt: Simplifying and isolating failure-inducing input, IEEE TSE 28(2), 2002). Asked again
 * after each part that could go, it begins with large parts again; what was tried is not run twice.
 *
 * @example
 * ```ts
 * import { chunks } from "./chunks.ts";
 * const parts = [...chunks([1, 2, 3])].map((part) => part.join("")).join(" ");
 * if (parts !== "123 12 3 1 2 3") throw new Error(parts);
 * ```
 */
export function* chunks<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let size = items.length; size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
  }
}
