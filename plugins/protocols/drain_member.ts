/** The process in MANA's drain: asks the store, round after round, until the sums are equal. */
import type { ProcessId, ProtocolEvent } from "../../core/mod.ts";
import {
  type DrainMember as Member,
  type DrainMessage,
  type DrainOut,
  type DrainRequest,
  NOBODY,
  type Presuspend,
} from "./drain_state.ts";
import { including } from "./members.ts";

/** A round: each is asked when the one before is answered. */
const ROUND = [
  { kind: "SET", sum: "sent" },
  { kind: "SET", sum: "received" },
  { kind: "BARRIER", at: "reset" },
  { kind: "INCRBY", sum: "sent" },
  { kind: "INCRBY", sum: "received" },
  { kind: "BARRIER", at: "register" },
  { kind: "GET", sum: "sent" },
  { kind: "GET", sum: "received" },
] as const;

/** What a member does about an event. */
export function handleMember(
  state: Member,
  event: ProtocolEvent<DrainMessage>,
  out: DrainOut,
): Member {
  if (state.mode === "gone") return state;
  switch (event.event) {
    case "sending":
      return state.peers.includes(event.to) ? { ...state, sent: state.sent + 1 } : state;
    case "arriving":
      return { ...state, received: state.received + 1 };
    case "control":
      return onControl(state, event.message, out);
    case "saved":
      return state.mode === "save" ? report(state, out) : state;
    case "exiting":
      return onExiting(state, event.killed, out);
    case "joining":
      if (event.who !== state.self) return { ...state, peers: including(state.peers, event.who) };
      out.hold();
      return { ...state, mode: "joining" };
    default:
      return state;
  }
}

function onControl(state: Member, message: DrainMessage, out: DrainOut): Member {
  switch (message.kind) {
    case "PRESUSPEND":
      return onPresuspend(state, message, out);
    case "REPLY":
    case "RELEASE":
      if (state.mode !== "drain" || message.attempt !== state.attempt) return state;
      return answered(state, message.kind === "REPLY" ? message.value : 0, out);
    case "RESUME":
      if (message.attempt !== state.attempt) return state;
      return state.leaver === state.self ? leave(state, out) : resume(state, message.gone, out);
    case "ABORT":
      return onAbort(withoutGone(state, message.gone), message.attempt, out);
    case "WELCOME": {
      const known = withoutGone(state, message.gone);
      return state.mode === "joining" ? goOn(known, out) : known;
    }
    case "GO":
      return leave(state, out);
    default:
      return state;
  }
}

function onPresuspend(state: Member, message: Presuspend, out: DrainOut): Member {
  const { attempt, leaver } = message;
  if (attempt <= state.over) return state;
  if (state.attempt !== 0) return { ...state, next: message };
  out.hold();
  out.phase("drain");
  return ask({ ...state, mode: "drain", attempt, leaver, turn: 0 }, 0, out);
}

/** Puts the request at that place of the round; what it adds is as it is now. */
function ask(state: Member, step: number, out: DrainOut): Member {
  const { attempt, turn } = state;
  const request = ROUND[step] as typeof ROUND[number];
  if (request.kind !== "INCRBY") {
    out.send("manager", { ...request, attempt, turn } as DrainRequest);
    return { ...state, step };
  }
  const by = state[request.sum];
  out.send("manager", { ...request, attempt, turn, by });
  return { ...state, step, ...request.sum === "received" ? { drained: by } : {} };
}

/** Goes on in the round; at its end, saves if nothing is on its way, else begins another. */
function answered(state: Member, value: number, out: DrainOut): Member {
  if (state.step < ROUND.length - 1) {
    const isRead = ROUND[state.step]?.kind === "GET";
    return ask(isRead ? { ...state, sum: value } : state, state.step + 1, out);
  }
  const isDrained = state.sum === value;
  const read: Member = { ...state, sum: 0 };
  if (!isDrained) return ask({ ...read, turn: state.turn === 0 ? 1 : 0 }, 0, out);
  if (state.leaver !== NOBODY) return report(read, out);
  out.phase("save");
  out.capture();
  return { ...read, mode: "save" };
}

function report(state: Member, out: DrainOut): Member {
  out.phase("saved");
  out.send("manager", { kind: "SAVED", attempt: state.attempt });
  return { ...state, mode: "saved" };
}

const withoutGone = (state: Member, gone: readonly ProcessId[]): Member =>
  state.peers.some((who) => gone.includes(who))
    ? { ...state, peers: state.peers.filter((who) => !gone.includes(who)) }
    : state;

/** Nothing was on its way, so all counts begin anew; what has come since was sent since. */
function resume(state: Member, gone: readonly ProcessId[], out: DrainOut): Member {
  const received = state.received - state.drained;
  return goOn(withoutGone({ ...state, sent: 0, received }, gone), out);
}

/** An ABORT may overtake its PRESUSPEND; then the PRESUSPEND comes to nothing. No count changes. */
function onAbort(state: Member, attempt: number, out: DrainOut): Member {
  const over = Math.max(state.over, attempt);
  if (state.mode === "joining") return goOn({ ...state, over }, out);
  if (attempt !== state.attempt) return { ...state, over };
  if (state.leaver === NOBODY && state.mode !== "drain") out.discard();
  return goOn({ ...state, over }, out);
}

/** Back to RUN, or into the drain that is already known of. */
function goOn(state: Member, out: DrainOut): Member {
  out.release();
  out.phase("run");
  const { next, ...rest } = state;
  const over = Math.max(state.over, state.attempt);
  const none = { attempt: 0, leaver: NOBODY, step: 0, turn: 0, sum: 0, drained: 0 } as const;
  const running: Member = { ...rest, ...none, mode: "run", over };
  return next === undefined ? running : onPresuspend(running, next, out);
}

/** The manager keeps what it is asked for, so the mode does not matter. */
function onExiting(state: Member, killed: boolean, out: DrainOut): Member {
  if (!killed) {
    out.send("manager", { kind: "LEAVE" });
    return state;
  }
  if (state.mode === "save") out.discard();
  out.send("manager", { kind: "EXIT" });
  return leave(state, out);
}

function leave(state: Member, out: DrainOut): Member {
  if (state.mode !== "run") out.release();
  out.leave();
  return { ...state, mode: "gone" };
}

/** Whom it waits for, in words. */
export function memberWaitsFor({ mode, step }: Member): string | undefined {
  switch (mode) {
    case "joining":
      return "the manager's WELCOME";
    case "drain": {
      const { kind } = ROUND[step] as typeof ROUND[number];
      return kind === "BARRIER" ? "everybody at the barrier" : `the answer to its ${kind}`;
    }
    case "save":
      return "its own capture";
    case "saved":
      return "the manager's RESUME or ABORT";
    default:
      return undefined;
  }
}
