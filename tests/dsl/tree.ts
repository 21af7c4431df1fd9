/** Trees without their places, so that they can be compared. */

/** A copy in which spans are left out and rows are named by their keyword. */
export function plainTree(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainTree);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => key !== "span");
  return Object.fromEntries(
    entries.map(([key, inner]) =>
      key === "row" && typeof inner === "object" && inner !== null && "keyword" in inner
        ? ["is", inner.keyword]
        : [key, plainTree(inner)]
    ),
  );
}
