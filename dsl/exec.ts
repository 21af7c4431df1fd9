/** `exec` at work: one program with the real standard streams, checkpointed and brought back. */
import {
  type Checkpointer,
  type ConsoleOptions,
  describeUnknown,
  ElfError,
  exitCode,
  type Image,
  ImageError,
  MemoryStore,
  needsExecutable,
  PROFILE,
  type ProgramEnd,
  ProgramRun,
  type ProgramRunOptions,
  readOptions,
  reportDeath,
  SpawnError,
  StrategyError,
  type Stream,
} from "../core/mod.ts";
import { checkFile, checkNotProgram, saveExecutable } from "./exec_export.ts";
import { checkImagePlace, loadImage, saveImage } from "./exec_images.ts";
import { asLine, readProgram, seen, Trouble, writeStream } from "./exec_host.ts";
import { statsText } from "./exec_stats.ts";
import { EXIT } from "./exit.ts";
import type { ExecRequest, Host } from "./host.ts";
import { hostFiles } from "./host_files.ts";

/** The real standard streams. */
function realConsole(): ConsoleOptions {
  const buffer = new Uint8Array(65536);
  const terminal = ([
    ["input", Deno.stdin.isTerminal()],
    ["output", Deno.stdout.isTerminal()],
    ["error", Deno.stderr.isTerminal()],
  ] as const).filter(([, is]) => is).map(([stream]): Stream => stream);
  return {
    terminal,
    input: (most) => {
      try {
        const count = Deno.stdin.readSync(buffer.subarray(0, most));
        return buffer.slice(0, count ?? 0);
      } catch (error) {
        throw new Trouble(`cannot read standard input: ${seen(error)}`, EXIT.usage);
      }
    },
    sink: writeStream,
  };
}

/** Why a guest path cannot be mounted at beside those before it, or nothing. */
function misplaced(guest: string, others: readonly string[]): string | undefined {
  const parts = guest.split("/").slice(1);
  if (!guest.startsWith("/") || parts.some((part) => ["", ".", ".."].includes(part))) {
    return "the name for the program must be an absolute path below '/', as /data/file";
  }
  if (parts[0] === "dev") return "'/dev' holds the devices; choose another place";
  const inTheWay = others.find((other) =>
    `${guest}/`.startsWith(`${other}/`) || other.startsWith(`${guest}/`)
  );
  if (inTheWay === undefined) return undefined;
  return `'${inTheWay}' is mounted already, and one would cover the other; choose another place`;
}

function optionsOf(request: ExecRequest, host: Host): ProgramRunOptions {
  const mounts: Record<string, ReturnType<typeof hostFiles>> = {};
  for (const { guest, host: path } of request.mounts) {
    const wrong = misplaced(guest, Object.keys(mounts));
    if (wrong !== undefined) throw new Trouble(`--mount ${guest}=${path}: ${wrong}`, EXIT.usage);
    const files = hostFiles(path);
    if (files.stat("") === undefined) {
      throw new Trouble(
        `--mount ${guest}=${path}: there is no '${path}' that is a file or folder and may be read`,
        EXIT.usage,
      );
    }
    mounts[guest] = files;
  }
  const profile = readOptions(PROFILE, { ram: 256 * 2 ** 20 }).values;
  const engine = { jit: request.jit, clock: host.clock };
  return { profile, seed: 0, engine, console: realConsole(), mounts };
}

async function begin(request: ExecRequest, options: ProgramRunOptions): Promise<ProgramRun> {
  if (request.restore !== undefined) return await bringBack(request, options);
  const path = request.program as string;
  return ProgramRun.start(options, {
    path,
    executable: readProgram(path, "name a program built for SH-4"),
    args: request.args,
    environment: Object.entries(request.environment).map(([name, value]) => `${name}=${value}`),
  });
}

/** The image names its program as it was called; only an image that leaves pages to it needs it. */
function restored(image: Image, options: ProgramRunOptions): ProgramRun {
  const { path } = image.manifest.executable;
  const advice = "the image leaves pages to it: put it back where it was";
  const executable = needsExecutable(image) ? readProgram(path, advice) : undefined;
  return ProgramRun.restore(options, image, executable);
}

/** The image to go on from; its program's file is not one to export to where it is needed. */
async function imageOf(request: ExecRequest): Promise<Image> {
  const image = await loadImage(request.restore as string);
  if (request.export !== undefined && needsExecutable(image)) {
    checkNotProgram(request.export, image.manifest.executable.path);
  }
  return image;
}

async function bringBack(request: ExecRequest, options: ProgramRunOptions): Promise<ProgramRun> {
  const image = await imageOf(request);
  const { process: { instructions } } = image.manifest;
  if (request.checkpointAt !== undefined && !(request.checkpointAt > instructions)) {
    throw new Trouble(
      `--checkpoint-at ${request.checkpointAt}: the program of the image has run ` +
        `${instructions} instructions already; name a later one`,
      EXIT.usage,
    );
  }
  return restored(image, options);
}

async function checkpoint(run: ProgramRun, request: ExecRequest, host: Host): Promise<void> {
  const name = request.checkpointer ?? "stop-the-world";
  const row = host.vocabulary.checkpointers.find((each) => each.name === name);
  if (row === undefined) throw new Trouble(`there is no checkpointer '${name}'`, EXIT.usage);
  const { values } = readOptions(row.options, {});
  const image = taken(() => run.checkpoint(row as Checkpointer, values, new MemoryStore()), host);
  if (image === undefined) return;
  if (request.image !== undefined) await saveImage(image, request, host);
  if (request.export !== undefined) saveExecutable(request.export, image, run, host);
}

/** The image; a process that is refused, or has ended meanwhile, goes on without one. */
function taken(take: () => { readonly image: Image }, host: Host): Image | undefined {
  try {
    return take().image;
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    host.stderr(`no checkpoint: ${error.message}\n`);
    return undefined;
  }
}

/** An image becomes an executable; it is restored, for that looks at all of it, but not run. */
async function convert(file: string, request: ExecRequest, host: Host): Promise<number> {
  const image = await imageOf(request);
  saveExecutable(file, image, restored(image, optionsOf(request, host)), host);
  return EXIT.holds;
}

/** Flags that mean nothing together are refused, not ignored. */
function checkFlags(request: ExecRequest): void {
  const { restore, environment, checkpointAt, checkpointer } = request;
  if (restore !== undefined && Object.keys(environment).length > 0) {
    throw new Trouble("--env: with --restore the image has its environment", EXIT.usage);
  }
  if (checkpointer !== undefined && checkpointAt === undefined) {
    throw new Trouble("--checkpointer goes with --checkpoint-at", EXIT.usage);
  }
  if (request.export === undefined || checkpointAt !== undefined) return;
  const ran = { "--strace": request.strace, "--stats": request.stats, "--budget": request.budget };
  for (const [flag, value] of Object.entries(ran)) {
    if (value === undefined || value === false) continue;
    const why = "with --restore and --export, but without --checkpoint-at, nothing is run";
    throw new Trouble(`${flag}: ${why}`, EXIT.usage);
  }
}

function report(run: ProgramRun, request: ExecRequest, host: Host, startMs: number): void {
  const { kernel } = run.node;
  for (const each of kernel.unknownCalls) host.stderr(`${describeUnknown(each)}\n`);
  if (request.stats) host.stderr(statsText(run, (host.clock() - startMs) / 1000));
}

/** Why a program did not come to the point of its checkpoint. */
const WHY_NOT = {
  ended: "ended",
  budget: "had spent its budget",
  "waits for ever": "waited for something that will never come",
} as const satisfies Record<ProgramEnd, string>;

async function carryOut(request: ExecRequest, host: Host): Promise<number> {
  const startMs = host.clock();
  checkFlags(request);
  await checkImagePlace(request);
  if (request.export !== undefined) {
    checkFile(request.export);
    if (request.program !== undefined) checkNotProgram(request.export, request.program);
    if (request.checkpointAt === undefined) return await convert(request.export, request, host);
  }
  const run = await begin(request, optionsOf(request, host));
  if (request.strace) {
    run.node.kernel.observer = { call: ({ line }) => host.stderr(`${line}\n`) };
  }
  const budget = request.budget === undefined ? Infinity : run.instructions + request.budget;
  if (request.checkpointAt !== undefined) {
    const reached = run.runTo(Math.min(request.checkpointAt, budget));
    if (run.process.exit === undefined && run.instructions >= request.checkpointAt) {
      await checkpoint(run, request, host);
    } else {
      host.stderr(
        `no checkpoint: the program ${WHY_NOT[reached]} after ${run.instructions} instructions, ` +
          `before --checkpoint-at ${request.checkpointAt}\n`,
      );
    }
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
export async function exec(request: ExecRequest, host: Host): Promise<number> {
  try {
    return await carryOut(request, host);
  } catch (error) {
    const code = error instanceof Trouble
      ? error.code
      : error instanceof ElfError || error instanceof ImageError || error instanceof SpawnError
      ? EXIT.script
      : error instanceof StrategyError
      ? EXIT.plugin
      : undefined;
    if (code === undefined) throw error;
    host.stderr(`error: ${asLine(error)}\n`);
    return code;
  }
}
