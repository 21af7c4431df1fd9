/** `run`: runs the scenarios under some paths and reports. */
import { EngineDifference } from "../../core/mod.ts";
import { coloursFor } from "../colour.ts";
import { chosen } from "../discover.ts";
import { EXIT, exitCode } from "../exit.ts";
import { type Command, type Given, UsageError } from "../flags.ts";
import type { Host } from "../host.ts";
import { JIT_FLAG, jitFlag } from "../jit_flag.ts";
import type { FoundScenario, Loaded } from "../load.ts";
import type { Plan } from "../plan.ts";
import { failureText, resultsDocument, scenarioLine, summaryLine, verboseText } from "../report.ts";
import type { CellResult, ScenarioResult, Verdict } from "../results.ts";
import { replayCommand, runCell, type Running, scenarioResult } from "../run.ts";
import {
  allDiagnostics,
  CHOICE_FLAGS,
  COLOUR_FLAG,
  isError,
  isSound,
  JSON_FLAG,
  loadAll,
  printDiagnostics,
  SCRIPT_FLAGS,
  timeFlag,
} from "./scripts.ts";

/** Virtual time after which a run counts as endless. */
export const MAX_TIME_NS = 3_600_000_000_000;

const CODES: Readonly<Record<Verdict, number>> = {
  holds: EXIT.holds,
  failed: EXIT.failed,
  unknown: EXIT.unknown,
  broken: EXIT.plugin,
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

function jobsOf(loaded: readonly Loaded[], given: Given): readonly Job[] {
  const choice = { filter: given.text("filter"), tags: given.text("tag") };
  return loaded.filter(isSound).flatMap(({ path, scenarios }) =>
    scenarios.flatMap((scenario) => {
      const plans = chosen(scenario, choice);
      return plans.length === 0 ? [] : [{ file: path, scenario, plans }];
    })
  );
}

/** One run of the command: jobs in, lines out. */
class Session {
  readonly results: ScenarioResult[] = [];
  readonly #colours;
  readonly #running: Running;
  #file = "";

  constructor(readonly given: Given, readonly host: Host) {
    this.#colours = coloursFor(given, host);
    this.#running = {
      vocabulary: host.vocabulary,
      makeLab: host.makeLab,
      ...workersFlag(given),
      jit: jitFlag(given),
      maxTimeNs: timeFlag(given, "max-time") ?? MAX_TIME_NS,
      interrupted: () => this.interrupted,
    };
  }

  get interrupted(): boolean {
    return this.host.interrupted?.() === true;
  }

  get #speaks(): boolean {
    return !this.given.on("json");
  }

  #print(text: string): void {
    if (this.#speaks) this.host.stdout(text);
  }

  /** A line that stays only while there is something to wait for. */
  #progress(text: string): void {
    if (this.#speaks && this.host.isTerminal) this.host.stdout(`\r\x1b[K${text.slice(0, 78)}`);
  }

  async run(jobs: readonly Job[]): Promise<void> {
    const total = jobs.reduce((sum, job) => sum + job.plans.length, 0);
    let done = 0;
    for (const job of jobs) {
      const started = this.host.clock();
      const cells: CellResult[] = [];
      for (const plan of job.plans) {
        this.#progress(`[${++done}/${total}] ${plan.id}`);
        cells.push(await this.#cell(plan));
        if (this.interrupted || this.#stopsAfter(cells)) break;
      }
      this.#progress("");
      this.#report(scenarioResult(job.scenario, job.file, cells), this.host.clock() - started);
      if (this.interrupted || this.#stopsAfter(cells)) return;
    }
  }

  /** Where engines differ, the command ends and tells the code; here is told the cell. */
  async #cell(plan: Plan): Promise<CellResult> {
    try {
      return await runCell(plan, this.#running);
    } catch (error) {
      if (error instanceof EngineDifference) {
        this.#progress("");
        this.host.stderr(`in ${plan.id}\n  again: ${replayCommand(plan)} --jit verify\n`);
      }
      throw error;
    }
  }

  #stopsAfter(cells: readonly CellResult[]): boolean {
    return this.given.on("bail") && cells.at(-1)?.verdict === "failed";
  }

  #report(result: ScenarioResult, wallMs: number): void {
    this.results.push(result);
    const quiet = this.given.on("quiet") && result.verdict === "holds";
    if (quiet) return;
    if (this.#file !== result.file) this.#print(this.#colours.faint(result.file) + "\n");
    this.#file = result.file;
    const watched = this.host.isTerminal ? wallMs : undefined;
    this.#print(scenarioLine(result, this.#colours, watched));
    if (this.given.on("verbose")) this.#print(verboseText(result, this.#colours));
    this.#print(failureText(result, this.#colours));
  }

  summary(refused: number): void {
    this.#print(summaryLine(this.results, refused, this.#colours));
  }
}

async function run(given: Given, host: Host): Promise<number> {
  if (given.on("quiet") && given.on("verbose")) {
    throw new UsageError("--quiet and --verbose exclude each other");
  }
  const session = new Session(given, host);
  const loaded = await loadAll(given, given.rest, host);
  const diagnostics = allDiagnostics(loaded);
  const json = given.on("json");
  if (!json) printDiagnostics(diagnostics, host);
  const jobs = jobsOf(loaded, given);
  await session.run(jobs);
  const refused = loaded.filter((one) => !isSound(one)).length;
  const code = exitCode([
    ...session.interrupted ? [EXIT.interrupted] : [],
    ...diagnostics.some(isError) ? [EXIT.script] : [],
    ...session.results.map((result) => CODES[result.verdict]),
    ...jobs.length === 0 ? [EXIT.nothing] : [],
  ]);
  if (json) {
    const document = resultsDocument(session.results, diagnostics, code);
    host.stdout(JSON.stringify(document, undefined, 2) + "\n");
  } else if (code === EXIT.nothing) {
    const where = given.rest.length === 0 ? "scenarios/" : given.rest.join(" ");
    host.stderr(`nothing to run: no scenario in ${where} is wanted\n`);
  } else session.summary(refused);
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
    { name: "quiet", short: "q", help: "Only what does not hold, and the summary." },
    { name: "verbose", short: "v", help: "Every cell, claim and trace hash." },
    COLOUR_FLAG,
    JSON_FLAG,
  ],
  run,
};
