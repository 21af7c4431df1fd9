/** The manager in message counting: adds the tables up and declares the checkpoint. */
import type { ProcessId, ProtocolEvent } from "../../core/mod.ts";
import { including, lostBecause, named, without } from "./members.ts";
import {
  type CountingManager as Manager,
  type CountingMessage,
  type CountingOut,
  type SendCount,
  sumOf,
} from "./message_counting_state.ts";

const TIMER = "timeout";

/** What the manager does about an event. */
export function handleManager(
  state: Manager,
  event: ProtocolEvent<CountingMessage>,
  out: CountingOut,
): Manager {
  switch (event.event) {
    case "requested":
      return state.mode === "idle" ? begin(state, out) : { ...state, wanted: state.wanted + 1 };
    case "control":
      return event.from === "manager" ? state : onControl(state, event.from, event.message, out);
    case "recorded":
      return state.mode === "record" ? commit(state, out) : state;
    case "joining":
      return onJoining(state, event.who, out);
    case "crashed":
      return onCrashed(state, event.who, out);
    case "restarted":
      return onRestarted(state, event.recorded, out);
    case "timer":
      return onTimeout(state, out);
    default:
      return state;
  }
}

function onControl(
  state: Manager,
  from: ProcessId,
  message: CountingMessage,
  out: CountingOut,
): Manager {
  if (message.kind === "EXIT") return onExit(state, from, message.attempt, message.sent, out);
  if (message.kind === "WELCOME" || message.attempt !== state.attempt) return state;
  if (message.kind === "FAIL") return underWay(state) ? abort(state, message.why, out) : state;
  if (!state.waiting.includes(from)) return state;
  const waiting = without(state.waiting, from);
  if (message.kind === "ACK" && state.mode === "sync") {
    const place = state.acks.findIndex((ack) => ack.from > from);
    const at = place < 0 ? state.acks.length : place;
    const acks = state.acks.toSpliced(at, 0, { from, sent: message.sent });
    return progress({ ...state, acks, waiting }, out);
  }
  if (message.kind === "DONE" && state.mode === "execute") {
    return progress({ ...state, waiting }, out);
  }
  return state;
}

const underWay = ({ mode }: Manager): boolean => mode === "sync" || mode === "execute";

function begin(state: Manager, out: CountingOut): Manager {
  if (state.lost !== "" || state.alive.length === 0) {
    out.abort(state.lost === "" ? "no process is left to save" : state.lost);
    return state;
  }
  const attempt = state.attempt + 1;
  out.phase("sync");
  out.setTimer(TIMER, state.timeoutNs);
  for (const who of state.alive) out.send(who, { kind: "SYNC", attempt });
  return { ...state, mode: "sync", attempt, acks: [], waiting: state.alive };
}

/** Goes on when nobody is waited for. */
function progress(state: Manager, out: CountingOut): Manager {
  if (state.waiting.length > 0) return state;
  if (state.alive.length === 0) return abort(state, "no process is left to save", out);
  if (state.mode === "sync") {
    const totals = sumOf(state.carry, ...state.acks.map((ack) => ack.sent));
    const expectedOf = new Map(totals.map(({ to, count }) => [to, count]));
    out.phase("execute");
    for (const who of state.alive) {
      const expected = expectedOf.get(who) ?? 0;
      out.send(who, { kind: "OP", attempt: state.attempt, expected });
    }
    return { ...state, mode: "execute", acks: [], waiting: state.alive };
  }
  out.phase("record");
  out.clearTimer(TIMER);
  out.done(state.alive);
  return { ...state, mode: "record" };
}

/** The line is durable, and only now may anybody go on. */
function commit(state: Manager, out: CountingOut): Manager {
  for (const who of state.alive) out.send(who, { kind: "COMMIT", attempt: state.attempt });
  return settle({ ...state, committed: state.attempt, carry: [] }, out);
}

/** Gives the attempt up; no count changes, what was left by those who ended is kept. */
function abort(state: Manager, why: string, out: CountingOut): Manager {
  out.clearTimer(TIMER);
  for (const who of state.alive) out.send(who, { kind: "ABORT", attempt: state.attempt });
  out.abort(why);
  return settle(state, out);
}

/** Idle again: lets in who came meanwhile and begins what was asked for meanwhile. */
function settle(state: Manager, out: CountingOut): Manager {
  out.phase("idle");
  for (const who of state.newcomers) out.send(who, { kind: "WELCOME" });
  let idle: Manager = {
    ...state,
    mode: "idle",
    alive: including(state.alive, ...state.newcomers),
    newcomers: [],
    acks: [],
    waiting: [],
  };
  while (idle.wanted > 0 && idle.mode === "idle") {
    idle = begin({ ...idle, wanted: idle.wanted - 1 }, out);
  }
  return idle;
}

function onExit(
  state: Manager,
  who: ProcessId,
  heldIn: number,
  sent: readonly SendCount[],
  out: CountingOut,
): Manager {
  const left: Manager = {
    ...state,
    alive: without(state.alive, who),
    newcomers: without(state.newcomers, who),
    waiting: without(state.waiting, who),
    acks: state.acks.filter((ack) => ack.from !== who),
  };
  // Killed between its capture and the COMMIT: the line has its messages already.
  const isInLine = heldIn !== 0 && heldIn === state.committed;
  const known: Manager = isInLine ? left : { ...left, carry: sumOf(left.carry, sent) };
  if (state.mode === "sync") return progress(known, out);
  if (state.mode !== "execute" || !state.alive.includes(who)) return known;
  return abort(known, `process ${who} was killed during the checkpoint`, out);
}

/** SYNC: it takes part. EXEC: too late for this one, the expected counts are out. */
function onJoining(state: Manager, who: ProcessId, out: CountingOut): Manager {
  if (state.mode === "idle") {
    out.send(who, { kind: "WELCOME" });
    return { ...state, alive: including(state.alive, who) };
  }
  if (state.mode === "sync") {
    out.send(who, { kind: "SYNC", attempt: state.attempt });
    const waiting = including(state.waiting, who);
    return { ...state, alive: including(state.alive, who), waiting };
  }
  return { ...state, newcomers: including(state.newcomers, who) };
}

/** Its counts are gone with it, so from now on nobody can be told how much to expect. */
function onCrashed(state: Manager, who: ProcessId, out: CountingOut): Manager {
  if (!state.alive.includes(who) && !state.newcomers.includes(who)) return state;
  const left: Manager = {
    ...state,
    alive: without(state.alive, who),
    newcomers: without(state.newcomers, who),
    lost: state.lost === "" ? lostBecause(who) : state.lost,
  };
  return underWay(state) ? abort(left, left.lost, out) : left;
}

/** What it knows is in stable storage and what was sent to it has waited; timers have not. */
function onRestarted(state: Manager, recorded: boolean, out: CountingOut): Manager {
  if (underWay(state)) out.setTimer(TIMER, state.timeoutNs);
  if (state.mode !== "record") return state;
  if (recorded) return commit(state, out);
  return abort(state, "the manager crashed before the line was recorded", out);
}

function onTimeout(state: Manager, out: CountingOut): Manager {
  if (!underWay(state)) return state;
  const kind = state.mode === "sync" ? "ACK" : "DONE";
  return abort(state, `timeout: no ${kind} from ${named(state.waiting)}`, out);
}

/** Whom it waits for, in words. */
export function managerWaitsFor({ mode, waiting }: Manager): string | undefined {
  if (mode === "idle") return undefined;
  if (mode === "record") return "the line to become durable";
  return `${mode === "sync" ? "ACK" : "DONE"} from ${named(waiting)}`;
}
