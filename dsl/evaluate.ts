/** Evaluates expressions: with the run unknown to check a script, with labs to judge a run. */
import type { Expr, StrategyUse, Word } from "./ast.ts";
import { type Context, fail } from "./context.ts";
import { FUNCTIONS, NAMES } from "./functions.ts";
import { arithmetic, comparison, condition, negative, range } from "./operate.ts";
import { printName } from "./print.ts";
import * as rationals from "./rational.ts";
import { type Meant, Scope } from "./scope.ts";
import type { Span } from "./source.ts";
import { nearest } from "./suggest.ts";
import { readMetric } from "./read_metric.ts";
import { readMeasure, TIME } from "./units.ts";
import {
  describe,
  ERROR,
  HERE,
  number,
  text,
  truth,
  UNDISTURBED,
  type Value,
  type View,
} from "./value.ts";
import { findAnywhere, namesOf, ROLES } from "./vocabulary.ts";

type Of<K extends Expr["kind"]> = Extract<Expr, { kind: K }>;

/** The value of an expression; what is wrong with it goes to `context.report`. */
export function evaluate(context: Context, expr: Expr): Value {
  const { work } = context;
  work.root ??= expr.span;
  if (work.left-- <= 0) {
    // Reported once, for the expression that was asked for: from then on everything is silent.
    if (work.left < -1) return ERROR;
    return fail(context, "CK0410", work.root, "this expression takes too much work to evaluate");
  }
  try {
    return dispatch(context, expr);
  } catch (error) {
    if (!(error instanceof rationals.NumberTooLarge)) throw error;
    return fail(context, "CK0410", expr.span, "the number grows beyond 2^2048");
  }
}

function dispatch(context: Context, expr: Expr): Value {
  switch (expr.kind) {
    case "number":
      return literal(context, expr);
    case "text":
      return text("text", expr.value);
    case "truth":
      return truth(expr.value);
    case "all":
      return fail(context, "CK0403", expr.span, "'all' names targets; it is no value here");
    case "name":
      return name(context, expr);
    case "use":
      return { kind: "strategy", use: strategyOf(expr) };
    case "object":
      return { kind: "object", object: expr };
    case "list":
      return list(context, expr);
    case "group":
      return evaluate(context, expr.inner);
    case "or":
    case "and":
      return connective(context, expr);
    case "not":
      return negation(context, expr);
    case "negate":
      return negative(context, expr.span, evaluate(context, expr.inner));
    case "compare":
      return compared(context, expr);
    case "range":
      return range(
        context,
        expr.span,
        evaluate(context, expr.low),
        evaluate(context, expr.high),
      );
    case "sum":
    case "product":
      return expr.rest.reduce(
        (left, { op, term }) => arithmetic(context, expr.span, op, left, evaluate(context, term)),
        evaluate(context, expr.first),
      );
    case "member":
      return member(context, expr);
    case "index":
      return indexed(context, expr);
    case "call":
      return call(context, expr);
  }
}

/** A number is read once, however many cells and ticks ask for it. */
const MEASURES = new WeakMap<Of<"number">, ReturnType<typeof readMeasure>>();

function literal(context: Context, expr: Of<"number">): Value {
  const read = MEASURES.get(expr) ?? readMeasure(expr.text);
  MEASURES.set(expr, read);
  if ("problem" in read) return fail(context, "CK0103", expr.span, read.problem, read.suggestion);
  return number(read.value, read.dimension, read.percent);
}

function list(context: Context, expr: Of<"list">): Value {
  const items = expr.items.map((item) => evaluate(context, item));
  if (items.some((item) => item.kind === "error")) return ERROR;
  const odd = items.findIndex((item) => item.kind !== items[0]?.kind);
  if (odd > 0) {
    const span = expr.items[odd]?.span ?? expr.span;
    const [first, other] = [items[0] ?? ERROR, items[odd] ?? ERROR];
    const message = `a list holds values of one type, but ${describe(other)} follows ` +
      describe(first);
    return fail(context, "CK0403", span, message);
  }
  return { kind: "list", items };
}

/** Both sides are always checked; while running, the first that decides ends it. */
function connective(context: Context, expr: Of<"or" | "and">): Value {
  const decides = expr.kind === "or";
  let unknown = false;
  let wrong = false;
  let decided = false;
  for (const term of expr.terms) {
    const value = condition(context, term.span, evaluate(context, term));
    if (value === undefined) wrong = true;
    else if (value.value === undefined) unknown = true;
    else if (value.value === decides) {
      decided = true;
      if (context.lab(HERE) !== undefined) break;
    }
  }
  if (wrong) return ERROR;
  return decided ? truth(decides) : unknown ? truth() : truth(!decides);
}

function negation(context: Context, expr: Of<"not" | "negate">): Value {
  const value = condition(context, expr.inner.span, evaluate(context, expr.inner));
  if (value === undefined) return ERROR;
  return truth(value.value === undefined ? undefined : !value.value);
}

function compared(context: Context, expr: Of<"compare">): Value {
  const left = evaluate(context, expr.left);
  const right = evaluate(context, expr.right);
  const within = expr.within === undefined ? undefined : evaluate(context, expr.within);
  if (within !== undefined && expr.op === "in") {
    return fail(context, "CK0409", expr.span, "'within' goes with == and !=, not with in");
  }
  return comparison(context, expr.span, expr.op, left, right, within);
}

function name(context: Context, expr: Of<"name">): Value {
  const found = context.scope.find(expr.name);
  if (found !== undefined) return meant(context, expr.name, found.meant, expr.span, HERE);
  const builtin = builtinName(context, expr.name, expr.span, HERE);
  if (builtin !== undefined) return builtin;
  if (findAnywhere(context.vocabulary, expr.name) !== undefined) {
    const word = { text: expr.name, span: expr.span };
    return { kind: "strategy", use: { name: word, span: expr.span } };
  }
  const isFunction = FUNCTIONS.some((row) => row.name === expr.name);
  const message = isFunction ? `'${expr.name}' is a function` : `unknown name '${expr.name}'`;
  const meantName = isFunction ? undefined : nearest(expr.name, visible(context));
  return fail(context, "CK0301", expr.span, message, meantName);
}

const visible = (context: Context): readonly string[] => [
  ...context.scope.names(),
  ...NAMES.map((row) => row.name),
  ...FUNCTIONS.map((row) => row.name),
  ...ROLES.flatMap((role) => namesOf(context.vocabulary, role)),
];

function builtinName(context: Context, given: string, span: Span, view: View): Value | undefined {
  if (given === "time") {
    context.uses.time = true;
    const now = context.lab(view)?.now;
    return number(now === undefined ? undefined : rationals.fromNumber(now), TIME);
  }
  if (given === "latest") {
    context.uses.here ||= view === HERE;
    const label = context.lab(view)?.committed.at(-1);
    return label === undefined ? { kind: "checkpoint", view } : { kind: "checkpoint", label, view };
  }
  if (given === "cluster") {
    context.uses.here ||= view === HERE;
    return { kind: "cluster", view };
  }
  if (given === UNDISTURBED && view === HERE) {
    if (context.where !== "claim") return hidden(context, span, "the undisturbed twin");
    context.uses.undisturbed = true;
    return { kind: "world", view: UNDISTURBED };
  }
  return undefined;
}

const hidden = (context: Context, span: Span, what: string): Value =>
  fail(context, "CK0411", span, `a ${WHERE[context.where]} cannot look at ${what}`);

const WHERE = {
  setup: "setup value",
  condition: "condition",
  monitor: "claim about every tick",
  claim: "claim",
} as const;

/** What a declared name is worth, in one view. */
function meant(context: Context, given: string, what: Meant, span: Span, view: View): Value {
  switch (what.kind) {
    case "value":
      return what.value;
    case "doubtful":
      return ERROR;
    case "let":
      if (what.params !== undefined) {
        return fail(context, "CK0406", span, `'${given}' is a function; call it with arguments`);
      }
      return inside(context, given, what, span, what.scope);
    case "plugin": {
      const message = `'${given}' is a plugin; name what is in it, as ${given}.snapshot`;
      return fail(context, "CK0306", span, message);
    }
    case "alternative":
      if (context.where !== "claim") return hidden(context, span, `the alternative '${given}'`);
      return { kind: "world", view: given };
    case "checkpoint":
      if (view === UNDISTURBED) {
        return hidden(context, span, "a checkpoint of the undisturbed twin");
      }
      context.uses.here ||= view === HERE;
      return { kind: "checkpoint", label: given, view };
    case "node":
      return members(what, (member) => ({ kind: "node", name: member }));
    case "process":
      context.uses.here ||= view === HERE;
      return members(what, (member) => ({ kind: "process", name: member, view }));
  }
}

function members(what: Extract<Meant, { array: boolean }>, of: (name: string) => Value): Value {
  const items = what.members().map(of);
  return what.array ? { kind: "list", items } : items[0] ?? ERROR;
}

/** Lets within lets; each may nest brackets, and the stack has an end. */
const NESTING = 32;

/** Evaluates the body of a let in its own scope; a circle is the script's mistake. */
function inside(
  context: Context,
  given: string,
  what: Extract<Meant, { kind: "let" }>,
  span: Span,
  scope: Scope,
): Value {
  if (context.active.has(what)) {
    return fail(context, "CK0308", span, `'${given}' needs itself`);
  }
  if (context.active.size >= NESTING) {
    return fail(context, "CK0410", span, `lets need each other more than ${NESTING} deep`);
  }
  const active = new Set([...context.active, what]);
  return evaluate({ ...context, scope, active }, what.body);
}

const strategyOf = ({ name, member, object, span }: Of<"use">): StrategyUse => ({
  name,
  span,
  options: object,
  ...(member === undefined ? {} : { member }),
});

const isPlugin = (context: Context, given: string): boolean =>
  context.scope.find(given)?.meant.kind === "plugin";

function member(context: Context, expr: Of<"member">): Value {
  const { of } = expr;
  const alias = of.kind === "name" ? of.name : of.kind === "member" ? of.name.text : "";
  if (context.scope.find(alias)?.meant.kind === "doubtful") return ERROR;
  if (of.kind === "name" && isPlugin(context, of.name)) {
    const use = { name: { text: of.name, span: of.span }, member: expr.name, span: expr.span };
    if (findAnywhere(context.vocabulary, printName(use)) !== undefined) {
      return { kind: "strategy", use };
    }
    const known = ROLES.flatMap((role) => namesOf(context.vocabulary, role));
    const message = `the plugin '${of.name}' has no '${expr.name.text}'`;
    return fail(context, "CK0303", expr.span, message, nearest(printName(use), known));
  }
  if (of.kind === "member" && isPlugin(context, of.name.text)) {
    const asked = { text: `${of.name.text}.${expr.name.text}`, span: expr.span };
    return memberOf(context, asked, evaluate(context, of.of));
  }
  return memberOf(context, expr.name, evaluate(context, expr.of));
}

/** `of.name`, or with arguments `of.name(…)`: of every item of a list. */
function memberOf(context: Context, asked: Word, of: Value, given?: readonly Value[]): Value {
  switch (of.kind) {
    case "error":
      return ERROR;
    case "list": {
      const items = of.items.map((item) => memberOf(context, asked, item, given));
      return items.some((item) => item.kind === "error") ? ERROR : { kind: "list", items };
    }
    case "world":
      return given === undefined ? memberOfWorld(context, asked, of.view) : fail(
        context,
        "CK0406",
        asked.span,
        `'${asked.text}' of a run takes no arguments`,
      );
    case "process":
    case "checkpoint":
    case "cluster":
      return readMetric(context, of, asked, given);
    default:
      return fail(context, "CK0305", asked.span, `${describe(of)} has no '${asked.text}'`);
  }
}

/** What a name means in another run than the one that is looked from. */
function memberOfWorld(context: Context, { text: asked, span }: Word, view: View): Value {
  const found = context.scope.find(asked);
  const inView = found === undefined || found.meant.kind === "let"
    ? builtinName(context, asked, span, view)
    : IN_RUNS.includes(found.meant.kind)
    ? meant(context, asked, found.meant, span, view)
    : undefined;
  if (inView !== undefined) return inView;
  const known = context.scope.names().filter((name) =>
    ["process", "checkpoint"].includes(context.scope.find(name)?.meant.kind ?? "")
  );
  const message = `'${view}' has no process or checkpoint '${asked}'`;
  return fail(context, "CK0301", span, message, nearest(asked, known));
}

/** Kinds of names that mean something in each run. */
const IN_RUNS: readonly Meant["kind"][] = ["process", "checkpoint", "node", "doubtful"];

function indexed(context: Context, expr: Of<"index">): Value {
  const of = evaluate(context, expr.of);
  const index = evaluate(context, expr.index);
  if (of.kind === "error" || index.kind === "error") return ERROR;
  if (of.kind !== "list") {
    return fail(context, "CK0403", expr.of.span, `${describe(of)} is no array`);
  }
  return of.items[indexIn(context, expr.index.span, index, of.items.length) ?? -1] ?? ERROR;
}

/** A whole number below `length`, or a report. */
export function indexIn(
  context: Context,
  span: Span,
  index: Value,
  length: number,
): number | undefined {
  if (index.kind === "error") return undefined;
  if (index.kind !== "number") {
    fail(context, "CK0403", span, `an index is a number but found ${describe(index)}`);
    return undefined;
  }
  if (index.value === undefined) return 0;
  const at = rationals.toNumber(index.value);
  if (Number.isInteger(at) && at >= 0 && at < length) return at;
  fail(context, "CK0405", span, `index ${at} is outside 0..${length - 1}`);
  return undefined;
}

/** What is called: `all` and `any` are words of targets, too. */
const calleeOf = (of: Expr): string | undefined =>
  of.kind === "name" ? of.name : of.kind === "all" ? "all" : undefined;

function call(context: Context, expr: Of<"call">): Value {
  if (expr.of.kind === "member") {
    const subject = evaluate(context, expr.of.of);
    const args = expr.args.map((arg) => evaluate(context, arg));
    if (args.some((arg) => arg.kind === "error")) return ERROR;
    return memberOf(context, { text: expr.of.name.text, span: expr.span }, subject, args);
  }
  const callee = calleeOf(expr.of);
  if (callee === undefined) {
    for (const arg of expr.args) evaluate(context, arg);
    return fail(context, "CK0406", expr.span, "only a name or a metric can be called");
  }
  const args = expr.args.map((arg) => evaluate(context, arg));
  const found = context.scope.find(callee)?.meant;
  if (found?.kind === "doubtful") return ERROR;
  if (found?.kind === "let" && found.params !== undefined) {
    if (args.length !== found.params.length) {
      const message = `'${callee}' takes ${found.params.length} arguments but found ${args.length}`;
      return fail(context, "CK0406", expr.span, message);
    }
    if (args.some((arg) => arg.kind === "error")) return ERROR;
    const scope = new Scope(found.scope);
    found.params.forEach((param, i) => {
      scope.bind(param.text, { kind: "value", value: args[i] ?? ERROR });
    });
    return inside(context, callee, found, expr.span, scope);
  }
  const row = found === undefined ? FUNCTIONS.find((one) => one.name === callee) : undefined;
  if (row !== undefined) return row.apply(context, expr.span, args);
  const functions = FUNCTIONS.map((one) => one.name);
  const message = found === undefined
    ? `unknown function '${callee}'`
    : `'${callee}' is no function`;
  return fail(context, "CK0301", expr.of.span, message, nearest(callee, functions));
}
