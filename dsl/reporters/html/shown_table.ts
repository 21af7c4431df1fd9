/** The figures of a scenario: charts along its axes, and one table of all that have none. */
import type { ScenarioReport } from "../../gather.ts";
import { type Plotting, unique } from "../../plotting.ts";
import { axesOf, caseText } from "../axes.ts";
import { html, type Markup, NO_MARKUP, scroller } from "./markup.ts";
import { type ShownGroup, shownGroups, shownText } from "../shown.ts";
import { isAlong, shownChart } from "./shown_chart.ts";

/** A row for each cell, a column for each figure, with compare in each alternative. */
function table({ cells, title }: ScenarioReport, groups: readonly ShownGroup[]): Markup {
  if (groups.length === 0) return NO_MARKUP;
  const axes = axesOf(cells);
  const columns = groups.flatMap((group) =>
    unique(group.points.map(({ series }) => series)).map((series) => ({ group, series }))
  );
  const rows = cells.map((cell) => {
    const values = columns.map(({ group, series }) => {
      const point = group.points.find((one) => one.cell === cell && one.series === series);
      return point === undefined ? "–" : shownText(point.figure, group.unit);
    });
    return html`<tr><th scope="row">${caseText(cell, axes) || `seed ${cell.seed}`}</th>${
      values.map((value) => html`<td class="value">${value}</td>`)
    }</tr>`;
  });
  const heads = columns.map(({ group, series }) =>
    html`<th scope="col" class="number">${group.title}${series === "" ? "" : `, ${series}`}</th>`
  );
  return scroller(
    `Figures of ${title}`,
    html`
      <table class="wide">
        <caption>What was measured</caption>
        <thead>
          <tr><th scope="col">Case</th>${heads}</tr>
        </thead>
        <tbody>${rows}</tbody>
      </table>
    `,
  );
}

/** All of them. */
export function shownFigures(scenario: ScenarioReport, plotting: Plotting): Markup {
  const groups = shownGroups(scenario);
  const charts = groups.filter(isAlong).map((group) => shownChart(group, plotting));
  const drawn = charts.length === 0 ? NO_MARKUP : html`<div class="figures">${charts}</div>`;
  return html`${drawn}${table(scenario, groups.filter((group) => !isAlong(group)))}`;
}
