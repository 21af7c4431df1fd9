/** What a process of sender-based message logging knows. */
import type { ProcessId, Withheld } from "../../core/mod.ts";
import { type Arrivals, withArrival } from "./arrivals.ts";

/** That a message was received, and as the how manieth of all; the pair is called a determinant. */
export interface Receipt {
  readonly number: number;
  readonly rsn: number;
}

/** What is said, between processes only. */
export type LogMessage =
  /** Your message has come; below `safe` all of yours are in my newest checkpoint. */
  | ({ readonly kind: "RSN"; readonly safe: number } & Receipt)
  /** I have noted that. */
  | { readonly kind: "ACK"; readonly number: number }
  /** I come back, and have all your messages below `next`, and these beyond. */
  | { readonly kind: "ASK"; readonly next: number; readonly beyond: readonly number[] }
  /** What I have noted of my messages to you that you have not; and what came of yours to me. */
  | {
    readonly kind: "KNOWN";
    readonly yours: readonly Receipt[];
    readonly mine: readonly Receipt[];
  };

/** Another process, and what has come from it. */
export interface LogPeer extends Arrivals {
  readonly who: ProcessId;
  /** Below this number all of its are in the own newest durable checkpoint. */
  readonly safe: number;
  /** Its messages that came since, for its log forgets with it. */
  readonly came: readonly Receipt[];
  /** Of the own messages to it: how many were sent, what it has said of them, and which it is safe of. */
  readonly sent: number;
  readonly noted: readonly Receipt[];
  readonly done: number;
}

/** On the way back to where it was. */
export interface Replay {
  /** Who has not said yet what it knows. */
  readonly asked: readonly ProcessId[];
  /** Messages that others depend on, in the order in which they came. */
  readonly order: readonly (Withheld & { readonly rsn: number })[];
  /** What has come already and waits, in the order in which it has. */
  readonly here: readonly Withheld[];
}

/** A process. */
export interface Logger {
  readonly self: ProcessId;
  readonly stage: "idle" | "begun" | "taken";
  readonly wanted: number;
  /** How many messages it has received. */
  readonly rsn: number;
  readonly peers: readonly LogPeer[];
  /** Receipts that their senders have not noted: until then it sends nothing. */
  readonly unnoted: readonly (Withheld & { readonly rsn: number })[];
  /** By peer, `next` at t0 of the checkpoint under way, and `rsn`. */
  readonly cut?: { readonly next: readonly number[]; readonly rsn: number };
  readonly replay?: Replay;
  readonly timeoutNs: number;
  readonly ends: boolean;
  /** Its process has ended; what it has sent may still be needed. */
  readonly gone: boolean;
}

const newPeer = (who: ProcessId): LogPeer => (
  { who, next: 0, beyond: [], safe: 0, came: [], sent: 0, noted: [], done: 0 }
);

/** A process that begins, or comes back. */
export function beginLogger(
  self: ProcessId,
  members: readonly ProcessId[],
  timeoutNs: number,
  saved: Logger | undefined,
): Logger {
  const known = new Map(saved?.peers.map((peer) => [peer.who, peer]));
  const others = new Set([...members, ...known.keys()]);
  others.delete(self);
  return {
    self,
    stage: "idle",
    wanted: 0,
    rsn: saved?.rsn ?? 0,
    peers: [...others].sort((a, b) => a - b).map((who) => {
      const peer = known.get(who) ?? newPeer(who);
      // It is in the checkpoint: nobody needs to say in which order it came.
      return { ...peer, safe: peer.next, came: [] };
    }),
    unnoted: saved?.unnoted ?? [],
    timeoutNs,
    ends: false,
    gone: false,
  };
}

/** With another peer in the place of that one. */
export const withPeer = (
  state: Logger,
  who: ProcessId,
  change: (peer: LogPeer) => LogPeer,
): Logger => ({
  ...state,
  peers: state.peers.map((peer) => peer.who === who ? change(peer) : peer),
});

/** With somebody who begins later. */
export function joined(state: Logger, who: ProcessId): Logger {
  if (who === state.self || state.peers.some((peer) => peer.who === who)) return state;
  return { ...state, peers: [...state.peers, newPeer(who)].sort((a, b) => a.who - b.who) };
}

/** It has had that message of the peer. */
export const hasHad = ({ next, beyond }: LogPeer, number: number): boolean =>
  number < next || beyond.includes(number);

/** A message of the peer has come, as the how manieth of all. */
export const cameFrom = (peer: LogPeer, receipt: Receipt): LogPeer => ({
  ...withArrival(peer, receipt.number),
  came: [...peer.came, receipt],
});

/** The peer has said what came of the own messages. */
export function notedBy(peer: LogPeer, receipts: readonly Receipt[], safe = peer.done): LogPeer {
  const done = Math.max(peer.done, safe);
  const old = peer.noted.filter((known) => receipts.every(({ number }) => known.number !== number));
  const noted = [...old, ...receipts].filter(({ number }) => number >= done)
    .sort((a, b) => a.number - b.number);
  return { ...peer, noted, done };
}
