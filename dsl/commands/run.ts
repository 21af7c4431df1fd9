/** `run`: runs the scenarios under some paths and reports. */
import { EngineDifference } from "../../core/mod.ts";
import { chosen, type LeftOut, leftOut } from "../discover.ts";
import { type Counts, EVENT_SCHEMA } from "../events.ts";
import { EXIT, exitCode } from "../exit.ts";
import { type Command, type Given, UsageError } from "../flags.ts";
import type { Host } from "../host.ts";
import { JIT_FLAG, jitFlag } from "../jit_flag.ts";
import type { FoundScenario, Loaded } from "../load.ts";
import type { Plan } from "../plan.ts";
import { REPORT_FLAGS, Reports } from "../reports.ts";
import {
  type CellResult,
  type Explored,
  type ScenarioResult,
  type Verdict,
  VERDICTS,
} from "../results.ts";
import { placeOf } from "../source.ts";
import { replayCommand, runCell, type Running, scenarioResult } from "../run.ts";
import {
  scenarioId,
  tellBegin,
  tellCell,
  tellDiagnostics,
  tellEnd,
  tellScenario,
} from "../tell.ts";
import {
  allDiagnostics,
  CHOICE_FLAGS,
  COLOUR_FLAG,
  isSound,
  JSON_FLAG,
  loadAll,
  printDiagnostics,
  refusals,
  SCRIPT_FLAGS,
  timeFlag,
} from "./scripts.ts";
import { LANGUAGE } from "./version.ts";

/** Virtual time after which a run counts as endless. */
export const MAX_TIME_NS = 3_600_000_000_000;

const CODES: Readonly<Record<Verdict, number>> = {
  holds: EXIT.holds,
  failed: EXIT.failed,
  unknown: EXIT.unknown,
  broken: EXIT.plugin,
  nondeterministic: EXIT.nondeterminism,
};

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

/** Scenarios with the cells of them that are wanted. */
interface Job {
  readonly file: string;
  readonly scenario: FoundScenario;
  readonly plans: readonly Plan[];
}

/** Says which scenarios are not run, and why: nothing is left out unseen. */
function tellLeftOut(left: readonly LeftOut[], host: Host): void {
  for (const { scenario: { span, title }, because } of left) {
    const why = because === "only" ? "another one says 'only'" : because;
    host.stderr(`left out: ${placeOf(span)} "${title}" (${why})\n`);
  }
}

function jobsOf(
  loaded: readonly Loaded[],
  given: Given,
  left: readonly LeftOut[],
): readonly Job[] {
  const out = new Set(left.map(({ scenario }) => scenario));
  const choice = { filter: given.text("filter"), tags: given.text("tag") };
  return loaded.filter(isSound).flatMap(({ path, scenarios }) =>
    scenarios.flatMap((scenario) => {
      const plans = out.has(scenario) ? [] : chosen(scenario, choice);
      return plans.length === 0 ? [] : [{ file: path, scenario, plans }];
    })
  );
}

/** One run of the command: jobs in, events out. */
class Session {
  readonly results: ScenarioResult[] = [];
  readonly #running: Running;

  constructor(readonly given: Given, readonly host: Host, readonly reports: Reports) {
    this.#running = {
      makeLab: host.makeLab,
      ...workersFlag(given),
      jit: jitFlag(given),
      maxTimeNs: timeFlag(given, "max-time") ?? MAX_TIME_NS,
      interrupted: () => this.interrupted,
      clock: host.clock,
    };
  }

  get interrupted(): boolean {
    return this.host.interrupted?.() === true;
  }

  async run(jobs: readonly Job[]): Promise<void> {
    const total = jobs.reduce((sum, job) => sum + job.plans.length, 0);
    let done = 0;
    for (const { scenario, file, plans } of jobs) {
      this.reports.take(tellScenario(scenario, file, plans.length));
      const cells: CellResult[] = [];
      for (const plan of plans) {
        cells.push(await this.#cell(plan, ++done, total));
        if (this.interrupted || this.#stopsAfter(cells)) break;
      }
      const result = scenarioResult(scenario, file, cells);
      this.results.push(result);
      this.reports.tell(tellEnd(result));
      if (this.interrupted || this.#stopsAfter(cells)) return;
    }
  }

  async #cell(plan: Plan, done: number, total: number): Promise<CellResult> {
    const { reports, host } = this;
    const progress = { event: "progress", done, total, cell: plan.id } as const;
    reports.take({ ...progress, what: "begun" });
    const begun = host.clock();
    const onSeed = ({ ran, seeds, failing }: Explored) => {
      const cell = `seed ${ran} of ${seeds}, ${failing} failed: ${plan.id}`;
      reports.take({ ...progress, cell, what: "begun" });
    };
    const result = await this.#run(plan, onSeed);
    reports.take({ ...progress, what: "ended", wallMs: host.clock() - begun });
    reports.take(tellBegin(plan));
    reports.tell(tellCell(result, scenarioId(plan.file, plan.title)));
    return result;
  }

  /** Where engines differ, the command ends and tells the code; here is told the cell. */
  async #run(plan: Plan, onSeed: (explored: Explored) => void): Promise<CellResult> {
    try {
      return await runCell(plan, { ...this.#running, onSeed });
    } catch (error) {
      this.reports.wipe();
      if (error instanceof EngineDifference) {
        this.host.stderr(`in ${plan.id}\n  again: ${replayCommand(plan)} --jit verify\n`);
      }
      throw error;
    }
  }

  #stopsAfter(cells: readonly CellResult[]): boolean {
    return this.given.on("bail") && cells.at(-1)?.verdict === "failed";
  }
}

const countsOf = (verdicts: readonly Verdict[]): Counts =>
  Object.fromEntries(
    VERDICTS.map((verdict) => [verdict, verdicts.filter((one) => one === verdict).length]),
  ) as Record<Verdict, number>;

async function run(given: Given, host: Host): Promise<number> {
  if (given.on("quiet") && given.on("verbose")) {
    throw new UsageError("--quiet and --verbose exclude each other");
  }
  const reports = new Reports(given, host);
  const session = new Session(given, host, reports);
  const loaded = await loadAll(given, given.rest, host);
  const diagnostics = allDiagnostics(loaded);
  if (!reports.isForProgram) printDiagnostics(diagnostics, host);
  const left = leftOut(loaded.filter(isSound).flatMap(({ scenarios }) => scenarios));
  if (!reports.isForProgram) tellLeftOut(left, host);
  const jobs = jobsOf(loaded, given, left);
  reports.take({
    event: "run-begun",
    schema: EVENT_SCHEMA,
    ckptlab: host.version,
    language: LANGUAGE,
    paths: given.rest,
    cells: jobs.reduce((sum, { plans }) => sum + plans.length, 0),
  });
  reports.tell(tellDiagnostics(diagnostics));
  await session.run(jobs);
  const { interrupted, results } = session;
  const code = exitCode([
    ...interrupted ? [EXIT.interrupted] : [],
    ...refusals(diagnostics),
    ...results.map((result) => CODES[result.verdict]),
    ...jobs.length === 0 ? [EXIT.nothing] : [],
  ]);
  reports.take({
    event: "run-ended",
    scenarios: countsOf(results.map(({ verdict }) => verdict)),
    cells: countsOf(results.flatMap(({ cells }) => cells.map(({ verdict }) => verdict))),
    refused: loaded.filter((one) => !isSound(one)).length,
    interrupted,
    exit: code,
  });
  if (code === EXIT.nothing && !reports.isForProgram) {
    const where = given.rest.length === 0 ? "scenarios/" : given.rest.join(" ");
    host.stderr(`nothing to run: no scenario in ${where} is wanted\n`);
  }
  return code;
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
    JIT_FLAG,
    { name: "bail", help: "Stop after the first failure." },
    ...REPORT_FLAGS,
    { name: "quiet", short: "q", help: "Only what does not hold, and the summary." },
    { name: "verbose", short: "v", help: "Every cell, claim and trace hash." },
    COLOUR_FLAG,
    JSON_FLAG,
  ],
  run,
};
