/** What came of a run: plain data that reports print and exit codes follow from. */
import type { Diagnostic } from "./diagnostic.ts";
import type { Span } from "./source.ts";

/** What a run came to. `broken`: a strategy broke its contract, so that nothing can be judged. */
export type Verdict = "holds" | "failed" | "unknown" | "broken";

/** Something that kept a run from being judged, or that the lab refused. */
export interface Problem {
  readonly verdict: "failed" | "unknown" | "broken";
  readonly span: Span;
  readonly message: string;
}

/** One claim, judged once. */
export interface ClaimResult {
  /** `skipped`: its `if` did not hold in this cell. */
  readonly verdict: Verdict | "skipped";
  readonly law: boolean;
  readonly span: Span;
  readonly text: string;
  readonly title?: string;
  /** The alternative it was judged in, when it names none itself. */
  readonly alternative?: string;
  /** Both sides with units, or why there is no value: label and text. */
  readonly details: readonly (readonly [string, string])[];
}

/** One world of a cell. */
export interface WorldResult {
  /** Empty, `undisturbed`, or the alternative's name. */
  readonly view: string;
  readonly endedNs: number;
  readonly traceHash: string;
  /** What the lab has to say of the run: system calls that were answered ENOSYS. */
  readonly remarks: readonly string[];
  readonly fired: readonly { readonly ns: number; readonly text: string }[];
}

/** One cell. */
export interface CellResult {
  readonly id: string;
  readonly seed: number;
  readonly row: readonly (readonly [string, string])[];
  readonly verdict: Verdict;
  readonly worlds: readonly WorldResult[];
  readonly claims: readonly ClaimResult[];
  readonly problems: readonly Problem[];
  /** The command that runs this cell again. */
  readonly replay: string;
}

/** One scenario: its cells, and what only all of them together tell. */
export interface ScenarioResult {
  readonly file: string;
  readonly title: string;
  readonly tags: readonly string[];
  readonly span: Span;
  readonly verdict: Verdict;
  readonly cells: readonly CellResult[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly Diagnostic[];
}

const WEIGHT: Readonly<Record<Verdict, number>> = { holds: 0, unknown: 1, failed: 2, broken: 3 };

/** The worst of several verdicts. */
export const worst = (verdicts: readonly (Verdict | "skipped")[]): Verdict =>
  verdicts.reduce<Verdict>(
    (found, one) => one !== "skipped" && WEIGHT[one] > WEIGHT[found] ? one : found,
    "holds",
  );

/** Virtual time of the longest world of a scenario's cells, added up over the cells. */
export const virtualNs = (cells: readonly CellResult[]): number =>
  cells.reduce(
    (sum, cell) => sum + Math.max(0, ...cell.worlds.map((world) => world.endedNs)),
    0,
  );
