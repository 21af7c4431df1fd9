/**
 * A checkpoint whose synchronisation is spread out, after J. S. OuYang and P. Maheshwari, "Supporting
 * Cost-Effective Fault Tolerance in Distributed Message-Passing Applications with File Operations"
 * (Journal of Supercomputing 14, 1999). Theirs is the idea: no process stands still for the others;
 * actors of their own, the helpers, bring the line about in the background and over some time, and so
 * a failure may take all back to an older line. How far is the rollback distance. That writing is
 * staggered, so that a shared disk serves one after the other, is in Vaidya's "staggered consistent
 * checkpointing" (1999), too.
 *
 * The rest is our reading, not their text. A token goes from helper to helper: who has it saves its
 * process, which runs on as its checkpointer lets it, and passes it on when that is durable, with a
 * list of what had come at t0. When it is back all are saved, and the manager declares the line.
 * Vaidya's processes are cut together later, by replaying what they have received; these here need not
 * be deterministic, so they are cut as they are saved, and an index on every message says by which line
 * its sender was: a receiver that is not cut yet saves itself before it reads that (as in `bcs`), or the
 * message waits for its turn. What crosses the line is in the sender's log; the next SYNC says
 * what of it the logs may forget. Who has ended has no log: what it had sent must have come before its
 * receiver is cut, and the SYNC says how much that is.
 *
 * Price: with each checkpoint goes all that was sent since the line before it. And processes that
 * talk all the time are cut within a few messages of each other, whatever the spread is.
 */
import type { Protocol, ProtocolEvent } from "../../core/mod.ts";
import { timeout, WORD } from "./members.ts";
import { handleManager, managerWaitsFor } from "./spread_out_manager.ts";
import { handleMember, memberWaitsFor, PAUSE } from "./spread_out_member.ts";
import {
  beginSpread,
  type Spread,
  type SpreadMessage,
  type SpreadTag,
  tokensOf,
} from "./spread_out_state.ts";

function size(message: SpreadMessage): number {
  switch (message.kind) {
    case "SYNC":
      return WORD * (1 + 2 * message.ended.length + 2 * message.came.length);
    case "TURN": {
      const { rest, reports } = message;
      const words = reports.map(({ came }) => 2 + 2 * came.length);
      return WORD * words.reduce((sum, each) => sum + each, 2 + rest.length);
    }
    case "LEAVE":
    case "EXIT":
      return WORD * 2 * message.sent.length;
    case "GO":
      return 0;
    default:
      return WORD;
  }
}

/** 2 N control messages and one for each token; nobody waits, and a line takes its time. */
export const spreadOut: Protocol<Spread, SpreadMessage, SpreadTag> = {
  name: "spread-out",
  aliases: ["ouyang-maheshwari"],
  help:
    "Saves one process after the other while all run, but ahead of its turn who gets a message " +
    "from behind the cut, unless that waits; helpers put the line together (2 N + 1).",
  options: {
    writers: {
      type: "count",
      default: 1,
      min: 0,
      doc: "How many processes have their turn at the same time; 0: all.",
    },
    spread: {
      type: "time",
      default: 0,
      min: 0,
      doc: "How long a helper waits, when its process is durable, before it passes the turn on.",
    },
    ahead: {
      type: "text",
      choices: ["save", "wait"],
      default: "save",
      doc: "What becomes of a message of a process that is saved to one that is not: it saves " +
        "its receiver before its turn, or waits for that.",
    },
    timeout,
  },
  requires: { order: "any", delivery: "reliable" },
  kinds: ["SYNC", "TURN", "ABORT", "WELCOME", "LEAVE", "EXIT", "GO"],
  phases: ["idle", "turns", "save", "early", "record", "run"],
  recovery: "line",
  log: true,
  pauses: [PAUSE],
  cost: ({ n, options: { writers = 1 } }) => ({
    SYNC: n,
    TURN: n + tokensOf(n, Number(writers)),
  }),
  size,
  piggybackSize: () => WORD,
  member: (self, _members, { ahead, spread }, saved) =>
    beginSpread(
      self,
      { waits: ahead === "wait", spreadNs: Number(spread) },
      saved?.role === "member" ? saved : undefined,
    ),
  manager: (members, { writers, spread, timeout }) => ({
    role: "manager",
    mode: "idle",
    alive: [...members],
    epoch: 0,
    members: [],
    reports: [],
    committed: [],
    ended: [],
    leavers: [],
    wanted: 0,
    lost: "",
    writers: Number(writers),
    spreadNs: Number(spread),
    timeoutNs: Number(timeout),
  }),
  handle: (state, event: ProtocolEvent<SpreadMessage, SpreadTag>, out) =>
    state.role === "member" ? handleMember(state, event, out) : handleManager(state, event, out),
  waitsFor: (state) => state.role === "member" ? memberWaitsFor(state) : managerWaitsFor(state),
};
