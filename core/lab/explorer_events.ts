/** The events of one explored world, each made once, so that actors know those they had before. */
import type { ProtocolEvent } from "../cluster/protocol.ts";
import type { Actors } from "./explorer_actors.ts";
import { numbered } from "./explorer_message.ts";
import { messageIn, piggybackIn, type Sent } from "./explorer_situation.ts";

/** Those that are nothing but their name. */
export const PLAIN = {
  taken: { event: "taken" },
  saved: { event: "saved" },
  recorded: { event: "recorded" },
  requested: { event: "requested" },
  recovering: { event: "recovering" },
  exiting: { event: "exiting", killed: false },
  killed: { event: "exiting", killed: true },
  failed: { event: "failed", why: "its disk is full" },
} as const satisfies Readonly<Record<string, ProtocolEvent>>;

/** Those that are about a message. */
export class Events {
  private readonly controls: Map<number, ProtocolEvent>[] = [];
  private readonly arrivals = new Map<number, ProtocolEvent>();
  private readonly departures = new Map<number, ProtocolEvent>();

  constructor(readonly actors: Actors, readonly messages: readonly Sent[]) {}

  /** A control message of that number comes; the manager's station is behind those of processes. */
  control(from: number, isManager: boolean, number: number): ProtocolEvent {
    const known = this.controls[from] ??= new Map();
    return this.once(known, number, () => ({
      event: "control",
      from: isManager ? "manager" : from,
      message: this.actors.message(number),
    }));
  }

  /** A message of the application comes, with what is on it. */
  arriving(packet: number): ProtocolEvent {
    return this.once(this.arrivals, packet, () => {
      const number = messageIn(packet), piggyback = this.actors.piggyback(piggybackIn(packet));
      const { from } = this.messages[number] as Sent;
      const put = piggyback === undefined ? {} : { piggyback };
      return { event: "arriving", from, ...numbered(this, number), ...put };
    });
  }

  /** The application sends a message. */
  sending(number: number): ProtocolEvent {
    return this.once(this.departures, number, () => {
      const { to } = this.messages[number] as Sent;
      return { event: "sending", to, ...numbered(this, number) };
    });
  }

  private once(known: Map<number, ProtocolEvent>, key: number, make: () => ProtocolEvent) {
    const made = known.get(key) ?? make();
    known.set(key, made);
    return made;
  }
}
