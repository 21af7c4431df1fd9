/** What the actors of Chandy and Lamport's snapshot know and say, as plain data; lists ascend. */
import type { Out, ProcessId } from "../../core/mod.ts";

/** The control messages; `epoch` numbers the snapshots begun, from 1. */
export type SnapshotMessage =
  /** To who initiates it, or joins in the middle of it. */
  | { readonly kind: "START"; readonly epoch: number }
  | { readonly kind: "MARKER" | "DONE" | "ABORT" | "WELCOME"; readonly epoch: number }
  /** The process has ended; `epoch` is the one it had not finished its part of, or 0. */
  | { readonly kind: "EXIT"; readonly epoch: number }
  /** The last on a channel: a marker of every snapshot to come. */
  | { readonly kind: "BYE" };

/** A marker that came before the own t0, and the messages of that channel that are withheld. */
export interface Marked {
  readonly from: ProcessId;
  readonly epoch: number;
  /** Behind the marker; and of these before, behind one of a snapshot that was given up. */
  readonly behind: number;
  readonly before: number;
}

/** So many messages that were withheld cross the line. */
export interface Crossing {
  readonly from: ProcessId;
  readonly count: number;
}

/** A process. */
export interface SnapshotMember {
  readonly role: "member";
  readonly self: ProcessId;
  /** joining: held until the manager lets it in; channels: they are recorded; closed: all are. */
  readonly mode: "joining" | "run" | "save" | "channels" | "closed" | "gone";
  /** The snapshot it takes part in, or 0. */
  readonly epoch: number;
  /** The latest whose markers it has sent. */
  readonly cut: number;
  /** Those up to this one have ended. */
  readonly over: number;
  /** Who is at the other end of its channels. */
  readonly peers: readonly ProcessId[];
  /** Whose marker came before its own t0: what follows it on the channel is not in the image. */
  readonly marked: readonly Marked[];
  /** What is let in behind t0 and was sent before the sender's, but for channels that are open. */
  readonly crossing: readonly Crossing[];
  /** Whose channel is being recorded. */
  readonly open: readonly ProcessId[];
  /** The application wants to end. */
  readonly ends: boolean;
}

/** The manager: asks for snapshots and collects them. */
export interface SnapshotManager {
  readonly role: "manager";
  readonly mode: "idle" | "collect" | "record";
  readonly alive: readonly ProcessId[];
  /** The latest begun. */
  readonly epoch: number;
  readonly initiator: ProcessId;
  /** Whose DONE is missing, and whose has come. */
  readonly waiting: readonly ProcessId[];
  readonly saved: readonly ProcessId[];
  /** Requests that came while a snapshot was under way. */
  readonly wanted: number;
  /** Why no further snapshot is possible, or "". */
  readonly lost: string;
  readonly timeoutNs: number;
}

export type Snapshot = SnapshotMember | SnapshotManager;

export type SnapshotOut = Out<SnapshotMessage>;
