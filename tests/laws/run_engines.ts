/**
 * Many random programs on both engines, side by side in processes of their own. What `tests/laws/
 * engines_test.ts` does for some seeds, for as many as it takes.
 *
 * usage: deno task engines [--instructions 10000000] [--seed 1] [--each 10000] [--jobs N]
 *                          [--verify]
 */
import { parseArgs } from "@std/cli/parse-args";
import { type EngineCase, type EngineOutcome, runEngineCase } from "./engine_pair.ts";
import { sideBySide } from "./side_by_side.ts";

const USAGE = "usage: deno task engines [--instructions 10000000] [--seed 1] [--each 10000] " +
  "[--jobs N] [--verify]";

const args = parseArgs(Deno.args.filter((word) => word !== "--"), {
  string: ["instructions", "seed", "each", "jobs", "part"],
  boolean: ["verify"],
  default: {
    instructions: "10000000",
    seed: "1",
    each: "10000",
    jobs: String(navigator.hardwareConcurrency),
  },
  unknown: (word) => refuse(`there is no ${word}`),
});

function refuse(why: string): never {
  console.error(`engines: ${why}; ${USAGE}`);
  Deno.exit(2);
}

function numberOf(name: "instructions" | "seed" | "each" | "jobs"): number {
  const value = Number(args[name]);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  return refuse(`--${name} is a whole number from 1, not '${args[name]}'`);
}

function cases(): readonly EngineCase[] {
  const each = numberOf("each"), seed = numberOf("seed");
  return Array.from({ length: Math.ceil(numberOf("instructions") / each) }, (_, n) => ({
    seed: seed + n,
    instructions: each,
    jit: args.verify ? "verify" : "on",
  }));
}

async function main(): Promise<number> {
  const all = cases();
  const totals = { instructions: 0, translated: 0, regions: 0, exceptions: 0, misses: 0 };
  let bad = 0, done = 0;
  const take = (_: number, outcome: EngineOutcome) => {
    for (const name of Object.keys(totals) as (keyof typeof totals)[]) {
      totals[name] += outcome[name];
    }
    if (outcome.problem !== undefined && ++bad <= 10) console.log(`${outcome.problem}\n`);
    if (++done % 100 === 0) console.log(`… ${done} of ${all.length}`);
  };
  await sideBySide({
    script: new URL(import.meta.url),
    args: Deno.args,
    jobs: Math.min(numberOf("jobs"), all.length),
    take,
  });
  const { instructions, translated, regions, exceptions, misses } = totals;
  const share = Math.round(100 * translated / instructions);
  console.log(
    `${instructions} instructions, ${share} % of them translated, ${regions} regions, ` +
      `${exceptions} exceptions, ${misses} misses`,
  );
  console.log(`${done - bad} passed, ${bad} failed`);
  if (translated === 0) console.log("nothing was translated: only one engine was tried");
  return done === all.length && bad === 0 && translated > 0 ? 0 : 1;
}

if (args.part === undefined) Deno.exit(await main());
const [part, parts] = args.part.split("/").map(Number) as [number, number];
for (const [index, engineCase] of cases().entries()) {
  if (index % parts !== part) continue;
  console.log(JSON.stringify([index, runEngineCase(engineCase)]));
}
