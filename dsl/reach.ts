/** What a script says that can never come to anything: steps behind the end, claims of no case. */
import type { Expr } from "./ast.ts";
import { type Diagnostic, diagnostic } from "./diagnostic.ts";
import type { Draft } from "./draft.ts";
import type { Claim, Plan, Step } from "./plan.ts";
import { formatNs } from "./units.ts";

const warning = (code: "CK0701" | "CK0704" | "CK0705", { span }: Step | Claim, message: string) =>
  diagnostic(code, span, message, undefined, "warning");

/** The time at which a condition holds at the latest, in ns: `time >= 50ms`, also behind an or. */
function latest(draft: Draft, expr: Expr): number {
  if (expr.kind === "group") return latest(draft, expr.inner);
  if (expr.kind === "or") return Math.min(...expr.terms.map((term) => latest(draft, term)));
  const isBound = expr.kind === "compare" && (expr.op === ">=" || expr.op === ">") &&
    expr.left.kind === "name" && expr.left.name === "time";
  return isBound ? draft.quietly(expr.right, "time") ?? Infinity : Infinity;
}

/** When each step happens, in ns, where the script says so: `at`, and `after` behind such a one. */
function timesOf(steps: readonly Step[]): readonly (number | undefined)[] {
  const times: (number | undefined)[] = [];
  for (const { timing } of steps) {
    const before = times.at(-1);
    if (timing.kind === "at" || timing.kind === "every") times.push(timing.ns);
    else if (timing.kind === "after" && before !== undefined) times.push(before + timing.ns);
    else times.push(undefined);
  }
  return times;
}

/** Steps of one cell that can never happen, or come too early. */
export function unreachable(draft: Draft): readonly Diagnostic[] {
  const { steps, until } = draft;
  const end = until === undefined ? Infinity : latest(draft, until.condition);
  const times = timesOf(steps);
  return steps.flatMap((step, i): readonly Diagnostic[] => {
    const time = times[i];
    if (time === undefined) return [];
    const { needs } = step.doing;
    const made = steps.findIndex(({ doing }) => doing.makes === needs);
    const madeAt = needs === undefined || made < 0 ? undefined : times[made];
    if (time > end) {
      const message = `this step never happens: the run ends at ${formatNs(end)} at the latest`;
      return [warning("CK0704", step, message)];
    }
    if (madeAt === undefined || madeAt < time) return [];
    const message = `there is no '${needs}' yet: it is begun at ${formatNs(madeAt)}`;
    return [warning("CK0704", step, message)];
  });
}

/** Claims whose `if` is known and holds in no cell, or of a law in too few. */
export function vacuous(plans: readonly Plan[]): readonly Diagnostic[] {
  const [first] = plans;
  return (first?.claims ?? []).flatMap((claim): readonly Diagnostic[] => {
    const same = plans.map(({ claims, row }) => ({
      row: JSON.stringify(row),
      applies: claims.find(({ span }) => span.start === claim.span.start)?.applies,
    }));
    if (claim.condition === undefined || same.some(({ applies }) => applies === undefined)) {
      return [];
    }
    const held = new Set(same.filter(({ applies }) => applies).map(({ row }) => row)).size;
    if (held === 0) {
      return [warning("CK0705", claim, "this claim is never judged: its 'if' holds nowhere")];
    }
    if (!claim.law || plans.length < 2 || held >= 3) return [];
    const message = `vacuous law: judged in ${held} of ${plans.length} cases, at least 3 wanted`;
    return [warning("CK0701", claim, message)];
  });
}
