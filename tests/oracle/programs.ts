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
const guests = new URL("../../scenarios/guests/", import.meta.url).pathname;
const text = (lines: string) => new TextEncoder().encode(lines);

/** A text that compresses a little and has something to find. */
const prose = text(
  Array.from({ length: 400 }, (_, n) => `line ${n}: ${(n * 7919) % 1009} of the quick brown fox\n`)
    .join(""),
);

const LUA = `
local t = {} for i = 1, 400 do t[i] = (i * 7919) % 1009 end table.sort(t)
print(#t, t[1], t[200], t[400], string.format("%.6f %g", math.sin(1), 2^53))
local words = {} for w in ("the quick brown fox"):gmatch("%a+") do words[#words+1] = w:upper() end
print(table.concat(words, " "), pcall(error, "caught"))
local co = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i * i) end end)
print(co(), co(), co(), 7 // 2, -7 % 3, 1e300 * 1e10, 0/0 ~= 0/0)
`;

const guest = (name: string, ...guestArgs: string[]): Case => ({
  name: `${name} ${guestArgs.join(" ")}`.trim(),
  file: `${guests}${name}.elf`,
  args: guestArgs,
});
const program = (name: string, input: Uint8Array, ...programArgs: string[]): Case => ({
  name: `${name} ${programArgs.join(" ")}`.trim(),
  file: `${cache}/programs/${name}`,
  args: programArgs,
  input,
});

const CASES: readonly Case[] = [
  guest("matmul", "32"),
  guest("matmul", "32", "float"),
  guest("matmul", "0"),
  guest("fft", "512"),
  guest("sort", "300"),
  guest("pattern", "16384"),
  guest("josephus", "5000", "10"),
  guest("wmem1", "32", "6", "20"),
  guest("wmem2", "32", "6", "20"),
  guest("counter", "5", "20000"),
  { ...guest("clock", "4", "3000"), printsTimes: true },
  { ...guest("echo"), input: text("one\ntwo\n\nlast without an end") },
  program("lua", text(LUA), "-"),
  program("lua", text("error('seen')"), "-"),
  program("bzip2", prose, "-c"),
  program("gzip", prose, "-c", "-n"),
  program("grep", prose, "-n", "-E", "(1|3)7 of .*fox$"),
  program("grep", prose, "-c", "nothing like it"),
];

/** Numbers stand for themselves, but for a program that prints times. */
const comparable = (text: string, { printsTimes }: Case): string =>
  printsTimes === true ? text.replaceAll(/\d+/g, "#") : text;

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
    for (const which of strategies) {
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
const wanted = CASES.filter(({ name }) => name.includes(only));
close(
  await runParts({
    script: import.meta.url,
    flags: args,
    count: wanted.length,
    run: (index) => runCase(wanted[index] as Case),
  }),
);
