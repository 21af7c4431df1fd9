/** Objects of a script against option tables: names, types, units, bounds, each in its place. */
import {
  type Distribution,
  type Option,
  optionProblem,
  type OptionTable,
  type OptionValue,
  type OptionValues,
  type Quantity,
} from "../core/mod.ts";
import type { Expr, ObjectExpr } from "./ast.ts";
import type { Draft } from "./draft.ts";
import type { Scope } from "./scope.ts";
import { nearest } from "./suggest.ts";
import { format, formatNs, fromEngine, toEngine, WRITTEN } from "./units.ts";
import { describe, measureOf, type Value } from "./value.ts";
import { written } from "./vocabulary.ts";

type Read = { readonly value: OptionValue } | { readonly problem: string };

/** The quantity of an option, when it is a number. */
const quantityOf = (option: Option): Quantity | undefined =>
  option.type === "text" || option.type === "truth" || option.type === "texts" ||
    option.type === "times"
    ? undefined
    : option.type;

/** How a default or bound is written in a script. */
export function showOption(option: Option, value: OptionValue = option.default): string {
  const quantity = quantityOf(option);
  if (quantity !== undefined && typeof value === "number") {
    return format(fromEngine(value, quantity));
  }
  if (option.type === "times") return showDistribution(value as Distribution);
  return typeof value === "string" || Array.isArray(value) ? JSON.stringify(value) : String(value);
}

/** What an option accepts, for messages and the reference. */
export function describeOption(option: Option): string {
  if (option.type === "text") {
    return option.choices === undefined ? "a text" : `one of ${option.choices.join(", ")}`;
  }
  if (option.type === "truth") return "true or false";
  if (option.type === "texts") return "a list of texts";
  if (option.type === "times") return TIMES;
  return WRITTEN[option.type];
}

function readNumber(option: Option & { type: Quantity }, value: Value): Read {
  const measure = value.kind === "number" ? measureOf(value) : undefined;
  if (measure === undefined) {
    return { problem: `expected ${WRITTEN[option.type]} but found ${describe(value)}` };
  }
  const read = toEngine(measure, option.type);
  if (typeof read !== "number") return read;
  if (option.min !== undefined && read < option.min) {
    const least = showOption(option, option.min);
    return { problem: `expected at least ${least} but found ${format(measure)}` };
  }
  if (option.max !== undefined && read > option.max) {
    const most = showOption(option, option.max);
    return { problem: `expected at most ${most} but found ${format(measure)}` };
  }
  return { value: read };
}

const TIMES = "a time such as 50us, a range such as 50us..200us, uniform(low, high), " +
  "exponential(low, mean) or a list of times";

/** How a distribution is written in a script. */
function showDistribution(given: Distribution): string {
  switch (given.shape) {
    case "constant":
      return formatNs(given.value);
    case "uniform":
      return `${formatNs(given.low)}..${formatNs(given.high)}`;
    case "exponential":
      return `exponential(${formatNs(given.low)}, ${formatNs(given.mean)})`;
    case "script":
      return `[${given.values.map(formatNs).join(", ")}]`;
  }
}

/** Some times in ns, or what is wrong with the first that is none. */
function readTimes(values: readonly Value[]): readonly number[] | { readonly problem: string } {
  const times: number[] = [];
  for (const value of values) {
    const measure = value.kind === "number" ? measureOf(value) : undefined;
    const read = measure === undefined
      ? { problem: `expected ${TIMES} but found ${describe(value)}` }
      : toEngine(measure, "time");
    if (typeof read !== "number") return read;
    times.push(read);
  }
  return times;
}

function readDistribution(option: Option & { type: "times" }, value: Value): Read {
  const parts = value.kind === "list"
    ? value.items
    : value.kind === "range"
    ? [value.low, value.high]
    : value.kind === "distribution"
    ? [value.low, value.other]
    : [value];
  const times = readTimes(parts);
  if ("problem" in times) return times;
  const [first, second = first] = times;
  if (first === undefined || second === undefined) {
    return { problem: "a list of times holds at least one" };
  }
  if (value.kind === "range" && second < first) {
    return { problem: `the range ${formatNs(first)}..${formatNs(second)} is empty` };
  }
  const read: Distribution = value.kind === "list"
    ? { shape: "script", values: times }
    : value.kind === "number"
    ? { shape: "constant", value: first }
    : value.kind === "distribution" && value.shape === "exponential"
    ? { shape: "exponential", low: first, mean: second }
    : { shape: "uniform", low: first, high: second };
  const lowest = value.kind === "list" ? Math.min(...times) : first;
  if (option.min !== undefined && lowest < option.min) {
    const wanted = formatNs(option.min);
    return { problem: `expected at least ${wanted} but found ${formatNs(lowest)}` };
  }
  return { value: read };
}

/** A value as an option takes it, or what is wrong with it. */
export function readPlain(option: Option, value: Value): Read {
  if (option.type === "times") return readDistribution(option, value);
  if (quantityOf(option) !== undefined) {
    return readNumber(option as Option & { type: Quantity }, value);
  }
  const plain = value.kind === "text" || value.kind === "truth"
    ? value.value
    // The label of a checkpoint, where a text names one.
    : value.kind === "checkpoint" && option.type === "text" && option.choices === undefined
    ? value.label ?? ""
    : value.kind === "list"
    ? value.items.map((item) => item.kind === "text" ? item.value : undefined)
    : undefined;
  const wanted = describeOption(option);
  if (plain === undefined || Array.isArray(plain) && plain.includes(undefined)) {
    return { problem: `expected ${wanted} but found ${describe(value)}` };
  }
  const problem = optionProblem(option, plain);
  if (problem === undefined) return { value: plain as OptionValue };
  const known = option.type === "text" && typeof plain === "string"
    ? nearest(plain, option.choices ?? [])
    : undefined;
  const meant = known === undefined ? "" : `; did you mean "${known}"?`;
  const found = typeof plain === "string" ? JSON.stringify(plain) : describe(value);
  return { problem: `expected ${wanted} but found ${found}${meant}` };
}

/** A bare word among a text option's choices stands for the text. */
function readWord(draft: Draft, choices: readonly string[], word: string): Read {
  if (choices.includes(word)) return { value: word };
  const known = nearest(word, [...choices, ...draft.declared(["let"])]);
  const meant = known === undefined ? "" : `; did you mean ${known}?`;
  return { problem: `expected one of ${choices.join(", ")} but found ${word}${meant}` };
}

function readOption(draft: Draft, option: Option, expr: Expr, scope: Scope): Read | undefined {
  if (expr.kind === "name" && option.type === "text" && option.choices !== undefined) {
    const isUnknown = scope.find(expr.name) === undefined;
    if (isUnknown) return readWord(draft, option.choices, expr.name);
  }
  const value = draft.constant(expr, scope);
  return value === undefined ? undefined : readPlain(option, value);
}

/**
 * Takes the pairs out of an object whose values are no options: they come back by key, and the object
 * without them. A key that is neither one of them nor an option of the table is reported here.
 */
export function takePairs(
  draft: Draft,
  object: ObjectExpr,
  owner: string,
  taken: readonly string[],
  table: OptionTable,
): { readonly taken: ReadonlyMap<string, Expr>; readonly rest: ObjectExpr } {
  const found = new Map<string, Expr>();
  const pairs: ObjectExpr["pairs"][number][] = [];
  const options = Object.keys(table).map(written);
  for (const pair of object.pairs) {
    const { key, value } = pair;
    if (options.includes(key.text)) pairs.push(pair);
    else if (!taken.includes(key.text)) {
      const message = `${owner} has no option '${key.text}'`;
      draft.report("CK0304", key.span, message, nearest(key.text, [...taken, ...options]));
    } else if (found.has(key.text)) {
      draft.report("CK0302", key.span, `option '${key.text}' is given twice`);
    } else found.set(key.text, value);
  }
  return { taken: found, rest: { ...object, pairs } };
}

/** The values of a table as an object gives them; what it leaves out is the base or the default. */
export function readObject<T extends OptionTable>(
  draft: Draft,
  table: T,
  object: ObjectExpr | undefined,
  owner: string,
  scope: Scope = draft.scope,
  base: Readonly<Record<string, unknown>> = {},
): OptionValues<T> {
  const values: Record<string, unknown> = {};
  const byWritten = new Map(Object.keys(table).map((name) => [written(name), name]));
  for (const [name, option] of Object.entries(table)) values[name] = base[name] ?? option.default;
  const seen = new Set<string>();
  for (const { key, value } of object?.pairs ?? []) {
    const name = byWritten.get(key.text);
    const option = name === undefined ? undefined : table[name];
    if (name === undefined || option === undefined) {
      const message = `${owner} has no option '${key.text}'`;
      draft.report("CK0304", key.span, message, nearest(key.text, byWritten.keys()));
      continue;
    }
    if (seen.has(name)) {
      draft.report("CK0302", key.span, `option '${key.text}' is given twice`);
      continue;
    }
    seen.add(name);
    draft.note(key.span, { kind: "option", name, option });
    const read = readOption(draft, option, value, scope);
    if (read === undefined) continue;
    if ("value" in read) values[name] = read.value;
    else draft.report("CK0404", value.span, `option '${key.text}': ${read.problem}`);
  }
  return values as OptionValues<T>;
}
