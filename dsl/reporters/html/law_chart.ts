/** Laws as charts: what was measured, over the curve of what is claimed. */
import type { PlotOptions } from "@observablehq/plot";
import { axisLabel, type Shown, unitFor } from "../../chart_scale.ts";
import { xMeasure } from "../../chart_points.ts";
import type { CellReport, ScenarioReport } from "../../gather.ts";
import { type Plotting, rounded, SYMBOLS, unique } from "../../plotting.ts";
import { type Law, type LawPoint, lawsOf } from "../laws.ts";
import { axesOf, caseLabel, caseText, valueAt } from "../axes.ts";
import { scaleOf, scalesOf } from "./scales.ts";
import { figure, FIGURE_WIDTH, legendEntry, LETTER, PLAIN_STYLE, seriesColour } from "./figure.ts";
import { html, type Markup } from "./markup.ts";
import { badge } from "./verdict.ts";

/** A point in the units of its chart. */
interface Dot {
  readonly x: number | string;
  readonly series: string;
  readonly label: string;
  readonly measured: number;
  readonly claimed: number;
  readonly isWrong: boolean;
}

/** Where points of a law lie: along an axis of numbers, or by their cases. */
interface Along {
  readonly label: string;
  readonly place: (cell: CellReport) => Pick<Dot, "x" | "series">;
  readonly isNumeric: boolean;
}

function alongOf(cells: readonly CellReport[]): Along {
  const axes = axesOf(cells);
  for (const name of axes) {
    const unit = scaleOf(cells.map((cell) => valueAt(cell, name)));
    if (unit === undefined) continue;
    const others = axes.filter((each) => each !== name);
    if (unique(cells.map((cell) => caseText(cell, others))).length > SYMBOLS.length) break;
    return {
      label: axisLabel(name, unit),
      place: (cell) => ({
        x: rounded((xMeasure(valueAt(cell, name))?.value ?? 0) / unit.factor),
        series: caseText(cell, others),
      }),
      isNumeric: true,
    };
  }
  return {
    label: "",
    place: (cell) => ({ x: caseText(cell, axes) || `seed ${cell.seed}`, series: "" }),
    isNumeric: false,
  };
}

function dotsOf(points: readonly LawPoint[], along: Along, unit: Shown): readonly Dot[] {
  const axes = axesOf(points.map(({ cell }) => cell));
  return points.map(({ cell, claim, measured, claimed }) => ({
    ...along.place(cell),
    label: caseLabel(cell, axes),
    measured: rounded(measured.value / unit.factor),
    claimed: rounded(claimed.value / unit.factor),
    isWrong: claim.verdict === "failed",
  }));
}

/** Points along an axis of numbers. */
function curve({ Plot, draw }: Plotting, dots: readonly Dot[], xLabel: string, yLabel: string) {
  const names = unique(dots.map(({ series }) => series));
  const xs = unique(dots.map(({ x }) => x)) as readonly number[];
  const ticks = xs.length <= 10 ? { ticks: [...xs], tickFormat: String } : {};
  const sorted = dots.toSorted((a, b) => Number(a.x) - Number(b.x));
  return draw({
    width: FIGURE_WIDTH,
    height: 300,
    marginLeft: 64,
    marginRight: 64,
    marginBottom: 40,
    inset: 8,
    style: PLAIN_STYLE,
    x: { label: xLabel, ...ticks },
    y: { label: yLabel, grid: true, zero: true, nice: true },
    ...scalesOf(names),
    marks: [
      Plot.line(sorted, {
        x: "x",
        y: "claimed",
        z: "series",
        stroke: "series",
        strokeDasharray: "6 4",
        strokeWidth: 1.8,
      }),
      Plot.dot(sorted, {
        x: "x",
        y: "measured",
        stroke: "series",
        symbol: "series",
        r: 4.5,
        strokeWidth: 2,
      }),
      ...wrong(Plot, sorted, { x: "x", y: "measured" }),
    ],
  } as PlotOptions);
}

/** A sign at points where the law does not hold. */
const wrong = (Plot: Plotting["Plot"], dots: readonly Dot[], place: Record<string, unknown>) => [
  Plot.text(dots.filter(({ isWrong }) => isWrong), {
    ...place,
    dx: 10,
    textAnchor: "start",
    text: () => "✗ failed",
    fill: "var(--failed)",
    fontWeight: "bold",
  }),
];

/** Cases with a line of their own; more make a chart nobody looks at to its end. */
const MOST_ROWS = 40;

/** A line for each case: a point where it was measured, an upright where it is claimed. */
function rows({ Plot, draw }: Plotting, dots: readonly Dot[], xLabel: string): string {
  const names = unique(dots.map(({ x }) => String(x)));
  const labels = new Map(dots.map(({ x, label }) => [x, label]));
  return draw({
    width: FIGURE_WIDTH,
    height: 56 + 24 * names.length,
    marginLeft: 16 + LETTER * Math.max(...dots.map(({ label }) => label.length)),
    marginRight: 60,
    marginBottom: 40,
    style: PLAIN_STYLE,
    x: { label: xLabel, grid: true, zero: true, nice: true },
    y: {
      type: "band",
      domain: names,
      label: null,
      tickFormat: (name: string) => labels.get(name) ?? name,
    },
    marks: [
      Plot.link(dots, {
        x1: "measured",
        x2: "claimed",
        y1: "x",
        y2: "x",
        stroke: "var(--faint)",
      }),
      Plot.tickX(dots, { x: "claimed", y: "x", stroke: "currentColor", strokeWidth: 2 }),
      Plot.dot(dots, {
        x: "measured",
        y: "x",
        stroke: seriesColour(0),
        fill: "var(--page)",
        r: 4.5,
        strokeWidth: 2,
      }),
      ...wrong(Plot, dots, { x: "measured", y: "x" }),
    ],
  } as PlotOptions);
}

function tableOf({ claim, points }: Law): Markup {
  return html`
    <table class="wide">
      <caption>${claim.text}</caption>
      <thead>
        <tr>
          <th scope="col">Case</th>
          <th scope="col" class="value">Measured: ${claim.left?.text}</th>
          <th scope="col" class="value">Claimed: ${claim.right?.text}</th>
          <th scope="col">Verdict</th>
        </tr>
      </thead>
      <tbody>${points.map(({ cell, claim: { verdict }, measured, claimed }) =>
        html`
          <tr>
            <th scope="row">${caseText(cell) || `seed ${cell.seed}`}</th>
            <td class="value">${measured.shown}</td>
            <td class="value">${claimed.shown}</td>
            <td>${badge(verdict)}</td>
          </tr>
        `
      )}</tbody>
    </table>
  `;
}

function chart(law: Law, plotting: Plotting): Markup {
  const { claim, points } = law;
  const along = alongOf(points.map(({ cell }) => cell));
  const largest = Math.max(
    ...points.flatMap(({ measured, claimed }) => [measured.value, claimed.value]).map(Math.abs),
  );
  const percent = points.some(({ measured, claimed }) =>
    measured.shown.endsWith("%") || claimed.shown.endsWith("%")
  );
  const unit = unitFor(points[0]?.measured.unit, percent, largest);
  const dots = dotsOf(points, along, unit);
  const yLabel = axisLabel(claim.left?.text ?? "", unit);
  const names = unique(dots.map(({ series }) => series));
  const where = claim.alternative === undefined ? "" : ` in ${claim.alternative}`;
  const claimed = claim.right?.text ?? "";
  return figure({
    title: `Law: ${law.title}${where}`,
    description:
      `${points.length} measured points of ${claim.left?.text} and what the law claims, ${claimed}.`,
    svg: along.isNumeric
      ? curve(plotting, dots, along.label, yLabel)
      : rows(plotting, dots.slice(0, MOST_ROWS), yLabel),
    legend: [
      ...names.map((name, i) => legendEntry(i, name === "" ? "measured" : `measured, ${name}`)),
      html`<li><span aria-hidden="true">${
        along.isNumeric ? "╌╌" : "┃"
      }</span> claimed: <code>${claimed}</code></li>`,
    ],
    ...along.isNumeric || dots.length <= MOST_ROWS
      ? {}
      : { note: `The first ${MOST_ROWS} of ${dots.length} points; the table has all.` },
    table: tableOf(law),
  });
}

/** The laws of a scenario that have two points or more. */
export const lawCharts = (scenario: ScenarioReport, plotting: Plotting): readonly Markup[] =>
  lawsOf(scenario).map((law) => chart(law, plotting));
