/** The checkpoints of a cell as a table. */
import type { Measured } from "../../../core/mod.ts";
import type { CellReport } from "../../gather.ts";
import { format, formatNs, fromEngine } from "../../units.ts";
import { BIN_METRICS, costsOf, processesOf } from "./costs.ts";
import { html, type Markup, NO_MARKUP, scroller } from "./markup.ts";

const bytes = (value: number): string => format(fromEngine(value, "bytes"));

/** The columns: a heading, and the metric with how it reads. */
const COLUMNS: readonly (readonly [string, string, (value: number) => string])[] = [
  ["elapsed", "elapsed", formatNs],
  ["downtime", "downtime", formatNs],
  ["with the copier's time", "downtime_honest", formatNs],
  ["longest pause", "max_pause", formatNs],
  ...BIN_METRICS.map(({ name, metric }) => [name, metric, formatNs] as const),
  ["pages", "pages", String],
  ["write faults", "write_faults", String],
  ["messages", "control_messages", String],
  ["image", "image_size", bytes],
];

function cellsOf({ metrics }: Measured): readonly Markup[] {
  return COLUMNS.map(([, metric, read]) => {
    const value = metrics[metric];
    return html`<td class="value">${value === undefined ? "–" : read(value)}</td>`;
  });
}

/** The table; nothing where there is no checkpoint. */
export function costTable(cell: CellReport): Markup {
  const costs = costsOf(cell);
  if (costs.length === 0) return NO_MARKUP;
  const rows = costs.map((cost) =>
    html`<tr><th scope="row">${
      cost.view === "" ? "" : `${cost.view} · `
    }${cost.label}</th><td class="value">${processesOf(cost) || "–"}</td>${cellsOf(cost)}</tr>`
  );
  const table = html`
    <table class="wide">
      <caption>Checkpoints; times of several processes are added up, but for elapsed and pause</caption>
      <thead>
        <tr><th scope="col">Checkpoint</th><th scope="col" class="number">processes</th>${COLUMNS
          .map(([name]) => html`<th scope="col" class="number">${name}</th>`)}</tr>
      </thead>
      <tbody>${rows}</tbody>
    </table>
  `;
  return scroller("Checkpoints", table);
}
