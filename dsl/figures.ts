/** What the figures of a cell came to when its worlds have ended. */
import { StrategyError } from "../core/mod.ts";
import { NoValue } from "./context.ts";
import { evaluate } from "./evaluate.ts";
import { claimContext, type Labs, viewsOf } from "./judge.ts";
import type { Plan, PlannedFigure } from "./plan.ts";
import type { FigureResult } from "./results.ts";
import { figure } from "./sides.ts";
import { show } from "./value.ts";

/** A figure without a value says why, and fails nothing: that is for claims. */
function worth(
  plan: Plan,
  labs: Labs,
  { expr }: PlannedFigure,
  view: string,
): Pick<FigureResult, "shown" | "value" | "unit"> {
  try {
    const value = evaluate(claimContext(plan, labs, view), expr);
    const { unit = "", ...number } = figure(value);
    const percent = value.kind === "number" && value.percent;
    return {
      shown: show(value),
      ...number,
      ...(number.value === undefined ? {} : { unit: percent ? "percent" : unit }),
    };
  } catch (error) {
    if (!(error instanceof NoValue || error instanceof StrategyError)) throw error;
    return { shown: `no value: ${error.message}` };
  }
}

/** Each figure once, or in each alternative when it looks at the run it stands in. */
export function figuresOf(plan: Plan, labs: Labs): readonly FigureResult[] {
  return plan.figures.flatMap((planned) => {
    const { text, title, along, span } = planned;
    const views = viewsOf(plan, planned);
    return views.map((view) => ({
      text,
      ...(title === undefined ? {} : { title }),
      ...(along === undefined ? {} : { along }),
      ...(views.length > 1 ? { alternative: view } : {}),
      ...worth(plan, labs, planned, view),
      span,
    }));
  });
}
