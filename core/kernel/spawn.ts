/** Building a process from an executable. */
import { RandomStream } from "../base/random.ts";
import { AddressSpace, type Translations } from "./address_space.ts";
import { startContext } from "./context.ts";
import { superuser, usualLimits } from "./credentials.ts";
import { readElf } from "./elf.ts";
import { Endpoint, USUAL_NODE_NAME } from "./endpoint.ts";
import { Refusal } from "./errno.ts";
import { Console, ConsoleStream, STREAMS } from "./files/console.ts";
import { FileTable } from "./files/file_table.ts";
import { OPEN, OpenFile } from "./files/open_file.ts";
import type { Frames } from "./frames.ts";
import type { SpawnOptions } from "./options.ts";
import { noTimers, type ProcessParts } from "./process.ts";
import { buildStack, mapProgram, type StackContent } from "./program_start.ts";
import { ProcessSignals } from "./signals.ts";
import { newThread, type ThreadRecord } from "./thread.ts";
import { OutOfMemory, UserMemory } from "./user_memory.ts";

/** A process that could not be started: what is wrong, and what to do. */
export class SpawnError extends Error {
  override readonly name = "SpawnError";
}

/** The largest stack a limit may ask for: the mapping area lies below it. */
export const LARGEST_STACK = 64 * 2 ** 20;

/** Descriptors 0, 1 and 2: the streams of a console. */
export function consoleFiles(console: Console, limit: number): FileTable {
  const entries = STREAMS.map((stream, number) => {
    const terminal = console.isTerminal(stream);
    const access = terminal ? OPEN.readWrite : stream === "input" ? 0 : OPEN.writeOnly;
    const file = new OpenFile(new ConsoleStream(console, stream), `console:${stream}`, access);
    return [number, file, false] as const;
  });
  return FileTable.from(entries, limit);
}

/** Where a process comes to live. */
export interface Home {
  readonly frames: Frames;
  readonly machine: Translations;
  readonly seed: number | string;
  readonly now: number;
}

/** Maps the program and builds the stack; a failure leaves nothing behind. */
function occupy(space: AddressSpace, content: StackContent, bytes: Uint8Array): number {
  try {
    mapProgram(space, content.program, { path: content.path, bytes });
    return buildStack(space, new UserMemory(space), content);
  } catch (error) {
    space.release(true);
    if (error instanceof Refusal && error.errno === "E2BIG") {
      throw new SpawnError(
        `${content.path}: arguments and environment are too long; shorten them`,
      );
    }
    if (!(error instanceof Refusal) && !(error instanceof OutOfMemory)) throw error;
    throw new SpawnError(`${content.path}: not enough memory; give the machine more`);
  }
}

/** Who a process is that has no others. */
const ALONE = { rank: 0, size: 1, nodeName: USUAL_NODE_NAME } as const;

/** The parts of a new process and its first thread. Throws `ElfError` or {@linkcode SpawnError}. */
export function prepare(
  home: Home,
  options: SpawnOptions,
  id: number,
): { parts: ProcessParts; thread: ThreadRecord } {
  const { path, executable: bytes } = options;
  const program = readElf(bytes);
  const limits = options.limits ?? usualLimits();
  const credentials = options.credentials ?? superuser();
  const console = options.console ?? new Console();
  const args = [options.name ?? path, ...(options.args ?? [])];
  const environment = options.environment ?? [];
  const random = RandomStream.of(home.seed, "process", options.entity ?? id);
  const space = new AddressSpace(home.frames, home.machine);
  space.stackLimit = Math.min(limits.stack.soft, LARGEST_STACK);
  const content = { path, args, environment, program, credentials, random };
  const stack = occupy(space, content, bytes);
  const parts: ProcessParts = {
    id,
    parent: options.parent ?? 1,
    executable: { path, bytes },
    args,
    environment,
    space,
    files: options.files ?? consoleFiles(console, limits.openFiles.soft),
    console,
    endpoint: new Endpoint(options.endpoint ?? ALONE),
    signals: new ProcessSignals(),
    credentials,
    limits,
    timers: noTimers(),
    cwd: options.cwd ?? "/",
    umask: options.umask ?? 0o022,
    random: random.state,
    clockOffset: 0,
    startedAt: home.now,
    cycles: 0,
    instructions: 0,
    systemCalls: 0,
  };
  return { parts, thread: newThread(id, startContext(program.entry, stack)) };
}
