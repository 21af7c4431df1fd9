/** Every reporter over stored streams, and each machine format by a reader nobody here wrote. */
import { EVENT_SCHEMA, isRecorded, type RunEvent } from "../../core/mod.ts";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { Parser } from "tap-parser";
import { validateXML } from "xmllint-wasm";
import { REPORTERS } from "../../dsl/reporters/mod.ts";
import type { Surroundings } from "../../dsl/reporters/reporter.ts";
import { element, xmlText } from "../../dsl/reporters/xml.ts";
import { assertGolden } from "./golden.ts";
import { eventsOf, RUNS, streamOf } from "./streams.ts";
import { AROUND } from "./surroundings.ts";

const SCHEMA = Deno.readTextFileSync(new URL("schemas/junit.xsd", import.meta.url));

/** What a reporter makes of events: its text, then the files it adds to. */
async function render(
  name: string,
  events: readonly RunEvent[],
  change: Partial<Surroundings> = {},
): Promise<string> {
  const row = REPORTERS.find((one) => one.name === name);
  assert(row !== undefined, `there is no reporter '${name}'`);
  const report = await row.begin({ ...AROUND, ...change });
  const files = new Map<string, string>();
  let text = "";
  for (const piece of events.flatMap((event) => [...report.take(event)])) {
    if ("file" in piece) files.set(piece.file, (files.get(piece.file) ?? "") + piece.text);
    else if ("text" in piece) text += piece.text;
    else if ("aside" in piece) text += piece.aside;
  }
  return text + [...files].map(([file, content]) => `--- ${file}\n${content}`).join("");
}

/** Reporters of pages, which have tests of their own: of what they say and not of how they look. */
const PAGES: readonly string[] = ["html", "study"];

const ENDINGS: Readonly<Record<string, string>> = { junit: "xml", json: "json", ndjson: "ndjson" };

for (const run of Object.keys(RUNS)) {
  Deno.test(`the stream of the ${run} run reads as stored, and so does every report of it`, async () => {
    const stream = await streamOf(run);
    assertGolden(`reports/${run}.ndjson`, stream);
    const events = eventsOf(stream);
    assertEquals(events.every(isRecorded), true);
    for (const { name } of REPORTERS.filter((row) => !PAGES.includes(row.name))) {
      if (name === "ndjson") {
        assertEquals(await render(name, events), stream, "it gives back what it got");
      } else {assertGolden(
          `reports/${run}.${name}.${ENDINGS[name] ?? "txt"}`,
          await render(name, events),
        );}
    }
  });
}

Deno.test("a stream begins with its version and ends with its counts", async () => {
  for (const run of Object.keys(RUNS)) {
    const events = eventsOf(await streamOf(run));
    const [first] = events, last = events.at(-1);
    assert(first?.event === "run-begun" && last?.event === "run-ended");
    assertEquals(first.schema, EVENT_SCHEMA);
    assertEquals(first.cells, events.filter(({ event }) => event === "cell-ended").length);
    assertEquals(
      Object.values(last.cells).reduce((sum, count) => sum + count, 0),
      events.filter(({ event }) => event === "cell-ended").length,
    );
  }
});

/** The errors of a document by the schema of Jenkins. */
const schemaErrors = async (xml: string): Promise<readonly string[]> => {
  const { errors } = await validateXML({
    xml: [{ fileName: "report.xml", contents: xml }],
    schema: [{ fileName: "junit.xsd", contents: SCHEMA }],
  });
  return errors.map(({ message }) => message);
};

Deno.test("junit is valid by its common schema, and the schema can refuse", async () => {
  for (const run of Object.keys(RUNS)) {
    for (const unknownAs of ["skipped", "failure"] as const) {
      const xml = await render("junit", eventsOf(await streamOf(run)), { unknownAs });
      assertEquals(await schemaErrors(xml), [], run);
      assertEquals((await schemaErrors(xml.replace("tests=", "test="))).length > 0, true);
    }
  }
});

Deno.test("unknown is skipped or a failure in junit and tap, as asked", async () => {
  const events = eventsOf(await streamOf("unknown"));
  assertStringIncludes(await render("junit", events), 'failures="0" errors="0" skipped="1"');
  assertStringIncludes(
    await render("junit", events, { unknownAs: "failure" }),
    'failures="1" errors="0" skipped="0"',
  );
  assertEquals(Parser.parse(await render("tap", events)).some(isFailure), false);
  assertEquals(
    Parser.parse(await render("tap", events, { unknownAs: "failure" })).some(isFailure),
    true,
  );
});

/** How a TAP document as a whole came out. */
interface Complete {
  readonly fail: number;
  readonly ok: boolean;
  readonly failures: unknown;
}

type TapEvent = ReturnType<typeof Parser.parse>[number];

const isFailure = ([kind, what]: TapEvent): boolean =>
  kind === "assert" && (what as { ok: boolean }).ok === false;

Deno.test("tap is read by a TAP parser as it was meant", async () => {
  const FAILED: Readonly<Record<string, number>> = { failing: 1, script_error: 1, plugin: 1 };
  for (const run of Object.keys(RUNS)) {
    const text = await render("tap", eventsOf(await streamOf(run)));
    const parsed = Parser.parse(text);
    assertEquals(parsed.filter(([kind]) => kind === "extra"), [], run);
    const complete = parsed.find(([kind]) => kind === "complete")?.[1] as Complete;
    assertEquals(complete.fail, FAILED[run] ?? 0, text);
    assertEquals(complete.ok, complete.fail === 0, JSON.stringify(complete.failures));
    const version = parsed.find(([kind]) => kind === "version");
    assertEquals(version?.[1], 14);
    // deno-lint-ignore no-control-regex
    assertEquals(/\x1b/.test(text), false, "no colour in a machine format");
  }
});

Deno.test("whatever a scenario is called, tap neither skips it nor calls it otherwise", async () => {
  for (const title of ["it # SKIP me", "# TODO later", "back \\\\ slash", "two\nlines"]) {
    const place = { file: "a.ckpt", line: 2, column: 1 };
    const scenario = `a.ckpt#${title}`;
    const text = await render("tap", [
      { event: "run-begun", schema: 1, ckptlab: "1", language: 1, paths: [], cells: 0 },
      { event: "scenario-begun", scenario, title, tags: [], cells: 0, of: 1, ...place },
      { event: "scenario-ended", scenario, verdict: "holds" },
    ]) + "1..1\n";
    const point = Parser.parse(text).findLast(([kind]) => kind === "assert")?.[1] as Point;
    assertEquals([point.name, point.skip, point.todo], [title.replace("\n", " "), false, false]);
  }
});

/** One test point, as the parser gives it. */
interface Point {
  readonly name: string;
  readonly skip: boolean | string;
  readonly todo: boolean | string;
}

Deno.test("github says at most ten things, one a line of a script, with counts", async () => {
  const place = { file: "a.ckpt", column: 3 };
  const cells = Array.from({ length: 3 }, (_, i) => `a.ckpt#a[n=${i}]@1`);
  const events: readonly RunEvent[] = [
    {
      event: "scenario-begun",
      scenario: "a.ckpt#a",
      title: "a",
      tags: [],
      cells: 3,
      of: 3,
      ...place,
      line: 2,
    },
    ...cells.flatMap((cell): RunEvent[] => [
      { event: "cell-begun", cell, scenario: "a.ckpt#a", place: 0, seed: 1, case: [] },
      ...Array.from({ length: 14 }, (_, line): RunEvent => ({
        event: "claim",
        cell,
        verdict: "failed",
        kind: "expect",
        text: `claim ${line}: 50%, or so`,
        details: [],
        ...place,
        line: line + 3,
      })),
      { event: "cell-ended", cell, verdict: "failed", virtualNs: 0, cost: 0, replay: "again" },
    ]),
    { event: "scenario-ended", scenario: "a.ckpt#a", verdict: "failed" },
    {
      event: "run-ended",
      scenarios: { holds: 0, unknown: 0, failed: 1, broken: 0, nondeterministic: 0 },
      cells: { holds: 0, unknown: 0, failed: 3, broken: 0, nondeterministic: 0 },
      refused: 0,
      interrupted: false,
      exit: 1,
    },
  ];
  const text = await render("github", events);
  const annotations = text.split("\n").filter((line) => line.startsWith("::"));
  assertEquals(annotations.length, 10);
  assertEquals(new Set(annotations.map((line) => /line=(\d+)/.exec(line)?.[1])).size, 10);
  assertStringIncludes(annotations[0] ?? "", "failed in 3 of 3 cases");
  assertStringIncludes(annotations[0] ?? "", "50%25, or so%0Aagain: again");
  assertStringIncludes(text, "claim 13", "the summary has the rest");
});

/** What XML cannot hold, as it is shown; a half of a pair too. */
const shown = (text: string): string =>
  // deno-lint-ignore no-control-regex
  text.replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Surrogate}/gu, (sign) =>
    `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** As the canonical form of XML writes an attribute and a text: by these, all others are themselves. */
const canonicalOf = (text: string, signs: Readonly<Record<string, string>>): string =>
  Array.from(shown(text), (sign) => signs[sign] ?? sign).join("");

const IN_TEXT = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;" };
const IN_ATTRIBUTE = {
  ...{ "&": "&amp;", "<": "&lt;", '"': "&quot;" },
  ...{ "\t": "&#x9;", "\n": "&#xA;", "\r": "&#xD;" },
};

Deno.test("whatever the text, xml gives it back or shows what it cannot hold", async () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom("a", "&", "<", ">", '"', "'", "\t", "\n", "\r", "]", "\0") }),
  );
  await fc.assert(
    fc.asyncProperty(text, async (text) => {
      const xml = element("failure", { message: text }, [xmlText(text)]);
      const { errors, normalized } = await validateXML({
        xml: [{ fileName: "a.xml", contents: xml }],
        schema: [{ fileName: "junit.xsd", contents: SCHEMA }],
        normalization: "c14n",
      });
      assertEquals(errors, []);
      const wanted = `<failure message="${canonicalOf(text, IN_ATTRIBUTE)}">${
        canonicalOf(text, IN_TEXT)
      }</failure>`;
      assertEquals(normalized.trimEnd(), wanted.trimEnd());
    }),
    { numRuns: 40 },
  );
});

Deno.test("who watches sees every cell; a log hears ever more seldom", async () => {
  const progress = (done: number): RunEvent => ({
    event: "progress",
    done,
    total: 100,
    cell: `cell ${done}`,
    what: "ended",
    wallMs: 1000,
  });
  let now = 0;
  const log = await REPORTERS[0]?.begin({ ...AROUND, clock: () => now });
  const said: number[] = [];
  for (let done = 1; done <= 100; done++) {
    now += 2000;
    if ((log?.take(progress(done)) ?? []).length > 0) said.push(now / 1000);
  }
  assertEquals(said, [16, 30, 60, 120]);
});
