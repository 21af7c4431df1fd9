/** A process rebuilt from an image: another machine, other frames, another ASID, the same program. */
import { sha256 } from "../base/digest.ts";
import { AddressSpace, type SpaceRecord } from "../kernel/address_space.ts";
import type { Limit, Limits } from "../kernel/credentials.ts";
import { Refusal } from "../kernel/errno.ts";
import { USUAL_NODE_NAME } from "../kernel/endpoint.ts";
import { Console, type ConsoleOptions } from "../kernel/files/console.ts";
import type { FileSystem } from "../kernel/files/file_system.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Process, ProcessParts } from "../kernel/process.ts";
import { executableFile } from "../kernel/program_start.ts";
import { ProcessSignals, type SignalSet } from "../kernel/signals.ts";
import type { ThreadRecord } from "../kernel/thread.ts";
import type { BackingFile } from "../kernel/vma.ts";
import { RegularFile } from "../kernel/files/regular_file.ts";
import { type Image, ImageError } from "./image.ts";
import { mustBeWhole } from "./image_chain.ts";
import { restoreMessages } from "./messages_state.ts";
import type { LimitState, ThreadState, TimerState } from "./process_state.ts";
import { checkProcess } from "./restore_check.ts";
import { restoreFiles } from "./restore_files.ts";

/** What a restart needs besides the image. */
export interface RestoreOptions {
  readonly kernel: Kernel;
  /** The executable's bytes, which the image checks; nothing if the image has every page. */
  readonly executable: Uint8Array | undefined;
  readonly console?: ConsoleOptions;
  /** What the program is told of its node; the name every process without a cluster has. */
  readonly endpoint?: { readonly nodeName: string };
}

/** Whether a restart has to read the executable: the image leaves pages to it. */
export const needsExecutable = (image: Image): boolean =>
  image.pages.some((page) => page.source === "executable");

const NO_BYTES = new Uint8Array(0);

const signalSet = (text: string): SignalSet => BigInt("0x" + text);

/** Throws when the executable is not the one the image was taken from. */
export function checkExecutable(image: Image, bytes: Uint8Array | undefined): void {
  const { path, sha256: expected, bytes: size } = image.manifest.executable;
  if (bytes === undefined) {
    if (!needsExecutable(image)) return;
    throw new ImageError(
      `the image leaves pages to the executable '${path}', which is not there; put it back, or ` +
        "take images that include it",
    );
  }
  const found = sha256(bytes);
  if (found === expected) return;
  throw new ImageError(
    `the executable '${path}' has changed since the checkpoint: expected ${size} bytes with ` +
      `SHA-256 ${expected.slice(0, 16)}…, found ${bytes.length} bytes with ${
        found.slice(0, 16)
      }…; ` +
      "restore with the executable the image was taken from",
  );
}

function restoreSpace(
  image: Image,
  executable: Uint8Array | undefined,
  kernel: Kernel,
): AddressSpace {
  const { process, executable: { path } } = image.manifest;
  const program = executableFile({ path, bytes: executable ?? NO_BYTES });
  // Without the executable no later image can leave pages to it: all count as changed.
  const alone = executable === undefined;
  const space = AddressSpace.from(
    process.space as SpaceRecord,
    kernel.frames,
    kernel.machine,
    (name) => name === path ? program : mappedFile(name, kernel.fileSystem),
  );
  for (const { vpn, bytes, dirty } of image.pages) {
    if (bytes !== undefined) space.adoptPage(vpn, bytes, dirty || alone);
  }
  return space;
}

function mappedFile(path: string, fileSystem: FileSystem): BackingFile {
  try {
    const inode = fileSystem.find(path);
    if (inode instanceof RegularFile) return inode;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
  throw new ImageError(`the process had '${path}' mapped, but it is not there; mount it again`);
}

function threadRecord(
  state: ThreadState,
  moment: (cycles: number) => number,
  cycles: (own: number) => number,
): ThreadRecord {
  const { registers, call, mask, restoreMask, ...rest } = state;
  const { r, fr, xf, ...others } = registers;
  return {
    ...rest,
    cycles: cycles(state.cycles),
    context: { ...others, r: [...r], fr: [...fr], xf: [...xf] },
    mask: signalSet(mask),
    restoreMask: restoreMask === undefined ? undefined : signalSet(restoreMask),
    call: call === undefined ? undefined : {
      ...call,
      deadline: call.deadline === undefined ? undefined : moment(call.deadline),
    },
  };
}

const limit = ({ soft = Infinity, hard = Infinity }: LimitState): Limit => ({ soft, hard });

const timer = (state: TimerState, moment: (cycles: number) => number) => ({
  at: state.at === undefined ? undefined : moment(state.at),
  interval: state.interval,
});

/**
 * Brings the process of an image to life on a kernel. The image is checked first; a refusal leaves
 * the kernel as it was. Throws {@linkcode ImageError}.
 */
export function restore(image: Image, options: RestoreOptions): Process {
  const { kernel } = options;
  const { manifest } = image;
  mustBeWhole(image, "the image");
  checkProcess(image, kernel);
  checkExecutable(image, options.executable);
  const state = manifest.process;
  // Clocks go on where they were, at this machine's speed.
  const cycles = (own: number): number => Math.round(own * kernel.clockHz / state.clockHz);
  const clockOffset = cycles(state.clock) - kernel.now;
  const onMachine = (own: number): number => cycles(own) - clockOffset;
  const console = new Console(options.console, state.files.console);
  const limits = Object.fromEntries(
    Object.entries(state.limits).map(([name, value]) => [name, limit(value)]),
  ) as Limits;
  // From here on nothing can be refused any more. Files first: the process may have some mapped.
  const files = restoreFiles(state.files, kernel.fileSystem, console, limits.openFiles.soft);
  const space = restoreSpace(image, options.executable, kernel);
  const parts: ProcessParts = {
    id: kernel.freeId(state.id),
    parent: state.parent,
    executable: { path: manifest.executable.path, bytes: options.executable ?? NO_BYTES },
    args: state.args,
    environment: state.environment,
    space,
    files,
    console,
    endpoint: restoreMessages(state.messages, options.endpoint?.nodeName ?? USUAL_NODE_NAME),
    signals: new ProcessSignals(
      state.actions.map((action) => ({ ...action, mask: signalSet(action.mask) })),
      state.pending,
    ),
    credentials: { ...state.credentials, groups: [...state.credentials.groups] },
    limits,
    timers: {
      real: timer(state.timers.real, onMachine),
      virtual: timer(state.timers.virtual, cycles),
      profile: timer(state.timers.profile, cycles),
    },
    cwd: state.cwd,
    umask: state.umask,
    random: state.random,
    clockOffset,
    startedAt: onMachine(state.startedAt),
    cycles: cycles(state.cycles),
    instructions: state.instructions,
    systemCalls: state.systemCalls,
  };
  const process = kernel.admit(
    parts,
    state.threads.map((thread) => threadRecord(thread, onMachine, cycles)),
  );
  process.group = state.group;
  process.session = state.session;
  process.stopped = state.stopped;
  return process;
}
