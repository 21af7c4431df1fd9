/** Scenarios and cells with the names by which the page links to them. */
import type { CellReport, ScenarioReport } from "../../gather.ts";

/** A cell and the name of its details. */
export interface NumberedCell {
  readonly cell: CellReport;
  readonly id: string;
}

/** A scenario and the name of its section. */
export interface Numbered {
  readonly scenario: ScenarioReport;
  readonly id: string;
  readonly cells: readonly NumberedCell[];
}

/** Names all of them, in order. */
export function numberedOf(scenarios: readonly ScenarioReport[]): readonly Numbered[] {
  let count = 0;
  return scenarios.map((scenario, i) => ({
    scenario,
    id: `s${i + 1}`,
    cells: scenario.cells.map((cell) => ({ cell, id: `c${++count}` })),
  }));
}
