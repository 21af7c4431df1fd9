/**
 * The network in virtual time: packets become frames, frames arrive, and what arrives is handed over
 * in one total order (time, sender, receiver, number on the channel). It never depends on the order
 * of calls, only on what was sent when.
 */
import type { Choices } from "../base/choices.ts";
import { least } from "../base/distribution.ts";
import { Heap } from "../base/heap.ts";
import { CHANNEL, type ChannelOptions } from "./channel.ts";
import { type Disturbance, Link } from "./link.ts";
import {
  channelNumber,
  compareFlights,
  type Delivery,
  type Flight,
  type Packet,
} from "./packet.ts";
import { type Partition, Partitions } from "./partition.ts";
import type { Station } from "./protocol.ts";
import { Traffic, type TrafficCounts } from "./traffic.ts";
import { ACKNOWLEDGEMENT_BYTES } from "./transport.ts";

/** Sees what the network does; it cannot change it. Times in ns. */
export interface NetworkObserver<Body> {
  sent(at: number, packet: Packet<Body>): void;
  arrived(at: number, packet: Packet<Body>): void;
  gone(packet: Packet<Body>, fate: "lost" | "discarded"): void;
}

/** What the network must be told. */
export interface NetworkOptions<Body> {
  readonly choices: Choices;
  /** What the channel is like; asked when its first packet is sent. */
  readonly channel: (from: Station, to: Station) => ChannelOptions;
  /** Where a station is now. */
  readonly nodeOf: (station: Station) => string;
  /** Every channel there may be, for the lookahead; without them it is the least any may have. */
  readonly channels?: Iterable<ChannelOptions>;
  /** What a packet is counted as; without it, as "message". */
  readonly kindOf?: (body: Body) => string;
  readonly observer?: NetworkObserver<Body>;
}

/** Events of one moment and channel come in this order. */
const FRAME = 0, ACKNOWLEDGEMENT = 1, TIMER = 2, SENDING = 3;

/** Something that will happen on a channel. */
interface NetworkEvent<Body> {
  readonly at: number;
  /** The channel it is ordered by: of an acknowledgement, the one it comes on. */
  readonly channel: number;
  readonly what: typeof FRAME | typeof ACKNOWLEDGEMENT | typeof TIMER | typeof SENDING;
  readonly serial: number;
  /** Only tells apart what agrees in all of the above. */
  readonly call: number;
  readonly flight: Flight<Body>;
  /** Which time the packet is on the wire. */
  readonly sending: number;
  /** The channel of the packet; none before its time of sending. */
  readonly link: Link<Body> | undefined;
}

const compareEvents = (a: NetworkEvent<unknown>, b: NetworkEvent<unknown>): number =>
  a.at - b.at || a.channel - b.channel || a.what - b.what || a.serial - b.serial || a.call - b.call;

/**
 * The network of a cluster.
 *
 * @example
 * ```ts
 * import { Choices } from "../base/choices.ts";
 * import { readOptions } from "../base/option.ts";
 * import { CHANNEL } from "./channel.ts";
 * import { Network } from "./network.ts";
 * const { values } = readOptions(CHANNEL, { latency: { shape: "constant", value: 20_000 } });
 * const network = new Network<string>({
 *   choices: new Choices(1),
 *   channel: () => values,
 *   nodeOf: (station) => `n${station}`,
 *   channels: [values],
 * });
 * network.send(1000, { from: 0, to: 1, bytes: 125, body: "hello" });
 * const [delivery] = network.advance(50_000);
 * if (delivery?.at !== 1000 + 10_000 + 20_000) throw new Error("unreachable");
 * ```
 */
export class Network<Body = unknown> {
  /** No channel is faster: nothing sent at t arrives before t + lookahead. In ns. */
  readonly lookahead: number;
  private readonly heap = new Heap<NetworkEvent<Body>>(compareEvents);
  private readonly links = new Map<number, Link<Body>>();
  private readonly holding = new Set<Link<Body>>();
  private readonly flights = new Set<Flight<Body>>();
  private readonly partitions = new Partitions();
  private readonly disturbances: Disturbance[] = [];
  private readonly traffic = new Traffic();
  private readonly kindOf: (body: Body) => string;
  private deliveries: Delivery<Body>[] = [];
  private horizon = 0;
  private calls = 0;

  constructor(private readonly options: NetworkOptions<Body>) {
    const latencies = [...options.channels ?? []].map(({ latency }) => least(latency));
    this.lookahead = latencies.length === 0 ? CHANNEL.latency.min : Math.min(...latencies);
    this.kindOf = options.kindOf ?? (() => "message");
  }

  /** The time up to which everything has happened, in ns. */
  get now(): number {
    return this.horizon;
  }

  /** The time of the next event in ns; Infinity if nothing will happen. */
  get next(): number {
    for (;;) {
      const event = this.heap.peek();
      if (event === undefined) return Infinity;
      if (!isIdle(event)) return event.at;
      this.heap.pop();
    }
  }

  /**
   * Hands a packet over, to be sent at that time in ns. The time may be past by the lookahead: what
   * is sent then could not have arrived yet.
   *
   * @throws {RangeError} when that time is too long past, or the packet has no size.
   */
  send(at: number, packet: Packet<Body>): void {
    const earliest = this.horizon - this.lookahead;
    if (!(at >= earliest && at < Infinity)) {
      throw new RangeError(
        `a packet from ${packet.from} to ${packet.to} is sent at ${at} ns: ` +
          `expected a time from ${earliest} ns on, or it should have arrived already`,
      );
    }
    if (!Number.isSafeInteger(packet.bytes) || packet.bytes < 0) {
      throw new RangeError(
        `a packet from ${packet.from} to ${packet.to}: expected a whole number of bytes, ` +
          `found ${packet.bytes}`,
      );
    }
    const channel = channelNumber(packet.from, packet.to), call = this.calls++;
    const flight = { packet, sentAt: at, serial: -1, sendings: 0, discarded: false };
    this.flights.add(flight);
    this.countsOf(flight).sent++;
    this.options.observer?.sent(at, packet);
    const event = { at, channel, what: SENDING, serial: -1, call, flight } as const;
    this.heap.push({ ...event, sending: 0, link: undefined });
  }

  /**
   * Lets everything happen that happens before `until` (ns); what arrived, in the total order.
   *
   * @throws {RangeError} for a time that is past or no time.
   */
  advance(until: number): readonly Delivery<Body>[] {
    if (!(until >= this.horizon && until < Infinity)) {
      throw new RangeError(`expected a time from ${this.horizon} ns on, found ${until} ns`);
    }
    this.deliveries = [];
    for (;;) {
      const event = this.heap.peek();
      if (event === undefined || event.at >= until) break;
      this.heap.pop();
      if (!isIdle(event)) this.happen(event);
    }
    this.horizon = until;
    return this.deliveries;
  }

  /**
   * From now on nothing passes between the two sides: a frame passes when they are joined both as it
   * is sent and as it arrives. Frames are lost, but a reliable channel without a transport keeps
   * them at the sender until the sides are joined.
   */
  partition(a: readonly string[], b: readonly string[]): Partition {
    return this.partitions.add(a, b);
  }

  /** For a while frames to and from some stations are lost or come twice, whatever is promised. */
  disturb(disturbance: Disturbance): void {
    this.disturbances.push(disturbance);
  }

  /** Ends a partition, or joins nodes with all others; what was held goes out now. */
  heal(what: Partition | readonly string[]): void {
    this.partitions.heal(what);
    this.releaseHeld();
  }

  /** Sends what was held between stations that are joined now, as when one has moved. */
  releaseHeld(): void {
    for (const link of [...this.holding].sort((a, b) => a.number - b.number)) {
      if (!this.separate(link)) this.release(link, this.horizon);
    }
  }

  /**
   * Takes packets out: they do not arrive any more. A channel with nothing else in flight begins
   * anew. They are given back in the order of sending (time, sender, receiver, call); a packet of
   * which two copies are in flight is there twice.
   */
  discard(which: (packet: Packet<Body>) => boolean): Packet<Body>[] {
    const taken = [...this.flights].filter(({ packet }) => which(packet)).sort(compareFlights);
    const emptied = new Set<Link<Body>>();
    for (const flight of taken) {
      flight.discarded = true;
      this.options.observer?.gone(flight.packet, "discarded");
      this.flights.delete(flight);
      this.countsOf(flight).discarded++;
      const link = this.links.get(channelNumber(flight.packet.from, flight.packet.to));
      if (link === undefined || flight.serial < 0) continue;
      link.flights.delete(flight);
      if (link.flights.size === 0) emptied.add(link);
    }
    for (const link of this.holding) link.held = link.held.filter((held) => !held.discarded);
    for (const link of emptied) {
      this.holding.delete(link);
      this.links.set(link.number, link.anew());
    }
    return taken.map(({ packet }) => packet);
  }

  /** Copies of packets in flight, those not yet sent and those held among them. */
  get inFlight(): number {
    return this.flights.size;
  }

  /** What is in flight, in the order of sending; a packet of which two copies are, twice. */
  packetsInFlight(): readonly Packet<Body>[] {
    return [...this.flights].sort(compareFlights).map(({ packet }) => packet);
  }

  /** What was carried in all. */
  get counts(): Readonly<TrafficCounts> {
    return this.traffic.total;
  }

  /** The kinds of packets there were, sorted. */
  get kinds(): readonly string[] {
    return this.traffic.names;
  }

  /** What was carried of one kind; an acknowledgement is of the kind it acknowledges. */
  countsOfKind(kind: string): Readonly<TrafficCounts> {
    return this.traffic.kind(kind);
  }

  private happen({ at, what, flight, link }: NetworkEvent<Body>): void {
    if (link === undefined) this.start(at, flight);
    else if (what === FRAME) this.arrive(at, flight, link);
    else if (what === TIMER) this.transmit(at, flight, link, "again");
    else if (!this.separate(link)) link.transport?.acknowledge(flight.serial);
    else this.countsOf(flight).framesLost++;
  }

  /** The time of sending has come. */
  private start(at: number, flight: Flight<Body>): void {
    const link = this.link(flight.packet.from, flight.packet.to);
    flight.serial = link.nextSerial();
    link.flights.add(flight);
    const separate = this.separate(link);
    if (link.held.length > 0 && !separate) this.release(link, at);
    if (link.holds && separate) this.hold(link, flight);
    else this.transmit(at, flight, link, "first");
  }

  private transmit(
    at: number,
    flight: Flight<Body>,
    link: Link<Body>,
    time: "first" | "again",
  ): void {
    const counts = this.countsOf(flight);
    if (time === "again") counts.retransmitted++;
    const carried = this.carry(at, link, flight, flight.packet.bytes);
    const { transport } = link;
    if (transport !== undefined) {
      const wait = transport.wait(flight.serial);
      this.expect(carried.leftAt + wait, TIMER, flight, link, link.number);
    }
    const [first, second] = carried.arrivals;
    if (first !== undefined) this.expect(first, FRAME, flight, link, link.number);
    else if (transport === undefined) this.end(flight, link, "lost");
    if (second === undefined) return;
    let copy = flight;
    if (transport === undefined) {
      counts.duplicated++;
      copy = { ...flight };
      this.flights.add(copy);
      link.flights.add(copy);
    }
    this.expect(second, FRAME, copy, link, link.number);
  }

  /** Puts a frame on a wire and counts it. */
  private carry(at: number, link: Link<Body>, about: Flight<Body>, bytes: number) {
    const counts = this.countsOf(about);
    const carried = link.carry(at, bytes, this.separate(link), this.disturbancesOf(at, link));
    counts.frames++;
    counts.bytes += bytes;
    if (carried.arrivals.length === 0) counts.framesLost++;
    return carried;
  }

  /** The disturbances that stand and concern the channel: one does not end another. */
  private disturbancesOf(at: number, { from, to }: Link<Body>): readonly Disturbance[] {
    return this.disturbances.filter(({ untilNs, stations }) =>
      at < untilNs && (stations.has(from) || stations.has(to))
    );
  }

  private arrive(at: number, flight: Flight<Body>, link: Link<Body>): void {
    const { transport } = link;
    if (this.separate(link)) {
      this.countsOf(flight).framesLost++;
      if (link.holds) this.turnBack(link, flight);
      else if (transport === undefined) this.end(flight, link, "lost");
    } else if (transport === undefined) this.deliver(at, flight, link);
    else {
      for (const ready of transport.receive(flight)) {
        if (!ready.discarded) this.deliver(at, ready, link);
      }
      this.sendAcknowledgement(at, flight, link);
    }
  }

  private deliver(at: number, flight: Flight<Body>, link: Link<Body>): void {
    this.end(flight, link, "delivered");
    this.options.observer?.arrived(at, flight.packet);
    this.deliveries.push({ at, packet: flight.packet });
  }

  private sendAcknowledgement(at: number, flight: Flight<Body>, link: Link<Body>): void {
    const back = this.link(link.to, link.from);
    this.countsOf(flight).acknowledgements++;
    for (const arrival of this.carry(at, back, flight, ACKNOWLEDGEMENT_BYTES).arrivals) {
      this.expect(arrival, ACKNOWLEDGEMENT, flight, link, back.number);
    }
  }

  private end(flight: Flight<Body>, link: Link<Body>, how: "delivered" | "lost"): void {
    this.flights.delete(flight);
    link.flights.delete(flight);
    this.countsOf(flight)[how]++;
    if (how === "lost") this.options.observer?.gone(flight.packet, how);
  }

  private hold(link: Link<Body>, flight: Flight<Body>): void {
    link.hold(flight);
    this.holding.add(link);
  }

  private turnBack(link: Link<Body>, flight: Flight<Body>): void {
    link.turnBack(flight);
    this.holding.add(link);
  }

  private release(link: Link<Body>, at: number): void {
    this.holding.delete(link);
    for (const flight of link.takeHeld()) this.transmit(at, flight, link, "first");
  }

  private expect(
    at: number,
    what: NetworkEvent<Body>["what"],
    flight: Flight<Body>,
    link: Link<Body>,
    channel: number,
  ): void {
    const { serial, sendings: sending } = flight;
    this.heap.push({ at, channel, what, serial, call: this.calls++, flight, sending, link });
  }

  private link(from: Station, to: Station): Link<Body> {
    const number = channelNumber(from, to);
    let link = this.links.get(number);
    if (link !== undefined) return link;
    const options = this.options.channel(from, to);
    if (least(options.latency) < this.lookahead) {
      throw new RangeError(
        `channel ${from} -> ${to} has a latency of ${
          least(options.latency)
        } ns: expected at least ` +
          `the lookahead of ${this.lookahead} ns; name it among the 'channels' of the network`,
      );
    }
    link = new Link(from, to, options, this.options.choices);
    this.links.set(number, link);
    return link;
  }

  private separate(link: Link<Body>): boolean {
    if (this.partitions.none) return false;
    const { nodeOf } = this.options;
    return this.partitions.separate(nodeOf(link.from), nodeOf(link.to));
  }

  private countsOf(flight: Flight<Body>): TrafficCounts {
    return this.traffic.of(this.kindOf(flight.packet.body));
  }
}

/** Nothing comes of it any more. */
function isIdle<Body>({ what, flight, sending, link }: NetworkEvent<Body>): boolean {
  if (link === undefined) return flight.discarded;
  if (link.transport === undefined) return flight.discarded || sending !== flight.sendings;
  return link.closed || (what === TIMER && !link.transport.isWaitingFor(flight.serial));
}
