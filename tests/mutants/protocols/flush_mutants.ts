/** Mistakes in the flush protocol. */
import type { Protocol } from "../../../core/cluster/protocol.ts";
import { bookmark } from "../../../plugins/protocols/bookmark.ts";
import { clsFlush } from "../../../plugins/protocols/cls_flush.ts";
import type { Flush, FlushMessage } from "../../../plugins/protocols/flush_state.ts";
import { type Mistake, mutant, withSend, withSender } from "./mutant.ts";

const flush = (
  name: string,
  help: string,
  mistake: Mistake<Flush, FlushMessage>,
): Protocol<Flush, FlushMessage> => mutant(clsFlush, name, help, mistake);

export const flushResumesEarly = flush(
  "flush-resumes-early",
  "A process goes on when it is saved itself, not when all are.",
  (state, event, out, original) => {
    const next = original(state, event, out);
    if (event.event === "saved") out.release();
    return next;
  },
);

export const flushForgetsEarlyMarkers = flush(
  "flush-forgets-early-markers",
  "A marker that comes before the SYNC is not for any round it knows of.",
  (state, event, out, original) => {
    const isEarly = event.event === "control" && event.message.kind === "CLS" &&
      state.role === "member" && event.message.round !== state.round;
    return isEarly ? state : original(state, event, out);
  },
);

export const flushIgnoresJoin = flush(
  "flush-ignores-join",
  "The manager does not look up when a process begins.",
  (state, event, out, original) =>
    state.role === "manager" && event.event === "joining" ? state : original(state, event, out),
);

export const flushLetsInLater = flush(
  "flush-lets-in-later",
  "Who begins during a round takes part from the next on.",
  (state, event, out, original) =>
    state.role === "manager" && state.mode === "flush" && event.event === "joining"
      ? { ...state, newcomers: [...state.newcomers, event.who] }
      : original(state, event, out),
);

export const flushMarksOnlyTheOld = flush(
  "flush-marks-only-the-old",
  "No marker follows what was sent to a process that began after the SYNC was sent.",
  (state, event, out, original) => {
    const isOther = state.role === "member" && event.event === "joining" &&
      event.who !== state.self;
    return isOther ? state : original(state, event, out);
  },
);

export const flushWaitsForTheDead = flush(
  "flush-waits-for-the-dead",
  "The manager counts on those who have left.",
  (state, event, out, original) => {
    const next = original(state, event, out);
    if (state.role !== "manager" || next.role !== "manager") return next;
    return next.alive.length < state.alive.length ? { ...next, alive: state.alive } : next;
  },
);

export const flushLeavesAtOnce = flush(
  "flush-leaves-at-once",
  "Whoever ends tells the manager and is gone, without the extra round.",
  (state, event, out, original) => {
    if (state.role === "member" && event.event === "exiting" && !event.killed) {
      out.send("manager", { kind: "LEAVE" });
      out.leave();
      return { ...state, mode: "gone" };
    }
    const isLeave = event.event === "control" && event.message.kind === "LEAVE";
    if (state.role === "manager" && isLeave && event.from !== "manager") {
      const who = event.from;
      const alive = state.alive.filter((each) => each !== who);
      const waiting = state.waiting.filter((each) => each !== who);
      return { ...state, alive, waiting };
    }
    return original(state, event, out);
  },
);

export const flushDropsRequests = flush(
  "flush-drops-requests",
  "A checkpoint asked for during another is forgotten.",
  (state, event, out, original) => {
    const isBusy = state.role === "manager" && state.mode !== "idle";
    return isBusy && event.event === "requested" ? state : original(state, event, out);
  },
);

export const flushMarksTwice = flush(
  "flush-marks-twice",
  "Sends every marker twice, to be sure.",
  (state, event, out, original) =>
    original(
      state,
      event,
      withSender(out, (to, message) => {
        out.send(to, message);
        if (message.kind === "CLS") out.send(to, message);
      }),
    ),
);

export const flushNeverAborts = flush(
  "flush-never-aborts",
  "When a round fails nobody is told.",
  (state, event, out, original) =>
    original(
      state,
      event,
      withSend(out, (message) => message.kind === "ABORT" ? undefined : message),
    ),
);

export const bookmarkIsAMarker = mutant(
  bookmark,
  "bookmark-is-a-marker",
  "Takes everybody's bookmark as a sign that the channel is empty, whatever number is on it.",
  (state, event, out, original) => {
    const isMark = event.event === "control" && event.message.kind === "BOOKMARK";
    return isMark
      ? original(state, { ...event, message: { ...event.message, sent: 0 } } as typeof event, out)
      : original(state, event, out);
  },
);

export const bookmarkSetsBack = mutant(
  bookmark,
  "bookmark-sets-back",
  "Counts what it received anew after each round, and what it sent not.",
  (state, event, out, original) => {
    const next = original(state, event, out);
    const isOver = event.event === "control" && event.message.kind === "COMMIT";
    return isOver && next.role === "member" ? { ...next, received: [] } : next;
  },
);
