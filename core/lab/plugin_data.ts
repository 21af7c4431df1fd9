/** Plain data: what a plugin gives is frozen, so that it cannot change it behind the lab's back. */

/** Objects that are frozen through and through. */
const FROZEN = new WeakSet<object>();

/** What in a value is no plain data, as a path and what was found; nothing when all of it is. */
export function notPlain(
  value: unknown,
  path = "it",
  around: readonly object[] = [],
): string | undefined {
  if (typeof value === "function" || typeof value === "symbol") {
    return `${path} is a ${typeof value}`;
  }
  if (typeof value !== "object" || value === null || FROZEN.has(value)) return undefined;
  if (around.includes(value)) return `${path} is a part of itself`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) {
    return `${path} is a ${value.constructor?.name ?? "class instance"}`;
  }
  for (const key of Object.keys(value)) {
    const problem = notPlain(Reflect.get(value, key), `${path}.${key}`, [...around, value]);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Freezes plain data, all of it; it comes back. */
export function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null || FROZEN.has(value)) return value;
  FROZEN.add(value);
  for (const key of Object.keys(value)) frozen(Reflect.get(value, key));
  return Object.freeze(value);
}
