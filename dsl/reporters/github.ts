/**
 * `github`: annotations at the lines that do not hold, and a summary of the step. GitHub shows ten
 * annotations of a step and drops the others without a word; so there are at most ten, one for each
 * line of a script, with the number of its cases in the title, and the rest is in the summary.
 */
import type { DiagnosticFound, RunEnded, RunEvent } from "../../core/mod.ts";
import { PLAIN_COLOURS } from "../colour.ts";
import { Gathering, type ScenarioReport } from "../gather.ts";
import { lawCharts } from "./law_text.ts";
import { NOTHING, type Piece, type Report, reporter, type Surroundings } from "./reporter.ts";
import { plural, summaryLine } from "./text.ts";
import { type Reason, reasonsOf, reasonText } from "./words.ts";

/** What GitHub shows of one step. */
const MOST = 10;

interface Annotation {
  readonly level: "error" | "warning";
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly title: string;
  readonly message: string;
}

const data = (text: string): string =>
  text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");

const property = (text: string): string => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");

const command = ({ level, file, line, column, title, message }: Annotation): string =>
  `::${level} file=${property(file)},line=${line},col=${column},title=${property(title)}::${
    data(message)
  }\n`;

const fromDiagnostic = (one: DiagnosticFound): Annotation => ({
  ...one,
  level: one.severity,
  title: one.code,
  message: one.message,
});

/** One for each line of the scenario that does not hold somewhere. */
function annotationsOf(scenario: ScenarioReport): readonly Annotation[] {
  const found = new Map<number, { readonly reason: Reason; count: number; replay: string }>();
  const add = (reason: Reason, replay: string): void => {
    const known = found.get(reason.line);
    if (known === undefined) found.set(reason.line, { reason, count: 1, replay });
    else known.count++;
  };
  for (const cell of scenario.cells) {
    const lines = new Map(reasonsOf(cell).map((reason) => [reason.line, reason]));
    for (const reason of lines.values()) add(reason, cell.replay);
  }
  for (const reason of reasonsOf({ claims: [], problems: scenario.problems })) add(reason, "");
  return [...found.values()].map(({ reason, count, replay }) => ({
    ...reason,
    level: reason.verdict === "unknown" ? "warning" : "error",
    title: `${scenario.title}: ${reason.verdict} in ${count} of ${
      plural(scenario.cells.length, "case")
    }`,
    message: [reason.message, ...reason.details, ...replay === "" ? [] : [`again: ${replay}`]]
      .join("\n"),
  }));
}

const cellOf = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

const code = (text: string): string => `\n\`\`\`text\n${text.trimEnd()}\n\`\`\`\n`;

/** The summary of the step, as Markdown. */
function summaryOf(
  scenarios: readonly ScenarioReport[],
  diagnostics: readonly DiagnosticFound[],
  ended: RunEnded,
): string {
  const head = summaryLine(ended.scenarios, ended.refused, PLAIN_COLOURS).trimEnd();
  const bad = scenarios.filter(({ verdict }) => verdict !== "holds");
  const table = bad.length === 0 ? "" : [
    "\n| scenario | verdict | cases |\n| --- | --- | --- |\n",
    ...bad.map(({ file, line, title, verdict, cells }) => {
      const count = cells.filter((cell) => cell.verdict !== "holds").length;
      const where = cellOf(`${file}:${line}`);
      return `| \`${where}\` ${cellOf(title)} | ${verdict} | ${count} of ${cells.length} |\n`;
    }),
  ].join("");
  const wrong = diagnostics.filter(({ severity }) => severity === "error")
    .map(({ file, line, column, code: name, message }) =>
      `${file}:${line}:${column} ${name}: ${message}\n`
    );
  const scripts = wrong.length === 0 ? "" : `\n### Scripts with errors\n${code(wrong.join(""))}`;
  return `## ${head}\n${table}${scripts}${bad.map(detailsOf).join("")}${
    scenarios.map(chartsOf).join("")
  }`;
}

/** What the first cases of a scenario say; the report as a file has the others. */
function detailsOf(scenario: ScenarioReport): string {
  const bad = scenario.cells.filter(({ verdict }) => verdict !== "holds");
  const shown = bad.slice(0, MOST).map((cell) => {
    const files = cell.artefacts.map(({ path }) => `  file: ${path}`);
    return [cell.cell, ...reasonsOf(cell).map(reasonText), `  again: ${cell.replay}`, ...files]
      .join("\n");
  });
  const own = reasonsOf({ claims: [], problems: scenario.problems }).map(reasonText);
  const more = bad.length > MOST ? [`and ${plural(bad.length - MOST, "case")} more`] : [];
  return `\n<details><summary>${cellOf(scenario.title)}</summary>\n${
    code([...shown, ...own, ...more].join("\n\n"))
  }\n</details>\n`;
}

const chartsOf = (scenario: ScenarioReport): string =>
  lawCharts(scenario).map(({ title, text }) => `\n### ${title}\n${code(text)}`).join("");

class GitHub implements Report {
  readonly #gathering = new Gathering();
  readonly #diagnostics: DiagnosticFound[] = [];
  readonly #scenarios: ScenarioReport[] = [];

  constructor(readonly around: Surroundings) {}

  take(event: RunEvent): readonly Piece[] {
    if (event.event === "diagnostic") this.#diagnostics.push(event);
    const scenario = this.#gathering.take(event);
    if (scenario !== undefined) this.#scenarios.push(scenario);
    return event.event === "run-ended" ? this.#end(event) : NOTHING;
  }

  #end(ended: RunEnded): readonly Piece[] {
    const all = [
      ...this.#diagnostics.map(fromDiagnostic),
      ...this.#scenarios.flatMap(annotationsOf),
    ];
    const ordered = [
      ...all.filter(({ level }) => level === "error"),
      ...all.filter(({ level }) => level === "warning"),
    ];
    const annotations = ordered.slice(0, MOST).map((one) => ({ text: command(one) }));
    const file = this.around.environment["GITHUB_STEP_SUMMARY"] ?? "";
    if (file === "") return annotations;
    return [...annotations, { file, text: summaryOf(this.#scenarios, this.#diagnostics, ended) }];
  }
}

export const github = reporter({
  name: "github",
  help:
    "Annotations and a step summary of GitHub Actions; on by itself where GITHUB_ACTIONS is set.",
  beside: true,
  begin: (around) => new GitHub(around),
});
