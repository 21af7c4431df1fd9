/** Runs one program here and under qemu-sh4, for tests that compare the two. */
import { hostFiles } from "../../dsl/host_files.ts";
import { checkpointers } from "../../plugins/mod.ts";
import {
  type Checkpointer,
  EngineDifference,
  type EngineOptions,
  exitCode,
  type Image,
  PROFILE,
  type Profile,
  ProgramRun,
  readOptions,
} from "../../core/mod.ts";
import { differenceText } from "../core/machine/wasm_text.ts";

/** A program with arguments and input. */
export interface Case {
  readonly name: string;
  readonly file: string;
  readonly args?: readonly string[];
  readonly input?: Uint8Array;
  /** Host files by guest path; under qemu the same paths are the host's own. */
  readonly mounts?: readonly string[];
  /** It prints times, which are the host's under qemu-sh4: numbers in its output are not compared. */
  readonly printsTimes?: boolean;
  /** It is so short that it is frozen wherever it waits and in its handlers, too. */
  readonly isDelicate?: boolean;
}

/** What came of a run. */
export interface Outcome {
  readonly code: number;
  readonly output: string;
  readonly error: string;
}

/** A node for these tests: costs as by default, enough memory. */
export const profile: Profile =
  readOptions(PROFILE, { ram: 256 * 2 ** 20, disk: 400_000_000 }).values;

/** Every built-in checkpointer that saves any process, with its default options. */
export const strategies: readonly { strategy: Checkpointer; options: Record<string, never> }[] =
  checkpointers.filter(({ refuses }) => refuses === undefined).map((strategy) => ({
    strategy,
    options: readOptions(strategy.options, {}).values as Record<string, never>,
  }));

/** Collects what a program writes, and gives it its input. */
export class Recorder {
  private readonly streams = { output: new Uint8Array(0), error: new Uint8Array(0) };
  private at = 0;
  constructor(private readonly input: Uint8Array) {}

  readonly console = {
    input: (most: number) => {
      const part = this.input.subarray(this.at, this.at + most);
      this.at += part.length;
      return part;
    },
    sink: (stream: "output" | "error", bytes: Uint8Array) => {
      const old = this.streams[stream];
      const joined = new Uint8Array(old.length + bytes.length);
      joined.set(old);
      joined.set(bytes, old.length);
      this.streams[stream] = joined;
    },
  };

  /** A world that saw `output` and `error` bytes and gave `read` bytes: where an image was taken. */
  static at(input: Uint8Array, from: Recorder, counts: Readonly<Record<string, number>>): Recorder {
    const recorder = new Recorder(input);
    recorder.at = counts["input"] ?? 0;
    recorder.streams.output = from.streams.output.slice(0, counts["output"]);
    recorder.streams.error = from.streams.error.slice(0, counts["error"]);
    return recorder;
  }

  outcome(code: number): Outcome {
    const text = (bytes: Uint8Array) => new TextDecoder("latin1").decode(bytes);
    return { code, output: text(this.streams.output), error: text(this.streams.error) };
  }
}

const optionsFor = (recorder: Recorder, program: Case, engine: EngineOptions) => ({
  profile,
  seed: 1,
  engine,
  console: recorder.console,
  mounts: Object.fromEntries((program.mounts ?? []).map((path) => [path, hostFiles(path)])),
});

const baseName = (file: string) => file.slice(file.lastIndexOf("/") + 1);

function start(program: Case, recorder: Recorder, engine: EngineOptions): ProgramRun {
  return ProgramRun.start(optionsFor(recorder, program, engine), {
    path: `/bin/${baseName(program.file)}`,
    name: program.file,
    executable: Deno.readFileSync(program.file),
    args: program.args ?? [],
  });
}

const codeOf = (run: ProgramRun): number =>
  run.process.exit === undefined ? -1 : exitCode(run.process.exit);

/** Who runs a program, and how far. */
export interface RunOptions {
  readonly engine?: EngineOptions;
  /** It is stopped after so many instructions. */
  readonly most?: number;
}

/** Runs a program here, to its end or for at most so many instructions. */
export function runHere(
  program: Case,
  { engine = {}, most = Infinity }: RunOptions = {},
): { outcome: Outcome; instructions: number; ended: boolean } {
  const recorder = new Recorder(program.input ?? new Uint8Array(0));
  const run = start(program, recorder, engine);
  const ended = run.runTo(most) !== "budget";
  return { outcome: recorder.outcome(codeOf(run)), instructions: run.instructions, ended };
}

/** Translations are long: of so many the text is told, of others the differences and the region. */
const MOST_TOLD = 3;
let told = 0;

/** What went wrong in a run, in words; where engines differ, all there is to know about it. */
export function problemText(error: unknown): string {
  if (!(error instanceof EngineDifference)) return String(error);
  return told++ < MOST_TOLD ? differenceText(error) : error.message;
}

/**
 * Runs a program to a point, takes a checkpoint there, lets it go on to the end, and brings it back
 * from the image on another machine: both ends must be the same.
 */
export function runWithCheckpoint(
  program: Case,
  at: number,
  { strategy, options }: (typeof strategies)[number],
  engine: EngineOptions = {},
): { through: Outcome; restored: Outcome } {
  const input = program.input ?? new Uint8Array(0);
  const recorder = new Recorder(input);
  const run = start(program, recorder, engine);
  run.runTo(at);
  const { image } = run.checkpoint(strategy, options);
  run.runTo();
  const { console } = image.manifest.process.files;
  const read = console.input + console.pending.length;
  const second = Recorder.at(input, recorder, { ...console, input: read } as never);
  const back = ProgramRun.restore(
    optionsFor(second, program, engine),
    image,
    Deno.readFileSync(program.file),
  );
  back.runTo();
  return { through: recorder.outcome(codeOf(run)), restored: second.outcome(codeOf(back)) };
}

/** An image of a program after so many instructions. */
export function imageAt(program: Case, at: number, engine: EngineOptions = {}): Image {
  const run = start(program, new Recorder(program.input ?? new Uint8Array(0)), engine);
  run.runTo(at);
  const stop = strategies.find(({ strategy }) => strategy.name === "stop-the-world");
  if (stop === undefined) throw new Error("there is no strategy 'stop-the-world'");
  return run.checkpoint(stop.strategy, stop.options).image;
}

/** The instruction counts at which a program waits in a system call or is in a handler of signals. */
export function delicatePoints(program: Case, most: number, engine: EngineOptions = {}): number[] {
  const run = start(program, new Recorder(program.input ?? new Uint8Array(0)), engine);
  const points: number[] = [];
  for (let at = 1; at < most; at++) {
    run.runTo(at);
    const [thread] = run.process.threads;
    if (thread === undefined) break;
    const { address, size } = thread.signals.alternateStack;
    const stack = run.node.kernel.registersOf(thread).r[15] ?? 0;
    const inHandler = stack > address && stack <= address + size;
    if (thread.call !== undefined || inHandler) points.push(at);
  }
  return points;
}

/** What `timeout` and the shell end with when the program did not: too long, not to be run, not there. */
const HARNESS_CODES: readonly number[] = [124, 125, 126, 127];

/** Runs a program under qemu-sh4; a signal's code is 128 and its number, as here. */
export function runUnderQemu(program: Case): Outcome {
  // A synchronous run cannot feed a pipe, so the input goes through a file and the shell.
  const input = Deno.makeTempFileSync();
  Deno.writeFileSync(input, program.input ?? new Uint8Array(0));
  try {
    const { code, stdout, stderr } = new Deno.Command("sh", {
      args: ["-c", 'in=$1; shift; exec timeout 60 qemu-sh4 "$@" <"$in"', "sh", input].concat(
        [program.file, ...(program.args ?? [])],
      ),
      stdout: "piped",
      stderr: "piped",
    }).outputSync();
    if (HARNESS_CODES.includes(code)) {
      throw new Error(`qemu-sh4 did not run ${program.file} to its end: exit ${code}`);
    }
    const text = (bytes: Uint8Array) => new TextDecoder("latin1").decode(bytes);
    return { code, output: text(stdout), error: text(stderr) };
  } finally {
    Deno.removeSync(input);
  }
}
