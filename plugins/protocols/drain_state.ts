/** What the actors of MANA's drain know and say, as plain data. */
import type { Out, ProcessId } from "../../core/mod.ts";

/** Nobody leaves after this drain: it is for a checkpoint. */
export const NOBODY = -1;

/** Which of the two sums. */
export type Sum = "sent" | "received";

/** Two pairs of sums are used in turn: what is read in a round must outlive the next one's SET. */
export type Turn = 0 | 1;

/** What a process asks of the store, or of the barrier, in a round: one after the other. */
export type DrainRequest =
  | {
    readonly kind: "SET" | "GET";
    readonly attempt: number;
    readonly sum: Sum;
    readonly turn: Turn;
  }
  | {
    readonly kind: "INCRBY";
    readonly attempt: number;
    readonly sum: Sum;
    readonly turn: Turn;
    readonly by: number;
  }
  /** reset: nobody adds before all have set the sums; register: nobody reads before all have added. */
  | {
    readonly kind: "BARRIER";
    readonly attempt: number;
    readonly at: "reset" | "register";
    readonly turn: Turn;
  };

/** The beginning of a drain, numbered from 1. */
export interface Presuspend {
  readonly kind: "PRESUSPEND";
  readonly attempt: number;
  /** Who may end after this drain, in which nobody saves itself; or NOBODY. */
  readonly leaver: ProcessId;
}

export type DrainMessage =
  | Presuspend
  | DrainRequest
  /** `value`: what was asked for by GET, else 0. */
  | { readonly kind: "REPLY"; readonly attempt: number; readonly value: number }
  | { readonly kind: "RELEASE" | "SAVED"; readonly attempt: number }
  /** `gone`: who has ended so far, so that nobody counts what is sent to them. */
  | {
    readonly kind: "RESUME" | "ABORT";
    readonly attempt: number;
    readonly gone: readonly ProcessId[];
  }
  | { readonly kind: "WELCOME"; readonly gone: readonly ProcessId[] }
  /** LEAVE: I want to end. GO: end, no drain needed. EXIT: I was killed. */
  | { readonly kind: "LEAVE" | "GO" | "EXIT" };

/** A process. */
export interface DrainMember {
  readonly role: "member";
  readonly self: ProcessId;
  /** joining: held until the manager lets it in. */
  readonly mode: "joining" | "run" | "drain" | "save" | "saved" | "gone";
  /** The drain it is held in, or 0. */
  readonly attempt: number;
  /** Drains up to this one have ended. */
  readonly over: number;
  readonly leaver: ProcessId;
  /** The request of the round that it waits for, by its place in the round. */
  readonly step: number;
  readonly turn: Turn;
  /** What it read of the messages sent. */
  readonly sum: number;
  /** Whose messages can be received: what is sent to others is not counted. */
  readonly peers: readonly ProcessId[];
  /** Messages since the last drain that was completed. */
  readonly sent: number;
  readonly received: number;
  /** Of those received, what this drain has counted. */
  readonly drained: number;
  /** A drain whose PRESUSPEND came before the outcome of the one it is held in. */
  readonly next?: Presuspend;
}

/** The manager: MANA's coordinator with its store of numbers. */
export interface DrainManager {
  readonly role: "manager";
  readonly mode: "idle" | "drain" | "record";
  readonly alive: readonly ProcessId[];
  /** The latest drain begun. */
  readonly attempt: number;
  readonly leaver: ProcessId;
  /** Somebody still sends: not everybody has come to the first barrier of the drain. */
  readonly isOpen: boolean;
  /** The sums of both turns. */
  readonly sums: readonly Readonly<Record<Sum, number>>[];
  /** Messages on their way, as the last round said. */
  readonly lacking: number;
  /** Who has come to the barrier. */
  readonly arrived: readonly ProcessId[];
  /** Whose SAVED is missing. */
  readonly waiting: readonly ProcessId[];
  /** Requests that came while a drain was under way. */
  readonly wanted: number;
  /** Those that want to end, in the order they asked. */
  readonly leavers: readonly ProcessId[];
  /** Those that have ended. */
  readonly gone: readonly ProcessId[];
  /** Those that joined when nobody sent any more. */
  readonly newcomers: readonly ProcessId[];
  /** Why no further drain is possible, or "". */
  readonly lost: string;
  readonly timeoutNs: number;
}

export type Drain = DrainMember | DrainManager;

export type DrainOut = Out<DrainMessage>;

/** Nothing sent, nothing received. */
export const NOTHING: Readonly<Record<Sum, number>> = { sent: 0, received: 0 };
