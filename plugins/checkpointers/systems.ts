/**
 * The systems the papers compare with, by what tells them apart here: what they save, what they say
 * to the process before, and what they refuse. All of them let it stand until the image is durable.
 */
import { checkpointer } from "../../core/mod.ts";
import { includeExecutable, leaveOutExecutable, saveWith } from "./include_executable.ts";
import { CONDOR_REFUSALS, sockets } from "./refusals.ts";
import { standing } from "./standing.ts";

/**
 * Berkeley Lab Checkpoint/Restart (Hargrove and Duell, "Berkeley Lab Checkpoint/Restart (BLCR) for
 * Linux Clusters", SciDAC 2006): a signal runs the callbacks of the process, and when they are over
 * it enters the kernel, which saves it. Text and libraries are saved too, as in the figures of paper A;
 * BLCR itself leaves them to their files unless it is told (`--save-all`).
 */
export const blcr = checkpointer({
  name: "blcr",
  help: "BLCR: runs the process's callbacks, then saves all of it, text too, while it stands.",
  options: { leave_out_executable: leaveOutExecutable },
  controlMessages: () => 2,
  *capture(view, { leave_out_executable }) {
    yield { step: "message", what: "run your callbacks" };
    yield { step: "message", what: "they are over" };
    yield* standing(view, saveWith(!leave_out_executable));
  },
});

/**
 * Linux checkpoint/restart, version 14 (Laadan and Hallyn, "Linux-CR", OLS 2010): from outside of the
 * process, in the kernel, everything while it stands. That version knew no sockets.
 */
export const linuxCkpt = checkpointer({
  name: "linux-ckpt",
  help: "Linux CKPT v14: saves all of a process while it stands; no sockets, so no job's process.",
  options: {},
  refuses: [sockets("version 14 does not save sockets")],
  controlMessages: () => 0,
  *capture(view) {
    yield* standing(view, saveWith(true));
  },
});

/**
 * CRAK (Zhong and Nieh, "CRAK: Linux Checkpoint/Restart As a Kernel Module", Columbia University,
 * 2001): made for migration, with open files, pipes and sockets. It takes the executable to be on the
 * other node too, unless told.
 */
export const crak = checkpointer({
  name: "crak",
  help: "CRAK: saves a process while it stands, to move it with its open files and pipes.",
  options: { include_executable: includeExecutable },
  controlMessages: () => 0,
  *capture(view, { include_executable }) {
    yield* standing(view, saveWith(include_executable));
  },
});

/**
 * Condor (Litzkow, Tannenbaum, Basney and Livny, "Checkpoint and Migration of UNIX Processes in the
 * Condor Distributed Processing System", 1997): a library in the process saves its data and stack. It
 * sees system calls and no more, so what it cannot make again it does not allow.
 */
export const condor = checkpointer({
  name: "condor",
  help:
    "Condor: a library saves data and stack while the process stands; refuses threads, pipes, " +
    "timers, sleeping, mapped files, jobs and its own signals.",
  options: {},
  refuses: CONDOR_REFUSALS,
  controlMessages: () => 0,
  *capture(view) {
    yield* standing(view, saveWith(false));
  },
});
