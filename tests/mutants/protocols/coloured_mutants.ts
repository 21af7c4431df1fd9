/** Mistakes in the protocols with coloured messages: historic and likely ones. */
import type { Protocol } from "../../../core/cluster/protocol.ts";
import type { Coloured, ColouredMessage, Tag } from "../../../plugins/protocols/coloured_state.ts";
import { counting2 } from "../../../plugins/protocols/counting_2.ts";
import { laiYang } from "../../../plugins/protocols/lai_yang.ts";
import { mattern } from "../../../plugins/protocols/mattern.ts";
import type { Counters, Vector } from "../../../plugins/protocols/vector_counters.ts";
import { type Mistake, mutant, withEffects, withSend } from "./mutant.ts";

type Counting = Coloured<Counters, Vector, number>;
type CountingMessage = ColouredMessage<Vector>;

const counting = (
  name: string,
  help: string,
  mistake: Mistake<Counting, CountingMessage, Tag>,
): Protocol<Counting, CountingMessage, Tag> => mutant(counting2, name, help, mistake);

export const matternForgetsLate = mutant(
  mattern,
  "mattern-forgets-late",
  "Waits for every message that crosses the line, and records none of them.",
  (state, event, out, original) => original(state, event, withEffects(out, { record: () => {} })),
);

export const matternPassesOnAtOnce = mutant(
  mattern,
  "mattern-passes-on-at-once",
  "The token says at its second lap that nothing is missing.",
  (state, event, out, original) =>
    original(
      state,
      event,
      withSend(out, (message) =>
        message.kind === "TOKEN" && message.lap === 2 ? { ...message, report: [] } : message),
    ),
);

export const laiYangDeliversEarly = mutant(
  laiYang,
  "lai-yang-delivers-early",
  "A message of a later colour is in the receive buffer before the process is cut.",
  (state, event, out, original) => original(state, event, withEffects(out, { withhold: () => {} })),
);

export const laiYangForgetsTooMuch = mutant(
  laiYang,
  "lai-yang-forgets-too-much",
  "At a new cut the lists are empty, as if the one before had been recorded.",
  (state, event, out, original) => {
    const next = original(state, event, out);
    const isCut = state.role === "member" && next.role === "member" && next.epoch > state.epoch;
    if (!isCut || state.over === 0) return next;
    return { ...next, account: { ...next.account, sent: [] } };
  },
);

export const countingWithoutTag = counting(
  "counting-2-without-tag",
  "Messages have no colour, so nobody knows which are from behind the cut.",
  (state, event, out, original) =>
    original(
      state,
      event,
      withEffects(out, { piggyback: () => out.piggyback({ colour: 0 }) }),
    ),
);

export const countingForgetsLate = counting(
  "counting-2-forgets-late",
  "What crosses the line is counted and not recorded.",
  (state, event, out, original) => original(state, event, withEffects(out, { record: () => {} })),
);

export const countingExpectsNothing = counting(
  "counting-2-expects-nothing",
  "Whoever is cut takes nothing for missing.",
  (state, event, out, original) =>
    original(
      state,
      event,
      withSend(out, (message) => message.kind === "EXPECT" ? { ...message, report: [] } : message),
    ),
);

export const countingSetsBack = counting(
  "counting-2-sets-back",
  "Counters begin anew when a process has done its part.",
  (state, event, out, original) => {
    const next = original(state, event, out);
    const isOver = state.role === "member" && next.role === "member" && next.saved > state.saved;
    return isOver ? { ...next, account: { sent: [], received: 0 } } : next;
  },
);

export const countingLeavesWithoutTable = counting(
  "counting-2-leaves-without-table",
  "Whoever ends takes its counters along.",
  (state, event, out, original) =>
    original(
      state,
      event,
      withSend(out, (message) => message.kind === "LEAVE" ? { ...message, report: [] } : message),
    ),
);

export const countingLeavesAtOnce = counting(
  "counting-2-leaves-at-once",
  "Whoever ends does not wait for the manager to let it go.",
  (state, event, out, original) => {
    const next = original(state, event, out);
    if (event.event !== "exiting" || event.killed || next.role !== "member") return next;
    out.leave();
    return { ...next, mode: "gone" };
  },
);

export const countingIgnoresJoin = counting(
  "counting-2-ignores-join",
  "The manager does not look up when a process begins.",
  (state, event, out, original) =>
    state.role === "manager" && event.event === "joining" ? state : original(state, event, out),
);

export const countingDropsRequests = counting(
  "counting-2-drops-requests",
  "A checkpoint asked for during another is forgotten.",
  (state, event, out, original) => {
    const isBusy = state.role === "manager" && state.mode !== "idle";
    return isBusy && event.event === "requested" ? state : original(state, event, out);
  },
);

export const countingAsksAgain = counting(
  "counting-2-asks-again",
  "Whoever is done says so twice, to be sure.",
  (state, event, out, original) =>
    original(
      state,
      event,
      withEffects(out, {
        send: (to, message) => {
          out.send(to, message);
          if (message.kind === "DONE") out.send(to, message);
        },
      }),
    ),
);
