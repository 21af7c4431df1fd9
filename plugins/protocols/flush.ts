/**
 * What flushing protocols have in common: at a checkpoint every process stops sending and puts a mark
 * on the channel to every other; who knows by the marks that it has everything that was sent before
 * them saves itself. How a mark says that is the row's own.
 *
 * A process that ends may leave messages behind that no mark follows, so it first asks for a whole
 * extra round without saving (section 2.2 of paper B). One that is killed cannot; then nobody can
 * tell what it left in the channels, and there are no further checkpoints.
 */
import type { Protocol, ProtocolEvent } from "../../core/mod.ts";
import { handleManager, managerWaitsFor } from "./flush_manager.ts";
import { handleMember, memberWaitsFor } from "./flush_member.ts";
import type { Flush, FlushMessage, Marks } from "./flush_state.ts";
import { timeout, WORD } from "./members.ts";

type Row = Protocol<Flush, FlushMessage>;

/** What is the row's own. */
export interface FlushRow extends Pick<Row, "name" | "aliases" | "help"> {
  readonly marks: Marks;
}

function size(message: FlushMessage): number {
  if (message.kind === "SYNC") return (3 + message.members.length) * WORD;
  if (message.kind === "BOOKMARK") return 2 * WORD;
  return "round" in message ? WORD : 0;
}

/** The protocol: N^2 + 2 N control messages. */
export function flush({ marks, ...own }: FlushRow): Row {
  return {
    ...own,
    options: { timeout },
    requires: { order: marks === "CLS" ? "fifo" : "any", delivery: "reliable" },
    kinds: ["SYNC", marks, "SAVED", "COMMIT", "ABORT", "LEAVE", "GO", "EXIT", "WELCOME"],
    phases: ["idle", "flush", "save", "saved", "record", "run"],
    recovery: "line",
    cost: ({ n }) => ({ SYNC: n, [marks]: n * (n - 1), SAVED: n, COMMIT: n }),
    size,
    member: (self) => ({
      role: "member",
      self,
      marks,
      mode: "run",
      round: 0,
      over: 0,
      leaver: -1,
      waiting: [],
      early: [],
      begun: [],
      sent: [],
      received: [],
      announced: [],
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
}
