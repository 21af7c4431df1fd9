/** Laws as charts of plain text: for each point what was measured, and what the law claims. */
import type { ScenarioReport } from "../gather.ts";
import { type LawPoint, lawsOf } from "./laws.ts";

/** A law with at least two points. */
export interface LawChart {
  readonly title: string;
  readonly text: string;
}

const WIDTH = 40;

/** The laws of a scenario that have two points or more. */
export const lawCharts = (scenario: ScenarioReport): readonly LawChart[] =>
  lawsOf(scenario).map(({ title, points }) => ({
    title: `${scenario.title}: ${title}`,
    text: chart(points),
  }));

const place = ({ cell }: LawPoint): string =>
  cell.case.map(([name, value]) => `${name}=${value}`).join(" ");

const figures = ({ measured, claimed }: LawPoint): string =>
  measured.shown === claimed.shown ? measured.shown : `${measured.shown}, claimed ${claimed.shown}`;

/** A bar for what was measured, and | where the law puts its end. */
function chart(points: readonly LawPoint[]): string {
  const values = points.flatMap(({ measured, claimed }) => [measured.value, claimed.value]);
  const most = Math.max(...values, 0);
  const width = Math.max(...points.map((point) => place(point).length));
  const scaled = (value: number) => most === 0 ? 0 : Math.max(0, Math.round(value / most * WIDTH));
  return points.map((point) => {
    const bar = "█".repeat(scaled(point.measured.value)).padEnd(WIDTH + 1).split("");
    bar[scaled(point.claimed.value)] = "|";
    return `${place(point).padEnd(width)} ${bar.join("")} ${figures(point)}\n`;
  }).join("");
}
