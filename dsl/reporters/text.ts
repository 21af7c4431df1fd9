/** The words people read: a scenario's line, what went wrong in it, the closing line. */
import type { ClaimData, Counts, ProblemData, Verdict } from "../../core/mod.ts";
import type { Colours, Paint } from "../colour.ts";
import { headlineOf } from "../diagnostic.ts";
import type { CellReport, ScenarioReport } from "../gather.ts";
import { shellPath } from "../run.ts";
import { showPlace } from "../source.ts";
import { formatNs } from "../units.ts";

/** How a verdict looks. */
const LOOKS: Readonly<Record<Verdict | "skipped", readonly [string, keyof Colours]>> = {
  holds: ["✓", "good"],
  failed: ["✗", "bad"],
  unknown: ["?", "unsure"],
  broken: ["!", "bad"],
  nondeterministic: ["≠", "bad"],
  skipped: ["-", "faint"],
};

const paintFor = (colours: Colours, verdict: Verdict | "skipped"): Paint =>
  colours[LOOKS[verdict][1]];

/** The sign of a verdict, in its colour. */
export const sign = (colours: Colours, verdict: Verdict | "skipped"): string =>
  paintFor(colours, verdict)(LOOKS[verdict][0]);

/** `1 case`, `2 cases`. */
export const plural = (count: number, one: string): string =>
  `${count} ${one}${count === 1 ? "" : "s"}`;

/** The line of one scenario. The wall time is for who watches; logs must not differ by it. */
export function scenarioLine(
  { title, verdict, cells }: ScenarioReport,
  colours: Colours,
  watched: boolean,
): string {
  const virtualNs = cells.reduce((sum, cell) => sum + cell.virtualNs, 0);
  const wallMs = cells.reduce((sum, cell) => sum + (cell.wallMs ?? 0), 0);
  const seeds = cells.reduce((sum, { explored }) => sum + (explored?.ran ?? 0), 0);
  const parts = [plural(cells.length, "case"), formatNs(virtualNs)];
  if (seeds > 0) parts.push(plural(seeds, "seed"));
  if (watched) parts.push(`${(wallMs / 1000).toFixed(1)} s`);
  return `${sign(colours, verdict)} ${title} ${colours.faint(`(${parts.join(", ")})`)}\n`;
}

/** Everything that went wrong in a scenario, and what else there is to say, once. */
export function failureText(scenario: ScenarioReport, colours: Colours): string {
  const cells = scenario.cells.filter((cell) => cell.verdict !== "holds");
  const own = scenario.problems.map((problem) => problemText(problem, colours));
  const warned = scenario.warnings.map((one) => `    ${headlineOf(one)}\n`);
  const remarks = new Set(
    scenario.cells.flatMap(({ worlds }) => worlds.flatMap((world) => world.remarks)),
  );
  const told = [...remarks].map((remark) => `    ${colours.faint("note")} ${remark}\n`);
  return [...cells.map((cell) => cellText(cell, colours)), ...own, ...warned, ...told].join("");
}

/** What went wrong in a cell, and how to see it again. */
export function cellText(cell: CellReport, colours: Colours): string {
  const [file] = cell.artefacts;
  const folder = file?.path.slice(0, file.path.lastIndexOf("/") + 1);
  const repro = cell.artefacts.find(({ kind }) => kind === "repro");
  const lines = [
    ...cell.case.length === 0 ? [] : [`    ${caseText(cell)}\n`],
    ...cell.problems.map((problem) => problemText(problem, colours)),
    ...cell.claims
      .filter(({ verdict }) => verdict !== "holds" && verdict !== "skipped")
      .map((claim) => claimText(claim, colours)),
    ...stepLines(cell, colours),
    detail("again", cell.replay, colours),
    ...folder === undefined ? [] : [detail("files", folder, colours)],
    ...repro === undefined || isCutShort(cell)
      ? []
      : [detail("replay", replayText(repro.path), colours)],
  ];
  return lines.join("");
}

/** A search that ended before its last seed without a failure: its files are of a run like any other. */
const isCutShort = ({ explored, verdict }: CellReport): boolean =>
  explored !== undefined && verdict === "unknown" && explored.failing === 0 &&
  explored.ran < explored.seeds;

const replayText = (path: string): string => `deno task scenario replay ${shellPath(path)}`;

const caseText = (cell: CellReport): string =>
  "case " + cell.case.map(([name, value]) => `${name} = ${value}`).join(", ");

const detail = (label: string, text: string, colours: Colours): string =>
  `      ${colours.faint(label.padEnd(8))} ${text}\n`;

const problemText = (problem: ProblemData, colours: Colours): string =>
  `    ${sign(colours, problem.verdict)} ${showPlace(problem)} ${problem.message}\n`;

/** A claim as the script has it: `expect … "title" in alternative`. */
export function claimWords({ kind, text, title, alternative }: ClaimData, strong: Paint): string {
  const named = title === undefined ? "" : strong(` "${title}"`);
  return `${kind} ${text}${named}${alternative === undefined ? "" : ` in ${alternative}`}`;
}

/** A claim as it stands, its title, the alternative it was judged in. */
export const claimLine = (claim: ClaimData, colours: Colours): string =>
  `    ${sign(colours, claim.verdict)} ${showPlace(claim)} ${claimWords(claim, colours.strong)}\n`;

const claimText = (claim: ClaimData, colours: Colours): string =>
  claimLine(claim, colours) +
  claim.details.map(({ label, text }) => detail(label, text, colours)).join("");

const LAST = 12;

/** The last steps of each world and when it ended: what led to the failure. */
function stepLines(cell: CellReport, colours: Colours): readonly string[] {
  return cell.worlds.filter((world) => world.view !== "undisturbed").map((world) => {
    const left = world.fired.length - LAST;
    const steps = world.fired.slice(-LAST).map(({ ns, text }) => `${formatNs(ns)} ${text}`);
    const shown = [...left > 0 ? [`${left} steps before`] : [], ...steps];
    const all = [...shown, `${formatNs(world.endedNs)} end`].join(" · ");
    return detail(world.view === "" ? "steps" : world.view, all, colours);
  });
}

/** One line for each cell and claim, for `--verbose`. */
export function verboseText({ cells }: ScenarioReport, colours: Colours): string {
  return cells.map((cell) => {
    const hashes = cell.worlds.map((world) => world.traceHash).join(" ");
    const head = `  ${sign(colours, cell.verdict)} ${cell.cell} ${
      colours.faint(`trace ${hashes}`)
    }\n`;
    return head + cell.claims.map((claim) => claimLine(claim, colours)).join("");
  }).join("");
}

/** `2 hold, 1 failed`: of scenarios or cells. */
export function countsText(counts: Counts, refused: number, colours: Colours): string {
  const { holds, failed, unknown, broken, nondeterministic } = counts;
  return [
    colours.good(`${holds} hold`),
    ...failed > 0 ? [colours.bad(`${failed} failed`)] : [],
    ...unknown > 0 ? [colours.unsure(`${unknown} unknown`)] : [],
    ...broken > 0 ? [colours.bad(`${broken} broken by a strategy`)] : [],
    ...nondeterministic > 0 ? [colours.bad(`${nondeterministic} nondeterministic`)] : [],
    ...refused > 0 ? [colours.bad(`${plural(refused, "file")} with errors`)] : [],
  ].join(", ");
}

/** The closing line. */
export function summaryLine(scenarios: Counts, refused: number, colours: Colours): string {
  const count = Object.values(scenarios).reduce((sum, one) => sum + one, 0);
  return `${plural(count, "scenario")}: ${countsText(scenarios, refused, colours)}\n`;
}
