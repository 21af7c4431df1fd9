/**
 * What a run tells while it goes on: one stream of plain data, which every report is made from. What
 * is written here is the schema: an event is one line of JSON in `ndjson`, and a recorded stream
 * gives the same reports as the run did.
 *
 * The order is that of the scripts, whatever runs beside what: `run-begun`, diagnostics, then for
 * each scenario `scenario-begun`, its cells, its own problems and warnings, `scenario-ended`; at last
 * `run-ended`. A cell is `cell-begun`, its worlds, claims, figures, problems, artefacts,
 * `cell-ended`.
 * `progress` alone comes as it happens; recordings leave it out, as they leave out host time.
 *
 * Times are virtual, in ns; `wallMs` is the host's, for who watches.
 */
import type { ProcessPages } from "../image/page_map.ts";

/** Counts up when a field changes its meaning or goes; a new field or event does not count. */
export const EVENT_SCHEMA = 1;

/**
 * What a run came to. `broken`: a strategy broke its contract, so that nothing can be judged.
 * `nondeterministic`: run again, something else happened.
 */
export const VERDICTS = ["holds", "unknown", "failed", "broken", "nondeterministic"] as const;

/** One of {@linkcode VERDICTS}. */
export type Verdict = (typeof VERDICTS)[number];

/** Where something stands: a file as the command names it, line and column from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One side of a comparison, as it was when the claim was judged. */
export interface ClaimSide {
  /** The expression. */
  readonly text: string;
  /** What it is worth, with the unit in which it reads best. */
  readonly shown: string;
  /** A number in {@linkcode unit}; absent where it is no single number. */
  readonly value?: number;
  /** `ns`, `bytes`, `cycles`, their products, or empty. */
  readonly unit?: string;
}

/** What an expression was worth at the end of a run, for who reads the report. */
export interface FigureData extends Place {
  /** The expression. */
  readonly text: string;
  readonly title?: string;
  /** The axis or column it is drawn along. */
  readonly along?: string;
  /** The alternative it is of, when it names none itself. */
  readonly alternative?: string;
  /** What it is worth, or why it is worth nothing. */
  readonly shown: string;
  /** A number in {@linkcode unit}; absent where it is no single number, or has no value. */
  readonly value?: number;
  /** As of a {@linkcode ClaimSide}; `percent` where the number reads as one. */
  readonly unit?: string;
}

/** A checkpoint and what it cost. */
export interface Measured {
  readonly label: string;
  /** Metrics of a checkpoint by name, in base units: ns, bytes, counts. */
  readonly metrics: Readonly<Record<string, number>>;
  /** What became of the pages of its processes; recordings of older programs have it not. */
  readonly memory?: readonly ProcessPages[];
}

/** A part of all cells. */
export interface ShardData {
  /** From 1. */
  readonly index: number;
  readonly count: number;
  /** What the cells were dealt by: "hash", or the digest of the plan of costs. */
  readonly by: string;
}

/** The first event. */
export interface RunBegun {
  readonly event: "run-begun";
  readonly schema: number;
  /** The version of the program, and of the language. */
  readonly ckptlab: string;
  readonly language: number;
  /** The paths the command was given. */
  readonly paths: readonly string[];
  /** Cells to be run here. */
  readonly cells: number;
  readonly shard?: ShardData;
  /** Warnings counted as errors, those of the whole too that only all shards together tell. */
  readonly strict?: true;
}

/** What is wrong with a script, or doubtful in it. */
export interface DiagnosticData extends Place {
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly length: number;
  readonly message: string;
  readonly suggestion?: string;
}

/** A diagnostic of a script; one of severity "error" keeps its file from running. */
export interface DiagnosticFound extends DiagnosticData {
  readonly event: "diagnostic";
  /** The line of the script, and below it signs where in it. */
  readonly excerpt?: string;
  /** Of a file that others include: the scripts that were read with it. */
  readonly of?: readonly string[];
}

/** A scenario begins. */
export interface ScenarioBegun extends Place {
  readonly event: "scenario-begun";
  /** `file#title`: what its cells name. */
  readonly scenario: string;
  readonly title: string;
  readonly tags: readonly string[];
  /** Cells to be run here, of all it has. */
  readonly cells: number;
  readonly of: number;
  /** Of one with figures: the comment above it, a line for each of its own. */
  readonly about?: string;
  /**
   * Of one with figures: the hardware of its nodes, key and value as a script has them; `varies`
   * where nodes or cells differ.
   */
  readonly hardware?: readonly (readonly [string, string])[];
}

/** A cell begins. */
export interface CellBegun {
  readonly event: "cell-begun";
  /** `file#title[case]@seed` */
  readonly cell: string;
  readonly scenario: string;
  /** Its place among all cells of the scenario, from 0. */
  readonly place: number;
  readonly seed: number;
  /** The point of the matrix and the row of cases, as written, by name. */
  readonly case: readonly (readonly [string, string])[];
}

/** One world of a cell has ended. */
export interface WorldEnded {
  readonly event: "world";
  readonly cell: string;
  /** Empty, `undisturbed`, or the name of an alternative of `compare`. */
  readonly view: string;
  readonly endedNs: number;
  /** Digest of all that happened, 16 hexadecimal digits. */
  readonly traceHash: string;
  /** The steps of the script as they happened. */
  readonly fired: readonly { readonly ns: number; readonly text: string }[];
  /** Events of the lab: the same on every host. */
  readonly events: number;
  /** Its checkpoints and what each cost, by the metrics of a checkpoint. */
  readonly checkpoints: readonly Measured[];
}

/** Something the lab has to say of a world. */
export interface RemarkMade {
  readonly event: "remark";
  readonly cell: string;
  readonly view: string;
  readonly text: string;
}

/** A label and a text: what decided a claim. */
export interface DetailData {
  readonly label: string;
  readonly text: string;
}

/** One claim, judged once. */
export interface ClaimData extends Place {
  /** `skipped`: its `if` did not hold in this cell, unless it is {@linkcode undecided}. */
  readonly verdict: Verdict | "skipped";
  readonly kind: "expect" | "law";
  readonly text: string;
  readonly title?: string;
  /** The alternative it was judged in, when it names none itself. */
  readonly alternative?: string;
  /** Whether its `if` holds was known before the run. */
  readonly settled?: true;
  /** `skipped` because only some of its seeds were run. */
  readonly undecided?: true;
  readonly details: readonly DetailData[];
  /** Of a comparison: both sides, whether it holds or not. */
  readonly left?: ClaimSide;
  readonly right?: ClaimSide;
  /** Where it does not hold: the line of the script, and below it signs where in it. */
  readonly excerpt?: string;
}

/** A claim was judged. */
export interface ClaimJudged extends ClaimData {
  readonly event: "claim";
  readonly cell: string;
}

/** A figure of a cell. */
export interface FigureShown extends FigureData {
  readonly event: "figure";
  readonly cell: string;
}

/** Something that kept a run from being judged, or that the lab refused. */
export interface ProblemData extends Place {
  readonly verdict: Exclude<Verdict, "holds">;
  readonly message: string;
  /** Of one of a cell, as of a claim. */
  readonly excerpt?: string;
}

/** A problem of a cell, or of a scenario as a whole. */
export interface ProblemFound extends ProblemData {
  readonly event: "problem";
  readonly scenario: string;
  readonly cell?: string;
}

/** What only all cells of a scenario together tell, and is no failure. */
export interface WarningFound extends DiagnosticData {
  readonly event: "warning";
  readonly scenario: string;
}

/** A file was written about a cell. */
export interface ArtefactWritten {
  readonly event: "artefact";
  readonly cell: string;
  /** `trace`, `perfetto`, `spacetime`, `shiviz`, `repro`. */
  readonly kind: string;
  readonly path: string;
}

/** What an artefact's file holds: for reports that are sent elsewhere. As `progress`, not recorded. */
export interface Attachment {
  readonly event: "attachment";
  readonly cell: string;
  readonly path: string;
  readonly text: string;
}

/** How far a search came. */
export interface Explored {
  /** Seeds that were to be run, and those that were. */
  readonly seeds: number;
  readonly ran: number;
  readonly failing: number;
  /** The seed that the command of the cell runs again. */
  readonly firstFailing?: number;
}

/** A cell has ended. */
export interface CellEnded {
  readonly event: "cell-ended";
  readonly cell: string;
  readonly verdict: Verdict;
  /** Of its longest world. */
  readonly virtualNs: number;
  /** What it took, in events: the same on every host. Shards are dealt by it. */
  readonly cost: number;
  /** The command that runs it again. */
  readonly replay: string;
  readonly explored?: Explored;
}

/** A scenario has ended. */
export interface ScenarioEnded {
  readonly event: "scenario-ended";
  readonly scenario: string;
  readonly verdict: Verdict;
}

/** A cell is done, told at once: not in the order of the scripts, and in no recording. */
export interface Progress {
  readonly event: "progress";
  readonly done: number;
  readonly total: number;
  readonly cell: string;
  readonly what: "begun" | "ended";
  /** The host's time it took; of one that has ended. */
  readonly wallMs?: number;
}

/** What a recording keeps: the same for the same scripts, on every host. */
export type RecordedEvent = Exclude<RunEvent, Progress | Attachment>;

/** True for what a recording keeps. */
export const isRecorded = (event: RunEvent): event is RecordedEvent =>
  event.event !== "progress" && event.event !== "attachment";

/** How many of each. */
export type Counts = Readonly<Record<Verdict, number>>;

/** The last event. */
export interface RunEnded {
  readonly event: "run-ended";
  readonly scenarios: Counts;
  readonly cells: Counts;
  /** Files that could not be run. */
  readonly refused: number;
  /** It was broken off: there is no word about what is not here. */
  readonly interrupted: boolean;
  readonly exit: number;
}

/** One event. */
export type RunEvent =
  | RunBegun
  | DiagnosticFound
  | ScenarioBegun
  | CellBegun
  | WorldEnded
  | RemarkMade
  | ClaimJudged
  | FigureShown
  | ProblemFound
  | WarningFound
  | ArtefactWritten
  | Attachment
  | CellEnded
  | ScenarioEnded
  | Progress
  | RunEnded;
