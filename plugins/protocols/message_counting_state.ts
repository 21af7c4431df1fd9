/** What the actors of message counting know and say: plain data, tables sparse and ascending. */
import type { Out, ProcessId } from "../../core/mod.ts";

/** So many messages were sent to that process. */
export interface SendCount {
  readonly to: ProcessId;
  readonly count: number;
}

/** The control messages; `attempt` numbers the checkpoints begun, from 1. */
export type CountingMessage =
  | { readonly kind: "SYNC" | "DONE" | "COMMIT" | "ABORT"; readonly attempt: number }
  | { readonly kind: "ACK"; readonly attempt: number; readonly sent: readonly SendCount[] }
  | { readonly kind: "OP"; readonly attempt: number; readonly expected: number }
  /** `attempt` is the one whose outcome the process did not live to learn, or 0. */
  | { readonly kind: "EXIT"; readonly attempt: number; readonly sent: readonly SendCount[] }
  | { readonly kind: "FAIL"; readonly attempt: number; readonly why: string }
  | { readonly kind: "WELCOME" };

/** A process. */
export interface CountingMember {
  readonly role: "member";
  readonly self: ProcessId;
  /** joining: held until the manager lets it in; failed: it waits for the ABORT it asked for. */
  readonly mode: "joining" | "run" | "sync" | "drain" | "save" | "saved" | "failed" | "gone";
  /** The attempt it is held in, or 0. */
  readonly attempt: number;
  /** Attempts up to this one have ended. */
  readonly over: number;
  /** An attempt whose SYNC came before the outcome of the one it is held in, or 0. */
  readonly next: number;
  readonly sent: readonly SendCount[];
  readonly received: number;
  readonly expected: number;
  /** The application wants to end. */
  readonly ends: boolean;
}

/** The manager. */
export interface CountingManager {
  readonly role: "manager";
  readonly mode: "idle" | "sync" | "execute" | "record";
  readonly alive: readonly ProcessId[];
  /** The latest attempt begun. */
  readonly attempt: number;
  /** The latest attempt that succeeded. */
  readonly committed: number;
  /** What those who ended in this interval had sent. */
  readonly carry: readonly SendCount[];
  readonly acks: readonly { readonly from: ProcessId; readonly sent: readonly SendCount[] }[];
  /** Whose ACK or DONE is missing. */
  readonly waiting: readonly ProcessId[];
  /** Requests that came while a checkpoint was under way. */
  readonly wanted: number;
  /** Those that joined too late for the checkpoint under way. */
  readonly newcomers: readonly ProcessId[];
  /** Why no further checkpoint is possible, or "". */
  readonly lost: string;
  readonly timeoutNs: number;
}

export type Counting = CountingMember | CountingManager;

export type CountingOut = Out<CountingMessage>;

/** Adds the tables up. */
export function sumOf(...tables: readonly (readonly SendCount[])[]): readonly SendCount[] {
  const sums = new Map<ProcessId, number>();
  for (const { to, count } of tables.flat()) sums.set(to, (sums.get(to) ?? 0) + count);
  return [...sums].map(([to, count]) => ({ to, count })).sort((a, b) => a.to - b.to);
}
