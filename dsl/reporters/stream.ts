/** `ndjson` and `blob`: the events themselves, one a line. */
import { isRecorded, type RunEvent } from "../../core/mod.ts";
import { NOTHING, reporter } from "./reporter.ts";

/** An event as a line of a recording. */
export const eventLine = (event: RunEvent): string => `${JSON.stringify(event)}\n`;

export const ndjson = reporter({
  name: "ndjson",
  help:
    "Every event as a line of JSON: the recording that 'report' and 'run --only-failed' read. " +
    "The same scripts give the same bytes.",
  machine: true,
  begin: () => ({
    take: (event) => isRecorded(event) ? [{ text: eventLine(event) }] : NOTHING,
  }),
});

export const blob = reporter({
  name: "blob",
  help: "What 'merge' puts together: the events of a shard and the files about its failing cells.",
  machine: true,
  begin: () => ({
    take: (event) => event.event === "progress" ? NOTHING : [{ text: eventLine(event) }],
  }),
});
