/** The manager of snapshots: lets one process begin, and declares the line when all are done. */
import type { ProcessId, ProtocolEvent } from "../../core/mod.ts";
import type {
  SnapshotManager as Manager,
  SnapshotMessage,
  SnapshotOut,
} from "./chandy_lamport_state.ts";
import { including, lostBecause, named, without } from "./members.ts";

const TIMER = "timeout";

/** What the manager does about an event. */
export function handleManager(
  state: Manager,
  event: ProtocolEvent<SnapshotMessage>,
  out: SnapshotOut,
): Manager {
  switch (event.event) {
    case "requested":
      return state.mode === "idle" ? begin(state, out) : { ...state, wanted: state.wanted + 1 };
    case "control":
      return event.from === "manager" ? state : onControl(state, event.from, event.message, out);
    case "recorded":
      return state.mode === "record" ? settle(state, out) : state;
    case "joining":
      return onJoining(state, event.who, out);
    case "crashed":
      return onCrashed(state, event.who, out);
    case "restarted":
      return onRestarted(state, event.recorded, out);
    case "timer":
      if (state.mode !== "collect") return state;
      return abort(state, `timeout: no DONE from ${named(state.waiting)}`, out);
    default:
      return state;
  }
}

function onControl(
  state: Manager,
  from: ProcessId,
  message: SnapshotMessage,
  out: SnapshotOut,
): Manager {
  if (message.kind === "EXIT") return onExit(state, from, message.epoch, out);
  const isDone = message.kind === "DONE" && message.epoch === state.epoch;
  if (!isDone || state.mode !== "collect" || !state.waiting.includes(from)) return state;
  const saved = including(state.saved, from);
  return progress({ ...state, saved, waiting: without(state.waiting, from) }, out);
}

function begin(state: Manager, out: SnapshotOut): Manager {
  const [initiator] = state.alive;
  if (state.lost !== "" || initiator === undefined) {
    out.abort(state.lost === "" ? "no process is left to save" : state.lost);
    return state;
  }
  const epoch = state.epoch + 1;
  out.phase("collect");
  out.setTimer(TIMER, state.timeoutNs);
  out.send(initiator, { kind: "START", epoch });
  return { ...state, mode: "collect", epoch, initiator, waiting: state.alive, saved: [] };
}

/** Goes on when nobody is waited for. */
function progress(state: Manager, out: SnapshotOut): Manager {
  if (state.waiting.length > 0) return state;
  if (state.saved.length === 0) return abort(state, "no process is left to save", out);
  out.clearTimer(TIMER);
  out.phase("record");
  out.done(state.saved);
  return { ...state, mode: "record" };
}

function abort(state: Manager, why: string, out: SnapshotOut): Manager {
  out.clearTimer(TIMER);
  for (const who of state.alive) out.send(who, { kind: "ABORT", epoch: state.epoch });
  out.abort(why);
  return settle(state, out);
}

/** Idle again: begins what was asked for meanwhile. */
function settle(state: Manager, out: SnapshotOut): Manager {
  out.phase("idle");
  let idle: Manager = { ...state, mode: "idle", waiting: [], saved: [] };
  while (idle.wanted > 0 && idle.mode === "idle") {
    idle = begin({ ...idle, wanted: idle.wanted - 1 }, out);
  }
  return idle;
}

/** Who ended before it heard of the snapshot lies before the line; if it had to begin it, another does. */
function onExit(state: Manager, who: ProcessId, epoch: number, out: SnapshotOut): Manager {
  const left: Manager = { ...state, alive: without(state.alive, who) };
  if (state.mode !== "collect" || !state.waiting.includes(who)) return left;
  if (epoch === state.epoch) {
    return abort(left, `process ${who} was killed during the checkpoint`, out);
  }
  const waiting = without(state.waiting, who);
  const [initiator] = waiting;
  if (who !== state.initiator || initiator === undefined) {
    return progress({ ...left, waiting }, out);
  }
  out.send(initiator, { kind: "START", epoch: state.epoch });
  return { ...left, waiting, initiator };
}

/** While somebody may not be saved yet, and so may send to it before the cut, it takes part. */
function onJoining(state: Manager, who: ProcessId, out: SnapshotOut): Manager {
  const alive = including(state.alive, who), { epoch } = state;
  if (state.mode !== "collect") {
    out.send(who, { kind: "WELCOME", epoch });
    return { ...state, alive };
  }
  out.send(who, { kind: "START", epoch });
  return { ...state, alive, waiting: including(state.waiting, who) };
}

/** No marker follows what it sent last, so from now on no line would be complete. */
function onCrashed(state: Manager, who: ProcessId, out: SnapshotOut): Manager {
  if (!state.alive.includes(who)) return state;
  const lost = state.lost === "" ? lostBecause(who) : state.lost;
  const left: Manager = { ...state, alive: without(state.alive, who), lost };
  return state.mode === "collect" ? abort(left, lost, out) : left;
}

/** What it knows is in stable storage and what was sent to it has waited; timers have not. */
function onRestarted(state: Manager, recorded: boolean, out: SnapshotOut): Manager {
  if (state.mode === "collect") out.setTimer(TIMER, state.timeoutNs);
  if (state.mode !== "record") return state;
  if (recorded) return settle(state, out);
  return abort(state, "the manager crashed before the line was recorded", out);
}

/** Whom it waits for, in words. */
export function managerWaitsFor({ mode, waiting }: Manager): string | undefined {
  if (mode === "idle") return undefined;
  return mode === "record" ? "the line to become durable" : `DONE from ${named(waiting)}`;
}
