/** A process of 64 MiB in the middle of writing all its pages, over and over. */
import { ProgramRun, type ProgramRunOptions } from "../../core/mod.ts";
import { profile } from "../oracle/runner.ts";
import { ROOT } from "./whole_process.ts";

export const MEBIBYTES = 64;
export const BYTES = MEBIBYTES * 2 ** 20;
export const PAGES = BYTES / 4096;

export const RUN_OPTIONS: ProgramRunOptions = {
  profile,
  seed: 1,
  engine: { jit: "on" },
  console: {},
};

export const executable: Uint8Array = Deno.readFileSync(`${ROOT}scenarios/guests/wmem2.elf`);

/** What the program does between two pauses, at most, in instructions. */
const BESIDES = 30;

/**
 * The program stores a word into one page after the other and pauses after each for `gap` turns of
 * a loop of two instructions. It is a little into its second sweep, so that every page is there.
 */
export function bigProcess(gap: number): ProgramRun {
  const run = ProgramRun.start(RUN_OPTIONS, {
    path: "/bin/wmem2",
    executable,
    args: [String(PAGES), "1000", String(gap)],
  });
  run.runTo(PAGES * (2 * gap + BESIDES));
  if (run.node.kernel.refillCounts.firstWrites < PAGES) {
    throw new Error("the program has not yet written all its pages");
  }
  return run;
}
