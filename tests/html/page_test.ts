/** The page of a run: what it says, that it is valid, stands alone and stays small. */
import { PAGE_FATES, type RunEvent } from "../../core/mod.ts";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { main } from "../../dsl/cli.ts";
import { inProcess } from "../command/workshop.ts";
import { assertGolden } from "../dsl/golden.ts";
import { fakeHost } from "../dsl/fake.ts";
import { eventsOf, RUNS, streamOf } from "../dsl/streams.ts";
import { problemsOf } from "./validity.ts";
import { outlineOf, pageOf, REAL, REAL_FAILING, treeOf } from "./render.ts";

const STREAMS: Readonly<Record<string, () => Promise<readonly RunEvent[]>>> = {
  ...Object.fromEntries(
    Object.keys(RUNS).map((run) => [run, async () => eventsOf(await streamOf(run))]),
  ),
  compare: () => Promise.resolve(REAL),
  real_failing: () => Promise.resolve(REAL_FAILING),
};

for (const [name, stream] of Object.entries(STREAMS)) {
  Deno.test(`the page of the ${name} run says what it should`, async () => {
    assertGolden(`pages/${name}.txt`, outlineOf(await pageOf(await stream())));
  });

  Deno.test(`the page of the ${name} run is valid HTML`, async () => {
    assertEquals(await problemsOf(await pageOf(await stream())), []);
  });

  Deno.test(`in the page of the ${name} run every link leads somewhere, and nothing elsewhere`, async () => {
    const document = treeOf(await pageOf(await stream()));
    const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
    assertEquals(ids.filter((id, i) => ids.indexOf(id) !== i), [], "a name is given once");
    for (const link of document.querySelectorAll("a[href^='#'], use")) {
      const to = link.getAttribute("href")?.slice(1) ?? "";
      assert(ids.includes(to), `nothing is called ${to}`);
    }
    for (const named of document.querySelectorAll("[aria-labelledby]")) {
      for (const id of namedBy(named)) assert(ids.includes(id), `nothing is called ${id}`);
    }
    const loads = [...document.querySelectorAll("[src], link, iframe, object")]
      .map((element) => element.getAttribute("src") ?? element.localName)
      .filter((source) => !source.startsWith("data:"));
    assertEquals(loads, []);
    assertEquals([...document.querySelectorAll("table:not(:has(caption))")].length, 0);
    const cells = document.querySelectorAll("details.cell").length;
    const chips = document.querySelectorAll(".chip").length;
    assert(chips <= cells, "a cell has one place in a grid");
  });
}

const namedBy = (element: Element): readonly string[] =>
  (element.getAttribute("aria-labelledby") ?? "").split(" ");

Deno.test("scenarios with one title in two files have names of their own", async () => {
  const events = REAL_FAILING.map((event) =>
    event.event === "scenario-begun" ? { ...event, title: "it survives" } : event
  );
  const document = treeOf(await pageOf(events));
  const names = [...document.querySelectorAll("section.scenario")].map((section) =>
    namedBy(section).map((id) => document.getElementById(id)?.textContent).join(" ")
  );
  assert(names.length > 1);
  assertEquals(names.length, new Set(names).size, names.join("\n"));
});

Deno.test("the validator can refuse", async () => {
  const page = await pageOf(REAL);
  assert((await problemsOf(page.replace("<main", "<main><p><div></div></p"))).length > 0);
  assert((await problemsOf(page.replace('id="s2"', 'id="s1"'))).length > 0);
});

Deno.test("the page of a recording is the page of the run, byte for byte", async () => {
  for (const run of Object.keys(RUNS)) {
    const files = RUNS[run] ?? {};
    const paths = Object.keys(files);
    const live = fakeHost(files);
    const flags = ["--reporter", "html:a.html", "--reporter", "ndjson:a.ndjson"];
    await main(["run", ...paths, ...flags], live.host);
    const recorded = eventsOf(live.written.get("a.ndjson") ?? "");
    assertEquals(await pageOf(recorded), live.written.get("a.html"), run);
  }
});

Deno.test("report makes the same page again, diagrams and all, from what the run left", async () => {
  const written = new Map<string, string>();
  const script = new URL("streams/failing.ckpt", import.meta.url).pathname;
  const flags = ["--reporter", "html:a/b.html", "--out", "out"];
  await inProcess(
    ["run", script, "--filter", "n=2,rest=100us", "--jobs", "1", ...flags],
    {},
    written,
  );
  const live = written.get("a/b.html") ?? "";
  written.delete("a/b.html");
  await inProcess(["report", ...flags], {}, written);
  assertEquals(written.get("a/b.html"), live);
  const document = treeOf(live);
  assertEquals(document.querySelectorAll(".spacetime img").length, 1);
  const links = [...document.querySelectorAll(".files a")];
  assert(links.length > 0);
  for (const link of links) {
    const path = decodeURIComponent(link.getAttribute("href") ?? "").replace("../", "");
    assert(written.has(path), `there is no file ${path}`);
  }
});

Deno.test("whatever the texts, the page shows them and nothing of them is markup", async () => {
  const base = eventsOf(await streamOf("failing"));
  const text = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.constantFrom("</title><script>", "</script>", '"><img src=x>', "<!--", "]]>", "&lt;", "'"),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 3 }), async (parts) => {
      const said = `x${parts.join("")}x`;
      const events = base.map((event) => {
        if (event.event === "scenario-begun") return { ...event, title: said };
        if (event.event === "claim") return { ...event, title: said, excerpt: said };
        return event;
      });
      const page = await pageOf(events);
      const document = treeOf(page);
      const plain = treeOf(await pageOf(base));
      assertEquals(
        document.querySelectorAll("*").length,
        plain.querySelectorAll("*").length + addedTitles(base),
        said,
      );
    }),
    { numRuns: 40 },
  );
});

/** Claims of the stream without a title get one, which is an element more where they fail. */
const addedTitles = (events: readonly RunEvent[]): number =>
  events.filter((event) =>
    event.event === "claim" && event.verdict === "failed" && event.title === undefined
  ).length;

Deno.test("a law's chart has a point for each measurement, and says where it does not hold", async () => {
  const document = treeOf(await pageOf(REAL_FAILING));
  const figures = [...document.querySelectorAll("figure")]
    .filter((figure) => figure.querySelector("figcaption")?.textContent?.startsWith("Law:"));
  const laws = REAL_FAILING.filter((event) => event.event === "claim" && event.kind === "law");
  const measured: Element[] = [];
  for (const figure of figures) {
    const rows = [...figure.querySelectorAll("tbody tr")];
    const dots = figure.querySelectorAll("g[data-mark=dot] > *").length;
    assertEquals(dots, rows.length);
    const failed = rows.filter((row) => row.querySelector(".v-failed") !== null).length;
    const said = [...figure.querySelectorAll("g[data-mark=text] > *")].length;
    assertEquals(said, failed);
    measured.push(...rows);
  }
  assertEquals(measured.length, laws.length);
  const failed = (claims: readonly RunEvent[]) =>
    claims.filter((event) => event.event === "claim" && event.verdict === "failed").length;
  assertEquals(
    measured.filter((row) => row.querySelector(".v-failed") !== null).length,
    failed(laws),
  );
  assert(failed(laws) > 0 && failed(laws) < laws.length);
});

Deno.test("the bins of a checkpoint are the time it took, in the table and in the bars", async () => {
  const times = REAL.flatMap((event) => event.event === "world" ? event.checkpoints : [])
    .filter(({ memory = [] }) => memory.flatMap(({ processes }) => processes).length === 1);
  assert(times.length > 0);
  for (const { metrics } of times) {
    const bins = ["run", "stop", "fault", "refill", "steal", "other"]
      .reduce((sum, bin) => sum + (metrics[`${bin}_time`] ?? NaN), 0);
    // Each bin is rounded to ns by itself.
    assert(Math.abs(bins - (metrics["elapsed"] ?? NaN)) <= 3, `${bins}`);
  }
  const document = treeOf(await pageOf(REAL));
  const figures = [...document.querySelectorAll("figure")].filter((figure) =>
    figure.querySelector("figcaption")?.textContent?.startsWith("Where the time")
  );
  assert(figures.length > 0);
  for (const figure of figures) {
    const values = [...figure.querySelectorAll("tbody tr")].map((row) =>
      [...row.querySelectorAll("td")].slice(0, 6).filter(({ textContent }) => textContent !== "0ns")
    );
    assert(values.flat().length > 0);
    assertEquals(
      figure.querySelectorAll("g[data-mark=bar] > rect").length,
      values.flat().length,
      "a part of a bar for each bin that is not empty",
    );
  }
});

const UNTOUCHED = `fate-${Object.keys(PAGE_FATES).indexOf("-")}`;

Deno.test("a map of memory has a square for each page, by fate", async () => {
  const document = treeOf(await pageOf(REAL));
  const maps = [...document.querySelectorAll("figure.memory")];
  assert(maps.length > 0);
  for (const map of maps) {
    const said = [...map.querySelectorAll(".legend li")].map((item) => ({
      fate: item.querySelector("use")?.getAttribute("href")?.slice(1) ?? "",
      count: Number(item.querySelector("b")?.textContent),
    }));
    assert(said.some(({ count }) => count > 0));
    for (const { fate, count } of said) {
      const paths = [...map.querySelectorAll(`path[fill="url(#${fate}s)"]`)];
      const area = paths.flatMap((path) =>
        [...(path.getAttribute("d") ?? "").matchAll(/h(\d+)v(\d+)/g)]
          .map(([, width, height]) => Number(width) / 9 * (Number(height) / 9))
      ).reduce((sum, one) => sum + one, 0);
      const left = [...map.querySelectorAll("text")].map(({ textContent }) =>
        Number(/, (\d+) pages? before/.exec(textContent ?? "")?.[1] ?? 0)
      ).reduce((sum, one) => sum + one, 0);
      // What was never touched may be left out, and is told.
      if (fate === UNTOUCHED) assert(area + left <= count);
      else assertEquals(area, count, fate);
    }
  }
});

Deno.test("a diagram that is at hand is in the page, whole and by itself", async () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><title>"é"</title></svg>';
  const cell = REAL_FAILING.find((event) => event.event === "cell-begun");
  assert(cell?.event === "cell-begun");
  const path = ".ckpt/out/a/spacetime.svg";
  const events = REAL_FAILING.flatMap((event): RunEvent[] =>
    event.event === "cell-ended" && event.cell === cell.cell
      ? [
        { event: "artefact", cell: cell.cell, kind: "spacetime", path },
        { event: "attachment", cell: cell.cell, path, text: svg },
        event,
      ]
      : [event]
  );
  const image = treeOf(await pageOf(events)).querySelector(`#c1 img`);
  const source = image?.getAttribute("src") ?? "";
  const [kind, content = ""] = source.split(",");
  assertEquals(kind, "data:image/svg+xml;base64");
  const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
  assertEquals(new TextDecoder().decode(bytes), svg);
  assertStringIncludes(image?.getAttribute("alt") ?? "", cell.cell);
});

/** Many cells like those of a real scenario, at other points of a matrix. */
function many(count: number): readonly RunEvent[] {
  const at = REAL.findIndex(({ event }) => event === "cell-begun");
  const end = REAL.findIndex(({ event }) => event === "cell-ended");
  const scenario = REAL.findLast((event, i) => i < at && event.event === "scenario-begun");
  const [first] = REAL, last = REAL.at(-1);
  assert(first !== undefined && last?.event === "run-ended" && scenario !== undefined);
  const side = Math.ceil(Math.sqrt(count));
  const cells = Array.from(
    { length: count },
    (_, n): RunEvent[] =>
      REAL.slice(at, end + 1).map((event) => {
        const cell = `many[${n}]@1`;
        const x = String(n % side), y = String(Math.floor(n / side));
        if (event.event === "cell-begun") return { ...event, cell, case: [["y", y], ["x", x]] };
        return "cell" in event ? { ...event, cell } as RunEvent : event;
      }),
  );
  const holds = { holds: count, unknown: 0, failed: 0, broken: 0, nondeterministic: 0 };
  const name = scenario.event === "scenario-begun" ? scenario.scenario : "";
  return [
    first,
    scenario,
    ...cells.flat(),
    { event: "scenario-ended", scenario: name, verdict: "holds" },
    { ...last, scenarios: { ...holds, holds: 1 }, cells: holds },
  ];
}

Deno.test("a thousand cells make a page that can be sent", async () => {
  const page = await pageOf(many(1000));
  console.log(`a page of 1000 cells: ${(page.length / 1e6).toFixed(2)} MB`);
  assert(page.length < 8e6);
  assertEquals(treeOf(page).querySelectorAll(".chip").length, 1000);
});
