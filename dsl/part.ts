/** A part of a recorded run: what it tells of some scripts, as a run of these alone would have. */
import type { DiagnosticFound, RunEnded, RunEvent } from "../core/mod.ts";
import { refusals } from "./commands/scripts.ts";
import { isError } from "./diagnostic.ts";
import { EXIT, exitCode } from "./exit.ts";
import { type Flag, UsageError } from "./flags.ts";
import type { Recording } from "./recording.ts";
import { countsOf, EXIT_OF } from "./results.ts";

export const ONLY_FLAG: Flag = {
  name: "only",
  value: "path",
  repeat: true,
  help: "Only what it tells of this script, or of those in this folder; the exit code is theirs. " +
    "Repeatable.",
};

/** A path without `.` and `..` where they say nothing; `.` is nothing. */
function plain(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return (path.startsWith("/") ? "/" : "") + parts.join("/");
}

/** Whether a script is the one that was named, or below the folder that was. */
function isBelow(file: string, path: string): boolean {
  const below = plain(file), above = plain(path);
  if (above === "") return !/^(\/|\.\.(\/|$))/.test(below);
  return below === above || below.startsWith(above === "/" ? above : `${above}/`);
}

/** The scripts a diagnostic is of. */
export const scriptsOf = ({ file, of = [file] }: DiagnosticFound): readonly string[] => of;

/** The same of other scripts; of its own file alone nothing need be said. */
export function withScripts(event: DiagnosticFound, of: readonly string[]): DiagnosticFound {
  const { of: _, ...rest } = event;
  return of.every((script) => script === event.file) ? rest : { ...rest, of };
}

/** How many scripts these keep from running. */
export const refusedBy = (diagnostics: readonly DiagnosticFound[]): number =>
  new Set(diagnostics.filter(isError).flatMap(scriptsOf)).size;

type IsWanted = (file: string) => boolean;

function partOfDiagnostic(event: DiagnosticFound, isWanted: IsWanted): readonly RunEvent[] {
  const of = scriptsOf(event).filter(isWanted);
  return of.length === 0 ? [] : [withScripts(event, of)];
}

/** The events about some scripts; a scenario's stand between its begin and its end. */
function eventsOf(recording: Recording, isWanted: IsWanted): readonly RunEvent[] {
  let inside = false;
  return recording.events.flatMap((event): readonly RunEvent[] => {
    if (event.event === "diagnostic") return partOfDiagnostic(event, isWanted);
    if (event.event === "scenario-begun") inside = isWanted(event.file);
    const isOfRun = event.event === "run-begun" || event.event === "run-ended";
    return inside && !isOfRun ? [event] : [];
  });
}

function endOf(events: readonly RunEvent[], { begun, ended }: Recording): RunEnded {
  const { interrupted } = ended;
  const diagnostics = events.filter((event) => event.event === "diagnostic");
  const scenarios = events.flatMap((one) => one.event === "scenario-ended" ? [one.verdict] : []);
  const cells = events.flatMap((one) => one.event === "cell-ended" ? [one.verdict] : []);
  const isWarned = diagnostics.length > 0 || events.some(({ event }) => event === "warning");
  const exit = exitCode([
    ...interrupted ? [EXIT.interrupted] : [],
    ...refusals(diagnostics),
    ...begun.strict === true && isWarned ? [EXIT.script] : [],
    ...scenarios.map((verdict) => EXIT_OF[verdict]),
    ...scenarios.length === 0 ? [EXIT.nothing] : [],
  ]);
  return {
    event: "run-ended",
    scenarios: countsOf(scenarios),
    cells: countsOf(cells),
    refused: refusedBy(diagnostics),
    interrupted,
    exit,
  };
}

/**
 * What a recording tells of the scripts at or below these paths; all of it when there are none.
 *
 * @throws {UsageError} when it tells nothing of one of them.
 */
export function partOf(recording: Recording, paths: readonly string[]): Recording {
  if (paths.length === 0) return recording;
  const files = recording.events.flatMap((event) =>
    event.event === "scenario-begun"
      ? [event.file]
      : event.event === "diagnostic"
      ? scriptsOf(event)
      : []
  );
  for (const path of paths) {
    if (files.some((file) => isBelow(file, path))) continue;
    throw new UsageError(`'${recording.name}' tells nothing of '${path}'`);
  }
  const events = eventsOf(recording, (file) => paths.some((path) => isBelow(file, path)));
  const cells = events.reduce(
    (sum, event) => event.event === "scenario-begun" ? sum + event.cells : sum,
    0,
  );
  const begun = { ...recording.begun, paths, cells };
  const ended = endOf(events, recording);
  return { name: recording.name, events: [begun, ...events, ended], begun, ended };
}
