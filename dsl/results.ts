/** What came of a run: plain data that reports print and exit codes follow from. */
import {
  type ChoiceRecord,
  type ClaimSide,
  type Explored,
  type FigureData,
  type Measured,
  type Place,
  type Verdict,
  VERDICTS,
} from "../core/mod.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { EXIT } from "./exit.ts";
import type { Quantifier } from "./plan.ts";
import type { Span } from "./source.ts";

/** The exit code each verdict means. */
export const EXIT_OF: Readonly<Record<Verdict, number>> = {
  holds: EXIT.holds,
  failed: EXIT.failed,
  unknown: EXIT.unknown,
  broken: EXIT.plugin,
  nondeterministic: EXIT.nondeterminism,
};

/** How many of each verdict. */
export const countsOf = (verdicts: readonly Verdict[]): Readonly<Record<Verdict, number>> =>
  Object.fromEntries(
    VERDICTS.map((verdict) => [verdict, verdicts.filter((one) => one === verdict).length]),
  ) as Record<Verdict, number>;

/** Something that kept a run from being judged, or that the lab refused. */
export interface Problem {
  readonly verdict: Exclude<Verdict, "holds">;
  readonly span: Span;
  readonly message: string;
  /** The line it is about, of a script that is not at hand any more. */
  readonly excerpt?: string;
}

/** One claim, judged once. */
export interface ClaimResult {
  /** `skipped`: its `if` did not hold in this cell, unless it is {@linkcode undecided}. */
  readonly verdict: Verdict | "skipped";
  readonly law: boolean;
  readonly how?: Quantifier;
  readonly span: Span;
  readonly text: string;
  readonly title?: string;
  /** The alternative it was judged in, when it names none itself. */
  readonly alternative?: string;
  /** Whether its `if` holds was known before the run. */
  readonly settled?: true;
  /** `skipped` because only some of its seeds were run: its `if` did hold. */
  readonly undecided?: true;
  /** Both sides with units, or why there is no value: label and text. */
  readonly details: readonly (readonly [string, string])[];
  /** Of a comparison: both sides, whether it holds or not. */
  readonly left?: ClaimSide;
  readonly right?: ClaimSide;
  /** As of a problem. */
  readonly excerpt?: string;
}

/** What a figure came to. */
export interface FigureResult extends Omit<FigureData, keyof Place> {
  readonly span: Span;
}

/** Something that was done at a time. What chaos did reads as the action a script would have. */
export interface Happened {
  readonly ns: number;
  readonly text: string;
  readonly by?: "chaos";
}

/** One world of a cell. */
export interface WorldResult {
  /** Empty, `undisturbed`, or the alternative's name. */
  readonly view: string;
  readonly endedNs: number;
  readonly traceHash: string;
  /** What the lab has to say of the run: system calls that were answered ENOSYS. */
  readonly remarks: readonly string[];
  /** Steps as they happened. */
  readonly fired: readonly Happened[];
  /** Its committed checkpoints. */
  readonly checkpoints: readonly Measured[];
  /** Events of the lab: the same on every host. */
  readonly events: number;
}

/** Every choice of one run of a cell: with its seed it is the run. */
export interface Decisions {
  readonly seed: number;
  readonly worlds: readonly {
    readonly view: string;
    readonly traceHash: string;
    readonly choices: readonly ChoiceRecord[];
  }[];
}

/** One cell. */
export interface CellResult {
  readonly id: string;
  readonly seed: number;
  readonly row: readonly (readonly [string, string])[];
  readonly verdict: Verdict;
  readonly worlds: readonly WorldResult[];
  readonly claims: readonly ClaimResult[];
  /** Of a search: of the run its decisions are of. */
  readonly figures: readonly FigureResult[];
  readonly problems: readonly Problem[];
  /** The command that runs this cell again; of a search that failed, its first failing seed. */
  readonly replay: string;
  /** Of a search: of the first failing seed, else of the last one that ran. */
  readonly decisions: Decisions;
  readonly explored?: Explored;
  /** Of a search that ended before its last seed: nothing had failed, so there is nothing to replay. */
  readonly cutShort?: true;
  /** Of a search of several seeds: what the one of the decisions says by itself. */
  readonly alone?: Pick<CellResult, "claims" | "problems" | "explored">;
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

/** The worst of several verdicts. */
export const worst = (verdicts: readonly (Verdict | "skipped")[]): Verdict =>
  VERDICTS.findLast((verdict) => verdicts.includes(verdict)) ?? "holds";

/** Virtual time of the longest world of a cell. */
export const virtualNs = ({ worlds }: CellResult): number =>
  Math.max(0, ...worlds.map((world) => world.endedNs));

/** What a cell took, in events of all its worlds. */
export const costOf = ({ worlds }: CellResult): number =>
  worlds.reduce((sum, { events }) => sum + events, 0);
