/** The claims of a scenario over all its cells: what is claimed, what was found, where it holds. */
import type { ClaimData, ClaimSide } from "../../../core/mod.ts";
import type { ScenarioReport } from "../../gather.ts";
import { unique } from "../../plotting.ts";
import { worst } from "../../results.ts";
import { html, type Markup, NO_MARKUP, scroller } from "../html/markup.ts";
import { shownText, unitOf } from "../shown.ts";
import { badge } from "../html/verdict.ts";

/** More values than that are told as the least and the most. */
const MOST_VALUES = 3;

/** A side in every cell: each value, or from where to where. */
function values(sides: readonly ClaimSide[], percent: boolean): string {
  const unit = unitOf(percent ? sides.map((side) => ({ ...side, unit: "percent" })) : sides);
  const texts = unique(sides.map((side) => shownText(side, unit)));
  if (texts.length <= MOST_VALUES) return texts.join(", ");
  const sorted = sides.filter(({ value }) => value !== undefined)
    .toSorted((a, b) => (a.value ?? 0) - (b.value ?? 0));
  const ends = [sorted.at(0), sorted.at(-1)].flatMap((side) => side ?? []);
  return ends.length === 0
    ? `${texts.length} different values`
    : ends.map((side) => shownText(side, unit)).join(" … ");
}

/** Both sides; a ratio reads as a percentage where the other side was written as one. */
function bothSides(claims: readonly ClaimData[]): readonly [string, string] {
  const [left, right] = [
    claims.flatMap((one) => one.left ?? []),
    claims.flatMap((one) => one.right ?? []),
  ];
  const percent = [...left, ...right].some(({ shown }) => shown.endsWith("%")) &&
    left.every(({ unit = "" }) => unit === "");
  return [values(left, percent), values(right, percent)];
}

function row(claims: readonly ClaimData[]): Markup {
  const [first] = claims;
  if (first === undefined) return NO_MARKUP;
  const judged = claims.filter(({ verdict }) => verdict !== "skipped");
  const holding = judged.filter(({ verdict }) => verdict === "holds").length;
  const verdict = judged.length === 0 ? "skipped" : worst(judged.map((claim) => claim.verdict));
  const [found, claimed] = bothSides(judged);
  const where = first.alternative === undefined ? "" : ` in ${first.alternative}`;
  const title = first.title === undefined ? NO_MARKUP : html`${first.title}<br>`;
  return html`
    <tr>
      <td>${badge(verdict)}</td>
      <td>${title}<code>${first.text}</code>${where}</td>
      <td class="value">${found}</td>
      <td class="value">${claimed}</td>
      <td class="number">${holding} of ${judged.length}</td>
    </tr>
  `;
}

/** The table; nothing where nothing is claimed. */
export function claimsOf({ cells, title }: ScenarioReport): Markup {
  const all = cells.flatMap(({ claims }) => claims);
  if (all.length === 0) return NO_MARKUP;
  const groups = Map.groupBy(all, (one) => `${one.line}:${one.column}:${one.alternative ?? ""}`);
  return scroller(
    `Claims of ${title}`,
    html`
      <table class="wide judged">
        <caption>What is claimed, and in how many cells it holds</caption>
        <thead>
          <tr>
            <th scope="col">Verdict</th>
            <th scope="col">Claim</th>
            <th scope="col" class="number">Found</th>
            <th scope="col" class="number">Claimed</th>
            <th scope="col" class="number">Cells</th>
          </tr>
        </thead>
        <tbody>${[...groups.values()].map(row)}</tbody>
      </table>
    `,
  );
}
