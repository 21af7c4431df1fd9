/** `trace.ndjson`: what happened in the worlds of a cell, one event a line, and how it is read again. */
import type { TraceEvent } from "../core/mod.ts";
import { UsageError } from "./flags.ts";
import type { View } from "./value.ts";

/** The version of the file; counts up when a field changes its meaning. */
export const TRACE_VERSION = 1;

/** The traces of a cell's worlds. */
export interface TraceFile {
  readonly cell: string;
  readonly worlds: ReadonlyMap<View, readonly TraceEvent[]>;
}

/** The file: a line about the cell, then a line for each event with its world. */
export function traceText({ cell, worlds }: TraceFile): string {
  const lines = [...worlds].flatMap(([world, events]) =>
    events.map((event) => JSON.stringify({ world, ...event }))
  );
  return [JSON.stringify({ trace: TRACE_VERSION, cell }), ...lines, ""].join("\n");
}

/** Reads such a file. Throws {@linkcode UsageError} with the line that is wrong. */
export function readTrace(text: string, name: string): TraceFile {
  const bad = (line: number, why: string) =>
    new UsageError(`'${name}' is no trace: line ${line} ${why}`);
  const rows = text.split("\n").filter((line) => line !== "").map((line, i) => {
    try {
      return JSON.parse(line) as Record<string, unknown>;
    } catch {
      throw bad(i + 1, "is no JSON");
    }
  });
  const [head, ...events] = rows;
  if (head?.["trace"] !== TRACE_VERSION) {
    throw bad(1, `should begin with {"trace":${TRACE_VERSION}`);
  }
  const worlds = new Map<View, TraceEvent[]>();
  for (const [i, row] of events.entries()) {
    const { world, ...event } = row;
    if (typeof world !== "string" || typeof event["time"] !== "number") {
      throw bad(i + 2, "is no event");
    }
    const found = worlds.get(world) ?? [];
    worlds.set(world, found);
    found.push(event as unknown as TraceEvent);
  }
  return { cell: String(head["cell"]), worlds };
}
