/** A part of a recorded run: what it tells of some scripts, as a run of these alone would have. */
import type { RunEnded, RunEvent } from "../core/mod.ts";
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

const plain = (path: string): string => path.replace(/^(\.\/+)+/, "").replace(/\/+$/, "");

/** Whether a script is the one that was named, or below the folder that was. */
function isBelow(file: string, path: string): boolean {
  const [below, above] = [plain(file), plain(path)];
  return above === "." || above === "" || below === above || below.startsWith(`${above}/`);
}

/** The events about some scripts; a scenario's stand between its begin and its end. */
function eventsOf(recording: Recording, isWanted: (file: string) => boolean): readonly RunEvent[] {
  let inside = false;
  return recording.events.filter((event) => {
    if (event.event === "diagnostic") return isWanted(event.file);
    if (event.event === "scenario-begun") inside = isWanted(event.file);
    return inside && event.event !== "run-begun" && event.event !== "run-ended";
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
    refused: new Set(diagnostics.filter(isError).map(({ file }) => file)).size,
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
    event.event === "scenario-begun" || event.event === "diagnostic" ? [event.file] : []
  );
  for (const path of paths) {
    if (files.some((file) => isBelow(file, path))) continue;
    throw new UsageError(`'${recording.name}' tells nothing of '${path}'`);
  }
  const events = eventsOf(recording, (file) => paths.some((path) => isBelow(file, path)));
  const cells = events.filter(({ event }) => event === "cell-begun").length;
  const begun = { ...recording.begun, paths, cells };
  const ended = endOf(events, recording);
  return { name: recording.name, events: [begun, ...events, ended], begun, ended };
}
