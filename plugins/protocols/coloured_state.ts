/**
 * What the protocols with coloured messages have in common, as plain data. A process has the colour
 * of the last cut it made, an application message that of its sender: one of a later colour than the
 * receiver's was sent after a cut the receiver has still to make, one of an earlier colour crosses
 * the line. What is counted, and on which way it is put together, is for each protocol to say.
 */
import type { Out, ProcessId, Station } from "../../core/mod.ts";

/** What goes with an application message. */
export interface Tag {
  /** Of its sender: the latest checkpoint that has cut it, by its number. */
  readonly colour: number;
  /** Its place among all messages of the channel, from 0, where that is counted. */
  readonly number?: number;
}

/** Keeps account of messages: `Account` of a process, `Report` of one or many, `Missing` of one. */
export interface Accounting<Account, Report, Missing> {
  readonly start: Account;
  readonly nothing: Report;
  /** A message leaves a process of that colour. */
  sent(
    account: Account,
    to: ProcessId,
    colour: number,
  ): { readonly account: Account; readonly tag: Tag };
  /** A message has come. */
  received(account: Account, from: ProcessId, tag: Tag): Account;
  /** What has happened to a process until now, as far as it may belong to no line yet. */
  report(account: Account, self: ProcessId): Report;
  /** What a process leaves behind when it ends. */
  legacy(account: Account, self: ProcessId): Report;
  sum(reports: readonly Report[]): Report;
  /** What concerns these processes. */
  of(report: Report, who: readonly ProcessId[]): Report;
  /** What was sent to that process and has not come, by the report of all; as a text, what is wrong. */
  missing(report: Report, who: ProcessId): Missing | string;
  /** What is missing still when a message has come; as a text, what is wrong with it. */
  arrived(missing: Missing, from: ProcessId, tag: Tag): Missing | string;
  /** How many messages are missing. */
  count(missing: Missing): number;
  /** Without what belongs to lines up to that one. */
  pruneAccount(account: Account, committed: number): Account;
  pruneReport(report: Report, committed: number): Report;
  /** Bytes in a message. */
  size(report: Report): number;
  tagSize(tag: Tag): number;
}

/** The control messages; `epoch` numbers the checkpoints begun, from 1. */
export type ColouredMessage<Report> =
  /** Down a tree: cut; `subtree` begins with the receiver. */
  | {
    readonly kind: "CUT";
    readonly epoch: number;
    readonly committed: number;
    readonly subtree: readonly ProcessId[];
  }
  /** Up and down the tree: what was sent and has come, and what is missing. */
  | { readonly kind: "REPORT" | "EXPECT"; readonly epoch: number; readonly report: Report }
  /** Round a ring: at the first lap to cut and report, at the second to say what is missing. */
  | {
    readonly kind: "TOKEN";
    readonly epoch: number;
    readonly committed: number;
    readonly lap: 1 | 2;
    readonly rest: readonly ProcessId[];
    readonly report: Report;
  }
  | { readonly kind: "DONE" | "ABORT" | "WELCOME"; readonly epoch: number }
  | { readonly kind: "FAIL"; readonly epoch: number; readonly why: string }
  /** LEAVE: I want to end. EXIT: I was killed. Either with what it leaves behind. */
  | { readonly kind: "LEAVE" | "EXIT"; readonly report: Report }
  | { readonly kind: "GO" };

/** A late message that came before it was known what is missing. */
export interface Late {
  readonly from: ProcessId;
  readonly tag: Tag;
}

/** A process. */
export interface ColouredMember<Account, Report, Missing> {
  readonly role: "member";
  readonly self: ProcessId;
  /** joining: held until the manager lets it in. */
  readonly mode: "joining" | "run" | "gone";
  readonly colour: number;
  readonly account: Account;
  /** Checkpoints up to this one have ended. */
  readonly over: number;
  /** The one it takes part in, or 0. */
  readonly epoch: number;
  /** save: t0 is to come; open: messages that cross the line are; closed: all have come. */
  readonly stage: "none" | "save" | "open" | "closed" | "saved";
  readonly late: readonly Late[];
  readonly missing?: Missing;
  /** Its own report as of its cut. */
  readonly own?: Report;
  /** The latest it has done its part of: if that is given up, so is the image. */
  readonly saved: number;
  /** Where it stands on the way of the control messages. */
  readonly route: Route<Report>;
  readonly arity: number;
}

/** Where a member stands on the way of the control messages. */
export interface Route<Report> {
  /** Who has sent it the CUT, and who is below it in the tree, by child. */
  readonly parent?: Station;
  readonly children: readonly (readonly ProcessId[])[];
  /** Children that have reported, and that are done. */
  readonly reports: readonly { readonly from: ProcessId; readonly report: Report }[];
  readonly done: readonly ProcessId[];
  /** The token that waits here. */
  readonly token?: Extract<ColouredMessage<Report>, { readonly kind: "TOKEN" }>;
}

/** The manager. */
export interface ColouredManager<Report> {
  readonly role: "manager";
  /** collect: somebody may not be cut yet; drain: all are. */
  readonly mode: "idle" | "collect" | "drain" | "record";
  readonly alive: readonly ProcessId[];
  /** The latest checkpoint begun, and the latest that succeeded. */
  readonly epoch: number;
  readonly committed: number;
  /** What those who ended have left behind. */
  readonly carry: Report;
  /** What was reported of the checkpoint under way. */
  readonly report: Report;
  /** Whom the manager itself sends to, each with who is reached through it. */
  readonly heads: readonly (readonly ProcessId[])[];
  /** Of these, by the first, who has not answered. */
  readonly waiting: readonly ProcessId[];
  /** In words, who lacked how much when all had reported. */
  readonly deficit: string;
  /** Those that want to end, with what they leave behind. */
  readonly leavers: readonly { readonly who: ProcessId; readonly report: Report }[];
  /** Requests that came while a checkpoint was under way. */
  readonly wanted: number;
  /** Why no further checkpoint is possible, or "". */
  readonly lost: string;
  readonly timeoutNs: number;
  readonly arity: number;
}

export type Coloured<Account, Report, Missing> =
  | ColouredMember<Account, Report, Missing>
  | ColouredManager<Report>;

export type ColouredOut<Report> = Out<ColouredMessage<Report>, Tag>;

/** A way on which the control messages of a checkpoint go, from both ends. */
export interface Way {
  /** Member: a message of the checkpoint it takes part in has come, or something it waited for. */
  advance<A, R, M>(turn: Turn<A, R, M>, state: ColouredMember<A, R, M>): ColouredMember<A, R, M>;
  /** Manager: lets these be cut; tells everybody what is missing. */
  cut<R>(
    state: ColouredManager<R>,
    who: readonly ProcessId[],
    nothing: R,
    out: ColouredOut<R>,
  ): ColouredManager<R>;
  expect<R>(
    state: ColouredManager<R>,
    part: (who: readonly ProcessId[]) => R,
    out: ColouredOut<R>,
  ): void;
  /** Manager: through whom an answer of that process came. */
  headOf<R>(state: ColouredManager<R>, from: ProcessId): ProcessId | undefined;
}

/** What a way needs at a member. */
export interface Turn<A, R, M> {
  readonly accounting: Accounting<A, R, M>;
  readonly out: ColouredOut<R>;
  /** What has come, if it is that. */
  readonly from?: Station;
  readonly message?: ColouredMessage<R>;
  /** It is known now what is missing. */
  expect(state: ColouredMember<A, R, M>, report: R): ColouredMember<A, R, M>;
  /** Its part is over. */
  finish(state: ColouredMember<A, R, M>): ColouredMember<A, R, M>;
}
