/**
 * Watches whether a Worker comes back from the hooks and modules of plugins. Time of the host decides
 * nothing but that: who does not come back is ended as an error, never as a verdict.
 */
import { boardTurn, HOOK_PATIENCE_MS, newBoard, readBoard, StrategyError } from "../core/mod.ts";
import type { Evaluating } from "./isolated.ts";

/** How it waits. */
export interface Watching {
  /** Until a person has had time for a key. */
  readonly pause: () => Promise<void>;
  /** How long a pause is at least, in ms. */
  readonly pauseMs: number;
  /** As {@linkcode HOOK_PATIENCE_MS}, which it is unless given. */
  readonly hookPatienceMs?: number;
  /** The same for evaluating one module. */
  readonly modulePatienceMs?: number;
}

/** Watches one Worker. */
export class HookWatch {
  /** Where the Worker writes its hooks. */
  readonly board = newBoard();
  /** Fulfilled when all modules are evaluated; rejects when one cannot be. */
  readonly evaluated: Promise<void>;
  #module = "";
  #modules = 0;
  #isEnded = false;

  constructor(worker: Worker, readonly watching: Watching) {
    this.evaluated = new Promise((resolve, reject) => {
      worker.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
        if (!isTold(data)) return;
        if ("failed" in data) return reject(new Error(data.failed));
        this.#module = data.evaluating;
        this.#modules++;
        if (this.#module === "") resolve();
      });
    });
    // Nobody may be waiting for it.
    this.evaluated.catch(() => {});
  }

  /** What comes of something the Worker does; rejects with a `StrategyError` when it is stuck. */
  async during<T>(answer: Promise<T>): Promise<T> {
    let isOver = false;
    const over = () => void (isOver = true);
    answer.then(over, over);
    return await Promise.race([answer, this.#stuck(() => isOver)]);
  }

  /** The Worker was ended: nobody waits for it any more. */
  end(): void {
    this.#isEnded = true;
  }

  /** Counts pauses and not the clock: a computer that slept meanwhile has not run anything. */
  async #stuck(isOver: () => boolean): Promise<never> {
    const { pause, pauseMs } = this.watching;
    for (let quietMs = 0, last = ""; !isOver() && !this.#isEnded;) {
      await pause();
      if (this.#isEnded) break;
      const turn = `${boardTurn(this.board)} ${this.#modules}`;
      const where = this.#where();
      quietMs = where === undefined || turn !== last ? 0 : quietMs + pauseMs;
      last = turn;
      const mostMs = this.#patienceMs();
      if (where !== undefined && quietMs > mostMs) {
        throw new StrategyError(`${where} has not come back for ${mostMs / 1000} s`);
      }
    }
    return await new Promise<never>(() => {});
  }

  #patienceMs(): number {
    const { hookPatienceMs = HOOK_PATIENCE_MS, modulePatienceMs = HOOK_PATIENCE_MS } = this
      .watching;
    return this.#module === "" ? hookPatienceMs : modulePatienceMs;
  }

  #where(): string | undefined {
    return this.#module === "" ? readBoard(this.board) : `the module of plugin ${this.#module}`;
  }
}

/** Among what comes from the Worker are answers too. */
const isTold = (data: unknown): data is Evaluating =>
  typeof data === "object" && data !== null && ("evaluating" in data || "failed" in data);
