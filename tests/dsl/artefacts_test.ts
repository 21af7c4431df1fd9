/** The files about a cell, each by the rules of who reads it, over stories of any shape. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { nested, type PerfettoEvent, perfettoText } from "../../dsl/artefacts/perfetto.ts";
import { shivizText } from "../../dsl/artefacts/shiviz.ts";
import { leftOut, spacetimeSvg, ticksOf, windowOf } from "../../dsl/artefacts/spacetime.ts";
import { livesOf, MANAGER, type Story } from "../../dsl/artefacts/story.ts";
import { UsageError } from "../../dsl/flags.ts";
import { folderName } from "../../dsl/out_folder.ts";
import { readTrace, traceText } from "../../dsl/trace_file.ts";
import { validateXML } from "xmllint-wasm";

const NAMES = ["p[0]", "p[1]", "p[2]"];
const STATIONS = [MANAGER, ...NAMES];
const END = 10_000;

const time = fc.nat(END);
const event = fc.record({
  time,
  process: fc.constantFrom(...NAMES, ""),
  kind: fc.constantFrom("spawn", "crash", "restart", "end", "phase", "note", "control", "recorded"),
  text: fc.constantFrom("sync", "save", "run", "idle", "c1 <&>"),
}).map((one) => ({ ...one, node: one.process === "" ? "" : `n${one.process.charCodeAt(2) % 2}` }));

const message = fc.record({
  from: fc.constantFrom(...STATIONS),
  to: fc.constantFrom(...STATIONS),
  sentNs: time,
  late: fc.option(fc.integer({ min: 1, max: 3000 }), { nil: undefined }),
  isControl: fc.boolean(),
}).map(({ late, ...one }) => ({
  ...one,
  kind: one.isControl ? "ACK" : "user",
  bytes: 64,
  ...(one.isControl ? {} : { sequence: 0 }),
  ...(late === undefined
    ? { fate: "lost" as const }
    : { arrivedNs: one.sentNs + late, fate: "arrived" as const }),
}));

const cut = fc.record({ at: time, waits: fc.nat(2000), takes: fc.nat(3000) });

const story: fc.Arbitrary<Story> = fc.record({
  events: fc.array(event, { maxLength: 40 }),
  messages: fc.array(message, { maxLength: 60 }),
  cuts: fc.array(cut, { maxLength: 3 }),
}).map(({ events, messages, cuts }) => ({
  view: "",
  endedNs: END,
  events: [
    ...NAMES.map((process, i) => ({
      time: 0,
      node: `n${i % 2}`,
      process,
      kind: "spawn",
      text: "",
    })),
    ...events.sort((a, b) => a.time - b.time),
  ],
  recording: {
    processes: NAMES.map((name, i) => ({ name, node: `n${i % 2}` })),
    messages,
    lines: [{
      label: "g",
      isCommitted: true,
      cuts: cuts.map(({ at, waits, takes }, i) => ({
        process: NAMES[i] ?? "",
        requestedNs: at,
        takenNs: at + waits,
        durableNs: at + waits + takes,
      })),
      orphans: messages.length > 3 ? [3] : [],
      inTransit: [],
      lost: [],
    }],
    choices: [],
  },
}));

const parsed = (stories: readonly Story[]): readonly PerfettoEvent[] =>
  JSON.parse(perfettoText(stories)).traceEvents;

Deno.test("Perfetto: slices of a thread nest, or lie one behind the other", () => {
  fc.assert(fc.property(story, (one) => {
    const threads = new Map<string, PerfettoEvent[]>();
    for (const each of parsed([one])) {
      if (each.ph !== "X") continue;
      const key = `${each.pid}/${each.tid}`;
      threads.set(key, [...threads.get(key) ?? [], each]);
    }
    const ends = ({ ts = 0, dur = 0 }: PerfettoEvent) => Math.round((ts + dur) * 1000);
    const starts = ({ ts = 0 }: PerfettoEvent) => Math.round(ts * 1000);
    for (const slices of threads.values()) {
      for (const [i, a] of slices.entries()) {
        assert((a.dur ?? -1) >= 0);
        for (const b of slices.slice(i + 1)) {
          const apart = ends(a) <= starts(b) || ends(b) <= starts(a);
          const inside = starts(a) <= starts(b) && ends(b) <= ends(a) ||
            starts(b) <= starts(a) && ends(a) <= ends(b);
          assert(apart || inside, `${JSON.stringify(a)} and ${JSON.stringify(b)}`);
        }
      }
    }
  }));
});

Deno.test("Perfetto: an arrow has two ends, in time, each in a slice of its thread", () => {
  fc.assert(fc.property(story, story, (one, other) => {
    const events = parsed([one, { ...other, view: "twin" }]);
    const flows = new Map<number, PerfettoEvent[]>();
    for (const each of events) {
      if (each.ph !== "s" && each.ph !== "f") continue;
      flows.set(each.id ?? 0, [...flows.get(each.id ?? 0) ?? [], each]);
    }
    for (const ends of flows.values()) {
      assertEquals(ends.map(({ ph }) => ph), ["s", "f"]);
      assert((ends[0]?.ts ?? 0) <= (ends[1]?.ts ?? 0));
      for (const { pid, tid, ts = 0 } of ends) {
        assert(events.some((slice) =>
          slice.ph === "X" && slice.pid === pid && slice.tid === tid &&
          (slice.ts ?? 0) <= ts && ts <= (slice.ts ?? 0) + (slice.dur ?? 0) + 1e-9
        ));
      }
    }
  }));
});

Deno.test("Perfetto: threads and processes have one name each, counters never fall below 0", () => {
  fc.assert(fc.property(story, story, (one, other) => {
    const events = parsed([one, { ...other, view: "twin" }]);
    const named = events.filter(({ name }) => name === "thread_name")
      .map(({ pid, tid }) => `${pid}/${tid}`);
    assertEquals(new Set(named).size, named.length);
    const nodes = events.filter(({ name }) => name === "process_name").map(({ pid }) => pid);
    assertEquals(new Set(nodes).size, nodes.length);
    for (const each of events) {
      if (each.ph === "X") assert(named.includes(`${each.pid}/${each.tid}`));
    }
    for (const { ph, args } of events) if (ph === "C") assert(Number(args?.["messages"]) >= 0);
  }));
});

Deno.test("a slice that would cross another ends with it, and says when it really ended", () => {
  assertEquals(
    nested([{ name: "b", from: 5, to: 20 }, { name: "a", from: 0, to: 10 }]),
    [{ name: "a", from: 0, to: 10 }, { name: "b", from: 5, to: 10, args: { endsNs: 20 } }],
  );
});

Deno.test("ShiViz: each line parses by the log's own expression, and clocks only grow", () => {
  fc.assert(fc.property(story, (one) => {
    const [pattern = "", divider = "", ...rest] = shivizText([one]).split("\n");
    const body = rest.join("\n");
    assert(new RegExp(divider, "m").test(body));
    const seen = new Map<string, Readonly<Record<string, number>>>();
    const lines = body.replace(new RegExp(divider, "m"), "").trim();
    let parsedChars = 0;
    for (const [text, , host = "", clock = "{}"] of lines.matchAll(new RegExp(pattern, "g"))) {
      parsedChars += text.length + 1;
      const now: Readonly<Record<string, number>> = JSON.parse(clock);
      const before = seen.get(host) ?? {};
      assertEquals(now[host], (before[host] ?? 0) + 1, "each event is the next of its host");
      for (const [other, count] of Object.entries(before)) {
        assert((now[other] ?? 0) >= count, `${host} forgets what it knew of ${other}`);
      }
      for (const [other, count] of Object.entries(now)) {
        if (other === host) continue;
        assert(
          count <= (seen.get(other)?.[other] ?? 0),
          `${host} knows what ${other} has not done`,
        );
      }
      seen.set(host, now);
    }
    assert(seen.size > 0);
    assertEquals(Math.max(0, parsedChars - 1), lines.length, "nothing is left unread");
  }));
});

Deno.test("ShiViz: who receives knows what the sender knew", () => {
  const base = { isControl: false, kind: "user", sequence: 0, bytes: 1, fate: "arrived" } as const;
  const log = shivizText([{
    view: "",
    endedNs: 100,
    events: [{ time: 1, node: "n", process: "a", kind: "note", text: "first" }],
    recording: {
      processes: [{ name: "a", node: "n" }, { name: "b", node: "n" }],
      messages: [{ ...base, from: "a", to: "b", sentNs: 10, arrivedNs: 20 }],
      lines: [],
      choices: [],
    },
  }]);
  assertStringIncludes(log, '10 ns send user #0 a → b, 1 bytes, arrived\na {"a":2}');
  assertStringIncludes(log, '20 ns receive user #0 a → b, 1 bytes, arrived\nb {"a":2,"b":1}');
});

Deno.test("space-time: well-formed whatever happened, and honest about what it leaves out", async () => {
  const stories = fc.sample(story, { numRuns: 15, seed: 7 });
  const schema =
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.w3.org/2000/svg">' +
    '<xs:element name="svg"><xs:complexType mixed="true"><xs:sequence><xs:any minOccurs="0" ' +
    'maxOccurs="unbounded" processContents="skip"/></xs:sequence><xs:anyAttribute processContents="skip"/>' +
    "</xs:complexType></xs:element></xs:schema>";
  for (const one of stories) {
    const svg = spacetimeSvg(one, "a <cell> & more");
    const { errors } = await validateXML({
      xml: [{ fileName: "a.svg", contents: svg }],
      schema: [schema],
    });
    assertEquals(errors, []);
    assertEquals(/NaN|undefined|Infinity/.test(svg), false);
    assertStringIncludes(svg, leftOut(one, windowOf(one)).replaceAll("&", "&amp;"));
  }
});

Deno.test("space-time: the window is around what went wrong, and small enough to be read", () => {
  const many = Array.from({ length: 5000 }, (_, i) => ({
    from: "a",
    to: "b",
    kind: "user",
    isControl: false,
    sequence: i,
    bytes: 1,
    sentNs: i * 100,
    arrivedNs: i * 100 + 50,
    fate: "arrived" as const,
  }));
  const one: Story = {
    view: "",
    endedNs: 500_000,
    events: [{ time: 250_000, node: "n", process: "a", kind: "crash", text: "" }],
    recording: {
      processes: [{ name: "a", node: "n" }, { name: "b", node: "n" }],
      messages: many,
      lines: [],
      choices: [],
    },
  };
  const window = windowOf(one);
  assert(window.from < 250_000 && window.to > 250_000);
  const shown = many.filter(({ sentNs, arrivedNs }) =>
    arrivedNs >= window.from && sentNs <= window.to
  );
  assert(shown.length > 100 && shown.length < 200, `${shown.length}`);
  const words = leftOut(one, window);
  const counts = [...words.matchAll(/(\d+) messages/g)].map(([, count]) => Number(count));
  assertEquals(counts.length, 2);
  assertEquals((counts[0] ?? 0) + (counts[1] ?? 0) + shown.length, many.length);
});

Deno.test("ticks are round, in the window, and neither few nor many", () => {
  fc.assert(fc.property(fc.nat(1e9), fc.integer({ min: 20, max: 1e9 }), (from, span) => {
    const ticks = ticksOf(from, from + span);
    assert(ticks.length >= 3 && ticks.length <= 12, `${ticks.length}`);
    for (const tick of ticks) assert(tick >= from && tick <= from + span && Number.isInteger(tick));
  }));
});

Deno.test("lives end with a crash and begin again with a restart", () => {
  const at = (time: number, kind: string) => ({ time, node: "n", process: "a", kind, text: "" });
  const one: Story = {
    view: "",
    endedNs: 100,
    events: [at(0, "spawn"), at(10, "crash"), at(30, "restart"), at(50, "restart"), at(70, "end")],
    recording: { processes: [{ name: "a", node: "n" }], messages: [], lines: [], choices: [] },
  };
  assertEquals(livesOf("a", one).map(({ from, to, end }) => [from, to, end]), [
    [0, 10, "crashed"],
    [30, 50, "goes on"],
    [50, 70, "ended"],
  ]);
});

Deno.test("a trace reads back as it was written, but for the choices", () => {
  fc.assert(fc.property(story, story, (one, other) => {
    const stories = [one, { ...other, view: "con" }];
    assertEquals(readTrace(traceText({ cell: "c", stories }), "t"), { cell: "c", stories });
  }));
});

Deno.test("what is no trace is refused with the line that is wrong", () => {
  const head = '{"trace":1,"cell":"c"}';
  const world = '{"world":"","endedNs":1,"processes":[]}';
  const bad: readonly (readonly [string, string])[] = [
    ["", "line 1 should begin with"],
    ['{"trace":2}', "line 1 should begin with"],
    [`${head}\nx`, "line 2 is no JSON"],
    [`${head}\n{"world":"","time":1,"kind":"a"}`, "line 2 is no event of a world"],
    [`${head}\n${world}\n{"world":""}`, "line 3 is no event of a world"],
    [`${head}\n${world}\n{"world":"b","time":1,"kind":"a"}`, "line 3 is no event of a world"],
  ];
  for (const [text, why] of bad) {
    assertThrows(() => readTrace(text, "t"), UsageError, `'t' is no trace: ${why}`);
  }
});

Deno.test("cells have folders of their own, of plain letters", () => {
  fc.assert(fc.property(fc.string(), fc.string(), (a, b) => {
    const [x, y] = [folderName(`${a}@1`), folderName(`${b}@1`)];
    assertEquals(x === y, a === b);
    assert(/^[\w.=-]*\w[\w.=-]*$/.test(x) && !x.startsWith(".") && x.length < 80, x);
  }));
});
