/** A protocol with a mistake that is nobody's of those the lab knows. */
import type { Protocol } from "../../../core/mod.ts";

/** Its members throw at the first message they send. */
export const faulty: Protocol = {
  name: "faulty",
  help: "Throws when a member sends.",
  options: {},
  requires: { order: "any", delivery: "reliable" },
  kinds: [],
  phases: [],
  recovery: "search",
  cost: () => ({}),
  size: () => 0,
  member: () => ({}),
  handle(state, { event }, out) {
    if (event === "sending") throw new TypeError("a mistake of its own");
    if (event === "exiting") out.leave();
    return state;
  },
};
