/** Mistakes in the index-based protocol and in what it collects. */
import type { ControlMessage } from "../../../core/cluster/protocol.ts";
import { bcs } from "../../../plugins/protocols/bcs.ts";
import type { Bcs, BcsTag } from "../../../plugins/protocols/bcs_state.ts";
import { type Mistake, mutant, withEffects } from "./mutant.ts";

const index = (name: string, help: string, mistake: Mistake<Bcs, ControlMessage, BcsTag>) =>
  mutant(bcs, name, help, mistake);

export const bcsDeliversEarly = index(
  "bcs-delivers-early",
  "Saves itself for a message of a later index, and lets it in at once.",
  (state, event, out, original) =>
    original(state, event, withEffects(out, { withhold: () => {}, admit: () => {} })),
);

export const bcsSavesItselfLate = index(
  "bcs-saves-itself-late",
  "Takes over the index of a message as its own, without a checkpoint.",
  (state, event, out, original) => {
    if (event.event !== "arriving" || event.piggyback === undefined) {
      return original(state, event, out);
    }
    const index = Math.max(state.index, event.piggyback.index);
    return original({ ...state, index }, event, out);
  },
);

export const bcsKeepsNothing = index(
  "bcs-keeps-nothing",
  "Has no sender's log.",
  (state, event, out, original) => original(state, event, withEffects(out, { keep: () => {} })),
);

export const bcsKeepsSinceTheLast = index(
  "bcs-keeps-since-the-last",
  "The log forgets at t0 what was sent before.",
  (state, event, out, original) => {
    const next = original(state, event, out);
    if (event.event === "saved") { for (const { who } of next.peers) out.prune(who, 1); }
    return next;
  },
);

export const bcsTellsTheLast = index(
  "bcs-tells-the-last",
  "Tells others that all up to the last of their messages have come, whatever is missing before it.",
  (state, event, out, original) => {
    if (event.event !== "sending") return original(state, event, out);
    const peers = state.peers.map((peer) => ({
      ...peer,
      next: (peer.beyond.at(-1) ?? peer.next - 1) + 1,
    }));
    return { ...original({ ...state, peers }, event, out), peers: state.peers };
  },
);

export const bcsForgetsSecond = index(
  "bcs-forgets-second",
  "A checkpoint asked for while one is being saved is forgotten.",
  (state, event, out, original) =>
    event.event === "requested" && state.stage !== "idle" ? state : original(state, event, out),
);

export const bcsClaimsWhatFailed: typeof bcs = {
  ...bcs,
  name: "bcs-claims-what-failed",
  aliases: [],
  help: "Says that a checkpoint is a part of lines for which an earlier one came to nothing.",
  lines: ({ index }) => ({ first: 1, last: index }),
};
