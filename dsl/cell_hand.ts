/** One Worker that runs cells, makes a report or looks at plugins, for the thread that has it. */
import { proxy, type Remote, wrap } from "comlink";
import { type RecordedEvent, WorkerError } from "../core/mod.ts";
import { type Batch, type CellApi, type CellOrder, errorOf, type Exported } from "./cell_worker.ts";
import { HookWatch, type Watching } from "./hook_watch.ts";
import { type Lender, lenderOf } from "./lent_files.ts";
import type { ReadFile } from "./load.ts";
import type { ReportAnswer, ReportOrder } from "./report_server.ts";
import type { CellRun } from "./one_cell.ts";

/** What the Worker's owner gives it. */
export interface HandHost extends Watching {
  readonly readFile: ReadFile;
  readonly readProgram: (file: string) => Uint8Array;
}

/** How a Worker is begun. */
export interface HandMaker {
  readonly make: () => Worker;
  /** It has no permissions: files are lent to it. */
  readonly isIsolated: boolean;
  readonly host: HandHost;
}

/** One Worker. */
export class Hand {
  readonly #worker: Worker;
  readonly #api: Remote<CellApi>;
  readonly #died: Promise<never>;
  readonly #watch: HookWatch;
  readonly #ready: Promise<void>;
  readonly #lender: Lender | undefined;

  constructor({ make, isIsolated, host }: HandMaker) {
    this.#worker = make();
    this.#watch = new HookWatch(this.#worker, host);
    this.#api = wrap<CellApi>(this.#worker);
    this.#ready = isIsolated ? this.#watch.evaluated : Promise.resolve();
    this.#lender = isIsolated ? lenderOf(host.readFile, host.readProgram) : undefined;
    this.#died = new Promise((_, reject) => {
      this.#worker.addEventListener("error", (event) => {
        event.preventDefault();
        const { message } = event;
        reject(new WorkerError(`a Worker that runs cells failed: ${message}`, { cause: message }));
      });
    });
    // Nobody may be waiting when it dies.
    this.#died.catch(() => {});
  }

  async begin(batch: Batch): Promise<void> {
    const lender = this.#lender === undefined ? undefined : proxy(this.#lender);
    await this.#answer(async () => await this.#api.begin(batch, this.#watch.board, lender));
  }

  async run(order: CellOrder): Promise<CellRun> {
    const answer = await this.#answer(async () => await this.#api.run(order));
    if ("run" in answer) return answer.run;
    throw errorOf(answer);
  }

  /** What a plugin's module exports that the Worker has evaluated, hooks as marks. */
  async exports(url: string): Promise<Exported> {
    return await this.#answer(async () => await this.#api.exports(url));
  }

  async beginReport(order: ReportOrder): Promise<ReportAnswer> {
    return await this.#answer(async () => await this.#api.beginReport(order, this.#watch.board));
  }

  /** What the report says to these events. */
  async tellReport(events: readonly RecordedEvent[]): Promise<ReportAnswer> {
    return await this.#answer(async () => await this.#api.tellReport(events));
  }

  end(): void {
    this.#watch.end();
    this.#worker.terminate();
  }

  #answer<T>(ask: () => Promise<T>): Promise<T> {
    return this.#watch.during(Promise.race([this.#ready.then(ask), this.#died]));
  }
}
