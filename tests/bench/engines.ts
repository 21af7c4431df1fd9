/** Both engines in this process: instructions a second of either, and their ratio. */
import { type Jit, ProgramRun } from "../../core/mod.ts";
import { profile, Recorder } from "../oracle/runner.ts";
import type { Sheet } from "./figure.ts";
import type { BenchOptions } from "./options.ts";
import { inTurn, seconds } from "./pair.ts";
import { ROOT } from "./whole_process.ts";

const PROGRAMS = [
  { name: "matmul", size: "160", quick: "48" },
  { name: "fft", size: "32768", quick: "2048" },
  { name: "sort", size: "4000", quick: "800" },
] as const;

/** What one run came to. */
interface Run {
  readonly mips: number;
  readonly instructions: number;
  readonly output: string;
}

function runGuest(name: string, size: string, jit: Jit): Run {
  const recorder = new Recorder(new Uint8Array(0));
  const run = ProgramRun.start({ profile, seed: 1, engine: { jit }, console: recorder.console }, {
    path: `/bin/${name}`,
    executable: Deno.readFileSync(`${ROOT}scenarios/guests/${name}.elf`),
    args: [size],
  });
  const taken = seconds(() => run.runTo());
  const { instructions } = run;
  return { mips: instructions / taken / 1e6, instructions, output: recorder.outcome(0).output };
}

/**
 * The part. Each engine has run the program once before: the host's compiler is warm, and what was
 * translated is found translated. What translating costs is in the figures of whole processes.
 */
export function engines({ pairs, quick }: BenchOptions, sheet: Sheet): void {
  for (const { name, size: full, quick: small } of PROGRAMS) {
    const size = quick ? small : full;
    sheet.progress(`engines: ${name} ${size}`);
    const expected = runGuest(name, size, "off");
    const timed = (jit: Jit) => () => {
      const { mips, instructions, output } = runGuest(name, size, jit);
      if (instructions !== expected.instructions || output !== expected.output) {
        throw new Error(`${name} ${size}: the engines differ`);
      }
      return mips;
    };
    timed("on")();
    const { first, second, ratios } = inTurn(pairs, timed("on"), timed("off"));
    sheet.figure(`${name} ${size}: speed translated / evaluated`, "ratio", ratios);
    sheet.figure(`${name} ${size}: translated`, "MIPS", first);
    sheet.figure(`${name} ${size}: evaluated`, "MIPS", second);
  }
}
