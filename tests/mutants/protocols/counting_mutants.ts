/** Mistakes in message counting, historic and likely ones. */
import type { Protocol } from "../../../core/cluster/protocol.ts";
import { messageCounting } from "../../../plugins/protocols/message_counting.ts";
import type {
  Counting,
  CountingMessage,
} from "../../../plugins/protocols/message_counting_state.ts";
import { type Mistake, mutant, withSend } from "./mutant.ts";

type CountingProtocol = Protocol<Counting, CountingMessage>;

const counting = (
  name: string,
  help: string,
  mistake: Mistake<Counting, CountingMessage>,
  protocol: CountingProtocol = messageCounting,
): CountingProtocol => mutant(protocol, name, help, mistake);

export const countingResumesEarly = counting(
  "counting-resumes-early",
  "A process goes on when it is saved itself, not when all are.",
  (state, event, out, original) => {
    const next = original(state, event, out);
    if (event.event === "saved") out.release();
    return next;
  },
);

export const countingExitsWithoutTable = counting(
  "counting-exits-without-table",
  "Whoever ends takes its send table along.",
  (state, event, out, original) =>
    original(
      state,
      event,
      withSend(out, (message) => message.kind === "EXIT" ? { ...message, sent: [] } : message),
    ),
);

const acceptsMore: Mistake<Counting, CountingMessage> = (state, event, out, original) => {
  let hasFailed = false;
  const next = original(
    state,
    event,
    withSend(out, (message) => {
      hasFailed ||= message.kind === "FAIL";
      return message.kind === "FAIL" ? undefined : message;
    }),
  );
  if (!hasFailed || next.role !== "member") return next;
  out.capture();
  return { ...next, mode: "save" };
};

export const countingAcceptsMore = counting(
  "counting-accepts-more",
  "Saves when it has at least as many messages as expected: R >= E.",
  acceptsMore,
);

export const countingHidesLostTables = counting(
  "counting-hides-lost-tables",
  "R >= E, and whoever ends takes its table along: nobody notices that messages are missing.",
  acceptsMore,
  countingExitsWithoutTable,
);

export const countingNeverClearsReceived = counting(
  "counting-never-clears-received",
  "COMMIT clears the send table, but not what was received.",
  (state, event, out, original) => {
    const next = original(state, event, out);
    const isCommit = event.event === "control" && event.message.kind === "COMMIT";
    if (!isCommit || state.role !== "member" || next.role !== "member") return next;
    return { ...next, received: state.received };
  },
);

export const countingNeverClears = counting(
  "counting-never-clears",
  "COMMIT clears no count of a process, while the manager forgets those who ended.",
  (state, event, out, original) => {
    const next = original(state, event, out);
    const isCommit = event.event === "control" && event.message.kind === "COMMIT";
    if (!isCommit || state.role !== "member" || next.role !== "member") return next;
    return { ...next, sent: state.sent, received: state.received };
  },
);

export const countingForgetsNextInterval = counting(
  "counting-forgets-next-interval",
  "COMMIT sets R to 0, also for what one who went on earlier has sent already.",
  (state, event, out, original) => {
    const next = original(state, event, out);
    const isCommit = event.event === "control" && event.message.kind === "COMMIT";
    return isCommit && next.role === "member" ? { ...next, received: 0 } : next;
  },
);

export const countingClearsAtAbort = counting(
  "counting-clears-at-abort",
  "A checkpoint that failed clears the counts too.",
  (state, event, out, original) => {
    const next = original(state, event, out);
    const isAbort = event.event === "control" && event.message.kind === "ABORT";
    return isAbort && next.role === "member" ? { ...next, sent: [], received: 0 } : next;
  },
);

export const countingIgnoresJoin = counting(
  "counting-ignores-join",
  "The manager does not look up when a process begins.",
  (state, event, out, original) =>
    state.role === "manager" && event.event === "joining" ? state : original(state, event, out),
);

export const countingLetsJoinersRun = counting(
  "counting-lets-joiners-run",
  "A process that begins sends at once, also in the middle of a checkpoint.",
  (state, event, out, original) =>
    state.role === "member" && event.event === "joining" ? state : original(state, event, out),
);

export const countingWaitsForTheDead = counting(
  "counting-waits-for-the-dead",
  "The manager waits for the answer of a process that has ended.",
  (state, event, out, original) => {
    const isExit = event.event === "control" && event.message.kind === "EXIT";
    return isExit && state.role === "manager" ? state : original(state, event, out);
  },
);

export const countingLosesSync = counting(
  "counting-loses-sync",
  "A process that is still held in the last checkpoint does not hear of the next.",
  (state, event, out, original) => {
    const isSync = event.event === "control" && event.message.kind === "SYNC";
    const isBusy = state.role === "member" && state.attempt !== 0;
    return isSync && isBusy ? state : original(state, event, out);
  },
);

export const countingCountsTheKilledTwice = counting(
  "counting-counts-the-killed-twice",
  "The table of one killed before its COMMIT counts for the next interval again.",
  (state, event, out, original) =>
    original(
      state,
      event,
      withSend(out, (message) => message.kind === "EXIT" ? { ...message, attempt: 0 } : message),
    ),
);

export const countingDropsRequests = counting(
  "counting-drops-requests",
  "A checkpoint asked for during another is forgotten.",
  (state, event, out, original) => {
    const isBusy = state.role === "manager" && state.mode !== "idle";
    return isBusy && event.event === "requested" ? state : original(state, event, out);
  },
);

export const countingSignals = counting(
  "counting-signals",
  "Sends a message nobody counts.",
  (state, event, out, original) => {
    if (event.event === "saved") out.send("manager", { kind: "WELCOME" });
    return original(state, event, out);
  },
);

export const countingSavesBeforeDrained = counting(
  "counting-saves-before-drained",
  "Saves at SYNC, before what is on its way has arrived.",
  (state, event, out, original) => {
    const next = original(state, event, out);
    const isOp = event.event === "control" && event.message.kind === "OP";
    if (!isOp || next.role !== "member" || next.mode !== "drain") return next;
    out.capture();
    return { ...next, mode: "save" };
  },
);

export const countingGoesOnAfterCrash = counting(
  "counting-goes-on-after-crash",
  "A lost process is like one that ended without having sent anything.",
  (state, event, out, original) => {
    const next = original(state, event, out);
    return next.role === "manager" ? { ...next, lost: "" } : next;
  },
);

export const countingWritesInPlace = counting(
  "counting-writes-in-place",
  "Changes the state it was given.",
  (state, event, out, original) =>
    event.event === "arriving" && state.role === "member"
      ? Object.assign(state, { received: state.received + 1 })
      : original(state, event, out),
);

export const countingCommitsUnrecorded = counting(
  "counting-commits-unrecorded",
  "A manager that comes back takes the line it was recording for durable.",
  (state, event, out, original) =>
    original(state, event.event === "restarted" ? { event: "recorded" } : event, out),
);

export const countingDeclaresEarly = counting(
  "counting-declares-early",
  "The manager declares the line at the first DONE.",
  (state, event, out, original) => {
    const isDone = event.event === "control" && event.message.kind === "DONE";
    if (!isDone || state.role !== "manager" || event.from === "manager") {
      return original(state, event, out);
    }
    return original({ ...state, waiting: [event.from] }, event, out);
  },
);
