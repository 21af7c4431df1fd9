/**
 * A process with coloured messages: it is cut when it is told to, or by the first message of a later
 * colour, and records the messages of earlier colours until none is missing.
 */
import type { ProcessId, ProtocolEvent, Station } from "../../core/mod.ts";
import type {
  Accounting,
  ColouredMember,
  ColouredMessage,
  ColouredOut,
  Route,
  Tag,
  Turn,
  Way,
} from "./coloured_state.ts";

/** Nothing is known of the way yet. */
export const NO_ROUTE: Route<never> = { children: [], reports: [], done: [] };

/** The process at work: one event after the other. */
export class MemberTurn<A, R, M> implements Turn<A, R, M> {
  from?: Station;
  message?: ColouredMessage<R>;

  constructor(
    readonly accounting: Accounting<A, R, M>,
    private readonly way: Way,
    readonly out: ColouredOut<R>,
  ) {}

  /** What a member does about an event. */
  handle(
    state: ColouredMember<A, R, M>,
    event: ProtocolEvent<ColouredMessage<R>, Tag>,
  ): ColouredMember<A, R, M> {
    if (state.mode === "gone") return state;
    switch (event.event) {
      case "sending": {
        const { account, tag } = this.accounting.sent(state.account, event.to, state.colour);
        this.out.piggyback(tag);
        return { ...state, account };
      }
      case "arriving":
        return this.onArriving(state, event.from, event.piggyback ?? { colour: 0 });
      case "control":
        return this.onControl(state, event.from, event.message);
      case "taken":
        return state.stage === "save" ? this.onTaken(state) : state;
      case "saved":
        return state.stage === "closed"
          ? this.way.advance(this, { ...state, stage: "saved" })
          : state;
      case "exiting":
        return this.onExiting(state, event.killed);
      case "joining":
        if (event.who !== state.self) return state;
        this.out.hold();
        return { ...state, mode: "joining" };
      default:
        return state;
    }
  }

  private onArriving(
    state: ColouredMember<A, R, M>,
    from: ProcessId,
    tag: Tag,
  ): ColouredMember<A, R, M> {
    if (tag.colour > state.colour) {
      this.out.withhold();
      // Whoever joins waits for the manager's word.
      const hears = state.mode === "run" || state.epoch !== 0;
      return hears && tag.colour > state.epoch ? this.begin(state, tag.colour) : state;
    }
    const account = this.accounting.received(state.account, from, tag);
    const next = { ...state, account };
    if (tag.colour === state.colour || state.epoch !== state.colour) return next;
    if (state.stage !== "open") {
      return this.fail(next, `a message of process ${from} comes after all that were missing`);
    }
    this.out.record();
    if (state.missing === undefined) return { ...next, late: [...state.late, { from, tag }] };
    return this.settle(next, this.accounting.arrived(state.missing, from, tag));
  }

  private onControl(
    state: ColouredMember<A, R, M>,
    from: Station,
    message: ColouredMessage<R>,
  ): ColouredMember<A, R, M> {
    switch (message.kind) {
      case "CUT":
      case "TOKEN":
        if (message.epoch <= state.over || message.epoch < state.epoch) return state;
        return this.advance(this.cutBy(state, message.epoch, message.committed), from, message);
      case "REPORT":
      case "EXPECT":
      case "DONE":
        return message.epoch === state.epoch ? this.advance(state, from, message) : state;
      case "WELCOME":
        return state.mode === "joining" && state.epoch === 0
          ? this.skip(state, message.epoch)
          : state;
      case "ABORT":
        return this.onAbort(state, message.epoch);
      case "GO":
        if (state.epoch !== 0) this.out.discard();
        this.out.release();
        return this.leave(state);
      default:
        return state;
    }
  }

  private advance(
    state: ColouredMember<A, R, M>,
    from: Station,
    message: ColouredMessage<R>,
  ): ColouredMember<A, R, M> {
    [this.from, this.message] = [from, message];
    return this.way.advance(this, state);
  }

  /** It is told to be cut, which a message may have done already. */
  private cutBy(
    state: ColouredMember<A, R, M>,
    epoch: number,
    committed: number,
  ): ColouredMember<A, R, M> {
    const account = this.accounting.pruneAccount(state.account, committed);
    const known = { ...state, account };
    if (epoch === state.epoch) return known;
    if (state.mode !== "joining") return this.begin(known, epoch);
    // What was sent to it before the cut is let in, and the rest waits for its t0.
    this.out.admit();
    return this.begin({ ...known, colour: Math.max(state.colour, epoch - 1) }, epoch);
  }

  /** A later checkpoint means that the one under way was given up. */
  private begin(state: ColouredMember<A, R, M>, epoch: number): ColouredMember<A, R, M> {
    const { out } = this;
    if (state.epoch !== 0) out.discard();
    out.phase("save");
    out.capture("open");
    const over = Math.max(state.over, epoch - 1);
    return { ...without(state), over, epoch, stage: "save" };
  }

  private onTaken(state: ColouredMember<A, R, M>): ColouredMember<A, R, M> {
    const { out, accounting } = this;
    if (state.mode === "joining") out.release();
    out.admit();
    out.phase("channels");
    const own = accounting.report(state.account, state.self);
    return this.way.advance(
      this,
      { ...state, mode: "run", colour: state.epoch, stage: "open", own },
    );
  }

  expect(state: ColouredMember<A, R, M>, report: R): ColouredMember<A, R, M> {
    let missing = this.accounting.missing(report, state.self);
    for (const { from, tag } of state.late) {
      if (typeof missing === "string") break;
      missing = this.accounting.arrived(missing, from, tag);
    }
    return this.settle({ ...state, late: [] }, missing);
  }

  /** Closes the channels when nothing is missing. */
  private settle(state: ColouredMember<A, R, M>, missing: M | string): ColouredMember<A, R, M> {
    if (typeof missing === "string") return this.fail(state, missing);
    const next = { ...state, missing };
    if (this.accounting.count(missing) > 0) return next;
    this.out.closeChannels();
    return { ...next, stage: "closed" };
  }

  private fail(state: ColouredMember<A, R, M>, what: string): ColouredMember<A, R, M> {
    const why = `process ${state.self}: ${what}`;
    this.out.send("manager", { kind: "FAIL", epoch: state.epoch, why });
    return state;
  }

  finish(state: ColouredMember<A, R, M>): ColouredMember<A, R, M> {
    this.out.phase("run");
    return { ...without(state), over: state.epoch, saved: state.epoch };
  }

  /** An ABORT may overtake what it is about; then that comes to nothing. */
  private onAbort(state: ColouredMember<A, R, M>, epoch: number): ColouredMember<A, R, M> {
    const isIts = epoch === state.epoch;
    if (isIts || (state.epoch === 0 && epoch === state.saved)) this.out.discard();
    if (isIts) return this.skip(without(state), epoch);
    return epoch > state.epoch ? this.skip(state, epoch) : state;
  }

  /** There is no cut of that number, so messages of its colour are like any. */
  private skip(state: ColouredMember<A, R, M>, epoch: number): ColouredMember<A, R, M> {
    const { out } = this;
    if (state.mode === "joining") out.release();
    out.admit();
    out.phase("run");
    const over = Math.max(state.over, epoch), colour = Math.max(state.colour, epoch);
    return { ...state, mode: "run", over, colour };
  }

  /** Held, it sends nothing more; it goes when the manager has what it leaves behind. */
  private onExiting(state: ColouredMember<A, R, M>, killed: boolean): ColouredMember<A, R, M> {
    const { out } = this, report = this.accounting.legacy(state.account, state.self);
    if (!killed) {
      out.hold();
      out.send("manager", { kind: "LEAVE", report });
      return state;
    }
    if (state.epoch !== 0) out.discard();
    out.send("manager", { kind: "EXIT", report });
    return this.leave(state);
  }

  private leave(state: ColouredMember<A, R, M>): ColouredMember<A, R, M> {
    this.out.leave();
    return { ...without(state), mode: "gone" };
  }
}

/** The process outside of any checkpoint. */
function without<A, R, M>(state: ColouredMember<A, R, M>): ColouredMember<A, R, M> {
  const { missing: _missing, own: _own, ...rest } = state;
  return { ...rest, epoch: 0, stage: "none", late: [], route: NO_ROUTE };
}

/** Whom and what it waits for, in words; `words`: what stands for what is missing. */
export function memberWaitsFor<A, R, M>(
  { mode, stage, missing, epoch }: ColouredMember<A, R, M>,
  accounting: Accounting<A, R, M>,
): string | undefined {
  if (mode === "joining" && epoch === 0) return "the manager's WELCOME or CUT";
  switch (stage) {
    case "save":
      return "t0 of its own capture";
    case "open":
      return missing === undefined
        ? "word of what is missing"
        : `${accounting.count(missing)} messages that were sent to it`;
    case "closed":
      return "its own capture";
    case "saved":
      return "others behind it on the way of the control messages";
    default:
      return undefined;
  }
}
