/**
 * What systems for PVM and MPI have in common that let a single process go on elsewhere: the others
 * stop sending to it, what they have sent is flushed, it is saved with nothing under way, and then they
 * are told its new task id. Nothing is sent after it, and the node it has left is not needed any more.
 * Messages between others go on all the time.
 *
 * Their global checkpoints are those of the flush protocol; a move is never during one of its rounds.
 * What the rows differ in is who tells whom: a {@linkcode Way}.
 */
import type { MessageCounts, Protocol, ProtocolEvent } from "../../core/mod.ts";
import { clsFlush } from "./cls_flush.ts";
import type { FlushManager, FlushMember, FlushMessage } from "./flush_state.ts";
import { WORD } from "./members.ts";
import { handleMovingManager, movingManagerWaitsFor } from "./moving_manager.ts";
import { handleMovingMember, movingMemberWaitsFor } from "./moving_member.ts";
import {
  isOfMoves,
  MOVE_SIZES,
  type Moving,
  type MovingMessage,
  type Way,
} from "./moving_state.ts";
import { NOBODY } from "./moving_state.ts";

type Row = Protocol<Moving, MovingMessage>;

/** What is the row's own. */
export interface MovingRow extends Pick<Row, "name" | "aliases" | "help"> {
  readonly way: Way;
}

function size(message: MovingMessage): number {
  if (!isOfMoves(message)) return clsFlush.size(message as FlushMessage);
  const list = message.kind === "MOVE"
    ? message.members.length
    : message.kind === "MAP"
    ? 2 * message.mappings.length
    : 0;
  return MOVE_SIZES[message.kind] + list * WORD;
}

/** Control messages of a move among n processes. */
const moves = ({ stops, flushes }: Way) => ({ n }: { readonly n: number }): MessageCounts => ({
  MOVE: stops === "manager" ? n : 1,
  STOP: stops === "mover" ? n - 1 : 0,
  READY: (flushes === "both" ? 2 : 1) * (n - 1),
  TID: n - 1,
  MOVED: 1,
});

/** The protocol. */
export function moving({ way, ...own }: MovingRow): Row {
  return {
    ...own,
    options: clsFlush.options,
    requires: clsFlush.requires,
    kinds: [...clsFlush.kinds, "MOVE", "STOP", "READY", "TID", "MOVED", "OVER", "MAP"],
    phases: [...clsFlush.phases, "move"],
    recovery: "line",
    cost: clsFlush.cost,
    moves: moves(way),
    size,
    member: (self, members, options) => ({
      role: "member",
      self,
      way,
      base: clsFlush.member(self, members, options) as FlushMember,
      place: 0,
      early: [],
      heldTo: [],
      over: [],
      mappings: [],
    }),
    manager: (members, options) => ({
      role: "manager",
      way,
      base: clsFlush.manager?.(members, options) as FlushManager,
      number: 0,
      mover: NOBODY,
      members: [],
      queue: [],
      mappings: [],
    }),
    handle: (state, event: ProtocolEvent<MovingMessage>, out) =>
      state.role === "member"
        ? handleMovingMember(state, event, out)
        : handleMovingManager(state, event, out),
    waitsFor: (state) =>
      state.role === "member" ? movingMemberWaitsFor(state) : movingManagerWaitsFor(state),
  };
}
