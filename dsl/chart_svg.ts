/** Draws the points of a chart as one SVG that stands alone: the same points give the same bytes. */
import type { PlotOptions } from "@observablehq/plot";
import type { Point } from "./chart_points.ts";
import { loadPlotting, type Plotting, SYMBOLS, unique } from "./plotting.ts";

/** A chart with figures in the units of its axes. */
export interface Drawing {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** What the facets are, for their headings. */
  readonly facetLabel: string | undefined;
  /** In the order of the script. */
  readonly points: readonly (Omit<Point, "x"> & { readonly x: number | string })[];
  /** Axes that are logarithmic. */
  readonly logarithmic: readonly ("x" | "y")[];
}

/** Told apart by people who see colours differently, too (Okabe and Ito). */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];

const FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif";
const FACET_WIDTH = 380, FACET_HEIGHT = 330, MARGIN = 64, TITLE_HEIGHT = 34, LEGEND_ROW = 20;
/** Width of a letter of the legend and the title at most: nothing here can measure a text. */
const LETTER = 7, TITLE_LETTER = 9;

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
    .replaceAll(/[^\P{Cc}\t]/gu, " ");

/** Cut to a width, for a text cannot be wrapped where nobody knows how wide it is. */
const cut = (text: string, width: number, letter: number): string => {
  const most = Math.max(4, Math.floor(width / letter));
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
};

/** Where each entry of the legend stands, and how high it is. */
function legendOf(names: readonly string[], width: number) {
  let x = MARGIN, row = 0;
  const entries = names.map((name, index) => {
    const text = cut(name, width - MARGIN - 40, LETTER);
    const needed = 40 + text.length * LETTER;
    if (x > MARGIN && x + needed > width) [x, row] = [MARGIN, row + 1];
    const entry = { text, x, y: TITLE_HEIGHT + row * LEGEND_ROW, index };
    x += needed;
    return entry;
  });
  return { entries, height: names.length === 0 ? 0 : (row + 1) * LEGEND_ROW };
}

function options(drawing: Drawing, width: number, names: readonly string[]): PlotOptions {
  const { xLabel, yLabel, points, logarithmic } = drawing;
  const facets = unique(points.map(({ facet }) => facet));
  const numeric = points.every(({ x }) => typeof x === "number");
  const xs = unique(points.map(({ x }) => x));
  const type = (axis: "x" | "y") => logarithmic.includes(axis) ? "log" as const : "linear" as const;
  return {
    width,
    height: FACET_HEIGHT + (facets.length > 1 ? 24 : 0),
    marginLeft: MARGIN,
    marginBottom: 44,
    marginTop: facets.length > 1 ? 44 : 26,
    marginRight: 24,
    inset: 8,
    style: { background: "white", color: "#222", fontFamily: FONT, fontSize: "12px" },
    x: numeric
      ? {
        label: xLabel,
        type: type("x"),
        ...ticksAt(xs as readonly number[], width, facets.length),
      }
      : { label: xLabel, type: "point", domain: [...xs] as string[] },
    y: {
      label: yLabel,
      grid: true,
      ...(type("y") === "linear"
        ? { zero: true, nice: true }
        : { type: "log", tickFormat: logarithmicTick }),
    },
    ...(facets.length > 1
      ? {
        fx: {
          domain: [...facets],
          label: drawing.facetLabel ?? null,
          padding: 0.12,
          tickFormat: (text: string) => cut(text, width / facets.length - 30, LETTER),
        },
      }
      : {}),
    color: { domain: [...names], range: [...names].map((_, i) => COLOURS[i % COLOURS.length]) },
    symbol: { domain: [...names], range: [...names].map((_, i) => SYMBOLS[i % SYMBOLS.length]) },
  } as PlotOptions;
}

/** Powers of ten, twice and five times as much; the rest would be too many, and 0.3 is not 300m. */
const logarithmicTick = (value: number): string =>
  /^[125]e/.test(value.toExponential()) ? String(value) : "";

/** Ticks where the points are, if there is room for them. */
const ticksAt = (xs: readonly number[], width: number, facets: number) =>
  xs.length * 40 < width / facets ? { ticks: [...xs], tickFormat: (x: number) => String(x) } : {};

/** The SVG as text. */
export async function drawChart(drawing: Drawing): Promise<string> {
  const plotting = await loadPlotting();
  const { Plot, draw } = plotting;
  const { points, title } = drawing;
  const names = unique(points.map(({ series }) => series));
  const facets = unique(points.map(({ facet }) => facet));
  const width = MARGIN + FACET_WIDTH * Math.max(1, facets.length) + (facets.length < 2 ? 160 : 0);
  const channels = {
    x: "x",
    y: "y",
    stroke: "series",
    ...(facets.length > 1 ? { fx: "facet" } : {}),
  };
  const isLine = points.every(({ x }) => typeof x === "number");
  const plot = draw({
    ...options(drawing, width, names),
    marks: [
      Plot.frame({ stroke: "#ccc" }),
      ...isLine ? [Plot.line(points, { ...channels, strokeWidth: 1.8 })] : [],
      Plot.dot(points, { ...channels, symbol: "series", fill: "white", r: 4 }),
    ],
  });
  const legend = legendOf(names.filter((name) => name !== ""), width);
  const top = TITLE_HEIGHT + legend.height;
  const height = top + FACET_HEIGHT + (facets.length > 1 ? 24 : 0);
  const mark = (index: number) => symbolAt(plotting, index);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}" font-family="${FONT}" font-size="12" fill="#222">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    `<text x="${MARGIN}" y="22" font-size="15" font-weight="bold">` +
    `${escaped(cut(title, width - MARGIN, TITLE_LETTER))}</text>`,
    ...legend.entries.map(({ text, x, y, index }) =>
      `<g transform="translate(${x},${y + 8})">${mark(index)}` +
      `<text x="16" y="4">${escaped(text)}</text></g>`
    ),
    `<g transform="translate(0,${top})">${inner(plot)}</g>`,
    "</svg>\n",
  ].join("\n");
}

/** What is inside the drawing, with its style; its own background and size are ours already. */
const inner = (svg: string): string =>
  svg.replace(/^<svg /, '<svg xmlns="http://www.w3.org/2000/svg" ');

/** The sign of a series, as its points have it. */
function symbolAt({ Plot, draw }: Plotting, index: number): string {
  const colour = COLOURS[index % COLOURS.length] ?? "black";
  const symbol = SYMBOLS[index % SYMBOLS.length] ?? "circle";
  const plot = draw({
    axis: null,
    width: 12,
    height: 12,
    margin: 6,
    marks: [Plot.dot([[0, 0]], { symbol, stroke: colour, fill: "white", r: 4, strokeWidth: 1.8 })],
  });
  const path = /<path [^>]*d="([^"]*)"/.exec(plot)?.[1];
  const shape = path === undefined ? '<circle r="4"' : `<path d="${path}"`;
  return `${shape} fill="white" stroke="${colour}" stroke-width="1.8"/>`;
}
