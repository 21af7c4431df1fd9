/**
 * The memory of a process in a checkpoint: each page a small square in the order of addresses, by
 * what became of it. Each fate has a pattern of its own, so that no colour is needed to tell them.
 */
import {
  PAGE_FATES,
  type PageArea,
  type PageFate,
  type ProcessPages,
  readPages,
} from "../../../core/mod.ts";
import type { CellReport } from "../../gather.ts";
import { plural } from "../text.ts";
import { costsOf } from "./costs.ts";
import { html, type Markup, NO_MARKUP, raw, scroller } from "./markup.ts";

/** px of a square with its gap, and squares in a line. */
const SIDE = 9, ACROSS = 64;
const LINE_HEIGHT = 15;

/** What each fate looks like inside its square. */
const SHAPES: Readonly<Record<PageFate, string>> = {
  A: '<rect width="8" height="8" class="fate-A"/>',
  B: '<rect width="8" height="8" class="fate-B"/><path d="M0 8L8 0" class="line"/>',
  S: '<rect width="8" height="8" class="fate-S"/><path d="M0 0L8 8M0 8L8 0" class="line"/>',
  X: '<rect x=".75" y=".75" width="6.5" height="6.5" class="fate-X"/>',
  P: '<rect x=".75" y=".75" width="6.5" height="6.5" class="fate-X"/><path d="M2 4H6" class="line"/>',
  M: '<rect x=".75" y=".75" width="6.5" height="6.5" class="fate-X"/><path d="M2 4H6M4 2V6" class="line"/>',
  a: '<rect width="8" height="8" class="fate-zero"/><circle cx="4" cy="4" r="1.5" class="dot"/>',
  b: '<rect width="8" height="8" class="fate-zero"/><path d="M0 8L8 0" class="line"/>',
  s: '<rect width="8" height="8" class="fate-zero"/><path d="M0 0L8 8M0 8L8 0" class="line"/>',
  m: '<rect width="8" height="8" class="fate-zero"/><path d="M2 4H6M4 2V6" class="line"/>',
  "-": '<circle cx="4" cy="4" r=".9" class="dot"/>',
};

const FATES = Object.keys(PAGE_FATES) as readonly PageFate[];
const idOf = (fate: PageFate): string => `fate-${FATES.indexOf(fate)}`;

const shared = (fate: PageFate): string =>
  `<symbol id="${idOf(fate)}" viewBox="0 0 8 8">${SHAPES[fate]}</symbol>` +
  `<pattern id="${idOf(fate)}s" width="${SIDE}" height="${SIDE}" patternUnits="userSpaceOnUse">` +
  `${SHAPES[fate]}</pattern>`;

/** The squares all maps of the page share. */
export const squares = (): Markup =>
  raw(
    '<svg class="shared" width="0" height="0" aria-hidden="true" focusable="false"><defs>' +
      `${FATES.map(shared).join("")}</defs></svg>`,
  );

const square = (fate: PageFate): Markup =>
  raw(`<svg aria-hidden="true"><use href="#${idOf(fate)}"/></svg>`);

const hex = (vpn: number): string => `0x${(vpn * 4096).toString(16).padStart(8, "0")}`;

/** Long stretches nobody touched are one line: what is in them is nothing. */
const isEmptyArea = ({ pages }: PageArea): boolean =>
  readPages(pages).every(({ fate }) => fate === "-");

/** A stretch of squares as rectangles, line by line; x and y in squares. */
function path(from: number, count: number): string {
  let text = "";
  for (let at = from; at < from + count;) {
    const column = at % ACROSS;
    const many = Math.min(ACROSS - column, from + count - at);
    text += `M${column * SIDE} ${Math.floor(at / ACROSS) * SIDE}h${many * SIDE}v${SIDE}h-${
      many * SIDE
    }z`;
    at += many;
  }
  return text;
}

/** Leading pages nobody touched, as a stack has them, are left out of the picture. */
function trimmed(
  area: PageArea,
): { readonly first: number; readonly runs: ReturnType<typeof readPages> } {
  const runs = readPages(area.pages);
  const [head] = runs;
  if (head?.fate !== "-" || head.count < ACROSS / 4) return { first: area.first, runs };
  return { first: area.first + head.count, runs: runs.slice(1) };
}

function areaOf(area: PageArea, top: number): { readonly svg: string; readonly height: number } {
  const { first, runs } = trimmed(area);
  const byFate = new Map<PageFate, string>();
  let at = 0;
  for (const { count, fate } of runs) {
    byFate.set(fate, (byFate.get(fate) ?? "") + path(at, count));
    at += count;
  }
  const name = area.path === undefined ? area.kind : `${area.kind} ${area.path}`;
  const left = first > area.first
    ? `, ${plural(first - area.first, "page")} before never touched`
    : "";
  const label = html`${hex(first)} ${name}, ${plural(at, "page")}${left}`.text;
  const paths = [...byFate].map(([fate, d]) => `<path fill="url(#${idOf(fate)}s)" d="${d}"/>`).join(
    "",
  );
  return {
    svg: `<text y="${top + 11}">${label}</text><g transform="translate(0 ${
      top + LINE_HEIGHT
    })">${paths}</g>`,
    height: LINE_HEIGHT + Math.ceil(at / ACROSS) * SIDE + 6,
  };
}

function counts(areas: readonly PageArea[]): ReadonlyMap<PageFate, number> {
  const found = new Map<PageFate, number>();
  for (const { count, fate } of areas.flatMap(({ pages }) => readPages(pages))) {
    found.set(fate, (found.get(fate) ?? 0) + count);
  }
  return found;
}

/** A list of processes, not too long. */
const who = (processes: readonly string[]): string =>
  processes.length <= 4
    ? processes.join(", ")
    : `${processes.slice(0, 3).join(", ")} and ${processes.length - 3} more, all alike`;

function map({ processes, areas }: ProcessPages, checkpoint: string): Markup {
  const shown = areas.filter((area) => !isEmptyArea(area));
  let height = 0;
  const drawn = shown.map((area) => {
    const { svg, height: more } = areaOf(area, height);
    height += more;
    return svg;
  });
  const found = counts(areas);
  const each = processes.length > 1 ? "each of " : "";
  const title = `Pages of ${each}${who(processes)} in ${checkpoint}`;
  const legend = FATES.filter((fate) => found.has(fate)).map((fate) =>
    html`<li>${square(fate)} <b>${found.get(fate)}</b> ${PAGE_FATES[fate]}</li>`
  );
  const label = html`
    role="img" aria-label="${title}"
  `.text;
  const width = ACROSS * SIDE;
  const svg = raw(
    `<svg class="map" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ${label}>` +
      html`
        <title>${title}</title>
        <desc>Pages by address; the list has the counts.</desc>
      `.text +
      `${drawn.join("")}</svg>`,
  );
  return html`
    <figure
      class="memory"><figcaption>${title}</figcaption><ul class="legend">${legend}</ul>${scroller(
        title,
        svg,
      )}</figure>
  `;
}

/** The maps of a cell, folded. */
export function memoryMaps(cell: CellReport): Markup {
  const maps = costsOf(cell).flatMap(({ memory = [], label, view }) =>
    memory.filter(({ areas }) => areas.length > 0)
      .map((one) => map(one, view === "" ? label : `${view} · ${label}`))
  );
  if (maps.length === 0) return NO_MARKUP;
  return html`
    <details
      class="data">
      <summary>Memory in ${plural(
        maps.length,
        "map",
      )}: what became of every page</summary>
      <div class="figures">${maps}</div>
    </details>
  `;
}
