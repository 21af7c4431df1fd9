/** Cells in Workers, side by side; whoever asks gets the results in the order of the cells. */
import { wrap } from "comlink";
import { WorkerError } from "../core/mod.ts";
import { type Batch, type CellApi, type CellOrder, errorOf } from "./cell_worker.ts";
import type { CellRun } from "./one_cell.ts";

/** Told when a cell begins and ends, by its place. */
export interface PoolListener {
  begun(place: number): void;
  ended(place: number): void;
}

/** One Worker that runs cells. */
class Hand {
  readonly #worker: Worker;
  readonly #api;
  readonly #died: Promise<never>;

  constructor(make: () => Worker) {
    this.#worker = make();
    this.#api = wrap<CellApi>(this.#worker);
    this.#died = new Promise((_, reject) => {
      this.#worker.addEventListener("error", (event) => {
        event.preventDefault();
        reject(new WorkerError(`a Worker that runs cells failed: ${event.message}`));
      });
    });
    // Nobody may be waiting when it dies.
    this.#died.catch(() => {});
  }

  async begin(batch: Batch): Promise<void> {
    await Promise.race([this.#api.begin(batch), this.#died]);
  }

  async run(order: CellOrder): Promise<CellRun> {
    const answer = await Promise.race([this.#api.run(order), this.#died]);
    if ("run" in answer) return answer.run;
    throw errorOf(answer);
  }

  end(): void {
    this.#worker.terminate();
  }
}

/** Runs cells in so many Workers, each taking the next that nobody has begun. */
export class CellPool {
  readonly #hands: Hand[] = [];
  readonly #runs: Promise<CellRun>[];
  readonly #settle: ((run: Promise<CellRun>) => void)[] = [];
  #next = 0;

  constructor(
    make: () => Worker,
    count: number,
    readonly orders: readonly CellOrder[],
    readonly batch: Batch,
    readonly listener: PoolListener,
  ) {
    this.#runs = orders.map(() =>
      new Promise<CellRun>((resolve) => this.#settle.push((run) => resolve(run)))
    );
    // Whoever broke off does not ask for what comes later.
    for (const run of this.#runs) run.catch(() => {});
    for (let i = 0; i < Math.min(count, orders.length); i++) void this.#work(new Hand(make));
  }

  /** What comes of the cell at that place; rejects when its Worker broke. */
  run(place: number): Promise<CellRun> {
    const run = this.#runs[place];
    if (run === undefined) throw new Error(`there is no cell ${place}`);
    return run;
  }

  /** Ends all Workers; cells that were under way never come to an end. */
  end(): void {
    this.#next = this.orders.length;
    for (const hand of this.#hands) hand.end();
  }

  async #work(hand: Hand): Promise<void> {
    this.#hands.push(hand);
    const ready = hand.begin(this.batch);
    ready.catch(() => {});
    for (;;) {
      const place = this.#next++;
      const order = this.orders[place];
      if (order === undefined) return hand.end();
      this.listener.begun(place);
      const run = ready.then(() => hand.run(order));
      this.#settle[place]?.(run);
      try {
        await run;
      } catch {
        // Told by whoever waits for it; a Worker that broke takes no further cell.
        return hand.end();
      }
      this.listener.ended(place);
    }
  }
}
