/** What stands around the scenarios: the head, the filter, the list of contents, script errors. */
import {
  type DiagnosticFound,
  type RunBegun,
  type RunEnded,
  sha256,
  VERDICTS,
} from "../../../core/mod.ts";
import type { ScenarioReport } from "../../gather.ts";
import { showPlace } from "../../source.ts";
import { formatNs } from "../../units.ts";
import { plural } from "../text.ts";
import { html, type Markup, NO_MARKUP, scroller } from "./markup.ts";
import type { Numbered } from "./numbered.ts";
import { outcome, present, sumOf, verdictOf } from "./totals.ts";
import { badge, MEANINGS, signOf } from "./verdict.ts";

/** Nothing is loaded from anywhere, and no script runs but the page's own. */
export function policy(script: string): Markup {
  const hex = sha256(new TextEncoder().encode(script));
  const bytes = hex.match(/../g)?.map((two) => String.fromCharCode(parseInt(two, 16))) ?? [];
  const allowed = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; " +
    `script-src 'sha256-${btoa(bytes.join(""))}'`;
  return html`<meta http-equiv="Content-Security-Policy" content="${allowed}">`;
}

const shellWord = (text: string): string =>
  /^[\w./:@+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

function facts(
  begun: RunBegun | undefined,
  ended: RunEnded,
  scenarios: readonly ScenarioReport[],
): readonly (readonly [string, Markup])[] {
  const cells = scenarios.flatMap((one) => one.cells);
  const seeds = [...new Set(cells.map(({ seed }) => seed))];
  const virtualNs = cells.reduce((sum, cell) => sum + cell.virtualNs, 0);
  const command = ["deno task scenario run", ...(begun?.paths ?? []).map(shellWord)].join(" ");
  const shard = begun?.shard;
  return [
    ["Command", html`<code>${command}</code>`],
    ["Version", html`ckptlab ${begun?.ckptlab}, language ${begun?.language}`],
    ["Exit code", html`${ended.exit}`],
    ["Seeds", html`${seeds.length > 6 ? plural(seeds.length, "seed") : seeds.join(", ")}`],
    ["Virtual time", html`${formatNs(virtualNs)}`],
    ...shard === undefined ? [] : [["Shard", html`${shard.index} of ${shard.count}`] as const],
  ];
}

/** The head of the page. */
export function header(
  brand: string,
  begun: RunBegun | undefined,
  ended: RunEnded,
  scenarios: readonly ScenarioReport[],
): Markup {
  const verdict = verdictOf(ended) ?? "failed";
  const broken = ended.interrupted
    ? html`<p class="notice v-unknown">The run was interrupted: nothing is said of what is not here.</p>`
    : NO_MARKUP;
  const about = facts(begun, ended, scenarios)
    .map(([name, value]) =>
      html`
        <div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>
      `
    );
  return html`
    <header class="head v-${verdict}">
    <p class="brand">${brand}</p>
    <h1><span aria-hidden="true">${signOf(verdict)}</span> ${outcome(ended)}</h1>
    ${broken}${countsTable(ended)}
    <dl class="facts">${about}</dl>
    </header>
  `;
}

function countsTable({ scenarios, cells }: RunEnded): Markup {
  const all = [...present(scenarios), ...present(cells)];
  const verdicts = VERDICTS.toReversed().filter((verdict) => all.includes(verdict));
  if (verdicts.length === 0) return NO_MARKUP;
  const row = (name: Markup, ofScenarios: number, ofCells: number) =>
    html`
      <tr>
        <th scope="row">${name}</th>
        <td>${ofScenarios}</td>
        <td>${ofCells}</td>
      </tr>
    `;
  return html`
    <table class="counts">
      <caption><span class="unseen">How many came to what</span></caption>
      <thead>
        <tr>
          <th scope="col">Verdict</th>
          <th scope="col">Scenarios</th>
          <th scope="col">Cells</th>
        </tr>
      </thead>
      <tbody>
        ${verdicts.map((verdict) => row(badge(verdict), scenarios[verdict], cells[verdict]))}
        ${row(html`all`, sumOf(scenarios), sumOf(cells))}
      </tbody>
    </table>
  `;
}

/** Which verdicts are shown. It works by style alone. */
export function filter({ cells }: RunEnded): Markup {
  const verdicts = present(cells);
  if (verdicts.length === 0) return NO_MARKUP;
  const boxes = verdicts.map((verdict) =>
    html`
      <label
        class="v-${verdict}"><input type="checkbox" id="show-${verdict}" checked> ${badge(
          verdict,
        )} <span class="count">${cells[verdict]}</span> <span class="meaning">${MEANINGS[
          verdict
        ]}</span></label>
    `
  );
  return html`
    <div class="filter">
      <fieldset><legend>Show cells that are</legend>${boxes}</fieldset>
    </div>
  `;
}

/** The list of scenarios, where there are several. */
export function contents(numbered: readonly Numbered[]): Markup {
  if (numbered.length < 2) return NO_MARKUP;
  const rows = numbered.map(({ scenario, id }) => {
    const bad = scenario.cells.filter(({ verdict }) => verdict !== "holds").length;
    const cells = bad === 0 ? String(scenario.cells.length) : `${bad} of ${scenario.cells.length}`;
    return html`
      <tr ${uniform(scenario)}>
        <td>${badge(scenario.verdict)}</td>
        <th scope="row"><a href="#${id}">${scenario.title}</a></th>
        <td class="place">${scenario.file}:${scenario.line}</td>
        <td class="number">${cells}</td>
      </tr>
    `;
  });
  const table = html`
    <table class="wide">
      <caption><span class="unseen">The scenarios</span></caption>
      <thead>
        <tr>
          <th scope="col">Verdict</th>
          <th scope="col">Scenario</th>
          <th scope="col">Place</th>
          <th scope="col" class="number">Cells</th>
        </tr>
      </thead>
      <tbody>${rows}</tbody>
    </table>
  `;
  return html`
    <nav class="contents" aria-labelledby="contents"><h2 id="contents">Scenarios</h2>${scroller(
      "The scenarios",
      table,
    )}</nav>
  `;
}

/** What the filter goes by, where all cells of a scenario have one verdict. */
export function uniform({ cells, verdict }: ScenarioReport): Markup {
  return cells.every((cell) => cell.verdict === verdict)
    ? html`
      data-verdict="${verdict}"
    `
    : NO_MARKUP;
}

function diagnosticItem(one: DiagnosticFound): Markup {
  const look = one.severity === "error" ? "failed" : "unknown";
  const meant = one.suggestion === undefined
    ? []
    : [" Did you mean ", html`<code>${one.suggestion}</code>`, "?"];
  const excerpt = one.excerpt === undefined
    ? NO_MARKUP
    : scroller(`Line ${one.line} of ${one.file}`, html`<pre>${one.excerpt}</pre>`);
  return html`
    <li class="claim v-${look}">
      <p><strong>${one.severity} ${one.code}</strong> ${one.message}.${meant}</p>
      <p class="place">${showPlace(one)}</p>
      ${excerpt}
    </li>
  `;
}

/** What is wrong with scripts, and what is doubtful in them, folded. */
export function diagnosticsSection(diagnostics: readonly DiagnosticFound[]): Markup {
  const [errors, warnings] = ["error", "warning"].map((severity) =>
    diagnostics.filter((one) => one.severity === severity)
  ) as [DiagnosticFound[], DiagnosticFound[]];
  const wrong = errors.length === 0 ? NO_MARKUP : html`
    <section aria-labelledby="errors">
      <h2 id="errors">${plural(errors.length, "error")} in scripts</h2>
      <ul class="claims">${errors.map(diagnosticItem)}</ul>
    </section>
  `;
  const doubtful = warnings.length === 0 ? NO_MARKUP : html`
    <details class="warnings">
      <summary>${plural(warnings.length, "warning")} in scripts</summary>
      <ul class="claims">${warnings.map(diagnosticItem)}</ul>
    </details>
  `;
  return html`${wrong}${doubtful}`;
}
