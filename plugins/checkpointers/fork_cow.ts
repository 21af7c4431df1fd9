/**
 * Copy on write as after fork() (Plank et al., "Libckpt: Transparent Checkpointing under Unix", USENIX
 * 1995; Redis saves so): a child that never runs keeps the pages of the moment it was made and writes
 * them out; who stores to one of them first copies its frame, without a word to anybody.
 */
import { checkpointer } from "../../core/mod.ts";
import { includeExecutable, saveWith } from "./include_executable.ts";

/** Downtime s + M e + W (f + c), for M pages and W of them written before the child reached them. */
export const forkCow = checkpointer({
  name: "fork-cow",
  help: "Duplicates the page table and lets a child save it; the first store to a page copies it.",
  options: {
    direct: {
      type: "truth",
      default: false,
      doc: "Write pages straight from memory, as O_DIRECT does: no copies, and a longer window.",
    },
    include_executable: includeExecutable,
  },
  controlMessages: () => 0,
  *capture(view, { direct, include_executable }) {
    yield { step: "stop" };
    yield saveWith(include_executable);
    yield { step: "protect", by: "table" };
    yield { step: "resume" };
    if (direct) yield { step: "stream" };
    // Else the child hands its pages to the kernel, which keeps them until the disk has them.
    for (const page of view.pages) {
      if (page.state === "uncaptured") yield { step: "copy", page, to: "A" };
    }
    yield { step: "merge" };
    yield { step: "write" };
    yield { step: "commit" };
  },
  *onFirstWrite(page) {
    // Also while the child reads it: the two have the frame in common, and neither waits.
    yield { step: "copy", page, to: "B" };
  },
});
