/** What checkpoints cost, as bars: where the time went, and how much less downtime that is. */
import type { PlotOptions } from "@observablehq/plot";
import { axisLabel, unitFor } from "../../chart_scale.ts";
import type { ScenarioReport } from "../../gather.ts";
import { type Plotting, rounded, unique } from "../../plotting.ts";
import { formatNs } from "../../units.ts";
import { plural } from "../text.ts";
import { axesOf, caseLabel, caseText } from "../axes.ts";
import { BIN_METRICS, type Cost, costsOf } from "./costs.ts";
import { figure, FIGURE_WIDTH, legendEntry, LETTER, PLAIN_STYLE, seriesColour } from "./figure.ts";
import { html, type Markup } from "./markup.ts";

/** More bars than that say less: the tables have the rest. */
const MOST_BARS = 36;
const BAR_HEIGHT = 22;

/** A bar with its name. */
interface Row {
  readonly name: string;
  /** The same, short enough to stand beside a bar. */
  readonly label: string;
  readonly cost: Cost;
}

function rowsOf(scenario: ScenarioReport): readonly Row[] {
  const axes = axesOf(scenario.cells);
  return scenario.cells.flatMap((cell) =>
    costsOf(cell).map((cost) => {
      const place = (text: string) => scenario.cells.length > 1 ? [text] : [];
      const rest = [...cost.view === "" ? [] : [cost.view], cost.label];
      return {
        name: [...place(caseText(cell, axes) || `seed ${cell.seed}`), ...rest].join(" · "),
        label: [...place(caseLabel(cell, axes)), ...rest].join(" · "),
        cost,
      };
    })
  );
}

const marginFor = (rows: readonly Pick<Row, "label">[]): number =>
  16 + LETTER * Math.max(0, ...rows.map(({ label }) => label.length));

/** What charts of bars share: a band for each name. */
const bands = (rows: readonly Pick<Row, "name" | "label">[]) => ({
  width: FIGURE_WIDTH,
  height: 56 + BAR_HEIGHT * rows.length,
  marginLeft: marginFor(rows),
  marginRight: 56,
  marginBottom: 40,
  style: PLAIN_STYLE,
  y: {
    type: "band",
    domain: rows.map(({ name }) => name),
    label: null,
    padding: 0.25,
    tickSize: 0,
    tickFormat: (name: string) => rows.find((row) => row.name === name)?.label ?? name,
  },
});

const left = (rows: number): string | undefined =>
  rows > MOST_BARS
    ? `The first ${MOST_BARS} of ${plural(rows, "checkpoint")}; the table has all.`
    : undefined;

/** Time bins. */
function bins(all: readonly Row[], plotting: Plotting): Markup {
  const { Plot, draw } = plotting;
  const rows = all.slice(0, MOST_BARS);
  const sum = ({ cost: { metrics } }: Row) =>
    BIN_METRICS.reduce((total, { metric }) => total + (metrics[metric] ?? 0), 0);
  const unit = unitFor("ns", false, Math.max(...rows.map(sum)));
  const parts = rows.flatMap((row) =>
    BIN_METRICS.map(({ name, metric }) => ({
      row: row.name,
      bin: name,
      value: rounded((row.cost.metrics[metric] ?? 0) / unit.factor),
    }))
  ).filter(({ value }) => value > 0);
  const domain = BIN_METRICS.map(({ name }) => name);
  const stack = { x: "value", y: "row", z: "bin", order: domain };
  const svg = draw({
    ...bands(rows),
    x: { label: axisLabel("time", unit), grid: true },
    color: { type: "ordinal", domain, range: domain.map((name) => `var(--bin-${name})`) },
    marks: [
      Plot.barX(parts, Plot.stackX({ ...stack, fill: "bin", stroke: "var(--page)" })),
      Plot.text(parts.filter(wideEnough(parts)), {
        ...Plot.stackX({ ...stack, text: "bin" }),
        fill: "var(--bin-text)",
        fontSize: 10,
      }),
      Plot.ruleX([0]),
    ],
  } as PlotOptions);
  const note = left(all.length);
  return figure({
    title: "Where the time of each checkpoint went",
    description: `A bar for each of ${
      plural(rows.length, "checkpoint")
    }, in six bins that together are the time from the request to the durable image.`,
    svg,
    legend: BIN_METRICS.filter(({ name }) => parts.some(({ bin }) => bin === name)).map((
      { name, help },
    ) =>
      html`<li><span class="swatch bin-${name}" aria-hidden="true"></span> <b>${name}</b> ${help}</li>`
    ),
    ...note === undefined ? {} : { note },
    table: binTable(all, sum),
  });
}

/** Whether the name of a bin has room in its part of a bar. */
function wideEnough(parts: readonly { readonly row: string; readonly value: number }[]) {
  const totals = new Map<string, number>();
  for (const { row, value } of parts) totals.set(row, (totals.get(row) ?? 0) + value);
  const most = Math.max(...totals.values());
  return ({ value }: { readonly value: number }): boolean => value / most > 0.1;
}

const binTable = (rows: readonly Row[], sum: (row: Row) => number): Markup =>
  html`
    <table class="wide">
      <caption>Bins of all processes together; of one process their sum is the elapsed time</caption>
      <thead>
        <tr><th scope="col">Checkpoint</th>${BIN_METRICS.map(({ name }) =>
          html`<th scope="col" class="number">${name}</th>`
        )}<th scope="col" class="number">sum</th><th scope="col" class="number">elapsed</th></tr>
      </thead>
      <tbody>${rows.map((row) =>
        html`<tr><th scope="row">${row.name}</th>${
          BIN_METRICS.map(({ metric }) =>
            html`<td class="value">${formatNs(row.cost.metrics[metric] ?? 0)}</td>`
          )
        }<td class="value">${formatNs(sum(row))}</td><td class="value">${
          formatNs(row.cost.metrics["elapsed"] ?? 0)
        }</td></tr>`
      )}</tbody>
    </table>
  `;

/** How much less downtime a checkpoint has than that of the first alternative. */
interface Decrease {
  readonly name: string;
  readonly label: string;
  readonly against: string;
  /** In percent. */
  readonly downtime: number;
  readonly honest: number;
}

function decreasesOf(rows: readonly Row[]): readonly Decrease[] {
  const groups = Map.groupBy(rows, ({ cost }) => `${cost.cell.cell} ${cost.label}`);
  return [...groups.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    return others.flatMap(({ name, label, cost }) => {
      const less = (metric: string) => {
        const [of, to] = [first.cost.metrics[metric] ?? 0, cost.metrics[metric] ?? 0];
        return of === 0 ? NaN : rounded((of - to) / of * 100);
      };
      const [downtime, honest] = [less("downtime"), less("downtime_honest")];
      const known = Number.isFinite(downtime) && Number.isFinite(honest);
      return known ? [{ name, label, against: first.cost.view, downtime, honest }] : [];
    });
  });
}

const percent = (value: number): string => `${Number(value.toFixed(1))} %`;

/** Relative decrease of downtime, as paper A has it. */
function prdt(all: readonly Decrease[], { Plot, draw }: Plotting): Markup {
  const rows = all.slice(0, MOST_BARS);
  const kinds = ["PRDT", "PRDT with the copier's time"];
  const parts = rows.flatMap(({ name, downtime, honest }) => [
    { row: name, kind: kinds[0], value: downtime, shift: -1 },
    { row: name, kind: kinds[1], value: honest, shift: 1 },
  ]);
  const against = unique(all.map((one) => one.against)).join(", ");
  const half = BAR_HEIGHT * 0.36;
  const bars = ([shift, inset]: readonly [number, Record<string, number>]) => [
    Plot.barX(parts.filter((part) => part.shift === shift), {
      x: "value",
      y: "row",
      fill: "kind",
      ...inset,
    }),
    Plot.text(parts.filter((part) => part.shift === shift), {
      x: ({ value }: { value: number }) => Math.max(0, value),
      y: "row",
      text: ({ value }: { value: number }) => percent(value),
      dx: 4,
      dy: shift * half / 2,
      textAnchor: "start",
      fontSize: 9,
    }),
  ];
  const low = Math.min(0, ...parts.map(({ value }) => value));
  const svg = draw({
    ...bands(rows),
    x: {
      label: `less downtime than ${against} (%)`,
      grid: true,
      nice: true,
      domain: [low, Math.max(1, ...parts.map(({ value }) => value))],
    },
    color: { type: "ordinal", domain: kinds, range: [seriesColour(0), seriesColour(1)] },
    marks: [
      ...bars([-1, { insetBottom: half }]),
      ...bars([1, { insetTop: half }]),
      Plot.ruleX([0]),
    ],
  } as PlotOptions);
  const note = left(all.length);
  return figure({
    title: `Relative decrease of downtime (PRDT) against ${against}`,
    description: `How much less downtime ${
      plural(rows.length, "checkpoint")
    } have than the same under ${against}, in percent; below zero it is more.`,
    svg,
    legend: [
      legendEntry(0, "stop, fault and refill"),
      legendEntry(1, "with the copier's time (steal)"),
    ],
    ...note === undefined ? {} : { note },
    table: html`
      <table class="wide">
        <caption>Against ${against}; (its downtime − this) / its downtime</caption>
        <thead>
          <tr>
            <th scope="col">Checkpoint</th>
            <th scope="col" class="number">PRDT</th>
            <th scope="col" class="number">with the copier's time</th>
          </tr>
        </thead>
        <tbody>${all.map(({ name, downtime, honest }) =>
          html`
            <tr>
              <th scope="row">${name}</th>
              <td class="value">${percent(downtime)}</td>
              <td class="value">${percent(honest)}</td>
            </tr>
          `
        )}</tbody>
      </table>
    `,
  });
}

/** The bars of a scenario; nothing where there is no checkpoint. */
export function costCharts(scenario: ScenarioReport, plotting: Plotting): readonly Markup[] {
  const rows = rowsOf(scenario);
  if (rows.length === 0) return [];
  const decreases = decreasesOf(rows);
  return [
    bins(rows, plotting),
    ...decreases.length === 0 ? [] : [prdt(decreases, plotting)],
  ];
}
