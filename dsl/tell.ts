/** Results as events: what a run found, told as plain data. */
import type { ArtefactWritten, CellBegun, ClaimData, FigureData, RunEvent } from "../core/mod.ts";
import { type Diagnostic, diagnosticData, excerpt, headline } from "./diagnostic.ts";
import type { FoundScenario, Loaded } from "./load.ts";
import {
  type CellResult,
  type ClaimResult,
  costOf,
  type FigureResult,
  type Problem,
  type ScenarioResult,
  virtualNs,
} from "./results.ts";
import { placeData } from "./source.ts";

/** How events name a scenario. */
export const scenarioId = (file: string, title: string): string => `${file}#${title}`;

/** The line of the script; of a script that is not at hand, as it was told before. */
const lineOf = ({ span, excerpt: told }: Pick<Problem, "span" | "excerpt">) => ({
  excerpt: told ?? excerpt(span),
});

const claimData = (claim: ClaimResult): ClaimData => {
  const { verdict, law, text, title, alternative, settled, undecided, details, left, right, span } =
    claim;
  return {
    verdict,
    kind: law ? "law" : "expect",
    text,
    ...(title === undefined ? {} : { title }),
    ...(alternative === undefined ? {} : { alternative }),
    ...(settled === undefined ? {} : { settled }),
    ...(undecided === undefined ? {} : { undecided }),
    details: details.map(([label, text]) => ({ label, text })),
    ...(left === undefined ? {} : { left }),
    ...(right === undefined ? {} : { right }),
    ...placeData(span),
    ...(verdict === "holds" || verdict === "skipped" ? {} : lineOf(claim)),
  };
};

const figureData = ({ span, ...figure }: FigureResult): FigureData => ({
  ...figure,
  ...placeData(span),
});

const problemEvent = (
  scenario: string,
  problem: Problem,
  cell?: string,
): RunEvent => ({
  event: "problem",
  scenario,
  ...(cell === undefined ? {} : { cell }),
  verdict: problem.verdict,
  message: problem.message,
  ...placeData(problem.span),
  ...(cell === undefined ? {} : lineOf(problem)),
});

/** What is wrong with the scripts. */
export const tellDiagnostics = (
  list: readonly Diagnostic[],
  loaded: readonly Pick<Loaded, "path" | "diagnostics">[],
): readonly RunEvent[] => {
  const scripts = new Map<string, string[]>();
  for (const { path, diagnostics } of loaded) {
    for (const line of new Set(diagnostics.map(headline))) {
      scripts.set(line, [...scripts.get(line) ?? [], path]);
    }
  }
  return list.map((item) => {
    const of = scripts.get(headline(item)) ?? [], { name } = item.span.source;
    return {
      event: "diagnostic",
      ...diagnosticData(item),
      excerpt: excerpt(item.span),
      ...(of.some((path) => path !== name) ? { of } : {}),
    };
  });
};

/** A scenario as far as it is told: what it is called, where it is, how many cells it has. */
export type TellableScenario = Pick<FoundScenario, "title" | "tags" | "span" | "study"> & {
  readonly plans: { readonly length: number };
};

/** A scenario begins, with these of its cells. */
export const tellScenario = (
  { title, span, tags, plans, study }: TellableScenario,
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
  ...study,
});

/** A cell begins, which has that place in its scenario. */
export const tellBegin = (
  { id, seed, row }: Pick<CellResult, "id" | "seed" | "row">,
  scenario: string,
  place: number,
): CellBegun => ({ event: "cell-begun", cell: id, scenario, place, seed, case: row });

/** A file about a cell, and what it holds where that is at hand. */
export interface ArtefactTold extends Omit<ArtefactWritten, "event" | "cell"> {
  readonly text?: string;
}

/** What came of a cell, and the files about it. */
export function tellCell(
  result: CellResult,
  scenario: string,
  artefacts: readonly ArtefactTold[] = [],
): readonly RunEvent[] {
  const { id: cell, verdict, worlds, claims, figures, problems, replay, explored } = result;
  return [
    ...worlds.flatMap(({ remarks, ...world }): RunEvent[] => [
      { event: "world", cell, ...world },
      ...remarks.map((text) => ({ event: "remark" as const, cell, view: world.view, text })),
    ]),
    ...claims.map((claim): RunEvent => ({ event: "claim", cell, ...claimData(claim) })),
    ...figures.map((figure): RunEvent => ({ event: "figure", cell, ...figureData(figure) })),
    ...problems.map((problem) => problemEvent(scenario, problem, cell)),
    ...artefacts.flatMap(({ kind, path, text }): RunEvent[] => [
      { event: "artefact", cell, kind, path },
      ...text === undefined ? [] : [{ event: "attachment" as const, cell, path, text }],
    ]),
    {
      event: "cell-ended",
      cell,
      verdict,
      virtualNs: virtualNs(result),
      cost: costOf(result),
      replay,
      ...(explored === undefined ? {} : { explored }),
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
