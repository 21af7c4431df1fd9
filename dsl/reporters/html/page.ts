/** The page: takes in events, and when the run has ended gives back one file. */
import type { DiagnosticFound, RunBegun, RunEnded, RunEvent } from "../../../core/mod.ts";
import { Gathering, type ScenarioReport } from "../../gather.ts";
import type { Plotting } from "../../plotting.ts";
import { NOTHING, type Piece, type Report } from "../reporter.ts";
import { contents, diagnosticsSection, filter, header, policy } from "./frame.ts";
import type { Around } from "./cell.ts";
import { html, type Markup, NO_MARKUP, raw } from "./markup.ts";
import { squares } from "./memory_map.ts";
import { type Numbered, numberedOf } from "./numbered.ts";
import { SCRIPT } from "./script.ts";
import { Pictures } from "./space_time.ts";
import { STYLE } from "./style.ts";
import { titleOf } from "./totals.ts";

/** What pages differ in. */
export interface PageKind {
  /** What stands above the title. */
  readonly brand: string;
  readonly section: (numbered: Numbered, plotting: Plotting, around: Around) => Markup;
  /** Cells can be chosen by their verdict. */
  readonly hasFilter?: boolean;
}

/** A page that is being made. */
export class Page implements Report {
  readonly #gathering = new Gathering();
  readonly #scenarios: ScenarioReport[] = [];
  readonly #diagnostics: DiagnosticFound[] = [];
  readonly #pictures = new Pictures();
  #begun: RunBegun | undefined;

  /** `file`: where the page goes. */
  constructor(
    readonly plotting: Plotting,
    readonly file: string | undefined,
    readonly kind: PageKind,
  ) {}

  take(event: RunEvent): readonly Piece[] {
    if (event.event === "run-begun") this.#begun = event;
    if (event.event === "diagnostic") this.#diagnostics.push(event);
    if (event.event === "attachment") this.#pictures.take(event);
    const scenario = this.#gathering.take(event);
    if (scenario !== undefined) this.#scenarios.push(scenario);
    if (event.event !== "run-ended") return NOTHING;
    return [{ text: this.#whole(event).text }];
  }

  #whole(ended: RunEnded): Markup {
    const begun = this.#begun, { brand, section, hasFilter = false } = this.kind;
    const surroundings = { page: this.file, pictures: this.#pictures.found };
    const numbered = numberedOf(this.#scenarios);
    return html`
      <!DOCTYPE html>
      <html lang="en">
        <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      ${policy(SCRIPT)}
      <title>${titleOf(ended)}</title>
      <style>${raw(STYLE)}</style>
        </head>
        <body>
      <a class="skip" href="#results">Skip to the results</a>
      ${header(brand, begun, ended, this.#scenarios)}
      ${squares()}
      <main id="results" tabindex="-1">
      ${diagnosticsSection(this.#diagnostics)}
      ${hasFilter ? filter(ended) : NO_MARKUP}
      ${contents(numbered)}
      ${numbered.map((one) => section(one, this.plotting, surroundings))}
      </main>
      <script>${raw(SCRIPT)}</script>
        </body>
      </html>
    `;
  }
}
