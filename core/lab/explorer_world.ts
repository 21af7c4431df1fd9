/** What a step does to an explored world. */
import { answer, giveUp, owe } from "./explorer_answers.ts";
import type { ProcessId, ProtocolEvent, Withheld } from "../cluster/protocol.ts";
import { type Effect, MEMBER_EFFECTS } from "./explorer_actors.ts";
import { comesBack, hasPlace, hasRead, hasSent, recovered } from "./explorer_alone.ts";
import {
  type Arriving,
  beginCapture,
  closeChannels,
  discardCapture,
  failCapture,
  isThere,
  recordMessage,
  saveState,
  takeCapture,
} from "./explorer_captures.ts";
import { withoutLine, withoutRound } from "./explorer_cost.ts";
import { PLAIN } from "./explorer_events.ts";
import { makePermanent, withFitting } from "./explorer_fitting.ts";
import { applyMove, checkPlace, doMove, endMoving } from "./explorer_moves.ts";
import { checkLine, type Rules, violate } from "./explorer_rules.ts";
import {
  type Budget,
  messageIn,
  packetOf,
  setTimer,
  type Situation,
} from "./explorer_situation.ts";
import { keptPackets, withheldOf, withoutBelow } from "./explorer_message.ts";
import { isForNobody, NOBODY, withoutAll } from "./explorer_nobody.ts";
import { isPause, stationName, type Step } from "./explorer_step.ts";

/** A message that was put into a channel in a step. */
export interface Departure {
  readonly from: number;
  readonly to: number;
  readonly packet: number;
}

/** The world while one step is done. */
class Doing {
  readonly departures: Departure[] = [];
  private readonly manager: number;
  /** What is put on the message that is being sent, -1 for nothing; and the bit of it. */
  private piggyback = -1;
  private sending = 0;
  /** The message that is arriving, and what becomes of it. */
  private arriving: Arriving | undefined;
  /** Receivers and packets that are let in now. */
  private readonly admitted: (readonly [ProcessId, number])[] = [];

  constructor(readonly moment: Situation, readonly rules: Rules) {
    this.manager = rules.given.plan.length;
  }

  /** Does a step, and lets in what it admits. */
  do(step: Step): void {
    this.begin(step);
    for (let next = this.admitted.shift(); next !== undefined; next = this.admitted.shift()) {
      this.arrive(...next);
    }
  }

  private begin(step: Step): void {
    const { moment } = this;
    switch (step.step) {
      case "send":
        return this.send(step.who);
      case "deliver":
        return this.deliver(step.from, step.to, step.packet);
      case "taken":
        return this.taken(step.who);
      case "saved":
        return this.saved(step.who);
      case "fail":
        this.spend("failures");
        this.excuse();
        failCapture(moment, step.who);
        return this.tell(step.who, PLAIN.failed);
      case "recorded":
        return this.recorded(step.station);
      case "request":
        return this.request(step.who);
      case "restart":
        return this.restart();
      case "exit":
        this.spend("exits");
        moment.counts = undefined;
        moment.life = moment.life.with(step.who, "ending");
        return this.tell(step.who, PLAIN.exiting);
      case "kill":
        return this.kill(step.who);
      case "crash":
        return this.crash(step.who);
      case "comeback":
        return this.comeBack(step.who);
      case "notice":
        moment.unnoticed = moment.unnoticed.filter((who) => who !== step.who);
        return this.tellDeclarers({ event: "crashed", who: step.who });
      case "join":
        return this.join(step.who);
      case "timer":
        if (!isPause(this.rules.actors.protocol, step.name)) {
          if (moment.left.timeouts > 0) this.spend("timeouts");
          this.excuse();
        }
        setTimer(moment, `${step.station} ${step.name}`, false);
        return this.tell(step.station, { event: "timer", name: step.name });
      default:
        for (const { to, event } of doMove(moment, step, this.rules)) this.tell(to, event);
    }
  }

  private send(who: ProcessId): void {
    const index = this.moment.sent[who] as number;
    const { messages } = this.rules;
    const number = messages.findIndex((sent) => sent.from === who && sent.index === index);
    const to = messages[number]?.to as ProcessId;
    this.sending = 1 << number;
    this.tell(who, this.rules.events.sending(number));
    this.sending = 0;
    hasSent(this.moment, who, index);
    this.moment.sent = this.moment.sent.with(who, index + 1);
    checkPlace(this.moment, who, number, this.rules);
    this.put(who, to, packetOf(number, this.piggyback));
  }

  private deliver(from: number, to: number, packet: number): void {
    const { moment } = this;
    const channel = this.channelOf(from, to);
    const rest = [...moment.channels[channel] ?? []];
    rest.splice(rest.indexOf(packet), 1);
    moment.channels = moment.channels.with(channel, rest);
    if (moment.life[to] === "unborn") return;
    if (packet >= 0) {
      return this.tell(to, this.rules.events.control(from, from === this.manager, packet));
    }
    this.arrive(to, packet);
  }

  /** An application message comes to the receive buffer, unless it is withheld. */
  private arrive(to: ProcessId, packet: number): void {
    const { moment } = this;
    if (!this.isPresent(to)) return;
    const number = messageIn(packet);
    const now: Arriving = this.arriving = { bit: 1 << number, fate: "arrive" };
    this.tell(to, this.rules.events.arriving(packet));
    this.arriving = undefined;
    if (now.fate === "withhold") {
      moment.withheld = moment.withheld.with(to, [...moment.withheld[to] ?? [], packet]);
    }
    if (now.fate !== "arrive") return;
    hasRead(moment, to, number, this.rules);
    moment.arrived |= now.bit;
  }

  private taken(who: ProcessId): void {
    takeCapture(this.moment, who, this.rules);
    this.tell(who, PLAIN.taken);
    saveState(this.moment, who, this.rules);
  }

  private saved(who: ProcessId): void {
    const capture = this.moment.captures[who];
    if (capture !== undefined) {
      this.moment.captures = this.moment.captures.with(who, { ...capture, stage: "durable" });
      if (capture.lines.last > 0) withFitting(this.moment, who, capture, this.rules);
      hasPlace(this.moment, who, capture);
    }
    this.tell(who, PLAIN.saved);
  }

  private request(one: ProcessId | undefined): void {
    const { moment } = this;
    this.spend("requests");
    if (this.hasManager) {
      owe(this.moment, this.manager, 1);
      return this.tell(this.manager, PLAIN.requested);
    }
    moment.life.forEach((_, who) => {
      if (!this.isPresent(who) || (one ?? who) !== who) return;
      owe(this.moment, who, 1);
      this.tell(who, PLAIN.requested);
    });
  }

  /** Its state and its messages outlive the manager; the line it was recording does not. */
  private restart(): void {
    const { moment, manager } = this;
    this.spend("restarts");
    this.excuse();
    moment.timers = moment.timers.filter((each) => !each.startsWith(`${manager} `));
    const isRecording = moment.records.includes(manager);
    moment.records = moment.records.filter((station) => station !== manager);
    this.tell(manager, { event: "restarted", recorded: !isRecording && moment.completed > 0 });
  }

  private kill(who: ProcessId): void {
    const { moment } = this;
    this.spend("kills");
    this.excuse();
    const isSaved = isThere(moment.captures[who]);
    this.tell(who, PLAIN.killed);
    moment.life = moment.life.with(who, "gone");
    this.forget(who);
    if (!isSaved) moment.captures = moment.captures.with(who, undefined);
  }

  private crash(who: ProcessId): void {
    const { moment } = this;
    this.spend("crashes");
    this.excuse();
    moment.life = moment.life.with(who, "lost");
    this.forget(who);
    if (!isThere(moment.captures[who])) {
      moment.captures = moment.captures.with(who, undefined);
    }
    moment.unnoticed = [...moment.unnoticed, who].sort((a, b) => a - b);
    moment.owed = moment.owed.with(who, 0);
    moment.records = moment.records.filter((station) => station !== who);
  }

  private comeBack(who: ProcessId): void {
    for (const { to, packet } of comesBack(this.moment, who, this.rules)) this.put(who, to, packet);
    this.tell(who, PLAIN.recovering);
  }

  /** Who is no longer there is not held, and what was kept from it is nobody's. */
  private forget(who: ProcessId): void {
    this.moment.held = this.moment.held.with(who, false);
    this.moment.withheld = this.moment.withheld.with(who, []);
    endMoving(this.moment, who);
    withoutAll(this.moment, who, this.rules.actors.protocol);
  }

  private join(who: ProcessId): void {
    const { moment, rules } = this;
    this.spend("joins");
    moment.counts = undefined;
    moment.life = moment.life.with(who, "running");
    const members = moment.life.flatMap((_, rank) => this.isPresent(rank) ? [rank] : []);
    moment.actors = moment.actors.with(who, rules.actors.member(who, members));
    const event: ProtocolEvent = { event: "joining", who };
    for (const member of members) this.tell(member, event);
    if (this.hasManager) this.tell(this.manager, event);
  }

  private spend(what: keyof Budget): void {
    const { left } = this.moment;
    this.moment.left = { ...left, [what]: left[what] - 1 };
  }

  private excuse(): void {
    this.moment.excused = true;
    this.moment.counts = undefined;
  }

  private get hasManager(): boolean {
    return this.moment.actors[this.manager] !== undefined;
  }

  private isPresent(who: ProcessId): boolean {
    return this.moment.life[who] === "running" || this.moment.life[who] === "ending";
  }

  private tellDeclarers(event: ProtocolEvent): void {
    if (this.hasManager) return this.tell(this.manager, event);
    this.moment.life.forEach((_, who) => {
      if (this.isPresent(who)) this.tell(who, event);
    });
  }

  private tell(station: number, event: ProtocolEvent): void {
    const { actors } = this.rules;
    const before = this.moment.actors[station] as number;
    if (before === NOBODY) return;
    const reaction = this.reaction(station, () => actors.handle(before, event));
    if (reaction === undefined) return;
    this.moment.actors = this.moment.actors.with(station, reaction.actor);
    for (const effect of reaction.effects) this.apply(station, effect);
  }

  private reaction<T>(station: number, handle: () => T): T | undefined {
    try {
      return handle();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const who = stationName(station, this.rules.given);
      violate(this.rules, "broken", `the actor of ${who} threw: ${why}`);
      return undefined;
    }
  }

  private apply(station: number, effect: Effect): void {
    const { moment } = this;
    if (station === this.manager && MEMBER_EFFECTS.includes(effect.effect)) {
      return violate(this.rules, "broken", `the manager has no process to ${effect.effect}`);
    }
    switch (effect.effect) {
      case "send":
        this.count(effect.kind);
        return this.put(
          station,
          effect.to === "manager" ? this.manager : effect.to,
          effect.message,
        );
      case "capture":
        return beginCapture(moment, station, effect.channels, this.rules);
      case "piggyback":
        this.piggyback = effect.value;
        return;
      case "keep":
        if (this.sending === 0 || moment.kept.length === 0) {
          return this.outOfPlace(station, "keeps a message");
        }
        moment.kept = moment.kept.with(station, (moment.kept[station] as number) | this.sending);
        return;
      case "prune":
        moment.kept = withoutBelow(moment.kept, station, effect, this.rules.messages);
        return;
      case "withhold":
      case "drop":
        if (this.arriving === undefined) return this.outOfPlace(station, `${effect.effect}s`);
        this.arriving.fate = effect.effect;
        return;
      case "admit":
        return this.admit(station, effect.which);
      case "resend":
        for (const packet of keptPackets(moment, station, effect, this.rules)) {
          this.put(station, effect.to, packet);
        }
        return;
      case "recovered":
        return recovered(moment, station);
      case "record":
        if (!recordMessage(moment, station, this.arriving)) this.outOfPlace(station, "records");
        return;
      case "closeChannels":
        return closeChannels(moment, station) ? undefined : this.outOfPlace(station, "closes");
      case "discard":
        return discardCapture(moment, station, this.rules);
      case "hold":
      case "release":
        moment.held = moment.held.with(station, effect.effect === "hold");
        return;
      case "leave":
        moment.life = moment.life.with(station, "gone");
        return this.forget(station);
      case "done":
        return this.declare(station, effect.members);
      case "abort":
        return giveUp(moment, station, effect.why, this.rules);
      case "timer":
      case "clear":
        return setTimer(moment, `${station} ${effect.name}`, effect.effect === "timer");
      default:
        return applyMove(moment, station, effect, this.rules);
    }
  }

  private outOfPlace(who: ProcessId, does: string): void {
    violate(this.rules, "broken", `the member of process ${who} ${does} out of place`);
  }

  private admit(who: ProcessId, which?: readonly Withheld[]): void {
    const { moment } = this;
    if (which !== undefined) {
      const { taken, left } = withheldOf(moment.withheld[who] ?? [], which, this.rules);
      for (const packet of taken) this.admitted.push([who, packet]);
      moment.withheld = moment.withheld.with(who, left);
      return;
    }
    if (this.arriving !== undefined) return this.outOfPlace(who, "admits messages");
    for (const packet of moment.withheld[who] ?? []) this.admitted.push([who, packet]);
    moment.withheld = moment.withheld.with(who, []);
  }

  private declare(station: number, members: readonly ProcessId[]): void {
    const { moment } = this;
    checkLine(moment, members, this.rules);
    if (this.rules.actors.protocol.tentative === true) this.declareTentative(members);
    else for (const who of members) moment.captures = moment.captures.with(who, undefined);
    moment.records = [...moment.records, station].sort((a, b) => a - b);
  }

  private declareTentative(members: readonly ProcessId[]): void {
    const { moment, rules } = this;
    const dependencies = makePermanent(moment, members, rules);
    if (moment.counts === undefined || rules.cost.perDependency === undefined) return;
    moment.counts = withoutLine(moment.counts, rules.cost, members.length, dependencies);
  }

  private recorded(station: number): void {
    const { moment } = this;
    const rest = [...moment.records];
    rest.splice(rest.indexOf(station), 1);
    moment.records = rest;
    answer(moment, station, true, this.rules);
    if (station === this.manager || this.isPresent(station)) {
      this.tell(station, PLAIN.recorded);
    }
  }

  private count(kind: string): void {
    const { kinds } = this.rules.actors.protocol;
    const index = kinds.indexOf(kind);
    if (index < 0) violate(this.rules, "broken", `${kind} is not among the protocol's kinds`);
    const { moment: { counts, left }, rules: { cost, given } } = this;
    if (counts === undefined) return;
    const more = counts.map((count, each) => each === index ? count + 1 : count);
    this.moment.counts = withoutRound(more, cost, given.requests - left.requests);
  }

  private put(from: number, to: number, packet: number): void {
    this.departures.push({ from, to, packet });
    if (isForNobody(this.moment, to, packet, this.rules.actors.protocol)) return;
    const channel = this.channelOf(from, to);
    const packets = [...this.moment.channels[channel] ?? [], packet];
    // Without order it does not matter who came first, so equal contents are to look equal.
    if (this.rules.given.order === "any") packets.sort((a, b) => a - b);
    this.moment.channels = this.moment.channels.with(channel, packets);
  }

  private channelOf(from: number, to: number): number {
    return from * (this.manager + 1) + to;
  }
}

/** The world after a step, and what was sent in it. Throws {@linkcode Violated}. */
export function afterStep(
  before: Situation,
  step: Step,
  rules: Rules,
): { moment: Situation; departures: readonly Departure[] } {
  const doing = new Doing({ ...before }, rules);
  doing.do(step);
  return { moment: doing.moment, departures: doing.departures };
}
