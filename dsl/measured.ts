/** What the checkpoints of a run cost, by every metric that is a cost. */
import { type Lab, LabError, type Measured } from "../core/mod.ts";
import { isQuantity } from "./units.ts";
import type { MetricEntry } from "./vocabulary.ts";

/** A figure of its own; what the auditor says of a line is asked by claims. */
const isCost = ({ unit, combine, takes = [] }: MetricEntry): boolean =>
  isQuantity(unit) && takes.length === 0 && (combine !== "same" || unit === "time");

/** The committed checkpoints of a lab, oldest first. */
export function measured(lab: Lab, metrics: readonly MetricEntry[]): readonly Measured[] {
  const costs = metrics.filter(isCost);
  return lab.committed.map((label) => {
    const figures = costs.flatMap(({ name }) => {
      const value = ask(lab, label, name);
      return value === undefined ? [] : [[name, value] as const];
    });
    return { label, metrics: Object.fromEntries(figures), memory: lab.checkpointPages(label) };
  });
}

function ask(lab: Lab, label: string, metric: string): number | undefined {
  try {
    const value = Number(lab.checkpointMetric(label, metric, []));
    return Number.isFinite(value) ? value : undefined;
  } catch (error) {
    if (error instanceof LabError) return undefined;
    throw error;
  }
}
