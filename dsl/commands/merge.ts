/** `merge` and `report`: recorded runs, told again by any reporter, without running anything. */
import type { ArtefactWritten, Attachment, RunEvent } from "../../core/mod.ts";
import { type Command, type Given, UsageError } from "../flags.ts";
import type { Host } from "../host.ts";
import { merged } from "../merge.ts";
import { OUT_FLAG, OutFolder } from "../out_folder.ts";
import { ONLY_FLAG, partOf } from "../part.ts";
import { readRecording, readText } from "../recording.ts";
import { REPORT_FLAGS, Reports } from "../reports.ts";
import { COLOUR_FLAG, ISOLATE_FLAG, JSON_FLAG } from "./scripts.ts";

/**
 * Tells a stream to the reporters that were asked for; the exit code is that of the run. The stream
 * is made when they are known, for that may write files.
 */
async function retell(
  eventsOf: () => readonly RunEvent[],
  given: Given,
  host: Host,
  recording?: string,
): Promise<number> {
  const reports = await Reports.begin(given, host, { recording });
  try {
    const events = eventsOf();
    reports.tell(events);
    const ended = events.at(-1);
    return await reports.end(ended?.event === "run-ended" ? ended.exit : 0);
  } finally {
    reports.close();
  }
}

/** The folder of a cell and the file in it: nothing else of a foreign path is trusted. */
function placeIn(folder: string, path: string): string | undefined {
  const [cell, name] = path.split("/").slice(-2);
  const isPlain = (part: string | undefined) => /^[\w.=-]*\w[\w.=-]*$/.test(part ?? "");
  return isPlain(cell) && isPlain(name) ? `${folder}/${cell}/${name}` : undefined;
}

function knownPlace(folder: string, path: string): string {
  const place = placeIn(folder, path);
  if (place !== undefined) return place;
  throw new UsageError(`a recording has a file of a strange name: '${path}'`);
}

/** Puts the files of the shards into the out folder of this run. */
function keepFiles(events: readonly RunEvent[], out: OutFolder, host: Host): readonly RunEvent[] {
  if (!out.isUsable) return events;
  const here = <E extends Attachment | ArtefactWritten>(event: E): E => ({
    ...event,
    path: knownPlace(out.path, event.path),
  });
  const moved = events.map((event) =>
    event.event === "attachment" || event.event === "artefact" ? here(event) : event
  );
  for (const event of moved) {
    if (event.event === "attachment") host.writeFile(event.path, event.text);
  }
  return moved;
}

async function merge(given: Given, host: Host): Promise<number> {
  const recordings = [];
  for (const path of given.rest) recordings.push(readRecording(await readText(path, host), path));
  const out = new OutFolder(given, host);
  const events = partOf(merged(recordings), given.texts(ONLY_FLAG.name)).events;
  return await retell(
    () => keepFiles(events, out, host),
    given,
    host,
    out.isUsable ? out.recording : undefined,
  );
}

/** With what the files about cells hold, where they still are where the run left them. */
async function withFiles(
  events: readonly RunEvent[],
  out: OutFolder,
  host: Host,
): Promise<readonly RunEvent[]> {
  const told = new Set(events.flatMap((one) => one.event === "attachment" ? [one.path] : []));
  const all: RunEvent[] = [];
  for (const event of events) {
    all.push(event);
    if (event.event !== "artefact" || told.has(event.path)) continue;
    const { cell, path } = event;
    const place = placeIn(out.path, path);
    const bytes = place === undefined
      ? undefined
      : await host.readFile(place).catch(() => undefined);
    if (bytes === undefined) continue;
    all.push({ event: "attachment", cell, path, text: new TextDecoder().decode(bytes) });
  }
  return all;
}

async function report(given: Given, host: Host): Promise<number> {
  const out = new OutFolder(given, host);
  const [path = out.recording, ...others] = given.rest;
  if (others.length > 0) throw new UsageError("report takes one recording; merge takes several");
  const recording = readRecording(await readText(path, host), path);
  const { events } = partOf(recording, given.texts(ONLY_FLAG.name));
  const all = await withFiles(events, out, host);
  return await retell(() => all, given, host);
}

const SHOWING = [
  ...REPORT_FLAGS,
  ISOLATE_FLAG,
  { name: "quiet", short: "q", help: "Only what does not hold, and the summary." },
  { name: "verbose", short: "v", help: "Every cell, claim and trace hash." },
  COLOUR_FLAG,
  JSON_FLAG,
];

export const mergeCommand: Command = {
  name: "merge",
  usage: "blobs…",
  help: "Puts the blobs of all shards together and tells them as one run; the exit code is that " +
    "of the whole.",
  flags: [ONLY_FLAG, ...SHOWING, OUT_FLAG],
  run: merge,
};

export const reportCommand: Command = {
  name: "report",
  usage: "[recording]",
  help: "Tells a recorded run again (default: the last one), without running anything; the exit " +
    "code is that of the run.",
  flags: [ONLY_FLAG, ...SHOWING, OUT_FLAG],
  run: report,
};
