/**
 * A process in the protocol of Koo and Toueg. It has at most one checkpoint that is not permanent, and
 * may take part with it in the runs of several initiators: what it has sent before t0 is in it for all
 * of them, for from t0 until the last of them is decided it sends nothing. Each run asks for itself all
 * on whom the process depends, so that a run that is committed needs no other.
 */
import type { ProcessId, ProtocolEvent, Station } from "../../core/mod.ts";
import {
  beginRun,
  giveUp,
  giveUpAll,
  onExiting,
  settle,
  tellUndone,
  TIMER,
} from "./koo_toueg_end.ts";
import {
  cameFrom,
  cutNow,
  isUndone,
  joined,
  type Koo,
  type KooMessage,
  type KooOut,
  lastBefore,
  madePermanent,
  ownRun,
  peerOf,
  type Run,
  type RunId,
  runOf,
  withoutRun,
  withPeer,
  withRun,
  withUndone,
} from "./koo_toueg_state.ts";
import { including, lostBecause, named, without } from "./members.ts";

/** What a member does about an event. */
export function handleKoo(state: Koo, event: ProtocolEvent<KooMessage>, out: KooOut): Koo {
  if (state.left) return onLeft(state, event, out);
  switch (event.event) {
    case "requested":
      return state.runs.length === 0
        ? beginRun(state, true, out)
        : { ...state, wanted: state.wanted + 1 };
    case "sending":
      out.keep();
      return withPeer(state, event.to, (peer) => ({ ...peer, sent: (event.number ?? 0) + 1 }));
    case "arriving":
      return withPeer(state, event.from, (peer) => cameFrom(peer, event.number ?? 0));
    case "control":
      return onControl(state, event.from, event.message, out);
    case "taken":
      return onTaken(state, out);
    case "saved":
      return onSaved(state, out);
    case "failed":
      return onFailed(state, event.why, out);
    case "timer":
      return onTimer(state, out);
    case "joining":
      return onJoining(state, event.who, out);
    case "crashed":
      return onCrashed(state, event.who, out);
    case "exiting":
      return onExiting(state, event.killed, out);
    default:
      return state;
  }
}

/** Its process has ended; but who has saved itself for it in vain must hear so. */
function onLeft(state: Koo, event: ProtocolEvent<KooMessage>, out: KooOut): Koo {
  if (event.event === "requested") out.abort(`process ${state.self} has ended`);
  if (event.event !== "control") return state;
  const { message } = event;
  if (message.kind !== "YES" && message.kind !== "NO") return state;
  const members = message.kind === "YES" ? message.members : [];
  return sayItIsOver(state, including(members, event.from as ProcessId), message, out);
}

function onControl(state: Koo, from: Station, message: KooMessage, out: KooOut): Koo {
  const who = from as ProcessId;
  switch (message.kind) {
    case "REQ":
      return onReq(state, who, message, out);
    case "YES":
      return onYes(state, who, message, out);
    case "NO":
      return onNo(state, who, message, out);
    case "COMMIT":
      return onCommit(state, message, out);
    case "UNDO":
      return onUndo(state, message, out);
    case "GONE":
      return onGone(state, who, message, out);
  }
}

// Who is asked.

function onReq(state: Koo, who: ProcessId, req: KooMessage & { kind: "REQ" }, out: KooOut): Koo {
  const { initiator, number, last, safe } = req, id = { initiator, number };
  out.prune(who, safe);
  const isOver = runOf(state, id) === undefined &&
    (initiator === state.self || isUndone(state, id));
  if (state.gone.some((one) => one.who === who)) return state;
  if (state.lost.includes(who)) {
    const why = `process ${state.self} has not gone back with process ${who}: restart all`;
    out.send(who, { kind: "NO", ...id, why });
    return state;
  }
  if (isOver) return sayItIsOver(state, [who], id, out);
  const isSaved = last < peerOf(state, who).covered || runOf(state, id) !== undefined;
  if (isSaved) {
    out.send(who, { kind: "YES", ...id, members: [] });
    return state;
  }
  const run: Run = { ...id, parent: who, asked: [], waiting: [], members: [] };
  const next = { ...state, runs: [...state.runs, run] };
  switch (state.tentative?.stage) {
    case undefined:
      out.phase("save");
      out.capture();
      return { ...next, tentative: { stage: "begun", cut: [] } };
    case "begun":
      return next;
    case "failed":
      return refuse(next, run, `process ${state.self} could not be saved`, out);
    default:
      return ask(next, run, out);
  }
}

/** t0: nothing is sent from now on, and who has sent before is asked. */
function onTaken(state: Koo, out: KooOut): Koo {
  if (state.tentative?.stage !== "begun") return state;
  for (const { who } of state.peers) out.holdTo(who);
  return each(cutNow(state), (before, run) => ask(before, run, out));
}

/** For each run there is now, if it is still there. */
const each = (state: Koo, act: (state: Koo, run: Run) => Koo): Koo =>
  state.runs.reduce((before, { initiator, number }) => {
    const run = runOf(before, { initiator, number });
    return run === undefined ? before : act(before, run);
  }, state);

/** Asks all of whom something is in the checkpoint that is in none before. */
function ask(state: Koo, run: Run, out: KooOut): Koo {
  const cohort = state.peers.filter(({ who }) => lastBefore(state, who) >= 0);
  const unsaved = cohort.map(({ who }) => whyUnsaved(state, who)).find((why) => why !== undefined);
  if (unsaved !== undefined) return refuse(state, run, unsaved, out);
  const there = cohort.filter(({ who }) => !state.gone.some((one) => one.who === who));
  const { initiator, number } = run;
  for (const { who, safe } of there) {
    out.send(who, { kind: "REQ", initiator, number, last: lastBefore(state, who), safe });
  }
  const asked = there.map(({ who }) => who);
  return progress(state, { ...run, asked, waiting: asked }, out);
}

/** Why that process can never say yes, if it cannot. */
function whyUnsaved(state: Koo, who: ProcessId): string | undefined {
  if (state.lost.includes(who)) return lostBecause(who);
  const gone = state.gone.find((one) => one.who === who);
  if (gone === undefined || lastBefore(state, who) < gone.covered) return undefined;
  return `process ${who} has ended and was not saved`;
}

// Votes.

function onSaved(state: Koo, out: KooOut): Koo {
  const { tentative } = state;
  if (tentative?.stage !== "taken") return state;
  out.phase("vote");
  const saved: Koo = { ...state, tentative: { ...tentative, stage: "durable" } };
  return each(saved, (before, run) => progress(before, run, out));
}

/** Votes, or decides, when it is saved and all it has asked are. */
function progress(before: Koo, run: Run, out: KooOut): Koo {
  const state = withRun(before, run);
  const stage = state.tentative?.stage;
  const isSaved = stage === "durable" || stage === "permanent";
  if (!isSaved || run.waiting.length > 0 || run.vote !== undefined) return state;
  const { initiator, number, parent } = run, members = including(run.members, state.self);
  if (parent === undefined) return decide(state, { ...run, members }, out);
  out.send(parent, { kind: "YES", initiator, number, members });
  return withRun(state, { ...run, members, vote: "yes" });
}

/** All are saved: what is tentative is permanent from now on. They hear it at first hand. */
function decide(state: Koo, { initiator, number, members }: Run, out: KooOut): Koo {
  const id = { initiator, number };
  for (const who of without(members, state.self)) out.send(who, { kind: "COMMIT", ...id });
  out.clearTimer(TIMER);
  out.done(members);
  return settle(withoutRun(committed(state), id), out);
}

const committed = (state: Koo): Koo =>
  state.tentative?.stage === "durable" ? madePermanent(state) : state;

function onYes(state: Koo, who: ProcessId, yes: KooMessage & { kind: "YES" }, out: KooOut): Koo {
  const run = runOf(state, yes);
  if (run === undefined) return sayItIsOver(state, including(yes.members, who), yes, out);
  const waiting = without(run.waiting, who), members = including(run.members, ...yes.members);
  return progress(state, { ...run, waiting, members }, out);
}

function onNo(state: Koo, who: ProcessId, no: KooMessage & { kind: "NO" }, out: KooOut): Koo {
  const run = runOf(state, no);
  if (run === undefined) return sayItIsOver(state, [who], no, out);
  return refuse(state, { ...run, waiting: without(run.waiting, who) }, no.why, out);
}

/** Whoever asks or votes in a run that is given up does not know it yet. */
function sayItIsOver(
  state: Koo,
  whom: readonly ProcessId[],
  { initiator, number }: RunId,
  out: KooOut,
): Koo {
  for (const who of without(whom, state.self)) out.send(who, { kind: "UNDO", initiator, number });
  return state;
}

/** The run cannot be committed: who has begun it gives it up, all others say so and wait. */
function refuse(before: Koo, run: Run, why: string, out: KooOut): Koo {
  const state = withRun(before, run), { initiator, number, parent, vote } = run;
  if (parent === undefined) return giveUp(state, run, why, out);
  if (vote !== undefined) return state;
  out.send(parent, { kind: "NO", initiator, number, why });
  return withRun(state, { ...run, vote: "no" });
}

// What becomes of it.

function onCommit(state: Koo, id: RunId, out: KooOut): Koo {
  if (runOf(state, id) === undefined) return state;
  return settle(withoutRun(committed(state), id), out);
}

function onUndo(state: Koo, id: RunId, out: KooOut): Koo {
  const run = runOf(state, id);
  if (run === undefined) return withUndone(state, id);
  if (run.parent === undefined) return giveUp(state, run, "somebody who took part has ended", out);
  tellUndone(state, run, out);
  return settle(withUndone(withoutRun(state, id), id), out);
}

/** It came to nothing, as on a full disk: so do all runs that need it. */
function onFailed(state: Koo, why: string, out: KooOut): Koo {
  const { tentative } = state;
  if (tentative?.stage !== "begun" && tentative?.stage !== "taken") return state;
  out.discard();
  const failed: Koo = { ...state, tentative: { ...tentative, stage: "failed" } };
  return each(failed, (before, run) => refuse(before, run, `process ${state.self}: ${why}`, out));
}

function onTimer(state: Koo, out: KooOut): Koo {
  const run = ownRun(state);
  if (run === undefined) return state;
  const why = run.waiting.length > 0
    ? `timeout: no YES from ${named(run.waiting)}`
    : `process ${state.self} could not be saved in time`;
  return giveUp(state, run, why, out);
}

// Who comes, goes, or is lost.

function onJoining(state: Koo, who: ProcessId, out: KooOut): Koo {
  if (state.tentative !== undefined && state.tentative.stage !== "begun" && who !== state.self) {
    out.holdTo(who);
  }
  return joined(state, who);
}

/** It asks and answers nothing any more, but has said what is in its newest permanent checkpoint. */
function onGone(
  before: Koo,
  who: ProcessId,
  { covered, killed }: KooMessage & { kind: "GONE" },
  out: KooOut,
): Koo {
  const gone = [...before.gone, { who, covered }].sort((a, b) => a.who - b.who);
  return each({ ...before, gone }, (state, run) => {
    if (!run.waiting.includes(who)) return state;
    const left = { ...run, waiting: without(run.waiting, who) };
    const why = killed ? `process ${who} was killed` : whyUnsaved(state, who);
    return why === undefined ? progress(state, left, out) : refuse(state, left, why, out);
  });
}

/**
 * All hear of it at the same moment, so no run that is not decided by now will be: each forgets those
 * it takes part in, and who is asked for one later hears so when it says yes. Who has said yes cannot
 * know, and leaves its checkpoint as it is.
 */
function onCrashed(state: Koo, who: ProcessId, out: KooOut): Koo {
  return giveUpAll({ ...state, lost: including(state.lost, who) }, lostBecause(who), out);
}

/** Whom and what it waits for, in words. */
export function kooWaitsFor({ tentative, runs }: Koo): string | undefined {
  if (tentative === undefined) return undefined;
  if (tentative.stage === "begun" || tentative.stage === "taken") return "its own capture";
  const waiting = including([], ...runs.flatMap((run) => run.waiting));
  if (waiting.length > 0) return `YES from ${named(waiting)}`;
  const initiators = including([], ...runs.map(({ initiator }) => initiator));
  return `COMMIT or UNDO from ${named(initiators)}`;
}
