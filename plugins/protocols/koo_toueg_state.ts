/** What a process of the protocol of Koo and Toueg knows, and says. */
import type { Out, ProcessId } from "../../core/mod.ts";
import { type Arrivals, withArrival } from "./arrivals.ts";
import { including, without } from "./members.ts";

/** One run of the protocol: the how manieth of the process that began it. */
export interface RunId {
  readonly initiator: ProcessId;
  readonly number: number;
}

/** What is said, between processes only. */
export type KooMessage =
  /**
   * I am saving myself, and have had your message number `last` since I did so last: are you saved
   * behind it? Below `safe` all of yours are in my newest permanent checkpoint.
   */
  | ({ readonly kind: "REQ"; readonly last: number; readonly safe: number } & RunId)
  /** I am, and so are all on whom I depend; these have been saved for it. */
  | ({ readonly kind: "YES"; readonly members: readonly ProcessId[] } & RunId)
  | ({ readonly kind: "NO"; readonly why: string } & RunId)
  | ({ readonly kind: "COMMIT" | "UNDO" } & RunId)
  /**
   * I have ended; what I sent to you below `covered` is in my newest permanent checkpoint. `killed`: and
   * perhaps took part in a run.
   */
  | { readonly kind: "GONE"; readonly covered: number; readonly killed: boolean };

export type KooOut = Out<KooMessage>;

/** Another process. Numbers are those of messages on one channel, from 0. */
export interface KooPeer extends Arrivals {
  readonly who: ProcessId;
  /** Below this number all of its are in the own newest permanent checkpoint. */
  readonly safe: number;
  /** The last of its that came since that, or since t0 of the one under way; -1 for none. */
  readonly last: number;
  /** How many were sent to it; and which of these are before the own newest permanent checkpoint. */
  readonly sent: number;
  readonly covered: number;
}

/** Another process as of t0 of the checkpoint under way. */
export type KooCut = Pick<KooPeer, "who" | "next" | "last" | "sent">;

/** A run in which it takes part. */
export interface Run extends RunId {
  /** Who has asked it; absent where it has begun the run itself. */
  readonly parent?: ProcessId;
  /** Whom it has asked, and whose answer is missing. */
  readonly asked: readonly ProcessId[];
  readonly waiting: readonly ProcessId[];
  /** Who has been saved for it, as far as is known. */
  readonly members: readonly ProcessId[];
  /** It has answered: with YES it must wait for what becomes of the run. */
  readonly vote?: "yes" | "no";
}

/** The one checkpoint under way, for as many runs as there are. */
export interface Tentative {
  /** permanent: a run has been committed; failed: it came to nothing. */
  readonly stage: "begun" | "taken" | "durable" | "permanent" | "failed";
  /** Empty before t0. */
  readonly cut: readonly KooCut[];
}

/** A process. */
export interface Koo {
  readonly self: ProcessId;
  readonly peers: readonly KooPeer[];
  readonly tentative?: Tentative;
  /** In the order in which they came. */
  readonly runs: readonly Run[];
  /** How many it has begun. */
  readonly begun: number;
  /** By initiator, the last run that is known to be undone: a REQ may come after it. */
  readonly undone: readonly RunId[];
  /** The run it has begun was asked for. */
  readonly serves: boolean;
  /** Requests that came meanwhile. */
  readonly wanted: number;
  /** Who has ended, with what they have said of it; who was lost. */
  readonly gone: readonly { readonly who: ProcessId; readonly covered: number }[];
  readonly lost: readonly ProcessId[];
  readonly timeoutNs: number;
  /** The application wants to end, and it was tried to save it before. */
  readonly ends: boolean;
  readonly tried: boolean;
  readonly left: boolean;
}

const newPeer = (who: ProcessId): KooPeer => (
  { who, next: 0, beyond: [], safe: 0, last: -1, sent: 0, covered: 0 }
);

/** A process that begins, or begins again from a permanent checkpoint: all it knows is in that. */
export function beginKoo(
  self: ProcessId,
  members: readonly ProcessId[],
  timeoutNs: number,
  saved: Koo | undefined,
): Koo {
  const known = new Map(
    saved?.peers.map((peer) => [peer.who, {
      ...peer,
      safe: peer.next,
      last: -1,
      covered: peer.sent,
    }]),
  );
  const others = without(including(members, ...known.keys()), self);
  return {
    self,
    peers: others.map((who) => known.get(who) ?? newPeer(who)),
    runs: [],
    begun: saved?.begun ?? 0,
    undone: [],
    serves: false,
    wanted: 0,
    gone: [],
    lost: [],
    timeoutNs,
    ends: false,
    tried: false,
    left: false,
  };
}

/** With somebody who begins later. */
export function joined(state: Koo, who: ProcessId): Koo {
  if (who === state.self || state.peers.some((peer) => peer.who === who)) return state;
  const peers = [...state.peers, newPeer(who)].sort((a, b) => a.who - b.who);
  return { ...state, peers };
}

export const peerOf = ({ peers }: Koo, who: ProcessId): KooPeer =>
  peers.find((peer) => peer.who === who) ?? newPeer(who);

/** With another knowledge of that process. */
export const withPeer = (state: Koo, who: ProcessId, change: (peer: KooPeer) => KooPeer): Koo => ({
  ...state,
  peers: state.peers.map((peer) => peer.who === who ? change(peer) : peer),
});

/** Its message of that number has come. */
export const cameFrom = (peer: KooPeer, number: number): KooPeer => ({
  ...withArrival(peer, number),
  last: Math.max(peer.last, number),
});

/** t0: what comes from now on is behind the checkpoint. */
export const cutNow = (state: Koo): Koo => ({
  ...state,
  tentative: {
    stage: "taken",
    cut: state.peers.map(({ who, next, last, sent }) => ({ who, next, last, sent })),
  },
  peers: state.peers.map((peer) => ({ ...peer, last: -1 })),
});

const cutOf = ({ tentative }: Koo, who: ProcessId): KooCut | undefined =>
  tentative?.cut.find((cut) => cut.who === who);

/** The last message of that process that is in the checkpoint under way, and in none before; or -1. */
export const lastBefore = (state: Koo, who: ProcessId): number => cutOf(state, who)?.last ?? -1;

/** The checkpoint under way is permanent. */
export const madePermanent = (state: Koo): Koo => ({
  ...state,
  tentative: { stage: "permanent", cut: state.tentative?.cut ?? [] },
  peers: state.peers.map((peer) => {
    const cut = cutOf(state, peer.who);
    return cut === undefined ? peer : { ...peer, safe: cut.next, covered: cut.sent };
  }),
});

/** There is none under way; of one that came to nothing, all it would have saved is unsaved again. */
export function withoutTentative(state: Koo): Koo {
  const { tentative, ...rest } = state;
  if (tentative === undefined || tentative.stage === "permanent") return rest;
  const peers = state.peers.map((peer) => ({
    ...peer,
    last: Math.max(peer.last, lastBefore(state, peer.who)),
  }));
  return { ...rest, peers };
}

const isThe = (one: RunId) => (other: RunId): boolean =>
  other.initiator === one.initiator && other.number === one.number;

export const runOf = ({ runs }: Koo, id: RunId): Run | undefined => runs.find(isThe(id));

export const withRun = (state: Koo, run: Run): Koo => ({
  ...state,
  runs: state.runs.map((each) => isThe(run)(each) ? run : each),
});

export const withoutRun = (state: Koo, id: RunId): Koo => ({
  ...state,
  runs: state.runs.filter((each) => !isThe(id)(each)),
});

/** The run it has begun itself, if that goes on. */
export const ownRun = ({ runs, self }: Koo): Run | undefined =>
  runs.find(({ initiator }) => initiator === self);

export const isUndone = ({ undone }: Koo, { initiator, number }: RunId): boolean =>
  undone.some((each) => each.initiator === initiator && each.number >= number);

/** It has heard that a run came to nothing; those before it of the same process are over, too. */
export function withUndone(state: Koo, { initiator, number }: RunId): Koo {
  if (isUndone(state, { initiator, number })) return state;
  const others = state.undone.filter((each) => each.initiator !== initiator);
  const undone = [...others, { initiator, number }].sort((a, b) => a.initiator - b.initiator);
  return { ...state, undone };
}
