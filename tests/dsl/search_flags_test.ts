/** `--seeds` and `--budget`: a command asks for another search than the script states. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { main } from "../../dsl/cli.ts";
import type { Host } from "../../dsl/host.ts";
import { inProcess, prepare, temporary } from "../command/workshop.ts";
import { fakeHost, FakeLab } from "./fake.ts";

const scene = (title: string, ...lines: readonly string[]): string =>
  [`scenario "${title}" {`, "  node n0", "  proc p0 on n0 runs matmul", ...lines, "}", ""].join(
    "\n",
  );

const FILES = {
  "s.ckpt": "ckpt 1\n" +
    scene("search", "  explore { seeds: 1..50, stop_after: 0 }", "  expect p0.exited") +
    scene("plain", "  expect p0.exited"),
  "bad.ckpt": "ckpt 1\n" +
    scene("bad", "  explore { seeds: 1..50 }", "  expect sometimes p0.exit == 99"),
};

async function run(args: string, change: Partial<Host> = {}) {
  const captured = fakeHost(FILES, change);
  const code = await main(["run", ...args.split(" ")], captured.host);
  const ended = (captured.written.get(".ckpt/out/last.ndjson") ?? "").split("\n")
    .flatMap((line) => line === "" ? [] : [JSON.parse(line)])
    .filter(({ event }) => event === "cell-ended");
  return { code, ended, out: captured.out(), err: captured.err(), written: captured.written };
}

const ranOf = ({ ended }: Awaited<ReturnType<typeof run>>) =>
  ended.map(({ cell, explored }) => [cell.replace(/^.*#/, ""), explored?.ran]);

Deno.test("--seeds: cells that explore go through these, others run as they are", async () => {
  assertEquals(ranOf(await run("s.ckpt")), [["search@1..50", 50], ["plain@1", undefined]]);
  for (
    const [text, id, many] of [["7..9", "7..9", 3], ["4", "1..4", 4], ["60..70", "60..70", 11]]
  ) {
    const found = await run(`s.ckpt --seeds ${text}`);
    assertEquals(found.code, 0, found.out);
    assertEquals(ranOf(found), [[`search@${id}`, many], ["plain@1", undefined]]);
  }
});

Deno.test("--seeds: fewer than are stated leave open what was not seen, and say how to run again", async () => {
  const few = await run("bad.ckpt --seeds 1..5");
  assertEquals(few.code, 0, few.out);
  assertStringIncludes(few.ended[0]?.replay, '--filter "#bad@" --seeds 1..5');
  // All that are stated, and more: nobody crashed.
  const all = await run("bad.ckpt --seeds 1..60");
  assertEquals(all.code, 1, all.out);
  assertEquals((await run("bad.ckpt")).code, 1);
});

Deno.test("--seeds: what failed in such a search is replayed", async () => {
  const makeLab: Host["makeLab"] = ({ choices, record, seed }) =>
    Object.assign(
      new FakeLab(choices),
      record === true ? { recording: { processes: [], messages: [], lines: [], choices: [] } } : {},
      seed === 8 ? { processMetric: () => false } : {},
    );
  const { code, written } = await run("s.ckpt --seeds 7..9", { makeLab });
  assertEquals(code, 1);
  const path = [...written.keys()].find((name) => name.endsWith("repro.json")) ?? "";
  assertEquals(JSON.parse(written.get(path) ?? "{}").seed, 8);
  const again = fakeHost({ ...FILES, [path]: written.get(path) ?? "" }, { makeLab });
  assertEquals(await main(["replay", path], again.host), 1, again.err());
});

Deno.test("--budget: a search that is not through then is unknown", async () => {
  let ms = 0;
  const clock = () => ms += 100;
  const late = await run("s.ckpt --budget 1s", { clock });
  assertEquals(late.code, 2, late.out);
  const [[, ran] = []] = ranOf(late);
  assert(ran > 0 && ran < 50);
  assertStringIncludes(late.out, `${ran} of 50 seeds hold, then the budget of 1s ended the search`);
  assertStringIncludes(late.ended[0]?.replay, '--filter "#search@" --budget 1s');
});

Deno.test("--budget: of a search without a failure nothing is replayed or shrunk", async () => {
  const makeLab: Host["makeLab"] = ({ choices, record }) =>
    Object.assign(
      new FakeLab(choices),
      record === true ? { recording: { processes: [], messages: [], lines: [], choices: [] } } : {},
    );
  let ms = 0;
  const { written, out } = await run("s.ckpt --budget 1s", { clock: () => ms += 100, makeLab });
  const path = [...written.keys()].find((name) => name.endsWith("repro.json")) ?? "";
  assertStringIncludes(out, "  files ");
  assertEquals(out.includes("scenario replay"), false, out);
  const shrink = fakeHost({ ...FILES, [path]: written.get(path) ?? "" }, { makeLab });
  assertEquals(await main(["shrink", path], shrink.host), 64);
  assertStringIncludes(
    shrink.err(),
    "nothing failed: the search ran out of its budget; there is nothing to shrink",
  );
  assertEquals(shrink.written.size, 0);
});

Deno.test("--seeds and --budget are not silent where nothing explores", async () => {
  const SEEDS = "warning: --seeds did nothing: none of these scenarios has 'explore'; " +
    "add 'explore { seeds: 1..20 }', or use --seed N\n";
  const BUDGET = "warning: --budget did nothing: none of these scenarios has 'explore'; " +
    "add 'explore { seeds: 1..20 }'\n";
  const cases = {
    "s.ckpt --filter plain --seeds 1..5": SEEDS,
    "s.ckpt --filter plain --budget 1s": BUDGET,
    "s.ckpt --filter plain --budget 1s --seeds 4 --json": SEEDS + BUDGET,
    "s.ckpt --seeds 1..5": "",
    "s.ckpt --filter plain": "",
    "s.ckpt --seeds 1..5 --shard 1/2": "",
    "s.ckpt --seeds 1..5 --shard 2/2": "",
  };
  for (const [args, said] of Object.entries(cases)) {
    const { err, code } = await run(args);
    assertEquals([err, code], [said, 0], args);
  }
});

Deno.test("seeds and budgets that are none", async () => {
  const wrong = {
    "s.ckpt --seeds 9..7": "--seeds takes a range such as 1..200, or how many",
    "s.ckpt --seeds some": "not 'some'",
    "s.ckpt --seeds 1..99999999": "at most 10000000",
    "s.ckpt --seeds 1..5 --seed 3": "--seed and --seeds exclude each other",
    "s.ckpt --budget 5": "--budget takes a time such as 10s, not '5'",
  };
  for (const [args, said] of Object.entries(wrong)) {
    const { code, err, out } = await run(args);
    assertEquals([code, out], [64, ""], args);
    assertStringIncludes(err, said);
  }
});

Deno.test("--seeds reaches the Workers of cells", async () => {
  using folder = temporary();
  const cell = (n: number) =>
    `scenario "s${n}" {\n  node n0\n  proc p on n0 runs counter { ticks: 1, turns: 10 }\n` +
    "  explore { seeds: 1..40 }\n  expect p.exited\n}\n";
  const script = `ckpt 1\n${[1, 2, 3, 4, 5, 6, 7, 8].map(cell).join("")}`;
  prepare(folder.path, { "s.ckpt": script });
  const args = ["run", `${folder.path}/s.ckpt`, "--json", "--trace", "never", "--seeds", "3..4"];
  for (const jobs of ["1", "2"]) {
    const { code, out } = await inProcess([...args, "--jobs", jobs]);
    assertEquals(code, 0, out);
    assertEquals([...out.matchAll(/"ran": (\d+)/g)].map(([, ran]) => ran), Array(8).fill("2"));
  }
});
