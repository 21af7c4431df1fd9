/**
 * The guests and programs nobody here wrote, against qemu-sh4: the very output and exit code, also
 * when checkpointed and brought back at random instruction counts, by every checkpointer.
 *
 * usage: programs.ts CACHE [--points N] [--only NAME]
 */
import { parseArgs } from "@std/cli/parse-args";
import { RandomStream } from "../../core/base/random.ts";
import {
  type Case,
  type Outcome,
  runHere,
  runUnderQemu,
  runWithCheckpoint,
  strategies,
} from "./runner.ts";

const args = parseArgs(Deno.args, { string: ["points", "only"], default: { points: "20" } });
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

let passed = 0, failed = 0;

/** Numbers stand for themselves, but for a program that prints times. */
const comparable = (text: string, { printsTimes }: Case): string =>
  printsTimes === true ? text.replaceAll(/\d+/g, "#") : text;

function compare(program: Case, name: string, expected: Outcome, found: Outcome): void {
  const same = expected.code === found.code && expected.error === found.error &&
    comparable(expected.output, program) === comparable(found.output, program);
  if (same) passed++;
  else {
    failed++;
    const show = ({ code, output, error }: Outcome) =>
      `exit ${code}, output ${JSON.stringify(output.slice(-200))}, error ${
        JSON.stringify(error.slice(-300))
      }`;
    console.log(`FAILED ${name}\n  expected ${show(expected)}\n  found    ${show(found)}`);
  }
}

for (const each of CASES) {
  if (args.only !== undefined && !each.name.includes(args.only)) continue;
  const expected = runUnderQemu(each);
  const { outcome, instructions } = runHere(each);
  compare(each, each.name, expected, outcome);
  const random = RandomStream.of(1, "checkpoint", each.name);
  for (let n = 0; n < points; n++) {
    const at = random.below(Math.max(1, instructions));
    for (const which of strategies) {
      const name = `${each.name}, ${which.strategy.name} at ${at}`;
      try {
        const { through, restored } = runWithCheckpoint(each, at, which);
        compare(each, `${name}, going on`, outcome, through);
        compare(each, `${name}, restored`, outcome, restored);
      } catch (error) {
        failed++;
        console.log(`FAILED ${name}: ${error}`);
      }
    }
  }
  console.log(`${each.name}: ${instructions} instructions`);
}

console.log(`${passed} passed, ${failed} failed`);
Deno.exit(failed === 0 && passed > 0 ? 0 : 1);
