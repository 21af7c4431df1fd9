/** The page of figures: every figure is in it, where it belongs, and nothing of it is markup. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { RunEvent } from "../../core/mod.ts";
import { study } from "../../dsl/reporters/study.ts";
import { assertGolden } from "../dsl/golden.ts";
import { eventsOf, streamOf } from "../dsl/streams.ts";
import { outlineOf, pageOf, treeOf } from "./render.ts";
import { problemsOf } from "./validity.ts";

const EVENTS = eventsOf(await streamOf("figures"));

const figures = EVENTS.flatMap((event) => event.event === "figure" ? [event] : []);

for (const run of ["figures", "failing", "script_error"]) {
  Deno.test(`the study of the ${run} run says what it should, in valid HTML`, async () => {
    const page = await pageOf(eventsOf(await streamOf(run)), study);
    assertGolden(`studies/${run}.txt`, outlineOf(page));
    assertEquals(await problemsOf(page), []);
  });
}

Deno.test("a figure along an axis is a point of a chart and a place in its table", async () => {
  const document = treeOf(await pageOf(EVENTS, study));
  const charts = [...document.querySelectorAll("figure")];
  assertEquals(charts.map((one) => one.querySelector("figcaption")?.textContent), [
    "run time",
    "ms",
  ]);
  for (const chart of charts) {
    const title = chart.querySelector("figcaption")?.textContent;
    const points = figures.filter((one) => one.title === title && one.along !== undefined).length;
    assertEquals(chart.querySelectorAll("g[data-mark=dot] > *").length, points, title ?? "");
    assertEquals(chart.querySelectorAll("tbody td").length, points, title ?? "");
  }
});

Deno.test("a figure without an axis has a column, with compare one for each alternative", async () => {
  const document = treeOf(await pageOf(EVENTS, study));
  const tables = [...document.querySelectorAll("table")]
    .filter((each) => each.querySelector("caption")?.textContent === "What was measured");
  const heads = tables.map((each) =>
    [...each.querySelectorAll("thead th")].map(({ textContent }) => textContent)
  );
  assertEquals(heads, [
    [
      "Case",
      "(slow.p0.run_time - fast.p0.run_time) / slow.p0.run_time",
      "what it says, slow",
      "what it says, fast",
      "c9.pages, slow",
      "c9.pages, fast",
    ],
    ["Case", "how far", "c2.committed"],
  ]);
  const cells = EVENTS.filter(({ event }) => event === "cell-begun").length;
  assertEquals(tables.flatMap((each) => [...each.querySelectorAll("tbody tr")]).length, cells - 1);
});

Deno.test("claims are told over all cells, and what they were found to be", async () => {
  const document = treeOf(await pageOf(EVENTS, study));
  const rows = [...document.querySelectorAll("table")]
    .filter((each) => each.querySelector("caption")?.textContent?.startsWith("What is claimed"))
    .flatMap((each) => [...each.querySelectorAll("tbody tr")])
    .map((each) =>
      [...each.querySelectorAll("td")].map(({ textContent }) =>
        (textContent ?? "").replaceAll(/\s+/g, " ").trim()
      )
    );
  const [first, second] = rows;
  assertEquals(first?.slice(2), ["10 ms, 20 ms, 30 ms", "10 ms, 20 ms, 30 ms", "6 of 6"]);
  assertEquals(second?.[4], "6 of 6");
});

Deno.test("every constant of the nodes is told, or that it varies", async () => {
  const page = await pageOf(EVENTS, study);
  const begun = EVENTS.flatMap((event) => event.event === "scenario-begun" ? [event] : []);
  assertEquals(begun.map(({ hardware }) => hardware?.[0]?.[1]), ["varies", "200MHz", undefined]);
  const rows = [...treeOf(page).querySelectorAll("details.data tbody tr")]
    .map(({ textContent }) => textContent ?? "").filter((text) => text.includes("clock"));
  assertEquals(rows.length, 2);
  assertStringIncludes(rows[0] ?? "", "varies");
});

Deno.test("what is said of a scenario is its own comment, and no markup", async () => {
  const begun = EVENTS.flatMap((event) => event.event === "scenario-begun" ? [event] : []);
  const [first, second, third] = begun.map(({ about }) => about);
  assert(first?.startsWith("How long it takes.") && first.endsWith("no markup."), first);
  assertEquals([second, third], ["Of the second.", undefined]);
  const document = treeOf(await pageOf(EVENTS, study));
  const [prose] = [...document.querySelectorAll(".prose")];
  assertEquals([...prose?.children ?? []].map(({ localName }) => localName), [
    ...["p", "pre", "p", "p"],
  ]);
  assertEquals(document.querySelectorAll("shown").length, 0);
});

Deno.test("a recording gives the same study as the run", async () => {
  const again: readonly RunEvent[] = JSON.parse(JSON.stringify(EVENTS));
  assertEquals(await pageOf(again, study), await pageOf(EVENTS, study));
});
