/** Mistakes of protocols by which processes move. */
import type { Protocol } from "../../../core/cluster/protocol.ts";
import { charm } from "../../../plugins/protocols/charm.ts";
import { cocheck } from "../../../plugins/protocols/cocheck.ts";
import type { Moving, MovingMessage } from "../../../plugins/protocols/moving_state.ts";
import { mpvm } from "../../../plugins/protocols/mpvm.ts";
import { type Mistake, mutant, withEffects, withSend, withSender } from "./mutant.ts";

type Row = Protocol<Moving, MovingMessage>;

const of = (
  row: Row,
  name: string,
  help: string,
  mistake: Mistake<Moving, MovingMessage>,
): Row => mutant(row, name, help, mistake);

export const mpvmForgetsMapping = of(
  mpvm,
  "mpvm-forgets-mapping",
  "A sender goes on with the task id it knows.",
  (state, event, out, original) =>
    original(state, event, withEffects(out, { mapTo: () => undefined })),
);

export const mpvmLeavesUnflushed = of(
  mpvm,
  "mpvm-leaves-unflushed",
  "The process leaves without the acknowledgements of the others.",
  (state, event, out, original) => {
    const next = original(state, event, out);
    if (next.role !== "member" || next.own?.mode !== "flush") return next;
    out.depart();
    return { ...next, own: { ...next.own, mode: "leave" } };
  },
);

export const mpvmGoesOnSending = of(
  mpvm,
  "mpvm-goes-on-sending",
  "The others acknowledge, and do not stop.",
  (state, event, out, original) =>
    original(state, event, withEffects(out, { holdTo: () => undefined })),
);

export const mpvmHeedsLateStops = of(
  mpvm,
  "mpvm-heeds-late-stops",
  "A STOP that comes when the move is over already is obeyed.",
  (state, event, out, original) => {
    const next = original(state, event, out);
    return next.role === "member" && next.over.length > 0 ? { ...next, over: [] } : next;
  },
);

export const mpvmStaysSilently = of(
  mpvm,
  "mpvm-stays-silently",
  "A process that could not be saved tells nobody that it has stayed.",
  (state, event, out, original) => {
    const stays = state.role === "member" && event.event === "moved" && event.place === state.place;
    const silent = withSend(out, (message) => message.kind === "TID" ? undefined : message);
    return original(state, event, stays ? silent : out);
  },
);

export const cocheckForgetsEarlyReady = of(
  cocheck,
  "cocheck-forgets-early-ready",
  "A READY that comes before the MOVE is for no move it knows of.",
  (state, event, out, original) => {
    const next = original(state, event, out);
    return next.role === "member" && next.early.length > 0 ? { ...next, early: [] } : next;
  },
);

export const cocheckStaysHeld = of(
  cocheck,
  "cocheck-stays-held",
  "Who has moved does not go on.",
  (state, event, out, original) =>
    original(
      state,
      event,
      event.event === "moved" ? withEffects(out, { release: () => undefined }) : out,
    ),
);

export const cocheckFlushesInwardOnly = of(
  cocheck,
  "cocheck-flushes-inward-only",
  "No ready message is put on the channels from the process that moves.",
  (state, event, out, original) => {
    const isMover = state.role === "member" && event.event === "control" &&
      event.message.kind === "MOVE" && event.message.who === state.self;
    const silent = withSend(out, (message) => message.kind === "READY" ? undefined : message);
    return original(state, event, isMover ? silent : out);
  },
);

export const charmForgetsTheSession = of(
  charm,
  "charm-forgets-the-session",
  "When the process that moves is lost, nobody tells the others to go on.",
  (state, event, out, original) => {
    const { mover } = state.role === "manager" ? state : { mover: -1 };
    return original(
      state,
      event,
      withSender(out, (to, message) => {
        if (message.kind !== "OVER" || to === mover) out.send(to, message);
      }),
    );
  },
);

export const charmWaitsForTheLost = of(
  charm,
  "charm-waits-for-the-lost",
  "When another process is lost, the one that moves is not told to stay.",
  (state, event, out, original) => {
    const { mover } = state.role === "manager" ? state : { mover: -1 };
    return original(
      state,
      event,
      withSender(out, (to, message) => {
        if (message.kind !== "OVER" || to !== mover) out.send(to, message);
      }),
    );
  },
);

export const charmMapsNoNewcomers = of(
  charm,
  "charm-maps-no-newcomers",
  "Who begins is not told who has moved.",
  (state, event, out, original) =>
    original(
      state,
      event,
      withSend(out, (message) => message.kind === "MAP" ? undefined : message),
    ),
);

export const charmRefuses = of(
  charm,
  "charm-refuses",
  "Only one process may ever move.",
  (state, event, out, original) => {
    if (state.role === "manager" && event.event === "moving" && state.number > 0) {
      out.refused(event.who, "once is enough");
      return state;
    }
    return original(state, event, out);
  },
);

export const charmForgetsMoves = of(
  charm,
  "charm-forgets-moves",
  "A move that is asked for while another is under way is forgotten.",
  (state, event, out, original) =>
    state.role === "manager" && event.event === "moving" && state.base.mode !== "idle"
      ? state
      : original(state, event, out),
);

export const charmSettlesEarly = of(
  charm,
  "charm-settles-early",
  "The manager says that a process has moved when it has told everybody that it will.",
  (state, event, out, original) => {
    const next = original(state, event, withEffects(out, { settled: () => undefined }));
    if (next.role === "manager" && state.role === "manager" && next.number > state.number) {
      out.settled(next.mover, next.members);
    }
    return next;
  },
);
