/**
 * The guests and programs nobody here wrote, against qemu-sh4: the very output and exit code, also
 * when checkpointed and brought back at random instruction counts, by every checkpointer. With
 * `--jit verify` both engines run all of it, region by region, and must not differ.
 *
 * usage: programs.ts CACHE [--points N] [--only NAME] [--jit on|off|verify] [--hot N] [--jobs N]
 */
import { parseArgs } from "@std/cli/parse-args";
import { RandomStream } from "../../core/base/random.ts";
import { TooLate } from "../../core/image/image.ts";
import type { EngineOptions } from "../../core/mod.ts";
import { comparable, FILE_GUEST_CASES, GUEST_CASES, programCases } from "./cases.ts";
import { close, enginesOf, newReport, PART_FLAGS, type Report, runParts } from "./parts.ts";
import {
  type Case,
  type Outcome,
  problemText,
  runHere,
  runUnderQemu,
  runWithCheckpoint,
  strategies,
} from "./runner.ts";

const args = parseArgs(Deno.args, {
  string: ["points", "only", ...PART_FLAGS],
  default: { points: "20" },
});
const engine = enginesOf(args);
const cache = String(args._[0] ?? ".cache");
const points = Number(args.points);
if (!(points >= 0)) throw new Error(`--points: expected a number but found ${args.points}`);
function fail(report: Report, name: string, why: string): void {
  report.failed++;
  report.lines.push(`FAILED ${name}${why}`);
}

/** Counts one end of a program, and says what is wrong with it. */
function compare(
  report: Report,
  program: Case,
  name: string,
  [expected, found]: readonly [Outcome, Outcome],
): void {
  const same = expected.code === found.code && expected.error === found.error &&
    comparable(expected.output, program) === comparable(found.output, program);
  if (same) {
    report.passed++;
    return;
  }
  const show = ({ code, output, error }: Outcome) =>
    `exit ${code}, output ${JSON.stringify(output.slice(-200))}, error ${
      JSON.stringify(error.slice(-300))
    }`;
  fail(report, name, `\n  expected ${show(expected)}\n  found    ${show(found)}`);
}

/** Counts what is done with a program, or that it could not be done. */
function attempt<T>(report: Report, name: string, act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    fail(report, name, `: ${problemText(error)}`);
    return undefined;
  }
}

/** A strategy that comes to t0 late is asked earlier until the program is still there at t0. */
function soonEnough(
  each: Case,
  at: number,
  which: (typeof strategies)[number],
  engine: EngineOptions,
): { readonly ends: ReturnType<typeof runWithCheckpoint>; readonly from: number } {
  for (let from = at;; from = Math.floor(from / 2)) {
    try {
      return { ends: runWithCheckpoint(each, from, which, engine), from };
    } catch (error) {
      if (!(error instanceof TooLate) || from === 0) throw error;
    }
  }
}

/** Strategies tried at a point: they take turns, so that each has points of every program. */
const AT_A_POINT = 4;

/** One program: to its end, and from every point. */
function runCase(each: Case): Report {
  const report = newReport();
  const alone = attempt(report, each.name, () => runHere(each, { engine }));
  if (alone === undefined) return report;
  const { outcome, instructions } = alone;
  compare(report, each, each.name, [runUnderQemu(each), outcome]);
  const random = RandomStream.of(1, "checkpoint", each.name);
  for (let n = 0; n < points; n++) {
    const at = random.below(Math.max(1, instructions));
    for (let k = 0; k < AT_A_POINT; k++) {
      const which =
        strategies[(n * AT_A_POINT + k) % strategies.length] as typeof strategies[number];
      const tried = attempt(
        report,
        `${each.name}, ${which.strategy.name} at ${at}`,
        () => soonEnough(each, at, which, engine),
      );
      if (tried === undefined) continue;
      const { ends, from } = tried;
      const name = `${each.name}, ${which.strategy.name} at ${from}`;
      compare(report, each, `${name}, going on`, [outcome, ends.through]);
      compare(report, each, `${name}, restored`, [outcome, ends.restored]);
    }
  }
  report.lines.push(`${each.name}: ${instructions} instructions`);
  return report;
}

const { only = "" } = args;
const cases = [...GUEST_CASES, ...FILE_GUEST_CASES, ...programCases(cache)];
const wanted = cases.filter(({ name }) => name.includes(only));
close(
  await runParts({
    script: import.meta.url,
    flags: args,
    count: wanted.length,
    run: (index) => runCase(wanted[index] as Case),
  }),
);
