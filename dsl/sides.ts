/** Both sides of a comparison as figures: what tables and charts of claims are made from. */
import type { ClaimSide } from "../core/mod.ts";
import type { Expr } from "./ast.ts";
import { type Context, NoValue } from "./context.ts";
import { evaluate } from "./evaluate.ts";
import { printExpr } from "./print.ts";
import { toNumber } from "./rational.ts";
import type { ClaimResult } from "./results.ts";
import type { Dimension } from "./units.ts";
import { show, type Value } from "./value.ts";

const BASES = [["time", "ns"], ["bytes", "bytes"], ["cycles", "cycles"]] as const;

/** `ns`, `bytes/ns`: the base units of a dimension. */
function unitOf(of: Dimension): string {
  const part = (sign: 1 | -1): string =>
    BASES.flatMap(([base, name]) => Array(Math.max(0, sign * of[base])).fill(name)).join("*");
  const under = part(-1);
  return under === "" ? part(1) : `${part(1) || "1"}/${under}`;
}

/** A number and its unit; nothing of any other value. */
export function figure(value: Value): Pick<ClaimSide, "value" | "unit"> {
  if (value.kind !== "number" || value.value === undefined) return {};
  return { value: toNumber(value.value), unit: unitOf(value.dimension) };
}

/** Nothing where the expression is no comparison, or a side has no value. */
export function sidesOf(context: Context, expr: Expr): Pick<ClaimResult, "left" | "right"> {
  if (expr.kind === "group") return sidesOf(context, expr.inner);
  if (expr.kind !== "compare") return {};
  const side = (part: Expr): ClaimSide => {
    const value = evaluate(context, part);
    return { text: printExpr(part), shown: show(value), ...figure(value) };
  };
  try {
    return { left: side(expr.left), right: side(expr.right) };
  } catch (error) {
    if (error instanceof NoValue) return {};
    throw error;
  }
}
