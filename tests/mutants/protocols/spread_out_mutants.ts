/** Mistakes in the spread-out checkpoint. */
import { spreadOut } from "../../../plugins/protocols/spread_out.ts";
import type {
  Spread,
  SpreadMessage,
  SpreadTag,
} from "../../../plugins/protocols/spread_out_state.ts";
import { type Mistake, mutant, withEffects, withSend } from "./mutant.ts";

/** The row with a mistake. */
export const mistaken = (
  name: string,
  help: string,
  mistake: Mistake<Spread, SpreadMessage, SpreadTag>,
) => mutant(spreadOut, name, help, mistake);

export const spreadHasNoIndex = mistaken(
  "spread-has-no-index",
  "Messages do not say which line has cut their sender.",
  (state, event, out, original) =>
    original(state, event, withEffects(out, { piggyback: () => {} })),
);

export const spreadDeliversEarly = mistaken(
  "spread-delivers-early",
  "Saves itself for a message from behind a cut, and lets it in at once.",
  (state, event, out, original) =>
    original(state, event, withEffects(out, { withhold: () => {}, admit: () => {} })),
);

export const spreadKeepsNothing = mistaken(
  "spread-keeps-nothing",
  "Has no sender's log.",
  (state, event, out, original) => original(state, event, withEffects(out, { keep: () => {} })),
);

export const spreadForgetsWhatItSent = mistaken(
  "spread-forgets-what-it-sent",
  "Takes all that was sent before the last line for received there.",
  (state, event, out, original) => {
    const next = original(state, event, out);
    if (event.event !== "control" || event.message.kind !== "SYNC") return next;
    if (event.message.epoch > 1) { for (const to of [0, 1]) out.prune(to, 9); }
    return next;
  },
);

export const spreadForgetsTheEnded = mistaken(
  "spread-forgets-the-ended",
  "Nobody is told what those who have ended had sent.",
  (state, event, out, original) =>
    original(
      state,
      event,
      withSend(out, (message) => message.kind === "SYNC" ? { ...message, ended: [] } : message),
    ),
);

export const spreadPassesOnAtOnce = mistaken(
  "spread-passes-on-at-once",
  "A helper passes the token on when its process is cut, durable or not.",
  (state, event, out, original) => {
    const next = original(state, event, out);
    if (event.event !== "taken" || next.role !== "member" || next.stage !== "taken") return next;
    return original(next, { event: "saved" }, out);
  },
);

export const spreadHearsTheFirst = mistaken(
  "spread-hears-the-first",
  "A helper reports to the manager for all that have their turn behind it, and waits for none.",
  (state, event, out, original) => {
    if (event.event !== "control" || event.message.kind !== "TURN") {
      return original(state, event, out);
    }
    if (state.role === "manager") return original(state, event, out);
    const { rest, epoch } = event.message;
    const others = rest.map((who) => ({ who, came: [] }));
    const known = { kind: "TURN", epoch, rest: [], reports: others } as const;
    if (rest.length > 0) out.send(rest[0] ?? 0, { ...event.message, rest: rest.slice(1) });
    return original(state, { ...event, message: known }, out);
  },
);

export const spreadDropsRequests = mistaken(
  "spread-drops-requests",
  "A checkpoint asked for while one is under way is forgotten.",
  (state, event, out, original) =>
    event.event === "requested" && state.role === "manager" && state.mode !== "idle"
      ? state
      : original(state, event, out),
);
