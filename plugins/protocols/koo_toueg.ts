/**
 * The checkpoints of Koo and Toueg (IEEE Transactions on Software Engineering 13, 1987): whoever begins
 * saves itself and asks only those from whom it has received something since it was saved last; they
 * do the same. All of these are saved tentatively, and when the last has said so, permanently, or not
 * at all. In between they send nothing. Nobody else takes part: the newest permanent checkpoints of all
 * processes fit together all the same, for on whom nobody depends has sent nothing.
 *
 * The paper leaves messages in transit to be sent again; here they stay in their senders' logs until a
 * permanent checkpoint has them. What becomes of a run its initiator says to each member itself, not
 * down the tree, which somebody's end would break. The paper lets a process that takes part in a run
 * refuse others; here runs share the one checkpoint that a process has under way.
 */
import type { Protocol } from "../../core/mod.ts";
import { handleKoo, kooWaitsFor } from "./koo_toueg_member.ts";
import { beginKoo, type Koo, type KooMessage } from "./koo_toueg_state.ts";
import { WORD } from "./members.ts";

/** As many messages as there are dependencies, twice, and one to each member. */
export const kooToueg: Protocol<Koo, KooMessage> = {
  name: "koo-toueg",
  aliases: ["minimal"],
  help: "Saves only those on whom the one that begins depends, in two phases (at most 3 for each " +
    "dependency).",
  options: {
    timeout: {
      type: "time",
      default: 1_000_000_000,
      min: 1_000,
      doc: "How long a process waits for those it has asked before it gives its checkpoint up.",
    },
  },
  requires: { order: "any", delivery: "reliable" },
  kinds: ["REQ", "YES", "NO", "COMMIT", "UNDO", "GONE"],
  phases: ["save", "vote", "run"],
  recovery: "search",
  log: true,
  forces: true,
  tentative: true,
  cost: ({ n }) => ({ COMMIT: n - 1 }),
  perDependency: () => ({ REQ: 1, YES: 1 }),
  size(message) {
    switch (message.kind) {
      case "REQ":
        return 4 * WORD;
      case "YES":
        return (2 + message.members.length) * WORD;
      case "GONE":
        return WORD;
      default:
        return 2 * WORD;
    }
  },
  member: (self, members, { timeout }, saved) => beginKoo(self, members, Number(timeout), saved),
  handle: handleKoo,
  waitsFor: kooWaitsFor,
};
