/**
 * The snapshot of Lai and Yang (1987): a process that receives a message of a later colour than its
 * own is cut before it, so channels need not keep order. Each reports which messages it has sent and
 * which have come, and what is in the first lists and not in the second is the state of the channels.
 *
 * The paper leaves open how it ends, and how lists stay short. Here the manager asks everybody to be
 * cut, compares the lists, and tells each which messages are missing; each is recorded as it comes. A
 * line that is recorded takes what belongs to it out of the lists.
 */
import { coloured } from "./coloured.ts";
import { tree } from "./cut_tree.ts";
import { histories } from "./histories.ts";
import { timeout } from "./members.ts";

/** 4 N control messages, and lists of all messages since the last line. */
export const laiYang = coloured({
  name: "lai-yang",
  aliases: ["histories"],
  help: "Compares lists of what was sent and what came; nobody stops, any order of arrival (4 N).",
  options: { timeout },
  kinds: ["CUT", "REPORT", "EXPECT", "DONE"],
  cost: ({ n }) => ({ CUT: n, REPORT: n, EXPECT: n, DONE: n }),
  accounting: histories,
  way: tree,
});
