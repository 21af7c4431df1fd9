/** Programs frozen at a point and started again by the kernel here. */
import { STEP } from "../../../core/image/export_script.ts";
import { PAGE_BYTES } from "../../../core/image/image.ts";
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

const STEP_BYTES = 40;

/** A program with what it is given. */
export interface Frozen {
  readonly executable: Uint8Array;
  readonly args?: readonly string[];
  readonly input?: Uint8Array;
  readonly mounts?: Readonly<Record<string, HostProvider>>;
  /** What whoever starts it does to the process before. */
  readonly prepare?: (process: ProgramRun["process"]) => void;
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

function begin({ executable, args = [], input = NOTHING, mounts = {}, prepare }: Frozen) {
  const recorder = new Recorder(input);
  const options = { profile, seed: 1, console: recorder.console, mounts };
  const run = ProgramRun.start(options, { path: PATH, executable, args });
  prepare?.(run.process);
  return { run, recorder };
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

/** A frozen program in whose script each step of a kind with a call has another word somewhere. */
export function changeSteps(
  executable: Uint8Array,
  step: { readonly kind: number; readonly number: number },
  changed: { readonly word: number; readonly to: number },
): Uint8Array {
  const bytes = executable.slice();
  const view = new DataView(bytes.buffer);
  let count = 0;
  for (let at = PAGE_BYTES; view.getUint32(at, true) !== STEP.end; at += STEP_BYTES) {
    if (view.getUint32(at, true) !== step.kind) continue;
    if (view.getUint32(at + 4, true) !== step.number) continue;
    view.setUint32(at + 4 * changed.word, changed.to, true);
    count++;
  }
  if (count === 0) throw new Error(`no step of kind ${step.kind} makes call ${step.number}`);
  return bytes;
}

/** How a frozen program must end, and how it did, each in words. */
export function compareAt(program: Frozen, at: number, whole: End): readonly [string, string] {
  const { frozen, rest } = freezeAt(program, at, whole);
  const text = ({ code, output, error }: End) => JSON.stringify({ code, output, error });
  return [text(rest), text(runAll(frozen))];
}
