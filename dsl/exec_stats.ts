/** What `exec --stats` prints: what the program did, and which engine did it. */
import type { ProgramRun } from "../core/mod.ts";

/** A name and what is counted under it; a part of the row before it begins with a blank. */
type Row = readonly [name: string, value: string];

/** Nothing where there is no translator. */
function translatorRows({ node: { kernel: { machine } } }: ProgramRun): {
  readonly instructions: readonly Row[];
  readonly work: readonly Row[];
} {
  const { translated: counts } = machine;
  if (counts === undefined) return { instructions: [], work: [] };
  return {
    instructions: [
      ["  translated", String(counts.instructions)],
      ["  evaluated", String(machine.instructions - counts.instructions)],
    ],
    work: [
      ["translations", String(counts.translations + counts.shared)],
      ["  compiled", String(counts.translations)],
      ["  shared", String(counts.shared)],
      ["  invalidated", String(counts.invalidations)],
      ["  WebAssembly", `${counts.bytes} bytes`],
      ["  host time", `${counts.milliseconds.toFixed(1)} ms`],
    ],
  };
}

/** The figures of a run that took so many seconds of the host's. */
export function statsText(run: ProgramRun, seconds: number): string {
  const { node: { kernel }, process } = run;
  const { refills, firstTouches, firstWrites } = kernel.refillCounts;
  const { instructions, work } = translatorRows(run);
  const { machine } = kernel;
  const rows: readonly Row[] = [
    ["instructions", String(run.instructions)],
    ...instructions,
    ["virtual time", `${(kernel.now / kernel.clockHz).toFixed(6)} s`],
    ["TLB refills", String(refills)],
    ["  reloads", String(machine.reloads)],
    ["pages touched", String(firstTouches)],
    ["first writes", String(firstWrites)],
    ["system calls", String(process.systemCalls)],
    ...work,
    ["host time", `${seconds.toFixed(3)} s`],
    // An image's program has run before, on another machine.
    ["speed", `${(machine.instructions / seconds / 1e6).toFixed(1)} MIPS`],
  ];
  return rows.map(([name, value]) => `${name.padEnd(14)} ${value}\n`).join("");
}
