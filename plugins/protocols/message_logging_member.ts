/**
 * A process that logs what it sends and notes in which order it is received; and how it finds back to
 * where it was when it was lost.
 */
import type { Out, ProcessId, ProtocolEvent, Station } from "../../core/mod.ts";
import { without } from "./members.ts";
import {
  cameFrom,
  hasHad,
  joined,
  type Logger,
  type LogMessage,
  type LogPeer,
  notedBy,
  type Receipt,
  withPeer,
} from "./message_logging_state.ts";

type LogOut = Out<LogMessage>;

const TIMER = "save";

const peerOf = (state: Logger, who: ProcessId): LogPeer =>
  state.peers.find((peer) => peer.who === who) as LogPeer;

/** What a member does about an event. */
export function handleLogger(
  state: Logger,
  event: ProtocolEvent<LogMessage>,
  out: LogOut,
): Logger {
  switch (event.event) {
    case "sending":
      out.keep();
      return withPeer(state, event.to, (peer) => ({ ...peer, sent: (event.number ?? 0) + 1 }));
    case "arriving":
      return onArriving(state, event.from, event.number ?? 0, out);
    case "control":
      return onControl(state, event.from, event.message, out);
    case "requested":
      return state.stage === "idle" ? begin(state, out) : { ...state, wanted: state.wanted + 1 };
    case "taken": {
      const cut = { next: state.peers.map(({ next }) => next), rsn: state.rsn };
      return { ...state, stage: "taken", cut };
    }
    case "saved":
      return onSaved(state, out);
    case "timer":
      return onFailed(state, " could not be saved in time", out);
    case "failed":
      return onFailed(state, `: ${event.why}`, out);
    case "recovering":
      return onRecovering(state, out);
    case "joining":
      return joined(state, event.who);
    case "exiting":
      return onExiting(state, event.killed, out);
    default:
      return state;
  }
}

// Messages.

function onArriving(state: Logger, from: ProcessId, number: number, out: LogOut): Logger {
  if (hasHad(peerOf(state, from), number)) {
    out.drop();
    return state;
  }
  return state.replay === undefined
    ? receive(state, from, number, undefined, out)
    : replaying({ ...state, replay: state.replay }, from, number, out);
}

/** It is received; `known`: the place that its sender has noted already. */
function receive(
  state: Logger,
  from: ProcessId,
  number: number,
  known: number | undefined,
  out: LogOut,
): Logger {
  const rsn = state.rsn + 1;
  const next = { ...withPeer(state, from, (peer) => cameFrom(peer, { number, rsn })), rsn };
  if (known === rsn) return next;
  out.hold();
  tellOf(next, { from, number, rsn }, out);
  return { ...next, unnoted: [...next.unnoted, { from, number, rsn }] };
}

function tellOf(
  state: Logger,
  { from, number, rsn }: Logger["unnoted"][number],
  out: LogOut,
): void {
  out.send(from, { kind: "RSN", number, rsn, safe: peerOf(state, from).safe });
}

function onControl(state: Logger, from: Station, message: LogMessage, out: LogOut): Logger {
  const who = from as ProcessId;
  switch (message.kind) {
    case "RSN": {
      const { number, rsn, safe } = message;
      out.prune(who, safe);
      out.send(who, { kind: "ACK", number });
      return withPeer(state, who, (peer) => notedBy(peer, [{ number, rsn }], safe));
    }
    case "ACK":
      return onAck(state, who, message.number, out);
    case "ASK":
      return onAsk(state, who, message, out);
    case "KNOWN":
      return onKnown(state, who, message, out);
  }
}

function onAck(state: Logger, who: ProcessId, number: number, out: LogOut): Logger {
  const unnoted = state.unnoted.filter((each) => each.from !== who || each.number !== number);
  if (unnoted.length === 0 && state.unnoted.length > 0) out.release();
  return { ...state, unnoted };
}

// The way back.

/** Asks the others; what waits for a note waits still. */
function onRecovering(state: Logger, out: LogOut): Logger {
  for (const receipt of state.unnoted) tellOf(state, receipt, out);
  if (state.unnoted.length > 0) out.hold();
  out.phase("replay");
  for (const { who, next, beyond } of state.peers) out.send(who, { kind: "ASK", next, beyond });
  const asked = state.peers.map(({ who }) => who);
  return goOn({ ...state, replay: { asked, order: [], here: [] } }, out);
}

/** Sends again what the other has not, and says in which order it had it. */
function onAsk(
  state: Logger,
  who: ProcessId,
  { next, beyond }: LogMessage & { kind: "ASK" },
  out: LogOut,
): Logger {
  const { sent, noted, came } = peerOf(state, who);
  const isMissing = (number: number) => number >= next && !beyond.includes(number);
  out.send(who, {
    kind: "KNOWN",
    yours: noted.filter(({ number }) => isMissing(number)),
    mine: came,
  });
  for (let number = next; number < sent; number++) if (isMissing(number)) out.resend(who, number);
  // It does not know of these any more.
  for (const receipt of state.unnoted) if (receipt.from === who) tellOf(state, receipt, out);
  return state;
}

function onKnown(
  state: Logger,
  who: ProcessId,
  { yours, mine }: LogMessage & { kind: "KNOWN" },
  out: LogOut,
): Logger {
  const { replay } = state;
  if (replay === undefined || !replay.asked.includes(who)) return state;
  const order = [...replay.order, ...yours.map((receipt) => ({ from: who, ...receipt }))]
    .sort((a, b) => a.rsn - b.rsn);
  const noted = withPeer(state, who, (peer) => notedBy(peer, mine));
  return goOn({ ...noted, replay: { ...replay, asked: without(replay.asked, who), order } }, out);
}

const isThe = (one: { readonly from: ProcessId; readonly number: number }) =>
(
  each: { readonly from: ProcessId; readonly number: number },
): boolean => each.from === one.from && each.number === one.number;

/** Whatever comes waits, but for the next in the order, and who follows that and is here. */
function replaying(
  state: Logger & { readonly replay: NonNullable<Logger["replay"]> },
  from: ProcessId,
  number: number,
  out: LogOut,
): Logger {
  const { replay } = state, [next] = replay.order, message = { from, number };
  const isNext = replay.asked.length === 0 && next !== undefined && isThe(next)(message);
  if (!isNext) {
    out.withhold();
    return { ...state, replay: { ...replay, here: [...replay.here, message] } };
  }
  const order = replay.order.slice(1);
  const received = receive(state, from, number, next.rsn, out);
  return goOn({ ...received, replay: { ...replay, order } }, out);
}

/** Lets in the next in the order if it is here; with the last, everything else. */
function goOn(state: Logger, out: LogOut): Logger {
  const { replay } = state;
  if (replay === undefined || replay.asked.length > 0) return state;
  const [next] = replay.order;
  if (next !== undefined) {
    if (!replay.here.some(isThe(next))) return state;
    out.admit([next]);
    // One that was sent while others were asked comes twice.
    const here = replay.here.toSpliced(replay.here.findIndex(isThe(next)), 1);
    return { ...state, replay: { ...replay, here } };
  }
  out.admit(replay.here);
  out.phase("run");
  out.recovered();
  const { replay: _over, ...rest } = state;
  return rest;
}

// Checkpoints, each for itself, and the end.

function begin(state: Logger, out: LogOut): Logger {
  out.phase("save");
  out.capture();
  out.setTimer(TIMER, state.timeoutNs);
  return { ...state, stage: "begun" };
}

/** Whatever is in it will never be asked for. */
function onSaved(state: Logger, out: LogOut): Logger {
  const { cut, ...rest } = state;
  if (cut === undefined) return state;
  const peers = state.peers.map((peer, place) => ({
    ...peer,
    safe: cut.next[place] ?? peer.safe,
    came: peer.came.filter(({ rsn }) => rsn > cut.rsn),
  }));
  out.clearTimer(TIMER);
  out.done([state.self]);
  return idle({ ...rest, peers }, out);
}

/** It came to nothing, as on a full disk: it goes back to the one before as ever. */
function onFailed(state: Logger, why: string, out: LogOut): Logger {
  if (state.stage === "idle") return state;
  out.clearTimer(TIMER);
  out.discard();
  out.abort(`process ${state.self}${why}`);
  const { cut: _cut, ...rest } = state;
  return idle(rest, out);
}

/** None is under way any more. */
function idle(before: Logger, out: LogOut): Logger {
  const state: Logger = { ...before, stage: "idle" };
  if (state.wanted > 0) return begin({ ...state, wanted: state.wanted - 1 }, out);
  out.phase(state.replay === undefined ? "run" : "replay");
  return state.ends ? leave(state, out) : state;
}

function onExiting(state: Logger, killed: boolean, out: LogOut): Logger {
  if (state.gone) return state;
  if (state.stage === "idle") return leave(state, out);
  if (!killed) return { ...state, ends: true };
  out.discard();
  for (let failed = 0; failed <= state.wanted; failed++) {
    out.abort(`process ${state.self} was killed while it was being saved`);
  }
  const { cut: _cut, ...rest } = state;
  return leave({ ...rest, stage: "idle", wanted: 0 }, out);
}

function leave(state: Logger, out: LogOut): Logger {
  out.leave();
  return { ...state, gone: true };
}

/** Whom and what it waits for, in words. */
export function loggerWaitsFor({ unnoted, replay, stage }: Logger): string | undefined {
  const names = (list: readonly ProcessId[]) => [...new Set(list)].sort((a, b) => a - b).join(", ");
  if (replay !== undefined && replay.asked.length > 0) return `KNOWN from ${names(replay.asked)}`;
  const [next] = replay?.order ?? [];
  if (next !== undefined) return `message ${next.number} of process ${next.from}, to replay it`;
  if (unnoted.length > 0) return `ACK from ${names(unnoted.map(({ from }) => from))}`;
  return stage === "idle" ? undefined : "its own capture";
}

/** Bytes of a list of receipts or numbers. */
export const words = (...lists: readonly (readonly (Receipt | number)[])[]): number =>
  lists.flat().reduce((sum: number, each) => sum + (typeof each === "number" ? 1 : 2), 0);
