/** `exec` at work: one program with the real standard streams, checkpointed and brought back. */
import {
  type Checkpointer,
  type ConsoleOptions,
  decode,
  DenoDirectory,
  ElfError,
  exitCode,
  holdsImage,
  type Image,
  ImageError,
  MemoryStore,
  needsExecutable,
  PROFILE,
  ProgramRun,
  type ProgramRunOptions,
  readOptions,
  reportDeath,
  SpawnError,
  StrategyError,
  type Stream,
  writeFolder,
} from "../core/mod.ts";
import { EXIT } from "./exit.ts";
import type { ExecRequest, Host } from "./host.ts";
import { hostFiles } from "./host_files.ts";

/** Something the user can mend: one line, and the exit code of its kind. */
class Trouble extends Error {
  constructor(message: string, readonly code: number) {
    super(message);
  }
}

const seen = (error: unknown): string => error instanceof Error ? error.message : String(error);

function readProgram(path: string): Uint8Array {
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    throw new Trouble(`cannot read the program '${path}': ${seen(error)}`, EXIT.script);
  }
}

/** The real standard streams. */
function realConsole(): ConsoleOptions {
  const buffer = new Uint8Array(65536);
  const streams = { output: Deno.stdout, error: Deno.stderr };
  const terminal = ([
    ["input", Deno.stdin.isTerminal()],
    ["output", Deno.stdout.isTerminal()],
    ["error", Deno.stderr.isTerminal()],
  ] as const).filter(([, is]) => is).map(([stream]): Stream => stream);
  return {
    terminal,
    input: (most) => {
      const count = Deno.stdin.readSync(buffer.subarray(0, most));
      return buffer.slice(0, count ?? 0);
    },
    sink: (stream, bytes) => {
      try {
        for (let at = 0; at < bytes.length;) at += streams[stream].writeSync(bytes.subarray(at));
      } catch (error) {
        // Whoever reads has had enough; the program would learn of it by SIGPIPE.
        if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
      }
    },
  };
}

function optionsOf(request: ExecRequest): ProgramRunOptions {
  const mounts: Record<string, ReturnType<typeof hostFiles>> = {};
  for (const { guest, host } of request.mounts) {
    const files = hostFiles(host);
    if (files.stat("") === undefined) {
      throw new Trouble(`--mount ${guest}=${host}: there is no '${host}' to mount`, EXIT.usage);
    }
    mounts[guest] = files;
  }
  const profile = readOptions(PROFILE, { ram: 256 * 2 ** 20 }).values;
  return { profile, seed: 0, console: realConsole(), mounts };
}

function begin(request: ExecRequest, options: ProgramRunOptions): ProgramRun {
  if (request.restore !== undefined) return bringBack(request.restore, options);
  const path = request.program as string;
  return ProgramRun.start(options, {
    path,
    executable: readProgram(path),
    args: request.args,
    environment: Object.entries(request.environment).map(([name, value]) => `${name}=${value}`),
  });
}

/** The image names its program as it was called; only an image that leaves pages to it needs it. */
function bringBack(folder: string, options: ProgramRunOptions): ProgramRun {
  const image = decode(new DenoDirectory(folder));
  const { path } = image.manifest.executable;
  const executable = needsExecutable(image) ? readProgram(path) : undefined;
  return ProgramRun.restore(options, image, executable);
}

function checkpoint(run: ProgramRun, request: ExecRequest, host: Host): void {
  const name = request.checkpointer ?? "stop-the-world";
  const row = host.vocabulary.checkpointers.find((each) => each.name === name);
  if (row === undefined) throw new Trouble(`there is no checkpointer '${name}'`, EXIT.usage);
  const { values } = readOptions(row.options, {});
  const { image } = run.checkpoint(row as Checkpointer, values, new MemoryStore());
  save(image, request.image as string, host);
}

function save(image: Image, folder: string, host: Host): void {
  const { bytes, storedPages, executablePages } = writeFolder(folder, image);
  host.stderr(
    `checkpoint in '${folder}': ${bytes} bytes, ${storedPages} pages, ` +
      `${executablePages} left to the executable\n`,
  );
}

/** The folder is looked at before the program runs, so that no work is lost. */
function checkFolder(folder: string): void {
  const directory = new DenoDirectory(folder);
  if (directory.exists() && holdsImage(directory)) {
    throw new Trouble(`'${folder}' holds an image already; name another folder`, EXIT.usage);
  }
}

function report(run: ProgramRun, request: ExecRequest, host: Host, startMs: number): void {
  const { kernel } = run.node;
  for (const { name, number, why, count } of kernel.unknownCalls) {
    const call = name ?? `system call ${number}`;
    host.stderr(`${call}: answered ENOSYS ${count} times (${why})\n`);
  }
  if (!request.stats) return;
  const seconds = (host.clock() - startMs) / 1000;
  const { refills, firstTouches, firstWrites } = kernel.refillCounts;
  const { systemCalls } = run.process;
  const rows: readonly (readonly [string, string])[] = [
    ["instructions", String(run.instructions)],
    ["virtual time", `${(kernel.now / kernel.clockHz).toFixed(6)} s`],
    ["TLB refills", String(refills)],
    ["pages touched", String(firstTouches)],
    ["first writes", String(firstWrites)],
    ["system calls", String(systemCalls)],
    ["host time", `${seconds.toFixed(3)} s`],
    ["speed", `${(run.instructions / seconds / 1e6).toFixed(1)} MIPS`],
  ];
  for (const [name, value] of rows) host.stderr(`${name.padEnd(14)} ${value}\n`);
}

function carryOut(request: ExecRequest, host: Host): number {
  const startMs = host.clock();
  if (request.image !== undefined) checkFolder(request.image);
  const run = begin(request, optionsOf(request));
  if (request.strace) {
    run.node.kernel.observer = { call: ({ line }) => host.stderr(`${line}\n`) };
  }
  const budget = request.budget === undefined ? Infinity : run.instructions + request.budget;
  if (request.checkpointAt !== undefined) {
    if (run.runTo(Math.min(request.checkpointAt, budget)) === "ended") {
      host.stderr(
        `no checkpoint: the program ended after ${run.instructions} instructions, ` +
          `before --checkpoint-at ${request.checkpointAt}\n`,
      );
    } else checkpoint(run, request, host);
  }
  const end = run.runTo(budget);
  report(run, request, host, startMs);
  const { exit } = run.process;
  if (exit === undefined) {
    host.stderr(
      end === "budget"
        ? `stopped: the budget of ${request.budget} instructions is spent\n`
        : "stopped: the program waits for something that will never come\n",
    );
    return EXIT.unknown;
  }
  if (exit.kind === "killed") {
    host.stderr(`${reportDeath(run.process.name, run.process.id, exit.death)}\n`);
  }
  return exitCode(exit);
}

/** Runs a program; the program's own exit code, or that of what went wrong. */
export function exec(request: ExecRequest, host: Host): Promise<number> {
  try {
    return Promise.resolve(carryOut(request, host));
  } catch (error) {
    const code = error instanceof Trouble
      ? error.code
      : error instanceof ElfError || error instanceof ImageError || error instanceof SpawnError
      ? EXIT.script
      : error instanceof StrategyError
      ? EXIT.plugin
      : undefined;
    if (code === undefined) throw error;
    host.stderr(`error: ${(error as Error).message}\n`);
    return Promise.resolve(code);
  }
}
