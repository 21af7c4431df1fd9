/** The manager in MANA's drain: the store, the barrier, and who may begin, go on and end. */
import type { ProcessId, ProtocolEvent } from "../../core/mod.ts";
import {
  type DrainManager as Manager,
  type DrainMessage,
  type DrainOut,
  type DrainRequest,
  NOBODY,
  NOTHING,
} from "./drain_state.ts";
import { including, lostBecause, named, without } from "./members.ts";

const TIMER = "timeout";

const KILLED = "was killed, and two sums cannot say what of them was its own";

/** What the manager does about an event. */
export function handleManager(
  state: Manager,
  event: ProtocolEvent<DrainMessage>,
  out: DrainOut,
): Manager {
  switch (event.event) {
    case "requested":
      return beginNext({ ...state, wanted: state.wanted + 1 }, out);
    case "control":
      return event.from === "manager" ? state : onControl(state, event.from, event.message, out);
    case "recorded":
      return state.mode === "record" ? resume(state, out) : state;
    case "joining":
      return onJoining(state, event.who, out);
    case "crashed":
      return onLost(state, event.who, lostBecause(event.who), out);
    case "restarted":
      return onRestarted(state, event.recorded, out);
    case "timer":
      return state.mode === "drain" ? onTimeout(state, out) : state;
    default:
      return state;
  }
}

function onControl(
  state: Manager,
  from: ProcessId,
  message: DrainMessage,
  out: DrainOut,
): Manager {
  switch (message.kind) {
    case "SET":
    case "INCRBY":
    case "GET":
    case "BARRIER":
      if (state.mode !== "drain" || message.attempt !== state.attempt) return state;
      return serve(state, from, message, out);
    case "SAVED":
      if (state.mode !== "drain" || message.attempt !== state.attempt) return state;
      return progress({ ...state, waiting: without(state.waiting, from) }, out);
    case "LEAVE":
      return beginNext({ ...state, leavers: [...without(state.leavers, from), from] }, out);
    case "EXIT":
      return onLost(state, from, lostBecause(from, KILLED), out);
    default:
      return state;
  }
}

/** The store answers at once, the barrier when everybody has come. */
function serve(state: Manager, who: ProcessId, request: DrainRequest, out: DrainOut): Manager {
  const { attempt, turn } = request;
  if (request.kind === "BARRIER") {
    const arrived = including(state.arrived, who);
    return arrived.length < state.alive.length
      ? { ...state, arrived }
      : release({ ...state, arrived: [] }, request.at, turn, out);
  }
  const { sum } = request;
  const pair = state.sums[turn] ?? NOTHING;
  out.send(who, { kind: "REPLY", attempt, value: request.kind === "GET" ? pair[sum] : 0 });
  if (request.kind === "GET") return state;
  const value = request.kind === "INCRBY" ? pair[sum] + request.by : 0;
  return { ...state, sums: state.sums.with(turn, { ...pair, [sum]: value }) };
}

/** From the first barrier on nobody sends, from the second on the sums are those of all. */
function release(
  state: Manager,
  at: "reset" | "register",
  turn: 0 | 1,
  out: DrainOut,
): Manager {
  for (const who of state.alive) out.send(who, { kind: "RELEASE", attempt: state.attempt });
  if (at === "reset") return { ...state, isOpen: false };
  const { sent, received } = state.sums[turn] ?? NOTHING;
  return { ...state, lacking: sent - received };
}

/** Begins what is asked for, checkpoints before farewells, unless a drain is under way. */
function beginNext(state: Manager, out: DrainOut): Manager {
  let idle = state;
  while (idle.mode === "idle" && idle.wanted > 0) {
    idle = { ...idle, wanted: idle.wanted - 1 };
    if (idle.lost !== "") out.abort(idle.lost);
    else if (idle.alive.length === 0) out.abort("no process is left to save");
    else idle = begin(idle, NOBODY, out);
  }
  if (idle.mode !== "idle") return idle;
  if (idle.lost !== "") return letAllGo(idle, out);
  const [leaver, ...leavers] = idle.leavers;
  return leaver === undefined ? idle : begin({ ...idle, leavers }, leaver, out);
}

/** There will be no checkpoint any more, so nothing is to be drained for one. */
function letAllGo(state: Manager, out: DrainOut): Manager {
  for (const who of state.leavers) out.send(who, { kind: "GO" });
  const alive = state.alive.filter((who) => !state.leavers.includes(who));
  return { ...state, alive, leavers: [] };
}

function begin(state: Manager, leaver: ProcessId, out: DrainOut): Manager {
  const attempt = state.attempt + 1;
  out.phase("drain");
  out.setTimer(TIMER, state.timeoutNs);
  for (const who of state.alive) out.send(who, { kind: "PRESUSPEND", attempt, leaver });
  return {
    ...state,
    mode: "drain",
    attempt,
    leaver,
    isOpen: true,
    waiting: state.alive,
  };
}

function progress(state: Manager, out: DrainOut): Manager {
  if (state.waiting.length > 0) return state;
  out.clearTimer(TIMER);
  if (state.leaver !== NOBODY) return resume(state, out);
  out.phase("record");
  out.done(state.alive);
  return { ...state, mode: "record" };
}

/** The drain is over, and only now may anybody go on. */
function resume(state: Manager, out: DrainOut): Manager {
  const isFarewell = state.leaver !== NOBODY;
  const gone = isFarewell ? including(state.gone, state.leaver) : state.gone;
  for (const who of state.alive) out.send(who, { kind: "RESUME", attempt: state.attempt, gone });
  return settle({ ...state, gone, alive: without(state.alive, state.leaver) }, out);
}

function abort(state: Manager, why: string, out: DrainOut): Manager {
  const { attempt, gone } = state;
  out.clearTimer(TIMER);
  for (const who of state.alive) out.send(who, { kind: "ABORT", attempt, gone });
  if (state.leaver === NOBODY) {
    out.abort(why);
    return settle(state, out);
  }
  // No checkpoint has failed; the farewell is tried again.
  out.log(`${named([state.leaver])} cannot leave yet: ${why}`);
  const leavers = state.alive.includes(state.leaver)
    ? [state.leaver, ...state.leavers]
    : state.leavers;
  return settle({ ...state, leavers }, out);
}

function settle(state: Manager, out: DrainOut): Manager {
  out.phase("idle");
  for (const who of state.newcomers) out.send(who, { kind: "WELCOME", gone: state.gone });
  const idle: Manager = {
    ...state,
    mode: "idle",
    alive: including(state.alive, ...state.newcomers),
    leaver: NOBODY,
    isOpen: false,
    sums: [NOTHING, NOTHING],
    lacking: 0,
    arrived: [],
    waiting: [],
    newcomers: [],
  };
  return beginNext(idle, out);
}

/** It takes part as long as somebody may still send to it; afterwards nobody can before the line. */
function onJoining(state: Manager, who: ProcessId, out: DrainOut): Manager {
  if (state.mode === "idle") {
    out.send(who, { kind: "WELCOME", gone: state.gone });
    return { ...state, alive: including(state.alive, who) };
  }
  if (!state.isOpen) return { ...state, newcomers: including(state.newcomers, who) };
  out.send(who, { kind: "PRESUSPEND", attempt: state.attempt, leaver: state.leaver });
  const waiting = including(state.waiting, who);
  return { ...state, alive: including(state.alive, who), waiting };
}

/** What it has counted is gone with it: from now on the sums would never be equal. */
function onLost(state: Manager, who: ProcessId, why: string, out: DrainOut): Manager {
  if (!state.alive.includes(who) && !state.newcomers.includes(who)) return state;
  const left: Manager = {
    ...state,
    alive: without(state.alive, who),
    newcomers: without(state.newcomers, who),
    leavers: without(state.leavers, who),
    lost: state.lost === "" ? why : state.lost,
  };
  if (state.mode === "drain") return abort(left, left.lost, out);
  return state.mode === "idle" ? beginNext(left, out) : left;
}

/** What it knows is in stable storage and what was sent to it has waited; timers have not. */
function onRestarted(state: Manager, recorded: boolean, out: DrainOut): Manager {
  if (state.mode === "drain") out.setTimer(TIMER, state.timeoutNs);
  if (state.mode !== "record") return state;
  if (recorded) return resume(state, out);
  return abort(state, "the manager crashed before the line was recorded", out);
}

/** Who has not saved itself, and how many messages the last round has missed. */
const missing = ({ waiting, lacking }: Manager): string =>
  `SAVED from ${named(waiting)}${lacking === 0 ? "" : `; on some channels: ${lacking} more`}`;

const onTimeout = (state: Manager, out: DrainOut): Manager =>
  abort(state, `timeout: no ${missing(state)}`, out);

/** Whom it waits for, in words. */
export function managerWaitsFor(state: Manager): string | undefined {
  if (state.mode === "idle") return undefined;
  return state.mode === "record" ? "the line to become durable" : missing(state);
}
