/**
 * Message counting without stopping. Paper B's counting holds every process from SYNC to COMMIT, so
 * that one exchange with the manager is exact. Here messages have the colour of their sender, so
 * nobody is held: who receives a message from behind the cut is cut first, and what crosses the line
 * is recorded. No COMMIT is needed for anybody to go on.
 *
 * Counters are never set back: there is nothing to clear at a commit, and nothing to undo when a
 * checkpoint is given up. They are added up on the way up a tree and taken apart on the way down, so
 * the manager handles four messages for each of its children, whatever N is. And as sums of what was
 * sent less what came they say who lacks how much: a timeout names them.
 */
import { coloured } from "./coloured.ts";
import { tree } from "./cut_tree.ts";
import { timeout } from "./members.ts";
import { vectorCounters } from "./vector_counters.ts";

/** 4 N control messages. */
export const counting2 = coloured({
  name: "counting-2",
  aliases: ["tree-counting"],
  help: "Counts by colours, added up on a tree; nobody stops, any order of arrival (4 N).",
  options: {
    timeout,
    arity: {
      type: "count",
      default: 8,
      min: 1,
      max: 1024,
      doc: "How many there are below each process of the tree, and below the manager.",
    },
  },
  kinds: ["CUT", "REPORT", "EXPECT", "DONE"],
  cost: ({ n }) => ({ CUT: n, REPORT: n, EXPECT: n, DONE: n }),
  accounting: vectorCounters,
  way: tree,
});
