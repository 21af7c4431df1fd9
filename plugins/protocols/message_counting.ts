/**
 * Paper B's message counting: who knows how many messages were sent to it knows when it has them
 * all. Every process counts what it sent to whom; at a checkpoint sending stops, the manager adds the
 * tables up and tells each process how many messages to expect; who has received as many saves
 * itself. Channels need not keep order.
 *
 * The paper leaves open who may resume when, and what ends, joins or fails meanwhile. Here nobody
 * resumes before all are saved (a message of one who resumed early would reach one who has not saved
 * yet: an orphan). What arrives after the own capture was sent by one who has resumed, so it counts
 * for the next interval. Whoever ends leaves its table with the manager, and an attempt that fails
 * leaves every count as it was. Attempts are numbered, because control messages overtake each other.
 */
import type { Protocol, ProtocolEvent } from "../../core/mod.ts";
import { timeout, WORD } from "./members.ts";
import { handleManager, managerWaitsFor } from "./message_counting_manager.ts";
import { handleMember, memberWaitsFor } from "./message_counting_member.ts";
import type { Counting, CountingMessage } from "./message_counting_state.ts";

function size(message: CountingMessage): number {
  if (message.kind === "WELCOME") return 0;
  if (message.kind === "ACK" || message.kind === "EXIT") {
    return WORD + 2 * WORD * message.sent.length;
  }
  if (message.kind === "FAIL") return WORD + message.why.length;
  return message.kind === "OP" ? 2 * WORD : WORD;
}

/** 5 N control messages, of which the paper counts ACK and OP. */
export const messageCounting: Protocol<Counting, CountingMessage> = {
  name: "message-counting",
  aliases: ["counting"],
  help:
    "Paper B: counts messages sent and received; a process saves when it has all sent to it (5 N).",
  options: { timeout },
  requires: { order: "any", delivery: "reliable" },
  kinds: ["SYNC", "ACK", "OP", "DONE", "COMMIT", "ABORT", "EXIT", "FAIL", "WELCOME"],
  phases: ["idle", "sync", "execute", "drain", "save", "saved", "record", "run"],
  recovery: "line",
  cost: ({ n }) => ({ SYNC: n, ACK: n, OP: n, DONE: n, COMMIT: n }),
  size,
  member: (self) => ({
    role: "member",
    self,
    mode: "run",
    attempt: 0,
    over: 0,
    next: 0,
    sent: [],
    received: 0,
    expected: 0,
    ends: false,
  }),
  manager: (members, { timeout }) => ({
    role: "manager",
    mode: "idle",
    alive: [...members],
    attempt: 0,
    committed: 0,
    carry: [],
    acks: [],
    waiting: [],
    wanted: 0,
    newcomers: [],
    lost: "",
    timeoutNs: Number(timeout),
  }),
  handle: (state, event: ProtocolEvent<CountingMessage>, out) =>
    state.role === "member" ? handleMember(state, event, out) : handleManager(state, event, out),
  waitsFor: (state) => state.role === "member" ? memberWaitsFor(state) : managerWaitsFor(state),
};
