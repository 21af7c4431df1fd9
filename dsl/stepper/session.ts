/**
 * A run that can be looked at at any of its moments, forwards and backwards. Going back is running
 * again from the beginning: the same choices give the same run, and a small world takes a moment.
 */
import type { Lab, TraceEvent } from "../../core/mod.ts";
import type { Plan } from "../plan.ts";
import { labFor, type Running, runView } from "../run.ts";
import type { View } from "../value.ts";
import type { Stops, WorldRun } from "../world.ts";

/** A run was left before its end. */
class Left extends Error {
  override readonly name = "Left";
}

/** What is known of a run that has come to its end. */
export interface Whole {
  readonly events: readonly TraceEvent[];
  /** Times at which something happened, in ns, ascending; the first is 0 and the last the end. */
  readonly moments: readonly number[];
  readonly traceHash: string;
}

/** A run under way, which stands still where it was wanted. */
class Visit implements Stops {
  at: number | undefined;
  lab: Lab | undefined;
  /** It came to its end. */
  over = false;
  #arrive: () => void = () => {};
  #goOn: (error?: Left) => void = () => {};
  #ended: Promise<void> = Promise.resolve();

  constructor(readonly plan: Plan, readonly view: View, readonly running: Running) {}

  /** Goes on to that time, not before where it is; later than the end: to the end. */
  async goTo(ns: number): Promise<void> {
    const arrived = new Promise<void>((resolve) => this.#arrive = resolve);
    this.at = ns;
    if (this.lab === undefined) await this.#begin();
    else if (!this.over) this.#goOn();
    await Promise.race([arrived, this.#ended]);
  }

  async reached(): Promise<void> {
    this.at = undefined;
    const left = new Promise<Left | undefined>((resolve) => this.#goOn = resolve);
    this.#arrive();
    const error = await left;
    if (error !== undefined) throw error;
  }

  async #begin(): Promise<void> {
    const { plan, view, running } = this;
    const { lab } = await labFor(plan, view, running);
    this.lab = lab;
    const run = runView(plan, view, lab, { ...running, stops: this });
    this.#ended = run.then(() => {
      this.over = true;
    });
    // Whoever waits is told; nobody may be waiting.
    this.#ended.catch(() => {});
  }

  /** Leaves it where it is. */
  async leave(): Promise<void> {
    this.#goOn(new Left());
    await this.#ended.catch((error) => {
      if (!(error instanceof Left)) throw error;
    });
    this.lab?.end();
  }
}

/** A run to be looked at. */
export class Session {
  #visit: Visit | undefined;
  /** Runs that were begun. */
  visits = 0;

  private constructor(
    readonly plan: Plan,
    readonly view: View,
    readonly running: Running,
    readonly whole: Whole,
  ) {}

  /** Runs it once to its end, to know its moments. Rejects where the replay parts. */
  static async of(plan: Plan, view: View, running: Running): Promise<Session> {
    const { lab } = await labFor(plan, view, running);
    try {
      const run: WorldRun = await runView(plan, view, lab, running);
      const { events } = lab.trace;
      const moments = [...new Set([0, ...events.map(({ time }) => time), Math.round(run.endedNs)])];
      moments.sort((a, b) => a - b);
      const whole = { events: [...events], moments, traceHash: lab.traceHash };
      return new Session(plan, view, running, whole);
    } finally {
      lab.end();
    }
  }

  /** The lab at that time; later than the end: at the end. */
  async at(ns: number): Promise<Lab> {
    if (this.#visit === undefined || Math.floor(this.#visit.lab?.now ?? 0) > ns) {
      await this.end();
      this.#visit = new Visit(this.plan, this.view, this.running);
      this.visits++;
    }
    const visit = this.#visit;
    await visit.goTo(ns);
    if (visit.lab === undefined) throw new Error("a visit without a lab");
    return visit.lab;
  }

  /** What happened after one time and not after the other, in order. */
  eventsBetween(after: number, until: number): readonly TraceEvent[] {
    return this.whole.events.filter(({ time }) => time > after && time <= until);
  }

  async end(): Promise<void> {
    const visit = this.#visit;
    this.#visit = undefined;
    await visit?.leave();
  }
}
