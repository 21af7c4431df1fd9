/** Reads streams of events again that were recorded before. */
import { EVENT_SCHEMA, type RunBegun, type RunEnded, type RunEvent } from "../core/mod.ts";
import { UsageError } from "./flags.ts";
import type { Host } from "./host.ts";

/** A recorded run, whole. */
export interface Recording {
  readonly name: string;
  readonly events: readonly RunEvent[];
  readonly begun: RunBegun;
  readonly ended: RunEnded;
}

/**
 * Reads a recording: `ndjson` or `blob`.
 *
 * @throws {UsageError} with what is wrong with it and on which line.
 */
export function readRecording(text: string, name: string): Recording {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const events = lines.map((line, i) => readEvent(line, name, i + 1));
  const [begun] = events;
  if (begun?.event !== "run-begun") {
    throw new UsageError(`'${name}' is no recording of a run: expected 'run-begun' on line 1`);
  }
  if (begun.schema !== EVENT_SCHEMA) {
    throw new UsageError(
      `'${name}' has events of schema ${begun.schema}; this program reads schema ${EVENT_SCHEMA}`,
    );
  }
  const ended = events.at(-1);
  if (ended?.event !== "run-ended") {
    throw new UsageError(
      `'${name}' breaks off on line ${lines.length}: expected 'run-ended' at the end`,
    );
  }
  return { name, events, begun, ended };
}

function readEvent(line: string, name: string, number: number): RunEvent {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new UsageError(`'${name}' is no recording of a run: line ${number} is no JSON`);
  }
  const kind = (value as { event?: unknown } | null)?.event;
  if (typeof kind === "string") return value as RunEvent;
  throw new UsageError(`'${name}' is no recording of a run: line ${number} is no event`);
}

/** The text of a file the user named. */
export async function readText(path: string, host: Pick<Host, "readFile">): Promise<string> {
  try {
    return new TextDecoder().decode(await host.readFile(path));
  } catch (error) {
    const missing = error instanceof Error && error.name === "NotFound";
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(missing ? `there is no file '${path}'` : `cannot read '${path}': ${why}`);
  }
}
