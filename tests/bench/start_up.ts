/** Whole processes that have little to do: what starting costs, and whether translating pays. */
import type { Sheet } from "./figure.ts";
import type { BenchOptions } from "./options.ts";
import { inTurn, ratiosOf } from "./pair.ts";
import { type Ended, ROOT, runExec, runProcess } from "./whole_process.ts";

const guest = (name: string): string => `${ROOT}scenarios/guests/${name}.elf`;

/** It prints one line, after some 1200 instructions. */
const HELLO = [guest("counter"), "1", "0"];
/** Some 430,000 instructions: about 5 ms of a warm evaluator. */
const SHORT = [guest("matmul"), "32"];

/** What `exec --stats` says the run itself took, in ms: without loading the program of the host. */
function runningMs({ error }: Ended): number {
  const seconds = /^host time +([\d.]+) s$/m.exec(error)?.[1];
  if (seconds === undefined) throw new Error(`--stats tells no host time:\n${error}`);
  return Number(seconds) * 1000;
}

/** The part. */
export function startUp({ pairs }: BenchOptions, haveQemu: boolean, sheet: Sheet): void {
  sheet.progress("start: one line of output");
  runExec([], HELLO); // the first process of a host compiles what the next find compiled
  const empty = () => runProcess(Deno.execPath(), ["eval", "0"]).seconds;
  const hello = inTurn(pairs, () => runExec([], HELLO).seconds, empty);
  sheet.figure("exec of a program of one line: whole process", "s", hello.first);
  sheet.figure("the same / a process of Deno that does nothing", "ratio", hello.ratios);
  if (haveQemu) {
    const qemu = () => runProcess("qemu-sh4", HELLO).seconds;
    const { ratios } = inTurn(pairs, () => runExec([], HELLO).seconds, qemu);
    sheet.figure("the same / qemu-sh4 on it", "ratio", ratios);
  } else sheet.skip("one line of output against qemu-sh4", "qemu-sh4 is not installed");

  sheet.progress("start: a short program with and without the translator");
  const running = { on: [] as number[], off: [] as number[] };
  const timed = (jit: "on" | "off") => () => {
    const ended = runExec(["--jit", jit, "--stats"], SHORT);
    running[jit].push(runningMs(ended));
    return ended.seconds;
  };
  const { ratios } = inTurn(pairs, timed("on"), timed("off"));
  sheet.figure("matmul 32, whole process: --jit on / --jit off", "ratio", ratios);
  sheet.figure(
    "matmul 32, the run in it: --jit on / --jit off",
    "ratio",
    ratiosOf(running.on, running.off),
  );
  sheet.figure("matmul 32, the run in it: --jit on", "ms", running.on);
  sheet.figure("matmul 32, the run in it: --jit off", "ms", running.off);
}
