/** What all figures of the page share: a picture with a name for who cannot see it, and its data. */
import { SYMBOLS } from "../../plotting.ts";
import { html, type Markup, type Part, raw, scroller } from "./markup.ts";

/** Widths and heights are in px of the page. */
export const FIGURE_WIDTH = 680;
/** A letter of a chart is no wider. */
export const LETTER = 7;

/** What every chart is drawn with: colours are the page's, so that they follow light and dark. */
export const PLAIN_STYLE = {
  background: "transparent",
  color: "currentColor",
  fontFamily: "inherit",
  fontSize: "12px",
  overflow: "visible",
} as const;

/** The colour of a series, by its place. */
export const seriesColour = (index: number): string =>
  `var(--series-${index % SYMBOLS.length + 1})`;

/** The same signs as in the charts, as letters. */
const SIGNS = ["●", "■", "▲", "◆", "★", "⅄", "✚"];

/** A line of a legend: a sign in its colour, and what it stands for. */
export const legendEntry = (index: number, text: string): Markup =>
  html`<li><span class="series-${index % SIGNS.length + 1}" aria-hidden="true">${
    SIGNS[index % SIGNS.length]
  }</span> ${text}</li>`;

/** A picture says what it is as a whole; names of its parts, which nobody hears, become data. */
function named(svg: string, title: string, description: string): Markup {
  const head = html`
    <title>${title}</title>
    <desc>${description}</desc>
  `.text;
  const label = html`role="img" aria-label="${title}"`.text;
  const plain = svg.replaceAll(/(<g[^>]*) aria-label=/g, "$1 data-mark=");
  return raw(
    plain.replace(/^<svg([^>]*)>/, (_, attributes) => `<svg${attributes} ${label}>${head}`),
  );
}

/** What a figure consists of. */
export interface Figure {
  readonly title: string;
  /** One sentence for who does not see it. */
  readonly description: string;
  readonly svg: string;
  readonly legend: readonly Markup[];
  /** What is left out, or must be known to read it. */
  readonly note?: Part;
  readonly table: Markup;
}

/** The figure with its caption, and its data as a table to unfold. */
export const figure = ({ title, description, svg, legend, note, table }: Figure): Markup =>
  html`
    <figure><figcaption>${title}</figcaption><ul class="legend">${legend}</ul>${scroller(
      title,
      named(svg, title, description),
    )}${note === undefined
      ? ""
      : html`<p class="meaning">${note}</p>`}<details class="data"><summary>Figures as a table</summary>${scroller(
        `Figures: ${title}`,
        table,
      )}</details></figure>
  `;
