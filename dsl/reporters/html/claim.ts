/** A claim with all that decided it, and a problem. */
import type { ClaimData, ClaimSide, ProblemData } from "../../../core/mod.ts";
import { PLAIN_COLOURS } from "../../colour.ts";
import { showPlace } from "../../source.ts";
import { claimWords } from "../text.ts";
import { html, type Markup, NO_MARKUP, scroller } from "./markup.ts";
import { badge } from "./verdict.ts";

const excerptOf = ({ excerpt, file, line }: ClaimData | ProblemData): Markup =>
  excerpt === undefined
    ? NO_MARKUP
    : scroller(`Line ${line} of ${file}`, html`<pre>${excerpt}</pre>`);

/** The figure in base units, where what is shown is another. */
function base({ shown, value, unit }: ClaimSide): string {
  if (value === undefined || unit === undefined || unit === "") return "";
  const text = `${value} ${unit}`;
  return text.replace(" ", "") === shown ? "" : text;
}

function sides({ left, right }: ClaimData): Markup {
  if (left === undefined || right === undefined) return NO_MARKUP;
  const hasBase = base(left) !== "" || base(right) !== "";
  const row = (name: string, side: ClaimSide) =>
    html`
      <tr>
        <th scope="row">${name}</th>
        <td><code>${side.text}</code></td>
        <td class="value">${side.shown}</td>
        ${hasBase ? html`<td class="value">${base(side)}</td>` : ""}
      </tr>
    `;
  const table = html`
    <table class="sides">
      <caption><span class="unseen">Both sides of the claim</span></caption>
      <thead>
        <tr>
          <th scope="col">Side</th>
          <th scope="col">Expression</th>
          <th scope="col">Value</th>
          ${hasBase ? html`<th scope="col">In base units</th>` : ""}
        </tr>
      </thead>
      <tbody>${row("left", left)}${row("right", right)}</tbody>
    </table>
  `;
  return scroller("Both sides of the claim", table);
}

/** A claim that does not hold. */
export function failedClaim(claim: ClaimData): Markup {
  // Both sides have a table.
  const shown = claim.left === undefined
    ? claim.details
    : claim.details.filter(({ label }) => label !== "left" && label !== "right");
  const details = shown.length === 0
    ? NO_MARKUP
    : html`<dl class="details">${
      shown.map(({ label, text }) =>
        html`
          <div>
            <dt>${label}</dt>
            <dd><code>${text}</code></dd>
          </div>
        `
      )
    }</dl>`;
  const title = claim.title === undefined ? NO_MARKUP : html`<p class="title">${claim.title}</p>`;
  const where = claim.alternative === undefined ? "" : ` in ${claim.alternative}`;
  return html`
    <li
      class="claim v-${claim.verdict}">${title}<p>${badge(claim.verdict)} <code>${claim
        .kind} ${claim.text}</code>${where}</p><p class="place">${showPlace(claim)}</p>${excerptOf(
          claim,
        )}${sides(claim)}${details}</li>
  `;
}

/** Something that kept a cell or a scenario from being judged. */
export const problemItem = (problem: ProblemData): Markup =>
  html`
    <li
      class="claim v-${problem.verdict}"><p>${badge(problem.verdict)} ${problem
        .message}</p><p class="place">${showPlace(problem)}</p>${excerptOf(problem)}</li>
  `;

/** Claims that hold, or were not judged here: a line each. */
export const quietClaim = (claim: ClaimData): Markup => {
  const { left, verdict } = claim;
  const value = left?.value === undefined ? "" : left.shown;
  return html`
    <tr>
      <td>${badge(verdict)}</td>
      <td><code>${claimWords(claim, PLAIN_COLOURS.strong)}</code></td>
      <td class="value">${value}</td>
      <td class="number">${claim.line}</td>
    </tr>
  `;
};
