/**
 * Spread-out synchronisation, after OuYang and Maheshwari (1999).
 */
import type { Protocol, ProtocolEvent } from "../../core/mod.ts";
import { timeout, WORD } from "./members.ts";
import { handleManager, managerWaitsFor } from "./spread_out_manager.ts";
import { handleMember, memberWaitsFor } from "./spread_out_member.ts";
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
  help: "One process after the other is saved while all run, and helpers put the line together " +
    "(2 N + 1).",
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
