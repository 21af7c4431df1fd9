/** `diff`: where two traces part, in two columns. */
import type { TraceEvent } from "../../core/mod.ts";
import { EXIT } from "../exit.ts";
import { type Command, type Given, UsageError, wholeNumber } from "../flags.ts";
import type { Host } from "../host.ts";
import { readText } from "../recording.ts";
import { readTrace } from "../trace_file.ts";
import { formatNs } from "../units.ts";

const WIDTH = 58;
const AROUND = 8;

const show = (event: TraceEvent | undefined): string => {
  if (event === undefined) return "";
  const { time, node, process, kind, text } = event;
  return [formatNs(time), process || node, kind, text].filter((part) => part !== "").join(" ");
};

const column = (text: string): string =>
  text.length > WIDTH ? `${text.slice(0, WIDTH - 1)}…` : text.padEnd(WIDTH);

const line = (sign: string, left: string, right: string): string =>
  `${sign} ${column(left)} ${column(right)}`.trimEnd() + "\n";

/** Where two lists differ first; their length where they do not. */
export function firstDifference(a: readonly string[], b: readonly string[]): number {
  const longest = Math.max(a.length, b.length);
  for (let i = 0; i < longest; i++) if (a[i] !== b[i]) return i;
  return longest;
}

async function diff(given: Given, host: Host): Promise<number> {
  const [left, right, ...others] = given.rest;
  if (left === undefined || right === undefined || others.length > 0) {
    throw new UsageError("diff takes two traces: diff a/trace.ndjson b/trace.ndjson");
  }
  const around = wholeNumber(given, "context") ?? AROUND;
  const [a, b] = [
    readTrace(await readText(left, host), left),
    readTrace(await readText(right, host), right),
  ];
  const views = [...new Set([...a.stories, ...b.stories].map(({ view }) => view))];
  let code: number = EXIT.holds;
  for (const view of views) {
    const [first, second] = [a, b].map(({ stories }) =>
      stories.find((story) => story.view === view)?.events.map(show) ?? []
    );
    const at = firstDifference(first ?? [], second ?? []);
    const name = view === "" ? "the trace" : `the trace of ${view}`;
    if (at === Math.max(first?.length ?? 0, second?.length ?? 0)) {
      host.stdout(`${name} is the same: ${at} events\n`);
      continue;
    }
    code = EXIT.failed;
    host.stdout(`${name} differs from event ${at + 1} on\n${line(" ", left, right)}`);
    for (let i = Math.max(0, at - around); i < at; i++) {
      host.stdout(line(" ", first?.[i] ?? "", second?.[i] ?? ""));
    }
    for (let i = at; i < at + around; i++) {
      const [one, other] = [first?.[i], second?.[i]];
      if (one === undefined && other === undefined) break;
      host.stdout(line(one === other ? " " : "|", one ?? "", other ?? ""));
    }
  }
  return code;
}

export const diffCommand: Command = {
  name: "diff",
  usage: "a b",
  help: "Compares two traces (trace.ndjson of a cell) and shows where they part, in two columns. " +
    "Exit code 1: they differ.",
  flags: [{ name: "context", value: "N", help: "Lines shown before and behind (8)." }],
  run: diff,
};
