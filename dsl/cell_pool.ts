/** Cells in Workers, side by side; whoever asks gets the results in the order of the cells. */
import { StrategyError } from "../core/mod.ts";
import { Hand, type HandMaker } from "./cell_hand.ts";
import type { Batch, CellOrder } from "./cell_worker.ts";
import type { CellRun } from "./one_cell.ts";

/** Told when a cell begins and ends, by its place. */
export interface PoolListener {
  begun(place: number): void;
  ended(place: number): void;
}

/** Runs cells in so many Workers, each taking the next that nobody has begun. */
export class CellPool {
  readonly #hands: Hand[] = [];
  readonly #runs: Promise<CellRun>[];
  readonly #settle: ((run: Promise<CellRun>) => void)[] = [];
  #next = 0;

  constructor(
    readonly maker: HandMaker,
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
    for (let i = 0; i < Math.min(count, orders.length); i++) void this.#work();
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

  async #work(): Promise<void> {
    let held: { readonly hand: Hand; readonly ready: Promise<void> } | undefined;
    for (;;) {
      const place = this.#next++;
      const order = this.orders[place];
      if (order === undefined) return held?.hand.end();
      const { hand, ready } = held ??= this.#newHand();
      this.listener.begun(place);
      const run = ready.then(() => hand.run(order));
      this.#settle[place]?.(run);
      try {
        await run;
      } catch (error) {
        // Told by whoever waits for it. A Worker that broke takes no further cell; one that a plugin
        // keeps is replaced, for the other cells are as good as before.
        hand.end();
        if (!(error instanceof StrategyError)) return;
        held = undefined;
      }
      this.listener.ended(place);
    }
  }

  #newHand() {
    const hand = new Hand(this.maker);
    this.#hands.push(hand);
    const ready = hand.begin(this.batch);
    ready.catch(() => {});
    return { hand, ready };
  }
}
