/**
 * Pre-copy (Theimer et al., "Preemptable Remote Execution Facilities for the V-System", SOSP 1985;
 * Clark et al., "Live Migration of Virtual Machines", NSDI 2005): pages are copied while the process
 * runs, those it wrote meanwhile again, round by round; it stands still for what is left then.
 */
import { type CapturePage, type CaptureView, checkpointer } from "../../core/mod.ts";

/** What a copy would be new of; what the executable has is not copied at all. */
const uncopied = (view: CaptureView): readonly CapturePage[] =>
  view.pages.filter(({ state, fromExecutable }) => state === "uncaptured" && !fromExecutable);

/** Downtime s + D c and a trap for each copy in vain, for D pages written since they were copied. */
export const preCopy = checkpointer({
  name: "pre-copy",
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
      default: 8,
      min: 1,
      doc: "So few pages left are copied while the process stands still.",
    },
    gain: {
      type: "ratio",
      default: 0.1,
      min: 0,
      max: 1,
      doc: "The part of its pages that a round must leave good, or it is the last.",
    },
    write_ahead: {
      type: "truth",
      default: false,
      doc: "Write each round to the store at once: a migration needs it, and a round takes longer.",
    },
  },
  controlMessages: () => 0,
  *capture(view, { rounds, stop_below, gain, write_ahead }) {
    for (let round = 0, before = Infinity; round < rounds; round++) {
      yield { step: "list" };
      const rest = uncopied(view);
      if (rest.length < stop_below || rest.length > before * (1 - gain)) break;
      for (const page of rest) yield { step: "copy", page, to: "A" };
      if (write_ahead) yield { step: "write" };
      before = rest.length;
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
