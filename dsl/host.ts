/** What the command line needs from around it, so that it can be tested without a process. */
import type { Certificate, Jit, Judged } from "../core/mod.ts";
import type { RanksRequest } from "./exec_ranks_flags.ts";
import type { ReadFile } from "./load.ts";
import type { MakeLab } from "./run.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** An entry of a folder. */
export interface FolderEntry {
  readonly name: string;
  readonly isDirectory: boolean;
}

/** What `exec` was asked for; everything behind the program's name belongs to the program. */
export interface ExecRequest {
  /** Undefined with `--restore`: the image names its program. */
  readonly program: string | undefined;
  readonly args: readonly string[];
  readonly mounts: readonly { readonly guest: string; readonly host: string }[];
  readonly environment: Readonly<Record<string, string>>;
  readonly strace: boolean;
  readonly stats: boolean;
  /** Which engines run it. */
  readonly jit: Jit;
  /** Most instructions to run. */
  readonly budget?: number;
  /** Instruction count at which a checkpoint is taken into `image`. */
  readonly checkpointAt?: number;
  readonly image?: string;
  /** Replicas of a server that must have the image. */
  readonly replicas?: number;
  /** File for an executable made of the checkpoint, or without one of the image of `restore`. */
  readonly export?: string;
  /** The image's chunks are compressed (zstd). */
  readonly compress: boolean;
  readonly restore?: string;
  readonly checkpointer?: string;
}

/** What `vectors` was asked for. */
export interface VectorsRequest {
  readonly folder: string;
  /** Which engines run them; "off": the evaluator by itself, without a machine around it. */
  readonly jit: Jit;
}

/** Holds a plugin to the laws; `onLaw` is told of each. */
export type Certify = (
  plugin: unknown,
  options: { readonly url?: string; readonly onLaw?: (judged: Judged) => void },
) => Promise<Certificate>;

/** The parts that are plugged into the language. */
export interface Parts {
  /** Of the program. */
  readonly version: string;
  readonly vocabulary: Vocabulary;
  readonly makeLab: MakeLab;
  /** Holds a plugin to the laws of the kit. */
  readonly certify: Certify;
  /** The folder of the program: packages it writes find it there. */
  readonly home: URL;
  /** Runs a program; the exit code of the command. */
  readonly exec: (request: ExecRequest, host: Host) => Promise<number>;
  /** Runs a program as several ranks; the exit code of the command. */
  readonly ranks: (request: RanksRequest, host: Host) => Promise<number>;
  /** A Worker with the same parts, that runs cells; without it all run in this thread. */
  readonly cellWorker?: () => Worker;
  /** The same without any permission, with the plugins whose modules are named. */
  readonly isolatedWorker?: (plugins: readonly string[]) => Worker;
  /** Reads a program of a scenario; throws a `LabError`. */
  readonly readProgram: (file: string) => Uint8Array;
  /** Runs instruction vectors; the exit code of the command. */
  readonly vectors: (request: VectorsRequest, host: Host) => Promise<number>;
}

/** Standard input and output. */
export interface Streams {
  readonly input: ReadableStream<Uint8Array>;
  readonly output: WritableStream<Uint8Array>;
}

/** How long an editor's text must stand still before it is checked, in ms. */
const PAUSE_MS = 40;

/** Everything from outside. */
export interface Host extends Parts {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Standard output is a terminal. */
  readonly isTerminal: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Rejects with an error named NotFound when there is no such file. */
  readonly readFile: ReadFile;
  /** Rejects when the path is no folder; with an error named NotFound when there is nothing. */
  readonly readDir: (path: string) => Promise<readonly FolderEntry[]>;
  /** Gives a file that exists another content: all of it or, when that fails, nothing. */
  readonly replaceFile: (path: string, text: string) => Promise<void>;
  /** All of standard input. */
  readonly readInput: () => Promise<Uint8Array>;
  /** Standard input line by line, as it comes. */
  readonly inputLines: () => AsyncIterable<string>;
  /** Why a file cannot be written there, or nothing. */
  readonly cannotWrite: (path: string) => string | undefined;
  /** Writes a file as a whole or not at all, and makes the folders above it. */
  readonly writeFile: (path: string, content: string | Uint8Array) => void;
  /** Removes a folder with all that is in it, if it is there. */
  readonly removeFolder: (path: string) => void;
  /** Adds to the end of a file, which is made where there is none. */
  readonly appendFile: (path: string, text: string) => void;
  /** Standard input and output as streams of bytes. */
  readonly streams: () => Streams;
  /** Until what waits has had its turn and a person has had time for another key. */
  readonly pause: () => Promise<void>;
  /** How long that is at least, in ms. */
  readonly pauseMs: number;
  /** How long one hook of a plugin may take, in ms; usually 20 s. */
  readonly hookPatienceMs?: number;
  /** The same for evaluating one module of a plugin. */
  readonly modulePatienceMs?: number;
  /** Milliseconds of a monotonic clock, for showing how long things took. */
  readonly clock: () => number;
  /** True when the user wants to stop. */
  readonly interrupted?: () => boolean;
  /** Lets act when the user wants to stop, until what it gives back is called. */
  readonly onInterrupt?: (act: () => void) => () => void;
  /** Now and then something to wait for, so that others have a turn: signals, and timers. */
  readonly breathe?: () => Promise<void> | undefined;
  /** Tells when something below these paths has changed, until it is left. */
  readonly watch?: (paths: readonly string[]) => AsyncIterable<void>;
  /** What this runs on, by name: versions, system. */
  readonly platform: Readonly<Record<string, string>>;
  /** Processors there are. */
  readonly cores: number;
  /** A number nobody knows beforehand, for who asks for a new seed. */
  readonly randomSeed: () => number;
}

/** Standard output cannot be written, as on a full disk. */
export class OutputError extends Error {}

/** Writes all of a text, however little the stream takes at once. */
function writer(stream: { writeSync(bytes: Uint8Array): number }): (text: string) => void {
  const encoder = new TextEncoder();
  return (text) => {
    const bytes = encoder.encode(text);
    try {
      for (let done = 0; done < bytes.length;) done += stream.writeSync(bytes.subarray(done));
    } catch (error) {
      // Who closes the pipe has read enough.
      if (error instanceof Deno.errors.BrokenPipe) return;
      const why = error instanceof Error ? error.message : String(error);
      throw new OutputError(`cannot write the output: ${why}`);
    }
  };
}

/** The variables the command line looks at; only these need permission. */
export const VARIABLES = [
  "NO_COLOR",
  "CI",
  "CKPTLAB_DEBUG",
  "GITHUB_ACTIONS",
  "GITHUB_STEP_SUMMARY",
  "JOB_COMPLETION_INDEX",
  "JOB_COMPLETIONS",
  "CI_NODE_INDEX",
  "CI_NODE_TOTAL",
  "DENO_JOBS",
] as const;

/** A variable that may not be read counts as not set; nobody is asked for permission. */
function variable(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}

const variables = (): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(VARIABLES.map((name) => [name, variable(name)]));

/** Writes beside the file first, so that a full disk costs nothing; links stay links. */
async function replaceFile(path: string, text: string): Promise<void> {
  const real = await Deno.realPath(path);
  const { mode } = await Deno.stat(real);
  const beside = `${real}.new`;
  try {
    await Deno.writeTextFile(beside, text, { createNew: true, ...(mode === null ? {} : { mode }) });
    await Deno.rename(beside, real);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) {
      await Deno.remove(beside).catch(() => undefined);
    }
    throw error;
  }
}

/** Lines of standard input; the last need not end. */
async function* inputLines(): AsyncIterable<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of Deno.stdin.readable) {
    rest += decoder.decode(bytes, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}

/** The real surroundings. */
export function denoHost(parts: Parts): Host {
  return {
    ...parts,
    stdout: writer(Deno.stdout),
    stderr: writer(Deno.stderr),
    isTerminal: Deno.stdout.isTerminal(),
    environment: variables(),
    readFile: (path) => Deno.readFile(path),
    readDir: async (path) => {
      const entries: FolderEntry[] = [];
      for await (const { name, isDirectory } of Deno.readDir(path)) {
        entries.push({ name, isDirectory });
      }
      return entries;
    },
    replaceFile,
    readInput: async () => new Uint8Array(await new Response(Deno.stdin.readable).arrayBuffer()),
    inputLines,
    cannotWrite,
    writeFile,
    removeFolder,
    appendFile: (path, text) => {
      makeFolderOf(path);
      Deno.writeTextFileSync(path, text, { append: true });
    },
    streams: () => ({ input: Deno.stdin.readable, output: Deno.stdout.writable }),
    pause: () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS)),
    pauseMs: PAUSE_MS,
    clock: () => performance.now(),
    onInterrupt,
    breathe: breather(),
    watch: changes,
    platform: {
      deno: Deno.version.deno,
      v8: Deno.version.v8,
      system: `${Deno.build.os} ${Deno.build.arch}`,
    },
    cores: navigator.hardwareConcurrency,
    randomSeed: () => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0,
  };
}

/** The first signal asks to stop; the second stops. */
function onInterrupt(act: () => void): () => void {
  const signals = ["SIGINT", "SIGTERM"] as const;
  const stop = () => {
    for (const signal of signals) Deno.removeSignalListener(signal, heard);
  };
  const heard = () => {
    stop();
    act();
  };
  for (const signal of signals) Deno.addSignalListener(signal, heard);
  return stop;
}

/** How long a cell may keep this thread to itself. */
const BREATH_MS = 50;

function breather(): () => Promise<void> | undefined {
  let last = performance.now();
  return () => {
    const now = performance.now();
    if (now - last < BREATH_MS) return undefined;
    last = now;
    return new Promise((resolve) => setTimeout(resolve, 0));
  };
}

/** An editor writes in several steps: what comes within this time is one change. */
const SETTLING_MS = 200;

async function* changes(paths: readonly string[]): AsyncIterable<void> {
  let changed: () => void = () => {};
  let next = new Promise<void>((resolve) => changed = resolve);
  const watcher = Deno.watchFs([...paths]);
  const watching = (async () => {
    for await (const { kind } of watcher) if (kind !== "access") changed();
  })();
  try {
    for (;;) {
      await next;
      await new Promise((resolve) => setTimeout(resolve, SETTLING_MS));
      next = new Promise<void>((resolve) => changed = resolve);
      yield;
    }
  } finally {
    watcher.close();
    await watching;
  }
}

/** Asks nobody for permission: a command in CI would wait for ever. */
function cannotWrite(path: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "write", path });
  if (state !== "granted") {
    return "this command may not write there; 'deno task scenario' writes below .ckpt/ only";
  }
  try {
    return Deno.statSync(path).isDirectory ? "it is a folder; name a file in it" : undefined;
  } catch {
    return noFolderAbove(path);
  }
}

/** Folders that are missing above a file are made when it is written; what is there must be one. */
function noFolderAbove(path: string): string | undefined {
  const above = path.slice(0, Math.max(0, path.lastIndexOf("/")));
  if (above === "") return undefined;
  if (Deno.permissions.querySync({ name: "read", path: above }).state !== "granted") {
    return undefined;
  }
  try {
    return Deno.statSync(above).isDirectory
      ? undefined
      : `'${above}' is no folder; name a file elsewhere`;
  } catch {
    return noFolderAbove(above);
  }
}

function makeFolderOf(path: string): void {
  const end = path.lastIndexOf("/");
  if (end > 0) Deno.mkdirSync(path.slice(0, end), { recursive: true });
}

function removeFolder(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    const why = error instanceof Error ? error.message : String(error);
    throw new OutputError(`cannot empty '${path}': ${why}`);
  }
}

/** Counts files, so that two that are written at once have different names beside their places. */
let written = 0;

/** First beside it: whoever reads it sees the old file or the new one. */
function writeFile(path: string, content: string | Uint8Array): void {
  const beside = `${path}.${Deno.pid}.${written++}.part`;
  try {
    makeFolderOf(path);
    if (typeof content === "string") Deno.writeTextFileSync(beside, content);
    else Deno.writeFileSync(beside, content);
    Deno.renameSync(beside, path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new OutputError(`cannot write '${path}': ${why}`);
  }
}
