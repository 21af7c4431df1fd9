/** `chart` as its users see it: the figures of a scenario, and one SVG that stands alone. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Files, inChild, inProcess, prepare, temporary } from "./workshop.ts";

const SCRIPT = `ckpt 1
scenario "words & <signs>" {
  matrix {
    turns in [1000, 3000]
    ticks in [2, 4]
    name in ["plain", "fancy"]
  }
  node host { clock: 200MHz, ram: 2MiB }
  proc p on host runs counter { ticks: ticks, turns: turns }
  until p.exited
  expect p.exit == 0
}

scenario "alternatives" {
  matrix { pages in [8, 16, 32] }
  node host { clock: 200MHz, ram: 4MiB }
  proc p on host runs wmem1 { pages: pages, sweeps: 20 }
  compare checkpointer {
    stop = stop_the_world
    cow = concurrent_cow
  }
  at 200us  checkpoint p as g
  until p.exited and g.committed
  let both = stop.g.pages + cow.g.pages
  expect p.exit == 0
}

scenario "holes" {
  matrix { ticks in [1, 40] }
  node host { clock: 200MHz, ram: 2MiB }
  proc p on host runs counter { ticks: ticks, turns: 2000 }
  when time >= 300us and not p.exited checkpoint p as g
  until p.exited
  expect ticks == 1
}
`;

interface Drawn {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly points: readonly {
    readonly x: number | string;
    readonly y: number;
    readonly series: string;
    readonly facet: string;
  }[];
}

async function chart(args: string, files: Files = { "s.ckpt": SCRIPT }) {
  using folder = temporary();
  prepare(folder.path, files);
  const words = args.split(" ").map((word) => word.replaceAll("~", " "));
  return await inProcess(["chart", `${folder.path}/s.ckpt`, "--workers", "0", ...words]);
}

async function figures(args: string): Promise<Drawn> {
  const { code, out, err } = await chart(`${args} --json`);
  assertEquals([code, err], [0, ""]);
  return JSON.parse(out);
}

const WORDS = "--filter words --x turns --series name --facet ticks";

Deno.test("chart: the points are what the expression is worth in each cell, in a unit", async () => {
  const { title, xLabel, yLabel, points } = await figures(`${WORDS} --y p.instructions/1000`);
  assertEquals([title, xLabel, yLabel], ["words & <signs>", "turns", "p.instructions/1000"]);
  assertEquals(points.map(({ x, series, facet }) => `${facet} ${series} ${x}`).toSorted(), [
    ...["2 fancy 1000", "2 fancy 3000", "2 plain 1000", "2 plain 3000"],
    ...["4 fancy 1000", "4 fancy 3000", "4 plain 1000", "4 plain 3000"],
  ]);
  // Two instructions a turn, and about a thousand for printing a tick.
  for (const { x, y, facet } of points) {
    const turns = Number(x) * Number(facet) / 1000;
    assert(y > 2 * turns && y < 2 * turns + 2 * Number(facet), `${x} ${facet} ${y}`);
  }
  const times = await figures(`${WORDS} --y p.run_time`);
  assertEquals(times.yLabel, "p.run_time (µs)");
  const percent = await figures(`${WORDS} --y 50%`);
  assertEquals([percent.yLabel, percent.points[0]?.y], ["50% (%)", 50]);
});

Deno.test("chart: alternatives have a line each, unless the expression names them", async () => {
  const own = await figures("--filter alternatives --y g.downtime");
  assertEquals([...new Set(own.points.map(({ series }) => series))], ["stop", "cow"]);
  const [stop, cow] = ["stop", "cow"].map((name) =>
    own.points.filter(({ series }) => series === name).map(({ y }) => y)
  );
  assertEquals([stop?.length, cow?.length], [3, 3]);
  assert(stop?.every((y, i) => y > (cow?.[i] ?? y)), JSON.stringify(own.points));
  const named = await figures("--filter alternatives --y both --y cow.g.pages");
  assertEquals([...new Set(named.points.map(({ series }) => series))], ["both", "cow.g.pages"]);
  const at16 = named.points.filter(({ x }) => x === 16).map(({ y }) => y);
  assert((at16[0] ?? 0) > (at16[1] ?? 0));
  const twin = await figures("--filter alternatives --y undisturbed.p.run_time");
  assertEquals(twin.points.length, 3);
});

Deno.test("chart: a cell without a value is told, and the others are drawn", async () => {
  const { code, out, err } = await chart("--filter holes --y g.pages --json");
  assertEquals(code, 2);
  assertEquals((JSON.parse(out) as Drawn).points.map(({ x }) => x), [40]);
  assertMatch(err, /^no point: ticks = 1: .*this step never happened/m);
  assertMatch(err, /^warning: ticks = 40: not all the scenario expects holds here$/m);
});

/** Every tag closed, nothing unescaped: as strict as an SVG reader is. */
function assertWellFormed(svg: string): void {
  const open: string[] = [];
  const rest = svg.replace(/<(\/?)([\w:-]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g, (...found) => {
    const [, closes, name = "", , empty] = found as string[];
    if (closes === "/") assertEquals(open.pop(), name, "tags cross");
    else if (empty !== "/") open.push(name);
    return "";
  });
  assertEquals(open, []);
  assert(!/[<>]|&(?!#\d+;|amp;|lt;|gt;|nbsp;)/.test(rest), rest.slice(0, 500));
}

Deno.test("chart: one SVG that stands alone, the same bytes each time", async () => {
  for (
    const args of [
      `${WORDS} --y p.run_time`,
      `${WORDS} --y p.run_time --log xy --title A~"title"~&~more`,
      "--filter alternatives --y g.downtime",
      "--filter words --x name --series ticks --facet turns --y p.instructions",
    ]
  ) {
    const { code, out, err } = await chart(args);
    assertEquals([code, err], [0, ""]);
    assertMatch(out, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="\d+" height="\d+"/);
    assert(out.endsWith("</svg>\n"));
    assertWellFormed(out);
    assert(!/NaN|undefined|Infinity/.test(out), out);
    assert(!/(href|src|@import|<script)/.test(out), "it needs nothing from outside");
    assertEquals((await chart(args)).out, out);
  }
});

Deno.test("chart: lines, points, legend, headings and units are in the picture", async () => {
  const { out } = await chart(`${WORDS} --y p.run_time`);
  assertMatch(out, /font-weight="bold">words &#38; &#60;signs&#62;</);
  for (const text of ["plain", "fancy", "turns →", "↑ p.run_time (µs)", "ticks"]) {
    assert(out.includes(`>${text}<`), text);
  }
  // Two lines and four points in each of two parts; the legend has two signs more.
  const joined = [...out.matchAll(/<path [^>]*\bd="M[-\d.]+,[-\d.]+L[-\d.]+,[-\d.]+"[^>]*>/g)]
    .filter(([path]) => /stroke="#(0072b2|d55e00)"/.test(path));
  assertEquals(joined.length, 4);
  assertEquals(out.match(/stroke="#(0072b2|d55e00)"/g)?.length, 4 + 8 + 2);
  // Text is not joined by lines: there is nothing between "plain" and "fancy".
  const words = await chart("--filter words --x name --series ticks --facet turns --y p.exit");
  assert(!words.out.includes('aria-label="line"'));
});

Deno.test("chart: --output writes the file, as a user runs it", async () => {
  using folder = temporary();
  prepare(folder.path, { "s.ckpt": SCRIPT });
  const args = ["chart", "s.ckpt", "--filter", "alternatives", "--y", "g.downtime"];
  const [file, stdout] = await Promise.all([
    inChild([...args, "-o", "chart.svg"], { cwd: folder.path }),
    inChild(args, { cwd: folder.path }),
  ]);
  assertEquals(file, { code: 0, out: "", err: "" });
  assertEquals(stdout.code, 0);
  assertEquals(Deno.readTextFileSync(`${folder.path}/chart.svg`), stdout.out);
});

Deno.test("chart: a script with errors draws nothing", async () => {
  const broken = SCRIPT.replaceAll("p.exited", "p.exitd");
  const { code, out, err } = await chart("--filter words --y time", { "s.ckpt": broken });
  assertEquals([code, out], [3, ""]);
  assertMatch(err, /error CK0305: a process has no metric 'exitd'; did you mean 'exited'/);
  const none = await chart("--filter nothing --y time");
  assertEquals([none.code, none.out], [6, ""]);
});
