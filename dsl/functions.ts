/** The built-in functions and names of expressions, as rows. */
import { type Context, fail } from "./context.ts";
import { arithmetic, comparison } from "./operate.ts";
import * as rationals from "./rational.ts";
import type { Rational } from "./rational.ts";
import { daly, young } from "./interval.ts";
import type { Span } from "./source.ts";
import { LabError } from "../core/mod.ts";
import { sameDimension, TIME } from "./units.ts";
import { describe, ERROR, number, text, truth, type Value } from "./value.ts";

/** A function of expressions. */
export interface BuiltinFunction {
  readonly name: string;
  readonly usage: string;
  readonly help: string;
  readonly apply: (context: Context, span: Span, args: readonly Value[]) => Value;
}

/** A name of expressions that needs no declaration. */
export interface BuiltinName {
  readonly name: string;
  readonly help: string;
}

/** What a single list argument holds, or the arguments themselves. */
const items = (args: readonly Value[]): readonly Value[] =>
  args.length === 1 && args[0]?.kind === "list" ? args[0].items : args;

function fold(
  name: string,
  apply: (context: Context, span: Span, a: Value, b: Value) => Value,
): BuiltinFunction["apply"] {
  return (context, span, args) => {
    const [first, ...rest] = items(args);
    if (first === undefined) return fail(context, "CK0406", span, `${name} of nothing`);
    if (first.kind !== "number" && first.kind !== "error") {
      return fail(context, "CK0406", span, `${name} takes numbers but found ${describe(first)}`);
    }
    return rest.reduce((sum, item) => apply(context, span, sum, item), first);
  };
}

/** The one of two that a comparison prefers; an unknown one stays unknown. */
function better(op: "<" | ">"): (context: Context, span: Span, a: Value, b: Value) => Value {
  return (context, span, a, b) => {
    const order = comparison(context, span, op, a, b);
    if (order.kind !== "truth") return ERROR;
    if (order.value === undefined) {
      return a.kind === "number" ? number(undefined, a.dimension, a.percent) : ERROR;
    }
    return order.value ? a : b;
  };
}

function absolute(context: Context, span: Span, args: readonly Value[]): Value {
  const [given] = args;
  if (given?.kind === "error") return ERROR;
  if (args.length !== 1 || given?.kind !== "number") {
    return fail(context, "CK0406", span, "abs takes one number");
  }
  const value = given.value === undefined ? undefined : rationals.absolute(given.value);
  return number(value, given.dimension, given.percent);
}

function count(context: Context, span: Span, args: readonly Value[]): Value {
  let known: bigint | undefined = 0n;
  for (const item of items(args)) {
    if (item.kind === "error") return ERROR;
    if (item.kind !== "truth") {
      return fail(context, "CK0406", span, `count takes truth values but found ${describe(item)}`);
    }
    if (known !== undefined) {
      known = item.value === undefined ? undefined : known + (item.value ? 1n : 0n);
    }
  }
  return number(known === undefined ? undefined : rationals.rational(known));
}

/** `all` and `any`: the word that decides early is `decides`. */
const quantified =
  (name: string, decides: boolean): BuiltinFunction["apply"] => (context, span, args) => {
    let unknown = false;
    let decided = false;
    for (const item of items(args)) {
      if (item.kind === "error") return ERROR;
      if (item.kind !== "truth") {
        const message = `${name} takes truth values but found ${describe(item)}`;
        return fail(context, "CK0406", span, message);
      }
      unknown ||= item.value === undefined;
      decided ||= item.value === decides;
    }
    return decided ? truth(decides) : unknown ? truth() : truth(!decides);
  };

const distribution =
  (shape: "uniform" | "exponential", second: string): BuiltinFunction["apply"] =>
  (context, span, args) => {
    const [low, other] = args;
    if (args.some((arg) => arg.kind === "error")) return ERROR;
    if (args.length !== 2 || low?.kind !== "number" || other?.kind !== "number") {
      const message = `${shape} takes two numbers: ${shape}(low, ${second})`;
      return fail(context, "CK0406", span, message);
    }
    const order = comparison(context, span, "<=", low, other);
    if (order.kind !== "truth") return ERROR;
    if (order.value === false) {
      return fail(context, "CK0406", span, `${shape} takes a ${second} that is not below its low`);
    }
    return { kind: "distribution", shape, low, other };
  };

/** Of a cost and a mean time between failures, both times above 0. */
const interval =
  (name: string, apply: (cost: Rational, mtbf: Rational) => Rational): BuiltinFunction["apply"] =>
  (context, span, args) => {
    const [cost, mtbf] = args;
    if (args.some((arg) => arg.kind === "error")) return ERROR;
    const isTime = (arg: Value | undefined) =>
      arg?.kind === "number" && sameDimension(arg.dimension, TIME);
    if (args.length !== 2 || !isTime(cost) || !isTime(mtbf)) {
      const message = `${name} takes two times: ${name}(cost, mtbf)`;
      return fail(context, "CK0406", span, message);
    }
    const [c, m] = args.map((arg) => arg.kind === "number" ? arg.value : undefined);
    if (c === undefined || m === undefined) return number(undefined, TIME);
    if (c.top <= 0n || m.top <= 0n) {
      return fail(context, "CK0406", span, `${name} takes times above 0`);
    }
    return number(apply(c, m), TIME);
  };

function restored(context: Context, span: Span, args: readonly Value[]): Value {
  const [given] = args;
  if (given?.kind === "error") return ERROR;
  if (args.length !== 1 || given?.kind !== "checkpoint") {
    return fail(context, "CK0406", span, "restored takes one checkpoint");
  }
  const lab = context.lab(given.view);
  if (lab === undefined) return text("state");
  if (given.label === undefined) {
    return fail(context, "CK0412", span, "no checkpoint is committed yet");
  }
  try {
    return text("state", lab.restoredState(given.label));
  } catch (error) {
    if (error instanceof LabError) return fail(context, "CK0412", span, error.message);
    throw error;
  }
}

/** The functions of expressions. */
export const FUNCTIONS: readonly BuiltinFunction[] = [
  {
    name: "sum",
    usage: "sum(list)",
    help: "All of them added; sum(p.run_time) over an array, or sum(a, b, c).",
    apply: fold("sum", (context, span, a, b) => arithmetic(context, span, "+", a, b)),
  },
  {
    name: "min",
    usage: "min(list)",
    help: "The smallest of a list or of the arguments.",
    apply: fold("min", better("<")),
  },
  {
    name: "max",
    usage: "max(list)",
    help: "The largest of a list or of the arguments.",
    apply: fold("max", better(">")),
  },
  { name: "abs", usage: "abs(number)", help: "The number without its sign.", apply: absolute },
  {
    name: "count",
    usage: "count(list)",
    help: "How many of the truth values are true; count(p.exited) over an array.",
    apply: count,
  },
  {
    name: "all",
    usage: "all(list)",
    help: "Whether each of the truth values is true; all(p.exited) over an array.",
    apply: quantified("all", false),
  },
  {
    name: "any",
    usage: "any(list)",
    help: "Whether one of the truth values is true; any(p.exited) over an array.",
    apply: quantified("any", true),
  },
  {
    name: "uniform",
    usage: "uniform(low, high)",
    help: "A time drawn anew each time, each between the two equally likely; for channels.",
    apply: distribution("uniform", "high"),
  },
  {
    name: "exponential",
    usage: "exponential(low, mean)",
    help: "A time drawn anew each time: low and a tail, so that the mean is as given.",
    apply: distribution("exponential", "mean"),
  },
  {
    name: "young",
    usage: "young(cost, mtbf)",
    help:
      "How often to checkpoint, after Young: of what one costs and the mean time between failures.",
    apply: interval("young", young),
  },
  {
    name: "daly",
    usage: "daly(cost, mtbf)",
    help: "The same after Daly, also where failures are nearly as frequent as checkpoints.",
    apply: interval("daly", daly),
  },
  {
    name: "restored",
    usage: "restored(checkpoint)",
    help: "The state a restart from the checkpoint would begin with; compared with == and !=.",
    apply: restored,
  },
];

/** The names of expressions that need no declaration. */
export const NAMES: readonly BuiltinName[] = [
  { name: "time", help: "Virtual time since the start of the cell." },
  { name: "latest", help: "The newest committed checkpoint." },
  { name: "cluster", help: 'The whole run: cluster.messages, cluster.sent("ACK").' },
  {
    name: "undisturbed",
    help:
      "The twin run: same seed and workload, no checkpoint, no fault. Simulated when mentioned.",
  },
];
