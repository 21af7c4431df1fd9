/**
 * The protocol's manager: an actor that is no process. It handles one message after the other, each
 * in the time a control message costs, and keeps its state and what it has decided to send in stable
 * storage: a crash costs it the time it is down, its timers, and a line it was about to record.
 */
import { Actor, type Effect, Timers } from "./actor.ts";
import type { ControlMessage, ProcessId, Protocol, ProtocolEvent, Station } from "./protocol.ts";

/** What a manager does to the world; times in ns. */
export interface ManagerHost {
  /** `cause`: what {@linkcode cause} was when it decided to send this. */
  send(at: number, to: ProcessId, message: ControlMessage, cause: unknown): void;
  /** What it is busy with. */
  cause(): unknown;
  /** A line is declared: says when it will be durable. */
  declare(at: number, members: readonly ProcessId[]): number;
  /** The line is durable now; false when it cannot be. */
  record(at: number): boolean;
  /** The line that was declared has been dealt with. */
  finish(at: number): void;
  abort(at: number, why: string): void;
  /** A move is over, or will not be. */
  settled(at: number, who: ProcessId, members: readonly ProcessId[]): void;
  refused(at: number, who: ProcessId, why: string): void;
  phase(at: number, name: string): void;
  log(at: number, text: string): void;
}

/** A message; or what it says of a move, when all before it is sent. */
type Outgoing =
  & { readonly at: number }
  & (
    | { readonly to: ProcessId; readonly message: ControlMessage; readonly cause: unknown }
    | { readonly answer: Extract<Effect, { readonly effect: "settled" | "refused" }> }
  );

interface Waiting {
  readonly at: number;
  readonly event: ProtocolEvent;
}

/** The manager of a cluster. */
export class Manager {
  /** It has crashed and is not back. */
  isDown = false;
  private readonly actor: Actor;
  private readonly timers = new Timers();
  private waiting: Waiting[] = [];
  /** Up to when it is busy, in ns. */
  private clock = 0;
  /** When the line it declared will be durable. */
  private recordsAt: number | undefined;
  private wasRecorded = false;
  /** What it has decided to send, each at its time: one message after the other. */
  private outbox: Outgoing[] = [];
  /** The line is dealt with when the outbox is empty. */
  private finishes = false;

  /** `messageNs`: what handling or sending one control message takes. */
  constructor(
    protocol: Protocol,
    state: unknown,
    private readonly messageNs: number,
    private readonly host: ManagerHost,
  ) {
    this.actor = new Actor(protocol, state, (effect) => this.perform(effect));
  }

  /** When it has something to do, in ns; Infinity for never. */
  get next(): number {
    if (this.isDown) return Infinity;
    const first = Math.min(this.waiting[0]?.at ?? Infinity, this.timers.next);
    return Math.min(first, this.recordsAt ?? Infinity, this.outbox[0]?.at ?? Infinity);
  }

  /** Who has sent it what it has not handled yet. */
  get unheard(): readonly Station[] {
    return this.waiting.flatMap(({ event }) => event.event === "control" ? [event.from] : []);
  }

  /** Something happens at that time; what comes while it is down waits. */
  tell(at: number, event: ProtocolEvent): void {
    this.waiting.push({ at, event });
    this.waiting.sort((a, b) => a.at - b.at);
  }

  /** Handles what happens before that time. */
  advance(until: number): void {
    for (let next = this.next; next < until; next = this.next) this.step(next);
  }

  /** It is gone until it is restarted. */
  crash(): void {
    this.isDown = true;
    this.timers.clear();
    this.recordsAt = undefined;
  }

  /** It is back: what it had decided to send goes out first. */
  restart(at: number): void {
    this.isDown = false;
    this.clock = at;
    this.outbox = this.outbox.map((outgoing) => ({ ...outgoing, at: this.nextSlot() }));
    this.waiting = this.waiting.map(({ event }) => ({ at, event }));
    this.waiting.unshift({ at, event: { event: "restarted", recorded: this.wasRecorded } });
  }

  private step(at: number): void {
    const first = this.outbox[0];
    if (first !== undefined && first.at <= at) return this.sendFirst(first);
    this.clock = Math.max(this.clock, at);
    if (this.recordsAt === at) {
      this.recordsAt = undefined;
      this.wasRecorded = this.host.record(at);
      // As after a crash: the line it has declared is there, or it is not.
      if (this.wasRecorded) this.actor.tell({ event: "recorded" });
      else this.actor.tell({ event: "restarted", recorded: false });
      this.finishes = true;
      return this.finish();
    }
    const timer = this.timers.next <= at ? this.timers.take(at) : undefined;
    if (timer !== undefined) return this.actor.tell({ event: "timer", name: timer });
    const waiting = this.waiting.shift();
    if (waiting === undefined) return;
    if (waiting.event.event === "control") this.clock += this.messageNs;
    this.actor.tell(waiting.event);
  }

  private sendFirst(first: Outgoing): void {
    const { at } = first;
    this.outbox.shift();
    if ("message" in first) this.host.send(at, first.to, first.message, first.cause);
    else if (first.answer.effect === "refused") {
      this.host.refused(at, first.answer.who, first.answer.why);
    } else this.host.settled(at, first.answer.who, first.answer.members);
    this.finish();
  }

  private finish(): void {
    if (!this.finishes || this.outbox.length > 0) return;
    this.finishes = false;
    this.host.finish(Math.ceil(this.clock));
  }

  /** When the next message can leave; sending takes its time. */
  private nextSlot(): number {
    this.clock += this.messageNs;
    return Math.ceil(this.clock);
  }

  private perform(effect: Effect): void {
    const { host } = this;
    switch (effect.effect) {
      case "send":
        // A manager has nobody but the members to talk to.
        this.outbox.push({
          at: this.nextSlot(),
          to: effect.to as ProcessId,
          message: effect.message,
          cause: host.cause(),
        });
        return;
      case "done":
        this.wasRecorded = false;
        this.recordsAt = host.declare(Math.ceil(this.clock), effect.members);
        return;
      case "abort":
        this.recordsAt = undefined;
        return host.abort(Math.ceil(this.clock), effect.text);
      case "settled":
      case "refused":
        this.outbox.push({ at: Math.ceil(this.clock), answer: effect });
        return;
      case "phase":
        return host.phase(Math.ceil(this.clock), effect.name);
      case "log":
        return host.log(Math.ceil(this.clock), effect.text);
      case "timer":
        return this.timers.set(
          effect.name,
          effect.afterNs === undefined ? undefined : Math.ceil(this.clock + effect.afterNs),
        );
      default:
        throw new Error(`a manager has no process to ${effect.effect}`);
    }
  }
}
