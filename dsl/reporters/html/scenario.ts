/** The section of one scenario: its cells, laws, costs, and the details of every cell. */
import { headlineOf } from "../../diagnostic.ts";
import type { ScenarioReport } from "../../gather.ts";
import type { Plotting } from "../../plotting.ts";
import { plural } from "../text.ts";
import { type Around, cellDetails } from "./cell.ts";
import { problemItem } from "./claim.ts";
import { costCharts } from "./cost_chart.ts";
import { uniform } from "./frame.ts";
import { grid } from "./grid.ts";
import { lawCharts } from "./law_chart.ts";
import { html, type Markup, NO_MARKUP } from "./markup.ts";
import type { Numbered } from "./numbered.ts";
import { shownFigures } from "./shown_table.ts";
import { badge } from "./verdict.ts";

/** Cells that hold and still show their memory; what holds looks much the same. */
const MOST_MAPS = 12;

/** Details that are open from the beginning; more would bury the next scenario. */
const MOST_OPEN = 3;

function own({ problems, warnings }: ScenarioReport): Markup {
  const wrong = problems.length === 0
    ? NO_MARKUP
    : html`<ul class="claims">${problems.map(problemItem)}</ul>`;
  const doubtful = warnings.length === 0
    ? NO_MARKUP
    : html`<ul class="notes">${warnings.map((one) => html`<li>${headlineOf(one)}</li>`)}</ul>`;
  return html`${wrong}${doubtful}`;
}

function figures(scenario: ScenarioReport, plotting: Plotting): Markup {
  const all = [...lawCharts(scenario, plotting), ...costCharts(scenario, plotting)];
  return all.length === 0 ? NO_MARKUP : html`<div class="figures">${all}</div>`;
}

/** The section. Two files may call a scenario the same, so what names it is its title and its place. */
export function scenarioSection(
  numbered: Numbered,
  plotting: Plotting,
  around: Around,
): Markup {
  const { scenario, id, cells } = numbered;
  const tags = scenario.tags.map((tag) =>
    html`
      <span class="tag">@${tag}</span>
    `
  );
  const part = scenario.of > cells.length ? ` of ${scenario.of}` : "";
  const bad = cells.filter(({ cell }) => cell.verdict !== "holds");
  const open = new Set(bad.slice(0, MOST_OPEN));
  const details = cells.map((one, place) =>
    cellDetails(one, {
      isOpen: open.has(one),
      hasMaps: one.cell.verdict !== "holds" || place < MOST_MAPS,
      ...around,
    })
  );
  return html`
    <section class="scenario" id="${id}" aria-labelledby="${id}-title ${id}-place"
      ${uniform(scenario)}>
    <h2 id="${id}-title">${scenario.title}</h2>
    <p class="about">${badge(scenario.verdict)} <span class="place" id="${id}-place">${scenario
      .file}:${scenario
      .line}</span> <span class="meaning">${plural(cells.length, "cell")}${part}</span>${tags}</p>
    ${own(scenario)}${grid(numbered)}${shownFigures(scenario, plotting)}${figures(
      scenario,
      plotting,
    )}
    ${details}</section>
  `;
}
