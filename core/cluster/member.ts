/** A process's member of the coordination protocol: the actor, and what it may do to the process. */
import { StrategyError } from "../image/capture_order.ts";
import type { KeptMessage, SavedLog } from "../image/sender_log_file.ts";
import type { Endpoint, Message } from "../kernel/endpoint.ts";
import { Actor, askProtocol, type Effect, Timers } from "./actor.ts";
import type { CaptureOrder } from "./domain.ts";
import { idOf, type Told } from "./facts.ts";
import type { LocalCheckpoints } from "./local_checkpoints.ts";
import type { ControlMessage, ProcessId, ProcessPlace, Protocol } from "./protocol.ts";
import type { ProtocolEvent, Station, Withheld } from "./protocol.ts";
import { SenderLog } from "./sender_log.ts";
import { Whereabouts, type WhereaboutsStanding } from "./whereabouts.ts";

/** Bytes of a control message on the wire besides what it carries. */
export const CONTROL_HEADER = 40;

const ARRIVING = "'arriving', and a row with a log";
const OPEN = "a local checkpoint with open channels, after its 'taken'";

/** An application message, and what the sender's member has put on it. */
export interface Arriving {
  readonly message: Message;
  readonly piggyback: unknown;
}

/** Where a member stands, as plain data: what goes with its process when that moves. */
export interface Standing extends WhereaboutsStanding {
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
  /** Requests it has not begun to serve, where it also saves itself unasked. */
  readonly requests?: readonly CaptureOrder[];
  /** It wants to save itself unasked. */
  readonly unasked?: Unasked;
  /** What the sender's log keeps. */
  readonly log?: readonly KeptMessage[];
}

type Fate = "delivered" | "withheld" | "repeated";

interface Arrival {
  readonly message: Message;
  fate: Fate;
}

interface Sending {
  put: { readonly value: unknown } | undefined;
  isKept: boolean;
}

/** A local checkpoint that nobody has asked for, with its channels. */
export interface Unasked {
  readonly channels: "none" | "open";
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
  /** Puts a message that was sent before onto the network. */
  sendAgain(message: KeptMessage): void;
  readonly checkpoints: Pick<
    LocalCheckpoints,
    "capture" | "discard" | "record" | "closeChannels" | "isBusy"
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
  private readonly whereabouts: Whereabouts;
  private asked: boolean;
  private left: boolean;
  private gone = false;
  private withheld: Arriving[];
  /** Admitted, and not arrived once more yet. */
  private admitted: Arriving[] = [];
  private isLettingIn = false;
  /** The message that is arriving, and what is to become of it. */
  private arriving: Arrival | undefined;
  /** The message that is being sent: what goes with it, and whether the log keeps it. */
  private sending: Sending = { put: undefined, isKept: false };
  private readonly log: SenderLog;
  private readonly requests: CaptureOrder[];
  private unasked: Unasked | undefined;
  /** The order for it, while something else of the process is being saved. */
  private granted: CaptureOrder | undefined;

  constructor(
    private readonly protocol: Protocol,
    standing: Standing,
    private readonly host: MemberHost,
  ) {
    const { state, order, begun, asked = false, left = false, held = false } = standing;
    const { timers = [], withheld = [], requests = [], unasked, log } = standing;
    this.actor = new Actor(protocol, state, (effect, of) => this.perform(effect, of));
    this.order = order;
    this.begun = begun;
    this.withheld = [...withheld];
    this.requests = [...requests];
    this.log = new SenderLog(log);
    this.asked = asked;
    this.left = left;
    if (held) host.endpoint.hold();
    const leave = (order: CaptureOrder) => host.checkpoints.capture(order);
    this.whereabouts = new Whereabouts(host.endpoint, leave, standing);
    for (const [name, at] of timers) this.timers.set(name, at);
    // The order it has asked for where it was is for that place.
    if (unasked !== undefined) this.askForOrder(unasked);
  }

  get standing(): Standing {
    const { order, begun, asked, left, timers, withheld, host: { endpoint: { held } } } = this;
    const { requests, unasked, log, protocol } = this;
    return {
      state: this.actor.state,
      order,
      begun,
      asked,
      left,
      held,
      ...this.whereabouts.standing,
      timers: timers.all,
      withheld,
      ...protocol.forces === true ? { requests: [...requests] } : {},
      ...unasked === undefined ? {} : { unasked },
      ...protocol.log === true ? { log: log.all } : {},
    };
  }

  /** The next global checkpoint is this one, or the next move. */
  announce(order: CaptureOrder): void {
    if (order.moving === true) this.whereabouts.announce(order);
    else this.order = order;
  }

  /** Where what the application sends to that process goes; undefined where it began. */
  placeOf(to: ProcessId): ProcessPlace | undefined {
    return this.whereabouts.placeOf(to);
  }

  /** Without a manager: its own checkpoint is wanted. */
  request(order: CaptureOrder): void {
    if (this.protocol.forces === true) this.requests.push(order);
    else this.order = order;
    this.tell({ event: "requested" });
  }

  /** The order it has asked for: to save itself unasked. */
  grant(order: CaptureOrder): void {
    if (this.gone || this.unasked === undefined) return;
    this.granted = order;
    this.beginGranted();
  }

  /** Nothing of the process is being saved any more. */
  idle(): void {
    this.beginGranted();
  }

  /** t0 of its local checkpoint; what goes with that, if anything does. */
  taken(): SavedLog | undefined {
    if (this.gone) return undefined;
    this.actor.tell({ event: "taken" });
    const { protocol, log, actor: { state } } = this;
    // Before anything is let in, for that is not in the image.
    const saved = protocol.log === true ? { messages: log.all, state } : undefined;
    this.letIn();
    return saved;
  }

  /** Of what its log keeps: those messages. */
  private kept(wanted: readonly Pick<KeptMessage, "to" | "sequence">[]): readonly KeptMessage[] {
    return this.log.all.filter(({ to, sequence }) =>
      wanted.some((each) => each.to === to && each.sequence === sequence)
    );
  }

  /**
   * What goes onto the network again after a restart. Where all have gone back to a line, members begin
   * anew, so what they have said of lines before means nothing and does not go with it.
   */
  again(wanted: readonly Pick<KeptMessage, "to" | "sequence">[]): readonly KeptMessage[] {
    const kept = this.kept(wanted);
    if (this.protocol.recovery !== "line") return kept;
    return kept.map(({ piggyback: _, ...message }) => message);
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
    const now: Arrival = this.arriving = { message, fate: "delivered" };
    this.tell({
      event: "arriving",
      from,
      ...this.numbered(message),
      ...piggyback === undefined ? {} : { piggyback },
    });
    this.arriving = undefined;
    this.arriveAs(now.fate, arriving);
  }

  private arriveAs(fate: Fate, arriving: Arriving): void {
    const { message } = arriving;
    if (fate === "delivered") return this.host.deliver(message);
    if (fate === "withheld") this.withheld.push(arriving);
    this.host.tell({ fact: fate, id: idOf(message) });
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
  sends(message: Message): KeptMessage["piggyback"] {
    const { to, tag, sequence, bytes } = message;
    const now: Sending = this.sending = { put: undefined, isKept: false };
    this.tell({ event: "sending", to, ...this.numbered(message) });
    const piggyback = this.sized(now.put);
    if (!now.isKept) return piggyback;
    const put = piggyback === undefined ? {} : { piggyback };
    this.log.keep({ to, tag, sequence, bytes, ...put });
    return piggyback;
  }

  private sized(put: { readonly value: unknown } | undefined): KeptMessage["piggyback"] {
    if (put === undefined) return undefined;
    const { protocol } = this, { value } = put;
    return { value, bytes: askProtocol(protocol, () => protocol.piggybackSize?.(value) ?? 0) };
  }

  private numbered({ sequence }: Message): { readonly number?: number } {
    return this.protocol.log === true ? { number: sequence } : {};
  }

  private admitThose(which: readonly Withheld[]): void {
    for (const { from, number } of which) {
      const place = this.withheld.findIndex(({ message }) =>
        message.from === from && message.sequence === number
      );
      if (place >= 0) this.admitted.push(...this.withheld.splice(place, 1));
    }
  }

  private askForOrder(unasked: Unasked): void {
    this.unasked = unasked;
    this.host.tell({ fact: "unasked" });
  }

  /** Begins what it wanted to save unasked, when it has its order and nothing else is being saved. */
  private beginGranted(): void {
    const { unasked, granted, host: { checkpoints } } = this;
    if (unasked === undefined || granted === undefined || checkpoints.isBusy) return;
    this.unasked = this.granted = undefined;
    this.begin(granted, unasked.channels);
  }

  private begin(order: CaptureOrder, channels: "none" | "open"): void {
    this.begun = order;
    this.host.checkpoints.capture(order, channels === "open" ? channels : undefined);
  }

  private capture(channels: "none" | "open"): void {
    if (this.protocol.forces === true) {
      const request = this.requests.shift();
      if (request === undefined) return this.askForOrder({ channels });
      return this.begin(request, channels);
    }
    if (this.order === undefined) throw new Error("a capture that nobody has ordered");
    this.begin(this.order, channels);
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
    this.withheld = [];
    // Others may need its log.
    if (this.protocol.recovery === "alone") return;
    this.timers.clear();
    this.unasked = this.granted = undefined;
    // Others may wait for what comes of a line that it has asked them for.
    if (this.protocol.tentative === true) return;
    this.gone = true;
  }

  /** Throws {@linkcode StrategyError} for an effect out of place. */
  private mustBe(holds: boolean, effect: string, expected: string, of: ProtocolEvent): void {
    if (holds) return;
    throw new StrategyError(
      `protocol '${this.protocol.name}' says '${effect}' in '${of.event}': expected ${expected}`,
    );
  }

  private perform(effect: Effect, of: ProtocolEvent): void {
    const { host, begun, arriving, protocol } = this;
    switch (effect.effect) {
      case "send": {
        host.charge();
        const { to, message } = effect;
        const bytes = CONTROL_HEADER +
          askProtocol(this.protocol, () => this.protocol.size(message));
        return host.tell({ fact: "sent", to, bytes, body: { kind: "control", message } });
      }
      case "capture":
        return this.capture(effect.channels ?? "none");
      case "discard":
        if (this.unasked !== undefined) this.unasked = this.granted = undefined;
        else if (begun !== undefined) host.checkpoints.discard(begun);
        return;
      case "keep":
        this.mustBe(of.event === "sending", "keep", "'sending'", of);
        this.mustBe(this.protocol.log === true, "keep", "a row with a log", of);
        this.sending.isKept = true;
        return;
      case "prune":
        return this.log.prune(effect.to, effect.below);
      case "piggyback":
        this.mustBe(of.event === "sending", "piggyback", "'sending'", of);
        this.sending.put = { value: effect.value };
        return;
      case "withhold":
        this.mustBe(of.event === "arriving", "withhold", "'arriving'", of);
        if (arriving !== undefined) arriving.fate = "withheld";
        return;
      case "drop":
        this.mustBe(of.event === "arriving" && protocol.log === true, "drop", ARRIVING, of);
        if (arriving !== undefined) arriving.fate = "repeated";
        return;
      case "admit":
        if (effect.which !== undefined) return this.admitThose(effect.which);
        this.mustBe(of.event !== "arriving", "admit", "any event but that", of);
        this.admitted.push(...this.withheld.splice(0));
        return;
      case "resend":
        for (const kept of this.kept([{ to: effect.to, sequence: effect.number }])) {
          host.sendAgain(kept);
        }
        return;
      case "recovered":
        return host.tell({ fact: "recovered" });
      case "record": {
        const now = of.event === "arriving" && arriving?.fate === "delivered"
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
      default: {
        const expected = this.whereabouts.perform(effect);
        return this.mustBe(expected === undefined, effect.effect, expected ?? "", of);
      }
    }
  }
}
