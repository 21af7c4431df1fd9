/** The manager in a flushing protocol: begins rounds, for checkpoints and for those who end. */
import type { ProcessId, ProtocolEvent } from "../../core/mod.ts";
import {
  type FlushManager as Manager,
  type FlushMessage,
  type FlushOut,
  NOBODY,
} from "./flush_state.ts";
import { including, lostBecause, named, without } from "./members.ts";

const TIMER = "timeout";

/** What the manager does about an event. */
export function handleManager(
  state: Manager,
  event: ProtocolEvent<FlushMessage>,
  out: FlushOut,
): Manager {
  switch (event.event) {
    case "requested":
      return beginNext({ ...state, wanted: state.wanted + 1 }, out);
    case "control":
      return event.from === "manager" ? state : onControl(state, event.from, event.message, out);
    case "recorded":
      return state.mode === "record" ? commit(state, out) : state;
    case "joining":
      return onJoining(state, event.who, out);
    case "crashed":
      return onLost(state, event.who, lostBecause(event.who), out);
    case "restarted":
      return onRestarted(state, event.recorded, out);
    case "timer":
      return state.mode === "flush" ? onTimeout(state, out) : state;
    default:
      return state;
  }
}

function onControl(
  state: Manager,
  from: ProcessId,
  message: FlushMessage,
  out: FlushOut,
): Manager {
  switch (message.kind) {
    case "SAVED":
      if (state.mode !== "flush" || message.round !== state.round) return state;
      return progress({ ...state, waiting: without(state.waiting, from) }, out);
    case "LEAVE":
      return beginNext({ ...state, leavers: [...without(state.leavers, from), from] }, out);
    case "EXIT":
      return onLost(state, from, lostBecause(from, "was killed with its channels open"), out);
    default:
      return state;
  }
}

/** Begins what is asked for, checkpoints before farewells, unless a round is under way. */
function beginNext(state: Manager, out: FlushOut): Manager {
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

/** There will be no checkpoint any more, so nothing is to be flushed for one. */
function letAllGo(state: Manager, out: FlushOut): Manager {
  for (const who of state.leavers) out.send(who, { kind: "GO" });
  const alive = state.alive.filter((who) => !state.leavers.includes(who));
  return { ...state, alive, leavers: [] };
}

function begin(state: Manager, leaver: ProcessId, out: FlushOut): Manager {
  const round = state.round + 1;
  const members = state.alive;
  out.phase("flush");
  out.setTimer(TIMER, state.timeoutNs);
  for (const who of members) out.send(who, { kind: "SYNC", round, members, leaver });
  return { ...state, mode: "flush", round, leaver, waiting: members };
}

function progress(state: Manager, out: FlushOut): Manager {
  if (state.waiting.length > 0) return state;
  out.clearTimer(TIMER);
  if (state.leaver !== NOBODY) return commit(state, out);
  out.phase("record");
  out.done(state.alive);
  return { ...state, mode: "record" };
}

/** The round is over, and only now may anybody go on. */
function commit(state: Manager, out: FlushOut): Manager {
  for (const who of state.alive) out.send(who, { kind: "COMMIT", round: state.round });
  return settle({ ...state, alive: without(state.alive, state.leaver) }, out);
}

function abort(state: Manager, why: string, out: FlushOut): Manager {
  out.clearTimer(TIMER);
  for (const who of state.alive) out.send(who, { kind: "ABORT", round: state.round });
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

/** Nothing is under way: who has waited begins, and so does what has waited. */
export function settle(state: Manager, out: FlushOut): Manager {
  out.phase("idle");
  for (const who of state.newcomers) out.send(who, { kind: "WELCOME" });
  const alive = including(state.alive, ...state.newcomers);
  return beginNext(
    { ...state, mode: "idle", alive, newcomers: [], leaver: NOBODY, waiting: [] },
    out,
  );
}

/** It takes part in a round under way. Once everybody has saved itself there is nothing to flush. */
function onJoining(state: Manager, who: ProcessId, out: FlushOut): Manager {
  if (state.mode === "record" || state.mode === "move") {
    return { ...state, newcomers: including(state.newcomers, who) };
  }
  const { round, leaver } = state, members = including(state.alive, who);
  if (state.mode === "idle") out.send(who, { kind: "WELCOME" });
  else out.send(who, { kind: "SYNC", round, members, leaver });
  const waiting = state.mode === "flush" ? including(state.waiting, who) : state.waiting;
  return { ...state, alive: members, waiting };
}

/** No marker follows what it sent last, so from now on no line would be complete. */
function onLost(state: Manager, who: ProcessId, why: string, out: FlushOut): Manager {
  if (!state.alive.includes(who) && !state.newcomers.includes(who)) return state;
  const left: Manager = {
    ...state,
    alive: without(state.alive, who),
    newcomers: without(state.newcomers, who),
    leavers: without(state.leavers, who),
    lost: state.lost === "" ? why : state.lost,
  };
  if (state.mode === "flush") return abort(left, left.lost, out);
  return state.mode === "idle" ? beginNext(left, out) : left;
}

/** What it knows is in stable storage and what was sent to it has waited; timers have not. */
function onRestarted(state: Manager, recorded: boolean, out: FlushOut): Manager {
  if (state.mode === "flush") out.setTimer(TIMER, state.timeoutNs);
  if (state.mode !== "record") return state;
  if (recorded) return commit(state, out);
  return abort(state, "the manager crashed before the line was recorded", out);
}

const onTimeout = (state: Manager, out: FlushOut): Manager =>
  abort(state, `timeout: no SAVED from ${named(state.waiting)}`, out);

/** Whom it waits for, in words. */
export function managerWaitsFor({ mode, waiting }: Manager): string | undefined {
  if (mode === "idle") return undefined;
  return mode === "record" ? "the line to become durable" : `SAVED from ${named(waiting)}`;
}
