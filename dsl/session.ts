/** One run of scenarios: jobs in, events out, in the order of the scripts whatever runs beside what. */
import { EngineDifference, type RunEvent, StrategyError } from "../core/mod.ts";
import { CellPool } from "./cell_pool.ts";
import type { Batch } from "./cell_worker.ts";
import type { Host } from "./host.ts";
import { LANGUAGE } from "./language.ts";
import type { FoundScenario } from "./load.ts";
import { type CellFile, type CellRun, runOne } from "./one_cell.ts";
import type { Plan } from "./plan.ts";
import type { CellResult, ScenarioResult } from "./results.ts";
import { type Bounds, replayCommand, scenarioResult } from "./run.ts";
import type { Source } from "./source.ts";
import {
  type ArtefactTold,
  scenarioId,
  tellBegin,
  tellCell,
  tellEnd,
  tellScenario,
} from "./tell.ts";

/** A scenario with the cells of it that are wanted. */
export interface Job {
  readonly file: string;
  readonly scenario: FoundScenario;
  readonly plans: readonly Plan[];
  /** The script and what it includes. */
  readonly sources: readonly Source[];
}

/** How a session goes about its jobs. */
export interface SessionOptions {
  readonly batch: Batch;
  /** Cells side by side; 1: in this thread, unless they are isolated. */
  readonly jobs: number;
  /** They run in Workers without permissions. */
  readonly isIsolated: boolean;
  /** Failures after which it stops. */
  readonly bail: number;
  /** Which cells are run twice. */
  readonly verified: (id: string) => boolean;
  /** Is told every event. */
  readonly tell: (event: RunEvent) => void;
  /** Puts the files about a cell where they stay, and says where. */
  readonly keep: (cell: string, files: readonly CellFile[]) => readonly ArtefactTold[];
  /** Something else is about to be printed. */
  readonly wipe: () => void;
}

/** Runs jobs until they are done, enough has failed, or the user wants to stop. */
export class Session {
  readonly results: ScenarioResult[] = [];
  readonly #plans: readonly Plan[];
  #pool: CellPool | undefined;
  #failures = 0;
  #done = 0;
  #asked = false;
  readonly #stop: Promise<undefined>;
  #wake: () => void = () => {};

  constructor(
    readonly jobs: readonly Job[],
    readonly host: Host,
    readonly options: SessionOptions,
  ) {
    this.#plans = jobs.flatMap(({ plans }) => plans);
    this.#stop = new Promise((resolve) => this.#wake = () => resolve(undefined));
  }

  get interrupted(): boolean {
    return this.#asked || this.host.interrupted?.() === true;
  }

  async run(): Promise<void> {
    const leave = this.host.onInterrupt?.(() => {
      this.#asked = true;
      this.#wake();
    });
    try {
      this.#pool = this.#newPool();
      await this.#runAll();
    } finally {
      this.#pool?.end();
      leave?.();
    }
  }

  async #runAll(): Promise<void> {
    let place = 0;
    for (const { scenario, file, plans, sources } of this.jobs) {
      this.options.tell(tellScenario(scenario, file, plans.length));
      const cells: CellResult[] = [];
      for (const plan of plans) {
        const run = await this.#cell(plan, place++, sources);
        if (run === undefined) break;
        cells.push(run.result);
        this.#tellCell(plan, run, scenario.plans.indexOf(plan));
        if (this.#isOver) break;
      }
      const result = scenarioResult(scenario, file, cells);
      this.results.push(result);
      for (const event of tellEnd(result)) this.options.tell(event);
      if (this.#isOver) return;
    }
  }

  get #isOver(): boolean {
    return this.interrupted || this.#failures >= this.options.bail;
  }

  #tellCell({ id, file, title }: Plan, { result, files }: CellRun, place: number): void {
    if (result.verdict === "failed") this.#failures++;
    const scenario = scenarioId(file, title);
    this.options.tell(tellBegin(result, scenario, place));
    const kept = files.length === 0 ? [] : this.options.keep(id, files);
    for (const event of tellCell(result, scenario, kept)) this.options.tell(event);
  }

  /** The cell at that place; nothing when the user does not want to wait for it. */
  async #cell(
    plan: Plan,
    place: number,
    sources: readonly Source[],
  ): Promise<CellRun | undefined> {
    try {
      if (this.#pool !== undefined) return await Promise.race([this.#pool.run(place), this.#stop]);
      return await this.#here(plan, sources);
    } catch (error) {
      if (error instanceof StrategyError) return brokenCell(plan, this.options.batch, error);
      this.options.wipe();
      // Where engines differ, the command ends and tells the code; here is told the cell.
      if (error instanceof EngineDifference) {
        this.host.stderr(
          `in ${plan.id}\n  again: ${replayCommand(plan, this.options.batch)} --jit verify\n`,
        );
      }
      throw error;
    }
  }

  /** Runs a cell in this thread. */
  async #here(plan: Plan, sources: readonly Source[]): Promise<CellRun> {
    const { host, options: { batch, verified } } = this;
    const { makeLab, breathe, version } = host;
    const ended = this.#begun(plan.id);
    const run = await runOne(plan, {
      ...batch,
      makeLab,
      interrupted: () => this.interrupted,
      ...(breathe === undefined ? {} : { breathe }),
      clock: host.clock,
      onSeed: ({ ran, seeds, failing }) => {
        const cell = `seed ${ran} of ${seeds}, ${failing} failed: ${plan.id}`;
        const done = this.#done + 1, total = this.#plans.length;
        this.options.tell({ event: "progress", done, total, cell, what: "begun" });
      },
      twice: verified(plan.id),
      ingredients: { ckptlab: version, language: LANGUAGE, sources },
    });
    ended();
    return run;
  }

  #newPool(): CellPool | undefined {
    const { options: { jobs, batch, verified }, host } = this;
    const make = this.#maker();
    if (make === undefined) return undefined;
    const orders = this.#plans.map(({ file, id }) => ({ file, id, twice: verified(id) }));
    const ends = new Map<number, () => void>();
    const maker = { make, isIsolated: this.options.isIsolated, host };
    return new CellPool(maker, Math.max(1, jobs), orders, batch, {
      begun: (place) => ends.set(place, this.#begun(this.#plans[place]?.id ?? "")),
      ended: (place) => ends.get(place)?.(),
    });
  }

  /** How Workers are made, if there are to be any. */
  #maker(): (() => Worker) | undefined {
    const { options: { jobs, isIsolated }, host: { cellWorker, isolatedWorker } } = this;
    if (!isIsolated) return jobs > 1 ? cellWorker : undefined;
    const urls = this.#plans.flatMap(({ plugins }) => plugins.map(({ url }) => url));
    return isolatedWorker === undefined ? undefined : () => isolatedWorker([...new Set(urls)]);
  }

  /** Says that a cell has begun; what it gives back says that it has ended. */
  #begun(cell: string): () => void {
    const { host: { clock }, options: { tell } } = this;
    const total = this.#plans.length;
    const begun = clock();
    tell({ event: "progress", done: this.#done + 1, total, cell, what: "begun" });
    return () => {
      this.#done++;
      const wallMs = clock() - begun;
      tell({ event: "progress", done: this.#done, total, cell, what: "ended", wallMs });
    };
  }
}

/** A cell that a plugin kept from coming to its end. */
function brokenCell(plan: Plan, bounds: Bounds, { message }: StrategyError): CellRun {
  const { id, seed, row, span } = plan;
  const problems = [{ verdict: "broken", span, message }] as const;
  const nothing = { worlds: [], claims: [], figures: [], decisions: { seed, worlds: [] } };
  const replay = replayCommand(plan, bounds);
  return { result: { id, seed, row, verdict: "broken", ...nothing, problems, replay }, files: [] };
}
