/** The process in message counting: counts, and saves itself when it has all that was sent to it. */
import type { ProtocolEvent } from "../../core/mod.ts";
import {
  type CountingMember as Member,
  type CountingMessage,
  type CountingOut,
  sumOf,
} from "./message_counting_state.ts";

/** What a member does about an event. */
export function handleMember(
  state: Member,
  event: ProtocolEvent<CountingMessage>,
  out: CountingOut,
): Member {
  if (state.mode === "gone") return state;
  switch (event.event) {
    case "sending":
      return { ...state, sent: sumOf(state.sent, [{ to: event.to, count: 1 }]) };
    case "arriving":
      return saveWhenDrained({ ...state, received: state.received + 1 }, out);
    case "control":
      return onControl(state, event.message, out);
    case "saved":
      return onSaved(state, out);
    case "exiting":
      return onExiting(state, event.killed, out);
    case "joining":
      return event.who === state.self ? onJoining(state, out) : state;
    default:
      return state;
  }
}

function onControl(state: Member, message: CountingMessage, out: CountingOut): Member {
  switch (message.kind) {
    case "SYNC":
      return onSync(state, message.attempt, out);
    case "OP":
      if (state.mode !== "sync" || message.attempt !== state.attempt) return state;
      out.phase("drain");
      return saveWhenDrained({ ...state, mode: "drain", expected: message.expected }, out);
    case "COMMIT":
      if (message.attempt !== state.attempt) return state;
      // Not simply 0: what arrived after the capture was sent in the next interval already.
      return goOn({ ...state, sent: [], received: state.received - state.expected }, out);
    case "ABORT":
      return onAbort(state, message.attempt, out);
    case "WELCOME":
      return state.mode === "joining" ? goOn(state, out) : state;
    default:
      return state;
  }
}

function onSync(state: Member, attempt: number, out: CountingOut): Member {
  if (attempt <= state.over) return state;
  if (state.attempt !== 0) return { ...state, next: Math.max(state.next, attempt) };
  out.hold();
  out.phase("sync");
  out.send("manager", { kind: "ACK", attempt, sent: state.sent });
  return { ...state, mode: "sync", attempt };
}

/** The application is held and has everything when the counts meet; more than all cannot be. */
function saveWhenDrained(state: Member, out: CountingOut): Member {
  if (state.mode !== "drain" || state.received < state.expected) return state;
  if (state.received > state.expected) {
    const why = `process ${state.self} received ${state.received} messages, but those that count ` +
      `sent it ${state.expected}: somebody's sends are unknown, or a message came twice`;
    out.send("manager", { kind: "FAIL", attempt: state.attempt, why });
    return { ...state, mode: "failed" };
  }
  out.phase("save");
  out.capture();
  return { ...state, mode: "save" };
}

function onSaved(state: Member, out: CountingOut): Member {
  if (state.mode !== "save") return state;
  out.phase("saved");
  out.send("manager", { kind: "DONE", attempt: state.attempt });
  return { ...state, mode: "saved" };
}

/** An ABORT may overtake its SYNC; then the SYNC comes to nothing. */
function onAbort(state: Member, attempt: number, out: CountingOut): Member {
  const over = Math.max(state.over, attempt);
  if (state.mode === "joining") return goOn({ ...state, over }, out);
  if (attempt !== state.attempt) return { ...state, over };
  if (state.mode === "save" || state.mode === "saved") out.discard();
  return goOn({ ...state, over }, out);
}

/** Back to RUN: ends if the application wants to, or begins the attempt that is already known of. */
function goOn(state: Member, out: CountingOut): Member {
  out.release();
  out.phase("run");
  const over = Math.max(state.over, state.attempt);
  const running: Member = { ...state, mode: "run", attempt: 0, over, next: 0, expected: 0 };
  if (state.ends) return leave(running, out);
  return state.next === 0 ? running : onSync(running, state.next, out);
}

function onExiting(state: Member, killed: boolean, out: CountingOut): Member {
  if (state.mode !== "run" && !killed) return { ...state, ends: true };
  if (state.mode === "save") out.discard();
  return leave(state, out);
}

function leave(state: Member, out: CountingOut): Member {
  out.send("manager", { kind: "EXIT", attempt: state.attempt, sent: state.sent });
  out.leave();
  return { ...state, mode: "gone" };
}

/** What it sends would reach processes about to save themselves, so it asks nothing and waits. */
function onJoining(state: Member, out: CountingOut): Member {
  out.hold();
  return { ...state, mode: "joining" };
}

/** Whom it waits for, in words. */
export function memberWaitsFor({ mode, received, expected }: Member): string | undefined {
  switch (mode) {
    case "joining":
      return "the manager's WELCOME or SYNC";
    case "sync":
      return "the manager's OP";
    case "drain":
      return `${expected - received} of the ${expected} messages sent to it`;
    case "save":
      return "its own capture";
    case "saved":
      return "the manager's COMMIT or ABORT";
    case "failed":
      return "the manager's ABORT";
    default:
      return undefined;
  }
}
