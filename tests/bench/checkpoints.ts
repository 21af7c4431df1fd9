/** Checkpoint and restore of a process of 64 MiB, against a plain copy of 64 MiB. */
import { type Image, ProgramRun } from "../../core/mod.ts";
import { strategies } from "../oracle/runner.ts";
import { bigProcess, BYTES, executable, MEBIBYTES, RUN_OPTIONS } from "./big_process.ts";
import type { Sheet } from "./figure.ts";
import type { BenchOptions } from "./options.ts";
import { ratiosOf, seconds } from "./pair.ts";

const GAP = 50;

const speeds = (taken: readonly number[]): readonly number[] =>
  taken.map((each) => MEBIBYTES / each);

/**
 * The part. A checkpoint's time is from the request to the image in the memory of the host; that of
 * a concurrent one has the program in it, which runs on meanwhile.
 */
export function checkpoints({ pairs }: BenchOptions, sheet: Sheet): void {
  const source = new Uint8Array(BYTES).fill(1), target = new Uint8Array(BYTES);
  target.set(source); // the first copy also pays for the host's pages
  const copies: number[] = [];
  const rows = strategies.map(({ strategy, options }) => ({
    strategy,
    options,
    taken: [] as number[],
    restored: [] as number[],
  }));
  for (let n = 0; n < pairs; n++) {
    sheet.progress(`checkpoints: pair ${n + 1} of ${pairs}`);
    copies.push(seconds(() => target.set(source)));
    for (const { strategy, options, taken, restored } of rows) {
      const run = bigProcess(GAP);
      let image: Image | undefined;
      taken.push(seconds(() => image = run.checkpoint(strategy, options).image));
      restored.push(seconds(() => ProgramRun.restore(RUN_OPTIONS, image as Image, executable)));
    }
  }
  for (const { strategy: { name }, taken, restored } of rows) {
    sheet.figure(`64 MiB, ${name}: checkpoint / copy`, "ratio", ratiosOf(taken, copies));
    sheet.figure(`64 MiB, ${name}: restore / copy`, "ratio", ratiosOf(restored, copies));
    sheet.figure(`64 MiB, ${name}: checkpoint`, "MiB/s", speeds(taken));
    sheet.figure(`64 MiB, ${name}: restore`, "MiB/s", speeds(restored));
  }
  sheet.figure("64 MiB, plain copy", "MiB/s", speeds(copies));
}
