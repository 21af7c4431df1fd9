/** A process's member of the coordination protocol: the actor, and what it may do to the process. */
import { StrategyError } from "../image/capture_order.ts";
import type { Endpoint, Message } from "../kernel/endpoint.ts";
import { Actor, askProtocol, type Effect, Timers } from "./actor.ts";
import type { CaptureOrder } from "./domain.ts";
import { idOf, type Told } from "./facts.ts";
import type { LocalCheckpoints } from "./local_checkpoints.ts";
import type { ControlMessage, ProcessId, Protocol, ProtocolEvent, Station } from "./protocol.ts";

/** Bytes of a control message on the wire besides what it carries. */
export const CONTROL_HEADER = 40;

const OPEN = "a local checkpoint with open channels, after its 'taken'";

/** An application message, and what the sender's member has put on it. */
export interface Arriving {
  readonly message: Message;
  readonly piggyback: unknown;
}

/** Where a member stands, as plain data: what goes with its process when that moves. */
export interface Standing {
  /** Of the actor. */
  readonly state: unknown;
  /** What the checkpoint under way, or the next one, is about. */
  readonly order?: CaptureOrder | undefined;
  /** What the local checkpoint is of that was begun last. */
  readonly begun?: CaptureOrder | undefined;
  /** The application has asked whether it may end, and was let go. */
  readonly asked?: boolean;
  readonly left?: boolean;
  /** The application is kept from sending, receiving and ending. */
  readonly held?: boolean;
  /** Timers by name, in ns. */
  readonly timers?: readonly (readonly [string, number])[];
  /** Messages that wait outside the receive buffer, in the order in which they came. */
  readonly withheld?: readonly Arriving[];
}

/** What a member works on. */
export interface MemberHost {
  readonly endpoint: Endpoint;
  /** The clock in ns. */
  now(): number;
  /** Takes the time one control message costs. */
  charge(): void;
  tell(fact: Told): void;
  /** Puts a message into the receive buffer. */
  deliver(message: Message): void;
  readonly checkpoints: Pick<
    LocalCheckpoints,
    "capture" | "discard" | "record" | "closeChannels"
  >;
}

/** One process's part in the protocol. */
export class Member {
  readonly timers = new Timers();
  private readonly actor: Actor;
  /** What the checkpoint under way, or the next one, is about. */
  private order: CaptureOrder | undefined;
  /** What the local checkpoint is of that was begun last: the next one may be announced already. */
  private begun: CaptureOrder | undefined;
  private asked: boolean;
  private left: boolean;
  private gone = false;
  private withheld: Arriving[];
  /** Admitted, and not arrived once more yet. */
  private admitted: Arriving[] = [];
  private isLettingIn = false;
  /** The message that is arriving, and whether it is to be withheld. */
  private arriving: { readonly message: Message; isWithheld: boolean } | undefined;
  /** What goes with the message that is being sent. */
  private piggyback: { readonly value: unknown } | undefined;

  constructor(
    private readonly protocol: Protocol,
    { state, order, begun, asked = false, left = false, held = false, timers = [], withheld = [] }:
      Standing,
    private readonly host: MemberHost,
  ) {
    this.actor = new Actor(protocol, state, (effect, of) => this.perform(effect, of));
    this.order = order;
    this.begun = begun;
    this.withheld = [...withheld];
    this.asked = asked;
    this.left = left;
    if (held) host.endpoint.hold();
    for (const [name, at] of timers) this.timers.set(name, at);
  }

  get standing(): Standing {
    const { order, begun, asked, left, timers, withheld, host: { endpoint: { held } } } = this;
    return {
      state: this.actor.state,
      order,
      begun,
      asked,
      left,
      held,
      timers: timers.all,
      withheld,
    };
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
    if (this.gone) return;
    this.actor.tell(event);
    this.letIn();
  }

  /** An application message is there. */
  arrives(arriving: Arriving): void {
    this.arrive(arriving);
    this.letIn();
  }

  /** It comes to the receive buffer, unless it is withheld. */
  private arrive(arriving: Arriving): void {
    const { message, piggyback } = arriving, { from } = message;
    const now = this.arriving = { message, isWithheld: false };
    this.tell({ event: "arriving", from, ...piggyback === undefined ? {} : { piggyback } });
    this.arriving = undefined;
    if (!now.isWithheld) return this.host.deliver(message);
    this.withheld.push(arriving);
    this.host.tell({ fact: "withheld", id: idOf(message) });
  }

  /** What was admitted arrives, when nothing else is in the middle of happening. */
  private letIn(): void {
    if (this.actor.isBusy || this.arriving !== undefined || this.isLettingIn) return;
    this.isLettingIn = true;
    try {
      for (let next = this.admitted.shift(); next !== undefined; next = this.admitted.shift()) {
        this.arrive(next);
      }
    } finally {
      this.isLettingIn = false;
    }
  }

  /** The application sends a message; what goes with it, and how many bytes that is, if any does. */
  sends(to: ProcessId): { readonly value: unknown; readonly bytes: number } | undefined {
    this.piggyback = undefined;
    this.tell({ event: "sending", to });
    if (this.piggyback === undefined) return undefined;
    const { value } = this.piggyback as { readonly value: unknown };
    const bytes = askProtocol(this.protocol, () => this.protocol.piggybackSize?.(value) ?? 0);
    return { value, bytes };
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
    this.withheld = [];
  }

  /** Throws {@linkcode StrategyError} for an effect out of place. */
  private mustBe(holds: boolean, effect: string, expected: string, of: ProtocolEvent): void {
    if (holds) return;
    throw new StrategyError(
      `protocol '${this.protocol.name}' says '${effect}' in '${of.event}': expected ${expected}`,
    );
  }

  private perform(effect: Effect, of: ProtocolEvent): void {
    const { host, order, begun, arriving } = this;
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
        this.begun = order;
        return host.checkpoints.capture(order, effect.channels);
      case "discard":
        if (begun !== undefined) host.checkpoints.discard(begun);
        return;
      case "piggyback":
        this.mustBe(of.event === "sending", "piggyback", "'sending'", of);
        this.piggyback = { value: effect.value };
        return;
      case "withhold":
        this.mustBe(of.event === "arriving", "withhold", "'arriving'", of);
        if (arriving !== undefined) arriving.isWithheld = true;
        return;
      case "admit":
        this.mustBe(of.event !== "arriving", "admit", "any event but that", of);
        this.admitted.push(...this.withheld.splice(0));
        return;
      case "record": {
        const now = of.event === "arriving" && arriving?.isWithheld === false
          ? arriving
          : undefined;
        const holds = now !== undefined && host.checkpoints.record(begun?.label, now.message);
        return this.mustBe(holds, "record", `'arriving' without 'withhold', and ${OPEN}`, of);
      }
      case "closeChannels":
        return this.mustBe(
          host.checkpoints.closeChannels(begun?.label),
          "closeChannels",
          OPEN,
          of,
        );
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
