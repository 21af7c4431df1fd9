/** `run`: runs the scenarios under some paths and reports. */
import { type CellEnded, EVENT_SCHEMA } from "../../core/mod.ts";
import { CHANGED_FLAG, changedOnly } from "../changed.ts";
import type { Diagnostic } from "../diagnostic.ts";
import { DEFAULT_PATHS, type LeftOut } from "../discover.ts";
import { EXIT, exitCode } from "../exit.ts";
import {
  type Command,
  type Flag,
  type Given,
  timeFlag,
  UsageError,
  wholeNumber,
} from "../flags.ts";
import type { Host } from "../host.ts";
import { JIT_FLAG, jitFlag } from "../jit_flag.ts";
import { LANGUAGE } from "../language.ts";
import { isSound, type Loaded } from "../load.ts";
import { IMAGE_FLAG, TRACE_FLAG, type Traced, TRACES } from "../one_cell.ts";
import { OUT_FLAG, OutFolder } from "../out_folder.ts";
import { REPORT_FLAGS, Reports } from "../reports.ts";
import { countsOf, EXIT_OF } from "../results.ts";
import { MAX_TIME_NS } from "../run.ts";
import { sayNoSearch, SEARCH_FLAGS, searchesAsked } from "../seed.ts";
import { type Job, Session, type SessionOptions } from "../session.ts";
import { SHARD_FLAGS } from "../shard.ts";
import { placeOf } from "../source.ts";
import { tellDiagnostics } from "../tell.ts";
import { checkUpdate, update, UPDATE_FLAG } from "../update.ts";
import { verified, VERIFY_FLAG } from "../verify.ts";
import { ONLY_FAILED_FLAG, type WantedCells, wantedCells } from "../wanted.ts";
import {
  allDiagnostics,
  CHOICE_FLAGS,
  COLOUR_FLAG,
  ISOLATE_FLAG,
  JSON_FLAG,
  loadAll,
  printDiagnostics,
  refusals,
  SCRIPT_FLAGS,
  setOf,
} from "./scripts.ts";
import { SHRINK_FLAG, shrinkEach } from "./shrink.ts";

/** More Workers than any computer has processors for. */
const MOST_WORKERS = 256;

/** `--workers`; without it Workers are only begun where a script states an isolation. */
export function workersFlag(given: Given): { workers?: number | "auto" } {
  const text = given.text("workers");
  if (text === undefined) return {};
  if (text === "auto") return { workers: "auto" };
  const workers = /^\d+$/.test(text) ? Number(text) : NaN;
  if (workers <= MOST_WORKERS) return { workers };
  throw new UsageError(
    `--workers takes a whole number up to ${MOST_WORKERS}, or auto, not '${text}'`,
  );
}

/** Below so many cells for each, Workers take longer to begin than they save. */
const CELLS_A_WORKER = 4;

/** Says which scenarios are not run, and why: nothing is left out unseen. */
function tellLeftOut(left: readonly LeftOut[], host: Host): void {
  for (const { scenario: { span, title }, because } of left) {
    const why = because === "only" ? "another one says 'only'" : because;
    host.stderr(`left out: ${placeOf(span)} "${title}" (${why})\n`);
  }
}

/** Cells side by side: as many as were asked for, or as there are processors for. */
function jobsFlag(given: Given, host: Host, cells: number): number {
  const text = given.text("jobs") ?? host.environment["DENO_JOBS"] ?? "auto";
  if (text === "auto") return Math.min(host.cores, Math.floor(cells / CELLS_A_WORKER));
  const jobs = /^\d+$/.test(text) ? Number(text) : NaN;
  if (jobs >= 1 && jobs <= MOST_WORKERS) return jobs;
  throw new UsageError(
    `--jobs takes a whole number from 1 to ${MOST_WORKERS}, or auto, not '${text}'`,
  );
}

/** A whole number above 0 from a flag, or nothing. */
function positive(given: Given, name: string): number | undefined {
  const value = wholeNumber(given, name);
  if (value === 0) throw new UsageError(`--${name} takes a whole number above 0, not '0'`);
  return value;
}

const cellsOf = (jobs: readonly Job[]): number =>
  jobs.reduce((sum, { plans }) => sum + plans.length, 0);

/** What there is to run, and what was found wrong on the way. */
interface Scripts extends WantedCells {
  readonly loaded: readonly Loaded[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Runs everything once; the exit code. */
async function runOnce(given: Given, host: Host): Promise<number> {
  const out = new OutFolder(given, host);
  let scripts = await scriptsOf(given, host, out);
  const reports = await beginReports(scripts, given, host, out);
  try {
    if (given.on(UPDATE_FLAG.name)) {
      const silent = { tell: () => {}, keep: () => [], wipe: () => {} };
      const session = (jobs: readonly Job[]) =>
        sessionOf(jobs, given, host, { ...silent, trace: "never", saveImage: "never" });
      if (!await update(scripts.jobs, host, session)) return EXIT.interrupted;
      scripts = await scriptsOf(given, host, out);
    }
    return await runAll(scripts, given, host, { out, reports });
  } finally {
    reports.close();
  }
}

async function scriptsOf(given: Given, host: Host, out: OutFolder): Promise<Scripts> {
  const loaded = await changedOnly(await loadAll(given, given.rest, host), given, host);
  const wanted = await wantedCells(loaded, given, host, out);
  return { loaded, diagnostics: allDiagnostics(loaded), ...wanted };
}

/** A reporter may be unknown because its plugin was refused, so that is told first. */
async function beginReports(
  { loaded, diagnostics, isAnything }: Scripts,
  given: Given,
  host: Host,
  out: OutFolder,
): Promise<Reports> {
  const plugins = loaded.flatMap((one) => one.plugins);
  try {
    const recording = out.isUsable ? out.recording : undefined;
    // What there was to tell of the last run stays until there is something else to tell.
    return await Reports.begin(given, host, { recording, isKept: isAnything, plugins });
  } catch (error) {
    if (refusals(diagnostics).includes(EXIT.plugin)) printDiagnostics(diagnostics, host);
    throw error;
  }
}

/** Where what is run is told and kept. */
interface Outcome {
  readonly out: OutFolder;
  readonly reports: Reports;
}

/** Who is told of a session, and what cells leave. */
type Audience =
  & Pick<SessionOptions, "tell" | "keep" | "wipe">
  & Readonly<Record<"trace" | "saveImage", Traced>>;

/** What the flags make of some jobs. */
function sessionOf(
  jobs: readonly Job[],
  given: Given,
  host: Host,
  { trace, saveImage, ...audience }: Audience,
): Session {
  const isIsolated = given.on(ISOLATE_FLAG.name);
  const batch = {
    ...isIsolated ? { workers: 0 } : workersFlag(given),
    ...optional("isIsolated", isIsolated || undefined),
    jit: jitFlag(given),
    maxTimeNs: timeFlag(given, "max-time") ?? MAX_TIME_NS,
    ...optional("maxEvents", positive(given, "max-events")),
    set: setOf(given),
    trace,
    saveImage,
    asked: {
      ...searchesAsked(given),
      // With --seed all have the same.
      ...optional("seed", given.text("seed") === undefined ? undefined : jobs[0]?.plans[0]?.seed),
    },
  };
  return new Session(jobs, host, {
    batch,
    jobs: jobsFlag(given, host, cellsOf(jobs)),
    isIsolated,
    bail: positive(given, "bail") ?? Infinity,
    verified: verified(given),
    ...audience,
  });
}

async function runAll(
  scripts: Scripts,
  given: Given,
  host: Host,
  { out, reports }: Outcome,
): Promise<number> {
  const { jobs, diagnostics, left, isAnything, isSearch } = scripts;
  if (isAnything && !isSearch) sayNoSearch(given, host);
  const trace = out.isUsable ? traceFlag(given, TRACE_FLAG, "failed") : "never";
  if (given.on(SHRINK_FLAG.name) && trace === "never") {
    throw new UsageError(
      "--shrink needs the files about cells that failed: leave --trace never out, and let the out " +
        "folder be written",
    );
  }
  const events: CellEnded[] = [];
  const repros = new Map<string, string>();
  const session = sessionOf(jobs, given, host, {
    tell: (event) => {
      if (event.event === "artefact" && event.kind === "repro") repros.set(event.cell, event.path);
      if (event.event === "cell-ended") {
        events.push(event);
        if (event.verdict === "holds") repros.delete(event.cell);
      }
      reports.take(event);
    },
    keep: (cell, files) => out.keep(cell, files),
    wipe: () => reports.wipe(),
    trace,
    saveImage: out.isUsable ? traceFlag(given, IMAGE_FLAG, "never") : "never",
  });
  if (given.on("dry-run")) return dryRun(scripts, given, host);
  if (!reports.isForProgram) printDiagnostics(diagnostics, host);
  if (!reports.isForProgram) tellLeftOut(left, host);
  begin(scripts, given, host, reports);
  await session.run();
  const code = await reports.end(end(scripts, given, session, reports));
  // A part of a search costs little, and would be taken for the whole search.
  const isWhole = ["seed", "seeds", "budget"].every((flag) => given.text(flag) === undefined);
  await out.keepCosts(isWhole ? events : events.filter(({ explored }) => explored === undefined));
  sayNothingToRun(scripts, given, host, reports);
  if (given.on(SHRINK_FLAG.name) && !session.interrupted) {
    await shrinkEach([...repros.values()], given, host);
  }
  return code;
}

const traceFlag = (given: Given, { name }: Flag, usual: Traced): Traced =>
  TRACES.find((each) => each === given.text(name)) ?? usual;

const optional = <K extends string, T>(name: K, value: T | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { [key in K]?: T };

function begin(scripts: Scripts, given: Given, host: Host, reports: Reports): void {
  const { jobs, shard, diagnostics, loaded } = scripts;
  reports.take({
    event: "run-begun",
    schema: EVENT_SCHEMA,
    ckptlab: host.version,
    language: LANGUAGE,
    paths: given.rest,
    cells: cellsOf(jobs),
    ...(shard === undefined ? {} : { shard }),
    ...(given.on("strict") ? { strict: true } : {}),
  });
  reports.tell(tellDiagnostics(diagnostics, loaded));
}

function end(scripts: Scripts, given: Given, session: Session, reports: Reports): number {
  const { isAnything, loaded, diagnostics } = scripts;
  const { interrupted, results } = session;
  const warned = given.on("strict") &&
    (diagnostics.length > 0 || results.some(({ warnings }) => warnings.length > 0));
  const exit = exitCode([
    ...interrupted ? [EXIT.interrupted] : [],
    ...refusals(diagnostics),
    ...warned ? [EXIT.script] : [],
    ...results.map((result) => EXIT_OF[result.verdict]),
    ...!isAnything && !given.on("permit-no-files") ? [EXIT.nothing] : [],
  ]);
  reports.take({
    event: "run-ended",
    scenarios: countsOf(results.map(({ verdict }) => verdict)),
    cells: countsOf(results.flatMap(({ cells }) => cells.map(({ verdict }) => verdict))),
    refused: loaded.filter((one) => !isSound(one)).length,
    interrupted,
    exit,
  });
  return exit;
}

function sayNothingToRun(scripts: Scripts, given: Given, host: Host, reports: Reports): void {
  const { jobs, diagnostics, shard } = scripts;
  if (jobs.length > 0 || reports.isForProgram || refusals(diagnostics).length > 0) return;
  const where = given.rest.length === 0 ? "scenarios/" : given.rest.join(" ");
  const part = shard === undefined ? "" : ` in part ${shard.index} of ${shard.count}`;
  host.stderr(`nothing to run: no scenario in ${where} is wanted${part}\n`);
}

/** What would be run, a line each. */
function dryRun({ jobs, isAnything, diagnostics }: Scripts, given: Given, host: Host): number {
  printDiagnostics(diagnostics, host);
  for (const { plans } of jobs) for (const { id } of plans) host.stdout(`${id}\n`);
  const isEmpty = !isAnything && !given.on("permit-no-files");
  return exitCode([
    ...refusals(diagnostics),
    ...isEmpty ? [EXIT.nothing] : [],
  ]);
}

/** Runs again whenever something changes, until the user has enough. */
async function watch(given: Given, host: Host): Promise<number> {
  if (host.watch === undefined) throw new UsageError("--watch: files cannot be watched here");
  const paths = given.rest.length === 0 ? DEFAULT_PATHS : given.rest;
  let code = await runOnce(given, host);
  host.stderr("waiting for a change; Ctrl+C ends\n");
  for await (const _ of host.watch(paths)) {
    code = await runOnce(given, host);
    if (code === EXIT.interrupted) return code;
    host.stderr("waiting for a change; Ctrl+C ends\n");
  }
  return code;
}

async function run(given: Given, host: Host): Promise<number> {
  if (given.on("quiet") && given.on("verbose")) {
    throw new UsageError("--quiet and --verbose exclude each other");
  }
  if (given.on(ISOLATE_FLAG.name) && !["0", undefined].includes(given.text("workers"))) {
    throw new UsageError("--isolate and --workers exclude each other: a Worker begins no others");
  }
  checkUpdate(given, host);
  return await (given.on("watch") ? watch : runOnce)(given, host);
}

export const runCommand: Command = {
  name: "run",
  usage: "[paths]",
  help:
    "Runs scenarios: all .ckpt files under the paths (default: scenarios/). This is what happens " +
    "without a command.",
  flags: [
    ...CHOICE_FLAGS,
    ...SCRIPT_FLAGS,
    ...SEARCH_FLAGS,
    {
      name: "max-time",
      value: "time",
      help: "Virtual time after which a run is given up (60min).",
    },
    {
      name: "workers",
      value: "N|auto",
      help:
        "Workers for the processes of a run: 0, all in one thread; auto, one for each process. " +
        "Without it as the scenario's isolation says, else one thread. It changes speed alone.",
    },
    {
      name: "max-events",
      value: "N",
      help: "Events of the lab after which a run is given up.",
    },
    JIT_FLAG,
    ISOLATE_FLAG,
    {
      name: "jobs",
      value: "N|auto",
      help: "Cells side by side, each in a Worker; auto (default): as many as processors, unless " +
        "there are few cells. DENO_JOBS says it too. The results are the same.",
    },
    { name: "bail", value: "N", alone: "1", help: "Stop after so many failed cells (1)." },
    VERIFY_FLAG,
    ONLY_FAILED_FLAG,
    CHANGED_FLAG,
    UPDATE_FLAG,
    ...SHARD_FLAGS,
    OUT_FLAG,
    TRACE_FLAG,
    IMAGE_FLAG,
    SHRINK_FLAG,
    { name: "permit-no-files", help: "Nothing to run is no failure: exit code 0 instead of 6." },
    { name: "strict", help: "Warnings count as errors of the script: exit code 3." },
    { name: "dry-run", help: "Print the ids of the cells that would run, and run nothing." },
    { name: "watch", help: "Run again whenever a file changes." },
    ...REPORT_FLAGS,
    { name: "quiet", short: "q", help: "Only what does not hold, and the summary." },
    { name: "verbose", short: "v", help: "Every cell, claim and trace hash." },
    COLOUR_FLAG,
    JSON_FLAG,
  ],
  run,
};
