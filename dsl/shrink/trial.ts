/** Tries scripts: what comes of one, and whether it fails as another did. */
import type { Lab } from "../../core/mod.ts";
import { isSound, load } from "../load.ts";
import type { Plan } from "../plan.ts";
import { type Fingerprint, fingerprintOf } from "../repro/fingerprint.ts";
import type { CellResult } from "../results.ts";
import { runCell, type Running } from "../run.ts";
import type { Vocabulary } from "../vocabulary.ts";

/** A script that was run. */
export interface Outcome {
  readonly plan: Plan;
  readonly cell: CellResult;
  readonly fingerprint: Fingerprint;
  /** How its processes ended: a run in which one is left lying fails for another reason. */
  readonly endings: ReadonlySet<string>;
}

const encoder = new TextEncoder();

/** What became of a process. */
function ending(lab: Lab, process: string): string {
  if (lab.processMetric(process, "exited") === true) return "exited";
  return lab.processMetric(process, "running") === true ? "running" : "down";
}

/** Runs a plan and notes how it fails. */
export async function outcomeOf(plan: Plan, running: Running): Promise<Outcome> {
  const endings = new Set<string>();
  const seen: Running["seen"] = (view, lab) => {
    running.seen?.(view, lab);
    for (const { name } of plan.processes) endings.add(`${view} ${ending(lab, name)}`);
  };
  const cell = await runCell(plan, { ...running, seen });
  return { plan, cell, fingerprint: fingerprintOf(cell), endings };
}

/** The one cell of a script in memory; nothing when it cannot be run. */
export async function planOf(
  path: string,
  text: string,
  vocabulary: Vocabulary,
): Promise<Plan | undefined> {
  const readFile = () => Promise.resolve(encoder.encode(text));
  const overrides = { values: new Map(), used: new Set<string>() };
  const loaded = await load(path, readFile, { vocabulary, overrides });
  const plans = loaded.scenarios.flatMap(({ plans }) => plans);
  return isSound(loaded) && plans.length === 1 ? plans[0] : undefined;
}

/** Runs scripts, each once, and counts. */
export class Trials {
  #runs = 0;
  readonly #known = new Map<string, Promise<Outcome | undefined>>();

  constructor(
    readonly path: string,
    readonly vocabulary: Vocabulary,
    readonly running: Running,
    readonly budget: number,
    readonly onRun: (runs: number) => void = () => {},
  ) {}

  /** Runs so far. */
  get runs(): number {
    return this.#runs;
  }

  /** No further run is allowed, or wanted. */
  get isOver(): boolean {
    return this.#runs >= this.budget || this.running.interrupted();
  }

  /** What comes of a script; nothing of one that cannot be run. What was tried is known. */
  try(text: string): Promise<Outcome | undefined> {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const outcome = this.#run(text);
    this.#known.set(text, outcome);
    return outcome;
  }

  /** True for what was tried already. */
  has(text: string): boolean {
    return this.#known.has(text);
  }

  async #run(text: string): Promise<Outcome | undefined> {
    const plan = await planOf(this.path, text, this.vocabulary);
    if (plan === undefined) return undefined;
    this.onRun(++this.#runs);
    return await outcomeOf(plan, this.running);
  }
}
