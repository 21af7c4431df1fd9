/**
 * Ping-pong (Cao et al., "Fast Checkpoint Recovery Algorithms for Frequently Consistent Applications",
 * SIGMOD 2011): beside the memory there are two shadows, ODD and EVEN. The original makes each store
 * twice, to the memory and to one of the shadows; at the point the shadows change places, which is all
 * the program waits for, and the other one takes the stores while this one is written out. A processor
 * that stores to one place would have to trap at every store for that. Here the first store to a page
 * after each point traps and marks it, and the second store is made a page at a time: at the point the
 * marked pages are protected, and are copied to the shadow while the program runs, by itself where it
 * is about to write one. The other shadow gets them a checkpoint later. So each page that was written
 * is copied twice, as each store was; and the image is written from the shadow, with all its pages,
 * however long the disk takes, while the program writes what it likes.
 */
import { checkpointer } from "../../core/mod.ts";

/**
 * Downtime s + W (f + c), for W of the D pages written since the last image that are written again
 * before the copier has them; f for each page written between two points.
 */
export const pingPong = checkpointer({
  name: "ping-pong",
  help:
    "Keeps two shadows of the memory that take turns: what was written since the last image is " +
    "copied to one of them, from which a full image is written.",
  options: {
    shadows: {
      type: "count",
      default: 2,
      min: 1,
      max: 2,
      doc: "With two, one is whole while the other is brought up to date; with one, nothing is " +
        "copied twice.",
    },
    unit: {
      type: "text",
      default: "page",
      choices: ["page", "quarter"],
      doc: "What a store that comes before the copier copies: the page, or the quarter of it.",
    },
  },
  controlMessages: () => 0,
  *capture(view, { shadows }) {
    yield { step: "stop" };
    yield {
      step: "save",
      leaveOut: "executable",
      inherit: view.shadows > 0 ? "shadow" : false,
    };
    yield { step: "track", shadows: shadows === 1 ? 1 : 2 };
    yield { step: "protect" };
    yield { step: "resume" };
    for (const page of view.pages) {
      if (page.state === "uncaptured" || page.state === "split") {
        yield { step: "copy", page, to: "A" };
      }
    }
    for (const page of view.pages) {
      if (page.state === "behind") yield { step: "refresh", page };
    }
    yield { step: "merge" };
    yield { step: "write" };
    yield { step: "commit" };
  },
  *onFirstWrite(page, _view, { unit }, quarter) {
    yield { step: "copy", page, to: "B", quarter: unit === "quarter" ? quarter : undefined };
  },
});
