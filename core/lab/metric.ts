/** What a scenario may ask of the lab: metrics as rows, with units the language checks. */
import type { Quantity } from "../base/option.ts";

/** The unit of a metric: a quantity, a text, a truth value, or a state that can only be compared. */
export type MetricUnit = Quantity | "text" | "truth" | "state";

/** A metric's value: a number in the base unit (ns, bytes, count), a text or a truth value. */
export type MetricValue = number | string | boolean;

/** One metric of a subject: a process or a checkpoint. */
export interface Metric<Subject> {
  readonly name: string;
  readonly unit: MetricUnit;
  /** One sentence; printed by `list` and the manual. */
  readonly help: string;
  /** How the values of several subjects become one, as in `c1.downtime` of `checkpoint all as c1`. */
  readonly combine: "sum" | "max" | "all" | "same";
  readonly read: (subject: Subject) => MetricValue;
}
