/**
 * Which engine ran is never to be seen: every scenario of the repository, once translated and once
 * evaluated, world by world with the same trace, and cell by cell with the same results. Those with
 * the tag @long are left out: evaluated, each would take long.
 *
 * usage: traces.ts [--only NAME] [--shard I/N] [--jobs N]
 */
import { parseArgs } from "@std/cli/parse-args";
import { main } from "../../dsl/cli.ts";
import { EXIT } from "../../dsl/exit.ts";
import { denoHost } from "../../dsl/host.ts";
import { parts } from "../../mod.ts";
import { close, newReport, PART_FLAGS, type Report, runParts } from "./parts.ts";

const root = new URL("../../", import.meta.url).pathname;
const { only = "", shard = "1/1", ...flags } = parseArgs(Deno.args, {
  string: ["only", "shard", ...PART_FLAGS],
});

/** What is looked at of a cell in the results as JSON. */
interface Cell {
  readonly id: string;
  readonly worlds: readonly { readonly view: string; readonly traceHash: string }[];
}

/** What is looked at of the results as JSON. */
interface Results {
  readonly exit: number;
  readonly scenarios: readonly { readonly cells: readonly Cell[] }[];
}

/** Every script below a folder, those with nothing to run too. */
function scripts(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return isDirectory ? scripts(path) : name.endsWith(".ckpt") ? [path] : [];
  }).sort();
}

async function resultsOf(script: string, jit: "on" | "off"): Promise<Results> {
  let json = "";
  const host = { ...denoHost(parts), stdout: (text: string) => void (json += text) };
  await main(["run", "--json", "--tag=-long", "--shard", shard, "--jit", jit, script], host);
  return JSON.parse(json);
}

/** Compares two runs of a cell: a world is passed, or else it is said what differs. */
function compareCell(report: Report, translated: Cell, evaluated: Cell | undefined): void {
  const fail = (name: string, one: unknown, other: unknown) => {
    report.failed++;
    report.lines.push(`FAILED ${name}: ${one} translated, ${other} evaluated`);
  };
  const { failed } = report;
  translated.worlds.forEach(({ view, traceHash }, n) => {
    const other = evaluated?.worlds[n];
    const name = view === "" ? translated.id : `${translated.id}, ${view}`;
    if (other?.view === view && other.traceHash === traceHash) report.passed++;
    else fail(name, traceHash, other?.traceHash ?? "nothing");
  });
  const [one, other] = [JSON.stringify(translated), JSON.stringify(evaluated)];
  if (report.failed === failed && one !== other) fail(translated.id, one, other);
}

async function runScript(script: string): Promise<Report> {
  const report = newReport();
  const translated = await resultsOf(script, "on"), evaluated = await resultsOf(script, "off");
  const cellsOf = ({ scenarios }: Results) => scenarios.flatMap(({ cells }) => cells);
  const cells = cellsOf(translated), others = cellsOf(evaluated);
  cells.forEach((cell) => compareCell(report, cell, others.find(({ id }) => id === cell.id)));
  const isRun = translated.exit === EXIT.holds || translated.exit === EXIT.nothing;
  if (!isRun || translated.exit !== evaluated.exit || cells.length !== others.length) {
    report.failed++;
    const show = ({ exit }: Results, { length }: readonly Cell[]) =>
      `${length} cells, exit ${exit}`;
    const [one, other] = [show(translated, cells), show(evaluated, others)];
    report.lines.push(`FAILED ${script}: ${one} translated; ${other} evaluated`);
  }
  return report;
}

const wanted = scripts(`${root}scenarios`).filter((script) => script.includes(only));
const report = await runParts({
  script: import.meta.url,
  flags,
  count: wanted.length,
  run: (index) => runScript(wanted[index] as string),
});
console.log(`${wanted.length} scripts`);
close(report);
