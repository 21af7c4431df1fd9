/** Many seeds: what claims mean over them, when a search ends, and that a run can be had again. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { ChoiceError, StrategyError } from "../../core/mod.ts";
import { renderDiagnostic } from "../../dsl/diagnostic.ts";
import { load } from "../../dsl/load.ts";
import type { CellResult } from "../../dsl/results.ts";
import { MAX_TIME_NS, overCells, runCell, type Running } from "../../dsl/run.ts";
import { fakeHost, noOverrides, VOCABULARY } from "./fake.ts";

/** Work of 64ms that chaos may crash, so that seeds differ. */
const scene = (...lines: readonly string[]): string =>
  ["ckpt 1", 'scenario "s" {', "node n0", "proc p0 on n0 runs matmul", ...lines, "}", ""].join(
    "\n",
  );

const OFTEN = "chaos { crash: { of: p0, every: 1ms..120ms, at_most: 1 } }";

async function run(text: string, change: Partial<Running> = {}, seed?: number) {
  const { host, labs } = fakeHost({ "s.ckpt": text });
  const options = { vocabulary: VOCABULARY, overrides: noOverrides() };
  const given = seed === undefined ? options : { ...options, seed };
  const { scenarios, diagnostics } = await load("s.ckpt", host.readFile, given);
  assertEquals(diagnostics.map(renderDiagnostic), []);
  const plan = scenarios[0]?.plans[0];
  assert(plan !== undefined);
  const running: Running = {
    maxTimeNs: MAX_TIME_NS,
    interrupted: () => false,
    makeLab: host.makeLab,
    ...change,
  };
  return { result: await runCell(plan, running), plan, labs };
}

const told = ({ claims }: CellResult) =>
  claims.map(({ verdict, details }) =>
    [verdict, ...details.map((one) => one.join(" "))].join("; ")
  );

/** How many of some seeds crash p0, found one by one. */
async function crashing(seeds: number): Promise<readonly number[]> {
  const found: number[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const { result } = await run(scene(OFTEN, "expect p0.crashes == 1"), {}, seed);
    if (result.verdict === "holds") found.push(seed);
  }
  return found;
}

Deno.test("a claim must hold on every seed; the first that fails is told", async () => {
  const seeds = await crashing(40);
  const [first] = seeds;
  assert(first !== undefined && seeds.length < 40, `some crash, some do not: ${seeds}`);
  const text = scene(OFTEN, "explore { seeds: 1..40, stop_after: 0 }", "expect p0.crashes == 0");
  const { result } = await run(text);
  assertEquals(result.verdict, "failed");
  assertEquals(result.explored, {
    seeds: 40,
    ran: 40,
    failing: seeds.length,
    firstFailing: first,
  });
  assertEquals(
    told(result)[0],
    [
      `failed; seed ${first}, the first of ${seeds.length} of 40`,
      "left p0.crashes = 1",
      "right 0",
    ].join("; "),
  );
  assertEquals(
    result.replay,
    `deno task scenario run s.ckpt --filter "#s@" --seed ${first}`,
  );
});

Deno.test("the command of the first failing seed fails alone, in the same way", async () => {
  const text = scene(OFTEN, "explore { seeds: 1..40 }", "expect p0.crashes == 0");
  const { result } = await run(text);
  const seed = result.explored?.firstFailing;
  assert(seed !== undefined);
  const again = (await run(text, {}, seed)).result;
  assertEquals(again.explored, { seeds: 1, ran: 1, failing: 1, firstFailing: seed });
  assertEquals(again.id, `s.ckpt#s@${seed}`);
  assertEquals(again.decisions, result.decisions);
  assertEquals(again.worlds[0]?.fired, result.worlds[0]?.fired);
});

const QUANTIFIED: readonly (readonly [claim: string, verdict: string])[] = [
  ["expect always p0.exited or p0.crashes == 1", "holds"],
  ["expect always p0.exited", "failed"],
  ["expect sometimes p0.crashes == 1", "holds"],
  ["expect sometimes p0.crashes == 2", "failed"],
  ["expect never p0.crashes == 2", "holds"],
  ["expect never p0.crashes == 1", "failed"],
  ["expect p0.exited if p0.crashes == 0", "holds"],
  // Never applicable, or without a value on every seed: nothing is known.
  ["expect always p0.exited if p0.crashes == 2", "skipped"],
  ["expect sometimes p0.exited if p0.crashes == 2", "skipped"],
  ["expect never latest.committed", "unknown"],
  ["expect sometimes latest.committed", "unknown"],
  ["expect always latest.committed", "unknown"],
];

for (const [claim, verdict] of QUANTIFIED) {
  Deno.test(`over seeds: ${claim} (${verdict})`, async () => {
    const text = scene(OFTEN, "explore { seeds: 1..40, stop_after: 0 }", claim);
    assertEquals((await run(text)).result.claims[0]?.verdict, verdict);
  });
}

for (const how of ["", "always ", "sometimes ", "never "]) {
  Deno.test(`over seeds: expect ${how}a metric that breaks its contract once (broken)`, async () => {
    const { host } = fakeHost({});
    const makeLab: Running["makeLab"] = async (request) => {
      const lab = await host.makeLab(request);
      const metric = lab.processMetric.bind(lab);
      lab.processMetric = (...asked) => {
        if (request.seed === 2) throw new StrategyError("metric 'exited' broke its contract");
        return metric(...asked);
      };
      return lab;
    };
    const text = scene("explore { seeds: 1..4, stop_after: 0 }", `expect ${how}p0.exited`);
    const { result } = await run(text, { makeLab });
    assertEquals([result.verdict, ...told(result)], [
      "broken",
      "broken; seed 2, the first of 1 of 4; plugin metric 'exited' broke its contract",
    ]);
  });
}

/** An `explore` that would end with its last seed if it had more of them. */
const ENDS = [
  "seeds: 1..2, stop_after: 2",
  "seeds: 1..10, stop_after: 0, virtual_time: 10ms",
  "seeds: 1..10, stop_after: 0, budget: 1s",
];

for (const end of ENDS) {
  Deno.test(`an end that comes with the last seed cuts nothing short: ${end}`, async () => {
    let ms = 0;
    const claims = ["expect p0.exited", "expect sometimes p0.crashes == 2"];
    const text = scene("at 1ms crash p0", `explore { ${end} }`, ...claims);
    const { result } = await run(text, { clock: () => ms += 100 });
    assertEquals([result.claims[1]?.verdict, result.problems], ["failed", []]);
  });
}

Deno.test("a search costs what all its seeds cost", async () => {
  const text = (seeds: string) => scene(`explore { seeds: ${seeds} }`, "expect p0.exited");
  const events = async (seeds: string) => (await run(text(seeds))).result.worlds[0]?.events ?? 0;
  const one = await events("1..1");
  assert(one > 0);
  assertEquals(await events("1..7"), 7 * one);
});

Deno.test("a seed with the same problem in two worlds is one seed", async () => {
  const text = scene(
    "compare checkpointer { a = stop_world b = concurrent }",
    "explore { seeds: 1..3, stop_after: 0 }",
    "at 1ms restart p0",
    "expect p0.exited",
  );
  const { problems } = (await run(text)).result;
  assertEquals(problems.length, 1);
  assertMatch(problems[0]?.message ?? "", /^seed 1, the first of 3 of 3 seeds: in a: /);
});

Deno.test("one seed of many tells nothing of what is sometimes so", async () => {
  const seeds = await crashing(40);
  const quiet = [1, 2, 3, 4, 5, 6].find((seed) => !seeds.includes(seed));
  const text = scene(OFTEN, "explore { seeds: 1..40 }", "expect sometimes p0.crashes == 1");
  const { result } = await run(text, {}, quiet);
  assertEquals([result.verdict, result.claims[0]?.verdict], ["holds", "skipped"]);
  assertEquals(overCells([result]).problems, [], "its 'if' held, only not all seeds were run");
  const other = scene(
    OFTEN,
    "explore { seeds: 1..40 }",
    "expect sometimes p0.exited if p0.crashes > 2",
  );
  const never = (await run(other, {}, quiet)).result;
  assertEquals(overCells([never]).problems.length, 1, "its 'if' held nowhere");
});

Deno.test("a search ends with its first failing seeds, its virtual time, its budget", async () => {
  const text = (more: string) =>
    scene(OFTEN, `explore { seeds: 1..1000, ${more} }`, "expect p0.crashes == 0");
  const one = (await run(text("stop_after: 1"))).result.explored;
  assertEquals([one?.failing, one?.ran], [1, one?.firstFailing]);
  const three = (await run(text("stop_after: 3"))).result.explored;
  assertEquals(three?.failing, 3);
  const steady = (more: string) =>
    scene(
      `explore { seeds: 1..1000, ${more} }`,
      "expect p0.exited",
      "expect sometimes not p0.exited",
    );
  const bounded = (await run(steady("virtual_time: 640ms"))).result;
  // Runs of 64ms each; what was not seen may still come.
  assertEquals([bounded.explored?.ran, bounded.verdict], [10, "holds"]);
  let ms = 0;
  const late = (await run(steady("budget: 2s"), { clock: () => ms += 100 })).result;
  assertEquals([late.explored?.ran, late.verdict], [20, "unknown"]);
  assertEquals(late.problems.map(({ message }) => message), [
    "20 of 1000 seeds hold, then the budget of 2s ended the search",
  ]);
  const broken = (await run(text("budget: 60s"), { clock: () => ms += 100 })).result;
  assertEquals(broken.verdict, "failed", "a failure found in time is a failure");
});

Deno.test("an interrupted search is unknown", async () => {
  let looks = 0;
  const text = scene("explore { seeds: 1..1000 }", "expect p0.exited");
  const { result } = await run(text, { interrupted: () => ++looks > 3000 });
  assertEquals(result.verdict, "unknown");
  const ran = result.explored?.ran ?? 0;
  assert(ran < 1000);
  const messages = result.problems.map(({ message }) => message).join("\n");
  const said = `an interrupt ended the search after ${ran} of 1000 seeds, of which ${ran - 1} hold`;
  assert(messages.includes(said), messages);
});

Deno.test("a run is had again from its decisions, strictly or as far as they fit", async () => {
  const lines = ["chaos { crash: { of: p0, every: 1ms..60ms, at_most: 1 }", "restart: { } }"];
  const text = scene(...lines, "expect p0.exited");
  const { result } = await run(text, {}, 7);
  const recorded = result.decisions;
  assertEquals(recorded.worlds.map(({ view }) => view), [""]);
  assertEquals(recorded.worlds[0]?.choices.map(({ stream }) => stream), [
    "chaos every",
    "chaos after",
  ]);
  // Another seed, the same decisions: the same run.
  const strict = await run(text, { replay: { decisions: recorded, how: "strict" } }, 99);
  assertEquals(strict.result.worlds, result.worlds);
  const crash = recorded.worlds[0]?.choices[0];
  assert(crash !== undefined);
  const changed = {
    ...recorded,
    worlds: [{ view: "", traceHash: "", choices: [{ ...crash, taken: 0 }] }],
  };
  const following = await run(text, { replay: { decisions: changed, how: "following" } });
  assertEquals(following.result.worlds[0]?.fired[0], {
    ns: 1_000_000,
    text: "crash p0",
    by: "chaos",
  });
  await assertRejects(
    () => run(text, { replay: { decisions: changed, how: "strict" } }),
    ChoiceError,
    "the record ends after 1 choices",
  );
});

Deno.test("a swarm leaves kinds of chaos out and changes how often they come", async () => {
  const lines = ["chaos { crash: { of: p0, every: 1ms..10ms, at_most: 1 }"];
  const text = scene(
    ...lines,
    "pause: { every: 1ms..10ms, at_most: 1 } }",
    "explore { seeds: 1..60, swarm: true, stop_after: 0 }",
    "expect sometimes p0.crashes == 1",
    "expect sometimes p0.exited",
  );
  const { result } = await run(text);
  assertEquals(result.verdict, "holds");
  const kinds = new Set<string>();
  for (let seed = 1; seed <= 60; seed++) {
    const { worlds } = (await run(text, {}, seed)).result;
    const fired = worlds[0]?.fired.map((one) => one.text.split(" ")[0]) ?? [];
    kinds.add([...new Set(fired)].sort().join("+"));
  }
  for (const kind of ["", "crash", "pause+resume", "crash+pause+resume"]) {
    assert(kinds.has(kind), `${kind} among ${[...kinds].join(", ")}`);
  }
});

Deno.test("memory does not grow with the seeds: a lab is ended before the next begins", async () => {
  const text = scene("explore { seeds: 1..50 }", "expect p0.exited");
  const { labs } = await run(text);
  assertEquals([labs.length, labs.filter(({ ends }) => ends === 1).length], [50, 50]);
});
