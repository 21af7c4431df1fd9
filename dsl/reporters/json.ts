/** `json`: the results as one document; its `version` changes when a field changes its meaning. */
import type { Counts, DiagnosticData, RunEnded } from "../../core/mod.ts";
import { type CellReport, Gathering, type ScenarioReport } from "../gather.ts";
import { NOTHING, reporter } from "./reporter.ts";

const place = ({ file, line, column }: { file: string; line: number; column: number }) => ({
  file,
  line,
  column,
});

const cellData = (cell: CellReport) => ({
  id: cell.cell,
  seed: cell.seed,
  case: Object.fromEntries(cell.case),
  verdict: cell.verdict,
  worlds: cell.worlds.map(({ view, endedNs, traceHash, remarks, fired }) => ({
    view,
    endedNs,
    traceHash,
    remarks,
    fired,
  })),
  claims: cell.claims,
  ...(cell.figures.length === 0 ? {} : { figures: cell.figures }),
  problems: cell.problems,
  replay: cell.replay,
  ...(cell.explored === undefined ? {} : { explored: cell.explored }),
});

const scenarioData = (scenario: ScenarioReport) => ({
  title: scenario.title,
  ...place(scenario),
  tags: scenario.tags,
  ...(scenario.about === undefined ? {} : { about: scenario.about }),
  ...(scenario.hardware === undefined ? {} : { hardware: Object.fromEntries(scenario.hardware) }),
  verdict: scenario.verdict,
  problems: scenario.problems,
  warnings: scenario.warnings,
  cells: scenario.cells.map(cellData),
});

/** Without a kind of verdict that only `--verify` can give, unless it has. */
const summaryOf = ({ nondeterministic, ...others }: Counts) =>
  nondeterministic === 0 ? others : { ...others, nondeterministic };

function documentOf(
  scenarios: readonly ScenarioReport[],
  diagnostics: readonly DiagnosticData[],
  ended: RunEnded,
): string {
  const document = {
    version: 1,
    exit: ended.exit,
    summary: summaryOf(ended.scenarios),
    diagnostics,
    scenarios: scenarios.map(scenarioData),
  };
  return JSON.stringify(document, undefined, 2) + "\n";
}

export const json = reporter({
  name: "json",
  help: "One JSON document at the end; --json is short for it.",
  machine: true,
  begin: () => {
    const gathering = new Gathering();
    const scenarios: ScenarioReport[] = [];
    const diagnostics: DiagnosticData[] = [];
    return {
      take: (event) => {
        if (event.event === "diagnostic") {
          const { event: _, ...data } = event;
          diagnostics.push(data);
        }
        const scenario = gathering.take(event);
        if (scenario !== undefined) scenarios.push(scenario);
        if (event.event !== "run-ended") return NOTHING;
        return [{ text: documentOf(scenarios, diagnostics, event) }];
      },
    };
  },
});
