/** Checkpointers with one mistake each: what the kit does not notice in these, it guards nothing. */
import type { CaptureStep, CaptureView, Checkpointer } from "../../../core/mod.ts";
import { concurrentCow } from "../../../plugins/checkpointers/concurrent_cow.ts";
import { incremental } from "../../../plugins/checkpointers/incremental.ts";
import { pingPong } from "../../../plugins/checkpointers/ping_pong.ts";
import { stopTheWorld } from "../../../plugins/checkpointers/stop_the_world.ts";
import { tlbCowPlus } from "../../../plugins/checkpointers/tlb_cow_plus.ts";
import { zigzag } from "../../../plugins/checkpointers/zigzag.ts";

type Steps = Generator<CaptureStep, void, void>;
type Capture = (view: CaptureView, options: never) => Steps;

const mutant = (
  of: unknown,
  name: string,
  help: string,
  more: Partial<Checkpointer>,
): Checkpointer => ({ ...of as Checkpointer, name, aliases: [], help, ...more });

const original = stopTheWorld as unknown as Checkpointer;
const cow = concurrentCow as unknown as Checkpointer;
const plain: Capture = (view, options) => original.capture(view, options);

/** The steps of a capture, with some of them left out or others in their place. */
const edited = (
  of: Checkpointer,
  change: (step: CaptureStep, view: CaptureView) => readonly CaptureStep[],
): Capture =>
  function* (view, options) {
    for (const step of of.capture(view, options)) yield* change(step, view);
  };

export const forgetsLastPage = mutant(stopTheWorld, "forgets-last-page", "Leaves a page out.", {
  capture: edited(
    original,
    (step, { pages }) => step.step === "copy" && step.page === pages.at(-1) ? [] : [step],
  ),
});

const increments = incremental as unknown as Checkpointer;

export const inheritsFromNobody = mutant(
  increments,
  "inherits-from-nobody",
  "Leaves pages to the last image, though there is none.",
  {
    capture: edited(
      increments,
      (step) => step.step === "save" ? [{ ...step, inherit: true }] : [step],
    ),
  },
);

export const tracksLate = mutant(
  increments,
  "tracks-late",
  "Hears of first stores from when the process runs on, and not from t0.",
  {
    capture: edited(
      increments,
      (step) =>
        step.step === "track"
          ? []
          : step.step === "merge"
          ? [{ step: "stop" }, { step: "track" }, { step: "resume" }, step]
          : [step],
    ),
  },
);

const shadows = pingPong as unknown as Checkpointer;

export const pingPongForgetsTheOther = mutant(
  shadows,
  "ping-pong-forgets-the-other",
  "Copies to a shadow what was written since the last image, and not what was before.",
  { capture: edited(shadows, (step) => step.step === "refresh" ? [] : [step]) },
);

export const pingPongTakesFromNowhere = mutant(
  shadows,
  "ping-pong-takes-from-nowhere",
  "Takes pages from a shadow at the first checkpoint, too.",
  {
    capture: edited(
      shadows,
      (step) => step.step === "save" ? [{ ...step, inherit: "shadow" }] : [step],
    ),
  },
);

export const commitsUnwritten = mutant(stopTheWorld, "commits-unwritten", "Commits, then writes.", {
  capture: edited(
    original,
    (step) =>
      step.step === "write"
        ? [{ step: "commit" }]
        : step.step === "commit"
        ? [{ step: "write" }]
        : [step],
  ),
});

export const neverCommits = mutant(stopTheWorld, "never-commits", "Ends before the manifest.", {
  capture: edited(original, (step) => step.step === "commit" ? [] : [step]),
});

export const resumesUnprotected = mutant(cow, "resumes-unprotected", "Forgets to protect pages.", {
  capture: edited(cow, (step) => step.step === "protect" ? [] : [step]),
});

export const letsPagesSlip = mutant(
  cow,
  "lets-pages-slip",
  "Does nothing at a page's first store.",
  {
    controlMessages: () => 2,
    *onFirstWrite() {},
  },
);

export const dropsWhenFull = mutant(cow, "drops-when-full", "With buffer B full it drops a page.", {
  *onFirstWrite(page, view): Steps {
    yield { step: "message", what: "a page is about to be written" };
    if (page.state === "copying") yield { step: "wait", page };
    if (page.state === "uncaptured" && view.pagesInB < 2) yield { step: "copy", page, to: "B" };
    yield { step: "message", what: "the page is captured" };
  },
});

export const copiesAnotherQuarter = mutant(
  tlbCowPlus,
  "copies-another-quarter",
  "Copies the quarter behind the one about to be written.",
  {
    *onFirstWrite(page, _view, _options, quarter = 0): Steps {
      yield { step: "copy", page, to: "B", quarter: (quarter + 1) % 4 };
    },
  },
);

export const stopsForHalf = mutant(
  tlbCowPlus,
  "stops-for-half",
  "Falls back to stopping, and lets the program run when half of the rest is copied.",
  {
    *onFirstWrite(page, view): Steps {
      for (const one of view.pages.filter(({ quartersLeft }) => quartersLeft > 0).slice(1)) {
        if (one !== page) yield { step: "wait", page: one };
      }
    },
  },
);

export const zigzagMovesNothing = mutant(
  zigzag,
  "zigzag-moves-nothing",
  "Lets the first store go to the other frame without what the page had: it assumes whole units.",
  { *onFirstWrite() {} },
);

export const zigzagTurnsPages = mutant(
  zigzag,
  "zigzag-turns-pages",
  "Has a bit for each quarter, and moves only the first one of a page.",
  {
    *onFirstWrite(page, _view, _options): Steps {
      yield { step: "copy", page, to: "B", quarter: 0 };
    },
  },
);

export const zigzagAsksTheDisk = mutant(
  zigzag,
  "zigzag-asks-the-disk",
  "Asks at each first store whether the disk has the page, and does not say so.",
  {
    *onFirstWrite(page): Steps {
      yield { step: "message", what: "is it there?" };
      yield { step: "copy", page, to: "B" };
    },
  },
);

export const savesTwice = mutant(
  stopTheWorld,
  "saves-twice",
  "Takes t0 again when pages are copied.",
  {
    capture: edited(
      original,
      (step) => step.step === "merge" ? [{ step: "save", leaveOut: "nothing" }, step] : [step],
    ),
  },
);

export const neverEnds = mutant(stopTheWorld, "never-ends", "Sends messages for ever.", {
  *capture(): Steps {
    for (;;) yield { step: "message", what: "are you there?" };
  },
});

export const waitsForNobody = mutant(cow, "waits-for-nobody", "Waits for a page nobody copies.", {
  capture: edited(cow, (step) => step.step === "copy" ? [] : [step]),
  controlMessages: (writeFaults) => 2 + writeFaults,
  *onFirstWrite(page): Steps {
    yield { step: "message", what: "a page is about to be written" };
    yield { step: "wait", page };
  },
});

/** A flag outside of the capture, which a failed capture leaves as it is. */
let isBusy = false;

export const staysBusy = mutant(stopTheWorld, "stays-busy", "Remembers a capture that failed.", {
  *capture(view, options): Steps {
    if (isBusy) {
      isBusy = false;
      throw new Error("a checkpoint is under way");
    }
    isBusy = true;
    yield* plain(view, options as never);
    isBusy = false;
  },
});

/** The pages of the capture before. */
let known: CaptureView["pages"] = [];

export const keepsOldPages = mutant(
  stopTheWorld,
  "keeps-old-pages",
  "Copies what it saw last time.",
  {
    *capture(view, options): Steps {
      for (const step of plain(view, options as never)) {
        const page = step.step === "copy" ? known[0] ?? step.page : undefined;
        yield step.step === "copy" && page !== undefined ? { ...step, page } : step;
      }
      known = view.pages;
    },
  },
);

let times = 0;

export const alternates = mutant(stopTheWorld, "alternates", "Resumes early every second time.", {
  *capture(view, options: never): Steps {
    const buffered = times++ % 2 === 0;
    yield* plain(view, { ...options as Record<string, unknown>, buffered } as never);
  },
});

export const hidesMessages = mutant(cow, "hides-messages", "Declares one message too few.", {
  controlMessages: (writeFaults) => 2 * writeFaults + 1,
});

export const chargesNothing = mutant(cow, "charges-nothing", "Declares that messages are free.", {
  controlMessages: () => 0,
});

export const failsAtTheBound = mutant(cow, "fails-at-the-bound", "Cannot do what it allows.", {
  *capture(view, options): Steps {
    const { cow_slots } = options as { readonly cow_slots: number };
    if (cow_slots > 1) throw new Error("too many slots");
    yield* cow.capture(view, options as never);
  },
});

export const ignoresItsOption = mutant(cow, "ignores-its-option", "Guesses what an option means.", {
  *onFirstWrite(page, view, options, quarter): Steps {
    const { when_full } = options as unknown as { readonly when_full: string };
    if (when_full === "stop") return;
    yield* cow.onFirstWrite?.(page, view, options, quarter) ?? [];
  },
});
