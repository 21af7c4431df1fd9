/** `tap`: TAP version 14, a subtest for each scenario, never a colour. */
import type { RunEvent, Verdict } from "../../core/mod.ts";
import { headlineOf } from "../diagnostic.ts";
import { type CellReport, Gathering, type ScenarioReport } from "../gather.ts";
import { NOTHING, type Piece, type Report, reporter, type Surroundings } from "./reporter.ts";
import { caseName, outcomeOf, type Reason, reasonsOf } from "./words.ts";

/** A description: what would begin a directive is escaped, and it stays on its line. */
const description = (text: string): string =>
  text.replaceAll("\\", "\\\\").replaceAll("#", "\\#").replaceAll(/\s+/g, " ");

const indented = (text: string): string => text.replaceAll(/^(?=.)/gm, "    ");

/** A block of YAML; JSON texts are YAML texts. */
function yaml(verdict: Verdict, reasons: readonly Reason[], replay: string | undefined): string {
  const [first] = reasons;
  const lines = [
    `verdict: ${verdict}`,
    ...first === undefined ? [] : [
      `message: ${JSON.stringify(first.message)}`,
      `at: ${JSON.stringify(`${first.file}:${first.line}:${first.column}`)}`,
      "details:",
      ...reasons.flatMap(({ message, details }) => [
        `  - ${JSON.stringify(message)}`,
        ...details.map((line) => `  - ${JSON.stringify(line)}`),
      ]),
    ],
    ...replay === undefined ? [] : [`again: ${JSON.stringify(replay)}`],
  ];
  return `  ---\n${lines.map((line) => `  ${line}\n`).join("")}  ...\n`;
}

class Tap implements Report {
  readonly #gathering = new Gathering();
  #count = 0;

  constructor(readonly around: Surroundings) {}

  take(event: RunEvent): readonly Piece[] {
    switch (event.event) {
      case "run-begun":
        return [{ text: "TAP version 14\n" }];
      case "diagnostic": {
        const line = headlineOf(event);
        if (event.severity === "warning") return [{ text: `# ${line}\n` }];
        return [{ text: `not ok ${++this.#count} - ${description(line)}\n` }];
      }
      case "run-ended":
        if (event.interrupted) return [{ text: "Bail out! interrupted\n" }];
        return [{ text: `1..${this.#count}\n` }];
      default: {
        const scenario = this.#gathering.take(event);
        return scenario === undefined ? NOTHING : [{ text: this.#scenario(scenario) }];
      }
    }
  }

  #scenario(scenario: ScenarioReport): string {
    const { title, cells, problems, verdict } = scenario;
    const lines = cells.map((cell, i) => this.#case(cell, i + 1));
    if (problems.length > 0) {
      const reasons = reasonsOf({ claims: [], problems });
      lines.push(this.#point(cells.length + 1, "all cases", verdict, reasons));
    }
    const name = description(title);
    const inner = indented(`${lines.join("")}1..${lines.length}\n`);
    const point = this.#line(++this.#count, title, verdict, "not judged as a whole");
    return `# Subtest: ${name}\n${inner}${point}`;
  }

  #case(cell: CellReport, number: number): string {
    return this.#point(number, caseName(cell), cell.verdict, reasonsOf(cell), cell.replay);
  }

  #point(
    number: number,
    name: string,
    verdict: Verdict,
    reasons: readonly Reason[],
    replay?: string,
  ): string {
    const line = this.#line(number, name, verdict, reasons[0]?.message ?? "");
    return verdict === "holds" ? line : line + yaml(verdict, reasons, replay);
  }

  #line(number: number, name: string, verdict: Verdict, why: string): string {
    const outcome = outcomeOf(verdict, this.around);
    const ok = outcome === "passed" || outcome === "skipped" ? "ok" : "not ok";
    const skip = outcome === "skipped" ? ` # SKIP ${description(`${verdict}: ${why}`)}` : "";
    return `${ok} ${number} - ${description(name)}${skip}\n`;
  }
}

export const tap = reporter({
  name: "tap",
  help: "TAP version 14: a subtest for each scenario, a test point for each cell.",
  machine: true,
  begin: (around) => new Tap(around),
});
