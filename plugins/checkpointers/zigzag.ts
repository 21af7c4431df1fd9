/**
 * Zigzag (Cao et al., "Fast Checkpoint Recovery Algorithms for Frequently Consistent Applications",
 * SIGMOD 2011): everything has two places, AS0 and AS1, and a bit that says in which of them the next
 * store belongs. At the point all bits are turned over, which is all the program waits for; what the
 * last store has left in the other place stays as it is until the next point, and is written out from
 * there. The original stores whole units, so that none is ever copied. On a machine that stores four
 * bytes and protects pages, the first store after the point traps, and the rest of its unit must follow
 * to the other place before: f + c. A store to what the disk has already goes where the last one did:
 * nobody needs the other place any more.
 */
import { checkpointer } from "../../core/mod.ts";
import { includeExecutable, saveWith } from "./include_executable.ts";

/** Downtime s + M bits + W (f + c), for W of the M pages written before the disk has them. */
export const zigzag = checkpointer({
  name: "zigzag",
  help: "Gives each page a second frame and turns a bit of each over; the disk takes the frame " +
    "that stays still, and the first store to a page moves it to the other.",
  options: {
    unit: {
      type: "text",
      default: "page",
      choices: ["page", "quarter"],
      doc:
        "What has two places: a page, or each quarter of one, with a TLB entry and a bit of its " +
        "own.",
    },
    include_executable: includeExecutable,
  },
  controlMessages: () => 0,
  *capture(_view, { unit, include_executable }) {
    yield { step: "stop" };
    yield saveWith(include_executable);
    yield { step: "protect", by: "bits", bits: unit === "quarter" ? 4 : 1 };
    yield { step: "resume" };
    yield { step: "stream" };
    yield { step: "merge" };
    yield { step: "write" };
    yield { step: "commit" };
  },
  *onFirstWrite(page, _view, { unit }, quarter) {
    // The second frame is the writer's from now on, the first the disk's.
    yield { step: "copy", page, to: "B", quarter: unit === "quarter" ? quarter : undefined };
  },
});
