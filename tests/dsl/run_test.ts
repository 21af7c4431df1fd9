import { assert, assertEquals } from "@std/assert";
import { StrategyError } from "../../core/mod.ts";
import { renderDiagnostic } from "../../dsl/diagnostic.ts";
import { load } from "../../dsl/load.ts";
import type { CellResult, ScenarioResult } from "../../dsl/results.ts";
import { runCell, type Running, scenarioResult } from "../../dsl/run.ts";
import { positionOf } from "../../dsl/source.ts";
import { type Captured, fakeHost, noOverrides, VOCABULARY } from "./fake.ts";

const DEFAULTS = { vocabulary: VOCABULARY, maxTimeNs: 10_000_000_000, interrupted: () => false };

/** A scenario of matmul for 64ms on n0, with these lines. */
const scene = (...lines: readonly string[]): string =>
  `ckpt 1\nscenario "s" {\nnode n0\nproc p0 on n0 runs matmul\n${lines.join("\n")}\n}\n`;

async function run(
  text: string,
  change: Partial<Running> = {},
): Promise<{ result: ScenarioResult; captured: Captured }> {
  const captured = fakeHost({ "s.ckpt": text });
  const options = { vocabulary: VOCABULARY, overrides: noOverrides() };
  const { scenarios, diagnostics } = await load("s.ckpt", captured.host.readFile, options);
  assertEquals(diagnostics.filter((one) => one.severity === "error").map(renderDiagnostic), []);
  const [scenario] = scenarios;
  assert(scenario !== undefined);
  const running = { ...DEFAULTS, makeLab: captured.host.makeLab, ...change };
  const cells: CellResult[] = [];
  for (const plan of scenario.plans) cells.push(await runCell(plan, running));
  return { result: scenarioResult(scenario, "s.ckpt", cells), captured };
}

const fired = ({ cells }: ScenarioResult, world = 0): readonly string[] =>
  (cells[0]?.worlds[world]?.fired ?? []).map(({ ns, text }) => `${ns / 1e6} ${text}`);

const endedMs = ({ cells }: ScenarioResult, world = 0): number =>
  (cells[0]?.worlds[world]?.endedNs ?? 0) / 1e6;

const said = ({ cells, problems }: ScenarioResult): readonly string[] =>
  [...cells.flatMap((cell) => cell.problems), ...problems].map((one) => {
    const { line } = positionOf(one.span.source, one.span.start);
    return `${line} ${one.verdict} ${one.message}`;
  });

Deno.test("a run ends when the lab is at rest", async () => {
  const { result } = await run(scene("expect p0.exited and time == 64ms"));
  assertEquals(result.verdict, "holds");
  assertEquals(endedMs(result), 64);
});

Deno.test("at is absolute, after counts from the step before, every repeats", async () => {
  const { result } = await run(scene(
    'at 20ms note "a"',
    'after 1.5ms note "b"',
    'after 1ms note "c"',
    'every 25ms note "d"',
    'at 10ms note "e"',
    "expect p0.exited",
  ));
  assertEquals(fired(result), [
    '10 note "e"',
    '20 note "a"',
    '21.5 note "b"',
    '22.5 note "c"',
    '25 note "d"',
    '50 note "d"',
  ]);
});

Deno.test("steps at one instant go in the order of the script", async () => {
  const { result } = await run(scene(
    'at 5ms note "a"',
    'when time >= 5ms note "b"',
    'at 5ms note "c"',
    'every 5ms note "d"',
    'after 0ms note "e"',
    "until time >= 5ms",
    "expect true",
  ));
  assertEquals(fired(result).map((one) => one.slice(-2, -1)), ["a", "b", "c", "d", "e"]);
});

Deno.test("when happens once, at the first tick of the smallest profile", async () => {
  const { result } = await run(scene(
    "node fine { tick: 3ms }",
    "node coarse { tick: 7ms }",
    'when p0.progress >= 50% note "half"',
    "until p0.progress >= 90%",
    "expect true",
  ));
  // The default node ticks every 50us.
  assertEquals(fired(result), ['32 note "half"']);
  assertEquals(endedMs(result), 57.6);
});

Deno.test("a coarse tick is looked at only on its multiples", async () => {
  const text = scene('when p0.progress >= 50% note "half"', "expect true")
    .replace("node n0", "node n0 { tick: 10ms }");
  assertEquals(fired((await run(text)).result), ['40 note "half"']);
});

Deno.test("a step between two ticks is no occasion to look at conditions", async () => {
  const text = scene('when p0.progress >= 50% note "half"', 'at 33ms note "odd"', "expect true")
    .replace("node n0", "node n0 { tick: 10ms }");
  assertEquals(fired((await run(text)).result), ['33 note "odd"', '40 note "half"']);
});

Deno.test("after every counts from its first time", async () => {
  const { result } = await run(scene(
    'every 20ms note "a"',
    'after 25ms note "b"',
    "expect true",
  ));
  assertEquals(fired(result), ['20 note "a"', '40 note "a"', '45 note "b"', '60 note "a"']);
});

Deno.test("a condition on a checkpoint that is not there yet does not hold", async () => {
  const { result } = await run(scene(
    "when c1.committed crash p0",
    "at 10ms checkpoint p0 as c1",
    "expect p0.crashes == 1",
  ));
  assertEquals(result.verdict, "holds");
  assertEquals(fired(result), ["10 checkpoint p0 as c1", "11 crash p0"]);
});

Deno.test("crash and restart: the work since the checkpoint is done again", async () => {
  const { result, captured } = await run(scene(
    "checkpointer concurrent",
    "at 20ms checkpoint p0 as c1",
    "at 35ms crash p0",
    "after 1ms restart p0 from c1",
    "until p0.exited",
    "expect p0.rerun_time == 15ms and p0.run_time == 64ms + 15ms",
    "expect p0.output == undisturbed.p0.output",
    "expect undisturbed.p0.crashes == 0 and undisturbed.time == 64ms",
    "law c1.control_messages == 2 * c1.write_faults + 2",
  ));
  assertEquals(result.verdict, "holds");
  assertEquals(captured.labs.length, 2);
  assertEquals(fired(result, 1), []);
});

Deno.test("the twin is simulated only when some claim mentions it", async () => {
  const { captured } = await run(scene("expect p0.exited"));
  assertEquals(captured.labs.length, 1);
});

Deno.test("a restart that shows in the output is caught by the twin", async () => {
  const text = scene(
    "at 20ms checkpoint p0 as c1",
    "at 35ms crash p0",
    "after 1ms restart p0",
    "expect p0.output == undisturbed.p0.output",
  ).replace("matmul", "matmul { flaky: true }");
  const { result } = await run(text);
  assertEquals(result.verdict, "failed");
  assertEquals(result.cells[0]?.claims[0]?.details, [
    ["left", 'p0.output = "sum 64, restarts 1\\n"'],
    ["right", 'undisturbed.p0.output = "sum 64, restarts 0\\n"'],
  ]);
});

Deno.test("a failing comparison shows both sides and the figures behind them", async () => {
  const { result } = await run(scene(
    "at 20ms checkpoint p0 as c1 using concurrent",
    'expect p0.exited and c1.control_messages == 2 * c1.write_faults + 3 as "2N+3"',
    "expect c1.downtime == 1ms within 5%",
  ));
  assertEquals(result.verdict, "failed");
  assertEquals(result.cells[0]?.claims.map((claim) => claim.details), [
    [
      ["left", "c1.control_messages = 8"],
      ["right", "2 * c1.write_faults + 3 = 9"],
      ["with", "c1.write_faults = 3"],
    ],
    [
      ["left", "c1.downtime = 250us"],
      ["right", "1ms"],
      ["allowed", "950us .. 1.05ms (within 5%)"],
    ],
  ]);
  assertEquals(
    result.cells[0]?.replay,
    'deno task scenario run s.ckpt --filter "#s@" --seed 1 --max-time 10s',
  );
});

Deno.test("what the lab refuses fails at the step, and no claim is judged", async () => {
  const { result } = await run(scene("at 20ms restart p0", "expect p0.exited"));
  assertEquals(result.verdict, "failed");
  assertEquals(said(result), [
    "5 failed at 20ms the lab refused 'restart p0': there is no committed checkpoint 'latest'",
  ]);
  assertEquals(result.cells[0]?.claims, []);
});

Deno.test("a step that never happened is unknown", async () => {
  const { result } = await run(scene(
    'when p0.progress > 100% note "never"',
    'after 1ms note "nor this"',
    "expect p0.exited",
  ));
  assertEquals(result.verdict, "unknown");
  assertEquals(said(result), [
    "5 unknown this step never happened: the lab came to rest before it (at 64ms)",
    "6 unknown this step never happened: the lab came to rest before it (at 64ms)",
  ]);
});

Deno.test("until leaves steps behind", async () => {
  const { result } = await run(scene("at 20ms crash p0", "until time >= 10ms", "expect true"));
  assertEquals(said(result), [
    "5 unknown this step never happened: the run ended before it (at 10ms)",
  ]);
});

Deno.test("until that never holds is unknown, at rest and at the limit of time", async () => {
  const rest = await run(scene("at 20ms crash p0", "until p0.exited", "expect true"));
  assertEquals(said(rest.result), ["6 unknown the lab came to rest, but 'until' never held"]);
  assertEquals(endedMs(rest.result), 20);
  const endless = scene("until p0.exited", "expect true").replace("matmul", "forever");
  const limit = await run(endless, { maxTimeNs: 100_000_000 });
  assertEquals(said(limit.result), [
    "2 unknown the run did not end within 100ms (--max-time)",
  ]);
});

Deno.test("a timed condition is waited for in a lab at rest, within reason", async () => {
  const { result } = await run(scene("until time >= 200ms", "expect time == 200ms"));
  assertEquals(result.verdict, "holds");
  const hopeless = await run(scene("until time >= 1ms and p0.crashes == 1", "expect true"), {
    maxTimeNs: 3_600_000_000_000,
  });
  assertEquals(said(hopeless.result), ["5 unknown the lab came to rest, but 'until' never held"]);
});

Deno.test("steps still to come keep a lab at rest going", async () => {
  const { result } = await run(scene(
    "at 20ms checkpoint p0",
    "at 30ms crash p0",
    "at 500ms restart p0 from latest",
    "expect p0.exited and time == 544ms",
  ));
  assertEquals(result.verdict, "holds");
});

Deno.test("a claim without a value is unknown and says why", async () => {
  const { result } = await run(scene(
    "until time >= 1ms",
    "at 5ms checkpoint p0 as c1",
    "expect c1.downtime < 5ms",
    "expect 1ms / (p0.crashes) > 2ms",
  ));
  assertEquals(result.verdict, "unknown");
  assertEquals(result.cells[0]?.claims.map((claim) => claim.details), [
    [["no value", "checkpoint 'c1' was never begun"]],
    [["no value", "division by zero has no value"]],
  ]);
});

Deno.test("failed weighs more than unknown", async () => {
  const { result } = await run(scene('when p0.crashes > 1 note "never"', "expect p0.exit == 1"));
  assertEquals(result.verdict, "failed");
});

Deno.test("compare: each alternative has a lab; a plain claim must hold in each", async () => {
  const { result, captured } = await run(scene(
    "compare checkpointer { non = stop_world con = concurrent { buffer_pages: 8 } }",
    "at 20ms checkpoint p0 as c1",
    "expect con.c1.downtime < non.c1.downtime",
    "expect restored(con.c1) == restored(non.c1)",
    "expect c1.downtime < 1ms",
    "expect con.p0.output == undisturbed.p0.output",
  ));
  assertEquals(captured.labs.length, 3);
  const claims = result.cells[0]?.claims ?? [];
  assertEquals(claims.map((claim) => [claim.alternative, claim.verdict]), [
    [undefined, "holds"],
    [undefined, "holds"],
    ["non", "failed"],
    ["con", "holds"],
    [undefined, "holds"],
  ]);
});

const TABLE = scene(
  "cases {",
  "  | load                | most |",
  "  | matmul { size: 10 } | 10ms |",
  "  | fft { size: 20 }    | 20ms |",
  "  | fft                 | 1ms  |",
  "}",
  "expect p0.run_time <= most",
  "expect p0.exited if most == 10ms",
  "law p0.exit == 0",
  "law p0.exit == 0 if most > 1ms and p0.exited",
  "expect false if most > 1s",
).replace("runs matmul", "runs load");

Deno.test("cases: a cell for each row, claims with if, vacuity", async () => {
  const { result } = await run(TABLE);
  assertEquals(result.cells.map((cell) => cell.verdict), ["holds", "holds", "failed"]);
  assertEquals(result.cells.map((cell) => cell.id), [
    "s.ckpt#s[load=matmul{size:10},most=10ms]@1",
    "s.ckpt#s[load=fft{size:20},most=20ms]@1",
    "s.ckpt#s[load=fft,most=1ms]@1",
  ]);
  assertEquals(result.cells[1]?.claims.map((claim) => claim.verdict), [
    "holds",
    "skipped",
    "holds",
    "holds",
    "skipped",
  ]);
  assertEquals(said(result), ["15 unknown this claim was never judged: its 'if' held nowhere"]);
  assertEquals(result.warnings.map((one) => [one.code, one.message]), [
    ["CK0701", "vacuous law: judged in 2 of 3 cases, at least 3 wanted"],
  ]);
});

Deno.test("arrays: processes are dealt round the nodes, claims mean all", async () => {
  const { result } = await run(
    'ckpt 1\nlet many = 4\nscenario "s" {\n' +
      "proc p[many] on n runs matmul { size: 10 }\nnode n[2] { cpus: 2 }\n" +
      "at 5ms crash n[1]\nexpect p[0].exited and p[2].exited and p[1].crashes == 1\n" +
      'expect p[3].node == n[1] and p[2].node == "n[0]"\nexpect p.exited\n}',
  );
  assertEquals(result.cells[0]?.claims.map((claim) => claim.verdict), ["holds", "holds", "failed"]);
});

Deno.test("restart on another node moves the process, and node targets follow", async () => {
  const { result } = await run(scene(
    "node m",
    "at 5ms checkpoint p0 as c",
    "at 10ms crash p0",
    "at 11ms restart p0 from c on m",
    "at 12ms crash m",
    "expect p0.node == m and p0.crashes == 2",
  ));
  assertEquals(result.verdict, "holds");
});

Deno.test("the same cell twice gives the same trace, another seed another id", async () => {
  const text = scene("at 20ms checkpoint p0", "seed 7", "expect p0.exited");
  const [first, second] = [await run(text), await run(text)];
  assertEquals(first.result.cells, second.result.cells);
  assertEquals(first.result.cells[0]?.id, "s.ckpt#s@7");
});

Deno.test("interrupted between instants, the rest is unknown", async () => {
  let looks = 0;
  const { result } = await run(scene("expect p0.exited"), { interrupted: () => ++looks > 10 });
  assertEquals(said(result), ["2 unknown interrupted"]);
});

Deno.test("the lab is asked with id, seed and world", async () => {
  const asked: unknown[] = [];
  const { host } = fakeHost({});
  await run(
    scene("compare checkpointer { a = concurrent }", "expect p0.exited == undisturbed.p0.exited"),
    {
      makeLab: (cell) => {
        const { choices: _, ...rest } = cell;
        asked.push(rest);
        return host.makeLab(cell);
      },
    },
  );
  assertEquals(asked, [
    {
      id: "s.ckpt#s@1",
      seed: 1,
      world: "a",
      workers: undefined,
      jit: "on",
      record: false,
      plugins: [],
    },
    {
      id: "s.ckpt#s@1",
      seed: 1,
      world: "undisturbed",
      workers: undefined,
      jit: "on",
      record: false,
      plugins: [],
    },
  ]);
});

Deno.test("a strategy that breaks its contract is named, and nothing is judged", async () => {
  const { result } = await run(scene("at 1ms checkpoint p0 as c", "expect c.committed"), {
    makeLab: async (cell) => {
      const lab = await fakeHost({}).host.makeLab(cell);
      const advance = lab.advance.bind(lab);
      lab.advance = async (until) => {
        if (until > 2e6) throw new StrategyError("checkpointer 'careless' let a page slip");
        await advance(until);
      };
      return lab;
    },
  });
  assertEquals(result.verdict, "broken");
  assertEquals(said(result).map((line) => line.slice(line.indexOf(" ") + 1)), [
    "broken checkpointer 'careless' let a page slip",
  ]);
});
