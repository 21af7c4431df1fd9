/** Mistakes in MANA's drain, historic and likely ones. */
import type { Protocol } from "../../../core/cluster/protocol.ts";
import type { Drain, DrainMessage } from "../../../plugins/protocols/drain_state.ts";
import { manaDrain } from "../../../plugins/protocols/mana_drain.ts";
import { type Mistake, mutant, withSend } from "./mutant.ts";

const drain = (
  name: string,
  help: string,
  mistake: Mistake<Drain, DrainMessage>,
): Protocol<Drain, DrainMessage> => mutant(manaDrain, name, help, mistake);

export const drainSharesSums = drain(
  "drain-shares-sums",
  "One pair of sums for all rounds: who is ahead sets to 0 what a slow one has not read.",
  (state, event, out, original) => {
    const next = original(
      state,
      event,
      withSend(out, (message) => "turn" in message ? { ...message, turn: 0 } : message),
    );
    return next.role === "member" ? { ...next, turn: 0 } : next;
  },
);

export const drainReadsBeforeTheBarrier = drain(
  "drain-reads-before-the-barrier",
  "Reads the sums when it has added its own counts, whether all have or not.",
  (state, event, out, original) => {
    const isAdded = event.event === "control" && event.message.kind === "REPLY" &&
      state.role === "member" && state.step === 4;
    return original(isAdded ? { ...state, step: 5 } : state, event, out);
  },
);

export const drainAddsBeforeTheBarrier = drain(
  "drain-adds-before-the-barrier",
  "Adds its counts when it has set the sums to 0, whether all have or not.",
  (state, event, out, original) => {
    const isSet = event.event === "control" && event.message.kind === "REPLY" &&
      state.role === "member" && state.step === 1;
    return original(isSet ? { ...state, step: 2 } : state, event, out);
  },
);

export const drainCountsAtMatch = drain(
  "drain-counts-at-match",
  "A message counts when the program receives it, and a program that is held receives nothing.",
  (state, event, out, original) => {
    const isHeld = state.role === "member" && state.mode !== "run";
    return event.event === "arriving" && isHeld ? state : original(state, event, out);
  },
);

export const drainHidesShortage = drain(
  "drain-hides-shortage",
  "Saves itself after one round, equal or not.",
  (state, event, out, original) => {
    const isRead = event.event === "control" && event.message.kind === "REPLY" &&
      state.role === "member" && state.step === 7;
    if (!isRead) return original(state, event, out);
    return original({ ...state, sum: event.message.value }, event, out);
  },
);

export const drainLeavesAtOnce = drain(
  "drain-leaves-at-once",
  "Whoever ends takes its counts along, without the extra drain.",
  (state, event, out, original) => {
    if (state.role === "member" && event.event === "exiting" && !event.killed) {
      out.send("manager", { kind: "LEAVE" });
      out.leave();
      return { ...state, mode: "gone" };
    }
    const isLeave = event.event === "control" && event.message.kind === "LEAVE";
    if (state.role !== "manager" || !isLeave) return original(state, event, out);
    const others = (list: readonly number[]) => list.filter((each) => each !== event.from);
    return { ...state, alive: others(state.alive), waiting: others(state.waiting) };
  },
);

export const drainCountsTheGone = drain(
  "drain-counts-the-gone",
  "What is sent to a process that has ended counts, and nobody receives it.",
  (state, event, out, original) => {
    const next = original(state, event, out);
    return state.role === "member" && next.role === "member" && event.event === "control"
      ? { ...next, peers: state.peers }
      : next;
  },
);

export const drainWaitsForTheDead = drain(
  "drain-waits-for-the-dead",
  "The barrier waits for those who have left.",
  (state, event, out, original) => {
    const next = original(state, event, out);
    if (state.role !== "manager" || next.role !== "manager") return next;
    return next.alive.length < state.alive.length ? { ...next, alive: state.alive } : next;
  },
);

export const drainIgnoresJoin = drain(
  "drain-ignores-join",
  "The manager does not look up when a process begins.",
  (state, event, out, original) =>
    state.role === "manager" && event.event === "joining" ? state : original(state, event, out),
);

export const drainLetsInLater = drain(
  "drain-lets-in-later",
  "Who begins during a drain takes part from the next on.",
  (state, event, out, original) =>
    state.role === "manager" && event.event === "joining"
      ? original({ ...state, isOpen: false }, event, out)
      : original(state, event, out),
);

export const drainDropsRequests = drain(
  "drain-drops-requests",
  "A checkpoint asked for during another is forgotten.",
  (state, event, out, original) => {
    const isBusy = state.role === "manager" && state.mode !== "idle";
    return isBusy && event.event === "requested" ? state : original(state, event, out);
  },
);

export const drainForgetsSince = drain(
  "drain-forgets-since",
  "RESUME sets what was received to 0, also what one who went on earlier has sent already.",
  (state, event, out, original) => {
    const next = original(state, event, out);
    const isOver = event.event === "control" && event.message.kind === "RESUME";
    return isOver && next.role === "member" ? { ...next, received: 0 } : next;
  },
);

export const drainResumesEarly = drain(
  "drain-resumes-early",
  "A process goes on when it is saved itself, not when all are.",
  (state, event, out, original) => {
    const next = original(state, event, out);
    if (event.event === "saved") out.release();
    return next;
  },
);

export const drainAsksOnceMore = drain(
  "drain-asks-once-more",
  "Asks the store for a sum once more when it is saved.",
  (state, event, out, original) => {
    if (event.event === "saved" && state.role === "member" && state.self === 0) {
      const { attempt, turn } = state;
      out.send("manager", { kind: "GET", attempt: attempt - 1, sum: "sent", turn });
    }
    return original(state, event, out);
  },
);

export const drainDeclaresTooFew: Protocol<Drain, DrainMessage> = {
  ...manaDrain,
  name: "drain-declares-too-few",
  aliases: [],
  help: "Declares five answers of the store in a round, for its six requests.",
  perRound: (shape) => ({ ...manaDrain.perRound?.(shape), REPLY: 5 * shape.n }),
};
