/**
 * The protocol paper B measures itself against (CoCheck's ready messages): at a checkpoint every
 * process stops sending and puts a marker, CLS, on the channel to every other. Channels keep order,
 * so who has everybody's marker has everything that was sent before, and saves itself: N (N - 1)
 * markers.
 *
 * A process that ends may leave messages behind that no marker follows, so it first asks for a whole
 * extra round without saving (section 2.2 of the paper). One that is killed cannot; then nobody can
 * tell what it left in the channels, and there are no further checkpoints. Where a channel does not
 * keep order a message overtaken by its marker is lost, which nobody notices: that is the protocol's.
 */
import type { Protocol, ProtocolEvent } from "../../core/mod.ts";
import { handleManager, managerWaitsFor } from "./cls_flush_manager.ts";
import { handleMember, memberWaitsFor } from "./cls_flush_member.ts";
import type { Flush, FlushMessage } from "./cls_flush_state.ts";
import { WORD } from "./members.ts";

function size(message: FlushMessage): number {
  if (message.kind === "SYNC") return (3 + message.members.length) * WORD;
  return "round" in message ? WORD : 0;
}

/** N^2 + 2 N control messages, of which the paper counts the CLS. */
export const clsFlush: Protocol<Flush, FlushMessage> = {
  name: "cls-flush",
  aliases: ["flush", "flush-markers"],
  help: "Flushes every channel by a marker; needs channels that keep order (N^2 + 2 N).",
  options: {
    timeout: {
      type: "time",
      default: 1_000_000_000,
      min: 1_000,
      doc: "How long the manager waits for everybody before it gives the round up.",
    },
  },
  requires: { order: "fifo", delivery: "reliable" },
  kinds: ["SYNC", "CLS", "SAVED", "COMMIT", "ABORT", "LEAVE", "GO", "EXIT", "WELCOME"],
  phases: ["idle", "flush", "save", "saved", "record", "run"],
  recovery: "line",
  cost: ({ n }) => ({ SYNC: n, CLS: n * (n - 1), SAVED: n, COMMIT: n }),
  size,
  member: (self) => ({
    role: "member",
    self,
    mode: "run",
    round: 0,
    over: 0,
    leaver: -1,
    waiting: [],
    early: [],
    begun: [],
  }),
  manager: (members, { timeout }) => ({
    role: "manager",
    mode: "idle",
    alive: [...members],
    round: 0,
    leaver: -1,
    waiting: [],
    wanted: 0,
    leavers: [],
    newcomers: [],
    lost: "",
    timeoutNs: Number(timeout),
  }),
  handle: (state, event: ProtocolEvent<FlushMessage>, out) =>
    state.role === "member" ? handleMember(state, event, out) : handleManager(state, event, out),
  waitsFor: (state) => state.role === "member" ? memberWaitsFor(state) : managerWaitsFor(state),
};
