/** What the actors know and say of moves, beside what the flush protocol does, as plain data. */
import type { Out, ProcessId, ProcessPlace } from "../../core/mod.ts";
import { WORD } from "./members.ts";
import type { FlushManager, FlushMember, FlushMessage } from "./flush_state.ts";

/** Nobody is on the move. */
export const NOBODY = -1;

/** Who does what in a move. */
export interface Way {
  /** Who tells the others to stop: the manager, everybody at once; or the process that moves. */
  readonly stops: "manager" | "mover";
  /** Whether READYs are put on the channels from the process that moves too; it stops for that. */
  readonly flushes: "both" | "inward";
  /** Who tells the others the new task id. */
  readonly maps: "manager" | "mover";
}

/** Where a process is that has moved: its task id. */
export interface Mapping {
  readonly who: ProcessId;
  readonly place: ProcessPlace;
}

/** Moves are numbered from 1. */
export type MoveMessage =
  /** That process is to move; these are there. */
  | {
    readonly kind: "MOVE";
    readonly number: number;
    readonly who: ProcessId;
    readonly members: readonly ProcessId[];
  }
  /** STOP: send me nothing. READY: nothing from me comes behind this. */
  | { readonly kind: "STOP" | "READY"; readonly number: number }
  /** That process is there; go on. MOVED: I am; `gaveUp`: I was told to stay. */
  | {
    readonly kind: "TID";
    readonly number: number;
    readonly who: ProcessId;
    readonly place: ProcessPlace;
  }
  | {
    readonly kind: "MOVED";
    readonly number: number;
    readonly place: ProcessPlace;
    readonly gaveUp: boolean;
  }
  /** The move comes to nothing: stay, or go on sending to whoever is no more. */
  | { readonly kind: "OVER"; readonly number: number; readonly who: ProcessId }
  /** For one that begins: who is no longer where it began. */
  | { readonly kind: "MAP"; readonly mappings: readonly Mapping[] };

export type MovingMessage = FlushMessage | MoveMessage;

/** Bytes of each, its list excluded. */
export const MOVE_SIZES: Readonly<Record<MoveMessage["kind"], number>> = {
  MOVE: 3 * WORD,
  STOP: WORD,
  READY: WORD,
  TID: 3 * WORD,
  MOVED: 3 * WORD,
  OVER: 2 * WORD,
  MAP: WORD,
};

export const isOfMoves = (message: MovingMessage): message is MoveMessage =>
  Object.hasOwn(MOVE_SIZES, message.kind);

/** A process that is to move. */
export interface OwnMove {
  readonly number: number;
  readonly members: readonly ProcessId[];
  /** flush: its channels are; leave: it is saved and goes. */
  readonly mode: "flush" | "leave";
  /** Whose READY is missing. */
  readonly waiting: readonly ProcessId[];
}

/** A process. */
export interface MovingMember {
  readonly role: "member";
  readonly self: ProcessId;
  readonly way: Way;
  readonly base: FlushMember;
  readonly place: ProcessPlace;
  readonly own?: OwnMove;
  /** READYs for a move of its own of which it has not heard. */
  readonly early: readonly { readonly from: ProcessId; readonly number: number }[];
  /** To whom it does not send, and in which move. */
  readonly heldTo: readonly { readonly who: ProcessId; readonly number: number }[];
  /** Moves of others that were over before it heard of their beginning. */
  readonly over: readonly number[];
  readonly mappings: readonly Mapping[];
}

/** The manager. */
export interface MovingManager {
  readonly role: "manager";
  readonly way: Way;
  readonly base: FlushManager;
  /** The latest move begun. */
  readonly number: number;
  readonly mover: ProcessId;
  /** Who was there when it began. */
  readonly members: readonly ProcessId[];
  /** Who is to move next. */
  readonly queue: readonly ProcessId[];
  readonly mappings: readonly Mapping[];
}

export type Moving = MovingMember | MovingManager;

export type MovingOut = Out<MovingMessage>;

/** The mappings with one that is newer. */
export const mapped = (
  mappings: readonly Mapping[],
  who: ProcessId,
  place: ProcessPlace,
): readonly Mapping[] =>
  place === 0 ? mappings : [...mappings.filter((each) => each.who !== who), { who, place }]
    .sort((a, b) => a.who - b.who);
