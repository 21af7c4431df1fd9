/**
 * Copy on write as after fork(): a child that never runs keeps the pages of the moment it was made,
 * and whoever writes one first copies it himself, without a word to anybody.
 */
import { checkpointer, definePlugin } from "ckptlab";

/** Downtime s + W (f + c), for W pages written before the copier reached them. */
const snapshot = checkpointer({
  name: "snapshot",
  help: "Saves the process as a forked child has it; the first store to a page copies the page.",
  options: {},
  controlMessages: () => 0,
  *capture(view) {
    yield { step: "stop" };
    yield { step: "save", leaveOut: "executable" };
    yield { step: "protect" };
    yield { step: "resume" };
    for (const page of view.pages) {
      if (page.state === "uncaptured") yield { step: "copy", page, to: "A" };
    }
    yield { step: "merge" };
    yield { step: "write" };
    yield { step: "commit" };
  },
  *onFirstWrite(page) {
    yield { step: "copy", page, to: "B" };
  },
});

export default definePlugin({
  name: "forked-cow",
  version: "1.0.0",
  api: "^1",
  contributes: { checkpointers: [snapshot] },
});
