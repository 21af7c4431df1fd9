/** What the actors of the spread-out checkpoint know and say: plain data, tables sparse and ascending. */
import type { Out, ProcessId } from "../../core/mod.ts";
import type { Arrivals } from "./arrivals.ts";
import type { SendCount } from "./message_counting_state.ts";

/** All messages of that sender below this number had come. */
export interface Came {
  readonly from: ProcessId;
  readonly below: number;
}

/** What had come to a process at t0 of its part of the line. */
export interface Report {
  readonly who: ProcessId;
  readonly came: readonly Came[];
}

/** What goes round: everybody in `rest` is still to be saved, those in `reports` are. */
export interface Turn {
  readonly kind: "TURN";
  readonly epoch: number;
  readonly rest: readonly ProcessId[];
  readonly reports: readonly Report[];
}

/** The control messages; `epoch` numbers the lines begun, from 1. */
export type SpreadMessage =
  /**
   * A line begins. `ended`: what those who are no more have sent to the receiver; `came`: of what it
   * has sent to whom, how much is in their parts of the last line that is durable.
   */
  | {
    readonly kind: "SYNC";
    readonly epoch: number;
    readonly ended: readonly Came[];
    readonly came: readonly SendCount[];
  }
  | Turn
  | { readonly kind: "ABORT" | "WELCOME"; readonly epoch: number }
  /** LEAVE: I want to end. EXIT: I was killed. Either with how much it has sent to whom. */
  | { readonly kind: "LEAVE" | "EXIT"; readonly sent: readonly SendCount[] }
  | { readonly kind: "GO" };

/** What goes with an application message: the line that has cut its sender last. */
export interface SpreadTag {
  readonly index: number;
}

/** A process, or rather the helper beside it. */
export interface SpreadMember {
  readonly role: "member";
  readonly self: ProcessId;
  /** joining: held until the manager lets it in. */
  readonly mode: "joining" | "run" | "gone";
  /** The line that has cut it last; 0 at the beginning of each life. */
  readonly index: number;
  /** The line it takes part in, or 0. */
  readonly epoch: number;
  /**
   * told: the line has begun; due: it is to be saved, and messages of those who ended are still to
   * come; begun: t0 is to come; taken: it is being written; saved: the token is still to be passed on.
   */
  readonly stage: "none" | "told" | "due" | "begun" | "taken" | "saved";
  /** Lines up to this one have ended, or its part of them has. */
  readonly over: number;
  /** The latest it has done its part of: if that is given up, so is the image. */
  readonly saved: number;
  /** The highest index of a message that is withheld; 0 for none. */
  readonly ahead: number;
  /** What those who ended have sent to it. */
  readonly ended: readonly Came[];
  /** Over all its lives: how much it has sent to whom, and what has come. */
  readonly sent: readonly SendCount[];
  readonly came: readonly (Arrivals & { readonly from: ProcessId })[];
  /** What had come at t0. */
  readonly own: readonly Came[];
  /** The token that waits here, or for the SYNC of its line. */
  readonly token?: Turn;
  /** Messages from behind a cut wait for its turn. */
  readonly waits: boolean;
  readonly spreadNs: number;
}

/** The manager. */
export interface SpreadManager {
  readonly role: "manager";
  /** turns: somebody may not be saved yet. */
  readonly mode: "idle" | "turns" | "record";
  readonly alive: readonly ProcessId[];
  /** The latest line begun, and who is in it. */
  readonly epoch: number;
  readonly members: readonly ProcessId[];
  /** Of those who are saved, as far as it has heard; and of all in the last line that is durable. */
  readonly reports: readonly Report[];
  readonly committed: readonly Report[];
  /** What those who ended have sent, to whom. */
  readonly ended: readonly (SendCount & { readonly from: ProcessId })[];
  readonly leavers: readonly { readonly who: ProcessId; readonly sent: readonly SendCount[] }[];
  /** Requests that came while a checkpoint was under way. */
  readonly wanted: number;
  /** Why no further checkpoint is possible, or "". */
  readonly lost: string;
  readonly writers: number;
  readonly spreadNs: number;
  readonly timeoutNs: number;
}

export type Spread = SpreadMember | SpreadManager;

export type SpreadOut = Out<SpreadMessage, SpreadTag>;

/** How many tokens go round among so many; 0 writers are all. */
export const tokensOf = (n: number, writers: number): number =>
  writers === 0 ? n : Math.min(n, writers);

/** A process that begins, or begins again from a line: numbers of messages go on where they were. */
export const beginSpread = (
  self: ProcessId,
  { waits, spreadNs }: Pick<SpreadMember, "waits" | "spreadNs">,
  saved: SpreadMember | undefined,
): SpreadMember => ({
  role: "member",
  self,
  mode: "run",
  index: 0,
  epoch: 0,
  stage: "none",
  over: 0,
  saved: 0,
  ahead: 0,
  ended: [],
  sent: saved?.sent ?? [],
  came: saved?.came ?? [],
  own: [],
  waits,
  spreadNs,
});
