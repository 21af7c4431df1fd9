/** A process's member of the coordination protocol: the actor, and what it may do to the process. */
import type { Endpoint } from "../kernel/endpoint.ts";
import { Actor, askProtocol, type Effect, Timers } from "./actor.ts";
import type { CaptureOrder } from "./domain.ts";
import type { Told } from "./facts.ts";
import type { ControlMessage, Protocol, ProtocolEvent, Station } from "./protocol.ts";

/** Bytes of a control message on the wire besides what it carries. */
export const CONTROL_HEADER = 40;

/** Where a member stands, as plain data: what goes with its process when that moves. */
export interface Standing {
  /** Of the actor. */
  readonly state: unknown;
  /** What the checkpoint under way, or the next one, is about. */
  readonly order?: CaptureOrder | undefined;
  /** The application has asked whether it may end, and was let go. */
  readonly asked?: boolean;
  readonly left?: boolean;
  /** The application is kept from sending, receiving and ending. */
  readonly held?: boolean;
  /** Timers by name, in ns. */
  readonly timers?: readonly (readonly [string, number])[];
}

/** What a member works on. */
export interface MemberHost {
  readonly endpoint: Endpoint;
  /** The clock in ns. */
  now(): number;
  /** Takes the time one control message costs. */
  charge(): void;
  tell(fact: Told): void;
  capture(order: CaptureOrder): void;
  discard(order: CaptureOrder): void;
}

/** One process's part in the protocol. */
export class Member {
  readonly timers = new Timers();
  private readonly actor: Actor;
  /** What the checkpoint under way, or the next one, is about. */
  private order: CaptureOrder | undefined;
  private asked: boolean;
  private left: boolean;
  private gone = false;

  constructor(
    private readonly protocol: Protocol,
    { state, order, asked = false, left = false, held = false, timers = [] }: Standing,
    private readonly host: MemberHost,
  ) {
    this.actor = new Actor(protocol, state, (effect) => this.perform(effect));
    this.order = order;
    this.asked = asked;
    this.left = left;
    if (held) host.endpoint.hold();
    for (const [name, at] of timers) this.timers.set(name, at);
  }

  get standing(): Standing {
    const { order, asked, left, timers, host: { endpoint: { held } } } = this;
    return { state: this.actor.state, order, asked, left, held, timers: timers.all };
  }

  /** The next global checkpoint is this one. */
  announce(order: CaptureOrder): void {
    this.order = order;
  }

  /** Without a manager: its own checkpoint is wanted. */
  request(order: CaptureOrder): void {
    this.order = order;
    this.tell({ event: "requested" });
  }

  /** A control message has arrived. */
  control(from: Station, message: ControlMessage): void {
    if (this.gone) return;
    this.host.charge();
    this.tell({ event: "control", from, message });
  }

  tell(event: ProtocolEvent): void {
    if (!this.gone) this.actor.tell(event);
  }

  /** The local checkpoint is durable. */
  saved(): void {
    this.tell({ event: "saved" });
  }

  /** The timers that are due by then. */
  timer(now: number): void {
    const name = this.timers.take(now);
    if (name !== undefined) this.tell({ event: "timer", name });
  }

  /** The application wants to end; it may when the protocol has let it go. */
  mayLeave(): boolean {
    if (!this.asked) {
      this.asked = true;
      this.host.tell({ fact: "leaving" });
      this.tell({ event: "exiting", killed: false });
    }
    return this.left;
  }

  /** The process has ended; one that was killed had no time to ask. */
  ended(): void {
    if (!this.left) this.tell({ event: "exiting", killed: true });
    this.gone = true;
    this.timers.clear();
  }

  private perform(effect: Effect): void {
    const { host, order } = this;
    switch (effect.effect) {
      case "send": {
        host.charge();
        const { to, message } = effect;
        const bytes = CONTROL_HEADER +
          askProtocol(this.protocol, () => this.protocol.size(message));
        return host.tell({ fact: "sent", to, bytes, body: { kind: "control", message } });
      }
      case "capture":
        if (order === undefined) throw new Error("a capture that nobody has ordered");
        return host.capture(order);
      case "discard":
        if (order !== undefined) host.discard(order);
        return;
      case "hold":
        return host.endpoint.hold();
      case "release":
        return host.endpoint.release();
      case "leave":
        this.left = true;
        return host.endpoint.wakeLeaving();
      case "done":
        return host.tell({ fact: "done", members: effect.members });
      case "abort":
        return host.tell({ fact: "aborted", why: effect.text });
      case "log":
        return host.tell({ fact: "event", kind: "protocol", text: effect.text });
      case "phase":
        return host.tell({ fact: "phase", phase: effect.name });
      case "timer":
        return this.timers.set(
          effect.name,
          effect.afterNs === undefined ? undefined : host.now() + effect.afterNs,
        );
    }
  }
}
