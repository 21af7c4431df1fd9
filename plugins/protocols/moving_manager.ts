/** The manager where processes move by the protocol: one move after the other, none during a round. */
import type { ProcessId, ProtocolEvent } from "../../core/mod.ts";
import { handleManager, managerWaitsFor, settle } from "./flush_manager.ts";
import type { FlushManager, FlushMessage } from "./flush_state.ts";
import { including, without } from "./members.ts";
import {
  mapped,
  type MovingManager as Manager,
  type MovingMessage,
  type MovingOut,
  NOBODY,
} from "./moving_state.ts";

/** What the manager does about an event. */
export function handleMovingManager(
  state: Manager,
  event: ProtocolEvent<MovingMessage>,
  out: MovingOut,
): Manager {
  switch (event.event) {
    case "moving":
      return moveNext({ ...state, queue: [...state.queue, event.who] }, out);
    case "crashed":
      return onLost(state, event.who, event, out);
    case "joining":
      if (state.base.mode !== "move") map(state, event.who, out);
      return onBase(state, event, out);
    case "control":
      if (event.from === "manager") return state;
      if (event.message.kind === "MOVED") return onMoved(state, event.from, event.message, out);
      if (event.message.kind === "EXIT") return onLost(state, event.from, event, out);
      return onBase(state, event, out);
    default:
      return onBase(state, event, out);
  }
}

/** The flush protocol's part of it; a move may begin behind that. */
const onBase = (state: Manager, event: ProtocolEvent<MovingMessage>, out: MovingOut): Manager =>
  moveNext({ ...state, base: baseAfter(state, event, out) }, out);

const baseAfter = (
  { base }: Manager,
  event: ProtocolEvent<MovingMessage>,
  out: MovingOut,
): FlushManager => handleManager(base, event as ProtocolEvent<FlushMessage>, out);

/** Who begins is told who is no longer where it began, before it is let in. */
function map({ mappings }: Manager, who: ProcessId, out: MovingOut): void {
  if (mappings.length > 0) out.send(who, { kind: "MAP", mappings });
}

/** Begins the next move, when nothing is under way. */
function moveNext(state: Manager, out: MovingOut): Manager {
  const { base, way } = state;
  const [who, ...queue] = state.queue;
  if (base.mode !== "idle" || who === undefined) return state;
  const members = base.alive;
  const why = !members.includes(who) ? `process ${who} is gone` : base.lost;
  if (why !== "") {
    out.refused(who, why);
    return moveNext({ ...state, queue }, out);
  }
  const number = state.number + 1;
  out.phase("move");
  for (const each of way.stops === "manager" ? members : [who]) {
    out.send(each, { kind: "MOVE", number, who, members });
  }
  return { ...state, base: { ...base, mode: "move" }, number, mover: who, members, queue };
}

/** It is where it says, and everybody has been told, or is now. */
function onMoved(
  state: Manager,
  from: ProcessId,
  { number, place, gaveUp }: Extract<MovingMessage, { readonly kind: "MOVED" }>,
  out: MovingOut,
): Manager {
  if (from !== state.mover || number !== state.number) return state;
  if (state.way.maps === "manager") {
    for (const who of without(state.base.alive, from)) {
      out.send(who, { kind: "TID", number, who: from, place });
    }
  }
  if (gaveUp) out.refused(from, state.base.lost);
  else out.settled(from, state.members);
  return end({ ...state, mappings: mapped(state.mappings, from, place) }, out);
}

function end(state: Manager, out: MovingOut): Manager {
  const { base } = state;
  for (const who of base.newcomers) map(state, who, out);
  return moveNext({ ...state, base: settle(base, out), mover: NOBODY, members: [] }, out);
}

/**
 * A process was lost, or was killed. If it was to move, the others need not wait for it. If another
 * was, no READY may follow what it sent last, so the process that was to move stays, if it has not
 * left.
 */
function onLost(
  state: Manager,
  who: ProcessId,
  event: ProtocolEvent<MovingMessage>,
  out: MovingOut,
): Manager {
  const { mover, number } = state;
  const left = { ...state, base: baseAfter(state, event, out) };
  if (mover === NOBODY) return moveNext(left, out);
  if (who !== mover) {
    out.send(mover, { kind: "OVER", number, who: mover });
    return left;
  }
  for (const other of including(without(left.base.alive, who), ...left.base.newcomers)) {
    out.send(other, { kind: "OVER", number, who });
  }
  out.refused(who, left.base.lost);
  return end(left, out);
}

/** Whom it waits for, in words. */
export const movingManagerWaitsFor = ({ base, mover }: Manager): string | undefined =>
  base.mode === "move" ? `MOVED from process ${mover}` : managerWaitsFor(base);
