/** Figures as people read them in a terminal: a line for each, the first of many. */
import type { Colours } from "../colour.ts";
import type { ScenarioReport } from "../gather.ts";
import { axesOf, caseText } from "./axes.ts";
import { shownGroups, shownText } from "./shown.ts";
import { plural } from "./text.ts";

/** More lines than that are for a page. */
const MOST = 8;

/** The figures of a scenario; nothing where it shows none. */
export function figuresText(scenario: ScenarioReport, colours: Colours): string {
  const axes = axesOf(scenario.cells);
  const lines = shownGroups(scenario).flatMap(({ unit, points }) =>
    points.map(({ cell, figure, name }) => {
      const parts = [caseText(cell, axes), figure.alternative ?? ""].filter((part) => part !== "");
      const where = parts.length === 0 ? "" : colours.faint(` (${parts.join(", in ")})`);
      return `    ${name} = ${shownText(figure, unit)}${where}\n`;
    })
  );
  const left = lines.length - MOST;
  if (left <= 1) return lines.join("");
  const more = `${plural(left, "figure")} more: --reporter study:FILE makes a page of all`;
  return lines.slice(0, MOST).join("") + `    ${colours.faint(more)}\n`;
}
