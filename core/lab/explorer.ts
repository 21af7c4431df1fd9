/**
 * The explorer: every interleaving of a protocol with a small application, up to states that are
 * equal. Breadth first, so the counter-example it finds is a shortest one.
 */
import type { Protocol } from "../cluster/protocol.ts";
import { Actors } from "./explorer_actors.ts";
import type { ExploreCase } from "./explorer_case.ts";
import {
  checkRest,
  checkRestless,
  type Rules,
  rulesOf,
  Violated,
  type Violation,
  type ViolationKind,
} from "./explorer_rules.ts";
import { Codes, Seen } from "./explorer_seen.ts";
import { beginning, putKey, type Situation } from "./explorer_situation.ts";
import { dueSteps, possibleSteps, type Step, stepText } from "./explorer_step.ts";
import { WaysToRest } from "./explorer_rest.ts";
import { afterStep, type Departure } from "./explorer_world.ts";

export {
  casesOf,
  caseText,
  type ExploreCase,
  exploreCase,
  type ExploreScope,
  moveScopesOf,
  planText,
  scopesOf,
  type SendPlan,
  sendPlans,
  STANDARD_SCOPES,
} from "./explorer_case.ts";
export { type Violation, type ViolationKind, VIOLATIONS } from "./explorer_rules.ts";
export { replayScript } from "./explorer_script.ts";

/** One step of a counter-example. */
export interface TracedStep {
  readonly step: Step;
  /** What happens, in words. */
  readonly text: string;
  /** Messages sent in it, in order. */
  readonly departures: readonly Departure[];
  /**
   * The step, from 0, in which what causes this one was begun: the capture that is durable now, the
   * line that is recorded now. Otherwise the step itself.
   */
  readonly begunIn: number;
}

/** A shortest way to a violation. */
export interface CounterExample {
  readonly given: ExploreCase;
  readonly violation: Violation;
  /** Which of the checkpoints asked for it is about, from 0. */
  readonly request: number;
  readonly steps: readonly TracedStep[];
}

/** What an exploration found. */
export interface Exploration {
  readonly states: number;
  /** States in which nothing happens by itself any more. */
  readonly terminals: number;
  /** False: more states than allowed, or interrupted, so nothing is proved. */
  readonly complete: boolean;
  readonly counterExample?: CounterExample;
}

/** How to explore. */
export interface ExploreOptions {
  /** Violations that count; the others are passed over. All by default. */
  readonly kinds?: readonly ViolationKind[];
  /** States after which it is given up; 5 million by default. */
  readonly maxStates?: number;
  /** Told from time to time how many states were seen; false stops the exploration. */
  readonly onProgress?: (states: number) => boolean;
}

const MAX_STATES = 5_000_000;
const PROGRESS_EVERY = 16_384;

class Explorer {
  private readonly seen = new Seen();
  private readonly codes = new Codes();
  /** How each state was reached: by which step, from which. */
  private readonly befores: number[] = [];
  private readonly steps: (Step | undefined)[] = [];
  /** Those reached by as many steps, in the order of their numbers. */
  private frontier: Situation[] = [];
  private next: Situation[] = [];
  private terminals = 0;
  /** What leads to rest, looked at where the protocol polls: without rounds all ways have an end. */
  private readonly ways: WaysToRest | undefined;

  constructor(readonly rules: Rules, readonly options: ExploreOptions) {
    if (rules.cost.perRound !== undefined) this.ways = new WaysToRest();
  }

  run(): Exploration {
    this.add(beginning(this.rules.actors, this.rules.given), 0, undefined);
    const most = this.options.maxStates ?? MAX_STATES;
    let told = 0, visited = 0;
    while (this.next.length > 0) {
      [this.frontier, this.next] = [this.next, []];
      for (const moment of this.frontier) {
        const counterExample = this.visit(visited++, moment);
        if (counterExample !== undefined) return { ...this.summary(false), counterExample };
        if (this.seen.size > most) return this.summary(false);
        if (this.seen.size - told < PROGRESS_EVERY) continue;
        told = this.seen.size;
        if (this.options.onProgress?.(told) === false) return this.summary(false);
      }
    }
    const restless = this.ways?.firstWithout(this.seen.size);
    if (restless === undefined) return this.summary(true);
    const counterExample = this.restless(restless);
    return { ...this.summary(true), ...counterExample === undefined ? {} : { counterExample } };
  }

  /** The way to a state from which the world never comes to rest, if that counts. */
  private restless(number: number): CounterExample | undefined {
    const path = this.pathTo(number);
    let moment = beginning(this.rules.actors, this.rules.given);
    for (const step of path) moment = afterStep(moment, step, this.rules).moment;
    try {
      checkRestless(moment, this.rules);
      return undefined;
    } catch (error) {
      return this.counterExample(moment, path, error);
    }
  }

  private summary(complete: boolean): Exploration {
    return { states: this.seen.size, terminals: this.terminals, complete };
  }

  /** The number of the state, a new one or the one it has. */
  private add(moment: Situation, before: number, step: Step | undefined): number {
    this.codes.length = 0;
    putKey(this.codes, moment);
    const number = this.seen.numberOf(this.codes);
    if (number < this.steps.length) return number;
    this.befores.push(before);
    this.steps.push(step);
    this.next.push(moment);
    return number;
  }

  private visit(number: number, moment: Situation): CounterExample | undefined {
    const { given } = this.rules;
    const { protocol } = this.rules.actors;
    const due = dueSteps(moment, given, protocol);
    let tried: Step | undefined;
    try {
      if (due.length === 0) {
        this.terminals++;
        checkRest(moment, this.rules);
        this.ways?.rest(number);
      }
      for (tried of [...due, ...possibleSteps(moment, given, protocol)]) {
        const { moment: after } = afterStep(moment, tried, this.rules);
        const reached = this.add(after, number, tried);
        if (due.includes(tried)) this.ways?.lead(number, reached);
      }
      return undefined;
    } catch (error) {
      const path = [...this.pathTo(number), ...tried === undefined ? [] : [tried]];
      return this.counterExample(moment, path, error);
    }
  }

  private counterExample(
    moment: Situation,
    path: readonly Step[],
    error: unknown,
  ): CounterExample {
    if (!(error instanceof Violated)) throw error;
    const { given } = this.rules;
    const request = requestUnderWay(moment, given);
    return { given, violation: error.violation, request, steps: this.traced(path) };
  }

  private pathTo(number: number): Step[] {
    const path: Step[] = [];
    for (let at = number; at > 0; at = this.befores[at] as number) {
      path.push(this.steps[at] as Step);
    }
    return path.reverse();
  }

  /** Goes the way once more, noting what is sent on it. The last step may be the violation. */
  private traced(path: readonly Step[]): TracedStep[] {
    const { given, actors } = this.rules;
    const silent = rulesOf(given, actors, []);
    const begun = new Map<string, number>();
    let moment = beginning(actors, given);
    return path.map((step, number) => {
      const before = moment;
      const { moment: after, departures } = afterStep(before, step, silent);
      moment = after;
      const text = stepText(step, before, given, actors);
      const begunIn = begun.get(causeOf(step)) ?? number;
      noteBegun(begun, before, after, number);
      return { step, text, departures, begunIn };
    });
  }
}

/** The first checkpoint that is not answered, or the last of all. */
function requestUnderWay(moment: Situation, given: ExploreCase): number {
  const made = given.requests - moment.left.requests;
  const owed = moment.owed.reduce((most, each) => Math.max(most, each), 0);
  return Math.max(0, Math.min(made - owed, made - 1));
}

/** What makes a step happen, where that is no message. */
function causeOf(step: Step): string {
  if (step.step === "taken" || step.step === "saved") return `capture ${step.who}`;
  return step.step === "recorded" ? `record ${step.station}` : "";
}

/** Notes the captures and records that begin between two moments. */
function noteBegun(
  begun: Map<string, number>,
  before: Situation,
  after: Situation,
  number: number,
): void {
  after.captures.forEach((capture, who) => {
    const { stage, channels } = before.captures[who] ?? {};
    const isNew = capture?.stage === "begun" && stage !== "begun";
    const isClosed = capture?.channels === "closed" && channels === "open";
    if (isNew || isClosed) begun.set(`capture ${who}`, number);
  });
  for (const station of after.records) {
    if (!before.records.includes(station)) begun.set(`record ${station}`, number);
  }
}

/**
 * Explores one case: every order in which messages may be sent and arrive, local checkpoints become
 * durable, a checkpoint be asked for, and the other events of the case happen.
 *
 * Checks that each declared line has no orphan and has lost nothing, that every request is answered,
 * that nobody stays held or polls for ever, that nothing is given up without a cause, and that the declared cost is
 * true. Where a protocol forgets a message, throws, or changes a state in place, that is a violation
 * too. `steps` of the counter-example is as short as possible.
 */
export function explore(
  protocol: Protocol,
  given: ExploreCase,
  options: ExploreOptions = {},
): Exploration {
  const rules = rulesOf(given, new Actors(protocol), options.kinds);
  return new Explorer(rules, options).run();
}
