/** The laws of reporters. Each is tried on recorded runs of every kind, told in every way there is. */
import { intrinsics, putBack } from "../lab/plugin_intrinsics.ts";
import { inHook } from "../lab/plugin_guard.ts";
import type { PluginReporter, ReportPlace } from "../lab/report.ts";
import { unwritable } from "../lab/report_text.ts";
import type { RecordedEvent } from "../lab/run_events.ts";
import { type Found, law, type Subject } from "./law.ts";
import { observed } from "./other_laws.ts";
import { attempted } from "./variants.ts";

type Row = Subject<"reporters">;

/** A way a run can be told, and the flags that ask for it. */
interface Way {
  readonly flags: string;
  readonly place: ReportPlace;
}

const USUAL: ReportPlace = {
  isColoured: false,
  isTerminal: false,
  verbose: false,
  quiet: false,
  unknownAs: "skipped",
};

const PLAIN: Way = { flags: "", place: USUAL };
const FILE: Way = { flags: ":.ckpt/report.txt", place: { ...USUAL, file: ".ckpt/report.txt" } };

const WAYS: readonly Way[] = [
  PLAIN,
  FILE,
  { flags: " --color always", place: { ...USUAL, isColoured: true, isTerminal: true } },
  { flags: " --verbose", place: { ...USUAL, verbose: true } },
  { flags: " --quiet", place: { ...USUAL, quiet: true } },
  { flags: " --unknown-as failure", place: { ...USUAL, unknownAs: "failure" } },
];

/** All of a report. */
function textOf(
  row: Pick<PluginReporter, "begin">,
  events: readonly RecordedEvent[],
  { place }: Way,
): string {
  const report = row.begin(place);
  return events.map((event) => report.take(event)).join("");
}

/** A row without the hooks' checks, but under the guard: what they would refuse is looked at here. */
function bare({ plugin: { alias, plugin }, row }: Row): Pick<PluginReporter, "begin"> {
  const own = plugin.contributes.reporters?.find(({ name }) => `${alias}.${name}` === row.name);
  const hook = { owner: `plugin '${plugin.name}': reporter '${row.name}'`, hook: "take" };
  return {
    begin: (place) => {
      const report = inHook(hook, () => (own ?? row).begin({ ...place }));
      return { take: (event) => inHook(hook, () => report.take(event)) };
    },
  };
}

/** Does something with a reporter; what that changes of what everybody shares is put back. */
async function apart<T>(act: () => T | Promise<T>): Promise<readonly [T, readonly string[]]> {
  const before = intrinsics();
  let changed: readonly string[] = [];
  let result: T;
  try {
    result = await act();
  } finally {
    changed = putBack(before);
  }
  return [result, changed];
}

/** The first of these streams and ways of which there is something to say, with the command. */
async function forStreams(
  { bench, plugin, row }: Row,
  ways: readonly Way[],
  check: (events: readonly RecordedEvent[], way: Way) => string | undefined,
): Promise<Found> {
  const all = bench.streams.flatMap((stream) => ways.map((way) => [stream, way] as const));
  for (const [stream, way] of all) {
    const events = stream.events();
    const [message] = await apart(() => attempted(() => check(events, way)));
    if (message === undefined) continue;
    const command = plugin.url === "" ? {} : { again: stream.again(plugin, row.name, way.flags) };
    return { message: `${message} (the run '${stream.name}'${way.flags})`, ...command };
  }
  return undefined;
}

/** What a check that others are for finds is none of its business. */
function unlessThrows<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

const leavesEvents = law({
  id: "L1",
  kind: "reporters",
  about: "events",
  level: "safe",
  tries: "A reporter reads the events and changes none of them, although nothing holds it back.",
  check: (subject) =>
    forStreams(subject, [PLAIN], (events) => {
      const report = unlessThrows(() => bare(subject).begin(USUAL));
      for (const event of events) {
        const before = JSON.stringify(event);
        const mine = JSON.parse(before);
        unlessThrows(() => report?.take(mine));
        if (JSON.stringify(mine) !== before) return `it changes the event ${event.event}`;
      }
      return undefined;
    }),
});

const leavesRun = law({
  id: "L1",
  kind: "reporters",
  about: "run",
  level: "safe",
  tries: "A run in which runs are told leaves the trace of one in which nothing is.",
  check: async (subject) => {
    const streams = subject.bench.streams.map(({ events }) => events());
    const traced = (meanwhile: () => void) =>
      attempted(() => observed(subject, (world) => world.traceHash, meanwhile));
    const twin = await traced(() => {});
    const [found, changed] = await apart(() =>
      traced(() => {
        for (const events of streams) unlessThrows(() => textOf(bare(subject), events, PLAIN));
      })
    );
    if (changed.length > 0) {
      return { message: `it changes ${changed.join(", ")}, which everybody shares` };
    }
    return found === twin ? undefined : { message: "telling a run changes the run" };
  },
});

const repeats = law({
  id: "L11",
  kind: "reporters",
  about: "the same text",
  level: "safe",
  tries: "Of the same events it tells the same, also when two reports are made side by side.",
  check: (subject) =>
    forStreams(subject, WAYS, (events, way) => {
      const alone = unlessThrows(() => textOf(subject.row, events, way));
      if (alone === undefined) return undefined;
      const [one, other] = [subject.row.begin(way.place), subject.row.begin(way.place)];
      const both = events.map((event) => [one.take(event), other.take(event)]);
      const texts = [0, 1].map((which) => both.map((pair) => pair[which]).join(""));
      const second = texts.find((text) => text !== alone);
      return second === undefined ? undefined : difference(alone, second);
    }),
});

/** The first line in which two texts differ. */
function difference(one: string, other: string): string {
  const [lines, others] = [one.split("\n"), other.split("\n")];
  const at = lines.findIndex((line, n) => line !== others[n]);
  const line = (all: readonly string[]) => JSON.stringify((at < 0 ? all.at(-1) : all[at]) ?? "");
  return `of the same events it tells ${line(lines)}, and then ${line(others)}`;
}

const writable = law({
  id: "L9",
  kind: "reporters",
  about: "plain text",
  level: "recoverable",
  tries: "What it tells has no control characters; on a terminal that wants them, colours alone.",
  check: (subject) =>
    forStreams(subject, WAYS, (events, way) => {
      const text = unlessThrows(() => textOf(bare(subject), events, way));
      const why = unwritable(String(text ?? ""), way.place.isColoured);
      return why === undefined ? undefined : `it tells ${why}`;
    }),
});

const tellsAll = law({
  id: "L12",
  kind: "reporters",
  about: "every run",
  level: "certified",
  tries:
    "A run of every kind is told as text: what holds, fails, is unknown, is broken off, merged.",
  check: async (subject) => {
    let isSilent = true;
    const found = await forStreams(subject, WAYS, (events, way) => {
      if (textOf(subject.row, events, way) !== "") isSilent = false;
      return undefined;
    });
    return found ?? (isSilent ? { message: "it tells nothing of any run" } : undefined);
  },
});

/** The laws of reporters. */
export const REPORTER_LAWS = [leavesEvents, leavesRun, repeats, writable, tellsAll] as const;
