/** Mistakes in who is asked, in what a vote waits for, and in what is undone. */
import { kooToueg } from "../../../plugins/protocols/koo_toueg.ts";
import { type Koo, type KooMessage, ownRun } from "../../../plugins/protocols/koo_toueg_state.ts";
import { type Mistake, mutant, withEffects, withSend } from "./mutant.ts";

const koo = (name: string, help: string, mistake: Mistake<Koo, KooMessage>) =>
  mutant(kooToueg, name, help, mistake);

/** As if it had received nothing that is in no permanent checkpoint. */
const withoutCut = (state: Koo): Koo => ({
  ...state,
  peers: state.peers.map((peer) => ({ ...peer, last: -1 })),
  ...state.tentative === undefined ? {} : {
    tentative: {
      ...state.tentative,
      cut: state.tentative.cut.map((each) => ({ ...each, last: -1 })),
    },
  },
});

export const kooAsksNoFurther = koo(
  "koo-asks-no-further",
  "Who is asked saves itself, and asks none of those on whom it depends.",
  (state, event, out, original) => {
    const isAsked = event.event === "control" && event.message.kind === "REQ" ||
      event.event === "taken" && ownRun(state) === undefined;
    return original(isAsked ? withoutCut(state) : state, event, out);
  },
);

export const kooCommitsEarly = koo(
  "koo-commits-early",
  "Votes and commits when it is saved itself, before the others have voted.",
  (state, event, out, original) => {
    const runs = state.runs.map((run) => ({ ...run, waiting: [] }));
    return original(event.event === "saved" ? { ...state, runs } : state, event, out);
  },
);

export const kooSendsOn = koo(
  "koo-sends-on",
  "Sends between its tentative checkpoint and the decision.",
  (state, event, out, original) => original(state, event, withEffects(out, { holdTo: () => {} })),
);

export const kooLeansOnAnother = koo(
  "koo-leans-on-another",
  "Says yes to a second run without asking anybody for it: they are asked for the first.",
  (state, event, out, original) => {
    if (event.event !== "control" || event.message.kind !== "REQ") {
      return original(state, event, out);
    }
    const { kind, initiator, number } = event.message;
    const isOther = state.runs.length > 0 &&
      !state.runs.some((run) => run.initiator === initiator && run.number === number);
    if (kind !== "REQ" || !isOther) return original(state, event, out);
    const members = [state.self];
    if (event.from !== "manager") out.send(event.from, { kind: "YES", initiator, number, members });
    return state;
  },
);

export const kooAsksAgain = koo(
  "koo-asks-again",
  "Asks all it has ever received from, not those since its last permanent checkpoint.",
  (state, event, out, original) => {
    const next = original(state, event, out);
    if (event.event !== "taken") return next;
    const before = new Map(state.peers.map(({ who, last }) => [who, last]));
    const peers = next.peers.map((peer) => ({ ...peer, last: before.get(peer.who) ?? -1 }));
    return { ...next, peers };
  },
);

export const kooAsksEverybody = koo(
  "koo-asks-everybody",
  "Asks those from whom it has received nothing, too.",
  (state, event, out, original) => {
    if (event.event !== "taken") return original(state, event, out);
    const peers = state.peers.map((peer) => ({ ...peer, last: Math.max(0, peer.last) }));
    return original({ ...state, peers }, event, out);
  },
);

export const kooForgetsAtUndo = koo(
  "koo-forgets-at-undo",
  "Does not ask again for what was in a checkpoint that came to nothing.",
  (state, event, out, original) => {
    const cut = state.tentative?.cut.map((each) => ({ ...each, last: -1 })) ?? [];
    const isOver = event.event === "timer" || event.event === "control" &&
        event.message.kind === "UNDO";
    if (!isOver || state.tentative === undefined) return original(state, event, out);
    return original({ ...state, tentative: { ...state.tentative, cut } }, event, out);
  },
);

export const kooIgnoresUndo = koo(
  "koo-ignores-undo",
  "Waits on when a run has come to nothing.",
  (state, event, out, original) =>
    event.event === "control" && event.message.kind === "UNDO"
      ? state
      : original(state, event, out),
);

export const kooKeepsUndone = koo(
  "koo-keeps-undone",
  "Goes on when a run has come to nothing, and keeps its tentative checkpoint.",
  (state, event, out, original) => {
    const isSaved = state.tentative?.stage === "durable";
    return original(state, event, isSaved ? withEffects(out, { discard: () => {} }) : out);
  },
);

export const kooKeepsNothing = koo(
  "koo-keeps-nothing",
  "Has no sender's log.",
  (state, event, out, original) => original(state, event, withEffects(out, { keep: () => {} })),
);

export const kooForgetsTentatively = koo(
  "koo-forgets-tentatively",
  "Lets logs forget what is in its tentative checkpoint, which may come to nothing.",
  (state, event, out, original) =>
    original(
      state,
      event,
      withSend(
        out,
        (message) => message.kind === "REQ" ? { ...message, safe: message.last + 1 } : message,
      ),
    ),
);

export const kooLeavesUnsaved = koo(
  "koo-leaves-unsaved",
  "Ends without being saved, though others depend on what it has sent.",
  (state, event, out, original) =>
    original(event.event === "exiting" ? { ...state, tried: true } : state, event, out),
);

export const kooLeavesSilently = koo(
  "koo-leaves-silently",
  "Ends without telling those who may ask it.",
  (state, event, out, original) =>
    original(
      state,
      event,
      withSend(out, (message) => message.kind === "GONE" ? undefined : message),
    ),
);

export const kooForgetsSecond = koo(
  "koo-forgets-second",
  "A checkpoint asked for while one is under way is forgotten.",
  (state, event, out, original) =>
    event.event === "requested" && state.runs.length > 0 ? state : original(state, event, out),
);

export const kooVotesTwice = koo(
  "koo-votes-twice",
  "Says yes twice to whoever asks it about what is saved already.",
  (state, event, out, original) =>
    original(
      state,
      event,
      withEffects(out, {
        send: (to, message) => {
          out.send(to, message);
          if (message.kind === "YES" && message.members.length === 0) out.send(to, message);
        },
      }),
    ),
);
