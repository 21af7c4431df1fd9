/**
 * gcc.c-torture/execute: self-checking C programs, compiled for SH-4 and run here; qemu-sh4
 * is asked about those that fail. Whatever passes there must pass here; what it gets wrong is named.
 *
 * usage: torture.ts CACHE [--sample N] [--level -O2] [--only NAME]
 */
import { parseArgs } from "@std/cli/parse-args";
import { runHere, runUnderQemu } from "./runner.ts";

const args = parseArgs(Deno.args, {
  string: ["sample", "level", "only"],
  default: { level: "-O2" },
});
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

Deno.mkdirSync(built, { recursive: true });
let passed = 0, failed = 0, refused = 0, wrongBoth = 0;
const all = names().filter((name) => args.only === undefined || name.includes(args.only));
const chosen = args.sample === undefined ? all : sample(all, Number(args.sample));
for (const [index, name] of chosen.entries()) {
  const file = compile(name);
  if (file === undefined) {
    const why = NOT_COMPILED[name];
    if (why !== undefined) refused++;
    else failed++;
    console.log(why === undefined ? `FAILED to compile: ${name}` : `skipped: ${name} (${why})`);
    continue;
  }
  const { outcome, instructions } = runHere({ name, file }, MOST_INSTRUCTIONS);
  if (outcome.code === 0) passed++;
  else if (runUnderQemu({ name, file }).code !== 0 && !QEMU_WRONG.includes(name)) {
    wrongBoth++;
    console.log(`fails under qemu-sh4 too: ${name}`);
  } else {
    failed++;
    console.log(`FAILED ${name}: exit ${outcome.code} after ${instructions} instructions`);
    console.log(outcome.error.slice(0, 500));
  }
  if (index % 200 === 199) console.log(`… ${index + 1} of ${chosen.length}`);
}
console.log(`${refused} skipped, ${wrongBoth} that fail under qemu-sh4 too`);
console.log(`${passed} passed, ${failed} failed`);
Deno.exit(failed === 0 && passed > 0 ? 0 : 1);
