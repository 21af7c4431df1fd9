/** Figures of a scenario put together: which belong in one chart, and what each is worth there. */
import type { FigureData } from "../../core/mod.ts";
import { type Shown, unitFor } from "../chart_scale.ts";
import type { CellReport, ScenarioReport } from "../gather.ts";
import { rounded, unique } from "../plotting.ts";
import { axesOf, valueAt } from "./axes.ts";

/** One figure of one cell. */
export interface ShownPoint {
  readonly cell: CellReport;
  readonly figure: FigureData;
  /** What it is called: the group's title, and the expression where the group has several. */
  readonly name: string;
  /** What tells it from others at the same place of the axis; empty where nothing does. */
  readonly series: string;
}

/** Figures that are shown together: those of one title, along one axis. */
export interface ShownGroup {
  readonly title: string;
  readonly along: string | undefined;
  readonly unit: Shown;
  /** In the order of the script. */
  readonly points: readonly ShownPoint[];
}

const nameOf = ({ title, text }: FigureData): string => title ?? text;

/** Four digits are more than a reader compares, and none is lost: the JSON has all. */
const DIGITS = 4;

/** A figure as text in the unit of its group, or what it has instead of a number. */
export function shownText(
  { value, shown }: Pick<FigureData, "value" | "shown">,
  { unit, factor }: Shown,
): string {
  if (value === undefined) return shown;
  const number = Number(rounded(value / factor).toPrecision(DIGITS));
  const sign = unit === "us" ? "µs" : unit;
  return `${String(number).replace("-", "−")}${sign === "" ? "" : ` ${sign}`}`;
}

/** The unit in which all of them read best. */
export function unitOf(figures: readonly Pick<FigureData, "value" | "unit">[]): Shown {
  const largest = Math.max(0, ...figures.map(({ value = 0 }) => Math.abs(value)));
  const unit = figures.find((one) => one.unit !== undefined)?.unit;
  return unitFor(unit === "percent" ? "" : unit, unit === "percent", largest);
}

/** A value of the case in a legend: a number alone does not say of what it is. */
const namedValue = (name: string, value: string): string =>
  /^[-−≈\d]|^(true|false)$/.test(value) ? `${name} = ${value}` : value;

/** The groups of a scenario, in the order of the script. */
export function shownGroups({ cells }: ScenarioReport): readonly ShownGroup[] {
  const told = cells.flatMap((cell) => cell.figures.map((figure) => ({ cell, figure })));
  const groups = Map.groupBy(told, ({ figure }) => `${figure.along ?? ""} ${nameOf(figure)}`);
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const { along } = first.figure;
    const others = along === undefined ? [] : axesOf(cells, [along]);
    const texts = unique(members.map(({ figure }) => figure.text));
    const points = members.map(({ cell, figure }): ShownPoint => {
      const parts = others.map((name) => namedValue(name, valueAt(cell, name)));
      const own = texts.length > 1 ? [figure.text] : [];
      return {
        cell,
        figure,
        name: [nameOf(figure), ...own].join(": "),
        series: [...parts, ...own, ...figure.alternative === undefined ? [] : [figure.alternative]]
          .join(" · "),
      };
    });
    const unit = unitOf(members.map(({ figure }) => figure));
    return [{ title: nameOf(first.figure), along, unit, points }];
  });
}
