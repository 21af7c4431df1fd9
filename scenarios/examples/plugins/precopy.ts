/**
 * Pre-copy (Clark et al., "Live Migration of Virtual Machines", NSDI 2005): pages are copied while
 * the process runs, those it wrote meanwhile again, round by round; it stands still for the rest.
 */
import { type CapturePage, type CaptureView, checkpointer, definePlugin } from "ckptlab";

/** What a copy would be new of. What the executable has is not copied at all. */
const uncopied = (view: CaptureView): readonly CapturePage[] =>
  view.pages.filter(({ state, fromExecutable }) => state === "uncaptured" && !fromExecutable);

/** Downtime s + D c, D pages written since they were copied last. */
const iterative = checkpointer({
  name: "iterative",
  help: "Copies pages in rounds while the process runs, and stops it for those written since.",
  options: {
    rounds: {
      type: "count",
      default: 4,
      min: 1,
      max: 64,
      doc: "Rounds at most: who writes faster than they are copied is not caught up with.",
    },
    stop_below: {
      type: "count",
      default: 16,
      min: 1,
      doc: "So few pages left are copied while the process stands still.",
    },
  },
  controlMessages: () => 0,
  *capture(view, { rounds, stop_below }) {
    for (let round = 0; round < rounds; round++) {
      yield { step: "list" };
      const rest = uncopied(view);
      if (rest.length < stop_below) break;
      for (const page of rest) yield { step: "copy", page, to: "A" };
      yield { step: "write" };
    }
    yield { step: "stop" };
    yield { step: "save", leaveOut: "executable" };
    for (const page of uncopied(view)) yield { step: "copy", page, to: "A" };
    yield { step: "resume" };
    yield { step: "merge" };
    yield { step: "write" };
    yield { step: "commit" };
  },
});

export default definePlugin({
  name: "precopy",
  version: "2.1.0",
  api: "^1",
  contributes: { checkpointers: [iterative] },
});
