/** What a process of the index-based protocol knows. */
import type { ProcessId } from "../../core/mod.ts";
import { type Arrivals, withArrival } from "./arrivals.ts";

/** What goes with every message. */
export interface BcsTag {
  /** The sender's index. */
  readonly index: number;
  /**
   * All the receiver's messages to the sender below this number have come. It only grows, and is left
   * out where it has not.
   */
  readonly came?: number;
}

/** What a process knows of another: what has come from it. */
export interface Peer extends Arrivals {
  readonly who: ProcessId;
  /** The `next` it was told last. */
  readonly told: number;
}

/** A process. */
export interface Bcs {
  readonly self: ProcessId;
  /** Of the newest checkpoint; 0 at the beginning. */
  readonly index: number;
  /** The first line its newest checkpoint is a part of. */
  readonly first: number;
  readonly stage: "idle" | "begun" | "taken";
  /** The checkpoint under way was asked for. */
  readonly serves: boolean;
  /** Requests that came meanwhile. */
  readonly wanted: number;
  /** The highest index of a message that is withheld; 0 for none. */
  readonly waits: number;
  readonly peers: readonly Peer[];
  readonly collects: boolean;
  readonly timeoutNs: number;
  /** The application wants to end. */
  readonly ends: boolean;
  readonly gone: boolean;
}

const newPeer = (who: ProcessId): Peer => ({ who, next: 0, beyond: [], told: 0 });

/** A process that begins, or begins again from a checkpoint: what had come before that is there. */
export function beginBcs(
  self: ProcessId,
  members: readonly ProcessId[],
  { collects, timeoutNs }: Pick<Bcs, "collects" | "timeoutNs">,
  saved: Bcs | undefined,
): Bcs {
  const known = new Map(saved?.peers.map((peer) => [peer.who, { ...peer, told: 0 }]));
  const others = new Set([...members, ...known.keys()]);
  others.delete(self);
  const index = saved?.index ?? 0;
  return {
    self,
    index,
    first: index,
    stage: "idle",
    serves: false,
    wanted: 0,
    waits: 0,
    peers: [...others].sort((a, b) => a - b).map((who) => known.get(who) ?? newPeer(who)),
    collects,
    timeoutNs,
    ends: false,
    gone: false,
  };
}

/** With somebody who begins later. */
export function withPeer(state: Bcs, who: ProcessId): Bcs {
  if (who === state.self || state.peers.some((peer) => peer.who === who)) return state;
  const peers = [...state.peers, newPeer(who)].sort((a, b) => a.who - b.who);
  return { ...state, peers };
}

/** A message has come. */
export function received(state: Bcs, from: ProcessId, number: number): Bcs {
  if (!state.collects) return state;
  const peers = state.peers.map((peer) => peer.who === from ? withArrival(peer, number) : peer);
  return { ...state, peers };
}

/** A message to that process leaves: what goes with it. */
export function sending(state: Bcs, to: ProcessId): { readonly state: Bcs; readonly tag: BcsTag } {
  const { index, peers } = state;
  const place = peers.findIndex(({ who }) => who === to), peer = peers[place];
  if (peer === undefined || peer.told === peer.next) return { state, tag: { index } };
  const { next } = peer;
  return {
    state: { ...state, peers: peers.with(place, { ...peer, told: next }) },
    tag: { index, came: next },
  };
}
