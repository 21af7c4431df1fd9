/**
 * The process where processes move by the protocol: stops sending to one that moves, and when it moves
 * itself, leaves as nothing is under way to it any more and tells the others its new task id.
 */
import type { ProcessId, ProcessPlace, ProtocolEvent } from "../../core/mod.ts";
import { handleMember, memberWaitsFor } from "./flush_member.ts";
import type { FlushMessage } from "./flush_state.ts";
import { named, without } from "./members.ts";
import {
  isOfMoves,
  mapped,
  type MoveMessage,
  type MovingMember as Member,
  type MovingMessage,
  type MovingOut,
  type OwnMove,
} from "./moving_state.ts";

/** What a member does about an event. */
export function handleMovingMember(
  state: Member,
  event: ProtocolEvent<MovingMessage>,
  out: MovingOut,
): Member {
  if (state.base.mode === "gone") return state;
  if (event.event === "moved") return onMoved(state, event.place, out);
  const { from, message } = event.event === "control" ? event : {};
  if (from !== undefined && message !== undefined && isOfMoves(message)) {
    return from === "manager" ? onManager(state, message, out) : onOther(state, from, message, out);
  }
  const base = handleMember(state.base, event as ProtocolEvent<FlushMessage>, out);
  return base === state.base ? state : { ...state, base };
}

function onManager(state: Member, message: MoveMessage, out: MovingOut): Member {
  switch (message.kind) {
    case "MOVE":
      return message.who === state.self
        ? begin(state, message, out)
        : stop(state, message.who, message.number, out);
    case "OVER":
      return message.who === state.self
        ? giveUp(state, out)
        : goOn(state, message.who, message.number, out);
    case "MAP":
      return message.mappings.reduce(
        (after, { who, place }) => map(after, who, place, out),
        state,
      );
    case "TID":
      return onTid(state, message, out);
    default:
      return state;
  }
}

function onOther(state: Member, from: ProcessId, message: MoveMessage, out: MovingOut): Member {
  switch (message.kind) {
    case "STOP":
      return stop(state, from, message.number, out);
    case "READY":
      return onReady(state, from, message.number, out);
    case "TID":
      return onTid(state, message, out);
    default:
      return state;
  }
}

// One that moves.

function begin(
  state: Member,
  { number, members }: Extract<MoveMessage, { readonly kind: "MOVE" }>,
  out: MovingOut,
): Member {
  const { way, self, early } = state;
  const others = without(members, self);
  out.phase("flush");
  if (way.flushes === "both") out.hold();
  for (const who of others) {
    if (way.stops === "mover") out.send(who, { kind: "STOP", number });
    if (way.flushes === "both") out.send(who, { kind: "READY", number });
  }
  const ready = early.filter((each) => each.number === number).map(({ from }) => from);
  const waiting = others.filter((who) => !ready.includes(who));
  return leaveWhenFlushed(
    { ...state, early: [], own: { number, members, mode: "flush", waiting } },
    out,
  );
}

/** It may come before the MOVE, which takes another way. */
function onReady(state: Member, from: ProcessId, number: number, out: MovingOut): Member {
  const { own } = state;
  if (own?.number !== number) return { ...state, early: [...state.early, { from, number }] };
  return leaveWhenFlushed({ ...state, own: { ...own, waiting: without(own.waiting, from) } }, out);
}

function leaveWhenFlushed(state: Member, out: MovingOut): Member {
  const { own } = state;
  if (own?.mode !== "flush" || own.waiting.length > 0) return state;
  out.phase("save");
  out.depart();
  return { ...state, own: { ...own, mode: "leave" } };
}

/** It is there; or, with the place it had, it could not be saved and goes on where it is. */
function onMoved(state: Member, place: ProcessPlace, out: MovingOut): Member {
  return state.own === undefined ? state : tell({ ...state, place }, state.own, false, out);
}

/** Somebody is lost: what that one sent may still come, so it stays. */
function giveUp(state: Member, out: MovingOut): Member {
  return state.own?.mode === "flush" ? tell(state, state.own, true, out) : state;
}

function tell(state: Member, own: OwnMove, gaveUp: boolean, out: MovingOut): Member {
  const { self, place, way } = state, { number } = own;
  if (way.maps === "mover") {
    for (const who of without(own.members, self)) {
      out.send(who, { kind: "TID", number, who: self, place });
    }
  }
  out.send("manager", { kind: "MOVED", number, place, gaveUp });
  if (way.flushes === "both") out.release();
  out.phase("run");
  const { own: _, ...rest } = state;
  return rest;
}

// The others.

function stop(state: Member, who: ProcessId, number: number, out: MovingOut): Member {
  if (state.over.includes(number)) {
    return { ...state, over: state.over.filter((each) => each !== number) };
  }
  out.holdTo(who);
  out.send(who, { kind: "READY", number });
  return {
    ...state,
    heldTo: [...state.heldTo, { who, number }].sort((a, b) => a.number - b.number),
  };
}

const onTid = (
  state: Member,
  { who, place, number }: Extract<MoveMessage, { readonly kind: "TID" }>,
  out: MovingOut,
): Member => goOn(map(state, who, place, out), who, number, out);

/** The move is over, perhaps before it has heard that it began. */
function goOn(state: Member, who: ProcessId, number: number, out: MovingOut): Member {
  if (!state.heldTo.some((each) => each.number === number)) {
    return { ...state, over: [...state.over, number].sort((a, b) => a - b) };
  }
  const heldTo = state.heldTo.filter((each) => each.number !== number);
  if (!heldTo.some((each) => each.who === who)) out.releaseTo(who);
  return { ...state, heldTo };
}

/** A place is never an earlier one: what says so is late. */
function map(state: Member, who: ProcessId, place: ProcessPlace, out: MovingOut): Member {
  const known = state.mappings.find((each) => each.who === who)?.place ?? 0;
  if (place <= known) return state;
  out.mapTo(who, place);
  return { ...state, mappings: mapped(state.mappings, who, place) };
}

/** Whom it waits for, in words. */
export function movingMemberWaitsFor({ base, own, heldTo }: Member): string | undefined {
  if (own?.mode === "flush") return `READY from ${named(own.waiting)}`;
  if (own?.mode === "leave") return "its own move";
  const [first] = heldTo;
  return first === undefined ? memberWaitsFor(base) : `the task id of process ${first.who}`;
}
