/** One run of a cell: the schedule of its steps in virtual time, until it ends. */
import { type Lab, LabError, type Strategy, StrategyError } from "../core/mod.ts";
import type { Expr } from "./ast.ts";
import { beginChaos } from "./chaos_plan.ts";
import { type Context, contextOf, NoValue, type Where } from "./context.ts";
import { evaluate } from "./evaluate.ts";
import { isMonitored, type Judged, Monitor } from "./monitor.ts";
import { condition } from "./operate.ts";
import type { Claim, Cut, Plan, Step, World } from "./plan.ts";
import type { Happened, Problem } from "./results.ts";
import type { Span } from "./source.ts";
import { formatNs } from "./units.ts";
import { HERE, UNDISTURBED, type View } from "./value.ts";

/** A run that ended. */
export interface WorldRun {
  readonly view: View;
  readonly lab: Lab;
  readonly endedNs: number;
  readonly fired: readonly Happened[];
  readonly problems: readonly Problem[];
  /** What came of claims about every tick. */
  readonly monitored: ReadonlyMap<Claim, Judged>;
  /** It came to its own end; what was cut off or refused is not the run the script describes. */
  readonly complete: boolean;
}

/** Who wants a run to stand still on its way. */
export interface Stops {
  /** The time of the next stop, in ns; nothing: none is wanted. */
  readonly at: number | undefined;
  /** The run is there, what happens at that time is done. It goes on when this is. */
  reached(lab: Lab): Promise<void>;
}

/** Bounds of a run. */
export interface Limits {
  readonly stops?: Stops;
  readonly maxTimeNs: number;
  /** The most events of the lab; what goes beyond is given up. */
  readonly maxEvents?: number;
  /** Asked between instants; true ends the run. */
  readonly interrupted: () => boolean;
  /** Now and then something to wait for, so that others have a turn. */
  readonly breathe?: () => Promise<void> | undefined;
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

/** Something a step put off to a later instant. */
interface Later {
  readonly ns: number;
  readonly text: string;
  readonly act: () => void | Promise<void>;
  readonly span: Span;
  /** Keeps a lab at rest going. */
  readonly keeps: boolean;
}

/** The schedule of one world. */
class Schedule {
  readonly #pending: Pending[];
  #later: readonly Later[] = [];
  /** The step that is being done. */
  #doing: Step | undefined;
  readonly world: World;
  readonly #context: Context;
  readonly #polls: boolean;
  readonly #timed: boolean;
  readonly #monitors: readonly Monitor[];
  readonly fired: Happened[] = [];
  readonly problems: Problem[] = [];
  complete = true;
  #atRestTicks = 0;

  constructor(
    readonly plan: Plan,
    who: Coordination,
    readonly view: View,
    readonly limits: Limits,
  ) {
    const later = (keeps: boolean): World["later"] => (afterNs, text, act) => {
      const span = this.#doing?.span ?? plan.span;
      this.#later = [...this.#later, { ns: this.world.lab.now + afterNs, text, act, span, keeps }];
    };
    const tell: World["tell"] = (text) =>
      void this.fired.push({ ns: this.world.lab.now, text, by: "chaos" });
    const cuts = new Set<Cut>();
    const isChaotic = plan.chaos.length > 0;
    this.world = { ...who, isChaotic, cuts, later: later(true), perhaps: later(false), tell };
    const steps = view === UNDISTURBED ? [] : plan.steps;
    this.#pending = steps.map((step) => ({ step, due: undefined, fired: false }));
    this.#pending.forEach((entry, i) => this.#arm(entry, i === 0 ? 0 : undefined));
    const conditions = steps.flatMap(({ timing }) => timing.kind === "when" ? [timing] : []);
    this.#polls = conditions.length > 0 || plan.until !== undefined;
    this.#timed = conditions.some((one) => one.timed) || plan.until?.timed === true;
    const context = (where: Where) =>
      contextOf({
        vocabulary: plan.vocabulary,
        scope: plan.scope,
        where,
        lab: (asked) => asked === HERE ? who.lab : undefined,
        report: (item) => {
          throw new NoValue(item);
        },
      });
    this.#context = context("condition");
    const watches = view !== UNDISTURBED && plan.explore === undefined;
    const monitored = watches ? plan.claims.filter(isMonitored) : [];
    this.#monitors = monitored.map((claim) => new Monitor(claim, context("monitor")));
  }

  /** What came of the claims about every tick. */
  get monitored(): ReadonlyMap<Claim, Judged> {
    return new Map(this.#monitors.map((monitor) => [monitor.claim, monitor.result()]));
  }

  /** Sets the time of a step: at once, or for `after` when the step before it has happened. */
  #arm(entry: Pending, before: number | undefined): void {
    const { timing } = entry.step;
    if (timing.kind === "at" || timing.kind === "every") entry.due = timing.ns;
    if (timing.kind === "after" && before !== undefined) entry.due = before + timing.ns;
  }

  /** Does what is due now, in the order of the script. False when the lab refused. */
  async #instant(now: number): Promise<boolean> {
    const onTick = now % this.plan.tickNs === 0;
    const due = this.#later.filter(({ ns }) => ns <= now);
    this.#later = this.#later.filter(({ ns }) => ns > now);
    for (const { text, act, span } of due) if (!await this.#do(now, text, span, act)) return false;
    for (const [i, entry] of this.#pending.entries()) {
      const { timing } = entry.step;
      const isDue = timing.kind === "when"
        ? !entry.fired && onTick && holds(this.#context, timing.condition)
        : entry.due !== undefined && entry.due <= now && (timing.kind === "every" || !entry.fired);
      if (isDue && !await this.#fire(i, entry, now)) return false;
    }
    return true;
  }

  async #fire(i: number, entry: Pending, now: number): Promise<boolean> {
    const { step } = entry;
    const first = !entry.fired;
    entry.fired = true;
    if (step.timing.kind === "every") entry.due = now + step.timing.ns;
    const next = this.#pending[i + 1];
    if (first && next !== undefined && next.step.timing.kind === "after") this.#arm(next, now);
    this.#doing = step;
    return await this.#do(now, step.text, step.span, () => step.doing.perform(this.world));
  }

  #do(now: number, text: string, span: Span, act: Act): Promise<boolean> {
    if (text !== "") this.fired.push({ ns: now, text });
    const what = `at ${formatNs(now)} the lab refused '${text === "" ? "chaos" : text}'`;
    return attempt(this.problems, span, what, act);
  }

  /** Times of steps still to come; those that repeat alone keep no run going. */
  #dues(now: number, repeating: boolean): readonly number[] {
    const steps = this.#pending.flatMap(({ step, due, fired }) => {
      const repeats = step.timing.kind === "every";
      if (due === undefined || due < now || fired && !repeats || repeats && !repeating) return [];
      return [due];
    });
    const later = this.#later.filter(({ keeps }) => keeps || repeating);
    return [...steps, ...later.map(({ ns }) => ns)];
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
  async run(): Promise<void> {
    const { lab } = this.world;
    if (this.view !== UNDISTURBED) beginChaos(this.plan, this.world);
    for (;;) {
      const now = lab.now;
      if (!await this.#instant(now)) return this.#cut();
      this.#look(now);
      await this.#stop(now);
      if (this.#untilHolds(now)) return this.#unfired("the run ended before it");
      const next = this.#next(now);
      if (next === "rest") return this.#rest();
      await this.limits.breathe?.();
      if (this.limits.interrupted()) return this.#cut("interrupted");
      const { maxEvents = Infinity } = this.limits;
      if (maxEvents < Infinity && lab.events > maxEvents) {
        return this.#cut(`the run did not end within ${maxEvents} events (--max-events)`);
      }
      if (next > this.limits.maxTimeNs) {
        const limit = formatNs(this.limits.maxTimeNs);
        return this.#cut(`the run did not end within ${limit} (--max-time)`);
      }
      const going = () => this.#advance(next);
      const place = `between ${formatNs(now)} and ${formatNs(next)} the lab refused to go on`;
      if (!await attempt(this.problems, this.plan.span, place, going)) {
        this.complete = false;
        return;
      }
    }
  }

  /** Stands still while somebody wants it to. */
  async #stop(now: number): Promise<void> {
    const { stops } = this.limits;
    while (stops?.at !== undefined && stops.at <= now) await stops.reached(this.world.lab);
  }

  /** Goes on to that time, perhaps with stops before it: they change nothing. */
  async #advance(until: number): Promise<void> {
    const { limits: { stops }, world: { lab } } = this;
    while (stops?.at !== undefined && stops.at < until) {
      await lab.advance(Math.max(stops.at, lab.now));
      await this.#stop(lab.now);
    }
    await lab.advance(until);
  }

  /** At rest between two ticks nothing changes any more, so it counts as a tick. */
  #isTick(now: number): boolean {
    return now % this.plan.tickNs === 0 || this.world.lab.atRest;
  }

  #look(now: number): void {
    if (this.#isTick(now)) { for (const monitor of this.#monitors) monitor.look(now); }
  }

  #cut(why?: string): void {
    this.complete = false;
    if (why !== undefined) this.#unknown(this.plan.span, why);
  }

  #untilHolds(now: number): boolean {
    const { until } = this.plan;
    return until !== undefined && this.#isTick(now) && holds(this.#context, until.condition);
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

type Act = () => void | Promise<void>;

/** Does something the lab may refuse; the refusal is the script's failure. */
async function attempt(problems: Problem[], span: Span, what: string, act: Act): Promise<boolean> {
  try {
    await act();
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

/** The lab of one world, and who saves and coordinates in it. */
export type Coordination = Pick<World, "lab" | "checkpointer" | "protocol"> & {
  readonly storage: Strategy | undefined;
};

/** Brings the world into being: everything before the first advance. */
async function setUp(plan: Plan, { lab, protocol, storage }: Coordination): Promise<void> {
  if (plan.isolation !== undefined) lab.isolate(plan.isolation);
  if (storage !== undefined) lab.keep(storage);
  for (const { name, profile } of plan.nodes) lab.addNode(name, profile);
  for (const { name, node, workload, startsAt } of plan.processes) {
    lab.addProcess(name, node, workload, startsAt);
  }
  for (const { from, to, options } of plan.channels) lab.connect(from, to, options);
  if (protocol !== undefined) lab.coordinate(protocol);
  await lab.begin();
}

/** Runs one world of a cell to its end. */
export async function runWorld(
  plan: Plan,
  view: View,
  who: Coordination,
  limits: Limits,
): Promise<WorldRun> {
  const schedule = new Schedule(plan, who, view, limits);
  const ready = await attempt(
    schedule.problems,
    plan.span,
    "the lab refused the setup",
    () => setUp(plan, who),
  );
  // What is asked between two instants may be a plugin's metric, which may be broken.
  const ran = ready &&
    await attempt(schedule.problems, plan.span, "the lab refused a question", () => schedule.run());
  const { fired, problems, monitored } = schedule;
  const complete = ran && schedule.complete;
  return { view, lab: who.lab, endedNs: who.lab.now, fired, problems, monitored, complete };
}
