/** The manager of a spread-out checkpoint: sends the tokens round, and commits what comes back. */
import type { ProcessId, ProtocolEvent } from "../../core/mod.ts";
import { including, lostBecause, named, without } from "./members.ts";
import type { SendCount } from "./message_counting_state.ts";
import {
  type SpreadManager,
  type SpreadMessage,
  type SpreadOut,
  type SpreadTag,
  tokensOf,
  type Turn,
} from "./spread_out_state.ts";

const TIMER = "timeout";

/** What the manager does about an event. */
export function handleManager(
  state: SpreadManager,
  event: ProtocolEvent<SpreadMessage, SpreadTag>,
  out: SpreadOut,
): SpreadManager {
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
      return state.mode === "turns"
        ? abort(state, `timeout: ${named(unsaved(state))} not saved`, out)
        : state;
    default:
      return state;
  }
}

function onControl(
  state: SpreadManager,
  from: ProcessId,
  message: SpreadMessage,
  out: SpreadOut,
): SpreadManager {
  switch (message.kind) {
    case "TURN":
      return state.mode === "turns" && message.epoch === state.epoch
        ? onTurn(state, message, out)
        : state;
    case "LEAVE":
      return onLeave(state, from, message.sent, out);
    case "EXIT":
      return onKilled(state, from, message.sent, out);
    default:
      return state;
  }
}

function begin(state: SpreadManager, out: SpreadOut): SpreadManager {
  const { lost, alive, writers } = state;
  if (lost !== "" || alive.length === 0) {
    out.abort(lost === "" ? "no process is left to save" : lost);
    return state;
  }
  out.phase("turns");
  setTimer(state, out);
  const begun: SpreadManager = {
    ...state,
    mode: "turns",
    epoch: state.epoch + 1,
    members: alive,
    reports: [],
  };
  for (const who of alive) sync(begun, who, out);
  for (const some of parted(alive, tokensOf(alive.length, writers))) sendRound(begun, some, out);
  return begun;
}

/** Besides the pauses, which grow with the members. */
const setTimer = ({ alive, spreadNs, timeoutNs }: SpreadManager, out: SpreadOut): void =>
  out.setTimer(TIMER, timeoutNs + alive.length * spreadNs);

/** What had come at a line is never sent again by a restart, so its sender may forget it. */
function sync({ epoch, ended, committed }: SpreadManager, who: ProcessId, out: SpreadOut): void {
  const its = ended.filter(({ to }) => to === who);
  const came = committed.flatMap(({ who: to, came }) =>
    came.filter(({ from }) => from === who).map(({ below }) => ({ to, count: below }))
  );
  const before = its.map(({ from, count }) => ({ from, below: count }));
  out.send(who, { kind: "SYNC", epoch, ended: before, came });
}

/** A token goes round these. */
function sendRound(
  { epoch }: SpreadManager,
  [first, ...rest]: readonly ProcessId[],
  out: SpreadOut,
): void {
  if (first !== undefined) out.send(first, { kind: "TURN", epoch, rest, reports: [] });
}

/** The list in so many parts, in its order, whose lengths differ by one at most. */
const parted = (list: readonly ProcessId[], parts: number): readonly (readonly ProcessId[])[] =>
  Array.from({ length: parts }, (_, part) =>
    list.slice(
      Math.floor(part * list.length / parts),
      Math.floor((part + 1) * list.length / parts),
    ));

function onTurn(state: SpreadManager, { reports }: Turn, out: SpreadOut): SpreadManager {
  const all = [...state.reports, ...reports].sort((a, b) => a.who - b.who);
  const next = { ...state, reports: all };
  if (unsaved(next).length > 0) return next;
  out.clearTimer(TIMER);
  out.phase("record");
  out.done(next.members);
  return { ...next, mode: "record" };
}

const unsaved = ({ members, reports }: SpreadManager): readonly ProcessId[] =>
  members.filter((member) => reports.every(({ who }) => who !== member));

const commit = (state: SpreadManager, out: SpreadOut): SpreadManager =>
  settle({ ...state, committed: state.reports }, out);

function abort(state: SpreadManager, why: string, out: SpreadOut): SpreadManager {
  out.clearTimer(TIMER);
  for (const who of state.alive) out.send(who, { kind: "ABORT", epoch: state.epoch });
  out.abort(why);
  return settle(state, out);
}

/** Idle again: lets those go who want to end, and begins what was asked for meanwhile. */
function settle(state: SpreadManager, out: SpreadOut): SpreadManager {
  out.phase("idle");
  let idle: SpreadManager = { ...state, mode: "idle", members: [], reports: [] };
  for (const { who, sent } of state.leavers) idle = letGo(idle, who, sent, out);
  while (idle.wanted > 0 && idle.mode === "idle") {
    idle = begin({ ...idle, wanted: idle.wanted - 1 }, out);
  }
  return idle;
}

/** Whoever wants to end sends nothing more; a line under way is with it. */
function onLeave(
  state: SpreadManager,
  who: ProcessId,
  sent: readonly SendCount[],
  out: SpreadOut,
): SpreadManager {
  // Killed meanwhile, it has said so, and what it left is known.
  if (!state.alive.includes(who)) return state;
  if (state.mode === "idle") return letGo(state, who, sent, out);
  const leavers = [...state.leavers, { who, sent }].sort((a, b) => a.who - b.who);
  return { ...state, leavers };
}

function letGo(
  state: SpreadManager,
  who: ProcessId,
  sent: readonly SendCount[],
  out: SpreadOut,
): SpreadManager {
  out.send(who, { kind: "GO" });
  return gone(state, who, sent);
}

/** It is not there any more, and what it has sent is not forgotten. */
function gone(state: SpreadManager, who: ProcessId, sent: readonly SendCount[]): SpreadManager {
  const ended = [...state.ended, ...sent.map((each) => ({ ...each, from: who }))];
  return {
    ...state,
    alive: without(state.alive, who),
    leavers: state.leavers.filter((leaver) => leaver.who !== who),
    ended: ended.sort((a, b) => a.from - b.from || a.to - b.to),
  };
}

function onKilled(
  state: SpreadManager,
  who: ProcessId,
  sent: readonly SendCount[],
  out: SpreadOut,
): SpreadManager {
  if (!state.alive.includes(who)) return state;
  const left = gone(state, who, sent);
  return state.mode === "turns"
    ? abort(left, `process ${who} was killed during the checkpoint`, out)
    : left;
}

/** While somebody may not be saved yet, and so may send to it before the line, it takes part. */
function onJoining(state: SpreadManager, who: ProcessId, out: SpreadOut): SpreadManager {
  const joined = { ...state, alive: including(state.alive, who) };
  if (state.mode !== "turns") {
    out.send(who, { kind: "WELCOME", epoch: state.epoch });
    return joined;
  }
  sync(joined, who, out);
  sendRound(joined, [who], out);
  return { ...joined, members: including(state.members, who) };
}

/** Its log is gone with it, so from now on no line is whole. */
function onCrashed(state: SpreadManager, who: ProcessId, out: SpreadOut): SpreadManager {
  if (!state.alive.includes(who)) return state;
  const lost = state.lost === "" ? lostBecause(who) : state.lost;
  const left = gone({ ...state, lost }, who, []);
  return state.mode === "turns" ? abort(left, lost, out) : left;
}

/** What it knows is in stable storage and what was sent to it has waited; timers have not. */
function onRestarted(state: SpreadManager, recorded: boolean, out: SpreadOut): SpreadManager {
  if (state.mode === "turns") setTimer(state, out);
  if (state.mode !== "record") return state;
  if (recorded) return commit(state, out);
  return abort(state, "the manager crashed before the line was recorded", out);
}

/** Whom it waits for, in words. */
export function managerWaitsFor(state: SpreadManager): string | undefined {
  if (state.mode === "idle") return undefined;
  if (state.mode === "record") return "the line to become durable";
  return `${named(unsaved(state))} to be saved`;
}
