/** What the actors of a flushing protocol know and say, as plain data. */
import type { Out, ProcessId } from "../../core/mod.ts";
import type { SendCount } from "./message_counting_state.ts";
import type { Pattern } from "./patterns.ts";

/** Nobody leaves in this round: it is a checkpoint. */
export const NOBODY = -1;

/** The beginning of a round, numbered from 1. */
export interface Sync {
  readonly kind: "SYNC";
  readonly round: number;
  /** Everybody who was there when it was sent; who begins later gets marks too. */
  readonly members: readonly ProcessId[];
  /** Who may end after this round, in which nobody saves itself; or NOBODY. */
  readonly leaver: ProcessId;
}

/** What is put on a channel: a marker behind what was sent, or how much was sent. */
export type Marks = "CLS" | "BOOKMARK";

/** The mark of a channel. */
export type Mark =
  | { readonly kind: "CLS"; readonly round: number }
  /** `sent`: messages since the beginning of this end of the channel. */
  | { readonly kind: "BOOKMARK"; readonly round: number; readonly sent: number };

export type FlushMessage =
  | Sync
  | Mark
  | { readonly kind: "SAVED" | "COMMIT" | "ABORT"; readonly round: number }
  /** LEAVE: I want to end. GO: end, no round needed. EXIT: I was killed. WELCOME: begin. */
  | { readonly kind: "LEAVE" | "GO" | "EXIT" | "WELCOME" };

/** A mark that came before its round did. */
interface EarlyMark {
  readonly from: ProcessId;
  readonly mark: Mark;
}

/** A process. */
export interface FlushMember {
  readonly role: "member";
  readonly self: ProcessId;
  readonly marks: Marks;
  /** The channels there are. */
  readonly pattern: Pattern;
  /** joining: held until the manager lets it in. */
  readonly mode: "joining" | "run" | "flush" | "save" | "saved" | "gone";
  /** The round it is held in, or 0. */
  readonly round: number;
  /** Rounds up to this one have ended. */
  readonly over: number;
  readonly leaver: ProcessId;
  /** Whose mark is missing. */
  readonly waiting: readonly ProcessId[];
  readonly early: readonly EarlyMark[];
  /** Who has begun since the latest SYNC it took up: a SYNC under way may not know of them. */
  readonly begun: readonly ProcessId[];
  /** Messages to each, and messages from each, where marks are bookmarks. */
  readonly sent: readonly SendCount[];
  readonly received: readonly SendCount[];
  /** What the bookmarks of this round say was sent by whom. */
  readonly announced: readonly SendCount[];
  /** A round whose SYNC came before the outcome of the one it is held in. */
  readonly next?: Sync;
}

/** The manager. */
export interface FlushManager {
  readonly role: "manager";
  /** move: a process is on its way to elsewhere, in the rows that take part in that. */
  readonly mode: "idle" | "flush" | "record" | "move";
  readonly alive: readonly ProcessId[];
  /** The latest round begun. */
  readonly round: number;
  readonly leaver: ProcessId;
  /** Whose SAVED is missing. */
  readonly waiting: readonly ProcessId[];
  /** Requests that came while a round was under way. */
  readonly wanted: number;
  /** Those that want to end, in the order they asked. */
  readonly leavers: readonly ProcessId[];
  /** Those that joined when everybody had saved itself. */
  readonly newcomers: readonly ProcessId[];
  /** Why no further round is possible, or "". */
  readonly lost: string;
  readonly timeoutNs: number;
}

export type Flush = FlushMember | FlushManager;

export type FlushOut = Out<FlushMessage>;
