/** The reference: the process stands still while everything is copied. */
import { checkpointer } from "../../core/mod.ts";
import { leaveOutExecutable, saveWith } from "./include_executable.ts";
import { standing } from "./standing.ts";

/** Downtime s + M c (buffered), or s + M (c + d) when it also stands still for the disk. */
export const stopTheWorld = checkpointer({
  name: "stop-the-world",
  aliases: ["stop-world"],
  help: "Freezes the process and saves all of it.",
  options: {
    leave_out_executable: leaveOutExecutable,
    buffered: {
      type: "truth",
      default: false,
      doc: "Copy to memory while stopped and write the image after the process runs again.",
    },
  },
  controlMessages: () => 0,
  *capture(view, { leave_out_executable, buffered }) {
    yield* standing(view, saveWith(!leave_out_executable), buffered);
  },
});
