/** The process in a snapshot: saves itself, sends markers, and records channels until they have theirs. */
import type { ProcessId, ProtocolEvent } from "../../core/mod.ts";
import type {
  Marked,
  SnapshotMember as Member,
  SnapshotMessage,
  SnapshotOut,
} from "./chandy_lamport_state.ts";
import { including, named, without } from "./members.ts";

/** What a member does about an event. */
export function handleMember(
  state: Member,
  event: ProtocolEvent<SnapshotMessage>,
  out: SnapshotOut,
): Member {
  if (state.mode === "gone") return state;
  switch (event.event) {
    case "arriving":
      return onArriving(state, event.from, out);
    case "control":
      return event.from === "manager"
        ? onManager(state, event.message, out)
        : onPeer(state, event.from, event.message, out);
    case "taken":
      return state.mode === "save" ? onTaken(state, out) : state;
    case "saved":
      return state.mode === "closed" ? onSaved(state, out) : state;
    case "exiting":
      return onExiting(state, event.killed, out);
    case "joining":
      return onJoining(state, event.who, out);
    default:
      return state;
  }
}

/** Behind a marker it waits for the own t0; on a channel without one it crosses the line. */
function onArriving(state: Member, from: ProcessId, out: SnapshotOut): Member {
  const { marked, crossing } = state;
  if (marked.some((mark) => mark.from === from)) {
    out.withhold();
    return {
      ...state,
      marked: marked.map((mark) =>
        mark.from === from ? { ...mark, behind: mark.behind + 1 } : mark
      ),
    };
  }
  if (state.open.includes(from)) {
    out.record();
    return state;
  }
  if (!crossing.some((each) => each.from === from)) return state;
  out.record();
  const left = crossing.map((each) => each.from === from ? { from, count: each.count - 1 } : each);
  return closeIfComplete({ ...state, crossing: left.filter(({ count }) => count > 0) }, out);
}

function onManager(state: Member, message: SnapshotMessage, out: SnapshotOut): Member {
  switch (message.kind) {
    case "START":
      return message.epoch > state.over && message.epoch !== state.epoch
        ? begin(state, latest(state, message.epoch), out)
        : state;
    case "WELCOME":
      return state.mode === "joining" ? letIn({ ...state, over: message.epoch }, out) : state;
    case "ABORT":
      return onAbort(state, message.epoch, out);
    default:
      return state;
  }
}

function onPeer(
  state: Member,
  from: ProcessId,
  message: SnapshotMessage,
  out: SnapshotOut,
): Member {
  if (message.kind === "BYE") {
    return close({ ...state, peers: without(state.peers, from) }, from, out);
  }
  if (message.kind !== "MARKER" || message.epoch <= state.over) return state;
  const { epoch } = message;
  const marked = withMark(state.marked, from, epoch);
  // Only the manager knows whether one that joins belongs to this snapshot.
  if (state.mode === "joining") return { ...state, marked };
  if (epoch !== state.epoch) return begin({ ...state, marked }, epoch, out);
  return state.mode === "save" ? { ...state, marked } : close(state, from, out);
}

/** A new marker tells that what waits behind an older one was sent before the cut. */
function withMark(marked: readonly Marked[], from: ProcessId, epoch: number): readonly Marked[] {
  const { behind = 0, before = 0 } = marked.find((mark) => mark.from === from) ?? {};
  const mark = { from, epoch, behind: 0, before: before + behind };
  return [...marked.filter((each) => each.from !== from), mark].sort((a, b) => a.from - b.from);
}

/** One that joins may have markers already of a snapshot after the one it is to begin, which is over. */
const latest = ({ marked }: Member, epoch: number): number =>
  Math.max(epoch, ...marked.map((mark) => mark.epoch));

/** A later snapshot means that the one under way was given up. */
function begin(state: Member, epoch: number, out: SnapshotOut): Member {
  if (state.epoch !== 0) out.discard();
  out.phase("save");
  out.capture("open");
  const over = Math.max(state.over, epoch - 1);
  return { ...state, mode: "save", epoch, over, open: [], crossing: [] };
}

/** The cut: markers go out before anything else can, and every channel without one is recorded. */
function onTaken(state: Member, out: SnapshotOut): Member {
  const { epoch, peers, marked } = state;
  for (const who of peers) out.send(who, { kind: "MARKER", epoch });
  out.release();
  out.admit();
  out.phase("channels");
  const isMarked = (who: ProcessId) =>
    marked.some((mark) => mark.from === who && mark.epoch === epoch);
  const open = peers.filter((who) => !isMarked(who));
  const crossing = marked.map((mark) => (
    { from: mark.from, count: mark.before + (mark.epoch === epoch ? 0 : mark.behind) }
  )).filter(({ from, count }) => count > 0 && !open.includes(from));
  const next: Member = { ...state, mode: "channels", cut: epoch, marked: [], open, crossing };
  return closeIfComplete(next, out);
}

/** Nothing more comes over the channel that belongs to the line. */
function close(state: Member, from: ProcessId, out: SnapshotOut): Member {
  if (!state.open.includes(from)) return state;
  return closeIfComplete({ ...state, open: without(state.open, from) }, out);
}

function closeIfComplete(state: Member, out: SnapshotOut): Member {
  const { mode, open, crossing } = state;
  if (mode !== "channels" || open.length + crossing.length > 0) return state;
  out.closeChannels();
  return { ...state, mode: "closed" };
}

function onSaved(state: Member, out: SnapshotOut): Member {
  out.send("manager", { kind: "DONE", epoch: state.epoch });
  return goOn(state, out);
}

function onAbort(state: Member, epoch: number, out: SnapshotOut): Member {
  const over = Math.max(state.over, epoch);
  // It may have finished its own part.
  if (epoch === state.epoch || (epoch === state.cut && state.epoch === 0)) out.discard();
  if (epoch !== state.epoch) return { ...state, over };
  out.release();
  out.admit();
  return goOn({ ...state, marked: [], crossing: [] }, out);
}

/** Takes part in nothing any more; ends if the application wants to. */
function goOn(state: Member, out: SnapshotOut): Member {
  out.phase("run");
  const over = Math.max(state.over, state.epoch);
  const running: Member = { ...state, mode: "run", epoch: 0, over, open: [] };
  return state.ends ? leave(running, out) : running;
}

function onExiting(state: Member, killed: boolean, out: SnapshotOut): Member {
  if (state.mode !== "run" && !killed) return { ...state, ends: true };
  if (state.epoch !== 0) out.discard();
  return leave(state, out);
}

/** Its last messages are told from those there will never be. */
function leave(state: Member, out: SnapshotOut): Member {
  for (const who of state.peers) out.send(who, { kind: "BYE" });
  out.send("manager", { kind: "EXIT", epoch: state.epoch });
  out.leave();
  return { ...state, mode: "gone", marked: [], open: [] };
}

/** What this process has sent before its cut is before its marker, for one who comes late too. */
function onJoining(state: Member, who: ProcessId, out: SnapshotOut): Member {
  if (who === state.self) {
    out.hold();
    return { ...state, mode: "joining" };
  }
  if (state.cut > 0) out.send(who, { kind: "MARKER", epoch: state.cut });
  return { ...state, peers: including(state.peers, who) };
}

/** No snapshot is under way that it belongs to, unless a later marker has come already. */
function letIn(state: Member, out: SnapshotOut): Member {
  const next = latest(state, state.over);
  if (next > state.over) return begin(state, next, out);
  out.release();
  out.admit();
  return { ...state, mode: "run", marked: [] };
}

/** Whom and what it waits for, in words. */
export function memberWaitsFor({ mode, open }: Member): string | undefined {
  switch (mode) {
    case "joining":
      return "the manager's WELCOME or START";
    case "save":
      return "t0 of its own capture";
    case "channels":
      return `MARKER from ${named(open)}`;
    case "closed":
      return "its own capture";
    default:
      return undefined;
  }
}
