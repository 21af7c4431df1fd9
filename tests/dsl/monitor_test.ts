import { assert, assertEquals } from "@std/assert";
import { renderDiagnostic } from "../../dsl/diagnostic.ts";
import { load } from "../../dsl/load.ts";
import type { CellResult, ClaimResult, ScenarioResult } from "../../dsl/results.ts";
import { runCell, scenarioResult } from "../../dsl/run.ts";
import { fakeHost, noOverrides, VOCABULARY } from "./fake.ts";

/** A scenario of matmul for 10ms, with these lines. */
async function run(...lines: readonly string[]): Promise<ScenarioResult> {
  const text =
    `ckpt 1\nscenario "s" {\nnode n { tick: 1ms }\nproc p on n runs matmul { size: 10 }\n${
      lines.join("\n")
    }\n}\n`;
  const { host } = fakeHost({ "s.ckpt": text });
  const options = { vocabulary: VOCABULARY, overrides: noOverrides() };
  const { scenarios: [scenario], diagnostics } = await load("s.ckpt", host.readFile, options);
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  assertEquals(errors.map(renderDiagnostic), []);
  assert(scenario !== undefined);
  const limits = { maxTimeNs: 10_000_000_000, interrupted: () => false };
  const running = { vocabulary: VOCABULARY, makeLab: host.makeLab, ...limits };
  const cells: CellResult[] = [];
  for (const plan of scenario.plans) cells.push(await runCell(plan, running));
  return scenarioResult(scenario, "s.ckpt", cells);
}

const claims = ({ cells }: ScenarioResult): readonly ClaimResult[] => cells[0]?.claims ?? [];
const verdicts = (result: ScenarioResult) => claims(result).map(({ verdict }) => verdict);

Deno.test("always, sometimes and never are about every tick", async () => {
  const result = await run(
    "expect always p.run_time <= 10ms",
    "expect always p.running",
    "expect sometimes p.run_time == 4ms",
    "expect sometimes p.run_time == 4.5ms",
    "expect never p.run_time == 4.5ms",
    "expect never p.run_time == 4ms",
    "law always p.exit == 0",
  );
  assertEquals(verdicts(result), [
    "holds",
    "failed",
    "holds",
    "failed",
    "holds",
    "failed",
    "holds",
  ]);
  assertEquals(claims(result).map(({ text }) => text).slice(0, 2), [
    "always p.run_time <= 10ms",
    "always p.running",
  ]);
});

Deno.test("a failure tells when it was, and what was then", async () => {
  const result = await run(
    "expect always p.run_time < 3ms and p.exit == 0",
    "expect never p.run_time == 4ms",
    "expect sometimes p.crashes > 0",
  );
  assertEquals(claims(result).map(({ details }) => details), [
    [["at", "3ms"], ["left", "p.run_time = 3ms"], ["right", "3ms"]],
    [["at", "4ms"], ["left", "p.run_time = 4ms"], ["right", "4ms"]],
    [["looked", "at 11 ticks, and it held at none"]],
  ]);
});

Deno.test("ticks without a value do not count; without any the verdict is unknown", async () => {
  const result = await run(
    "at 5ms checkpoint p as c",
    "until time >= 8ms",
    "at 9ms checkpoint p as d",
    "expect always c.pages == 10",
    "expect sometimes c.committed",
    "expect never d.committed",
    "expect sometimes d.committed",
  );
  assertEquals(verdicts(result), ["holds", "holds", "unknown", "unknown"]);
  assertEquals(claims(result)[2]?.details, [["no value", "checkpoint 'd' was never begun"]]);
});

Deno.test("if chooses the ticks; where it never holds the claim is skipped", async () => {
  const result = await run(
    "at 5ms crash p",
    "expect always p.running if time < 5ms",
    "expect always p.running if time <= 5ms",
    "expect never p.running if p.crashes > 7",
  );
  assertEquals(verdicts(result), ["holds", "failed", "skipped"]);
  assertEquals(result.problems.map(({ message }) => message), [
    "this claim was never judged: its 'if' held nowhere",
  ]);
});

Deno.test("looked at is the state after the steps of an instant, and at rest", async () => {
  const result = await run(
    "at 3ms crash p",
    'at 4.5ms note "nothing runs"',
    "expect never p.running and time == 3ms",
    "expect sometimes p.running and time == 2ms",
    "expect sometimes time == 4.5ms",
  );
  assertEquals(verdicts(result), ["holds", "holds", "holds"]);
});

Deno.test("compare: each alternative is watched for itself, the twin not at all", async () => {
  const result = await run(
    "compare checkpointer { a = stop_world b = concurrent }",
    "at 2ms checkpoint p as c",
    "expect never c.downtime > 500us",
    "expect a.p.output == undisturbed.p.output",
  );
  assertEquals(claims(result).map(({ alternative, verdict }) => [alternative, verdict]), [
    ["a", "failed"],
    ["b", "holds"],
    [undefined, "holds"],
  ]);
});
