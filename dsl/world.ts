/** One run of a cell: the schedule of its steps in virtual time, until it ends. */
import { type Lab, LabError, StrategyError } from "../core/mod.ts";
import type { Expr } from "./ast.ts";
import { type Context, contextOf, NoValue } from "./context.ts";
import { evaluate } from "./evaluate.ts";
import { condition } from "./operate.ts";
import type { Plan, Step, World } from "./plan.ts";
import type { Problem } from "./results.ts";
import type { Span } from "./source.ts";
import { formatNs } from "./units.ts";
import { HERE, UNDISTURBED, type View } from "./value.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** A run that ended. */
export interface WorldRun {
  readonly view: View;
  readonly lab: Lab;
  readonly endedNs: number;
  /** Steps as they happened. */
  readonly fired: readonly { readonly ns: number; readonly text: string }[];
  readonly problems: readonly Problem[];
  /** It came to its own end; what was cut off or refused is not the run the script describes. */
  readonly complete: boolean;
}

/** Bounds of a run. */
export interface Limits {
  readonly maxTimeNs: number;
  /** Asked between instants; true ends the run. */
  readonly interrupted: () => boolean;
}

/** Ticks a lab at rest is watched for a condition on `time` before it is given up. */
const TICKS_AT_REST = 1_000_000;

interface Pending {
  readonly step: Step;
  due: number | undefined;
  fired: boolean;
}

/** Evaluates a condition in one world; a condition without a value does not hold. */
function holds(context: Context, expr: Expr): boolean {
  // Each look has its own budget: a long run is no endless expression.
  const fresh = { ...context, work: { left: 100_000 } };
  try {
    return condition(fresh, expr.span, evaluate(fresh, expr))?.value === true;
  } catch (error) {
    if (error instanceof NoValue) return false;
    throw error;
  }
}

/** The schedule of one world. */
class Schedule {
  readonly #pending: Pending[];
  readonly #context: Context;
  readonly #polls: boolean;
  readonly #timed: boolean;
  readonly fired: { ns: number; text: string }[] = [];
  readonly problems: Problem[] = [];
  complete = true;
  #atRestTicks = 0;

  constructor(
    readonly plan: Plan,
    readonly world: World,
    readonly view: View,
    readonly limits: Limits,
    vocabulary: Vocabulary,
  ) {
    const steps = view === UNDISTURBED ? [] : plan.steps;
    this.#pending = steps.map((step) => ({ step, due: undefined, fired: false }));
    this.#pending.forEach((entry, i) => this.#arm(entry, i === 0 ? 0 : undefined));
    const conditions = steps.flatMap(({ timing }) => timing.kind === "when" ? [timing] : []);
    this.#polls = conditions.length > 0 || plan.until !== undefined;
    this.#timed = conditions.some((one) => one.timed) || plan.until?.timed === true;
    this.#context = contextOf({
      vocabulary,
      scope: plan.scope,
      where: "condition",
      lab: (asked) => asked === HERE ? world.lab : undefined,
      report: (item) => {
        throw new NoValue(item);
      },
    });
  }

  /** Sets the time of a step: at once, or for `after` when the step before it has happened. */
  #arm(entry: Pending, before: number | undefined): void {
    const { timing } = entry.step;
    if (timing.kind === "at" || timing.kind === "every") entry.due = timing.ns;
    if (timing.kind === "after" && before !== undefined) entry.due = before + timing.ns;
  }

  /** Does what is due now, in the order of the script. False when the lab refused. */
  #instant(now: number): boolean {
    const onTick = now % this.plan.tickNs === 0;
    for (const [i, entry] of this.#pending.entries()) {
      const { timing } = entry.step;
      const isDue = timing.kind === "when"
        ? !entry.fired && onTick && holds(this.#context, timing.condition)
        : entry.due !== undefined && entry.due <= now && (timing.kind === "every" || !entry.fired);
      if (isDue && !this.#fire(i, entry, now)) return false;
    }
    return true;
  }

  #fire(i: number, entry: Pending, now: number): boolean {
    const { step } = entry;
    const first = !entry.fired;
    entry.fired = true;
    if (step.timing.kind === "every") entry.due = now + step.timing.ns;
    const next = this.#pending[i + 1];
    if (first && next !== undefined && next.step.timing.kind === "after") this.#arm(next, now);
    this.fired.push({ ns: now, text: step.text });
    return attempt(
      this.problems,
      step.span,
      `at ${formatNs(now)} the lab refused '${step.text}'`,
      () => {
        step.doing.perform(this.world);
      },
    );
  }

  /** Times of steps still to come; those that repeat alone keep no run going. */
  #dues(now: number, repeating: boolean): readonly number[] {
    return this.#pending.flatMap(({ step, due, fired }) => {
      const repeats = step.timing.kind === "every";
      if (due === undefined || due < now || fired && !repeats || repeats && !repeating) return [];
      return [due];
    });
  }

  /** The next instant worth looking at, or why the run ends here. */
  #next(now: number): number | "rest" {
    const { lab } = this.world;
    const tick = now - now % this.plan.tickNs + this.plan.tickNs;
    if (!lab.atRest) {
      this.#atRestTicks = 0;
      return Math.min(tick, ...this.#dues(now, true));
    }
    const steps = this.#dues(now, false);
    const waits = this.#polls && this.#timed && this.#atRestTicks++ < TICKS_AT_REST;
    if (steps.length === 0 && !waits) return "rest";
    const all = this.#dues(now, true);
    return Math.min(...all, ...(waits || steps.length === 0 ? [tick] : []));
  }

  /** Runs to the end. */
  run(): void {
    const { lab } = this.world;
    for (;;) {
      const now = lab.now;
      if (!this.#instant(now)) return this.#cut();
      if (this.#untilHolds(now)) return this.#unfired("the run ended before it");
      const next = this.#next(now);
      if (next === "rest") return this.#rest();
      if (this.limits.interrupted()) return this.#cut("interrupted");
      if (next > this.limits.maxTimeNs) {
        const limit = formatNs(this.limits.maxTimeNs);
        return this.#cut(`the run did not end within ${limit} (--max-time)`);
      }
      const going = () => lab.advance(next);
      const place = `between ${formatNs(now)} and ${formatNs(next)} the lab refused to go on`;
      if (!attempt(this.problems, this.plan.span, place, going)) {
        this.complete = false;
        return;
      }
    }
  }

  #cut(why?: string): void {
    this.complete = false;
    if (why !== undefined) this.#unknown(this.plan.span, why);
  }

  #untilHolds(now: number): boolean {
    const { until, tickNs } = this.plan;
    if (until === undefined) return false;
    // At rest between two ticks nothing changes any more, so it counts as a tick.
    return (now % tickNs === 0 || this.world.lab.atRest) && holds(this.#context, until.condition);
  }

  #rest(): void {
    const { until } = this.plan;
    if (until !== undefined && this.view !== UNDISTURBED) {
      this.#unknown(until.span, "the lab came to rest, but 'until' never held");
    }
    this.#unfired("the lab came to rest before it");
  }

  #unfired(why: string): void {
    for (const { step, fired } of this.#pending) {
      // A period longer than the run has nothing to repeat.
      if (!fired && step.timing.kind !== "every") {
        this.#unknown(
          step.span,
          `this step never happened: ${why} (at ${formatNs(this.world.lab.now)})`,
        );
      }
    }
  }

  #unknown(span: Span, message: string): void {
    this.problems.push({ verdict: "unknown", span, message });
  }
}

/** Does something the lab may refuse; the refusal is the script's failure. */
function attempt(problems: Problem[], span: Span, what: string, act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (error instanceof StrategyError) {
      problems.push({ verdict: "broken", span, message: error.message });
    } else if (error instanceof LabError) {
      problems.push({ verdict: "failed", span, message: `${what}: ${error.message}` });
    } else throw error;
    return false;
  }
}

/** Runs one world of a cell to its end. */
export function runWorld(
  plan: Plan,
  view: View,
  world: World,
  vocabulary: Vocabulary,
  limits: Limits,
): WorldRun {
  const schedule = new Schedule(plan, world, view, limits, vocabulary);
  const ready = attempt(schedule.problems, plan.span, "the lab refused the setup", () => {
    for (const { name, profile } of plan.nodes) world.lab.addNode(name, profile);
    for (const { name, node, workload } of plan.processes) {
      world.lab.addProcess(name, node, workload);
    }
  });
  if (ready) schedule.run();
  const { fired, problems } = schedule;
  const complete = ready && schedule.complete;
  return { view, lab: world.lab, endedNs: world.lab.now, fired, problems, complete };
}
