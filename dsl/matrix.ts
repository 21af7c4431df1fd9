/** The points of a scenario: combinations of its matrix with the rows of its cases. */
import type { Axis, Expr, Row, StatementNode } from "./ast.ts";
import type { Draft } from "./draft.ts";
import { evaluate } from "./evaluate.ts";
import { condition } from "./operate.ts";
import { pairwise } from "./pairwise.ts";
import * as rationals from "./rational.ts";
import type { Scope } from "./scope.ts";

/** The value one name of a matrix has, and where it was written. */
export interface AxisValue {
  readonly name: string;
  readonly expr: Expr;
  readonly scope: Scope;
}

/** What makes one cell different from the others. */
export interface Point {
  readonly axes: readonly AxisValue[];
  /** The row of cases; undefined without cases. */
  readonly caseRow?: readonly Expr[];
}

/** The point of a scenario that has neither. */
export const ONLY_POINT: Point = { axes: [] };

/** More cells than anybody can wait for, and more combinations than pairs are looked for in. */
export const MOST_CELLS = 4096;
const MOST_COMBINATIONS = 32_768;

/** The values of one axis: of a list or a range, written there or in a let, or of `--set`. */
function valuesOf(draft: Draft, { name, value }: Axis): readonly AxisValue[] {
  if (name === undefined) return [];
  const override = draft.override(name.text);
  const scope = draft.scope;
  if (override !== undefined) return [{ name: name.text, expr: override, scope }];
  const found = itemsOf(draft, value, scope, 0);
  if (found === undefined) return [];
  if (found.items.length === 0) {
    draft.report("CK0509", value.span, `'${name.text}' has no value to take`);
  }
  return found.items.map((expr) => ({ name: name.text, expr, scope: found.scope }));
}

interface Items {
  readonly items: readonly Expr[];
  readonly scope: Scope;
}

function itemsOf(draft: Draft, expr: Expr, scope: Scope, depth: number): Items | undefined {
  if (expr.kind === "list") return { items: expr.items, scope };
  if (expr.kind === "group") return itemsOf(draft, expr.inner, scope, depth);
  const meant = expr.kind === "name" ? scope.find(expr.name)?.meant : undefined;
  // A let that leads back to itself has been reported where it stands.
  if (meant?.kind === "let" && meant.params === undefined && depth < 32) {
    return itemsOf(draft, meant.body, meant.scope, depth + 1);
  }
  const value = draft.constant(expr, scope);
  if (value === undefined) return undefined;
  const whole = value.kind === "range" && rangeItems(value.low.value, value.high.value, expr);
  if (Array.isArray(whole)) return { items: whole, scope };
  const message = "an axis takes a list such as [2, 4, 8] or a range of whole numbers such as 1..4";
  draft.report("CK0403", expr.span, message);
  return undefined;
}

function rangeItems(
  low: rationals.Rational | undefined,
  high: rationals.Rational | undefined,
  { span }: Expr,
): readonly Expr[] | undefined {
  if (low === undefined || high === undefined) return undefined;
  const [first, last] = [rationals.toNumber(low), rationals.toNumber(high)];
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last)) return undefined;
  const length = Math.min(Math.max(0, last - first + 1), MOST_CELLS + 1);
  return Array.from({ length }, (_, i) => ({ kind: "number", text: String(first + i), span }));
}

/** Every combination, the last axis changing fastest. */
function combinations(axes: readonly (readonly AxisValue[])[]): readonly (readonly AxisValue[])[] {
  return axes.reduce<readonly (readonly AxisValue[])[]>(
    (found, axis) => found.flatMap((before) => axis.map((value) => [...before, value])),
    [[]],
  );
}

/** Whether this cell is one the matrix leaves out; `draft` is made for it. */
export function isExcluded(draft: Draft, items: readonly StatementNode[]): boolean {
  for (const item of items) item.row.declare?.(draft, item.args, item.span);
  return axesOf(items).some(({ name, value }) => {
    if (name !== undefined) return false;
    const context = draft.context("setup");
    const truth = condition(context, value.span, evaluate(context, value));
    if (truth !== undefined && truth.value === undefined) {
      draft.report("CK0408", value.span, "'exclude if' cannot look at the run");
    }
    return truth?.value === true;
  });
}

/** The matrix wants every pair of values and not every combination. */
const isPairwise = (items: readonly StatementNode[]): boolean =>
  items.some(({ row, args }) => row.keyword === "matrix" && args["pairwise"] !== undefined);

/** Of the points that are not excluded those that are run: all of them, or enough for all pairs. */
export function chosenPoints(
  points: readonly Point[],
  items: readonly StatementNode[],
): readonly Point[] {
  if (!isPairwise(items)) return points;
  // Each combination has each row of cases.
  const combined = [...new Map(points.map((point) => [point.axes, point])).values()];
  const values = (combined[0]?.axes ?? []).map((_, axis) => {
    const seen = new Map<Expr, number>();
    return (point: Point): number => {
      const expr = point.axes[axis]?.expr as Expr;
      const known = seen.get(expr) ?? seen.size;
      seen.set(expr, known);
      return known;
    };
  });
  const wanted = new Set(
    pairwise(combined.map((point) => values.map((value) => value(point))))
      .map((place) => combined[place]?.axes),
  );
  return points.filter(({ axes }) => wanted.has(axes));
}

const axesOf = (items: readonly StatementNode[]): readonly Axis[] =>
  items.filter((item) => item.row.keyword === "matrix")
    .flatMap((item) => item.args["axes"] as readonly Axis[]);

/** All points of a scenario, those it excludes among them; `draft` sees what the file shares. */
export function pointsOf(draft: Draft, items: readonly StatementNode[]): readonly Point[] {
  const table = items.find((item) => item.row.keyword === "cases");
  const rows = (table?.args["rows"] as readonly Row[] | undefined)?.slice(1) ?? [];
  const axes = axesOf(items).map((axis) => valuesOf(draft, axis)).filter((axis) => axis.length > 0);
  const count = axes.reduce((product, axis) => product * axis.length, Math.max(1, rows.length));
  const most = isPairwise(items) ? MOST_COMBINATIONS : MOST_CELLS;
  if (count > most) {
    const matrix = items.find((item) => item.row.keyword === "matrix") ?? items[0];
    const message = isPairwise(items)
      ? `more than ${most} combinations to choose from; take fewer values or fewer axes`
      : `more than ${most} cells; take fewer values or fewer axes, or 'matrix pairwise'`;
    if (matrix !== undefined) draft.report("CK0509", matrix.span, message);
    return [ONLY_POINT];
  }
  return combinations(axes).flatMap((point): readonly Point[] =>
    rows.length === 0 ? [{ axes: point }] : rows.map((row) => ({ axes: point, caseRow: row.cells }))
  );
}
