/** The section of one scenario as a reader of figures wants it. */
import { PROFILE } from "../../../core/mod.ts";
import type { ScenarioReport } from "../../gather.ts";
import type { Plotting } from "../../plotting.ts";
import { plural } from "../text.ts";
import { problemItem } from "../html/claim.ts";
import { html, type Markup, NO_MARKUP, scroller } from "../html/markup.ts";
import type { Numbered } from "../html/numbered.ts";
import { badge } from "../html/verdict.ts";
import { claimsOf } from "./claims.ts";
import { shownFigures } from "../html/shown_table.ts";
import { prose } from "./prose.ts";

const docs: Readonly<Record<string, { readonly doc: string }>> = PROFILE;

/** Every constant of the nodes, folded. */
function hardwareOf({ hardware = [], title }: ScenarioReport): Markup {
  if (hardware.length === 0) return NO_MARKUP;
  const rows = hardware.map(([key, value]) =>
    html`
      <tr>
        <th scope="row"><code>${key}</code></th>
        <td class="value">${value}</td>
        <td>${docs[key]?.doc}</td>
      </tr>
    `
  );
  const table = html`
    <table class="wide">
      <caption><span class="unseen">The hardware of the nodes</span></caption>
      <thead>
        <tr>
          <th scope="col">Constant</th>
          <th scope="col" class="number">Value</th>
          <th scope="col">What it is</th>
        </tr>
      </thead>
      <tbody>${rows}</tbody>
    </table>
  `;
  return html`<details class="data"><summary>The hardware it ran on</summary>${
    scroller(`Hardware of ${title}`, table)
  }</details>`;
}

/** What went wrong in cells, beside their claims. */
function problemsOf({ problems, cells }: ScenarioReport): Markup {
  const all = [...problems, ...cells.flatMap((cell) => cell.problems)];
  return all.length === 0 ? NO_MARKUP : html`<ul class="claims">${all.map(problemItem)}</ul>`;
}

/** The section. */
export function studySection({ scenario, id, cells }: Numbered, plotting: Plotting): Markup {
  const tags = scenario.tags.map((tag) => html`<span class="tag">@${tag}</span>`);
  const part = scenario.of > cells.length ? ` of ${scenario.of}` : "";
  return html`
    <section class="scenario" id="${id}" aria-labelledby="${id}-title ${id}-place">
    <h2 id="${id}-title">${scenario.title}</h2>
    <p class="about">${badge(scenario.verdict)} <span class="place" id="${id}-place">${scenario
      .file}:${scenario.line}</span> <span class="meaning">${plural(
        cells.length,
        "cell",
      )}${part}</span>${tags}</p>
    <div class="prose">${prose(scenario.about ?? "")}</div>
    ${problemsOf(scenario)}${shownFigures(scenario, plotting)}${claimsOf(scenario)}${hardwareOf(
      scenario,
    )}
    </section>
  `;
}
