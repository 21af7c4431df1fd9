/**
 * Paper A's concurrent checkpoint: the process runs on while its pages are copied; the TLB tells of
 * the first store to each (section 3 of the paper; the remedies it does not print are core's: pages
 * not yet captured are loaded with D = 0 on reads too, and kernel stores come by the same door).
 */
import {
  type CapturePage,
  type CaptureStep,
  type CaptureView,
  checkpointer,
} from "../../core/mod.ts";
import { includeExecutable, saveWith } from "./include_executable.ts";

/** Downtime s + W (f + c + 2 m) + refills, for W pages written before the copier reached them. */
export const concurrentCow = checkpointer({
  name: "concurrent-cow",
  aliases: ["concurrent"],
  help:
    "Copies pages while the process runs; TLB write traps save each page before its first store.",
  options: {
    cow_slots: {
      type: "count",
      default: 0,
      min: 0,
      doc: "Pages that buffer B holds; 0 for as many as needed.",
    },
    when_full: {
      type: "text",
      default: "block",
      choices: ["block", "spill", "stop"],
      doc:
        "Buffer B full: wait for the copier to reach the page, write a page of B to the store, " +
        "or stop until every page is copied.",
    },
    include_executable: includeExecutable,
  },
  controlMessages: (writeFaults) => 2 * writeFaults + 2,
  *capture(view, { include_executable }) {
    yield { step: "stop" };
    yield saveWith(include_executable);
    yield { step: "protect" };
    yield { step: "message", what: "begin copying" };
    yield { step: "resume" };
    for (const page of view.pages) {
      if (page.state === "uncaptured") yield { step: "copy", page, to: "A" };
    }
    yield { step: "message", what: "every page is captured" };
    yield { step: "merge" };
    yield { step: "write" };
    yield { step: "commit" };
  },
  *onFirstWrite(page, view, { cow_slots, when_full }) {
    yield { step: "message", what: "a page is about to be written" };
    if (page.state === "copying") yield { step: "wait", page };
    if (page.state === "uncaptured") yield* makeRoom(page, view, cow_slots, when_full);
    if (page.state === "uncaptured") yield { step: "copy", page, to: "B" };
    yield { step: "message", what: "the page is captured" };
  },
});

/** Buffer B is bounded: what happens when it is full has a name. */
function* makeRoom(
  page: CapturePage,
  view: CaptureView,
  slots: number,
  whenFull: string,
): Generator<CaptureStep, void, void> {
  if (slots === 0 || view.pagesInB < slots) return;
  if (whenFull === "block") yield { step: "wait", page };
  else if (whenFull === "stop") yield { step: "wait", page: "all" };
  else {
    const lowest = view.pages.find((candidate) => candidate.state === "B");
    if (lowest !== undefined) yield { step: "spill", page: lowest };
  }
}
