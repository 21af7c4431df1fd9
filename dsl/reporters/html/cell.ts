/** All there is to say of one cell. */
import type { CellReport, WorldReport } from "../../gather.ts";
import { formatNs } from "../../units.ts";
import { plural } from "../text.ts";
import { exploredText } from "../words.ts";
import { caseText } from "../axes.ts";
import { failedClaim, problemItem, quietClaim } from "./claim.ts";
import { costTable } from "./cost_table.ts";
import { addressOf } from "./link.ts";
import { html, type Markup, NO_MARKUP, scroller } from "./markup.ts";
import { memoryMaps } from "./memory_map.ts";
import type { NumberedCell } from "./numbered.ts";
import { spaceTime } from "./space_time.ts";
import { badge } from "./verdict.ts";

/** Its seed; of a search, how far it came. */
const seedText = (cell: CellReport): string =>
  cell.explored === undefined ? `seed ${cell.seed}` : `seeds: ${exploredText(cell)}`;

/** How a world is called. */
export const worldName = (view: string): string => view === "" ? "the run" : view;

/** Steps shown of a world; what led to a failure is at the end. */
const LAST = 12;

function stepsOf({ view, fired, endedNs }: WorldReport): Markup {
  const left = fired.length - LAST;
  const before = left > 0
    ? html`<li class="meaning">${plural(left, "step")} before</li>`
    : NO_MARKUP;
  const items = fired.slice(-LAST).map(({ ns, text }) =>
    html`<li><span class="time">${formatNs(ns)}</span> <code>${text}</code></li>`
  );
  return html`
    <div class="steps">
      <h4>Steps of ${worldName(view)}</h4>
      <ol>${before}${items}<li><span class="time">${formatNs(endedNs)}</span> end</li></ol>
    </div>
  `;
}

const isBad = (verdict: string): boolean => verdict !== "holds" && verdict !== "skipped";

function claims(cell: CellReport): Markup {
  const bad = cell.claims.filter(({ verdict }) => isBad(verdict));
  const rest = cell.claims.filter(({ verdict }) => !isBad(verdict));
  const wrong = [...cell.problems.map(problemItem), ...bad.map(failedClaim)];
  const list = wrong.length === 0 ? NO_MARKUP : html`<ul class="claims">${wrong}</ul>`;
  if (rest.length === 0) return list;
  const table = html`
    <table class="wide">
      <caption>${bad.length === 0 ? "Claims" : "The other claims"}</caption>
      <thead>
        <tr>
          <th scope="col">Verdict</th>
          <th scope="col">Claim</th>
          <th scope="col" class="value">Left side</th>
          <th scope="col" class="number">Line</th>
        </tr>
      </thead>
      <tbody>${rest.map(quietClaim)}</tbody>
    </table>
  `;
  return html`${list}${scroller("Claims", table)}`;
}

function files({ artefacts }: CellReport, page: string | undefined): Markup {
  if (artefacts.length === 0) return NO_MARKUP;
  const items = artefacts.map(({ kind, path }) => {
    const address = addressOf(path, page);
    const name = html`<code>${path}</code>`;
    return html`<li>${kind}: ${
      address === undefined ? name : html`<a href="${address}">${name}</a>`
    }</li>`;
  });
  return html`
    <h4>Files</h4>
    <ul class="files">${items}</ul>
  `;
}

function notes({ worlds }: CellReport): Markup {
  const remarks = [...new Set(worlds.flatMap((world) => world.remarks))];
  return remarks.length === 0
    ? NO_MARKUP
    : html`<ul class="notes">${remarks.map((text) => html`<li>Note: ${text}</li>`)}</ul>`;
}

const hashes = ({ worlds }: CellReport): Markup =>
  html`<p class="meaning">Trace ${
    worlds.map(({ view, traceHash }, i) =>
      html`${i === 0 ? "" : ", "}${view === "" ? "" : `${view} `}<code>${traceHash}</code>`
    )
  }</p>`;

/** What is known of files about cells. */
export interface Around {
  /** Where the page goes. */
  readonly page: string | undefined;
  /** Diagrams by path, as far as they were told. */
  readonly pictures: ReadonlyMap<string, string>;
}

/** How much of a cell is shown. */
export interface DetailOptions extends Around {
  readonly isOpen: boolean;
  /** Its memory too. */
  readonly hasMaps: boolean;
}

/** The details of a cell, open or folded. */
export function cellDetails(
  { cell, id }: NumberedCell,
  { isOpen, hasMaps, page, pictures }: DetailOptions,
): Markup {
  const name = caseText(cell) || "the only case";
  const maps = hasMaps
    ? memoryMaps(cell)
    : html`<p class="meaning">Its memory is left out to keep the page small; run it alone to see it.</p>`;
  const told = cell.worlds.filter(({ view }) => view !== "undisturbed");
  return html`
    <details class="cell v-${cell.verdict}" id="${id}" data-verdict="${cell.verdict}" ${isOpen
      ? "open"
      : ""}>
      <summary>
        <h3>${badge(
          cell.verdict,
        )} <span class="name">${name}</span> <span class="meaning">${seedText(cell)}, ${formatNs(
          cell.virtualNs,
        )}</span></h3>
      </summary>
      <div
        class="inside">${claims(cell)}${notes(cell)}${spaceTime(
          cell,
          pictures,
        )}<div class="worlds">${told.map(stepsOf)}</div>${costTable(
          cell,
        )}${maps}<h4>Again</h4>${scroller(
          "The command",
          html`<pre class="command">${cell.replay}</pre>`,
        )}${files(cell, page)}${hashes(cell)}</div>
    </details>
  `;
}
