/**
 * Makes a failing run smaller: pass after pass, each smaller script is run and counts only if it
 * fails in the same way. What it takes is counted in runs, so that the result is the same whenever
 * it is done again.
 */
import { isSame } from "../repro/fingerprint.ts";
import type { Running } from "../run.ts";
import type { Vocabulary } from "../vocabulary.ts";
import { type Form, isStep, sizeOf, textOf, without } from "./form.ts";
import { layDown, type Laying, type Recorded, waysOf } from "./lay_down.ts";
import { type Pass, PASSES } from "./passes.ts";
import { type Outcome, Trials } from "./trial.ts";

/** What shrinking is told. */
export interface Shrinking {
  /** Where the script will be. */
  readonly path: string;
  readonly vocabulary: Vocabulary;
  readonly running: Running;
  /** Most runs. */
  readonly budget: number;
  /** "any": a smaller run may fail in another way. */
  readonly keep: "failure" | "any";
  /** Told before each run, with its number. */
  readonly onRun?: (run: number) => void;
  /** Told when something could be left out. */
  readonly onStep?: (step: Step) => void;
}

/** A reduction that was taken. */
export interface Step {
  readonly pass: Pick<Pass, "name" | "help">;
  /** Statements before and after. */
  readonly from: number;
  readonly to: number;
  /** Runs so far. */
  readonly runs: number;
}

/** What came of shrinking. */
export interface Shrunk {
  /** The script. */
  readonly text: string;
  /** Statements of the run as it was laid down, and now. */
  readonly from: number;
  readonly to: number;
  readonly runs: number;
  /** What ended it before there was nothing left to try. */
  readonly cut?: "budget" | "interrupt";
  readonly failures: readonly string[];
  readonly steps: readonly Step[];
}

/** Why there is nothing to shrink. */
export class ShrinkError extends Error {
  override readonly name = "ShrinkError";
}

/** A form that fails in the wanted way, and how. */
interface Found {
  readonly form: Form;
  readonly outcome: Outcome;
}

/** Whether no process is left lying, or in the middle, where none was before. */
const endsAlike = (wanted: Outcome, found: Outcome): boolean =>
  [...found.endings].every((one) => one.endsWith(" exited") || wanted.endings.has(one));

/** One shrinking. */
class Shrinker {
  readonly steps: Step[] = [];
  readonly trials: Trials;
  /** Without any step the same claim fails too: the steps have nothing to do with it. */
  #failsAnyway = false;

  constructor(readonly wanted: Outcome, readonly given: Shrinking) {
    const { path, vocabulary, running, budget, onRun } = given;
    this.trials = new Trials(path, vocabulary, running, budget, onRun);
  }

  /** The first way to write the run down that fails like it. */
  async start(recorded: Recorded): Promise<Found> {
    for (const laying of waysOf(recorded, this.given.path)) {
      const found = await this.#lay(recorded, laying);
      if (found === undefined) continue;
      this.#failsAnyway = await this.#failsWithoutSteps(found.form, found.outcome);
      return found;
    }
    throw new ShrinkError(
      "this run cannot be written as a script: with its faults at their times it does not fail " +
        "in the same way; replay it instead",
    );
  }

  async #lay(recorded: Recorded, laying: Laying): Promise<Found | undefined> {
    const form = layDown(recorded, laying);
    const outcome = await this.trials.try(textOf(form));
    return outcome !== undefined && this.#isSame(outcome) ? { form, outcome } : undefined;
  }

  #isSame(outcome: Outcome): boolean {
    const { wanted, given: { keep } } = this;
    if (keep === "any") return outcome.fingerprint.failures.length > 0;
    return isSame(wanted.fingerprint, outcome.fingerprint) && endsAlike(wanted, outcome);
  }

  /** All passes, again and again, until none finds anything. */
  async run(start: Found): Promise<Found> {
    let found = start;
    for (let before = ""; before !== textOf(found.form) && !this.trials.isOver;) {
      before = textOf(found.form);
      for (const pass of PASSES) found = await this.#pass(pass, found);
    }
    return found;
  }

  async #pass(pass: Pass, start: Found): Promise<Found> {
    let found = start;
    for (;;) {
      const smaller = await this.#smaller(pass, found);
      // What was only written out, and is no shorter, was not worth it.
      if (smaller === undefined) return sizeOf(found.form) > sizeOf(start.form) ? start : found;
      this.steps.push({
        pass: { name: pass.name, help: pass.help },
        from: sizeOf(found.form),
        to: sizeOf(smaller.form),
        runs: this.trials.runs,
      });
      const step = this.steps.at(-1);
      if (step !== undefined) this.given.onStep?.(step);
      found = smaller;
    }
  }

  /** The first of a pass's forms that was not tried before and fails in the same way. */
  async #smaller(pass: Pass, { form, outcome }: Found): Promise<Found | undefined> {
    for (const candidate of pass.candidates(form, outcome)) {
      if (this.trials.isOver) return undefined;
      const text = textOf(candidate);
      if (this.trials.has(text)) continue;
      const found = await this.trials.try(text);
      if (found === undefined || !this.#isSame(found)) continue;
      // What could not be looked at any more is not taken.
      if (this.trials.isOver) return undefined;
      if (await this.#isTrivial(candidate, found)) continue;
      if (this.given.running.interrupted()) return undefined;
      return { form: candidate, outcome: found };
    }
    return undefined;
  }

  /** It fails for another reason: because it is so small, not because of what is done to it. */
  async #isTrivial(form: Form, outcome: Outcome): Promise<boolean> {
    return !this.#failsAnyway && await this.#failsWithoutSteps(form, outcome);
  }

  /** Whether the failing claim alone fails when nothing is done. */
  async #failsWithoutSteps(form: Form, { cell, fingerprint }: Outcome): Promise<boolean> {
    const failing = cell.claims.find(({ verdict }) => verdict === "failed");
    if (failing === undefined) return false;
    const claims = form.items.filter(({ row }) => row.place === "claim");
    const starts = [...new Set(cell.claims.map(({ span }) => span.start))];
    const others = claims.filter((_, i) => starts[i] !== failing.span.start);
    const storms = form.items.filter(({ row }) => row.keyword === "chaos");
    const still = without(form, [...form.items.filter(isStep), ...others, ...storms]);
    const outcome = await this.trials.try(textOf(still));
    const [first] = fingerprint.failures;
    return first !== undefined && outcome?.fingerprint.failures.includes(first) === true;
  }
}

/**
 * Shrinks a recorded run. `again`: what comes of the run when it is done again as it was recorded.
 * Throws {@linkcode ShrinkError} when it does not fail, or cannot be written as a script.
 */
export async function shrink(
  recorded: Recorded,
  again: Outcome,
  given: Shrinking,
): Promise<Shrunk> {
  if (again.fingerprint.failures.length === 0) {
    throw new ShrinkError("nothing fails in this run any more, so there is nothing to shrink");
  }
  const shrinker = new Shrinker(again, given);
  const start = await shrinker.start(recorded);
  const end = await shrinker.run(start);
  const text = textOf(end.form);
  await confirm(text, end.outcome, given);
  const { trials, steps } = shrinker;
  const cut = given.running.interrupted() ? "interrupt" : trials.isOver ? "budget" : undefined;
  return {
    text,
    from: sizeOf(start.form),
    to: sizeOf(end.form),
    runs: trials.runs,
    ...(cut === undefined ? {} : { cut }),
    failures: end.outcome.fingerprint.failures,
    steps,
  };
}

/** The script is run twice more, by itself, and must fail as it did. */
async function confirm(text: string, wanted: Outcome, given: Shrinking): Promise<void> {
  for (let time = 0; time < 2 && !given.running.interrupted(); time++) {
    const outcome = await new Trials(given.path, given.vocabulary, given.running, 1).try(text);
    // A run that was cut off tells nothing.
    if (given.running.interrupted()) return;
    const hashes = (one: Outcome | undefined) =>
      one?.cell.worlds.map(({ traceHash }) => traceHash).join();
    if (
      outcome !== undefined && isSame(wanted.fingerprint, outcome.fingerprint) &&
      hashes(outcome) === hashes(wanted)
    ) continue;
    throw new ShrinkError(
      "the script that was found does not fail in the same way when it is run again: something " +
        "in the run is not deterministic; `run --verify all` tells where it parts",
    );
  }
}
