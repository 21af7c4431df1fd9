/**
 * What published systems do not save, as far as a process of this lab can have it: it never has
 * children or System V IPC.
 */
import { type Refusal, SIGNALS } from "../../core/mod.ts";

const some = (holds: boolean, what: string): string | undefined => holds ? what : undefined;

/** Sockets, which here are the messages of a job: some were sent, or are there to be read. */
export const sockets = (why: string): Refusal => ({
  name: "sockets",
  why,
  found: ({ process: { messages: { inbox, sent } } }) =>
    some(sent.length > 0, "sent messages to other processes") ??
      some(inbox.length > 0, "messages of other processes to read"),
});

/** Signals the system uses itself, and the process handles or ignores. */
const reserved = (names: readonly (keyof typeof SIGNALS)[], why: string): Refusal => ({
  name: "reserved-signals",
  why,
  found({ process: { actions } }) {
    const name = names.find((each) => (actions[SIGNALS[each] - 1]?.handler ?? 0) !== 0);
    return name === undefined ? undefined : `an action of its own for ${name}`;
  },
});

const threads: Refusal = {
  name: "threads",
  why: "several kernel-level threads are not allowed (item 6)",
  found: ({ process: { threads } }) => some(threads.length > 1, `${threads.length} threads`),
};

const pipes: Refusal = {
  name: "pipes",
  why: "pipes are not allowed (item 2)",
  found: ({ process: { files: { files } } }) =>
    some(files.some(({ kind }) => kind === "pipe"), "an open pipe"),
};

const timers: Refusal = {
  name: "timers",
  why: "alarms, timers and sleeping are not allowed (item 5)",
  found({ process: { timers, threads } }) {
    const name = (["real", "virtual", "profile"] as const).find((each) =>
      timers[each].at !== undefined
    );
    const asleep = threads.find(({ call }) => call?.deadline !== undefined)?.call;
    return name !== undefined
      ? `set its ${name} timer`
      : some(asleep !== undefined, `a wait for a time (system call ${asleep?.number})`);
  },
};

const mappedFiles: Refusal = {
  name: "mapped-files",
  why: "memory mapped files are not allowed (item 7)",
  found({ executable, process: { space: { vmas } } }) {
    const vma = vmas.find(({ backing, shared }) =>
      backing !== undefined && (shared || backing.path !== executable.path)
    );
    return vma === undefined ? undefined : `the file ${vma.backing?.path} in its memory`;
  },
};

/**
 * Condor's, by the items of "Current Limitations" in its manual (section 1.4, versions 6.8 to 8.7).
 * Item 9, files open for reading and writing, is a warning there and no refusal.
 */
export const CONDOR_REFUSALS: readonly Refusal[] = [
  pipes,
  sockets("a connection that stays open delays the checkpoint for as long (item 3)"),
  reserved(["SIGUSR2", "SIGTSTP"], "these signals are its own (item 4)"),
  timers,
  threads,
  mappedFiles,
];
