/** Which of the values that tell the cells of a scenario apart are worth an axis. */
import type { CellReport } from "../gather.ts";
import { unique } from "../plotting.ts";

/** A value of a cell as the script has it, a text without its quotes; empty where there is none. */
export const valueAt = (cell: CellReport, name: string): string =>
  (cell.case.find(([each]) => each === name)?.[1] ?? "").replace(/^"(.*)"$/s, "$1");

/** `n = 3, proto = cls_flush`. */
export const caseText = (cell: CellReport, names?: readonly string[]): string =>
  (names ?? cell.case.map(([name]) => name))
    .map((name) => `${name} = ${valueAt(cell, name)}`).join(", ");

/** The names whose values differ between cells, in the order of the script. */
export function varying(cells: readonly CellReport[]): readonly string[] {
  const names = cells[0]?.case.map(([name]) => name) ?? [];
  return names.filter((name) => unique(cells.map((cell) => valueAt(cell, name))).length > 1);
}

const places = (cells: readonly CellReport[], names: readonly string[]): number =>
  unique(cells.map((cell) => JSON.stringify(names.map((name) => valueAt(cell, name))))).length;

/**
 * The fewest of the varying names that tell as much as all of them, beside those that are `given`:
 * what follows from others, as a column of `cases` often does, is no axis.
 */
export function axesOf(
  cells: readonly CellReport[],
  given: readonly string[] = [],
): readonly string[] {
  const names = varying(cells).filter((name) => !given.includes(name));
  const told = (...more: readonly string[]) => places(cells, [...given, ...more]);
  const all = told(...names);
  if (given.length > 0 && told() === all) return [];
  const single = names.find((name) => told(name) === all);
  if (single !== undefined) return [single];
  for (const [i, one] of names.entries()) {
    const other = names.slice(i + 1).find((each) => told(one, each) === all);
    if (other !== undefined) return [one, other];
  }
  return names;
}

/** Letters of a case beside a bar or a point: its beginning and its end, which tell cases apart. */
const LABEL = { head: 15, tail: 14 };

/** A case, short enough to stand beside a bar: with one axis its value says enough. */
export function caseLabel(cell: CellReport, axes: readonly string[]): string {
  const [only, ...others] = axes;
  const text = only !== undefined && others.length === 0
    ? valueAt(cell, only)
    : caseText(cell, axes) || `seed ${cell.seed}`;
  if (text.length <= LABEL.head + LABEL.tail) return text;
  return `${text.slice(0, LABEL.head)}…${text.slice(-LABEL.tail)}`;
}
