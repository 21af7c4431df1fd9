/**
 * The gallery of mutants: strategies with one mistake each, and the law that is meant for it. And the
 * mutants of the laws' own list, each with who plays it here or why nobody can.
 */
import type {
  Contributions,
  Fault,
  LawId,
  PluginReporter,
  Protocol,
  Storage,
} from "../../core/mod.ts";
import { clsFlush } from "../../plugins/protocols/cls_flush.ts";
import { uncoordinated } from "../../plugins/protocols/uncoordinated.ts";
import * as savers from "./checkpointers/checkpointer_mutants.ts";
import * as faults from "./fault_mutants.ts";
import * as index from "./protocols/bcs_mutants.ts";
import * as coloured from "./protocols/coloured_mutants.ts";
import * as counting from "./protocols/counting_mutants.ts";
import * as drain from "./protocols/drain_mutants.ts";
import * as flush from "./protocols/flush_mutants.ts";
import * as koo from "./protocols/koo_mutants.ts";
import * as logging from "./protocols/logging_mutants.ts";
import * as moving from "./protocols/moving_mutants.ts";
import * as snapshot from "./protocols/snapshot_mutants.ts";
import * as spread from "./protocols/spread_out_mutants.ts";
import * as tellers from "./reporter_mutants.ts";
import * as storages from "./storage_mutants.ts";
import {
  uncoordinatedForgetsSecond,
  uncoordinatedWaitsOn,
} from "./protocols/uncoordinated_mutants.ts";

/** A mutant and the law it must be caught by. */
export interface Mutant {
  readonly law: LawId;
  /** Which part of the law, where there are several. */
  readonly about?: string;
  readonly name: string;
  readonly help: string;
  readonly contributes: Contributions;
}

const saver = (law: LawId, row: (typeof savers)[keyof typeof savers]): Mutant => ({
  law,
  name: row.name,
  help: row.help,
  contributes: { checkpointers: [row] },
});

const protocol = (law: LawId, row: unknown): Mutant => {
  const { name, help } = row as Protocol;
  return { law, name, help, contributes: { protocols: [row as Protocol] } };
};

const keeper = (law: LawId, row: Storage): Mutant => ({
  law,
  name: row.name,
  help: row.help,
  contributes: { storages: [row] },
});

const trouble = (law: LawId, row: Fault): Mutant => ({
  law,
  name: row.name,
  help: row.help,
  contributes: { faults: [row] },
});

const teller = (law: LawId, about: string, row: PluginReporter): Mutant => ({
  law,
  about,
  name: row.name,
  help: row.help,
  contributes: { reporters: [row] },
});

const overtaken: Protocol = {
  ...clsFlush as unknown as Protocol,
  name: "flush-without-order",
  aliases: [],
  help: "Markers over channels that keep no order.",
  requires: { order: "any", delivery: "reliable" },
};

const claimsLines: Protocol = {
  ...uncoordinated as unknown as Protocol,
  name: "uncoordinated-claims-lines",
  aliases: [],
  help: "Says that checkpoints nobody coordinated are lines.",
  recovery: "line",
};

/** The gallery. */
export const GALLERY: readonly Mutant[] = [
  saver("L2", savers.forgetsLastPage),
  saver("L2", savers.savesTwice),
  saver("L3", savers.resumesUnprotected),
  saver("L3", savers.letsPagesSlip),
  saver("L3", savers.dropsWhenFull),
  saver("L3", savers.copiesAnotherQuarter),
  saver("L3", savers.stopsForHalf),
  saver("L3", savers.zigzagMovesNothing),
  saver("L3", savers.zigzagTurnsPages),
  saver("L7", savers.neverEnds),
  saver("L7", savers.waitsForNobody),
  saver("L8", savers.staysBusy),
  saver("L8", savers.keepsOldPages),
  saver("L9", savers.commitsUnwritten),
  saver("L9", savers.neverCommits),
  saver("L10", savers.inheritsFromNobody),
  saver("L10", savers.tracksLate),
  saver("L10", savers.pingPongForgetsTheOther),
  saver("L10", savers.pingPongTakesFromNowhere),
  saver("L11", savers.alternates),
  saver("L11", savers.hidesMessages),
  saver("L11", savers.zigzagAsksTheDisk),
  saver("L11", savers.chargesNothing),
  saver("L12", savers.failsAtTheBound),
  saver("L12", savers.ignoresItsOption),
  protocol("L5", counting.countingResumesEarly),
  protocol("L5", counting.countingLetsJoinersRun),
  protocol("L5", flush.flushResumesEarly),
  protocol("L5", claimsLines),
  protocol("L5", snapshot.snapshotMarksLate),
  protocol("L5", snapshot.snapshotLetsIn),
  protocol("L5", snapshot.snapshotRecordsAll),
  protocol("L5", coloured.countingWithoutTag),
  protocol("L5", coloured.laiYangDeliversEarly),
  protocol("L5", drain.drainResumesEarly),
  protocol("L5", logging.loggingDoesNotWait),
  protocol("L5", logging.loggingForgetsOrder),
  protocol("L5", logging.loggingTakesTwice),
  protocol("L5", index.bcsDeliversEarly),
  protocol("L5", index.bcsClaimsWhatFailed),
  protocol("L5", koo.kooAsksNoFurther),
  protocol("L5", koo.kooCommitsEarly),
  protocol("L5", koo.kooSendsOn),
  protocol("L5", spread.spreadHasNoIndex),
  protocol("L5", spread.spreadDeliversEarly),
  protocol("L6", overtaken),
  protocol("L6", koo.kooKeepsUndone),
  protocol("L6", koo.kooKeepsNothing),
  protocol("L6", index.bcsSavesItselfLate),
  protocol("L6", logging.loggingKeepsNothing),
  protocol("L6", index.bcsKeepsNothing),
  protocol("L6", index.bcsKeepsSinceTheLast),
  protocol("L6", index.bcsTellsTheLast),
  protocol("L6", spread.spreadKeepsNothing),
  protocol("L6", spread.spreadForgetsWhatItSent),
  protocol("L6", spread.spreadForgetsTheEnded),
  protocol("L6", spread.spreadPassesOnAtOnce),
  protocol("L6", spread.spreadHearsTheFirst),
  protocol("L6", coloured.countingForgetsLate),
  protocol("L6", coloured.countingExpectsNothing),
  protocol("L6", coloured.matternForgetsLate),
  protocol("L6", coloured.matternPassesOnAtOnce),
  protocol("L6", counting.countingExitsWithoutTable),
  protocol("L6", counting.countingHidesLostTables),
  protocol("L6", counting.countingSavesBeforeDrained),
  protocol("L6", counting.countingDeclaresEarly),
  protocol("L6", counting.countingClearsAtAbort),
  protocol("L6", counting.countingGoesOnAfterCrash),
  protocol("L6", flush.flushLeavesAtOnce),
  protocol("L6", flush.flushLetsInLater),
  protocol("L6", flush.bookmarkIsAMarker),
  protocol("L6", snapshot.snapshotMarksEarly),
  protocol("L6", snapshot.snapshotForgetsChannels),
  protocol("L6", snapshot.snapshotClosesEarly),
  protocol("L6", snapshot.snapshotForgetsOldMarks),
  protocol("L6", drain.drainAddsBeforeTheBarrier),
  protocol("L6", drain.drainHidesShortage),
  protocol("L7", counting.countingForgetsNextInterval),
  protocol("L7", counting.countingIgnoresJoin),
  protocol("L7", counting.countingWaitsForTheDead),
  protocol("L7", counting.countingLosesSync),
  protocol("L7", counting.countingCountsTheKilledTwice),
  protocol("L7", counting.countingDropsRequests),
  protocol("L7", counting.countingCommitsUnrecorded),
  protocol("L7", counting.countingWritesInPlace),
  protocol("L7", flush.flushForgetsEarlyMarkers),
  protocol("L7", flush.flushIgnoresJoin),
  protocol("L7", flush.flushMarksOnlyTheOld),
  protocol("L7", flush.flushWaitsForTheDead),
  protocol("L7", flush.bookmarkSetsBack),
  protocol("L7", flush.flushDropsRequests),
  protocol("L7", flush.flushNeverAborts),
  protocol("L7", snapshot.snapshotLeavesSilently),
  protocol("L7", snapshot.snapshotStartsOnce),
  protocol("L7", snapshot.snapshotIgnoresJoin),
  protocol("L7", snapshot.snapshotLeavesJoinersOut),
  protocol("L7", snapshot.snapshotDropsRequests),
  protocol("L7", coloured.countingLeavesAtOnce),
  protocol("L7", coloured.countingIgnoresJoin),
  protocol("L7", coloured.countingDropsRequests),
  protocol("L7", logging.loggingForgetsItsNotes),
  protocol("L7", index.bcsForgetsSecond),
  protocol("L7", koo.kooIgnoresUndo),
  protocol("L7", koo.kooLeavesSilently),
  protocol("L7", spread.spreadDropsRequests),
  protocol("L7", uncoordinatedForgetsSecond),
  protocol("L7", uncoordinatedWaitsOn),
  protocol("L7", drain.drainSharesSums),
  protocol("L7", drain.drainReadsBeforeTheBarrier),
  protocol("L7", drain.drainCountsAtMatch),
  protocol("L7", drain.drainLeavesAtOnce),
  protocol("L7", drain.drainCountsTheGone),
  protocol("L7", drain.drainWaitsForTheDead),
  protocol("L7", drain.drainIgnoresJoin),
  protocol("L7", drain.drainLetsInLater),
  protocol("L7", drain.drainDropsRequests),
  protocol("L7", drain.drainForgetsSince),
  protocol("L8", counting.countingNeverClearsReceived),
  protocol("L8", counting.countingNeverClears),
  protocol("L8", coloured.countingSetsBack),
  protocol("L8", coloured.countingLeavesWithoutTable),
  protocol("L8", coloured.laiYangForgetsTooMuch),
  protocol("L8", koo.kooLeavesUnsaved),
  protocol("L6", moving.mpvmForgetsMapping),
  protocol("L6", moving.mpvmLeavesUnflushed),
  protocol("L6", moving.mpvmGoesOnSending),
  protocol("L6", moving.charmMapsNoNewcomers),
  protocol("L7", moving.mpvmHeedsLateStops),
  protocol("L7", moving.mpvmStaysSilently),
  protocol("L7", moving.cocheckForgetsEarlyReady),
  protocol("L7", moving.cocheckStaysHeld),
  protocol("L7", moving.charmForgetsTheSession),
  protocol("L7", moving.charmWaitsForTheLost),
  protocol("L7", moving.charmForgetsMoves),
  protocol("L7", moving.charmSettlesEarly),
  protocol("L8", moving.charmRefuses),
  protocol("L11", moving.cocheckFlushesInwardOnly),
  protocol("L11", counting.countingSignals),
  protocol("L11", logging.loggingAcksTwice),
  protocol("L11", koo.kooAsksAgain),
  protocol("L11", flush.flushMarksTwice),
  protocol("L11", coloured.countingAsksAgain),
  protocol("L11", snapshot.snapshotMarksTwice),
  protocol("L11", drain.drainAsksOnceMore),
  protocol("L11", drain.drainDeclaresTooFew),
  keeper("L2", storages.isNeverThere),
  keeper("L7", storages.crawls),
  keeper("L9", storages.saysDiskKeepsInMemory),
  keeper("L9", storages.keepsOneMore),
  keeper("L9", storages.keepsAllAtLevels),
  keeper("L11", storages.slowsDown),
  trouble("L7", faults.losesForEver),
  trouble("L11", faults.onlySaysSo),
  trouble("L11", faults.refusesItself),
  trouble("L11", faults.takesTurns),
  trouble("L12", faults.fails),
  teller("L1", "events", tellers.rewritesVerdicts),
  teller("L1", "events", tellers.sortsInPlace),
  teller("L1", "run", tellers.extendsLists),
  teller("L9", "plain text", tellers.coloursFiles),
  teller("L9", "plain text", tellers.wipesTheLine),
  teller("L9", "plain text", tellers.echoes),
  teller("L11", "the same text", tellers.numbersAllReports),
  teller("L11", "the same text", tellers.sharesCounts),
  teller("L12", "every run", tellers.knowsThreeVerdicts),
  teller("L12", "every run", tellers.wantsACell),
  teller("L12", "every run", tellers.tellsNothingOfErrors),
  teller("L12", "every run", tellers.isSilent),
];

/** A mutant of the laws' list: played by rows of the gallery, by a test of core, or by nobody. */
export interface Listed {
  readonly law: LawId;
  readonly mutant: string;
  readonly by?: readonly string[];
  /** It is a mistake of core, and this test makes it. */
  readonly test?: string;
  /** Why this core cannot express it. */
  readonly cannot?: string;
}

const NO_DOOR = "a strategy says which page is copied when, and has no door to a program's state";
const T0 = "tests/core/image/point_in_time_test.ts";
const QUARTERS = "tests/core/image/quarters_test.ts";
const DAMAGE = "tests/core/image/damage_test.ts";
const CHAIN = "tests/core/image/image_chain_test.ts";
const RESTORE = "tests/core/image/restore_test.ts";
const INCREMENTS = "tests/core/image/incremental_test.ts";
const NO_PROCESSES = "a process of the lab has no children: there is nothing to share or to reap";

/** The list. */
export const LISTED: readonly Listed[] = [
  { law: "L1", mutant: "clobber one register or FPSCR bit", cannot: NO_DOOR },
  { law: "L1", mutant: "EINTR leaking to a program without handlers", cannot: NO_DOOR },
  {
    law: "L1",
    mutant: "skip a branch in its delay slot",
    cannot: "a branch and its slot are one step (decision 3): no image is between them",
  },
  { law: "L2", mutant: "drop a zombie", cannot: NO_PROCESSES },
  { law: "L2", mutant: "lose a byte of a pipe", test: RESTORE },
  {
    law: "L2",
    mutant: "absolute frame numbers",
    cannot: "an image has no frame numbers; the kit restores each on another machine",
  },
  { law: "L2", mutant: "a second restart", by: ["saves-twice", "forgets-last-page"] },
  { law: "L3", mutant: "load D = 1 on a read miss", test: T0 },
  { law: "L3", mutant: "skip a store through P1", test: T0 },
  { law: "L3", mutant: "key captures by address space and page number", test: T0 },
  { law: "L3", mutant: "a copier that ignores buffer B", test: T0 },
  { law: "L3", mutant: "an overflow of buffer B that drops a page", by: ["drops-when-full"] },
  {
    law: "L3",
    mutant: "a quarter copied in the place of another",
    by: ["copies-another-quarter"],
    test: QUARTERS,
  },
  { law: "L3", mutant: "a quarter loaded with D = 1 on a read miss", test: QUARTERS },
  { law: "L3", mutant: "a fallback that loses a page", by: ["stops-for-half"], test: QUARTERS },
  { law: "L1", mutant: "an entry of 1 KiB that outlives its page's split", test: QUARTERS },
  { law: "L4", mutant: "save descriptors for each process", cannot: NO_PROCESSES },
  { law: "L4", mutant: "restore a shared page as two frames", cannot: NO_PROCESSES },
  { law: "L4", mutant: "reuse of a pid with an old parent image", test: CHAIN },
  {
    law: "L5",
    mutant: "early resume",
    by: ["counting-resumes-early", "flush-resumes-early"],
  },
  {
    law: "L5",
    mutant: "a message of a later cut that is delivered before the own",
    by: [
      "lai-yang-delivers-early",
      "snapshot-lets-in",
      "bcs-delivers-early",
      "spread-delivers-early",
    ],
  },
  {
    law: "L5",
    mutant: "a marker behind the first message sent",
    by: ["snapshot-marks-late"],
  },
  { law: "L6", mutant: "markers over channels without order", by: ["flush-without-order"] },
  { law: "L6", mutant: "EXIT without its table", by: ["counting-exits-without-table"] },
  {
    law: "L6",
    mutant: "a buffer given back behind new messages",
    cannot: "core keeps the receive buffer of a process, in its order, for every protocol alike",
  },
  { law: "L6", mutant: "R >= E instead of R = E", by: ["counting-hides-lost-tables"] },
  { law: "L7", mutant: "lose SYNC to a process", by: ["counting-loses-sync"] },
  {
    law: "L7",
    mutant: "ignore a process that joins",
    by: [
      "counting-ignores-join",
      "flush-ignores-join",
      "drain-ignores-join",
    ],
  },
  {
    law: "L7",
    mutant: "wait for a peer that has ended",
    by: ["counting-waits-for-the-dead", "flush-waits-for-the-dead"],
  },
  {
    law: "L7",
    mutant: "two requests at once",
    by: ["counting-drops-requests", "flush-drops-requests", "uncoordinated-forgets-second"],
  },
  { law: "L8", mutant: "clear counters before the commit", by: ["counting-clears-at-abort"] },
  {
    law: "L8",
    mutant: "keep the sums of ACK",
    by: ["counting-never-clears", "counting-never-clears-received"],
  },
  {
    law: "L8",
    mutant: "delete the old image first",
    cannot: "no step deletes an image: labels are the lab's",
  },
  {
    law: "L8",
    mutant: "leave pages protected for ever",
    cannot: "the session takes its guard away, however a strategy ends",
  },
  { law: "L8", mutant: "state of an attempt that failed", by: ["stays-busy", "keeps-old-pages"] },
  { law: "L9", mutant: "parse pages before the version", test: DAMAGE },
  { law: "L9", mutant: "checksum only the header", test: DAMAGE },
  { law: "L9", mutant: "use an id of the index twice", test: DAMAGE },
  {
    law: "L9",
    mutant: "go back to a bad image for ever",
    cannot: "a restart is a step of the script, and refuses an image that is not whole",
  },
  { law: "L9", mutant: "commit before the pages are written", by: ["commits-unwritten"] },
  { law: "L10", mutant: "clean pages at the end", test: INCREMENTS },
  { law: "L10", mutant: "a page mapped anew is not dirty", test: INCREMENTS },
  { law: "L10", mutant: "a page of zeros taken for one of the parent", test: INCREMENTS },
  { law: "L10", mutant: "collect a parent as garbage", test: INCREMENTS },
  { law: "L10", mutant: "a dirty set consumed before the commit", test: INCREMENTS },
  { law: "L10", mutant: "stores of the kernel that nobody sees", test: INCREMENTS },
  {
    law: "L10",
    mutant: "pages left to an image that is not there, or that a store came between",
    by: ["inherits-from-nobody", "tracks-late"],
  },
  { law: "L11", mutant: "a signal nobody counts", by: ["counting-signals", "hides-messages"] },
  {
    law: "L11",
    mutant: "hide the copier's time",
    cannot: "a session settles all time itself (decision 4): a strategy has no clock to hide from",
  },
  {
    law: "L11",
    mutant: "host clock, order of a table, chance",
    by: ["alternates"],
    test: "tests/plugins/misbehaving_test.ts",
  },
  { law: "L12", mutant: "ignore shared memory of System V", test: RESTORE },
  { law: "L12", mutant: "drop a zombie unseen", cannot: NO_PROCESSES },
  {
    law: "L12",
    mutant: "leave running with files that changed, and no warning",
    cannot: "files are in the image, and external ones are mounted for reading only",
  },
];
