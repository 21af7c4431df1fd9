/** Results as events: what a run found, told as plain data. */
import { type Diagnostic, diagnosticData } from "./diagnostic.ts";
import type { ArtefactWritten, CellBegun, ClaimData, RunEvent } from "./events.ts";
import type { FoundScenario } from "./load.ts";
import type { Plan } from "./plan.ts";
import {
  type CellResult,
  type ClaimResult,
  costOf,
  type Problem,
  type ScenarioResult,
  virtualNs,
} from "./results.ts";
import { placeData } from "./source.ts";

/** How events name a scenario. */
export const scenarioId = (file: string, title: string): string => `${file}#${title}`;

const claimData = (claim: ClaimResult): ClaimData => {
  const { verdict, law, text, title, alternative, details, left, right, span } = claim;
  return {
    verdict,
    kind: law ? "law" : "expect",
    text,
    ...(title === undefined ? {} : { title }),
    ...(alternative === undefined ? {} : { alternative }),
    details: details.map(([label, text]) => ({ label, text })),
    ...(left === undefined ? {} : { left }),
    ...(right === undefined ? {} : { right }),
    ...placeData(span),
  };
};

const problemEvent = (
  scenario: string,
  { verdict, span, message }: Problem,
  cell?: string,
): RunEvent => ({
  event: "problem",
  scenario,
  ...(cell === undefined ? {} : { cell }),
  verdict,
  message,
  ...placeData(span),
});

/** What is wrong with the scripts. */
export const tellDiagnostics = (list: readonly Diagnostic[]): readonly RunEvent[] =>
  list.map((item) => ({ event: "diagnostic", ...diagnosticData(item) }));

/** A scenario begins, with these of its cells. */
export const tellScenario = (
  { title, span, tags, plans }: FoundScenario,
  file: string,
  cells: number,
): RunEvent => ({
  event: "scenario-begun",
  scenario: scenarioId(file, title),
  title,
  ...placeData(span),
  tags,
  cells,
  of: plans.length,
});

/** A cell begins. */
export const tellBegin = (
  { id, file, title, seed, row }: Pick<Plan, "id" | "file" | "title" | "seed" | "row">,
): CellBegun => ({
  event: "cell-begun",
  cell: id,
  scenario: scenarioId(file, title),
  seed,
  case: row,
});

/** What came of a cell, and the files about it. */
export function tellCell(
  result: CellResult,
  scenario: string,
  artefacts: readonly Omit<ArtefactWritten, "event" | "cell">[] = [],
): readonly RunEvent[] {
  const { id: cell, verdict, worlds, claims, problems, replay } = result;
  return [
    ...worlds.flatMap(({ view, endedNs, traceHash, fired, checkpoints, remarks }): RunEvent[] => [
      { event: "world", cell, view, endedNs, traceHash, fired, checkpoints },
      ...remarks.map((text) => ({ event: "remark" as const, cell, view, text })),
    ]),
    ...claims.map((claim): RunEvent => ({ event: "claim", cell, ...claimData(claim) })),
    ...problems.map((problem) => problemEvent(scenario, problem, cell)),
    ...artefacts.map((artefact): RunEvent => ({ event: "artefact", cell, ...artefact })),
    {
      event: "cell-ended",
      cell,
      verdict,
      virtualNs: virtualNs(result),
      cost: costOf(result),
      replay,
    },
  ];
}

/** What only all cells of a scenario together tell, and its end. */
export function tellEnd(result: ScenarioResult): readonly RunEvent[] {
  const scenario = scenarioId(result.file, result.title);
  return [
    ...result.problems.map((problem) => problemEvent(scenario, problem)),
    ...result.warnings.map((item): RunEvent => ({
      event: "warning",
      scenario,
      ...diagnosticData(item),
    })),
    { event: "scenario-ended", scenario, verdict: result.verdict },
  ];
}
