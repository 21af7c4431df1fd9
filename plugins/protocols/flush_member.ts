/** The process in a flushing protocol: sends marks and saves itself when all channels are flushed. */
import type { ProcessId, ProtocolEvent } from "../../core/mod.ts";
import {
  type FlushMember as Member,
  type FlushMessage,
  type FlushOut,
  type Mark,
  NOBODY,
  type Sync,
} from "./flush_state.ts";
import { including, named, without } from "./members.ts";
import { receiversOf, sendersOf } from "./patterns.ts";
import { type SendCount, sumOf } from "./message_counting_state.ts";

/** What a member does about an event. */
export function handleMember(
  state: Member,
  event: ProtocolEvent<FlushMessage>,
  out: FlushOut,
): Member {
  if (state.mode === "gone") return state;
  switch (event.event) {
    case "control":
      return event.from === "manager"
        ? onManager(state, event.message, out)
        : onMark(state, event.from, event.message, out);
    case "sending":
      return state.marks === "CLS" ? state : { ...state, sent: oneMore(state.sent, event.to) };
    case "arriving":
      if (state.marks === "CLS") return state;
      return saveWhenFlushed({ ...state, received: oneMore(state.received, event.from) }, out);
    case "saved":
      return state.mode === "save" ? report(state, out) : state;
    case "exiting":
      return onExiting(state, event.killed, out);
    case "joining":
      if (event.who !== state.self) return onOther(state, event.who, out);
      out.hold();
      return { ...state, mode: "joining" };
    default:
      return state;
  }
}

/**
 * Who begins during a round takes part in it, as what was sent to it before the line is in no other
 * part of it: it has to know of that too.
 */
function onOther(state: Member, who: ProcessId, out: FlushOut): Member {
  if (state.round !== 0) mark(state, who, state.round, out);
  return { ...state, begun: including(state.begun, who) };
}

function onManager(state: Member, message: FlushMessage, out: FlushOut): Member {
  switch (message.kind) {
    case "SYNC":
      return onSync(state, message, out);
    case "COMMIT":
      if (message.round !== state.round) return state;
      return state.leaver === state.self ? leave(state, out) : goOn(state, out);
    case "ABORT":
      return onAbort(state, message.round, out);
    case "WELCOME":
      return state.mode === "joining" ? goOn(state, out) : state;
    case "GO":
      return leave(state, out);
    default:
      return state;
  }
}

function onSync(state: Member, sync: Sync, out: FlushOut): Member {
  const { round, members, leaver } = sync;
  if (round <= state.over) return state;
  if (state.round !== 0) return { ...state, next: sync };
  out.hold();
  out.phase("flush");
  const { self, pattern } = state;
  const begun = state.begun.filter((who) => !members.includes(who));
  // Where its place in a pattern will be, who begins does not know: it gets a mark from everybody.
  const others = including(receiversOf(pattern, self, members), ...begun);
  for (const who of others) mark(state, who, round, out);
  const waiting = sendersOf(pattern, self, members);
  const early = state.early.filter((each) => each.mark.round > round);
  let flushing: Member = { ...state, mode: "flush", round, leaver, waiting, early, begun };
  for (const each of state.early) {
    if (each.mark.round === round) flushing = marked(flushing, each.from, each.mark);
  }
  return saveWhenFlushed(flushing, out);
}

const oneMore = (counts: readonly SendCount[], to: ProcessId) => sumOf(counts, [{ to, count: 1 }]);

const countOf = (counts: readonly SendCount[], who: ProcessId): number =>
  counts.find(({ to }) => to === who)?.count ?? 0;

function mark({ marks, sent }: Member, who: ProcessId, round: number, out: FlushOut): void {
  if (marks === "CLS") out.send(who, { kind: "CLS", round });
  else out.send(who, { kind: "BOOKMARK", round, sent: countOf(sent, who) });
}

function marked(state: Member, from: ProcessId, message: Mark): Member {
  const waiting = without(state.waiting, from);
  if (message.kind === "CLS") return { ...state, waiting };
  return {
    ...state,
    waiting,
    announced: sumOf(state.announced, [{ to: from, count: message.sent }]),
  };
}

/** A mark may come before the SYNC, which takes another way; it is not to be forgotten. */
function onMark(state: Member, from: ProcessId, message: FlushMessage, out: FlushOut): Member {
  if (message.kind !== "CLS" && message.kind !== "BOOKMARK") return state;
  if (message.round <= state.over) return state;
  if (message.round === state.round) return saveWhenFlushed(marked(state, from, message), out);
  const early = [...state.early, { from, mark: message }];
  early.sort((a, b) => a.mark.round - b.mark.round || a.from - b.from);
  return { ...state, early };
}

/** Those of whom less has come than their bookmarks say. */
const short = ({ announced, received }: Member): readonly ProcessId[] =>
  announced.filter(({ to, count }) => countOf(received, to) < count).map(({ to }) => to);

function saveWhenFlushed(state: Member, out: FlushOut): Member {
  if (state.mode !== "flush" || state.waiting.length > 0 || short(state).length > 0) return state;
  if (state.leaver !== NOBODY) return report(state, out);
  out.phase("save");
  out.capture();
  return { ...state, mode: "save" };
}

function report(state: Member, out: FlushOut): Member {
  out.phase("saved");
  out.send("manager", { kind: "SAVED", round: state.round });
  return { ...state, mode: "saved" };
}

function onAbort(state: Member, round: number, out: FlushOut): Member {
  const over = Math.max(state.over, round);
  const early = state.early.filter(({ mark: { round } }) => round > over);
  if (state.mode === "joining") return goOn({ ...state, over, early }, out);
  if (round !== state.round) return { ...state, over, early };
  const hasCapture = state.leaver === NOBODY && state.mode !== "flush";
  if (hasCapture) out.discard();
  return goOn({ ...state, over, early }, out);
}

/** Back to RUN, or into the round that is already known of. */
function goOn(state: Member, out: FlushOut): Member {
  out.release();
  out.phase("run");
  const { next, ...rest } = state;
  const over = Math.max(state.over, state.round);
  const running: Member = {
    ...rest,
    mode: "run",
    round: 0,
    over,
    leaver: NOBODY,
    waiting: [],
    announced: [],
  };
  return next === undefined ? running : onSync(running, next, out);
}

/** The manager keeps what it is asked for, so the mode does not matter. */
function onExiting(state: Member, killed: boolean, out: FlushOut): Member {
  if (!killed) {
    out.send("manager", { kind: "LEAVE" });
    return state;
  }
  if (state.mode === "save") out.discard();
  out.send("manager", { kind: "EXIT" });
  return leave(state, out);
}

function leave(state: Member, out: FlushOut): Member {
  if (state.mode !== "run") out.release();
  out.leave();
  return { ...state, mode: "gone", waiting: [], announced: [] };
}

/** Whom it waits for, in words. */
export function memberWaitsFor(state: Member): string | undefined {
  const { mode, marks, waiting } = state;
  switch (mode) {
    case "joining":
      return "the manager's WELCOME";
    case "flush":
      return waiting.length > 0
        ? `${marks} from ${named(waiting)}`
        : `messages that were sent to it by ${named(short(state))}`;
    case "save":
      return "its own capture";
    case "saved":
      return "the manager's COMMIT or ABORT";
    default:
      return undefined;
  }
}
