/** How runs of the protocol of Koo and Toueg begin and end, and how a process does. */
import type { ProcessId } from "../../core/mod.ts";
import {
  type Koo,
  type KooOut,
  ownRun,
  type Run,
  withoutRun,
  withoutTentative,
} from "./koo_toueg_state.ts";
import { including, without } from "./members.ts";

/** Of the run it has begun. */
export const TIMER = "run";

/** Begins a run of its own; `serves`: it was asked for one. Only when it takes part in none. */
export function beginRun(state: Koo, serves: boolean, out: KooOut): Koo {
  const number = state.begun + 1;
  const run: Run = { initiator: state.self, number, asked: [], waiting: [], members: [] };
  out.phase("save");
  out.capture();
  out.setTimer(TIMER, state.timeoutNs);
  const tentative = { stage: "begun", cut: [] } as const;
  return { ...state, begun: number, serves, tentative, runs: [run] };
}

/** Whoever may take part in a run because of this process hears that it came to nothing. */
export function tellUndone({ self }: Koo, run: Run, out: KooOut): void {
  const { initiator, number, asked, members } = run;
  for (const who of without(including(asked, ...members), self)) {
    out.send(who, { kind: "UNDO", initiator, number });
  }
}

/** Gives up the run it has begun. */
export function giveUp(state: Koo, run: Run, why: string, out: KooOut): Koo {
  tellUndone(state, run, out);
  return settle(notServed(withoutRun(state, run), why, out), out);
}

/** The run it has begun came to nothing: whoever has asked for it is told. */
function notServed(state: Koo, why: string, out: KooOut): Koo {
  out.clearTimer(TIMER);
  if (state.serves) out.abort(why);
  else out.log(why);
  return { ...state, tried: state.tried || !state.serves };
}

/** Forgets every run, without a word. */
export function giveUpAll(state: Koo, why: string, out: KooOut): Koo {
  if (state.runs.length === 0) return state;
  const none: Koo = { ...state, runs: [] };
  const told = ownRun(state) === undefined ? none : notServed(none, why, out);
  return settle(told, out, state.runs.some(({ vote }) => vote === "yes"));
}

/**
 * When no run is left it goes on: what is not permanent is undone, unless it `may` be permanent without
 * its knowledge. Then it begins what was asked for meanwhile, or ends.
 */
export function settle(state: Koo, out: KooOut, mayBePermanent = false): Koo {
  const { tentative } = state;
  if (state.runs.length > 0 || tentative === undefined) return state;
  const { stage } = tentative;
  if (stage !== "permanent" && stage !== "failed" && !mayBePermanent) out.discard();
  if (stage !== "begun") { for (const { who } of state.peers) out.releaseTo(who); }
  out.phase("run");
  return goOn(withoutTentative(state), out);
}

function goOn(state: Koo, out: KooOut): Koo {
  if (state.wanted > 0) return beginRun({ ...state, wanted: state.wanted - 1 }, true, out);
  return state.ends ? leaveSaved(state, out) : state;
}

/** The application wants to end. `killed`: it has ended. */
export function onExiting(state: Koo, killed: boolean, out: KooOut): Koo {
  if (killed) return die(state, out);
  const ending: Koo = { ...state, ends: true };
  return state.runs.length === 0 ? leaveSaved(ending, out) : ending;
}

/**
 * Others depend on what it has sent, and nobody can ask it to save itself when it has ended. So it does
 * before, if it has sent anything since its newest permanent checkpoint; once, whatever comes of it.
 */
function leaveSaved(state: Koo, out: KooOut): Koo {
  const isCovered = state.peers.every(({ sent, covered }) => sent === covered);
  if (!isCovered && !state.tried) return beginRun(state, false, out);
  return leave(state, state.peers.filter(({ sent }) => sent > 0).map(({ who }) => who), out);
}

function leave(state: Koo, told: readonly ProcessId[], out: KooOut, killed = false): Koo {
  for (const { who, covered } of state.peers) {
    if (told.includes(who)) out.send(who, { kind: "GONE", covered, killed });
  }
  out.leave();
  return { ...state, left: true };
}

/** Runs for which it has said yes can do without it; the others come to nothing. */
function die(state: Koo, out: KooOut): Koo {
  const why = `process ${state.self} was killed while it was being saved`;
  for (const run of state.runs) {
    const { initiator, number, parent, vote } = run;
    if (vote === "yes") continue;
    if (parent !== undefined && vote === undefined) {
      out.send(parent, { kind: "NO", initiator, number, why });
    }
    tellUndone(state, run, out);
  }
  const serves = ownRun(state) !== undefined && state.serves;
  for (let failed = Number(serves) + state.wanted; failed > 0; failed--) out.abort(why);
  const { tentative, runs } = state;
  const isNeeded = runs.some(({ vote }) => vote === "yes") || tentative?.stage === "permanent" ||
    tentative?.stage === "failed";
  if (tentative !== undefined && !isNeeded) out.discard();
  return leave({ ...state, runs: [] }, state.peers.map(({ who }) => who), out, true);
}
