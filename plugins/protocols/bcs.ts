/**
 * The index-based protocol of Briatico, Ciuffoletti and Simoncini (1984): every message carries the
 * index of its sender's newest checkpoint, and whoever has a lower one saves itself before the message
 * is delivered. So of each process the first checkpoints with an index of n or more fit together, for
 * every n, without a single control message; messages in transit come out of their senders' logs.
 *
 * The paper leaves open when a log may forget. Here a message also says how many of its receiver's have
 * come. Whoever reads that has saved itself already for every line before which they came, with all of
 * them in its log; and the lines to come have them on the other side. So a log may forget what has
 * come, not only what is durable there, and no line is lost. Whoever never answers is never forgotten.
 */
import type { ControlMessage, Out, ProcessId, Protocol, ProtocolEvent } from "../../core/mod.ts";
import { type Bcs, type BcsTag, beginBcs, received, sending, withPeer } from "./bcs_state.ts";
import { WORD } from "./members.ts";

type BcsOut = Out<ControlMessage, BcsTag>;
type BcsEvent = ProtocolEvent<ControlMessage, BcsTag>;

const TIMER = "save";

function begin(state: Bcs, serves: boolean, out: BcsOut): Bcs {
  out.phase(serves ? "save" : "forced");
  out.capture();
  out.setTimer(TIMER, state.timeoutNs);
  return { ...state, stage: "begun", serves };
}

function onSending(state: Bcs, to: ProcessId, out: BcsOut): Bcs {
  const { state: next, tag } = sending(state, to);
  out.piggyback(tag);
  out.keep();
  return next;
}

function onArriving(state: Bcs, event: BcsEvent & { event: "arriving" }, out: BcsOut): Bcs {
  const { from, number = 0, piggyback: { index, came } = { index: 0 } } = event;
  if (index > state.index) {
    out.withhold();
    const waiting = { ...state, waits: Math.max(state.waits, index) };
    return state.stage === "idle" ? begin(waiting, false, out) : waiting;
  }
  if (came !== undefined) out.prune(from, came);
  return received(state, from, number);
}

/** The index is chosen now: that of the highest message withheld, or the next. */
function onTaken(state: Bcs, out: BcsOut): Bcs {
  const index = Math.max(state.index + 1, state.waits);
  if (state.waits > 0) out.admit();
  return { ...state, stage: "taken", index, first: state.index + 1, waits: 0 };
}

function onSaved(state: Bcs, out: BcsOut): Bcs {
  out.clearTimer(TIMER);
  if (state.serves) out.done([state.self]);
  return goOn(state, out);
}

/** None is under way any more: begins what has been waiting, if anything has. */
function goOn(before: Bcs, out: BcsOut): Bcs {
  const state = { ...before, stage: "idle", serves: false } as const;
  if (state.wanted > 0) return begin({ ...state, wanted: state.wanted - 1 }, true, out);
  if (state.waits > 0) return begin(state, false, out);
  out.phase("run");
  return state.ends ? leave(state, out) : state;
}

/** It took too long. Whoever is withheld still waits for a checkpoint. */
function onTimer(state: Bcs, out: BcsOut): Bcs {
  out.discard();
  if (state.serves) out.abort(`process ${state.self} could not be saved in time`);
  return goOnAfterFailure(state, out);
}

/** Who ends reads nothing more, so nothing more is to be saved before. */
const goOnAfterFailure = (state: Bcs, out: BcsOut): Bcs =>
  goOn(state.ends ? { ...state, waits: 0 } : state, out);

/** It came to nothing, as on a full disk: if a message waits for it, the timer begins another. */
function onFailed(state: Bcs, why: string, out: BcsOut): Bcs {
  if (state.serves) out.abort(`process ${state.self}: ${why}`);
  const answered: Bcs = { ...state, serves: false };
  if (state.waits > 0 && !state.ends) return answered;
  out.clearTimer(TIMER);
  out.discard();
  return goOnAfterFailure(answered, out);
}

/** An image of a process that has ended could not be finished, so the end waits for it. */
function onExiting(state: Bcs, killed: boolean, out: BcsOut): Bcs {
  if (state.stage === "idle") return leave(state, out);
  if (!killed) return { ...state, ends: true };
  out.discard();
  for (let failed = Number(state.serves) + state.wanted; failed > 0; failed--) {
    out.abort(`process ${state.self} was killed while it was being saved`);
  }
  return leave(state, out);
}

function leave(state: Bcs, out: BcsOut): Bcs {
  out.leave();
  return { ...state, gone: true };
}

/** No control messages: an index on every message, and checkpoints nobody has asked for. */
export const bcs: Protocol<Bcs, ControlMessage, BcsTag> = {
  name: "bcs",
  aliases: ["index-based"],
  help: "An index on every message; who is behind saves itself before it reads one (no messages).",
  options: {
    collect: {
      type: "truth",
      default: true,
      doc: "Messages also tell, when that has changed, what logs need not keep: 4 bytes more.",
    },
    timeout: {
      type: "time",
      default: 1_000_000_000,
      min: 1_000,
      doc: "How long a process waits for a checkpoint of its own before it begins another.",
    },
  },
  requires: { order: "any", delivery: "reliable" },
  kinds: [],
  phases: ["save", "forced", "run"],
  recovery: "search",
  log: true,
  forces: true,
  cost: () => ({}),
  size: () => 0,
  piggybackSize: ({ came }) => came === undefined ? WORD : 2 * WORD,
  member: (self, members, { collect, timeout }, saved) =>
    beginBcs(self, members, { collects: collect === true, timeoutNs: Number(timeout) }, saved),
  lines: ({ first, index }) => ({ first, last: index }),
  handle(state, event, out) {
    if (state.gone) return state;
    switch (event.event) {
      case "requested":
        return state.stage === "idle"
          ? begin(state, true, out)
          : { ...state, wanted: state.wanted + 1 };
      case "sending":
        return onSending(state, event.to, out);
      case "arriving":
        return onArriving(state, event, out);
      case "taken":
        return state.stage === "begun" ? onTaken(state, out) : state;
      case "saved":
        return state.stage === "taken" ? onSaved(state, out) : state;
      case "timer":
        return state.stage === "idle" ? state : onTimer(state, out);
      case "failed":
        return state.stage === "idle" ? state : onFailed(state, event.why, out);
      case "exiting":
        return onExiting(state, event.killed, out);
      case "joining":
        return withPeer(state, event.who);
      default:
        return state;
    }
  },
  waitsFor: ({ stage, waits }) =>
    stage === "begun"
      ? "t0 of its own capture"
      : stage === "taken"
      ? waits > 0 ? "its own capture, to save itself once more" : "its own capture"
      : undefined,
};
