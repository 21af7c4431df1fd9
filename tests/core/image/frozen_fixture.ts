/** Programs frozen at a point and started again by the kernel here. */
import { Recorder, strategies } from "../../oracle/runner.ts";
import {
  exitCode,
  exportImage,
  type HostProvider,
  type Image,
  PROFILE,
  ProgramRun,
  readOptions,
} from "../../../core/mod.ts";

/** A program with what it is given. */
export interface Frozen {
  readonly executable: Uint8Array;
  readonly args?: readonly string[];
  readonly input?: Uint8Array;
  readonly mounts?: Readonly<Record<string, HostProvider>>;
}

/** What came of it. */
export interface End {
  readonly code: number | undefined;
  readonly output: string;
  readonly error: string;
  readonly instructions: number;
}

const PATH = "/bin/program";
const profile = readOptions(PROFILE, { ram: 64 * 2 ** 20 }).values;
const NOTHING = new Uint8Array(0);

function begin({ executable, args = [], input = NOTHING, mounts = {} }: Frozen) {
  const recorder = new Recorder(input);
  const options = { profile, seed: 1, console: recorder.console, mounts };
  return { run: ProgramRun.start(options, { path: PATH, executable, args }), recorder };
}

/** Runs a program to its end. */
export function runAll(program: Frozen): End {
  const { run, recorder } = begin(program);
  run.runTo();
  const { exit } = run.process;
  const { output, error } = recorder.outcome(0);
  const code = exit === undefined ? undefined : exitCode(exit);
  return { code, output, error, instructions: run.instructions };
}

/** The instruction counts in a range at which a program waits in a system call, and which call. */
export function waitsOf(program: Frozen, to: number, from = 1): readonly (readonly number[])[] {
  const { run } = begin(program);
  const waits: (readonly number[])[] = [];
  for (let at = from; at < to; at++) {
    run.runTo(at);
    const call = run.process.threads[0]?.call;
    if (call !== undefined) waits.push([at, call.number]);
  }
  return waits;
}

/** The image of a program after so many instructions. */
export function imageAt(program: Frozen, at: number): Image {
  const { run } = begin(program);
  run.runTo(at);
  const stop = strategies.find(({ strategy }) => strategy.name === "stop-the-world");
  if (stop === undefined) throw new Error("there is no strategy 'stop-the-world'");
  return run.checkpoint(stop.strategy, stop.options).image;
}

/** A program frozen after so many instructions: what is to be started, and what it has to print. */
export function freezeAt(program: Frozen, at: number, whole: End): { frozen: Frozen; rest: End } {
  const image = imageAt(program, at);
  const { bytes, inputTaken } = exportImage(image, program.executable);
  const { output, error } = image.manifest.process.files.console;
  const { mounts = {}, input = NOTHING } = program;
  return {
    frozen: { executable: bytes, input: input.slice(inputTaken), mounts },
    rest: { ...whole, output: whole.output.slice(output), error: whole.error.slice(error) },
  };
}

/** How a frozen program must end, and how it did, each in words. */
export function compareAt(program: Frozen, at: number, whole: End): readonly [string, string] {
  const { frozen, rest } = freezeAt(program, at, whole);
  const text = ({ code, output, error }: End) => JSON.stringify({ code, output, error });
  return [text(rest), text(runAll(frozen))];
}
