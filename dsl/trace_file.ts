/**
 * `trace.ndjson`: what happened in the worlds of a cell, and how it is read again. A line is about the
 * cell; then for each world a line with its processes, its events in total order, its messages, and
 * the cuts of its checkpoints.
 */
import type { LineRecord, MessageRecord, Recording, TraceEvent } from "../core/mod.ts";
import type { Story } from "./artefacts/story.ts";
import { UsageError } from "./flags.ts";

/** The version of the file; counts up when a field changes its meaning. */
export const TRACE_VERSION = 1;

/** The worlds of a cell, in their order. The choices of a run are in `repro.json`. */
export interface TraceFile {
  readonly cell: string;
  readonly stories: readonly Story[];
}

function* rowsOf({ view: world, endedNs, events, recording }: Story): Generator<unknown> {
  const { processes, messages, lines } = recording;
  yield { world, endedNs, processes };
  for (const event of events) yield { world, ...event };
  for (const message of messages) yield { world, message };
  for (const line of lines) yield { world, line };
}

/** The file. */
export const traceText = ({ cell, stories }: TraceFile): string =>
  [{ trace: TRACE_VERSION, cell }, ...stories.flatMap((story) => [...rowsOf(story)])]
    .map((row) => `${JSON.stringify(row)}\n`).join("");

type Row = Readonly<Record<string, unknown>>;

/** A story that is being read. */
interface Open extends Story {
  readonly events: TraceEvent[];
  readonly recording: Recording & {
    readonly messages: MessageRecord[];
    readonly lines: LineRecord[];
  };
}

function openStory({ world, endedNs, processes }: Row): Open {
  const recording = {
    processes: processes as Recording["processes"],
    messages: [],
    lines: [],
    choices: [],
  };
  return { view: String(world), endedNs: Number(endedNs), events: [], recording };
}

/** Adds a row to its story; false when it is none of the rows there are. */
function addRow(story: Open, { world: _, ...row }: Row): boolean {
  if (row["message"] !== undefined) story.recording.messages.push(row["message"] as MessageRecord);
  else if (row["line"] !== undefined) story.recording.lines.push(row["line"] as LineRecord);
  else if (typeof row["time"] === "number" && typeof row["kind"] === "string") {
    story.events.push(row as unknown as TraceEvent);
  } else return false;
  return true;
}

/** Reads such a file. Throws {@linkcode UsageError} with the line that is wrong. */
export function readTrace(text: string, name: string): TraceFile {
  const bad = (line: number, why: string) =>
    new UsageError(`'${name}' is no trace: line ${line} ${why}`);
  const rows = text.split("\n").filter((line) => line !== "").map((line, i): Row => {
    try {
      return JSON.parse(line);
    } catch {
      throw bad(i + 1, "is no JSON");
    }
  });
  const [head, ...others] = rows;
  if (head?.["trace"] !== TRACE_VERSION) {
    throw bad(1, `should begin with {"trace":${TRACE_VERSION}`);
  }
  const stories = new Map<unknown, Open>();
  for (const [i, row] of others.entries()) {
    const story = stories.get(row["world"]);
    if (Array.isArray(row["processes"])) stories.set(row["world"], openStory(row));
    else if (story === undefined || !addRow(story, row)) throw bad(i + 2, "is no event of a world");
  }
  return { cell: String(head["cell"]), stories: [...stories.values()] };
}
