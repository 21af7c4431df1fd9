/**
 * No coordination: every process saves itself when asked and says nothing to anybody. There is no
 * line; after a failure a set of checkpoints that fit each other has to be searched for, and that may
 * be the beginning (the domino effect).
 */
import type { ControlMessage, Out, ProcessId, Protocol, ProtocolEvent } from "../../core/mod.ts";

/** A process. */
interface Uncoordinated {
  readonly self: ProcessId;
  /** A capture is under way. */
  readonly saving: boolean;
  /** Requests that came meanwhile. */
  readonly wanted: number;
  /** The application wants to end. */
  readonly ends: boolean;
  readonly gone: boolean;
}

function begin(state: Uncoordinated, out: Out): Uncoordinated {
  out.phase("save");
  out.capture();
  return { ...state, saving: true };
}

function onSaved(state: Uncoordinated, out: Out): Uncoordinated {
  if (!state.saving) return state;
  out.phase("run");
  out.done([state.self]);
  return goOn(state, out);
}

/** None is under way any more: the next that was asked for, or the end. */
function goOn(state: Uncoordinated, out: Out): Uncoordinated {
  if (state.wanted > 0) return begin({ ...state, wanted: state.wanted - 1 }, out);
  const idle: Uncoordinated = { ...state, saving: false };
  return state.ends ? leave(idle, out) : idle;
}

/** It came to nothing by itself, and the next may not. */
function onFailed(state: Uncoordinated, why: string, out: Out): Uncoordinated {
  if (!state.saving) return state;
  out.phase("run");
  out.abort(`process ${state.self}: ${why}`);
  return goOn(state, out);
}

/** An image of a process that has ended could not be finished, so the end waits for it. */
function onExiting(state: Uncoordinated, killed: boolean, out: Out): Uncoordinated {
  if (!state.saving) return leave(state, out);
  if (!killed) return { ...state, ends: true };
  out.discard();
  for (let failed = 0; failed <= state.wanted; failed++) {
    out.abort(`process ${state.self} was killed while it was being saved`);
  }
  return leave({ ...state, saving: false, wanted: 0 }, out);
}

function leave(state: Uncoordinated, out: Out): Uncoordinated {
  out.leave();
  return { ...state, gone: true };
}

/** No control messages at all. */
export const uncoordinated: Protocol<Uncoordinated, ControlMessage> = {
  name: "uncoordinated",
  aliases: ["independent"],
  help: "Everybody saves itself when asked; no messages, and no line to go back to.",
  options: {},
  requires: { order: "any", delivery: "reliable" },
  kinds: [],
  phases: ["save", "run"],
  recovery: "search",
  cost: () => ({}),
  size: () => 0,
  member: (self) => ({ self, saving: false, wanted: 0, ends: false, gone: false }),
  handle(state, event: ProtocolEvent, out) {
    if (state.gone) return state;
    if (event.event === "saved") return onSaved(state, out);
    if (event.event === "failed") return onFailed(state, event.why, out);
    if (event.event === "exiting") return onExiting(state, event.killed, out);
    if (event.event !== "requested") return state;
    return state.saving ? { ...state, wanted: state.wanted + 1 } : begin(state, out);
  },
};
