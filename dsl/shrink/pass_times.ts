/** Times that are easy to read: as few digits as still fail. */
import type { Expr, StatementNode } from "../ast.ts";
import { readMeasure, toEngine } from "../units.ts";
import { type Form, isStep, replaced } from "./form.ts";
import { rounded, timeText } from "./times.ts";

/** The ns of a time that is written as one number. */
function nsOf(expr: Expr | undefined): number | undefined {
  if (expr?.kind !== "number") return undefined;
  const read = readMeasure(expr.text);
  const ns = "problem" in read ? undefined : toEngine(read, "time");
  return typeof ns === "number" && Number.isSafeInteger(ns) && ns > 0 ? ns : undefined;
}

const withTime = (node: StatementNode, ns: number): StatementNode => {
  const time = node.args["time"] as Expr;
  return { ...node, args: { ...node.args, time: { ...time, kind: "number", text: timeText(ns) } } };
};

const timed = ({ items }: Form): readonly (readonly [StatementNode, number])[] =>
  items.filter(isStep).flatMap((node) => {
    const ns = nsOf(node.args["time"] as Expr | undefined);
    return ns === undefined ? [] : [[node, ns] as const];
  });

const DIGITS = [1, 2, 3, 4];

/** Less than this, in ns, is not worth a run. */
const SHORTEST_WAIT = 500_000;

/** All times rounded at once, then each by itself. */
export function* neater(form: Form): Generator<Form> {
  const all = timed(form);
  for (const digits of DIGITS) {
    const changed = all.filter(([, ns]) => rounded(ns, digits) !== ns);
    if (changed.length === 0) return;
    yield changed.reduce(
      (neat, [node, ns]) => replaced(neat, node, withTime(node, rounded(ns, digits))),
      form,
    );
  }
  for (const [node, ns] of all) {
    for (const digits of DIGITS) {
      const neat = rounded(ns, digits);
      if (neat === ns) break;
      yield replaced(form, node, withTime(node, neat));
    }
  }
}

/** What `at` waits for becomes less: a step and all behind it come sooner, by half its wait. */
export function* sooner(form: Form): Generator<Form> {
  const all = timed(form).filter(([{ row }]) => row.keyword === "at")
    .toSorted(([, a], [, b]) => a - b);
  for (const [i, [, ns]] of all.entries()) {
    const less = Math.floor((ns - (all[i - 1]?.[1] ?? 0)) / 2);
    if (less < SHORTEST_WAIT) continue;
    yield all.slice(i).reduce(
      (quick, [node, time]) => replaced(quick, node, withTime(node, time - less)),
      form,
    );
  }
}
