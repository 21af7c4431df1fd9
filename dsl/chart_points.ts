/**
 * The points of a chart: what expressions are worth at the end of each cell of a scenario, and where
 * in the chart that belongs.
 */
import type { Expr } from "./ast.ts";
import { contextOf, NoValue } from "./context.ts";
import { type Diagnostic, headline } from "./diagnostic.ts";
import { evaluate } from "./evaluate.ts";
import { UsageError, withMeant } from "./flags.ts";
import type { Labs } from "./judge.ts";
import { parseExpression } from "./parse.ts";
import type { Plan } from "./plan.ts";
import * as rationals from "./rational.ts";
import { type Dimension, dimensionName, readMeasure, sameDimension } from "./units.ts";
import { describe, HERE, type View } from "./value.ts";

/** Which axes and columns of a scenario stand for what. */
export interface ChartAxes {
  readonly x: string;
  readonly series: readonly string[];
  readonly facet: string | undefined;
}

/** An expression to be drawn. */
export interface Curve {
  readonly text: string;
  readonly expr: Expr;
  readonly dimension: Dimension;
  readonly percent: boolean;
  /** It looks at the run it stands in, so that alternatives of compare differ. */
  readonly here: boolean;
}

/** One point. */
export interface Point {
  /** As the script has it. */
  readonly x: string;
  readonly series: string;
  readonly facet: string;
  /** In base units (ns, bytes, cycles). */
  readonly y: number;
}

/** What a written value of an axis is worth, in base units; nothing when it is no number. */
export function xMeasure(text: string): { value: number; dimension: Dimension } | undefined {
  const read = /^\d/.test(text) ? readMeasure(text) : { problem: "" };
  if ("problem" in read) return undefined;
  return { value: rationals.toNumber(read.value), dimension: read.dimension };
}

/** Names of the axes and columns of a plan. */
const namesOf = (plan: Plan): readonly string[] => plan.row.map(([name]) => name);

/** What `name` is in a cell; empty without a name. */
const at = (plan: Plan, name: string | undefined): string =>
  plan.row.find(([each]) => each === name)?.[1] ?? "";

/** The same as it is shown: a text without its quotes. */
const shownAt = (plan: Plan, name: string | undefined): string =>
  at(plan, name).replace(/^"(.*)"$/s, "$1");

/** The axes the user means. Throws `UsageError`. */
export function readAxes(
  plans: readonly Plan[],
  given: {
    readonly x: string | undefined;
    readonly series: readonly string[];
    readonly facet: string | undefined;
  },
): ChartAxes {
  const [first] = plans;
  const known = first === undefined ? [] : namesOf(first);
  if (known.length === 0) {
    throw new UsageError("a chart needs a scenario with a matrix or cases: it has one point only");
  }
  const check = (flag: string, name: string) => {
    if (known.includes(name)) return name;
    const message = `--${flag}: no axis or column is called '${name}'; there are ${
      known.join(", ")
    }`;
    throw new UsageError(withMeant(message, name, known));
  };
  const { facet } = given;
  const series = given.series.map((name) => check("series", name));
  if (facet !== undefined) check("facet", facet);
  const [alone, ...others] = known.filter((name) => name !== facet && !series.includes(name));
  if (given.x === undefined && (alone === undefined || others.length > 0)) {
    throw new UsageError(`name the axis the chart goes along by --x: ${known.join(", ")}`);
  }
  const x = check("x", given.x ?? alone ?? "");
  const twice = [...series, ...facet === undefined ? [] : [facet]].find((name) => name === x);
  if (twice !== undefined) throw new UsageError(`'${x}' stands for --x already; name another`);
  return { x, series, facet };
}

/** Reads and checks the expressions of `--y` as a claim would. Throws `UsageError`. */
export function readCurves(
  texts: readonly string[],
  plan: Plan,
): { readonly curves: readonly Curve[]; readonly twin: boolean } {
  let twin = false;
  const curves = texts.map((text): Curve => {
    const refused = (why: string) => new UsageError(`--y ${text}: ${why}`);
    const { expr, diagnostics } = parseExpression(text, "--y");
    const found: Diagnostic[] = [...diagnostics];
    if (expr === undefined) throw refused(found[0] === undefined ? "no value" : headline(found[0]));
    const context = contextOf({
      vocabulary: plan.vocabulary,
      scope: plan.scope,
      where: "claim",
      report: (item) => void found.push(item),
    });
    const value = evaluate(context, expr);
    const [problem] = found;
    if (problem !== undefined) throw refused(headline(problem));
    if (value.kind !== "number") {
      throw refused(`a chart shows numbers, and this is ${describe(value)}`);
    }
    twin ||= context.uses.undisturbed;
    const { dimension, percent } = value;
    return { text, expr, dimension, percent, here: context.uses.here };
  });
  const [first, ...others] = curves;
  const odd = first && others.find((each) => !sameDimension(each.dimension, first.dimension));
  if (first !== undefined && odd !== undefined) {
    const [one, other] = [first, odd].map(({ dimension }) => dimensionName(dimension));
    throw new UsageError(
      `--y ${odd.text} is ${other} but --y ${first.text} is ${one}: they share no axis`,
    );
  }
  return { curves, twin };
}

/** Why a cell has no point for a curve. */
export type Gap = { readonly where: string; readonly why: string };

const caseText = (plan: Plan): string =>
  plan.row.map(([name, value]) => `${name} = ${value}`).join(", ");

/** The points of one cell whose worlds have ended. */
export function pointsOfCell(
  plan: Plan,
  curves: readonly Curve[],
  axes: ChartAxes,
  labs: Labs,
): { readonly points: readonly Point[]; readonly gaps: readonly Gap[] } {
  const points: Point[] = [];
  const gaps: Gap[] = [];
  const names = plan.alternatives.map(({ name }) => name);
  for (const curve of curves) {
    const views = curve.here && names.length > 0 ? names : [names[0] ?? HERE];
    for (const view of views) {
      const read = valueOf(plan, curve, labs, view);
      const parts = [
        ...axes.series.map((name) => shownAt(plan, name)),
        ...views.length > 1 ? [view] : [],
        ...curves.length > 1 ? [curve.text] : [],
      ];
      const place = {
        x: shownAt(plan, axes.x),
        series: parts.join(" · "),
        facet: shownAt(plan, axes.facet),
      };
      if (typeof read === "number") points.push({ ...place, y: read });
      else {
        const where = [caseText(plan), ...views.length > 1 ? [`in ${view}`] : []].join(" ");
        gaps.push({ where, why: `${curve.text}: ${read.why}` });
      }
    }
  }
  return { points, gaps };
}

function valueOf(
  plan: Plan,
  { expr }: Curve,
  labs: Labs,
  here: View,
): number | { readonly why: string } {
  const context = contextOf({
    vocabulary: plan.vocabulary,
    scope: plan.scope,
    where: "claim",
    lab: (view) => labs.get(view === HERE ? here : view),
    report: (item) => {
      throw new NoValue(item);
    },
  });
  try {
    const value = evaluate(context, expr);
    if (value.kind !== "number" || value.value === undefined) return { why: "no value" };
    return rationals.toNumber(value.value);
  } catch (error) {
    if (!(error instanceof NoValue)) throw error;
    return { why: error.message };
  }
}

/** Two cells in one place of the chart would hide each other. Throws `UsageError`. */
export function checkPlaces(plans: readonly Plan[], axes: ChartAxes): void {
  const taken = new Map<string, Plan>();
  for (const plan of plans) {
    const place = JSON.stringify(
      [axes.x, ...axes.series, axes.facet].map((name) => at(plan, name)),
    );
    const other = taken.get(place);
    taken.set(place, plan);
    if (other === undefined) continue;
    const differ = namesOf(plan).filter((name) => at(plan, name) !== at(other, name));
    throw new UsageError(
      `several cells have the same place in the chart: they differ in ${differ.join(", ")}; ` +
        "name these by --series or --facet, or choose cells by --filter",
    );
  }
}
