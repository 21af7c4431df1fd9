/** Laws as charts of plain text: for each point what was measured, and what the law claims. */
import type { CellReport, ScenarioReport } from "../gather.ts";
import type { ClaimData } from "../events.ts";

/** A law with at least two points. */
export interface LawChart {
  readonly title: string;
  readonly text: string;
}

interface LawPoint {
  readonly at: string;
  readonly measured: number;
  readonly claimed: number;
  readonly shown: string;
}

const WIDTH = 40;

function pointOf(cell: CellReport, { left, right }: ClaimData): readonly LawPoint[] {
  if (left?.value === undefined || right?.value === undefined) return [];
  const at = cell.case.map(([name, value]) => `${name}=${value}`).join(" ");
  const shown = left.shown === right.shown ? left.shown : `${left.shown}, claimed ${right.shown}`;
  return [{ at, measured: left.value, claimed: right.value, shown }];
}

/** The laws of a scenario that have two points or more. */
export function lawCharts(scenario: ScenarioReport): readonly LawChart[] {
  const laws = new Map<string, { readonly title: string; readonly points: LawPoint[] }>();
  for (const cell of scenario.cells) {
    for (const claim of cell.claims.filter(({ kind }) => kind === "law")) {
      const key = `${claim.line}:${claim.column}:${claim.alternative ?? ""}`;
      const law = laws.get(key) ?? { title: claim.title ?? claim.text, points: [] };
      law.points.push(...pointOf(cell, claim));
      laws.set(key, law);
    }
  }
  return [...laws.values()].filter(({ points }) => points.length >= 2)
    .map(({ title, points }) => ({ title: `${scenario.title}: ${title}`, text: chart(points) }));
}

/** A bar for what was measured, and | where the law puts its end. */
function chart(points: readonly LawPoint[]): string {
  const most = Math.max(...points.flatMap(({ measured, claimed }) => [measured, claimed]), 0);
  const width = Math.max(...points.map(({ at }) => at.length));
  const scaled = (value: number) => most === 0 ? 0 : Math.max(0, Math.round(value / most * WIDTH));
  return points.map(({ at, measured, claimed, shown }) => {
    const bar = "█".repeat(scaled(measured)).padEnd(WIDTH + 1).split("");
    bar[scaled(claimed)] = "|";
    return `${at.padEnd(width)} ${bar.join("")} ${shown}\n`;
  }).join("");
}
