/** One claim over many seeds: what each seed said is counted, and the quantifier decides. */
import type { Explored, Verdict } from "../core/mod.ts";
import type { CellResult, ClaimResult } from "./results.ts";
import { worst } from "./results.ts";

type Told = ClaimResult["verdict"];

/** What a claim says of its seed alone: with `never` it must not hold, with `sometimes` it may. */
function inSeed({ how, verdict }: ClaimResult): Told {
  if (how === "sometimes") return verdict === "failed" ? "skipped" : verdict;
  if (how === "never" && verdict === "failed") return "holds";
  if (how === "never" && verdict === "holds") return "failed";
  // Seeds without a value do not count, as ticks without one do not.
  return how !== undefined && verdict === "unknown" ? "skipped" : verdict;
}

/** Whether one seed by itself holds. */
export const judgeSeed = ({ claims, problems }: Pick<CellResult, "claims" | "problems">): Verdict =>
  worst([...problems.map((one) => one.verdict), ...claims.map(inSeed)]);

interface Example {
  readonly seed: number;
  readonly details: ClaimResult["details"];
  readonly sides: Pick<ClaimResult, "left" | "right">;
}

/** What the seeds said of one claim. */
export class ClaimTally {
  readonly #counts: Record<Told, number> = {
    holds: 0,
    failed: 0,
    unknown: 0,
    broken: 0,
    nondeterministic: 0,
    skipped: 0,
  };
  readonly #first: Partial<Record<Told, Example>> = {};

  constructor(readonly about: ClaimResult) {}

  /** Takes in what one seed said. */
  take(seed: number, { verdict, details, left, right }: ClaimResult): void {
    this.#counts[verdict]++;
    const sides = left === undefined || right === undefined ? {} : { left, right };
    this.#first[verdict] ??= { seed, details, sides };
  }

  /** The claim over all seeds. `isPart`: there are more seeds than were run. */
  result(explored: Explored, isPart: boolean): ClaimResult {
    const verdict = this.#verdict(isPart);
    const { left: _, right: __, ...about } = this.about;
    const sides = this.#first[this.#decided(verdict)]?.sides;
    const details = this.#details(verdict, explored);
    const isOpen = verdict === "skipped" && this.#counts.failed > 0;
    return { ...about, verdict, details, ...(isOpen ? { undecided: true } : {}), ...sides };
  }

  /** What the seeds said that decided: `never` fails where the claim holds. */
  #decided(verdict: Told): Told {
    return verdict === "failed" && this.about.how === "never" ? "holds" : verdict;
  }

  #verdict(isPart: boolean): Told {
    const { holds, failed, unknown, broken } = this.#counts;
    // Who breaks its contract has not said anything.
    if (broken > 0) return "broken";
    const { how } = this.about;
    const nothing = unknown > 0 ? "unknown" : "skipped";
    if (how === "sometimes") {
      if (holds > 0) return "holds";
      if (failed === 0) return nothing;
      return isPart ? "skipped" : "failed";
    }
    if (how === "never") return holds > 0 ? "failed" : failed > 0 ? "holds" : nothing;
    if (failed > 0) return "failed";
    if (how === undefined && unknown > 0) return "unknown";
    return holds > 0 ? "holds" : nothing;
  }

  #details(verdict: Told, { ran }: Explored): ClaimResult["details"] {
    const { holds, failed } = this.#counts;
    const { how } = this.about;
    if (verdict === "holds" || verdict === "skipped") {
      return how === "sometimes" ? [["seeds", `it held on ${holds} of ${ran}`]] : [];
    }
    const decided = this.#decided(verdict);
    const example = this.#first[decided];
    if (how === "sometimes" && verdict === "failed") {
      return [["seeds", `it held on none of ${holds + failed}`], ...example?.details ?? []];
    }
    if (example === undefined) return [];
    const times = this.#counts[decided];
    const seeds = `${example.seed}, the first of ${times} of ${ran}`;
    return [ran === 1 ? ["seed", String(example.seed)] : ["seed", seeds], ...example.details];
  }
}
