/** `pretty` and `quiet`: what people read while they wait and when something fails. */
import type { Progress, RunEvent } from "../../core/mod.ts";
import { Gathering, type ScenarioReport } from "../gather.ts";
import { figuresText } from "./figures_text.ts";
import { NOTHING, type Piece, type Report, reporter, type Surroundings } from "./reporter.ts";
import { failureText, scenarioLine, summaryLine, verboseText } from "./text.ts";

/** Where nobody watches something is said after so long, and then after twice as long each time. */
const FIRST_WORD_MS = 15_000;

/** Says how far a run is: all the time to who watches, ever more seldom to a log. */
export class Waiting {
  readonly #begun: number;
  #next = FIRST_WORD_MS;

  constructor(readonly around: Pick<Surroundings, "isTerminal" | "clock">) {
    this.#begun = around.clock();
  }

  take({ done, total, cell, what }: Progress): readonly Piece[] {
    if (this.around.isTerminal) {
      return what === "begun" ? [{ passing: `[${done}/${total}] ${cell}` }] : NOTHING;
    }
    const elapsed = this.around.clock() - this.#begun;
    if (what === "begun" || elapsed < this.#next) return NOTHING;
    while (this.#next <= elapsed) this.#next *= 2;
    return [{ aside: `${done} of ${total} cells after ${Math.round(elapsed / 1000)} s\n` }];
  }
}

class Pretty implements Report {
  readonly #gathering = new Gathering();
  readonly #waiting: Waiting;
  #file = "";

  constructor(readonly around: Surroundings) {
    this.#waiting = new Waiting(around);
  }

  take(event: RunEvent): readonly Piece[] {
    const scenario = this.#gathering.take(event);
    if (scenario !== undefined) return this.#scenario(scenario);
    if (event.event === "progress") return this.#waiting.take(event);
    // Nothing was run, which the command itself says.
    if (event.event !== "run-ended" || event.exit === 6) return NOTHING;
    return [{ text: summaryLine(event.scenarios, event.refused, this.around.colours) }];
  }

  #scenario(scenario: ScenarioReport): readonly Piece[] {
    const { colours, quiet, verbose, isTerminal } = this.around;
    if (scenario.cells.length === 0 && scenario.verdict === "holds") return NOTHING;
    if (quiet && scenario.verdict === "holds") return NOTHING;
    const head = this.#file === scenario.file ? "" : colours.faint(scenario.file) + "\n";
    this.#file = scenario.file;
    const line = scenarioLine(scenario, colours, isTerminal);
    const more = verbose ? verboseText(scenario, colours) : "";
    const figures = quiet ? "" : figuresText(scenario, colours);
    return [{ text: head + line + more + figures + failureText(scenario, colours) }];
  }
}

export const pretty = reporter({
  name: "pretty",
  help: "For people: a line for each scenario, all about what does not hold, how far it is.",
  begin: (around) => new Pretty(around),
});

export const quiet = reporter({
  name: "quiet",
  help: "As pretty, but only what does not hold, and the summary.",
  begin: (around) => new Pretty({ ...around, quiet: true }),
});
