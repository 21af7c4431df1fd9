/** What a scenario may ask of the lab: metrics as rows, with units the language checks. */
import type { Quantity } from "../base/option.ts";

/** The unit of a metric: a quantity, a text, a truth value, or a state that can only be compared. */
export type MetricUnit = Quantity | "text" | "truth" | "state";

/** A metric's value: a number in the base unit (ns, bytes, count), a text or a truth value. */
export type MetricValue = number | string | boolean;

/** What a metric is told in parentheses: a text, or a process by its name. */
export type MetricParameter = "text" | "process";

/** Such an argument as the lab gets it. */
export type MetricArgument = string;

/** One metric of a subject: a process, a checkpoint or the whole run. */
export interface Metric<Subject> {
  readonly name: string;
  readonly unit: MetricUnit;
  /** One sentence; printed by `list` and the manual. */
  readonly help: string;
  /** How the values of several subjects become one, as in `c1.downtime` of `checkpoint all as c1`. */
  readonly combine: "sum" | "max" | "all" | "same";
  /** What it must be told, as in `g.sent("ACK")`; nothing by default. */
  readonly takes?: readonly MetricParameter[];
  readonly read: (subject: Subject, given: readonly MetricArgument[]) => MetricValue;
}
