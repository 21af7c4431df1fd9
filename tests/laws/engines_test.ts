/**
 * Which engine ran is never to be seen: random programs end every slice in the same state, whether
 * they are evaluated or translated. `deno task engines` runs many more of them.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Op } from "../../core/isa/op.ts";
import { sh4 } from "../../core/isa/sh4.ts";
import type { Jit } from "../../core/machine/machine.ts";
import { mistaken } from "../core/cluster/mistaken_engine.ts";
import { type EngineOutcome, runEngineCase } from "./engine_pair.ts";

/** The outcomes of some seeds, one after the other; differences of the engines are thrown. */
function outcomes(jit: Jit, seeds: number, instructions: number): EngineOutcome[] {
  const all = Array.from(
    { length: seeds },
    (_, n) => runEngineCase({ seed: n + 1, instructions, jit }),
  );
  const problems = all.flatMap(({ problem }) => problem ?? []);
  if (problems.length > 0) {
    throw new Error(`${problems.length} of ${seeds} seeds:\n${problems.slice(0, 3).join("\n\n")}`);
  }
  return all;
}

const sum = (all: readonly EngineOutcome[], name: keyof EngineOutcome): number =>
  all.reduce((total, outcome) => total + Number(outcome[name] ?? 0), 0);

Deno.test("engines: translated programs do what evaluated ones do, slice by slice", () => {
  const all = outcomes("on", 60, 10_000);
  const [instructions, translated] = [sum(all, "instructions"), sum(all, "translated")];
  assert(instructions >= 600_000);
  assert(translated > 0.4 * instructions, `${translated} of ${instructions} were translated`);
  assert(sum(all, "regions") > 1000);
  assert(sum(all, "invalidations") > 500);
  assert(sum(all, "exceptions") > 5000);
  assert(sum(all, "reloads") > 1000);
});

Deno.test("engines: the machine that compares both finds nothing, and is itself the same", () => {
  const all = outcomes("verify", 30, 4000);
  assert(sum(all, "translated") > 0.3 * sum(all, "instructions"));
});

Deno.test("engines: a difference is reported with the region and what it was translated to", () => {
  using _mistake = mistaken();
  const { problem = "" } = runEngineCase({ seed: 1, instructions: 10_000, jit: "verify" });
  assertMatch(problem, /^seed 1: the engines differ within \d+ cycles from pc 0x[0-9a-f]{8} on, /);
  assertMatch(
    problem,
    /\nthe region:\n( {2}0x[0-9a-f]{8} {2}[0-9a-f]{4} {2}\S.*\n)+translated to:\n/,
  );
  assertMatch(problem, /\ntranslated to:\n\(module\n[^]*\(export "run" \(func \d+\)\)[^]*\)\)\n/);
});

Deno.test("engines: the programs execute every row of the table", () => {
  const rows = new Set<Op>();
  for (let seed = 1; seed <= 200 && rows.size < sh4.length; seed++) {
    assertEquals(runEngineCase({ seed, instructions: 4000, jit: "off", rows }).problem, undefined);
  }
  assertEquals(sh4.filter((op) => !rows.has(op)).map(({ syntax }) => syntax), []);
});
