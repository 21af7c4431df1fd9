/**
 * All of `crash_everywhere.ts`: every moment of a global checkpoint, every victim, every protocol
 * with every checkpointer, side by side in processes of their own.
 *
 * usage: deno task crashes [--every N] [--only N] [--jobs N]
 *   --every N  only every Nth crash; a multiple of 3 leaves out victims
 *   --only N   only the crash of that number, from 0
 */
import { parseArgs } from "@std/cli/parse-args";
import {
  allCases,
  type CrashCase,
  crashInWords,
  type Finding,
  runCase,
} from "./crash_everywhere.ts";
import { sideBySide } from "./side_by_side.ts";

const args = parseArgs(Deno.args.filter((word) => word !== "--"), {
  string: ["every", "only", "jobs", "part"],
  default: { every: "1", jobs: String(navigator.hardwareConcurrency) },
  unknown: (word) => refuse(`there is no ${word}`),
});

function refuse(why: string): never {
  console.error(`crashes: ${why}; usage: deno task crashes [--every N] [--only N] [--jobs N]`);
  Deno.exit(2);
}

function numberOf(name: "every" | "jobs"): number {
  const value = Number(args[name]);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  return refuse(`--${name} is a whole number from 1, not '${args[name]}'`);
}

async function main(all: readonly CrashCase[]): Promise<number> {
  const outcomes = new Map<string, number>();
  let failed = 0, done = 0;
  const take = (index: number, { outcome, problems }: Finding) => {
    const crash = all[index] as CrashCase;
    const key = `${crash.who}: ${outcome}`;
    outcomes.set(key, (outcomes.get(key) ?? 0) + 1);
    if (problems.length > 0) {
      failed++;
      console.log([crashInWords(crash), ...problems.map((each) => `  ${each}`)].join("\n"));
    }
    if (++done % 500 === 0) console.log(`… ${done} of ${all.length}`);
  };
  const jobs = Math.min(numberOf("jobs"), all.length);
  await sideBySide({ script: new URL(import.meta.url), args: Deno.args, jobs, take });
  for (const [key, count] of [...outcomes].sort()) console.log(`${count} × ${key}`);
  const moments = new Set(all.map(({ situation, moment }) => `${situation.name} ${moment}`)).size;
  console.log(`${moments} moments, ${all.length} crashes`);
  console.log(`${done - failed} passed, ${failed} failed`);
  return done === all.length && failed === 0 ? 0 : 1;
}

const every = numberOf("every"), { only } = args;
const cases = (await allCases()).filter(({ number }) =>
  only === undefined ? number % every === 0 : number === Number(only)
);
if (cases.length === 0) refuse(`there is no crash of number ${only}`);
if (args.part === undefined) Deno.exit(await main(cases));
const [part, parts] = args.part.split("/").map(Number) as [number, number];
for (const [index, crash] of cases.entries()) {
  if (index % parts !== part) continue;
  console.log(JSON.stringify([index, await runCase(crash)]));
}
