/**
 * The helper beside a process: saves it when the token comes, or before a message from behind somebody
 * else's cut is read, and passes the token on when it is durable. The process runs all the time.
 */
import type { ProcessId, ProtocolEvent } from "../../core/mod.ts";
import { withArrival } from "./arrivals.ts";
import { sumOf } from "./message_counting_state.ts";
import type {
  Came,
  SpreadMember,
  SpreadMessage,
  SpreadOut,
  SpreadTag,
  Turn,
} from "./spread_out_state.ts";

/** Until the turn is passed on. */
export const PAUSE = "spread";

/** What the helper does about an event. */
export function handleMember(
  state: SpreadMember,
  event: ProtocolEvent<SpreadMessage, SpreadTag>,
  out: SpreadOut,
): SpreadMember {
  if (state.mode === "gone") return state;
  switch (event.event) {
    case "sending":
      out.piggyback({ index: state.index });
      out.keep();
      return { ...state, sent: sumOf(state.sent, [{ to: event.to, count: 1 }]) };
    case "arriving": {
      const { from, number = 0, piggyback: { index } = { index: 0 } } = event;
      return index > state.index ? crossed(state, index, out) : arrived(state, from, number, out);
    }
    case "control":
      return onControl(state, event.message, out);
    case "taken":
      return state.stage === "begun" ? onTaken(state, out) : state;
    case "saved":
      return state.stage === "taken" ? onSaved(state, out) : state;
    case "timer":
      return state.stage === "saved" ? onTurn(state, out) : state;
    case "exiting":
      return onExiting(state, event.killed, out);
    case "joining":
      if (event.who !== state.self) return state;
      out.hold();
      return { ...state, mode: "joining" };
    default:
      return state;
  }
}

/** A message that is sent behind a cut the receiver has still to make. */
function crossed(state: SpreadMember, index: number, out: SpreadOut): SpreadMember {
  out.withhold();
  return early({ ...state, ahead: Math.max(state.ahead, index) }, out);
}

/** Saves itself before its turn, if a message waits for that. */
function early(state: SpreadMember, out: SpreadOut): SpreadMember {
  const isCrossed = state.stage === "told" && state.ahead >= state.epoch;
  return isCrossed && !state.waits ? begin(state, "early", out) : state;
}

function arrived(
  state: SpreadMember,
  from: ProcessId,
  number: number,
  out: SpreadOut,
): SpreadMember {
  const before = state.came.find((each) => each.from === from) ?? { from, next: 0, beyond: [] };
  const others = state.came.filter((each) => each !== before);
  const came = [...others, withArrival(before, number)].sort((a, b) => a.from - b.from);
  const next = { ...state, came };
  return state.stage === "due" ? capture(next, out) : next;
}

/** What those who ended have sent is in nobody's log, so it has to be in the receiver's image. */
const lacks = ({ came, ended }: SpreadMember): readonly Came[] =>
  ended.filter(({ from, below }) => (came.find((each) => each.from === from)?.next ?? 0) < below);

function begin(state: SpreadMember, phase: "save" | "early", out: SpreadOut): SpreadMember {
  out.phase(phase);
  return capture({ ...state, stage: "due" }, out);
}

function capture(state: SpreadMember, out: SpreadOut): SpreadMember {
  if (lacks(state).length > 0) return state;
  out.capture();
  return { ...state, stage: "begun" };
}

function onTaken(state: SpreadMember, out: SpreadOut): SpreadMember {
  out.admit();
  const own = state.came.flatMap(({ from, next }) => next === 0 ? [] : [{ from, below: next }]);
  const index = Math.max(state.index, state.epoch);
  return { ...state, stage: "taken", index, ahead: 0, own };
}

function onSaved(state: SpreadMember, out: SpreadOut): SpreadMember {
  out.phase("run");
  const saved: SpreadMember = { ...state, stage: "saved" };
  const { token, spreadNs } = state;
  // Behind the last nobody has a turn that could wait.
  if (!hasToken(state) || token?.rest.length === 0 || spreadNs === 0) return onTurn(saved, out);
  out.setTimer(PAUSE, spreadNs);
  return saved;
}

function onControl(state: SpreadMember, message: SpreadMessage, out: SpreadOut): SpreadMember {
  switch (message.kind) {
    case "SYNC":
      return message.epoch > Math.max(state.over, state.epoch)
        ? onSync(state, message, out)
        : state;
    case "TURN":
      return message.epoch >= Math.max(state.over + 1, state.epoch, state.token?.epoch ?? 0)
        ? onTurn({ ...state, token: message }, out)
        : state;
    case "ABORT":
      return onAbort(state, message.epoch, out);
    case "WELCOME":
      return state.mode === "joining" ? skip(state, message.epoch, out) : state;
    case "GO":
      if (isBeingSaved(state)) out.discard();
      out.release();
      return leave(state, out);
    default:
      return state;
  }
}

/** A line begins, so all before it have ended: messages of their indices are like any. */
function onSync(
  state: SpreadMember,
  { epoch, ended, came }: SpreadMessage & { kind: "SYNC" },
  out: SpreadOut,
): SpreadMember {
  for (const { to, count } of came) out.prune(to, count);
  if (isBeingSaved(state)) out.discard();
  const next = skip(without(state, out), epoch - 1, out);
  return onTurn({ ...next, epoch, stage: "told", ended }, out);
}

function onTurn(state: SpreadMember, out: SpreadOut): SpreadMember {
  const { token, stage } = state;
  if (token === undefined || !hasToken(state)) return state;
  if (stage === "told") return begin(state, "save", out);
  return stage === "saved" ? passOn(state, token, out) : state;
}

/** The token of its line: that of a later one may overtake what says so. */
const hasToken = ({ token, epoch }: SpreadMember): boolean => token?.epoch === epoch;

/** The next helper's turn; or all of this token are saved, which the manager wants to know. */
function passOn(state: SpreadMember, token: Turn, out: SpreadOut): SpreadMember {
  const [next = "manager", ...rest] = token.rest, { self, own, epoch } = state;
  out.send(next, { ...token, rest, reports: [...token.reports, { who: self, came: own }] });
  return { ...without(state, out), over: epoch, saved: epoch };
}

/** An ABORT may overtake what it is about; then that comes to nothing. */
function onAbort(state: SpreadMember, epoch: number, out: SpreadOut): SpreadMember {
  const isIts = epoch === state.epoch;
  if (isIts ? isBeingSaved(state) : state.epoch === 0 && epoch === state.saved) out.discard();
  if (isIts) return skip(without(state, out), epoch, out);
  return epoch > state.epoch ? skip(state, epoch, out) : state;
}

/** There is no line of that number to come, so messages of its index are like any. */
function skip(state: SpreadMember, epoch: number, out: SpreadOut): SpreadMember {
  if (state.mode === "joining") out.release();
  out.admit();
  out.phase("run");
  const over = Math.max(state.over, epoch), index = Math.max(state.index, epoch);
  return { ...state, mode: "run", over, index, ahead: 0 };
}

/** Held, it sends nothing more; it goes when no line is under way that it belongs to. */
function onExiting(state: SpreadMember, killed: boolean, out: SpreadOut): SpreadMember {
  const { sent } = state;
  if (!killed) {
    out.hold();
    out.send("manager", { kind: "LEAVE", sent });
    return state;
  }
  if (isBeingSaved(state)) out.discard();
  out.send("manager", { kind: "EXIT", sent });
  return leave(state, out);
}

function leave(state: SpreadMember, out: SpreadOut): SpreadMember {
  out.leave();
  return { ...without(state, out), mode: "gone" };
}

const isBeingSaved = ({ stage }: SpreadMember): boolean =>
  stage === "begun" || stage === "taken" || stage === "saved";

/** The helper outside of any line. */
function without(state: SpreadMember, out: SpreadOut): SpreadMember {
  if (state.stage === "saved" && state.spreadNs > 0) out.clearTimer(PAUSE);
  const { token, ...rest } = state;
  const later = token !== undefined && token.epoch > state.epoch ? { token } : {};
  return { ...rest, ...later, epoch: 0, stage: "none", ended: [], own: [] };
}

/** Whom and what it waits for, in words. */
export function memberWaitsFor(state: SpreadMember): string | undefined {
  if (state.mode === "joining") return "the manager's WELCOME or SYNC";
  switch (state.stage) {
    case "told":
      return "its turn";
    case "due":
      return lacks(state).map(({ from }) => `messages of process ${from}, which has ended`)
        .join(" and ");
    case "begun":
      return "t0 of its own capture";
    case "taken":
      return "its own capture";
    case "saved":
      return hasToken(state) ? "the time to pass the token on" : "the token";
    default:
      return undefined;
  }
}
