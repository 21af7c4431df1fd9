/**
 * What a process may have that no other system can give it back: an image with one of these is not
 * exported. Refused by name, never left out.
 */
import { superuser, usualLimits } from "../kernel/credentials.ts";
import { usualSettings } from "../kernel/files/console.ts";
import { OPEN } from "../kernel/files/open_file.ts";
import { TIME_KEEPING_CALLS, TIMED_CALLS } from "./export_call.ts";
import type { LimitState, ProcessState } from "./process_state.ts";
import type { Refusal } from "./refusal.ts";

const some = (holds: boolean, what: string): string | undefined => holds ? what : undefined;

/** Numbers from here on are the lab's own calls. */
const OWN_CALLS = 1000;

const sameLimit = (
  { soft = Infinity, hard = Infinity }: LimitState,
  usual: { readonly soft: number; readonly hard: number },
): boolean => soft === usual.soft && hard === usual.hard;

function sameIds(credentials: ProcessState["credentials"]): boolean {
  const usual = superuser();
  const names = Object.keys(usual) as (keyof typeof usual)[];
  return names.every((name) => String(credentials[name]) === String(usual[name]));
}

/** Rows about threads, signals and calls. */
const CALL_REFUSALS: readonly Refusal[] = [
  {
    name: "threads",
    why: "a signal frame brings back the registers of one thread",
    found: ({ process: { threads } }) => some(threads.length !== 1, `${threads.length} threads`),
  },
  {
    name: "stopped",
    why: "whoever starts it expects it to run",
    found: ({ process }) => some(process.stopped, "been stopped by a signal"),
  },
  {
    name: "interrupted",
    why: "a call that is made again waits anew, and what this one has to answer is EINTR",
    found: ({ process: { threads } }) => {
      const call = threads.find(({ call }) => call?.interrupted)?.call;
      return call === undefined
        ? undefined
        : `system call ${call.number} to leave, which a signal has interrupted`;
    },
  },
  {
    name: "half-written",
    why: "a write that is made again would write its first bytes twice",
    found: ({ process: { threads } }) => {
      const progress = threads.find(({ call }) => (call?.progress ?? 0) > 0)?.call?.progress;
      return progress === undefined ? undefined : `written ${progress} bytes of a longer write`;
    },
  },
  {
    name: "timed-call",
    why: "the moment at which the call gives up is told by a clock that stays behind",
    found: ({ process: { threads } }) => {
      const known = [...TIMED_CALLS, ...TIME_KEEPING_CALLS].map(({ number }) => number);
      const call = threads.find(({ call }) =>
        call?.deadline !== undefined && !known.includes(call.number)
      )?.call;
      return call === undefined ? undefined : `system call ${call.number} to wait in for a time`;
    },
  },
];

/** Rows about the lab's messages. */
const MESSAGE_REFUSALS: readonly Refusal[] = [
  {
    name: "job",
    why: "the other processes are in images of their own, and what is on its way is in none",
    found: ({ process: { messages: { size } } }) =>
      some(size > 1, `${size - 1} other processes it sends messages to`),
  },
  {
    name: "messages",
    why: "Linux has no messages between the processes of a job",
    found: ({ process: { messages: { inbox, sent }, threads } }) =>
      some(inbox.length > 0, `${inbox.length} messages it has not read`) ??
        some(sent.length > 0, "sent messages to itself") ??
        some(
          threads.some(({ call }) => (call?.number ?? 0) >= OWN_CALLS),
          "a message to wait for",
        ),
  },
];

/** Rows about files. */
const FILE_REFUSALS: readonly Refusal[] = [
  {
    name: "own-file",
    why: "the file lies in a tree that ends with the process; to write it elsewhere is not ours",
    found: ({ process: { files: { tree } } }) => {
      const file = tree.find(({ kind }) => kind !== "directory");
      return file === undefined ? undefined : `a file of its own, ${file.path}`;
    },
  },
  {
    name: "unlinked-file",
    why: "no name leads to the file any more",
    found: ({ process: { files: { files } } }) =>
      some(files.some(({ kind }) => kind === "unlinked"), "an open file without a name"),
  },
  {
    name: "folder-half-read",
    why: "how far a folder has been read is told by nothing that another system knows",
    found: ({ process: { files: { openFiles } } }) => {
      const folder = openFiles.find(({ flags, position }) =>
        (flags & OPEN.directory) !== 0 && position > 0
      );
      return folder === undefined ? undefined : `read a part of the folder ${folder.path}`;
    },
  },
  {
    name: "mapped-file",
    why: "the file may have changed by then, and changes would have to reach it",
    found: ({ executable, process: { space: { vmas } } }) => {
      const vma = vmas.find(({ backing, shared }) =>
        backing !== undefined && (shared || backing.path !== executable.path)
      );
      return vma === undefined ? undefined : `the file ${vma.backing?.path} in its memory`;
    },
  },
  {
    name: "terminal-settings",
    why: "they would be those of another terminal",
    found: ({ process: { files: { console } } }) =>
      some(
        String(console.settings) !== String(usualSettings()),
        "changed the settings of its terminal",
      ),
  },
  {
    name: "typed-ahead",
    why: "what a terminal has given cannot be given by a terminal again",
    found: ({ process: { files: { console, files, openFiles } } }) => {
      const terminal = openFiles.some(({ file, flags }) =>
        files[file]?.kind === "input" && (flags & OPEN.accessMode) === OPEN.readWrite
      );
      const count = console.pending.length;
      return some(terminal && count > 0, `${count} bytes of its terminal to read yet`);
    },
  },
];

/** Rows about who it is and what it may. */
const RIGHTS_REFUSALS: readonly Refusal[] = [
  {
    name: "ids",
    why: "who starts an executable is whom it runs as",
    found: ({ process: { credentials } }) =>
      some(!sameIds(credentials), "changed its user or group ids"),
  },
  {
    name: "limits",
    why: "who starts an executable sets its limits",
    found: ({ process: { limits } }) => {
      const usual = usualLimits();
      const names = Object.keys(usual) as (keyof typeof usual)[];
      const changed = names.find((name) => !sameLimit(limits[name], usual[name]));
      return changed === undefined ? undefined : `changed its limit '${changed}'`;
    },
  },
];

/**
 * Everything that is refused, for who wants to know before.
 *
 * @example
 * ```ts
 * import { EXPORT_REFUSALS } from "./export_refusals.ts";
 * const names = EXPORT_REFUSALS.map(({ name }) => name);
 * if (!names.includes("threads")) throw new Error("unreachable");
 * ```
 */
export const EXPORT_REFUSALS: readonly Refusal[] = [
  ...CALL_REFUSALS,
  ...MESSAGE_REFUSALS,
  ...FILE_REFUSALS,
  ...RIGHTS_REFUSALS,
];
