/**
 * gcc.c-torture/execute: self-checking C programs, compiled for SH-4 and run here; qemu-sh4
 * is asked about those that fail. Whatever passes there must pass here; what it gets wrong is named.
 * With `--jit verify` both engines run all of it, region by region, and must not differ.
 *
 * usage: torture.ts CACHE [--sample N] [--level=-O2] [--only NAME] [--jit on|off|verify] [--hot N]
 *                   [--jobs N]
 */
import { parseArgs } from "@std/cli/parse-args";
import { EngineDifference } from "../../core/mod.ts";
import { close, enginesOf, newReport, PART_FLAGS, type Report, runParts } from "./parts.ts";
import { problemText, runHere, runUnderQemu } from "./runner.ts";

const args = parseArgs(Deno.args, {
  string: ["sample", "level", "only", ...PART_FLAGS],
  default: { level: "-O2" },
});
const engine = enginesOf(args);
const cache = String(args._[0] ?? ".cache");
const source = `${cache}/build/gcc-12.2.0/gcc/testsuite/gcc.c-torture/execute`;
const built = `${cache}/torture${args.level}`;

/** Programs that pass on the processor and fail under qemu-sh4: FLDI1 with PR = 1 is legal. */
const QEMU_WRONG = ["ieee/compare-fp-1", "ieee/compare-fp-4"];

/** Sources that cannot be built for SH-4, and why; any other that is refused is a failure. */
const NOT_COMPILED: Readonly<Record<string, string>> = {
  "990413-2": "assembly for x86",
  "ieee/compare-fp-3": "links only if the compiler folds its compares",
  "ieee/fp-cmp-7": "links only if the compiler folds its compares",
  "pr80692": "decimal floating point",
  "pr84748": "__int128",
  "pr93213": "__int128",
};

/** No program here needs as many; one that runs on has gone astray. */
const MOST_INSTRUCTIONS = 500_000_000;

/** Both engines at once are slow: of a program that needs more, they are compared up to here. */
const MOST_COMPARED = 3_000_000;

function names(): string[] {
  const found: string[] = [];
  for (const folder of ["", "ieee/"]) {
    for (const { name } of Deno.readDirSync(`${source}/${folder}`)) {
      if (name.endsWith(".c")) found.push(folder + name.slice(0, -2));
    }
  }
  return found.sort();
}

/** A fixed sample: every so manieth, and always those that qemu-sh4 gets wrong. */
function sample(all: string[], count: number): string[] {
  const step = all.length / count;
  const some = Array.from({ length: count }, (_, n) => all[Math.floor(n * step)] as string);
  return [...new Set([...some, ...QEMU_WRONG])];
}

/** Options that a program asks for in its own comments, `{ dg-options "-fwrapv" }` and the like. */
function ownOptions(name: string): string[] {
  const text = Deno.readTextFileSync(`${source}/${name}.c`);
  const asked = [...text.matchAll(/dg-(?:additional-)?options\s+\{?\s*"([^"]*)"\s*\}/g)];
  return asked.flatMap(([, words]) => (words as string).split(/\s+/)).filter((word) => word !== "");
}

/** The executable, compiled unless it is there; nothing when the compiler refuses the source. */
function compile(name: string): string | undefined {
  const file = `${built}/${name.replaceAll("/", "__")}`;
  try {
    Deno.statSync(file);
    return file;
  } catch {
    const { success } = new Deno.Command(`${cache}/sh4/bin/sh4-cc`, {
      args: [args.level, "-w", ...ownOptions(name), "-o", file, `${source}/${name}.c`, "-lm"],
      stdout: "null",
      stderr: "null",
    }).outputSync();
    return success ? file : undefined;
  }
}

/** One program that was built. */
function runProgram(report: Report, name: string, file: string): void {
  const isCompared = engine.jit === "verify";
  const most = isCompared ? MOST_COMPARED : MOST_INSTRUCTIONS;
  const { outcome, instructions, ended } = runHere({ name, file }, { engine, most });
  if (outcome.code === 0) report.passed++;
  else if (isCompared && !ended) {
    report.passed++;
    report.lines.push(`cut: ${name} was compared for its first ${instructions} instructions alone`);
  } else if (runUnderQemu({ name, file }).code !== 0 && !QEMU_WRONG.includes(name)) {
    report.lines.push(`fails under qemu-sh4 too: ${name}`);
  } else {
    report.failed++;
    report.lines.push(`FAILED ${name}: exit ${outcome.code} after ${instructions} instructions`);
    report.lines.push(outcome.error.slice(0, 500));
  }
}

/** One program: nothing is counted where it cannot be built, or where no machine gets it right. */
function runCase(name: string): Report {
  const report = newReport();
  const file = compile(name), why = NOT_COMPILED[name];
  if (file === undefined) {
    if (why === undefined) report.failed++;
    report.lines.push(
      why === undefined ? `FAILED to compile: ${name}` : `skipped: ${name} (${why})`,
    );
    return report;
  }
  try {
    runProgram(report, name, file);
  } catch (error) {
    if (!(error instanceof EngineDifference)) throw error;
    report.failed++;
    report.lines.push(`FAILED ${name}: ${problemText(error)}`);
  }
  return report;
}

Deno.mkdirSync(built, { recursive: true });
const { only = "" } = args;
const all = names().filter((name) => name.includes(only));
const chosen = args.sample === undefined ? all : sample(all, Number(args.sample));
const report = await runParts({
  script: import.meta.url,
  flags: args,
  count: chosen.length,
  run: (index) => runCase(chosen[index] as string),
});
const others = chosen.length - report.passed - report.failed;
console.log(`${others} skipped, or failing under qemu-sh4 too`);
close(report);
