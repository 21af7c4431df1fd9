/** The cells of a scenario at a glance: rows and columns where there are two axes, else a list. */
import { unique } from "../../plotting.ts";
import { axesOf, caseText, valueAt } from "../axes.ts";
import { html, type Markup, NO_MARKUP, scroller } from "./markup.ts";
import type { Numbered, NumberedCell } from "./numbered.ts";

/** A link to the details of a cell; without a text it says the verdict. */
function link({ cell: { verdict }, id }: NumberedCell, text?: string): Markup {
  const said = text === undefined ? verdict : html`${text}<span class="unseen"> ${verdict}</span>`;
  return html`
    <a class="chip signed v-${verdict}" data-verdict="${verdict}" href="#${id}">${said}</a>
  `;
}

const seedText = ({ cell }: NumberedCell): string => `seed ${cell.seed}`;

function table(cells: readonly NumberedCell[], row: string, column: string): Markup {
  const of = (name: string) => unique(cells.map(({ cell }) => valueAt(cell, name)));
  const columns = of(column);
  const at = (down: string, across: string) => {
    const here = cells.filter(({ cell }) =>
      valueAt(cell, row) === down && valueAt(cell, column) === across
    );
    const [first] = here;
    if (first === undefined) return html`<span class="none">–</span>`;
    return here.map((one) => link(one, here.length === 1 ? undefined : seedText(one)));
  };
  return html`
    <table class="grid">
      <caption>Cells by ${row} (rows) and ${column} (columns)</caption>
      <thead>
        <tr><th scope="col">${row} \\ ${column}</th>${columns.map((across) =>
          html`<th scope="col">${across}</th>`
        )}</tr>
      </thead>
      <tbody>${of(row).map((down) =>
        html`<tr><th scope="row">${down}</th>${
          columns.map((across) => html`<td>${at(down, across)}</td>`)
        }</tr>`
      )}</tbody>
    </table>
  `;
}

/** The grid; nothing where there is but one cell. */
export function grid({ scenario, cells }: Numbered): Markup {
  if (cells.length < 2) return NO_MARKUP;
  const axes = axesOf(scenario.cells);
  const [row, column, ...more] = axes;
  if (row !== undefined && column !== undefined && more.length === 0) {
    return scroller(`Cells of ${scenario.title}`, table(cells, row, column));
  }
  const name = (one: NumberedCell) => caseText(one.cell, axes) || seedText(one);
  const doubled = unique(cells.map(name)).length < cells.length;
  const text = (one: NumberedCell) =>
    doubled && axes.length > 0 ? `${name(one)}, ${seedText(one)}` : name(one);
  return html`<ul class="cells" aria-label="Cells of ${scenario.title}">${
    cells.map((one) => html`<li>${link(one, text(one))}</li>`)
  }</ul>`;
}
