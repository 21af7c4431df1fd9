/** The process in the flush protocol: sends markers and saves itself when it has everybody's. */
import type { ProcessId, ProtocolEvent } from "../../core/mod.ts";
import {
  type FlushMember as Member,
  type FlushMessage,
  type FlushOut,
  NOBODY,
  type Sync,
} from "./cls_flush_state.ts";
import { including, named, without } from "./members.ts";

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
        : onMarker(state, event.from, event.message, out);
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
 * part of it: a marker has to follow that too.
 */
function onOther(state: Member, who: ProcessId, out: FlushOut): Member {
  if (state.round !== 0) out.send(who, { kind: "CLS", round: state.round });
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
  const others = without(members, state.self);
  const begun = state.begun.filter((who) => !members.includes(who));
  for (const who of including(others, ...begun)) out.send(who, { kind: "CLS", round });
  const here = state.early.filter((marker) => marker.round === round).map(({ from }) => from);
  const waiting = others.filter((who) => !here.includes(who));
  const early = state.early.filter((marker) => marker.round > round);
  return saveWhenFlushed({ ...state, mode: "flush", round, leaver, waiting, early, begun }, out);
}

/** A marker may come before the SYNC, which takes another way; it is not to be forgotten. */
function onMarker(state: Member, from: ProcessId, message: FlushMessage, out: FlushOut): Member {
  if (message.kind !== "CLS" || message.round <= state.over) return state;
  const { round } = message;
  if (round === state.round) {
    return saveWhenFlushed({ ...state, waiting: without(state.waiting, from) }, out);
  }
  const early = [...state.early, { from, round }];
  return { ...state, early: early.sort((a, b) => a.round - b.round || a.from - b.from) };
}

function saveWhenFlushed(state: Member, out: FlushOut): Member {
  if (state.mode !== "flush" || state.waiting.length > 0) return state;
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
  const early = state.early.filter((marker) => marker.round > over);
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
  const running: Member = { ...rest, mode: "run", round: 0, over, leaver: NOBODY, waiting: [] };
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
  return { ...state, mode: "gone", waiting: [] };
}

/** Whom it waits for, in words. */
export function memberWaitsFor({ mode, waiting }: Member): string | undefined {
  switch (mode) {
    case "joining":
      return "the manager's WELCOME";
    case "flush":
      return `CLS from ${named(waiting)}`;
    case "save":
      return "its own capture";
    case "saved":
      return "the manager's COMMIT or ABORT";
    default:
      return undefined;
  }
}
