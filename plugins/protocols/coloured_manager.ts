/** The manager of a checkpoint by coloured messages: begins it, adds reports up, declares the line. */
import type { ProcessId, ProtocolEvent } from "../../core/mod.ts";
import type {
  Accounting,
  ColouredManager,
  ColouredMessage,
  ColouredOut,
  Tag,
  Way,
} from "./coloured_state.ts";
import { including, lostBecause, named, without } from "./members.ts";

const TIMER = "timeout";

/** The most processes of whom a deficit is told. */
const MOST_TOLD = 4;

/** The manager at work: one event. */
export class ManagerTurn<A, R, M> {
  constructor(
    private readonly accounting: Accounting<A, R, M>,
    private readonly way: Way,
    private readonly out: ColouredOut<R>,
  ) {}

  /** What the manager does about an event. */
  handle(
    state: ColouredManager<R>,
    event: ProtocolEvent<ColouredMessage<R>, Tag>,
  ): ColouredManager<R> {
    switch (event.event) {
      case "requested":
        return state.mode === "idle" ? this.begin(state) : { ...state, wanted: state.wanted + 1 };
      case "control":
        return event.from === "manager" ? state : this.onControl(state, event.from, event.message);
      case "recorded":
        return state.mode === "record" ? this.commit(state) : state;
      case "joining":
        return this.onJoining(state, event.who);
      case "crashed":
        return this.onCrashed(state, event.who);
      case "restarted":
        return this.onRestarted(state, event.recorded);
      case "timer":
        return underWay(state) ? this.abort(state, timeoutText(state)) : state;
      default:
        return state;
    }
  }

  private onControl(
    state: ColouredManager<R>,
    from: ProcessId,
    message: ColouredMessage<R>,
  ): ColouredManager<R> {
    switch (message.kind) {
      case "LEAVE":
        return this.onLeave(state, from, message.report);
      case "EXIT":
        return this.onKilled(state, from, message.report);
      case "FAIL":
        return message.epoch === state.epoch && underWay(state)
          ? this.abort(state, message.why)
          : state;
      case "REPORT":
        return this.onReport(state, from, message.epoch, message.report);
      case "TOKEN":
        return message.lap === 1
          ? this.onReport(state, from, message.epoch, message.report)
          : this.onDone(state, from, message.epoch);
      case "DONE":
        return this.onDone(state, from, message.epoch);
      default:
        return state;
    }
  }

  private begin(state: ColouredManager<R>): ColouredManager<R> {
    const { out, accounting, way } = this, { lost, alive } = state;
    if (lost !== "" || alive.length === 0) {
      out.abort(lost === "" ? "no process is left to save" : lost);
      return state;
    }
    out.phase("collect");
    out.setTimer(TIMER, state.timeoutNs);
    const begun: ColouredManager<R> = {
      ...state,
      mode: "collect",
      epoch: state.epoch + 1,
      carry: accounting.pruneReport(state.carry, state.committed),
      report: accounting.nothing,
      heads: [],
      waiting: [],
      deficit: "",
    };
    return way.cut(begun, alive, accounting.nothing, out);
  }

  /** The one through whom the answer came waits no longer. */
  private answered(state: ColouredManager<R>, from: ProcessId): ColouredManager<R> | undefined {
    const head = this.way.headOf(state, from);
    if (head === undefined || !state.waiting.includes(head)) return undefined;
    return { ...state, waiting: without(state.waiting, head) };
  }

  private onReport(
    state: ColouredManager<R>,
    from: ProcessId,
    epoch: number,
    report: R,
  ): ColouredManager<R> {
    if (state.mode !== "collect" || epoch !== state.epoch) return state;
    const next = this.answered(state, from);
    if (next === undefined) return state;
    const sum = { ...next, report: this.accounting.sum([state.report, report]) };
    return sum.waiting.length > 0 ? sum : this.drain(sum);
  }

  /** All are cut, so it is known what was sent before and has not come. */
  private drain(state: ColouredManager<R>): ColouredManager<R> {
    const { out, accounting, way } = this, { committed, carry } = state;
    const members = membersOf(state);
    const total = accounting.pruneReport(accounting.sum([state.report, carry]), committed);
    const missing = members.map((who) => accounting.missing(total, who));
    const wrong = missing.find((each) => typeof each === "string");
    if (typeof wrong === "string") return this.abort(state, wrong);
    const lacks = members.flatMap((who, at) => {
      const count = accounting.count(missing[at] as M);
      return count === 0 ? [] : [`process ${who} lacked ${count}`];
    });
    const more = lacks.length > MOST_TOLD ? ` and ${lacks.length - MOST_TOLD} more processes` : "";
    out.phase("drain");
    way.expect(state, (who) => accounting.of(total, who), out);
    return {
      ...state,
      mode: "drain",
      report: accounting.nothing,
      waiting: state.heads.map(([head]) => head as ProcessId),
      deficit: lacks.slice(0, MOST_TOLD).join(", ") + more,
    };
  }

  private onDone(state: ColouredManager<R>, from: ProcessId, epoch: number): ColouredManager<R> {
    if (state.mode !== "drain" || epoch !== state.epoch) return state;
    const next = this.answered(state, from);
    if (next === undefined) return state;
    if (next.waiting.length > 0) return next;
    this.out.clearTimer(TIMER);
    this.out.phase("record");
    this.out.done(membersOf(next));
    return { ...next, mode: "record" };
  }

  private commit(state: ColouredManager<R>): ColouredManager<R> {
    return this.settle({ ...state, committed: state.epoch });
  }

  private abort(state: ColouredManager<R>, why: string): ColouredManager<R> {
    const { out } = this, { epoch } = state;
    out.clearTimer(TIMER);
    for (const who of state.alive) out.send(who, { kind: "ABORT", epoch });
    out.abort(why);
    return this.settle(state);
  }

  /** Idle again: lets those go who want to end, and begins what was asked for meanwhile. */
  private settle(state: ColouredManager<R>): ColouredManager<R> {
    this.out.phase("idle");
    let idle: ColouredManager<R> = {
      ...state,
      mode: "idle",
      heads: [],
      waiting: [],
      report: this.accounting.nothing,
      deficit: "",
    };
    for (const { who, report } of state.leavers) idle = this.letGo(idle, who, report);
    idle = { ...idle, leavers: [] };
    while (idle.wanted > 0 && idle.mode === "idle") {
      idle = this.begin({ ...idle, wanted: idle.wanted - 1 });
    }
    return idle;
  }

  /** Whoever wants to end sends nothing more; a checkpoint under way is with it. */
  private onLeave(state: ColouredManager<R>, who: ProcessId, report: R): ColouredManager<R> {
    // Killed meanwhile, it has said so, and what it left is known.
    if (!state.alive.includes(who)) return state;
    if (state.mode === "idle") return this.letGo(state, who, report);
    const others = state.leavers.filter((leaver) => leaver.who !== who);
    return { ...state, leavers: [...others, { who, report }].sort((a, b) => a.who - b.who) };
  }

  private letGo(state: ColouredManager<R>, who: ProcessId, report: R): ColouredManager<R> {
    this.out.send(who, { kind: "GO" });
    return this.without(state, who, report);
  }

  /** It is not there any more, and what it has sent is not forgotten. */
  private without(state: ColouredManager<R>, who: ProcessId, report: R): ColouredManager<R> {
    return {
      ...state,
      alive: without(state.alive, who),
      leavers: state.leavers.filter((leaver) => leaver.who !== who),
      carry: this.accounting.sum([state.carry, report]),
    };
  }

  private onKilled(state: ColouredManager<R>, who: ProcessId, report: R): ColouredManager<R> {
    if (!state.alive.includes(who)) return state;
    const left = this.without(state, who, report);
    return underWay(state)
      ? this.abort(left, `process ${who} was killed during the checkpoint`)
      : left;
  }

  /** While somebody may not be cut yet, and so may send to it before the cut, it takes part. */
  private onJoining(state: ColouredManager<R>, who: ProcessId): ColouredManager<R> {
    const joined = { ...state, alive: including(state.alive, who) };
    if (state.mode === "collect") {
      return this.way.cut(joined, [who], this.accounting.nothing, this.out);
    }
    this.out.send(who, { kind: "WELCOME", epoch: state.epoch });
    return joined;
  }

  /** Its account is gone with it, so from now on nobody can be told what is missing. */
  private onCrashed(state: ColouredManager<R>, who: ProcessId): ColouredManager<R> {
    if (!state.alive.includes(who)) return state;
    const lost = state.lost === "" ? lostBecause(who) : state.lost;
    const left = this.without({ ...state, lost }, who, this.accounting.nothing);
    return underWay(state) ? this.abort(left, lost) : left;
  }

  /** What it knows is in stable storage and what was sent to it has waited; timers have not. */
  private onRestarted(state: ColouredManager<R>, recorded: boolean): ColouredManager<R> {
    if (underWay(state)) this.out.setTimer(TIMER, state.timeoutNs);
    if (state.mode !== "record") return state;
    if (recorded) return this.commit(state);
    return this.abort(state, "the manager crashed before the line was recorded");
  }
}

/** Whoever was told to be cut. */
const membersOf = <R>({ heads }: ColouredManager<R>): readonly ProcessId[] =>
  heads.flat().sort((a, b) => a - b);

const underWay = <R>({ mode }: ColouredManager<R>): boolean =>
  mode === "collect" || mode === "drain";

/** Who has not answered, and who lacked what when all had reported. */
function timeoutText<R>({ mode, waiting, deficit }: ColouredManager<R>): string {
  const what = mode === "collect" ? "report" : "end";
  const lacked = deficit === ""
    ? ""
    : `; when all had reported, ${deficit} of the messages sent to it`;
  return `timeout: no ${what} from ${named(waiting)} or who is reached through it${lacked}`;
}

/** Whom it waits for, in words. */
export function managerWaitsFor<R>(state: ColouredManager<R>): string | undefined {
  const { mode, waiting, deficit } = state;
  if (mode === "idle") return undefined;
  if (mode === "record") return "the line to become durable";
  const whom = `${mode === "collect" ? "the report" : "the end"} of ${named(waiting)} and who is ` +
    "reached through it";
  return deficit === "" ? whom : `${whom} (when all had reported, ${deficit})`;
}
