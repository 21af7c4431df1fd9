/**
 * Speed and cost, as ratios measured in one sitting: pairs run in turn, minimum, median, maximum.
 * Timings never decide a test; they are told here.
 *
 * usage: bench.ts [--pairs N] [--json FILE]
 */
import { parseArgs } from "@std/cli/parse-args";
import { ProgramRun, readOptions } from "../../core/mod.ts";
import { checkpointers } from "../../plugins/mod.ts";
import { profile, Recorder } from "../oracle/runner.ts";

const args = parseArgs(Deno.args, { string: ["pairs", "json"], default: { pairs: "5" } });
const pairs = Number(args.pairs);
const guests = new URL("../../scenarios/guests/", import.meta.url).pathname;

/** One figure: what it is, in which unit, and every sample. */
interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly samples: number[];
}

const figures: Figure[] = [];

function figure(name: string, unit: string, samples: number[]): void {
  const sorted = samples.toSorted((a, b) => a - b);
  figures.push({ name, unit, samples });
  const [least, most] = [sorted[0] ?? 0, sorted.at(-1) ?? 0];
  const median = sorted[sorted.length >> 1] ?? 0;
  const show = (n: number) => n.toPrecision(4).padStart(9);
  console.log(`${name.padEnd(46)} ${show(least)} ${show(median)} ${show(most)}  ${unit}`);
}

function seconds(act: () => void): number {
  const start = performance.now();
  act();
  return (performance.now() - start) / 1000;
}

const haveQemu = (() => {
  try {
    return new Deno.Command("qemu-sh4", { args: ["--version"], stdout: "null", stderr: "null" })
      .outputSync().success;
  } catch {
    return false;
  }
})();

function runGuest(name: string, guestArgs: string[]): number {
  const run = ProgramRun.start(
    { profile, seed: 1, console: new Recorder(new Uint8Array(0)).console },
    {
      path: `/bin/${name}`,
      executable: Deno.readFileSync(`${guests}${name}.elf`),
      args: guestArgs,
    },
  );
  run.runTo();
  return run.instructions;
}

/** The evaluator on a guest, against qemu-sh4 on the same file, whole process. */
function speed(name: string, ...guestArgs: string[]): void {
  runGuest(name, guestArgs); // the compiler of the host warms up
  const mips: number[] = [], ratios: number[] = [];
  for (let n = 0; n < pairs; n++) {
    let instructions = 0;
    const here = seconds(() => instructions = runGuest(name, guestArgs));
    mips.push(instructions / here / 1e6);
    if (!haveQemu) continue;
    const there = seconds(() => {
      new Deno.Command("qemu-sh4", {
        args: [`${guests}${name}.elf`, ...guestArgs],
        stdout: "null",
      }).outputSync();
    });
    ratios.push(there / here);
  }
  figure(`${name} ${guestArgs.join(" ")}: evaluator`, "MIPS", mips);
  if (haveQemu) figure(`${name} ${guestArgs.join(" ")}: speed / qemu-sh4's`, "ratio", ratios);
  else console.log(`${name}: not compared, qemu-sh4 is not installed`);
}

/**
 * Checkpoint and restore of a process of 64 MiB, against a plain copy of 64 MiB. A concurrent
 * checkpoint's time has that of the program in it, which runs on meanwhile.
 */
function checkpoint(): void {
  const bytes = 64 * 2 ** 20;
  const source = new Uint8Array(bytes).fill(1), target = new Uint8Array(bytes);
  const executable = Deno.readFileSync(`${guests}wmem2.elf`);
  const options = { profile, seed: 1, console: {} };
  /** A program in the middle of writing all its pages over and over. */
  const begin = () => {
    const run = ProgramRun.start(options, {
      path: "/bin/wmem2",
      executable,
      args: ["16384", "1000", "50"],
    });
    run.runTo(4_000_000);
    return run;
  };
  const rows: Record<string, number[]> = {};
  const note = (name: string, value: number) => (rows[name] ??= []).push(value);
  for (let n = 0; n < pairs; n++) {
    const copy = seconds(() => target.set(source));
    for (const strategy of checkpointers) {
      const { values } = readOptions(strategy.options, {});
      const run = begin();
      let image!: ReturnType<ProgramRun["checkpoint"]>["image"];
      const taken = seconds(() => image = run.checkpoint(strategy, values as never).image);
      note(`${strategy.name}: checkpoint / copy`, taken / copy);
      note(`${strategy.name}: checkpoint`, bytes / 2 ** 20 / taken);
      const restored = seconds(() => ProgramRun.restore(options, image, executable));
      note(`${strategy.name}: restore / copy`, restored / copy);
      note(`${strategy.name}: restore`, bytes / 2 ** 20 / restored);
    }
    note("plain copy", bytes / 2 ** 20 / copy);
  }
  for (const [name, samples] of Object.entries(rows)) {
    figure(`64 MiB, ${name}`, name.includes("/") ? "ratio" : "MiB/s", samples);
  }
}

const machine = { os: Deno.build.os, arch: Deno.build.arch };
console.log(
  `${machine.os} ${machine.arch}, ${navigator.hardwareConcurrency} processors, ` +
    `Deno ${Deno.version.deno}, ${pairs} pairs`,
);
console.log(
  `${"".padEnd(46)} ${"minimum".padStart(9)} ${"median".padStart(9)} ${"maximum".padStart(9)}`,
);
speed("matmul", "96");
speed("sort", "2000");
speed("fft", "8192");
checkpoint();
if (args.json !== undefined) {
  Deno.writeTextFileSync(args.json, JSON.stringify({ machine, figures }, undefined, 2) + "\n");
}
