/** Operators on values. A list on either side is worked item by item. */
import type { CompareOp, StrategyUse } from "./ast.ts";
import { type Context, fail } from "./context.ts";
import { printName, printObject } from "./print.ts";
import * as rationals from "./rational.ts";
import type { Span } from "./source.ts";
import { combined, dimensionName, sameDimension } from "./units.ts";
import {
  describe,
  ERROR,
  number,
  type NumberValue,
  truth,
  type TruthValue,
  type Value,
} from "./value.ts";
import { findAnywhere } from "./vocabulary.ts";

type Items = readonly Value[];

/** Applies item by item when a side is a list; two lists go in step. */
function spread(
  context: Context,
  span: Span,
  a: Value,
  b: Value,
  apply: (a: Value, b: Value) => Value,
): Value {
  if (a.kind === "error" || b.kind === "error") return ERROR;
  if (a.kind !== "list" && b.kind !== "list") return apply(a, b);
  const left: Items | undefined = a.kind === "list" ? a.items : undefined;
  const right: Items | undefined = b.kind === "list" ? b.items : undefined;
  const length = left?.length ?? right?.length ?? 0;
  if (left !== undefined && right !== undefined && left.length !== right.length) {
    const message = `a list of ${left.length} against a list of ${right.length}`;
    return fail(context, "CK0402", span, message);
  }
  const items: Value[] = [];
  for (let i = 0; i < length; i++) {
    const one = spread(context, span, left?.[i] ?? a, right?.[i] ?? b, apply);
    if (one.kind === "error") return ERROR;
    items.push(one);
  }
  return { kind: "list", items };
}

const needNumber = (context: Context, span: Span, value: Value, sign: string): Value =>
  fail(context, "CK0403", span, `'${sign}' takes numbers but found ${describe(value)}`);

/** `a + b`, `a - b`: like units only. `a * b`, `a / b`: units combine. */
export function arithmetic(
  context: Context,
  span: Span,
  sign: "+" | "-" | "*" | "/",
  left: Value,
  right: Value,
): Value {
  return spread(context, span, left, right, (a, b) => {
    if (a.kind !== "number") return needNumber(context, span, a, sign);
    if (b.kind !== "number") return needNumber(context, span, b, sign);
    return sign === "+" || sign === "-"
      ? additive(context, span, sign, a, b)
      : multiplicative(context, span, sign, a, b);
  });
}

function additive(
  context: Context,
  span: Span,
  sign: "+" | "-",
  a: NumberValue,
  b: NumberValue,
): Value {
  if (!sameDimension(a.dimension, b.dimension)) {
    const word = sign === "+" ? "add" : "subtract";
    const message = `cannot ${word} ${dimensionName(a.dimension)} and ${
      dimensionName(b.dimension)
    }`;
    return fail(context, "CK0401", span, message);
  }
  const apply = sign === "+" ? rationals.add : rationals.subtract;
  const value = a.value === undefined || b.value === undefined
    ? undefined
    : apply(a.value, b.value);
  return number(value, a.dimension, a.percent && b.percent);
}

function multiplicative(
  context: Context,
  span: Span,
  sign: "*" | "/",
  a: NumberValue,
  b: NumberValue,
): Value {
  const dimension = combined(a.dimension, b.dimension, sign === "*" ? 1 : -1);
  if (sign === "/" && b.value?.top === 0n) {
    return fail(context, "CK0407", span, "division by zero has no value");
  }
  const apply = sign === "*" ? rationals.multiply : rationals.divide;
  const value = a.value === undefined || b.value === undefined
    ? undefined
    : apply(a.value, b.value);
  return number(value, dimension, false);
}

/** `-a` */
export function negative(context: Context, span: Span, given: Value): Value {
  if (given.kind === "error") return ERROR;
  if (given.kind === "list") {
    return { kind: "list", items: given.items.map((item) => negative(context, span, item)) };
  }
  if (given.kind !== "number") return needNumber(context, span, given, "-");
  const value = given.value === undefined ? undefined : rationals.negate(given.value);
  return number(value, given.dimension, given.percent);
}

/** Nodes stand for their names, so that `p0.node == b` compares. */
const plainOf = (value: Value): Value =>
  value.kind === "node" ? { kind: "text", value: value.name } : value;

/** A comparison; with `within`, equality up to a distance. */
export function comparison(
  context: Context,
  span: Span,
  op: CompareOp,
  left: Value,
  right: Value,
  within?: Value,
): Value {
  if (op === "in") return membership(context, span, left, right);
  return spread(context, span, left, right, (given, other) => {
    const a = plainOf(given);
    const b = plainOf(other);
    if (a.kind === "number" && b.kind === "number") return numbers(context, span, op, a, b, within);
    if (within?.kind === "number") {
      return fail(context, "CK0409", span, `'within' needs numbers but found ${describe(a)}`);
    }
    if (op !== "==" && op !== "!=") {
      const found = a.kind === "number" ? b : a;
      return fail(context, "CK0402", span, `'${op}' orders numbers but found ${describe(found)}`);
    }
    return equality(context, span, op, a, b);
  });
}

function equality(context: Context, span: Span, op: "==" | "!=", a: Value, b: Value): Value {
  const same = sameContent(context, a, b);
  if (same === "different types") {
    const message = `cannot compare ${describe(a)} with ${describe(b)}`;
    return fail(context, "CK0402", span, message);
  }
  return truth(same === undefined ? undefined : same === (op === "=="));
}

/** Whether two values of one type are equal; undefined while the run is unknown. */
function sameContent(
  context: Context,
  a: Value,
  b: Value,
): boolean | undefined | "different types" {
  if (a.kind === "strategy" && b.kind === "strategy") return sameStrategy(context, a.use, b.use);
  if (a.kind === "checkpoint" && b.kind === "checkpoint") return a.label === b.label;
  if (
    a.kind === "text" && b.kind === "text" || a.kind === "state" && b.kind === "state" ||
    a.kind === "truth" && b.kind === "truth"
  ) {
    return a.value === undefined || b.value === undefined ? undefined : a.value === b.value;
  }
  return "different types";
}

/** The same row of the registry, whichever its alias; options count when both sides have some. */
function sameStrategy({ vocabulary }: Context, a: StrategyUse, b: StrategyUse): boolean {
  const rowOf = (use: StrategyUse) =>
    findAnywhere(vocabulary, printName(use))?.name ?? printName(use);
  if (rowOf(a) !== rowOf(b)) return false;
  if (a.options === undefined || b.options === undefined) return true;
  return printObject(a.options) === printObject(b.options);
}

function numbers(
  context: Context,
  span: Span,
  op: Exclude<CompareOp, "in">,
  a: NumberValue,
  b: NumberValue,
  within: Value | undefined,
): Value {
  if (!sameDimension(a.dimension, b.dimension)) {
    const message = `cannot compare ${dimensionName(a.dimension)} with ${
      dimensionName(b.dimension)
    }`;
    return fail(context, "CK0401", span, message);
  }
  if (within !== undefined) return near(context, span, op, a, b, within);
  if (a.value === undefined || b.value === undefined) return truth();
  const order = rationals.compare(a.value, b.value);
  const holds = {
    "==": order === 0,
    "!=": order !== 0,
    "<": order < 0,
    "<=": order <= 0,
    ">": order > 0,
    ">=": order >= 0,
  };
  return truth(holds[op]);
}

/** The distance `within` allows: a percentage is one of the right side, the claimed value. */
export function tolerance(b: NumberValue, within: NumberValue): rationals.Rational | undefined {
  if (within.value === undefined || b.value === undefined) return undefined;
  return within.percent
    ? rationals.absolute(rationals.multiply(b.value, within.value))
    : within.value;
}

function near(
  context: Context,
  span: Span,
  op: CompareOp,
  a: NumberValue,
  b: NumberValue,
  within: Value,
): Value {
  if (within.kind === "error") return ERROR;
  if (op !== "==" && op !== "!=") {
    return fail(context, "CK0409", span, `'within' goes with == and !=, not with ${op}`);
  }
  if (within.kind !== "number") {
    const message = `'within' takes a percentage or a distance but found ${describe(within)}`;
    return fail(context, "CK0409", span, message);
  }
  if (!within.percent && !sameDimension(within.dimension, a.dimension)) {
    const message = `'within' takes a percentage or ${dimensionName(a.dimension)} but found ` +
      dimensionName(within.dimension);
    return fail(context, "CK0409", span, message);
  }
  const allowed = tolerance(b, within);
  if (a.value === undefined || b.value === undefined || allowed === undefined) return truth();
  const distance = rationals.absolute(rationals.subtract(a.value, b.value));
  return truth((rationals.compare(distance, allowed) <= 0) === (op === "=="));
}

function membership(context: Context, span: Span, left: Value, right: Value): Value {
  if (left.kind === "error" || right.kind === "error") return ERROR;
  if (left.kind === "list") {
    const items = left.items.map((item) => membership(context, span, item, right));
    return items.some((item) => item.kind === "error") ? ERROR : { kind: "list", items };
  }
  if (right.kind === "range") return inRange(context, span, left, right.low, right.high);
  if (right.kind !== "list") {
    const message = `'in' takes a range such as 1..5 or a list but found ${describe(right)}`;
    return fail(context, "CK0402", span, message);
  }
  const each = right.items.map((item) => comparison(context, span, "==", left, item));
  if (each.some((item) => item.kind === "error")) return ERROR;
  const known = each.filter((item): item is TruthValue => item.kind === "truth");
  if (known.some((item) => item.value === true)) return truth(true);
  return known.some((item) => item.value === undefined) ? truth() : truth(false);
}

function inRange(
  context: Context,
  span: Span,
  left: Value,
  low: NumberValue,
  high: NumberValue,
): Value {
  const above = comparison(context, span, ">=", left, low);
  if (above.kind !== "truth") return ERROR;
  const below = comparison(context, span, "<=", left, high);
  if (below.kind !== "truth") return ERROR;
  return both(above, below);
}

/** `a and b` with the run perhaps unknown. */
export function both(a: TruthValue, b: TruthValue): TruthValue {
  if (a.value === false || b.value === false) return truth(false);
  return a.value === undefined || b.value === undefined ? truth() : truth(true);
}

/** `low .. high` */
export function range(context: Context, span: Span, low: Value, high: Value): Value {
  if (low.kind === "error" || high.kind === "error") return ERROR;
  if (low.kind !== "number") return needNumber(context, span, low, "..");
  if (high.kind !== "number") return needNumber(context, span, high, "..");
  if (!sameDimension(low.dimension, high.dimension)) {
    const message = `a range from ${dimensionName(low.dimension)} to ${
      dimensionName(high.dimension)
    }`;
    return fail(context, "CK0401", span, message);
  }
  return { kind: "range", low, high };
}

/** A value where a condition is wanted: a list of truth values means all of them. */
export function condition(context: Context, span: Span, value: Value): TruthValue | undefined {
  if (value.kind === "truth") return value;
  if (value.kind === "list") {
    let all = truth(true);
    for (const item of value.items) {
      const one = condition(context, span, item);
      if (one === undefined) return undefined;
      all = both(all, one);
    }
    return all;
  }
  if (value.kind !== "error") {
    fail(context, "CK0403", span, `expected a condition but found ${describe(value)}`);
  }
  return undefined;
}
