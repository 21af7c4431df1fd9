/** Shards merged tell what one run tells; recordings tell it again; traces are compared. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { main } from "../../dsl/cli.ts";
import type { Host } from "../../dsl/host.ts";
import { REPORTERS } from "../../dsl/reporters/mod.ts";
import { traceText } from "../../dsl/trace_file.ts";
import { fakeHost } from "./fake.ts";
import { RUNS } from "./streams.ts";

const SCRIPTS: Readonly<Record<string, string>> = Object.assign({}, ...Object.values(RUNS));

async function command(
  args: readonly string[],
  files: Readonly<Record<string, string>> = {},
  change: Partial<Host> = {},
) {
  const captured = fakeHost({ ...SCRIPTS, ...files }, change);
  const code = await main(args, captured.host);
  return { code, out: captured.out(), err: captured.err(), written: captured.written };
}

/** The blob of a part of all scripts. */
async function blob(...flags: readonly string[]): Promise<string> {
  return (await command(["run", ".", "--reporter", "blob", ...flags])).out;
}

async function shards(count: number): Promise<Record<string, string>> {
  const parts: Record<string, string> = {};
  for (let i = 1; i <= count; i++) parts[`${i}.blob`] = await blob("--shard", `${i}/${count}`);
  return parts;
}

for (const count of [1, 2, 3, 20]) {
  Deno.test(`${count} shards merged tell, by every reporter, what one run tells`, async () => {
    const parts = await shards(count);
    for (const { name } of REPORTERS) {
      const whole = await command(["run", ".", "--reporter", name]);
      const files = Object.keys(parts).reverse();
      const merged = await command(["merge", ...files, "--reporter", name], parts);
      // Host time is told only to who watched.
      const text = whole.out.replaceAll(/\[\[PROPERTY\|wall_ms=\d+\]\]\n/g, "");
      assertEquals(merged.out, text, name);
      assertEquals(merged.code, whole.code, name);
    }
  });
}

Deno.test("what a recording tells of some scripts is what they tell alone, by every reporter", async () => {
  const all = { "all.blob": await blob() };
  const names = Object.keys(SCRIPTS);
  const [first = "", second = ""] = names.toSorted();
  for (const paths of [...names.map((name) => [name]), [first, second], ["./"]]) {
    for (const { name } of REPORTERS) {
      const alone = await command(["run", ...paths, "--reporter", name]);
      const flags = paths.flatMap((path) => ["--only", path]);
      const part = await command(["report", "all.blob", ...flags, "--reporter", name], all);
      const text = alone.out.replaceAll(/\[\[PROPERTY\|wall_ms=\d+\]\]\n/g, "");
      assertEquals([part.out, part.code], [text, alone.code], `${paths} by ${name}`);
    }
  }
});

Deno.test("a part of a merged run; what it tells nothing of is no part", async () => {
  const parts = await shards(2);
  const args = ["merge", "1.blob", "2.blob", "--reporter", "ndjson"];
  const alone = await command(["run", "failing.ckpt", "--reporter", "ndjson"]);
  const part = await command([...args, "--only", "./failing.ckpt"], parts);
  assertEquals([part.out, part.code], [alone.out.replace('"failing', '"./failing'), alone.code]);
  const nowhere = await command([...args, "--only", "failing"], parts);
  assertEquals(nowhere.code, 64);
  assertStringIncludes(nowhere.err, "'1.blob and 2.blob' tells nothing of 'failing'");
});

Deno.test("what is wrong with an included file is told of the scripts that include it", async () => {
  const script = (title: string, more = "") =>
    `ckpt 1\n${more}scenario "${title}" {\nnode n0\nproc p0 on n0 runs matmul\nexpect p0.exited\n}\n`;
  const files = {
    "lib/x.ckpt": "ckpt 1\nlet x = nothing\nlet y = nothing\n",
    "dir/a.ckpt": script("a", 'include "../lib/x.ckpt"\n'),
    "dir/b.ckpt": script("b"),
    "c.ckpt": script("c"),
    "d.ckpt": script("d", 'include "lib/x.ckpt"\n'),
  };
  const blob = (await command(["run", "dir", "c.ckpt", "d.ckpt", "--reporter", "blob"], files)).out;
  for (const path of ["dir", "dir/a.ckpt", "dir/b.ckpt", "c.ckpt", "d.ckpt"]) {
    const alone = await command(["run", path, "--reporter", "ndjson"], files);
    const args = ["report", "x", "--only", path, "--reporter", "ndjson"];
    const part = await command(args, { x: blob });
    assertEquals([part.code, part.out], [alone.code, alone.out], path);
  }
  const of = async (path: string) =>
    (await command(["run", path, "--reporter", "blob"], files)).out;
  const parts = { a: await of("dir"), d: await of("d.ckpt") };
  const both = await command(["run", "dir", "d.ckpt", "--reporter", "ndjson"], files);
  const merged = await command(["merge", "a", "d", "--reporter", "ndjson"], parts);
  assertEquals([merged.code, merged.out], [both.code, both.out]);
  const last = await command(["merge", "a", "d", "--only", "d.ckpt"], parts);
  assertEquals(last.code, 3);
  const there = async (path: string) =>
    (await command(["report", "x", "--only", path], { x: blob })).code;
  assertEquals(await there("./dir/../c.ckpt"), 0);
  assertEquals([await there(".."), await there("/"), await there("lib")], [64, 64, 64]);
});

Deno.test("a part is as strict as the run was", async () => {
  const files = { ...VACUOUS, "a.ckpt": (VACUOUS["vacuous.ckpt"] ?? "").replace("< 15", "< 50") };
  const run = ["run", "vacuous.ckpt", "a.ckpt", "--strict", "--reporter", "blob"];
  const { out } = await command(run, files);
  const code = async (path: string) =>
    (await command(["report", "a.blob", "--only", path], { "a.blob": out })).code;
  assertEquals([await code("a.ckpt"), await code("vacuous.ckpt")], [0, 3]);
});

/** That its condition never held is known of all cells together alone. */
const VACUOUS = {
  "vacuous.ckpt": 'ckpt 1\nscenario "v" {\nmatrix { n in [10, 20, 30] }\nnode n0\n' +
    "proc p0 on n0 runs matmul { size: n }\nlaw p0.exited if n < 15\n}\n",
};

Deno.test("--strict counts in shards, merged and reported, as in one run", async () => {
  const ends = async (...flags: readonly string[]) => {
    const run = ["run", "vacuous.ckpt", "--reporter", "blob", ...flags];
    const whole = await command(run, VACUOUS);
    const parts: Record<string, string> = {};
    for (const part of ["1/2", "2/2"]) {
      parts[`${part[0]}.blob`] = (await command([...run, "--shard", part], VACUOUS)).out;
    }
    const merged = await command(["merge", "1.blob", "2.blob"], parts);
    const all = await command(["merge", "1.blob", "2.blob", "--reporter", "blob"], parts);
    const told = await command(["report", "all.blob"], { "all.blob": all.out });
    return [whole.code, merged.code, told.code];
  };
  assertEquals(await ends(), [0, 0, 0]);
  assertEquals(await ends("--strict"), [3, 3, 3]);
});

const WRONG:
  readonly (readonly [string, (parts: Record<string, string>) => readonly string[], string])[] = [
    ["nothing", () => [], "merge needs recordings"],
    ["a missing shard", () => ["1.blob", "3.blob"], "shard 2 of 3 is missing"],
    [
      "a shard twice",
      () => ["1.blob", "2.blob", "2.blob", "3.blob"],
      "shard 2 of 3 is there twice: '2.blob' and '2.blob'",
    ],
    ["a file that is not there", () => ["0.blob"], "there is no file '0.blob'"],
    ["a part that was strict", (parts) => {
      parts["3.blob"] = parts["3.blob"]?.replace(/("shard":\{[^}]*\})/, '$1,"strict":true') ?? "";
      return ["1.blob", "2.blob", "3.blob"];
    }, "--strict of '1.blob' is not given, of '3.blob' given"],
    ["shards of another count", (parts) => {
      parts["4.blob"] = parts["3.blob"]?.replace('"count":3', '"count":4') ?? "";
      return ["1.blob", "2.blob", "4.blob"];
    }, "these are no parts of one run: the number of shards of '1.blob' is 3, of '4.blob' 4"],
    ["shards of another plan", (parts) => {
      parts["4.blob"] = parts["3.blob"]?.replace('"by":"hash"', '"by":"0123"') ?? "";
      return ["1.blob", "2.blob", "4.blob"];
    }, "the plan of '1.blob' is hash, of '4.blob' 0123"],
    ["shards of another version", (parts) => {
      parts["4.blob"] = parts["3.blob"]?.replace('"ckptlab":"1.2.3"', '"ckptlab":"9"') ?? "";
      return ["1.blob", "2.blob", "4.blob"];
    }, "the version of '1.blob' is 1.2.3, of '4.blob' 9"],
    ["a blob that breaks off", (parts) => {
      parts["4.blob"] = parts["3.blob"]?.split("\n").slice(0, 4).join("\n") ?? "";
      return ["1.blob", "2.blob", "4.blob"];
    }, "'4.blob' breaks off on line 4: expected 'run-ended' at the end"],
    ["a blob of another schema", (parts) => {
      parts["4.blob"] = parts["3.blob"]?.replace('"schema":1', '"schema":2') ?? "";
      return ["1.blob", "2.blob", "4.blob"];
    }, "'4.blob' has events of schema 2; this program reads schema 1"],
    ["no blob", (parts) => {
      parts["4.blob"] = "hello\n";
      return ["1.blob", "2.blob", "4.blob"];
    }, "'4.blob' is no recording of a run: line 1 is no JSON"],
    ["no events", (parts) => {
      parts["4.blob"] = "{}\n";
      return ["1.blob", "2.blob", "4.blob"];
    }, "'4.blob' is no recording of a run: line 1 is no event"],
    ["cells in two recordings", (parts) => {
      parts["a"] = parts["1.blob"]?.replaceAll(/,"shard":\{[^}]*\}/g, "") ?? "";
      return ["a", "a"];
    }, "is in two recordings"],
  ];

for (const [what, names, wanted] of WRONG) {
  Deno.test(`merge refuses ${what} by a clear word`, async () => {
    const parts = await shards(3);
    const files = names(parts);
    const { code, out, err } = await command(["merge", ...files], parts);
    assertEquals([code, out], [64, ""]);
    assertStringIncludes(err, wanted);
    assertEquals(err.trimEnd().split("\n").length, 1);
  });
}

Deno.test("what one seed of a search left open is open in the merged run too", async () => {
  const text = `ckpt 1\nscenario "s" {\n  node n0\n  proc p0 on n0 runs matmul\n` +
    "  explore { seeds: 1..5 }\n  expect sometimes p0.crashes == 1\n}\n";
  const flags = ["run", "search.ckpt", "--seed", "3", "--shard", "1/1", "--reporter", "blob"];
  const part = await command(flags, { "search.ckpt": text });
  assertEquals(part.code, 0);
  const { code, out } = await command(["merge", "1.blob"], { "1.blob": part.out });
  assertEquals([code, out.includes("never judged")], [0, false]);
});

Deno.test("the laws of all cells together are judged when the shards are", async () => {
  const flags = ["--filter", "vacuous"];
  const parts: Record<string, string> = {};
  for (const m of ["1", "2"]) {
    const { out } = await command([
      "run",
      "unknown.ckpt",
      "--reporter",
      "blob",
      ...flags,
      "--cases",
      `m=${m}`,
    ]);
    assertEquals(out.includes("was never judged"), false, "one cell cannot tell");
    parts[m] = out;
  }
  const { out, code } = await command(["merge", "1", "2"], parts);
  assertEquals(code, 2);
  assertStringIncludes(out, "this claim was never judged: its 'if' held nowhere");
});

Deno.test("report tells a recording again, the last one by itself", async () => {
  const run = await command(["run", "failing.ckpt", "--reporter", "tap"]);
  const last = { ".ckpt/out/last.ndjson": run.written.get(".ckpt/out/last.ndjson") ?? "" };
  const again = await command(["report", "--reporter", "tap"], last);
  assertEquals([again.code, again.out], [1, run.out]);
  const named = await command(["report", "a.ndjson", "--json"], {
    "a.ndjson": last[".ckpt/out/last.ndjson"],
  });
  assertEquals(named.out, (await command(["run", "failing.ckpt", "--json"])).out);
  assertStringIncludes((await command(["report"])).err, "there is no file '.ckpt/out/last.ndjson'");
  assertStringIncludes((await command(["report", "a", "b"])).err, "report takes one recording");
});

Deno.test("a recording cannot write outside the out folder", async () => {
  const text = await blob("--filter", "#it passes");
  const lines = text.trimEnd().split("\n");
  const cell = "failing.ckpt#it passes@1";
  const attach = (path: string) =>
    [
      ...lines.slice(0, -3),
      JSON.stringify({ event: "artefact", cell, kind: "trace", path }),
      JSON.stringify({ event: "attachment", cell, path, text: "x" }),
      ...lines.slice(-3),
      "",
    ].join("\n");
  const good = await command(["merge", "a"], { a: attach("/elsewhere/cell-1/trace.ndjson") });
  assertEquals(good.written.get(".ckpt/out/cell-1/trace.ndjson"), "x");
  for (const path of ["../..", "..", "a", "x/..", "../x", "cell/.", "cell/a b", ""]) {
    const bad = await command(["merge", "a"], { a: attach(path) });
    assertEquals([bad.code, bad.written.size], [64, 0], path);
    assertStringIncludes(bad.err, "a recording has a file of a strange name");
  }
});

const event = (time: number, text: string) => ({
  time,
  node: "n0",
  process: "p0",
  kind: "do",
  text,
});

Deno.test("diff shows where two traces part, in two columns", async () => {
  const trace = (...texts: readonly string[]) => {
    const events = texts.map((text, i) => event(i * 1000, text));
    const recording = { processes: [], messages: [], lines: [], choices: [] };
    return traceText({ cell: "c", stories: [{ view: "", endedNs: 9000, events, recording }] });
  };
  const files = { a: trace("one", "two", "three", "four"), b: trace("one", "two", "drei") };
  const parted = await command(["diff", "a", "b", "--context", "1"], files);
  assertEquals(parted.code, 1);
  const wide = (text: string) => text.padEnd(58);
  assertEquals(
    parted.out,
    [
      "the trace differs from event 3 on",
      `  ${wide("a")} b`,
      `  ${wide("1us p0 do two")} 1us p0 do two`,
      `| ${wide("2us p0 do three")} 2us p0 do drei`,
      "",
    ].join("\n"),
  );
  const same = await command(["diff", "a", "a"], files);
  assertEquals([same.code, same.out], [0, "the trace is the same: 4 events\n"]);
  assertStringIncludes((await command(["diff", "a"], files)).err, "diff takes two traces");
  assertStringIncludes(
    (await command(["diff", "a", "b"], { ...files, b: "{}" })).err,
    "'b' is no trace: line 1 should begin with",
  );
});

Deno.test("list --cells has every id, and what it cost", async () => {
  const run = await command(["run", "failing.ckpt"]);
  const files = { "costs.json": run.written.get(".ckpt/out/costs.json") ?? "" };
  const { out } = await command([
    "list",
    "failing.ckpt",
    "--cells",
    "--json",
    "--plan",
    "costs.json",
  ], files);
  const { cells } = JSON.parse(out);
  assertEquals(cells.length, 4);
  assertEquals(cells[1].id, "failing.ckpt#it fails[m=10]@1");
  assertEquals([cells[1].case, cells[1].tags, cells[1].seed], [{ m: "10" }, ["slow", "paper"], 1]);
  assertEquals(cells[1].cost > 0, true);
  const plain = await command(["list", "failing.ckpt", "--cells"]);
  assertEquals(plain.out.split("\n")[0], "failing.ckpt#it passes@1");
});

Deno.test("doctor finds an installation well, and one that is not deterministic ill", async () => {
  // The fake lab knows no ring.
  const { VOCABULARY } = await import("./fake.ts");
  const [matmul] = VOCABULARY.workloads;
  if (matmul === undefined) throw new Error("the fake has no workload");
  const laps = { laps: { type: "count", default: 1, min: 1, max: 99, doc: "Laps." } } as const;
  const ring = { ...matmul, name: "ring", options: { ...matmul.options, ...laps } };
  const vocabulary = { ...VOCABULARY, workloads: [ring] };
  const well = await command(["doctor"], {}, { vocabulary });
  assertEquals(well.code, 0, well.out + well.err);
  assertStringIncludes(well.out, "✓ determinism");
  assertStringIncludes(well.out, "? Workers      there are none: --jobs 1");
  const { FakeLab } = await import("./fake.ts");
  let labs = 0;
  const makeLab = () => {
    const lab = new FakeLab();
    lab.note(`${labs++}`);
    return lab;
  };
  const ill = await command(["doctor", "--json"], {}, { vocabulary, makeLab });
  assertEquals(ill.code, 5);
  assertStringIncludes(ill.out, '"state": "bad"');
});
