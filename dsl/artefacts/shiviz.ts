/**
 * `shiviz.log`: the run for ShiViz, with a vector clock for each event. The first line is the
 * expression it parses with, the second the one that divides executions.
 */
import { describeMessage, stationOf, type Story } from "./story.ts";

/** A vector clock: how many events of each host are known. */
type Clock = Map<string, number>;

/** Something that happens to a host; it may know what another knew. */
interface Happening {
  readonly at: number;
  readonly host: string;
  readonly text: string;
  /** A message's place: its sending is kept for its arrival. */
  readonly sends?: number;
  readonly receives?: number;
}

/** Kinds that are told as messages, or are about no host that does anything. */
const ELSEWHERE: ReadonlySet<string> = new Set(["control", "node"]);

function happeningsOf({ events, recording: { messages } }: Story): readonly Happening[] {
  const own = events.filter((event) => !ELSEWHERE.has(event.kind) && stationOf(event) !== "")
    .map((event) => ({
      at: event.time,
      host: stationOf(event),
      text: `${event.kind} ${event.text}`.trim(),
    }));
  const sent = messages.map((message, sends) => (
    { at: message.sentNs, host: message.from, text: `send ${describeMessage(message)}`, sends }
  ));
  const received = messages.flatMap((message, receives) => {
    const { arrivedNs: at, to: host, fate } = message;
    if (at === undefined || fate === "dropped") return [];
    return [{ at, host, text: `receive ${describeMessage(message)}`, receives }];
  });
  // Sorting is stable, so what was told first comes first.
  return [...own, ...sent, ...received].sort((a, b) => a.at - b.at);
}

const word = (host: string): string => host.replaceAll(/\s+/g, "_");

function execution(story: Story): string {
  const clocks = new Map<string, Clock>();
  const stamps = new Map<number, Clock>();
  const lines: string[] = [];
  for (const { at, host, text, sends, receives } of happeningsOf(story)) {
    const clock: Clock = clocks.get(host) ?? new Map();
    clocks.set(host, clock);
    const stamp = receives === undefined ? undefined : stamps.get(receives);
    for (const [other, count] of stamp ?? []) {
      clock.set(other, Math.max(clock.get(other) ?? 0, count));
    }
    clock.set(word(host), (clock.get(word(host)) ?? 0) + 1);
    if (sends !== undefined) stamps.set(sends, new Map(clock));
    lines.push(`${at} ns ${text}`, `${word(host)} ${JSON.stringify(Object.fromEntries(clock))}`);
  }
  return lines.join("\n");
}

/** The file of all worlds of a cell. */
export function shivizText(stories: readonly Story[]): string {
  const parts = stories.map((story) => {
    const title = story.view === "" ? "run" : story.view;
    return `=== ${title} ===\n${execution(story)}\n`;
  });
  return [
    String.raw`(?<event>.*)\n(?<host>\S*) (?<clock>{.*})`,
    String.raw`^=== (?<trace>.*) ===$`,
    "",
    ...parts,
  ].join("\n");
}
