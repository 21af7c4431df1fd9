/** Steps: when something happens, and when the run ends. */
import type { StatementNode } from "../ast.ts";
import type { Draft } from "../draft.ts";
import { printStatement } from "../format.ts";
import type { Timing } from "../plan.ts";
import type { Span } from "../source.ts";
import { statement } from "../statement.ts";
import type { Expr } from "../ast.ts";

/** Actions declare the labels they give. */
const declareAction = (draft: Draft, { action }: { readonly action: StatementNode }): void =>
  action.row.declare?.(draft, action.args, action.span);

function timedStep(
  draft: Draft,
  kind: "at" | "after" | "every",
  time: Expr,
  action: StatementNode,
  span: Span,
): void {
  let ns = draft.quantity(time, "time");
  if (ns !== undefined && (ns < 0 || kind === "every" && ns === 0)) {
    const wanted = kind === "every" ? "a period is longer than zero" : "a time is not negative";
    draft.report("CK0506", time.span, wanted);
    ns = undefined;
  }
  const timing: Timing | undefined = ns === undefined ? undefined : { kind, ns };
  draft.step(timing, action, span, printStatement(action));
}

export const at = statement("at <time:expr> <action:action>", {
  place: "step",
  help: "Does something at that virtual time, counted from the start of the cell.",
  example: "at 20ms checkpoint p0 as c1",
  declare: declareAction,
  build: (draft, { time, action }, span) => timedStep(draft, "at", time, action, span),
});

export const after = statement("after <time:expr> <action:action>", {
  place: "step",
  help: "Does something that long after the step before it in the script.",
  example: "after 1ms restart p0 from c1",
  declare: declareAction,
  build: (draft, { time, action }, span) => timedStep(draft, "after", time, action, span),
});

export const every = statement("every <period:expr> <action:action>", {
  place: "step",
  help: "Does something again and again, first after one period, until the run ends.",
  example: "every 8ms checkpoint all",
  declare: declareAction,
  build: (draft, { period, action }, span) => {
    const label = action.args["label"];
    if (action.row.keyword === "checkpoint" && label !== undefined) {
      const message = "a repeated checkpoint cannot bear one name; leave 'as' away and use latest";
      draft.report("CK0507", action.span, message);
    }
    timedStep(draft, "every", period, action, span);
  },
});

export const when = statement("when <condition:expr> <action:action>", {
  place: "step",
  help: "Does something once, at the first tick at which the condition holds. The tick is the " +
    "smallest of the nodes' profiles.",
  example: "when p0.progress >= 50% checkpoint p0 as c1",
  declare: declareAction,
  build: (draft, { condition, action }, span) => {
    const timed = draft.check(condition, "condition").uses.time;
    draft.step({ kind: "when", condition, timed }, action, span, printStatement(action));
  },
});

export const until = statement("until <condition:expr>", {
  place: "step",
  help: "Ends the run at the first tick at which the condition holds. Without it a run ends when " +
    "the lab is at rest and no timed step is left.",
  example: "until p0.exited",
  build: (draft, { condition }, span) => {
    const timed = draft.check(condition, "condition").uses.time;
    if (draft.once("until", span)) draft.until = { condition, span, timed };
  },
});
