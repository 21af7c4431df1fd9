/**
 * The reporters of plugins: rows that tell the events of a run as text. A reporter is handed plain
 * data and hands text back, so it can neither touch the lab nor the files: the command writes what it
 * tells. It sees what a recording keeps, so a run and its recording are told alike.
 */
import type { RecordedEvent } from "./run_events.ts";

/** Where a report goes, and what was asked for: plain data. */
export interface ReportPlace {
  /** The file it is written to, for links from there; absent for standard output. */
  readonly file?: string;
  /** Colours are wanted: only on standard output, and never in a file. */
  readonly isColoured: boolean;
  /** Somebody watches. */
  readonly isTerminal: boolean;
  readonly verbose: boolean;
  readonly quiet: boolean;
  /** What `unknown` counts as where a format has no word for it. */
  readonly unknownAs: "skipped" | "failure";
}

/** One report of a plugin that is being made. */
export interface PluginReport {
  /**
   * What the report says at this event: a text with its ends of lines, or "" for nothing. Control
   * characters other than these and tabs are refused, but for colours where they are wanted; in the
   * texts of events they stand as their pictures (U+2400 and on).
   */
  take(event: RecordedEvent): string;
}

/** A reporter a plugin adds. */
export interface PluginReporter {
  readonly name: string;
  /** One sentence; printed by `list` and the manual. */
  readonly help: string;
  /** What it tells is for a program: nothing else may stand in between, and it comes whole or not. */
  readonly machine?: boolean;
  /** Begins a report; what it has to remember belongs to the report, not to the module. */
  begin(place: ReportPlace): PluginReport;
}

/**
 * Declares a reporter.
 *
 * @example
 * ```ts
 * import { reporter } from "./report.ts";
 * const failures = reporter({
 *   name: "failures",
 *   help: "A line for each cell that failed.",
 *   begin: () => ({
 *     take: (event) =>
 *       event.event === "cell-ended" && event.verdict === "failed" ? `${event.cell}\n` : "",
 *   }),
 * });
 * const place = { isColoured: false, isTerminal: false, verbose: false, quiet: false } as const;
 * const report = failures.begin({ ...place, unknownAs: "skipped" });
 * const cell = { virtualNs: 0, cost: 0, replay: "", cell: "a.ckpt#a@1" };
 * const told = report.take({ event: "cell-ended", verdict: "failed", ...cell });
 * if (told !== "a.ckpt#a@1\n") throw new Error("unreachable");
 * ```
 */
export function reporter(row: PluginReporter): PluginReporter {
  return row;
}
