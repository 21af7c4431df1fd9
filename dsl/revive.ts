/** Results out of what was told of them: so that shards are judged together as one run would be. */
import type { ClaimData, FigureData, Place, ProblemData } from "../core/mod.ts";
import type { CellReport, ScenarioReport } from "./gather.ts";
import type { CellResult, ClaimResult, FigureResult, Problem } from "./results.ts";
import type { Source, Span } from "./source.ts";
import type { TellableScenario } from "./tell.ts";

/** Longer than any line of a script: offsets of a source nobody has at hand. */
const LINE = 2 ** 20;

/** A span at that place of a source whose text is not here. */
function spanAt({ file, line, column }: Place): Span {
  const lines = Array.from({ length: line }, (_, i) => i * LINE);
  const source: Source = { name: file, text: "", lines };
  const start = (line - 1) * LINE + column - 1;
  return { source, start, end: start + 1 };
}

function claimOf(claim: ClaimData): ClaimResult {
  const { verdict, kind, text, title, alternative, settled, details } = claim;
  const { undecided, left, right, excerpt } = claim;
  return {
    verdict,
    law: kind === "law",
    span: spanAt(claim),
    text,
    ...(title === undefined ? {} : { title }),
    ...(alternative === undefined ? {} : { alternative }),
    ...(settled === undefined ? {} : { settled }),
    ...(undecided === undefined ? {} : { undecided }),
    details: details.map(({ label, text }) => [label, text] as const),
    ...(left === undefined ? {} : { left }),
    ...(right === undefined ? {} : { right }),
    ...(excerpt === undefined ? {} : { excerpt }),
  };
}

const figureOf = ({ file, line, column, ...figure }: FigureData): FigureResult => ({
  ...figure,
  span: spanAt({ file, line, column }),
});

const problemOf = (problem: ProblemData): Problem => ({
  verdict: problem.verdict,
  span: spanAt(problem),
  message: problem.message,
  ...(problem.excerpt === undefined ? {} : { excerpt: problem.excerpt }),
});

/** The result of a cell. */
export const revivedCell = (cell: CellReport): CellResult => ({
  id: cell.cell,
  seed: cell.seed,
  row: cell.case,
  verdict: cell.verdict,
  worlds: cell.worlds,
  claims: cell.claims.map(claimOf),
  figures: cell.figures.map(figureOf),
  problems: cell.problems.map(problemOf),
  replay: cell.replay,
  ...(cell.explored === undefined ? {} : { explored: cell.explored }),
  // They are in repro.json and in no report.
  decisions: { seed: cell.seed, worlds: [] },
});

/** The scenario, with as many cells as it has in all. */
export const revivedScenario = (scenario: ScenarioReport): TellableScenario => {
  const { title, tags, about, hardware, of } = scenario;
  return {
    title,
    tags,
    span: spanAt(scenario),
    plans: { length: of },
    ...(about === undefined || hardware === undefined ? {} : { study: { about, hardware } }),
  };
};
