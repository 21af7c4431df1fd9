/** Prints what came of a run, for people and as one JSON document. */
import type { Colours } from "./colour.ts";
import { type Diagnostic, diagnosticData, headline } from "./diagnostic.ts";
import {
  type CellResult,
  type ClaimResult,
  type Problem,
  type ScenarioResult,
  type Verdict,
  virtualNs,
} from "./results.ts";
import { placeOf, positionOf, type Span } from "./source.ts";
import { formatNs } from "./units.ts";

const SIGNS: Readonly<Record<Verdict | "skipped", string>> = {
  holds: "✓",
  failed: "✗",
  unknown: "?",
  broken: "!",
  skipped: "-",
};

const paintFor = (colours: Colours, verdict: Verdict | "skipped") =>
  ({
    holds: colours.good,
    failed: colours.bad,
    unknown: colours.unsure,
    broken: colours.bad,
    skipped: colours.faint,
  })[verdict];

const sign = (colours: Colours, verdict: Verdict | "skipped"): string =>
  paintFor(colours, verdict)(SIGNS[verdict]);

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;

/** The line of one scenario. The wall time is for who watches; logs must not differ by it. */
export function scenarioLine(
  result: ScenarioResult,
  colours: Colours,
  wallMs: number | undefined,
): string {
  const parts = [plural(result.cells.length, "case"), formatNs(virtualNs(result.cells))];
  if (wallMs !== undefined) parts.push(`${(wallMs / 1000).toFixed(1)} s`);
  const tail = colours.faint(`(${parts.join(", ")})`);
  return `${sign(colours, result.verdict)} ${result.title} ${tail}\n`;
}

/** Everything that went wrong in a scenario, and what else there is to say, once. */
export function failureText(result: ScenarioResult, colours: Colours): string {
  const cells = result.cells.filter((cell) => cell.verdict !== "holds");
  const own = result.problems.map((problem) => problemText(problem, colours));
  const warned = result.warnings.map((one) => `    ${headline(one)}\n`);
  const remarks = new Set(
    result.cells.flatMap(({ worlds }) => worlds.flatMap((world) => world.remarks)),
  );
  const told = [...remarks].map((remark) => `    ${colours.faint("note")} ${remark}\n`);
  return [...cells.map((cell) => cellText(cell, colours)), ...own, ...warned, ...told].join("");
}

function cellText(cell: CellResult, colours: Colours): string {
  const lines = [
    ...cell.row.length === 0 ? [] : [`    ${rowText(cell)}\n`],
    ...cell.problems.map((problem) => problemText(problem, colours)),
    ...cell.claims
      .filter((claim) => claim.verdict === "failed" || claim.verdict === "unknown")
      .map((claim) => claimText(claim, colours)),
    ...stepLines(cell, colours),
    detail("again", cell.replay, colours),
  ];
  return lines.join("");
}

const rowText = (cell: CellResult): string =>
  "case " + cell.row.map(([name, value]) => `${name} = ${value}`).join(", ");

const detail = (label: string, text: string, colours: Colours): string =>
  `      ${colours.faint(label.padEnd(8))} ${text}\n`;

function problemText(problem: Problem, colours: Colours): string {
  const where = placeOf(problem.span);
  return `    ${sign(colours, problem.verdict)} ${where} ${problem.message}\n`;
}

/** A claim as it stands, its title, the alternative it was judged in. */
export function claimLine(claim: ClaimResult, colours: Colours): string {
  const word = claim.law ? "law" : "expect";
  const title = claim.title === undefined ? "" : colours.strong(` "${claim.title}"`);
  const where = claim.alternative === undefined ? "" : ` in ${claim.alternative}`;
  return `    ${sign(colours, claim.verdict)} ${
    placeOf(claim.span)
  } ${word} ${claim.text}${title}${where}\n`;
}

const claimText = (claim: ClaimResult, colours: Colours): string =>
  claimLine(claim, colours) +
  claim.details.map(([label, text]) => detail(label, text, colours)).join("");

const LAST = 12;

/** The last steps of each world and when it ended: what led to the failure. */
function stepLines(cell: CellResult, colours: Colours): readonly string[] {
  return cell.worlds.filter((world) => world.view !== "undisturbed").map((world) => {
    const left = world.fired.length - LAST;
    const steps = world.fired.slice(-LAST).map(({ ns, text }) => `${formatNs(ns)} ${text}`);
    const shown = [...left > 0 ? [`${left} steps before`] : [], ...steps];
    const all = [...shown, `${formatNs(world.endedNs)} end`].join(" · ");
    return detail(world.view === "" ? "steps" : world.view, all, colours);
  });
}

/** One line for each cell and claim, for `--verbose`. */
export function verboseText(result: ScenarioResult, colours: Colours): string {
  return result.cells.map((cell) => {
    const hashes = cell.worlds.map((world) => world.traceHash).join(" ");
    const head = `  ${sign(colours, cell.verdict)} ${cell.id} ${
      colours.faint(`trace ${hashes}`)
    }\n`;
    return head + cell.claims.map((claim) => claimLine(claim, colours)).join("");
  }).join("");
}

/** How many of each verdict. */
export function tally(results: readonly ScenarioResult[]): Readonly<Record<Verdict, number>> {
  const of = (verdict: Verdict) => results.filter((one) => one.verdict === verdict).length;
  return { holds: of("holds"), failed: of("failed"), unknown: of("unknown"), broken: of("broken") };
}

/** The closing line. */
export function summaryLine(
  results: readonly ScenarioResult[],
  refused: number,
  colours: Colours,
): string {
  const { holds, failed, unknown, broken } = tally(results);
  const parts = [
    colours.good(`${holds} hold`),
    ...failed > 0 ? [colours.bad(`${failed} failed`)] : [],
    ...unknown > 0 ? [colours.unsure(`${unknown} unknown`)] : [],
    ...broken > 0 ? [colours.bad(`${broken} broken by a strategy`)] : [],
    ...refused > 0 ? [colours.bad(`${plural(refused, "file")} with errors`)] : [],
  ];
  return `${plural(results.length, "scenario")}: ${parts.join(", ")}\n`;
}

const place = (span: Span) => {
  const { line, column } = positionOf(span.source, span.start);
  return { file: span.source.name, line, column };
};

const problemData = ({ verdict, span, message }: Problem) => ({ verdict, message, ...place(span) });

const claimData = ({ verdict, law, text, title, alternative, details, span }: ClaimResult) => ({
  verdict,
  kind: law ? "law" : "expect",
  text,
  ...(title === undefined ? {} : { title }),
  ...(alternative === undefined ? {} : { alternative }),
  details: details.map(([label, text]) => ({ label, text })),
  ...place(span),
});

/** The results as one document; its `version` changes when a field changes its meaning. */
export function resultsDocument(
  results: readonly ScenarioResult[],
  diagnostics: readonly Diagnostic[],
  exit: number,
): unknown {
  return {
    version: 1,
    exit,
    summary: tally(results),
    diagnostics: diagnostics.map(diagnosticData),
    scenarios: results.map((result) => ({
      title: result.title,
      ...place(result.span),
      tags: result.tags,
      verdict: result.verdict,
      problems: result.problems.map(problemData),
      warnings: result.warnings.map(diagnosticData),
      cells: result.cells.map((cell) => ({
        id: cell.id,
        seed: cell.seed,
        case: Object.fromEntries(cell.row),
        verdict: cell.verdict,
        worlds: cell.worlds,
        claims: cell.claims.map(claimData),
        problems: cell.problems.map(problemData),
        replay: cell.replay,
      })),
    })),
  };
}
