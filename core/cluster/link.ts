/**
 * A directed channel between two stations as a wire: it carries one frame after the other at its
 * bandwidth, and each arrives a latency later, if at all. What is random is drawn from the streams
 * "loss", "duplicate" and "latency" of the entity "from->to".
 */
import type { Choices } from "../base/choices.ts";
import type { ChannelOptions } from "./channel.ts";
import { channelNumber, type Flight } from "./packet.ts";
import type { Station } from "./protocol.ts";
import { Transport } from "./transport.ts";

const NS = 1_000_000_000;

/** What becomes of a frame. */
export interface Carried {
  /** When its last byte leaves, in ns. */
  readonly leftAt: number;
  /** When it arrives: not at all, once, or twice. */
  readonly arrivals: readonly number[];
}

/** What frames of some stations suffer from, until a time in ns. */
export interface Disturbance {
  readonly stations: ReadonlySet<Station>;
  readonly untilNs: number;
  /** Shares of the frames that are lost, and that come twice. */
  readonly loss: number;
  readonly duplicates: number;
}

/** One directed channel. */
export class Link<Body> {
  /** For the total order, and for finding it. */
  readonly number: number;
  readonly transport: Transport<Body> | undefined;
  /** What a reliable channel keeps at the sender while a partition stands. */
  held: Flight<Body>[] = [];
  /** Copies of packets in flight whose time of sending has come. */
  readonly flights = new Set<Flight<Body>>();
  /** Opened anew: what still goes about of this one is nobody's. */
  closed = false;
  private serials = 0;
  private freeAt = 0;
  private lastArrival = 0;
  /** Latencies drawn so far: a script of them goes on where it was when the channel opens anew. */
  private latencies = 0;
  private readonly entity: string;

  constructor(
    readonly from: Station,
    readonly to: Station,
    readonly options: ChannelOptions,
    private readonly choices: Choices,
  ) {
    this.number = channelNumber(from, to);
    this.entity = `${from}->${to}`;
    if (options.transport === "retransmit") {
      this.transport = new Transport(options.order === "fifo", options.retransmit_after);
    }
  }

  /** The channel when it opens anew: nothing on it, nothing waited for. */
  anew(): Link<Body> {
    this.closed = true;
    const link = new Link<Body>(this.from, this.to, this.options, this.choices);
    link.latencies = this.latencies;
    return link;
  }

  /** The number of the next packet. */
  nextSerial(): number {
    return this.serials++;
  }

  /** Nothing that the channel promised to bring is ever lost, though nobody sends it again. */
  get holds(): boolean {
    return this.transport === undefined && this.options.delivery === "reliable";
  }

  /** Puts a frame on the wire; it is lost when the two ends are `separate`. */
  carry(
    at: number,
    bytes: number,
    separate: boolean,
    disturbances: readonly Disturbance[] = [],
  ): Carried {
    const { delivery, bandwidth, loss, duplicates } = this.options;
    const leftAt = Math.max(at, this.freeAt) + Math.ceil(bytes * NS / bandwidth);
    this.freeAt = leftAt;
    if (separate) return { leftAt, arrivals: [] };
    const may = (stream: string, ratio: number) => this.choices.chance(stream, this.entity, ratio);
    if (delivery !== "reliable" && may("loss", loss)) return { leftAt, arrivals: [] };
    if (disturbances.some(({ loss }) => may("fault loss", loss))) {
      return { leftAt, arrivals: [] };
    }
    const arrivals = [this.arrival(leftAt)];
    if (
      delivery === "duplicate" && may("duplicate", duplicates) ||
      disturbances.some(({ duplicates }) => may("fault duplicate", duplicates))
    ) {
      arrivals.push(this.arrival(leftAt));
    }
    return { leftAt, arrivals };
  }

  /** Keeps a packet at the sender that has not been on the wire. */
  hold(flight: Flight<Body>): void {
    this.held.push(flight);
  }

  /**
   * Keeps a packet at the sender that was on the wire. Where order is promised, all that is behind
   * it turns back too, as it could not overtake it any more.
   */
  turnBack(flight: Flight<Body>): void {
    const held = new Set(this.held);
    const behind = this.options.order === "any"
      ? []
      : [...this.flights].filter((other) => other.serial > flight.serial && !held.has(other));
    for (const each of [flight, ...behind]) {
      each.sendings++;
      this.held.push(each);
    }
  }

  /** Takes out what was kept, in the order of sending. */
  takeHeld(): readonly Flight<Body>[] {
    return this.held.splice(0).sort((a, b) => a.serial - b.serial);
  }

  private arrival(leftAt: number): number {
    const { latency, order } = this.options;
    const after = this.choices.draw("latency", this.entity, latency, this.latencies++);
    if (order === "any") return leftAt + after;
    return this.lastArrival = Math.max(this.lastArrival, leftAt + after);
  }
}
