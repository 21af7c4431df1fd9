/**
 * Incremental checkpoints (Plank et al., "Libckpt: Transparent Checkpointing under Unix", USENIX 1995;
 * Linux calls its bit soft-dirty): an image holds the pages written since the last one, and says of
 * all others that the last one has them. Which pages those are the SH-4 tells by the D bit of its TLB
 * entries, so each page costs a write fault after each checkpoint, while the process runs.
 */
import { checkpointer } from "../../core/mod.ts";

/** Downtime s + D c, for D pages written since the last image; f for each of them in between. */
export const incremental = checkpointer({
  name: "incremental",
  aliases: ["dirty-pages"],
  help: "Saves the pages written since the last image, which has the others; it hears of them by " +
    "TLB write traps between checkpoints.",
  options: {
    full_every: {
      type: "count",
      default: 8,
      min: 1,
      max: 1000,
      doc: "Images in a chain at most: a restart reads all of them, so then comes a full one.",
    },
    copies: {
      type: "text",
      default: "buffered",
      choices: ["buffered", "stopped", "concurrent"],
      doc: "Copy while stopped and write the image afterwards; stand still for the disk too; or " +
        "copy while the process runs, who writes first copying the page himself.",
    },
  },
  controlMessages: () => 0,
  *capture(view, { full_every, copies }) {
    const inherit = view.chain > 0 && view.chain < full_every;
    yield { step: "stop" };
    yield { step: "save", leaveOut: "executable", inherit };
    yield { step: "track" };
    if (copies === "concurrent") {
      yield { step: "protect" };
      yield { step: "resume" };
    }
    for (const page of view.pages) {
      if (page.state === "uncaptured") yield { step: "copy", page, to: "A" };
    }
    if (copies === "buffered") yield { step: "resume" };
    yield { step: "merge" };
    yield { step: "write" };
    yield { step: "commit" };
    if (copies === "stopped") yield { step: "resume" };
  },
});
