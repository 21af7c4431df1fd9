/** The recorded runs of the kit are of every kind, and what the program records today is like them. */
import { assert, assertEquals } from "@std/assert";
import { type RecordedEvent, VERDICTS } from "../../core/mod.ts";
import { REPORTERS } from "../../dsl/reporters/mod.ts";
import { readRecording } from "../../dsl/recording.ts";
import { bench } from "../../plugins/testing.ts";
import { AROUND } from "../dsl/surroundings.ts";
import { kept, record } from "./streams.ts";

const STREAMS = kept();

const all = Object.values(STREAMS).flatMap((text) =>
  text.trimEnd().split("\n").map((line) => JSON.parse(line) as RecordedEvent)
);

Deno.test("the kit tries all that are kept, and each is a recording", () => {
  assertEquals(bench.streams.map(({ name }) => name).sort(), Object.keys(STREAMS).sort());
  for (const { name, events } of bench.streams) {
    assertEquals(readRecording(STREAMS[name] ?? "", name).events, [...events()]);
  }
});

/** Every kind of event there is: a new one does not compile until it is here. */
const KINDS: Readonly<Record<RecordedEvent["event"], true>> = {
  "run-begun": true,
  "diagnostic": true,
  "scenario-begun": true,
  "cell-begun": true,
  "world": true,
  "remark": true,
  "claim": true,
  "figure": true,
  "problem": true,
  "warning": true,
  "artefact": true,
  "cell-ended": true,
  "scenario-ended": true,
  "run-ended": true,
};

Deno.test("every kind of event is in some, every verdict, every way a run ends", () => {
  assertEquals([...new Set(all.map(({ event }) => event))].sort(), Object.keys(KINDS).sort());
  const verdicts = all.flatMap((event) => event.event === "cell-ended" ? [event.verdict] : []);
  assertEquals([...new Set(verdicts)].sort(), [...VERDICTS].sort());
  const ended = all.flatMap((event) => event.event === "run-ended" ? [event] : []);
  assertEquals([...new Set(ended.map(({ exit }) => exit))].sort((a, b) => a - b), [
    ...[0, 1, 2, 3, 4, 5, 6, 130],
  ]);
  assert(ended.some(({ interrupted }) => interrupted) && ended.some(({ refused }) => refused > 0));
  const severities = all.flatMap((one) => one.event === "diagnostic" ? [one.severity] : []);
  assertEquals([...new Set(severities)].sort(), ["error", "warning"]);
  assert(all.some((one) => one.event === "claim" && one.verdict === "skipped"));
  assert(all.some((one) => one.event === "cell-ended" && one.explored?.firstFailing !== undefined));
});

Deno.test("every built-in reporter tells all of them", async () => {
  for (const { events } of bench.streams) {
    for (const row of REPORTERS) {
      const report = await row.begin(AROUND);
      for (const event of events()) report.take(event);
    }
  }
});

/** What a value is made of: keys, and no values but those that are words of the schema. */
function shapeOf(value: unknown, key = ""): unknown {
  if (["event", "verdict", "kind", "severity", "exit"].includes(key)) return value;
  if (key === "metrics") return "figures";
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (typeof value !== "object" || value === null) return typeof value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, shapeOf(inner, name)]).sort(),
  );
}

const shapesOf = (text = "") => text.trimEnd().split("\n").map((line) => shapeOf(JSON.parse(line)));

Deno.test("recorded today they have the same events with the same fields", async () => {
  for (const [name, text] of Object.entries(await record())) {
    const anew = "record them anew: deno run -A tests/plugins/streams.ts";
    assertEquals(shapesOf(text), shapesOf(STREAMS[name]), `${name}: ${anew}`);
  }
});
