/**
 * The distributed snapshot of Chandy and Lamport (ACM TOCS 3(1), 1985): who saves itself puts a
 * marker on each of its channels, and what comes over a channel between the own t0 and the marker is
 * that channel's state. Nobody stops and nothing is flushed; channels have to keep order.
 *
 * The paper leaves open who begins, ends, joins or fails meanwhile. Here the manager asks one process
 * to begin and collects who is done. Whoever ends puts a last marker, BYE, on every channel. What
 * follows a marker on its channel waits until the receiver's own t0, for that takes its time; so
 * markers and messages never have to be told apart afterwards. A snapshot that is given up leaves
 * nothing behind but its number.
 */
import type { Protocol, ProtocolEvent } from "../../core/mod.ts";
import { handleManager, managerWaitsFor } from "./chandy_lamport_manager.ts";
import { handleMember, memberWaitsFor } from "./chandy_lamport_member.ts";
import type { Snapshot, SnapshotMessage } from "./chandy_lamport_state.ts";
import { timeout, without, WORD } from "./members.ts";

/** E + N + 1 control messages on E = N (N - 1) channels. */
export const chandyLamport: Protocol<Snapshot, SnapshotMessage> = {
  name: "chandy-lamport",
  aliases: ["snapshot"],
  help: "Markers on every channel, which record what crosses the line; nobody stops (N^2 + 1).",
  options: { timeout },
  requires: { order: "fifo", delivery: "reliable" },
  kinds: ["START", "MARKER", "DONE", "ABORT", "EXIT", "BYE", "WELCOME"],
  phases: ["idle", "collect", "save", "channels", "record", "run"],
  recovery: "line",
  cost: ({ n }) => ({ START: 1, MARKER: n * (n - 1), DONE: n }),
  size: (message) => message.kind === "BYE" ? 0 : WORD,
  member: (self, members) => ({
    role: "member",
    self,
    mode: "run",
    epoch: 0,
    cut: 0,
    over: 0,
    peers: without(members, self),
    marked: [],
    crossing: [],
    open: [],
    ends: false,
  }),
  manager: (members, { timeout }) => ({
    role: "manager",
    mode: "idle",
    alive: [...members],
    epoch: 0,
    initiator: -1,
    waiting: [],
    saved: [],
    wanted: 0,
    lost: "",
    timeoutNs: Number(timeout),
  }),
  handle: (state, event: ProtocolEvent<SnapshotMessage>, out) =>
    state.role === "member" ? handleMember(state, event, out) : handleManager(state, event, out),
  waitsFor: (state) => state.role === "member" ? memberWaitsFor(state) : managerWaitsFor(state),
};
