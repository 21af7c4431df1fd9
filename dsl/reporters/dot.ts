/** `dot`: a sign for each cell, and at the end what does not hold. */
import type { RunEvent, Verdict } from "../../core/mod.ts";
import { Gathering, type ScenarioReport } from "../gather.ts";
import { NOTHING, type Piece, type Report, reporter, type Surroundings } from "./reporter.ts";
import { failureText, scenarioLine, sign, summaryLine } from "./text.ts";

const WIDTH = 80;

class Dots implements Report {
  readonly #gathering = new Gathering();
  readonly #bad: ScenarioReport[] = [];
  #column = 0;

  constructor(readonly around: Surroundings) {}

  take(event: RunEvent): readonly Piece[] {
    const scenario = this.#gathering.take(event);
    if (scenario !== undefined && scenario.verdict !== "holds") this.#bad.push(scenario);
    if (event.event === "cell-ended") return [{ text: this.#dot(event.verdict) }];
    if (event.event !== "run-ended") return NOTHING;
    const { colours } = this.around;
    const told = this.#bad.map((one) =>
      `${colours.faint(one.file)}\n${scenarioLine(one, colours, false)}${failureText(one, colours)}`
    );
    const end = this.#column === 0 ? "" : "\n";
    const summary = summaryLine(event.scenarios, event.refused, colours);
    return [{ text: end + told.join("") + summary }];
  }

  #dot(verdict: Verdict): string {
    const { colours } = this.around;
    const dot = verdict === "holds" ? colours.good(".") : sign(colours, verdict);
    this.#column = (this.#column + 1) % WIDTH;
    return this.#column === 0 ? `${dot}\n` : dot;
  }
}

export const dot = reporter({
  name: "dot",
  help: "A sign for each cell: . holds, ✗ failed, ? unknown, ! broken; then what does not hold.",
  begin: (around) => new Dots(around),
});
