/** Figures drawn along an axis of their scenario, and as a table with a column for each place. */
import type { PlotOptions } from "@observablehq/plot";
import { xMeasure } from "../../chart_points.ts";
import { axisLabel, type Shown } from "../../chart_scale.ts";
import { type Plotting, rounded, SYMBOLS, unique } from "../../plotting.ts";
import { valueAt } from "../axes.ts";
import { scaleOf, scalesOf } from "./scales.ts";
import { figure, FIGURE_WIDTH, legendEntry, LETTER, PLAIN_STYLE } from "./figure.ts";
import { html, type Markup, scroller } from "./markup.ts";
import { type ShownGroup, type ShownPoint, shownText } from "../shown.ts";

/** A group that has an axis. */
type Along = ShownGroup & { readonly along: string };

/** A point in the units of its chart. */
interface Dot {
  readonly place: string;
  readonly x: number;
  readonly y: number;
  readonly series: string;
}

const placeOf = ({ cell }: ShownPoint, { along }: Along): string => valueAt(cell, along);

/** A row for each series, a column for each place of the axis. */
function pivot(group: Along): Markup {
  const places = unique(group.points.map((point) => placeOf(point, group)));
  const rows = unique(group.points.map(({ series }) => series));
  const at = (series: string, place: string) =>
    group.points
      .filter((point) => point.series === series && placeOf(point, group) === place)
      .map(({ figure }) => shownText(figure, group.unit)).join(", ") || "–";
  return html`
    <table class="wide">
      <caption>${group.title}, along ${group.along}</caption>
      <thead>
        <tr><th scope="col"><span class="unseen">Series</span></th>${places.map((place) =>
          html`<th scope="col" class="number">${place}</th>`
        )}</tr>
      </thead>
      <tbody>${rows.map((series) =>
        html`<tr><th scope="row">${series || group.title}</th>${
          places.map((place) => html`<td class="value">${at(series, place)}</td>`)
        }</tr>`
      )}</tbody>
    </table>
  `;
}

function dotsOf(group: Along, x: Shown | undefined): readonly Dot[] {
  return group.points.flatMap((point) => {
    const { value } = point.figure, place = placeOf(point, group);
    if (value === undefined) return [];
    const at = x === undefined ? 0 : rounded((xMeasure(place)?.value ?? 0) / x.factor);
    return [{ place, x: at, y: rounded(value / group.unit.factor), series: point.series }];
  });
}

/** Lines over an axis of numbers. */
function lines({ Plot, draw }: Plotting, dots: readonly Dot[], x: string, y: string): string {
  const xs = unique(dots.map((dot) => dot.x));
  const ticks = xs.length <= 10 ? { ticks: [...xs], tickFormat: String } : {};
  const sorted = dots.toSorted((a, b) => a.x - b.x);
  const place = { x: "x", y: "y", stroke: "series" };
  return draw({
    width: FIGURE_WIDTH,
    height: 320,
    marginLeft: 64,
    marginRight: 24,
    marginBottom: 40,
    inset: 8,
    style: PLAIN_STYLE,
    x: { label: x, ...ticks },
    y: { label: y, grid: true, zero: true, nice: true },
    ...scalesOf(unique(dots.map(({ series }) => series))),
    marks: [
      Plot.ruleY([0], { stroke: "var(--faint)" }),
      Plot.line(sorted, { ...place, z: "series", strokeWidth: 1.8 }),
      Plot.dot(sorted, { ...place, symbol: "series", r: 4, strokeWidth: 2 }),
    ],
  } as PlotOptions);
}

/** A line for each place of an axis of names. */
function rows({ Plot, draw }: Plotting, dots: readonly Dot[], y: string): string {
  const places = unique(dots.map(({ place }) => place));
  return draw({
    width: FIGURE_WIDTH,
    height: 56 + 26 * places.length,
    marginLeft: 16 + LETTER * Math.max(...places.map((place) => place.length)),
    marginRight: 24,
    marginBottom: 40,
    style: PLAIN_STYLE,
    x: { label: y, grid: true, zero: true, nice: true },
    y: { type: "band", domain: places, label: null, tickSize: 0 },
    ...scalesOf(unique(dots.map(({ series }) => series))),
    marks: [
      Plot.ruleX([0], { stroke: "var(--faint)" }),
      Plot.ruleY(dots, { y: "place", x1: 0, x2: "y", stroke: "var(--faint)", strokeOpacity: 0.5 }),
      Plot.dot(dots, {
        x: "y",
        y: "place",
        stroke: "series",
        symbol: "series",
        r: 4.5,
        strokeWidth: 2,
      }),
    ],
  } as PlotOptions);
}

/** The chart; where it has more series than signs, or one place alone, the table. */
export function shownChart(group: Along, plotting: Plotting): Markup {
  const scale = scaleOf(group.points.map((point) => placeOf(point, group)));
  const dots = dotsOf(group, scale);
  const names = unique(dots.map(({ series }) => series));
  if (dots.length < 2 || names.length > SYMBOLS.length) return scroller(group.title, pivot(group));
  const label = axisLabel(group.title, group.unit);
  return figure({
    title: group.title,
    description: `${group.title} along ${group.along}, ${dots.length} points.`,
    svg: scale === undefined
      ? rows(plotting, dots, label)
      : lines(plotting, dots, axisLabel(group.along, scale), label),
    legend: names.every((name) => name === "") ? [] : names.map((name, i) => legendEntry(i, name)),
    table: pivot(group),
  });
}

/** True for figures that are drawn along an axis. */
export const isAlong = (group: ShownGroup): group is Along => group.along !== undefined;
