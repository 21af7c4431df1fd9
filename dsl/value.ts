/**
 * What an expression is worth. Before a run, what only the run will tell has a type but no content:
 * checking a script is evaluating it with the run unknown, so the two cannot disagree.
 */
import type { ObjectExpr, StrategyUse } from "./ast.ts";
import { printName } from "./print.ts";
import type { Rational } from "./rational.ts";
import { type Dimension, dimensionName, format, type Measure, PLAIN } from "./units.ts";

/** The world a process or checkpoint is looked at in: this one, the twin, or an alternative. */
export type View = string;

/** The world of the claim itself, and the twin without checkpoints and faults. */
export const HERE: View = "";
export const UNDISTURBED: View = "undisturbed";

/** A number; without `value` while the run is unknown. */
export interface NumberValue {
  readonly kind: "number";
  readonly dimension: Dimension;
  readonly percent: boolean;
  readonly value?: Rational;
}

/** A truth value; without `value` while the run is unknown. */
export interface TruthValue {
  readonly kind: "truth";
  readonly value?: boolean;
}

/** A text or a state digest; without `value` while the run is unknown. */
export interface TextValue {
  readonly kind: "text" | "state";
  readonly value?: string;
}

/** Any value. `error` was reported where it arose and is silent from then on. */
export type Value =
  | NumberValue
  | TruthValue
  | TextValue
  | { readonly kind: "error" }
  | { readonly kind: "list"; readonly items: readonly Value[] }
  | { readonly kind: "range"; readonly low: NumberValue; readonly high: NumberValue }
  /** `uniform(low, high)`, `exponential(low, mean)` */
  | {
    readonly kind: "distribution";
    readonly shape: "uniform" | "exponential";
    readonly low: NumberValue;
    /** The high end, or the mean. */
    readonly other: NumberValue;
  }
  | { readonly kind: "object"; readonly object: ObjectExpr }
  | { readonly kind: "strategy"; readonly use: StrategyUse }
  | { readonly kind: "node"; readonly name: string }
  | { readonly kind: "process"; readonly name: string; readonly view: View }
  /** Without a label: the newest one while the run is unknown, or none committed yet. */
  | { readonly kind: "checkpoint"; readonly label?: string; readonly view: View }
  /** The whole run, for its own metrics. */
  | { readonly kind: "cluster"; readonly view: View }
  | { readonly kind: "world"; readonly view: View };

export const ERROR: Value = { kind: "error" };

/** Truth values, known and unknown. */
export const truth = (value?: boolean): TruthValue =>
  value === undefined ? { kind: "truth" } : { kind: "truth", value };

/** A text or state, known or unknown. */
export const text = (kind: "text" | "state", value?: string): TextValue =>
  value === undefined ? { kind } : { kind, value };

/** A number of a dimension, known or unknown. */
export const number = (
  value: Rational | undefined,
  dimension: Dimension = PLAIN,
  percent = false,
): NumberValue =>
  value === undefined
    ? { kind: "number", dimension, percent }
    : { kind: "number", dimension, percent, value };

/** The measure of a known number. */
export const measureOf = (given: NumberValue): Measure | undefined =>
  given.value === undefined
    ? undefined
    : { value: given.value, dimension: given.dimension, percent: given.percent };

/** What a value is called in messages: "a time", "a text", "a list". */
export function describe(value: Value): string {
  switch (value.kind) {
    case "number":
      return dimensionName(value.dimension);
    case "truth":
      return "a truth value";
    case "object":
      return "an object";
    case "strategy":
      return `the name '${printName(value.use)}'`;
    case "world":
      return "a whole run";
    case "cluster":
      return "the cluster";
    case "error":
      return "nothing";
    default:
      return `a ${value.kind}`;
  }
}

/** True when nothing in the value waits for the run. */
export function isKnown(value: Value): boolean {
  switch (value.kind) {
    case "number":
    case "truth":
    case "text":
    case "state":
      return value.value !== undefined;
    case "list":
      return value.items.every(isKnown);
    case "range":
      return isKnown(value.low) && isKnown(value.high);
    case "distribution":
      return isKnown(value.low) && isKnown(value.other);
    default:
      return true;
  }
}

/** A value as a failing claim prints it. */
export function show(value: Value): string {
  switch (value.kind) {
    case "number": {
      const measure = measureOf(value);
      return measure === undefined ? "?" : format(measure);
    }
    case "truth":
      return value.value === undefined ? "?" : String(value.value);
    case "text":
      return value.value === undefined ? "?" : showText(value.value);
    case "state":
      return value.value ?? "?";
    case "list":
      return showList(value.items);
    case "range":
      return `${show(value.low)}..${show(value.high)}`;
    case "distribution":
      return `${value.shape}(${show(value.low)}, ${show(value.other)})`;
    case "node":
    case "process":
      return value.name;
    case "checkpoint":
      return value.label ?? "no checkpoint";
    case "world":
      return value.view;
    case "strategy":
      return printName(value.use);
    default:
      return value.kind;
  }
}

/** Long outputs are cut: a failure is read, not searched. */
function showText(value: string): string {
  const shown = JSON.stringify(value);
  return shown.length <= 72 ? shown : `${shown.slice(0, 60)}…" (${value.length} characters)`;
}

function showList(items: readonly Value[]): string {
  const shown = items.slice(0, 8).map(show);
  return `[${[...shown, ...items.length > 8 ? [`… ${items.length} in all`] : []].join(", ")}]`;
}
