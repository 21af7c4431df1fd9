/** Puts the recordings of shards together: one stream, as if one machine had run it all. */
import type { Attachment, DiagnosticFound, RunBegun, RunEnded, RunEvent } from "../core/mod.ts";
import { headlineOf } from "./diagnostic.ts";
import { EXIT, exitCode } from "./exit.ts";
import { UsageError } from "./flags.ts";
import { type CellReport, Gathering, type ScenarioReport } from "./gather.ts";
import { refusedBy, scriptsOf, withScripts } from "./part.ts";
import type { Recording } from "./recording.ts";
import { countsOf, EXIT_OF, type ScenarioResult } from "./results.ts";
import { revivedCell, revivedScenario } from "./revive.ts";
import { scenarioResult } from "./run.ts";
import { tellBegin, tellCell, tellEnd, tellScenario } from "./tell.ts";

/** All shards, each once, of one run; or recordings that share no cell. Gives the first. */
function checkShards(recordings: readonly Recording[]): Recording {
  const [first] = recordings;
  if (first === undefined) throw new UsageError("merge needs recordings: merge shards/*.blob");
  for (const each of recordings) {
    if (each.ended.interrupted) {
      throw new UsageError(`'${each.name}' is of a run that was broken off`);
    }
    checkSame(first, each, "the version", ({ ckptlab }) => ckptlab);
    checkSame(
      first,
      each,
      "the number of shards",
      ({ shard }) => String(shard?.count ?? "unknown"),
    );
    checkSame(first, each, "the plan", ({ shard }) => shard?.by ?? "unknown");
    checkSame(first, each, "--strict", ({ strict }) => strict === true ? "given" : "not given");
  }
  const count = first.begun.shard?.count;
  if (count === undefined) return first;
  for (let index = 1; index <= count; index++) {
    const names = recordings.filter(({ begun }) => begun.shard?.index === index)
      .map(({ name }) => `'${name}'`);
    if (names.length === 0) throw new UsageError(`shard ${index} of ${count} is missing`);
    if (names.length > 1) {
      throw new UsageError(`shard ${index} of ${count} is there twice: ${names.join(" and ")}`);
    }
  }
  return first;
}

function checkSame(
  first: Recording,
  other: Recording,
  what: string,
  of: (begun: RunBegun) => string,
): void {
  const [wanted, found] = [of(first.begun), of(other.begun)];
  if (wanted === found) return;
  throw new UsageError(
    `these are no parts of one run: ${what} of '${first.name}' is ${wanted}, ` +
      `of '${other.name}' ${found}`,
  );
}

/**
 * Scenarios in an order that agrees with all lists; where none decides, of shards by file and line, of
 * other recordings as these are given.
 */
function inOrder(
  lists: readonly (readonly ScenarioReport[])[],
  isOfShards: boolean,
): readonly string[] {
  const queues = lists.map((list) => [...list]);
  const found: string[] = [];
  for (;;) {
    const heads = queues.flatMap(([head]) => head === undefined ? [] : [head]);
    if (heads.length === 0) return found;
    const isFirst = ({ scenario }: ScenarioReport) =>
      queues.every((queue) => queue.findIndex((one) => one.scenario === scenario) <= 0);
    const ready = heads.filter(isFirst);
    if (isOfShards) {
      ready.sort((a, b) => a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line);
    }
    const next = (ready[0] ?? heads[0])?.scenario ?? "";
    found.push(next);
    for (const queue of queues) if (queue[0]?.scenario === next) queue.shift();
  }
}

/** The same scenario out of several shards: its cells in their places. */
function together(parts: readonly ScenarioReport[], owner: Map<string, string>): ScenarioReport {
  const [first] = parts;
  if (first === undefined) throw new Error("a scenario that is nowhere");
  const cells = parts.flatMap((part) => part.cells).sort((a, b) => a.place - b.place);
  const other = parts.find((part) => part.of !== first.of);
  if (other !== undefined) {
    throw new UsageError(
      `'${first.scenario}' has ${first.of} cells in one recording and ${other.of} in another: ` +
        "they are of different scripts",
    );
  }
  for (const { cell } of cells) {
    if (owner.has(cell)) throw new UsageError(`the cell ${cell} is in two recordings`);
    owner.set(cell, first.scenario);
  }
  return { ...first, cells };
}

const scenariosOf = ({ events }: Recording): readonly ScenarioReport[] => {
  const gathering = new Gathering();
  return events.flatMap((event) => gathering.take(event) ?? []);
};

/** What the cells left behind, by cell. */
function attachmentsOf(recordings: readonly Recording[]): ReadonlyMap<string, Attachment[]> {
  const found = new Map<string, Attachment[]>();
  for (const event of recordings.flatMap(({ events }) => events)) {
    if (event.event !== "attachment") continue;
    found.set(event.cell, [...found.get(event.cell) ?? [], event]);
  }
  return found;
}

function tellOf(
  cell: CellReport,
  attachments: readonly Attachment[],
): readonly RunEvent[] {
  const result = revivedCell(cell);
  const texts = new Map(attachments.map(({ path, text }) => [path, text]));
  const files = cell.artefacts.map((file) => {
    const text = texts.get(file.path);
    return text === undefined ? file : { ...file, text };
  });
  return [
    tellBegin(result, cell.scenario, cell.place),
    ...tellCell(result, cell.scenario, files),
  ];
}

/** Every diagnostic once, for each shard has read all scripts; of all scripts it was found with. */
function diagnosticsOf(recordings: readonly Recording[]): readonly DiagnosticFound[] {
  const seen = new Map<string, DiagnosticFound>();
  for (const event of recordings.flatMap(({ events }) => events)) {
    if (event.event !== "diagnostic") continue;
    const key = headlineOf(event), before = seen.get(key);
    const of = new Set([...before === undefined ? [] : scriptsOf(before), ...scriptsOf(event)]);
    seen.set(key, withScripts(event, [...of]));
  }
  return [...seen.values()];
}

/**
 * All recordings together, as one.
 *
 * @throws {UsageError} when a shard is missing or there twice, or they are of different runs.
 */
export function merged(recordings: readonly Recording[]): Recording {
  const first = checkShards(recordings);
  const lists = recordings.map(scenariosOf);
  const owner = new Map<string, string>();
  const attachments = attachmentsOf(recordings);
  const events: RunEvent[] = [];
  const results: ScenarioResult[] = [];
  for (const id of inOrder(lists, first.begun.shard !== undefined)) {
    const parts = lists.flat().filter(({ scenario }) => scenario === id);
    const whole = together(parts, owner);
    const scenario = revivedScenario(whole);
    const result = scenarioResult(scenario, whole.file, whole.cells.map(revivedCell));
    results.push(result);
    events.push(tellScenario(scenario, whole.file, whole.cells.length));
    for (const cell of whole.cells) events.push(...tellOf(cell, attachments.get(cell.cell) ?? []));
    events.push(...tellEnd(result));
  }
  const { shard: _, ...rest } = first.begun;
  const paths = [...new Set(recordings.flatMap(({ begun }) => begun.paths))];
  const begun = { ...rest, paths, cells: owner.size };
  const diagnostics = diagnosticsOf(recordings);
  const ended = endOf(recordings, results, diagnostics);
  const all = [begun, ...diagnostics, ...events, ended];
  return { name: recordings.map(({ name }) => name).join(" and "), events: all, begun, ended };
}

function endOf(
  recordings: readonly Recording[],
  results: readonly ScenarioResult[],
  diagnostics: readonly DiagnosticFound[],
): RunEnded {
  // Some warnings are about all cells of a scenario, and no part has seen them.
  const isWarned = recordings.some(({ begun }) => begun.strict === true) &&
    results.some(({ warnings }) => warnings.length > 0);
  // A part that had nothing to do says nothing about the whole.
  const exits = recordings.map(({ ended }) => ended.exit).filter((exit) => exit !== EXIT.nothing);
  const exit = exitCode([
    ...exits,
    ...isWarned ? [EXIT.script] : [],
    ...results.map(({ verdict }) => EXIT_OF[verdict]),
    ...exits.length === 0 ? [EXIT.nothing] : [],
  ]);
  return {
    event: "run-ended",
    scenarios: countsOf(results.map(({ verdict }) => verdict)),
    cells: countsOf(results.flatMap(({ cells }) => cells.map(({ verdict }) => verdict))),
    refused: refusedBy(diagnostics),
    interrupted: false,
    exit,
  };
}
