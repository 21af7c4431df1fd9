/**
 * What a reporter is: a row of a table, and a view that sees events and yields text. It is handed
 * plain data and hands plain data back, so it can neither touch the lab nor the files: the command
 * writes what it yields.
 */
import type { ReportPlace, RunEvent } from "../../core/mod.ts";
import type { Colours } from "../colour.ts";

/** A piece of a report, in the order it is to be written. */
export type Piece =
  /** Text for the report's own place: standard output, or the file the user named. */
  | { readonly text: string }
  /** A line for who watches that the next piece replaces; only on a terminal. */
  | { readonly passing: string }
  /** A line about the run and not of the report: it goes to standard error. */
  | { readonly aside: string }
  /** A text behind what a file of another name has already, as a summary of CI. */
  | { readonly file: string; readonly text: string };

/** What a reporter may know of its surroundings; one of a plugin knows its place alone. */
export interface Surroundings extends ReportPlace {
  /** Colours that are plain text where none are wanted. */
  readonly colours: Colours;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds of a clock, for how often something is said; never for what is said. */
  readonly clock: () => number;
}

/** One report that is being made. */
export interface Report {
  take(event: RunEvent): readonly Piece[];
  /** Of one that is made elsewhere: what there still is to write, after the last event. */
  rest?(): Promise<readonly Piece[]>;
  /** Ends what it has begun elsewhere, also when nobody waits for the rest. */
  close?(): void;
}

/** A row of the table. */
export interface Reporter {
  readonly name: string;
  /** One sentence; printed by `list reporters` and the help of `--reporter`. */
  readonly help: string;
  /** What it writes is for a program: nothing else may stand in between. */
  readonly machine?: boolean;
  /** Its lines may stand among those of another. */
  readonly beside?: boolean;
  /** Awaited, so that what only one report needs is loaded for it alone. */
  begin(surroundings: Surroundings): Report | Promise<Report>;
}

/** A row, typed. */
export const reporter = (row: Reporter): Reporter => row;

/** Nothing to say. */
export const NOTHING: readonly Piece[] = [];
