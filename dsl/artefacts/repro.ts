/**
 * `repro.json`: all it takes to have a failing run again, by itself: the scripts as they were, the
 * seed, every choice that was made, and how it failed. `dsl/repro/` reads it.
 */
import { type ChoiceRecord, sha256 } from "../../core/mod.ts";
import type { Plan } from "../plan.ts";
import { type Failure, fingerprintOf } from "../repro/fingerprint.ts";
import type { ChoiceLog, ReproDocument } from "../repro/document.ts";
import { REPRO_VERSION } from "../repro/document.ts";
import type { CellResult } from "../results.ts";
import { type Bounds, MAX_TIME_NS } from "../run.ts";
import { placeData, type Source } from "../source.ts";

/** What is not in the result itself. */
export interface Ingredients {
  readonly ckptlab: string;
  readonly language: number;
  /** The script and what it includes. */
  readonly sources: readonly Source[];
  /** The usual ones unless given. */
  readonly bounds?: Bounds;
}

/** Whom the cell names; what is no plugin's has the version of the program. */
const strategiesOf = ({ checkpointer, protocol, storage, processes, alternatives }: Plan) => ({
  ...(checkpointer === undefined ? {} : { checkpointer }),
  ...(protocol === undefined ? {} : { protocol }),
  ...(storage === undefined ? {} : { storage }),
  workloads: [...new Set(processes.map(({ workload }) => workload.name))],
  ...(alternatives.length === 0 ? {} : { alternatives }),
});

/** The choices, each as the number of its place and what was taken. */
function logOf(choices: readonly ChoiceRecord[]): ChoiceLog {
  const places: ChoiceLog["places"][number][] = [];
  const numbers = new Map<string, number>();
  const log: number[] = [];
  for (const { stream, entity, alternatives, taken } of choices) {
    const key = JSON.stringify([stream, entity, alternatives]);
    let number = numbers.get(key);
    if (number === undefined) {
      numbers.set(key, number = places.length);
      places.push([stream, entity, alternatives]);
    }
    log.push(number, taken);
  }
  return { places, log };
}

/** The hash a script is known by. */
export const scriptHash = (text: string): string => sha256(new TextEncoder().encode(text));

/**
 * How the seed that is recorded fails by itself. What only all seeds together show, as that something
 * never happened, is told as it is.
 */
function failuresOf(result: CellResult): readonly Failure[] {
  const alone = result.alone === undefined ? [] : fingerprintOf(result.alone).failures;
  return alone.length > 0 ? alone : fingerprintOf(result).failures;
}

/** The file. */
export function reproText(
  plan: Plan,
  result: CellResult,
  { ckptlab, language, sources, bounds = { maxTimeNs: MAX_TIME_NS } }: Ingredients,
): string {
  const { decisions, verdict, claims, problems } = result;
  const { maxTimeNs, maxEvents, isIsolated } = bounds;
  const failed = claims.filter((claim) => claim.verdict !== "holds" && claim.verdict !== "skipped");
  const document: ReproDocument = {
    version: REPRO_VERSION,
    ckptlab,
    language,
    cell: plan.id,
    file: plan.file,
    seed: decisions.seed,
    case: Object.fromEntries(plan.row),
    set: Object.fromEntries(plan.set),
    limits: { maxTimeNs, ...(maxEvents === undefined ? {} : { maxEvents }) },
    ...(isIsolated === true ? { isolated: true } : {}),
    scripts: sources.map(({ name, text }) => ({ file: name, sha256: scriptHash(text), text })),
    strategies: strategiesOf(plan),
    plugins: plan.plugins.map(({ alias, plugin: { name, version } }) => (
      { alias, name, version }
    )),
    verdict,
    ...(result.cutShort === true ? { cutShort: true } : {}),
    fingerprint: failuresOf(result),
    claims: failed.map(({ span, text, verdict }) => ({ ...placeData(span), text, verdict })),
    problems: problems.map(({ span, message, verdict }) => (
      { ...placeData(span), message, verdict }
    )),
    worlds: decisions.worlds.map(({ view, traceHash, choices }) => (
      { view, traceHash, choices: logOf(choices) }
    )),
    command: result.replay,
  };
  return JSON.stringify(document) + "\n";
}
