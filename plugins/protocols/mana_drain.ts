/**
 * The drain of MANA for MPI (Garg, Price, Cooperman 2019; phase P): two sums in a store, all messages
 * sent and all received, polled until they are equal. Sending stops; in a round every process sets
 * both to 0, waits for all, adds what it has sent and received itself, waits for all, and reads both.
 * Whoever reads equal sums has everything that was sent to it and saves itself, and so has everybody;
 * else there is another round. Messages count when they arrive, which they do all the time. Channels
 * need not keep order.
 *
 * The store is the coordinator's, here the manager. What each asks of it is a message and its answer
 * another, two barriers are two of each, and so a round is 16 N of them, however few messages are on
 * their way; the loop of MANA has no pause in it.
 *
 * MANA uses one pair of sums. A process that reads them early and begins the next round sets them to
 * 0 before a slow one has read them: it reads two zeros, which are equal. Here there are two pairs,
 * used in turn; the second barrier of the next round comes too late for nobody.
 *
 * Left out: phase C, which finds a moment without collective calls (MPI's here are made of messages),
 * and phase U, which gets processes out of a blocking receive (they are saved inside the call). And
 * what MPI has no words for: who ends asks for a whole extra drain without saving, as two sums cannot
 * say what was sent to whom; who is killed leaves sums behind that never are equal again, so there
 * are no further checkpoints.
 */
import type { Protocol, ProtocolEvent } from "../../core/mod.ts";
import { handleManager, managerWaitsFor } from "./drain_manager.ts";
import { handleMember, memberWaitsFor } from "./drain_member.ts";
import { type Drain, type DrainMessage, NOBODY, NOTHING } from "./drain_state.ts";
import { timeout, WORD } from "./members.ts";

/** A name in the store takes a word, as a number does. */
function size(message: DrainMessage): number {
  switch (message.kind) {
    case "INCRBY":
      return 4 * WORD;
    case "SET":
    case "GET":
    case "BARRIER":
      return 3 * WORD;
    case "PRESUSPEND":
    case "REPLY":
      return 2 * WORD;
    case "RELEASE":
    case "SAVED":
      return WORD;
    case "RESUME":
    case "ABORT":
      return (2 + message.gone.length) * WORD;
    case "WELCOME":
      return (1 + message.gone.length) * WORD;
    default:
      return 0;
  }
}

/** 3 N control messages, and 16 N for each round. */
export const manaDrain: Protocol<Drain, DrainMessage> = {
  name: "mana-drain",
  aliases: ["mana"],
  help: "MANA for MPI: polls two sums, messages sent and received, until they are equal " +
    "(3 N, and 16 N in each round).",
  options: { timeout },
  requires: { order: "any", delivery: "reliable" },
  kinds: [
    "PRESUSPEND",
    "SET",
    "INCRBY",
    "GET",
    "REPLY",
    "BARRIER",
    "RELEASE",
    "SAVED",
    "RESUME",
    "ABORT",
    "LEAVE",
    "GO",
    "EXIT",
    "WELCOME",
  ],
  phases: ["idle", "drain", "save", "saved", "record", "run"],
  recovery: "line",
  cost: ({ n }) => ({ PRESUSPEND: n, SAVED: n, RESUME: n }),
  perRound: ({ n }) => ({
    SET: 2 * n,
    INCRBY: 2 * n,
    GET: 2 * n,
    REPLY: 6 * n,
    BARRIER: 2 * n,
    RELEASE: 2 * n,
  }),
  size,
  member: (self, members) => ({
    role: "member",
    self,
    mode: "run",
    attempt: 0,
    over: 0,
    leaver: NOBODY,
    step: 0,
    turn: 0,
    sum: 0,
    peers: [...members],
    sent: 0,
    received: 0,
    drained: 0,
  }),
  manager: (members, { timeout }) => ({
    role: "manager",
    mode: "idle",
    alive: [...members],
    attempt: 0,
    leaver: NOBODY,
    isOpen: false,
    sums: [NOTHING, NOTHING],
    lacking: 0,
    arrived: [],
    waiting: [],
    wanted: 0,
    leavers: [],
    gone: [],
    newcomers: [],
    lost: "",
    timeoutNs: Number(timeout),
  }),
  handle: (state, event: ProtocolEvent<DrainMessage>, out) =>
    state.role === "member" ? handleMember(state, event, out) : handleManager(state, event, out),
  waitsFor: (state) => state.role === "member" ? memberWaitsFor(state) : managerWaitsFor(state),
};
