/**
 * A plugin without its hooks, as plain data: what crosses from a thread that may run its code to one
 * that may not. There the hooks are functions that are never called.
 */
import { StrategyError } from "../image/capture_order.ts";
import { isObject } from "./plugin_shape.ts";

/** Stands for a function. */
const HOOK = "\u0000hook";

/** Deeper than any manifest; what has circles ends here. */
const DEEPEST = 16;

/** Plain data in the place of a value, functions as marks; what is deeper than a manifest is left out. */
export function outlineOf(value: unknown, depth = 0): unknown {
  if (typeof value === "function") return { [HOOK]: true };
  if (typeof value === "symbol") return String(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth > DEEPEST) return undefined;
  if (Array.isArray(value)) return value.map((item) => outlineOf(item, depth + 1));
  return Object.fromEntries(
    Object.keys(value).map((key) => [key, outlineOf(Reflect.get(value, key), depth + 1)]),
  );
}

/**
 * What the outline was made from, with functions again where there were some: they refuse.
 *
 * @example
 * ```ts
 * import { fromOutline, outlineOf } from "./plugin_outline.ts";
 * const row = fromOutline(outlineOf({ name: "cow", capture: () => [] })) as { name: string };
 * if (row.name !== "cow") throw new Error("unreachable");
 * ```
 */
export function fromOutline(outline: unknown): unknown {
  if (Array.isArray(outline)) return outline.map(fromOutline);
  if (!isObject(outline)) return outline;
  if (outline[HOOK] === true) {
    return () => {
      throw new StrategyError("a hook of an isolated plugin was called outside of its Worker");
    };
  }
  return Object.fromEntries(
    Object.entries(outline).map(([key, value]) => [
      key,
      fromOutline(value),
    ]),
  );
}
