/** Judges the claims of a cell when its worlds have ended, and says why one does not hold. */
import { type Lab, StrategyError } from "../core/mod.ts";
import type { CompareExpr, Expr } from "./ast.ts";
import { type Context, contextOf, NoValue } from "./context.ts";
import { evaluate } from "./evaluate.ts";
import { condition, tolerance } from "./operate.ts";
import type { Claim, Plan } from "./plan.ts";
import { printExpr } from "./print.ts";
import * as rationals from "./rational.ts";
import type { Judged } from "./monitor.ts";
import type { ClaimResult } from "./results.ts";
import { sidesOf } from "./sides.ts";
import { HERE, number, show, type Value, type View } from "./value.ts";

type Detail = readonly [string, string];

/** The labs of a cell by view. */
export type Labs = ReadonlyMap<View, Lab>;

/** What claims about every tick came to while the worlds ran. */
export type Monitored = ReadonlyMap<View, ReadonlyMap<Claim, Judged>>;

/** What an expression is evaluated in when the worlds of a cell have ended. */
export function claimContext(plan: Plan, labs: Labs, here: View): Context {
  return contextOf({
    vocabulary: plan.vocabulary,
    scope: plan.scope,
    where: "claim",
    lab: (view) => labs.get(view === HERE ? here : view),
    report: (item) => {
      throw new NoValue(item);
    },
  });
}

/** Judges every claim: once, or in each alternative when it looks at the run it stands in. */
export function judge(
  plan: Plan,
  labs: Labs,
  monitored: Monitored,
): readonly ClaimResult[] {
  return plan.claims.flatMap((claim) => {
    const views = viewsOf(plan, claim);
    return views.map((view) => {
      const alternative = views.length > 1 ? view : undefined;
      const already = monitored.get(view)?.get(claim);
      if (already !== undefined) return { ...about(claim, alternative), ...already };
      const context = claimContext(plan, labs, view);
      return { ...about(claim, alternative), ...judgeClaim(claim, context) };
    });
  });
}

/** The worlds something is looked at in: each alternative, where it names none itself. */
export function viewsOf({ alternatives }: Plan, { here }: { here: boolean }): readonly View[] {
  const [first, ...others] = alternatives.map(({ name }) => name);
  return first === undefined ? [HERE] : here ? [first, ...others] : [first];
}

/** The claim as results name it. */
const about = (claim: Claim, alternative: View | undefined) => ({
  law: claim.law,
  ...(claim.how === undefined ? {} : { how: claim.how }),
  span: claim.span,
  text: claim.text,
  ...(claim.title === undefined ? {} : { title: claim.title }),
  ...(alternative === undefined ? {} : { alternative }),
  ...(claim.applies === undefined ? {} : { settled: true as const }),
});

function judgeClaim(claim: Claim, context: Context): Judged & Pick<ClaimResult, "left" | "right"> {
  try {
    if (claim.condition !== undefined && !isTrue(context, claim.condition)) {
      return { verdict: "skipped", details: [] };
    }
    const sides = sidesOf(context, claim.expr);
    if (isTrue(context, claim.expr)) return { verdict: "holds", details: [], ...sides };
    return { verdict: "failed", details: explain(context, claim.expr), ...sides };
  } catch (error) {
    // A metric of a plugin that breaks its contract.
    if (error instanceof StrategyError) {
      return { verdict: "broken", details: [["plugin", error.message]] };
    }
    if (!(error instanceof NoValue)) throw error;
    return { verdict: "unknown", details: [["no value", error.message]] };
  }
}

/** Whether a claim holds. Throws {@linkcode NoValue}. */
export const isTrue = (context: Context, expr: Expr): boolean =>
  condition(context, expr.span, evaluate(context, expr))?.value === true;

/** What decided: the failing part of an `and`, both sides of a comparison, the figures behind. */
export function explain(context: Context, expr: Expr): readonly Detail[] {
  if (expr.kind === "group") return explain(context, expr.inner);
  if (expr.kind === "and") {
    const failing = expr.terms.find((term) => !isTrue(context, term));
    return failing === undefined ? [] : explain(context, failing);
  }
  if (expr.kind === "compare") return explainComparison(context, expr);
  const values = figures(context, expr);
  return values.length > 0 ? values.map(withFigure) : [["value", show(evaluate(context, expr))]];
}

const withFigure = ([text, shown]: Detail): Detail => ["with", `${text} = ${shown}`];

function explainComparison(context: Context, expr: CompareExpr): readonly Detail[] {
  const left = evaluate(context, expr.left);
  const right = evaluate(context, expr.right);
  // A ratio reads as a percentage when the other side was written as one.
  const percent = isPercent(left) || isPercent(right);
  const sides = [side("left", expr.left, left, percent), side("right", expr.right, right, percent)];
  const within = expr.within === undefined ? [] : [allowed(context, right, expr.within)];
  // The ends of a range are shown already.
  const sources = [expr.left, expr.right].filter((one) => one.kind !== "range");
  const behind = [...new Map(sources.flatMap((one) => figures(context, one)))]
    .filter(([text]) => text !== printExpr(expr.left) && text !== printExpr(expr.right));
  return [...sides, ...within, ...behind.map(withFigure)];
}

const isPercent = (value: Value): boolean =>
  value.kind === "number" && value.percent || value.kind === "range" && value.high.percent;

function side(label: string, expr: Expr, value: Value, percent: boolean): Detail {
  const plain = value.kind === "number" && percent
    ? number(value.value, value.dimension, true)
    : value;
  const [text, shown] = [printExpr(expr), show(plain)];
  return [label, text === shown ? text : `${text} = ${shown}`];
}

function allowed(context: Context, right: Value, within: Expr): Detail {
  const distance = evaluate(context, within);
  const text = `within ${printExpr(within)}`;
  if (right.kind !== "number" || distance.kind !== "number" || right.value === undefined) {
    return ["allowed", text];
  }
  const size = tolerance(right, distance);
  if (size === undefined) return ["allowed", text];
  const at = (value: rationals.Rational) => show(number(value, right.dimension, right.percent));
  const low = at(rationals.subtract(right.value, size));
  return ["allowed", `${low} .. ${at(rationals.add(right.value, size))} (${text})`];
}

/** Every metric and name an expression reads, with its value. */
function figures(context: Context, expr: Expr): readonly Detail[] {
  const found = new Map<string, string>();
  for (const leaf of leaves(expr)) {
    try {
      const value = evaluate(context, leaf);
      if (isFigure(value)) found.set(printExpr(leaf), show(value));
    } catch (error) {
      if (!(error instanceof NoValue)) throw error;
    }
  }
  return [...found];
}

/** What a reader wants to see: figures, not the things they were read from. */
const READ: ReadonlySet<Value["kind"]> = new Set(["number", "truth", "text", "state"]);

const isFigure = (value: Value): boolean =>
  value.kind === "list" ? value.items.every(isFigure) : READ.has(value.kind);

/** The parts of an expression that are read from the run. */
function leaves(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case "name":
    case "member":
    case "index":
      return [expr];
    case "call":
      return [...expr.args.flatMap(leaves), expr];
    case "group":
    case "not":
    case "negate":
      return leaves(expr.inner);
    case "or":
    case "and":
      return expr.terms.flatMap(leaves);
    case "compare":
      return [...leaves(expr.left), ...leaves(expr.right)];
    case "range":
      return [...leaves(expr.low), ...leaves(expr.high)];
    case "sum":
    case "product":
      return [expr.first, ...expr.rest.map(({ term }) => term)].flatMap(leaves);
    default:
      return [];
  }
}
