/** No coordination where a line is claimed: what any protocol that forgets to hold comes to. */
import type { Protocol } from "../../../core/cluster/protocol.ts";
import { uncoordinated } from "../../../plugins/protocols/uncoordinated.ts";

/** It declares each process alone, so the line of the others is never complete. */
export const uncoordinatedForgetsSecond: typeof uncoordinated = {
  ...uncoordinated,
  name: "uncoordinated-forgets-second",
  aliases: [],
  help: "A checkpoint asked for while one is being saved is forgotten.",
  handle: (state, event, out) =>
    event.event === "requested" && state.saving ? state : uncoordinated.handle(state, event, out),
};

/** It does not hear that its disk is full. */
export const uncoordinatedWaitsOn: typeof uncoordinated = {
  ...uncoordinated,
  name: "uncoordinated-waits-on",
  aliases: [],
  help: "A local checkpoint that has come to nothing is waited for.",
  handle: (state, event, out) =>
    event.event === "failed" ? state : uncoordinated.handle(state, event, out),
};

/** What the explorer takes. */
export const uncoordinatedMutants: readonly Protocol[] = [
  uncoordinatedForgetsSecond,
  uncoordinatedWaitsOn,
];
