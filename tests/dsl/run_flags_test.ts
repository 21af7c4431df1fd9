/** The flags of `run`, each by what it changes. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { main } from "../../dsl/cli.ts";
import type { Host } from "../../dsl/host.ts";
import { scenarioResult } from "../../dsl/run.ts";
import { sourceOf } from "../../dsl/source.ts";
import { fakeHost, FakeLab } from "./fake.ts";

const HEAD = "  node n0\n  proc p0 on n0 runs matmul { size: n }\n";
const FILES: Readonly<Record<string, string>> = {
  "six.ckpt":
    `ckpt 1\nscenario "six" {\n  matrix { n in [10, 20, 30, 40]  m in ["a b", "c"] }\n${HEAD}` +
    "  expect p0.run_time <= 25ms\n}\n",
  "good.ckpt": `ckpt 1\nlet n = 10\nscenario "good" {\n${HEAD}  expect p0.exited\n}\n`,
  "warns.ckpt": `ckpt 1\nlet n = 10\nscenario "warns" {\n${HEAD}}\n`,
  "vacuous.ckpt":
    `ckpt 1\nscenario "vacuous" {\n  matrix { n in [10, 20, 30] }\n${HEAD}  law p0.exited if n < 15\n}\n`,
};

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly written: ReadonlyMap<string, string>;
}

async function run(
  args: string,
  change: Partial<Host> = {},
  more: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const captured = fakeHost({ ...FILES, ...more }, change);
  const words = args.match(/"[^"]*"|\S+/g)?.map((word) => word.replaceAll('"', "")) ?? [];
  const code = await main(["run", ...words], captured.host);
  return { code, out: captured.out(), err: captured.err(), written: captured.written };
}

/** The cells a run was about, by their cases. */
const cells = ({ written }: Outcome): readonly string[] =>
  (written.get(".ckpt/out/last.ndjson") ?? "").trimEnd().split("\n")
    .map((line) => JSON.parse(line)).filter(({ event }) => event === "cell-ended")
    .map(({ cell }) => /\[(.*)\]/.exec(cell)?.[1] ?? cell);

Deno.test("--bail stops after the first failure, or after so many", async () => {
  assertEquals(cells(await run("six.ckpt --bail")).at(-1), 'n=30,m="ab"');
  assertEquals(cells(await run("six.ckpt --bail=2")).at(-1), 'n=30,m="c"');
  assertEquals(cells(await run("six.ckpt --bail=9")).length, 8);
  const bad = await run("six.ckpt --bail=0");
  assertEquals([bad.code, bad.err], [
    64,
    "error: --bail takes a whole number above 0, not '0'; --help tells more\n",
  ]);
});

Deno.test("--cases chooses by values, whatever the others are", async () => {
  assertEquals(cells(await run("six.ckpt --cases n=20")), ['n=20,m="ab"', 'n=20,m="c"']);
  const both = fakeHost(FILES);
  await main(["run", "six.ckpt", "--cases", 'n=40, m="a b"'], both.host);
  assertStringIncludes(both.written.get(".ckpt/out/last.ndjson") ?? "", '\\"ab\\"]@1');
  assertEquals((await run("six.ckpt --cases n=5")).code, 6);
  assertStringIncludes((await run("six.ckpt --cases n")).err, "--cases takes values such as n=4");
});

Deno.test("--only-failed runs what did not hold last time, and says when there is no last time", async () => {
  const first = await run("six.ckpt");
  const last = { ".ckpt/out/last.ndjson": first.written.get(".ckpt/out/last.ndjson") ?? "" };
  const again = await run("six.ckpt good.ckpt --only-failed", {}, last);
  assertEquals(cells(again), ['n=30,m="ab"', 'n=30,m="c"', 'n=40,m="ab"', 'n=40,m="c"']);
  const none = await run("six.ckpt --only-failed");
  assertEquals(none.code, 64);
  assertStringIncludes(none.err, "there is no earlier run in '.ckpt/out'");
  const green = await run("good.ckpt");
  const held = { ".ckpt/out/last.ndjson": green.written.get(".ckpt/out/last.ndjson") ?? "" };
  const nothing = await run("good.ckpt --only-failed", {}, held);
  assertEquals(nothing.code, 6);
  assertEquals([...nothing.written.keys()].includes(".ckpt/out/last.ndjson"), false);
});

Deno.test("--only-failed knows a cell again whatever seed it had", async () => {
  for (const [before, now] of [["--seed 5", ""], ["", "--seed 5"], ["--seed 5", "--seed 6"]]) {
    const first = await run(`six.ckpt ${before}`.trim());
    const last = { ".ckpt/out/last.ndjson": first.written.get(".ckpt/out/last.ndjson") ?? "" };
    const again = await run(`six.ckpt --only-failed ${now}`.trim(), {}, last);
    assertEquals(cells(again).length, 4, `${before} ${now}`);
  }
});

Deno.test("a run in which nothing runs leaves the recording of the one before", async () => {
  const nothing = ["six.ckpt --filter nobody", "six.ckpt --filter nobody --permit-no-files"];
  for (const args of [...nothing, "broken.ckpt"]) {
    const { written } = await run(args, {}, { "broken.ckpt": "ckpt 1\nnode n0\n" });
    assertEquals(written.has(".ckpt/out/last.ndjson"), false, args);
  }
});

Deno.test("shards by name or by cost have every cell once", async () => {
  const whole = cells(await run("six.ckpt"));
  const costs = (await run("six.ckpt")).written.get(".ckpt/out/costs.json") ?? "";
  for (const plan of ["", " --plan costs.json"]) {
    const shards = await Promise.all(
      [1, 2, 3].map((i) => run(`six.ckpt --shard ${i}/3${plan}`, {}, { "costs.json": costs })),
    );
    const all = shards.flatMap(cells);
    assertEquals([...all].sort(), [...whole].sort(), plan);
  }
  const empty = await run("good.ckpt --shard 1/99");
  assertEquals([empty.code, cells(empty)], [0, []], "an empty shard of something is no failure");
  assertEquals((await run("good.ckpt --tag none --shard 1/99")).code, 6);
  const index = { JOB_COMPLETION_INDEX: "1", JOB_COMPLETIONS: "3" };
  assertEquals(
    cells(await run("six.ckpt --shard auto", { environment: index })),
    cells(await run("six.ckpt --shard 2/3")),
  );
  assertStringIncludes((await run("six.ckpt --plan costs.json")).err, "--plan says how shards");
  assertStringIncludes((await run("six.ckpt --shard 1/2 --plan no")).err, "there is no file 'no'");
});

Deno.test("--seed random says which; git takes the commit's", async () => {
  const random = await run("good.ckpt --seed random");
  assertEquals(random.err, "seed 4711\n");
  assertEquals(cells(random), ["good.ckpt#good@4711"]);
  const commit = "0123456789abcdef0123456789abcdef01234567";
  const seed = 0x0123456789ab;
  const layouts: readonly Readonly<Record<string, string>>[] = [
    { ".git/HEAD": "ref: refs/heads/main\n", ".git/refs/heads/main": `${commit}\n` },
    { ".git/HEAD": `${commit}\n` },
    {
      "../.git/HEAD": "ref: refs/heads/a/b\n",
      "../.git/packed-refs": `# x\n${commit} refs/heads/a/b\n`,
    },
    {
      ".git": "gitdir: /repo/.git/worktrees/w\n",
      "/repo/.git/worktrees/w/HEAD": "ref: refs/heads/w\n",
      "/repo/.git/worktrees/w/commondir": "../..\n",
      "/repo/.git/worktrees/w/../../refs/heads/w": `${commit}\n`,
    },
  ];
  for (const layout of layouts) {
    assertEquals(cells(await run("good.ckpt --seed git", {}, layout)), [`good.ckpt#good@${seed}`]);
  }
  const outside = await run("good.ckpt --seed git");
  assertEquals([outside.code, outside.out], [64, ""]);
  assertStringIncludes(outside.err, "this folder is in no git repository");
});

Deno.test("--max-events gives a run up, which is unknown", async () => {
  const { code, out } = await run("good.ckpt --max-events 3");
  assertEquals(code, 2);
  assertStringIncludes(out, "did not end within 3 events (--max-events)");
});

/** Labs that record where they are asked to, so that there are files about cells. */
const recording: Host["makeLab"] = ({ choices, record }) =>
  Object.assign(
    new FakeLab(choices),
    record === true ? { recording: { processes: [], messages: [], lines: [], choices: [] } } : {},
  );

Deno.test("a run that was given up is given up at the same place by its command and its replay", async () => {
  const flags = "--max-events 6 --max-time 1.5ms";
  const change = { makeLab: recording };
  const { code, out, written } = await run(`good.ckpt ${flags}`, change);
  assertEquals(code, 2);
  assertStringIncludes(out, `--seed 1 --max-time 1.5ms --max-events 6\n`);
  const path = [...written.keys()].find((one) => one.endsWith("/repro.json")) ?? "";
  const files = { ...FILES, [path]: written.get(path) ?? "" };
  assertStringIncludes(files[path] ?? "", '"limits":{"maxTimeNs":1500000,"maxEvents":6}');
  const captured = fakeHost(files, change);
  assertEquals(await main(["replay", path], captured.host), 2, captured.out());
  assertStringIncludes(captured.out(), "fails as recorded; the same 0 choices and trace");
});

Deno.test("a run that is interrupted while its files are made did nothing else", async () => {
  for (const trace of ["failed", "always"]) {
    let labs = 0;
    const change: Partial<Host> = {
      makeLab: (request) => {
        labs++;
        return recording(request);
      },
      interrupted: () => labs > 1,
    };
    const files = { "bad.ckpt": FILES["good.ckpt"]?.replace(".exited", ".crashes == 1") ?? "" };
    const text = files["bad.ckpt"].replace("  expect", "  explore { seeds: 1..1 }\n  expect");
    const { code, out, written } = await run(`bad.ckpt --trace ${trace}`, change, {
      "bad.ckpt": text,
    });
    assertEquals([labs, code], [2, 130], trace);
    assertEquals(out.includes("differs"), false, out);
    assertEquals([...written.keys()].filter((one) => one.endsWith("repro.json")), []);
  }
});

Deno.test("--verify runs the seeds again that were run, however late it is or became", async () => {
  const files = {
    "s.ckpt":
      `ckpt 1\nlet n = 10\nscenario "s" {\n${HEAD}  explore { seeds: 1..50, budget: 1s }\n` +
      "  expect p0.exited\n}\n",
  };
  let ms = 0, step = 100;
  // The second run takes twice the time.
  const change: Partial<Host> = {
    clock: () => ms += step,
    makeLab: ({ choices, seed }) => {
      if (ms > 900 && seed === 1) step = 200;
      return new FakeLab(choices);
    },
  };
  const late = await run("s.ckpt --verify --trace never", change, files);
  assertEquals([late.code, late.out.includes("differs")], [2, false], late.out);
  let labs = 0;
  const stopped = await run("good.ckpt --verify", {
    makeLab: ({ choices }) => {
      labs++;
      return new FakeLab(choices);
    },
    interrupted: () => labs > 1,
  });
  assertEquals([stopped.code, stopped.out.includes("differs")], [130, false], stopped.out);
});

Deno.test("--verify: who does the same again holds, who does not ends with 5 and the event", async () => {
  assertEquals((await run("good.ckpt --verify")).code, 0);
  let labs = 0;
  const makeLab = () => {
    const lab = new FakeLab();
    if (++labs % 2 === 0) lab.note("something else");
    return lab;
  };
  const { code, out } = await run("good.ckpt --verify", { makeLab });
  assertEquals(code, 5);
  assertStringIncludes(out, "≠ good.ckpt:3:1 run again, the trace differs: event 1 was");
  assertStringIncludes(out, "then '0ns log 0 note something else'");
  assertStringIncludes(out, "1 scenario: 0 hold, 1 nondeterministic");
  labs = 0;
  assertEquals((await run("good.ckpt --verify=0.01%", { makeLab })).code, 0, "not drawn");
  for (const text of ["5", "0%", "101%", "some"]) {
    assertStringIncludes((await run(`good.ckpt --verify=${text}`)).err, "--verify takes all, or");
  }
});

Deno.test("--strict: a warning is an error of the script", async () => {
  for (const file of ["warns.ckpt", "vacuous.ckpt"]) {
    assertEquals((await run(file)).code, 0, file);
    assertEquals((await run(`${file} --strict`)).code, 3, file);
  }
  assertEquals((await run("good.ckpt --strict")).code, 0);
});

Deno.test("--permit-no-files: nothing to run is no failure", async () => {
  assertEquals((await run("good.ckpt --tag none")).code, 6);
  assertEquals((await run("good.ckpt --tag none --permit-no-files")).code, 0);
});

Deno.test("--dry-run prints ids and runs nothing", async () => {
  const { code, out, written } = await run("six.ckpt --dry-run --cases n=10", {
    makeLab: () => {
      throw new Error("something ran");
    },
  });
  assertEquals([code, out, written.size], [
    0,
    'six.ckpt#six[n=10,m="ab"]@1\nsix.ckpt#six[n=10,m="c"]@1\n',
    0,
  ]);
});

Deno.test("--out says where a run leaves what it leaves, and costs add up", async () => {
  const { written } = await run("good.ckpt --out here/", {}, {
    "here/costs.json": '{"version":1,"costs":{"other.ckpt#o":5,"good.ckpt#good":1}}',
  });
  assertEquals([...written.keys()], ["here/last.ndjson", "here/costs.json"]);
  const { costs } = JSON.parse(written.get("here/costs.json") ?? "");
  assertEquals(Object.keys(costs), ["good.ckpt#good", "other.ckpt#o"]);
  assertEquals(costs["good.ckpt#good"] > 100, true);
  assertStringIncludes(
    (await run("good.ckpt --out forbidden")).err,
    "--out forbidden: cannot write",
  );
});

Deno.test("what one seed of a search cost is not kept as the cost of the search", async () => {
  const files = {
    "s.ckpt": `ckpt 1\nlet n = 10\nscenario "s" {\n${HEAD}  explore { seeds: 1..5 }\n` +
      "  expect p0.exited\n}\n",
  };
  const whole = await run("s.ckpt", {}, files);
  const costs = whole.written.get(".ckpt/out/costs.json") ?? "";
  const known = { ...files, ".ckpt/out/costs.json": costs };
  assertEquals(JSON.parse(costs).costs["s.ckpt#s"] > 500, true);
  const { code, written } = await run("s.ckpt --seed 3", {}, known);
  assertEquals([code, written.get(".ckpt/out/costs.json") ?? costs], [0, costs]);
});

Deno.test("what costs the same with any seed is kept with --seed, --seeds and --budget too", async () => {
  const scene = (title: string, more = "") =>
    `scenario "${title}" {\n${HEAD}${more}  expect p0.exited\n}\n`;
  const files = {
    "s.ckpt": `ckpt 1\nlet n = 10\n${scene("plain")}` +
      scene("search", "  explore { seeds: 1..5 }\n"),
  };
  for (const flags of ["--seed 7", "--seeds 1..2", "--budget 1min"]) {
    const { written } = await run(`s.ckpt ${flags}`, {}, files);
    const { costs } = JSON.parse(written.get(".ckpt/out/costs.json") ?? '{"costs":{}}');
    assertEquals(Object.keys(costs), ["s.ckpt#plain"], flags);
  }
});

Deno.test("one seed of a search leaves what is sometimes so open", async () => {
  const files = {
    "s.ckpt": `ckpt 1\nlet n = 10\nscenario "s" {\n${HEAD}  explore { seeds: 1..5 }\n` +
      "  expect sometimes p0.crashes == 1\n}\n",
  };
  assertEquals((await run("s.ckpt", {}, files)).code, 1);
  const one = await run("s.ckpt --seed 3", {}, files);
  assertEquals([one.code, one.out.includes("never judged")], [0, false]);
});

Deno.test("--watch runs again when something changes, until nothing does", async () => {
  const asked: (readonly string[])[] = [];
  async function* watch(paths: readonly string[]): AsyncIterable<void> {
    asked.push(paths);
    await Promise.resolve();
    yield;
    yield;
  }
  const { code, out } = await run("good.ckpt --watch", { watch });
  assertEquals([code, out.match(/1 scenario: 1 hold/g)?.length, asked], [0, 3, [["good.ckpt"]]]);
});

Deno.test("an interrupt ends the run between cells: what was done is told, and the code is 130", async () => {
  let stop: () => void = () => {};
  let left = 0;
  const onInterrupt = (act: () => void) => {
    stop = act;
    return () => void left++;
  };
  let labs = 0;
  const makeLab = () => {
    if (++labs === 3) stop();
    return new FakeLab();
  };
  const outcome = await run("six.ckpt", { onInterrupt, makeLab });
  assertEquals([outcome.code, left], [130, 1]);
  assertEquals(cells(outcome).length, 3);
  assertStringIncludes(outcome.written.get(".ckpt/out/last.ndjson") ?? "", '"interrupted":true');
});

Deno.test("a scenario that was broken off before its first cell holds nothing", () => {
  const span = { source: sourceOf("a.ckpt", "ckpt 1\n"), start: 0, end: 1 };
  const scenario = { title: "a", tags: [], span, plans: { length: 2 } };
  assertEquals(scenarioResult(scenario, "a.ckpt", []).verdict, "unknown");
});

Deno.test("list --plan goes with --cells", async () => {
  const { host, err } = fakeHost({ ...FILES, "costs.json": "{}" });
  assertEquals(await main(["list", "scenarios", "--plan", "costs.json"], host), 64);
  assertStringIncludes(err(), "--plan says what cells cost: it goes with --cells");
});

Deno.test("--jobs and DENO_JOBS take a number or auto", async () => {
  for (const jobs of ["0", "x", "257", "1.5"]) {
    assertStringIncludes(
      (await run(`good.ckpt --jobs ${jobs}`)).err,
      "--jobs takes a whole number",
    );
  }
  const { err } = await run("good.ckpt", { environment: { DENO_JOBS: "many" } });
  assertStringIncludes(err, "not 'many'");
  for (const jobs of ["1", "2", "256", "auto"]) {
    for (
      const outcome of [
        await run(`good.ckpt --jobs ${jobs}`),
        await run("good.ckpt", { environment: { DENO_JOBS: jobs } }),
      ]
    ) assertEquals([outcome.code, outcome.err], [0, ""], jobs);
  }
});
