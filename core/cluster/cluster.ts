/**
 * Domains, a network and a manager in one virtual time. It goes on in rounds no longer than the
 * least latency of any channel: within a round nobody can hear of what another does in it, so that
 * domains run side by side, and what they tell is merged in a total order (time, rank, own order).
 */
import type { CaptureOrder } from "./domain.ts";
import type { Arrival, Behind, Body, DomainPlan, Fact, Look, Status } from "./facts.ts";
import type { Host } from "./host.ts";
import type { Housing } from "./housing.ts";
import type { Manager } from "./manager.ts";
import type { Network } from "./network.ts";
import type { Packet } from "./packet.ts";
import type { ProcessId, ProcessPlace, ProtocolEvent } from "./protocol.ts";
import type { Reply, Request, Telling } from "./tenants.ts";

/** How a domain's process is doing, as the cluster sees it. */
type Presence =
  /** Not begun, or on its way to another node: what arrives waits. */
  | "absent"
  | "present"
  /** Crashed: what arrives is lost. */
  | "crashed";

/** One rank's place in the cluster. */
interface Seat {
  readonly rank: ProcessId;
  presence: Presence;
  host: Host | undefined;
  status: Status | undefined;
  arrivals: Arrival[];
  /** What arrived while it was absent. */
  parked: Packet<Body>[];
  /** How often it has gone on elsewhere by its protocol; what comes to an earlier place is refused. */
  place: ProcessPlace;
  /** The exit code with which it was called off while it was on its way. */
  calledOff: number | undefined;
}

/** What a cluster tells. */
export interface ClusterListener {
  /** Something a domain told, in the total order. */
  fact(rank: ProcessId, fact: Fact): void;
  /** A packet reached nobody. */
  dropped(packet: Packet<Body>): void;
  /** A round is over: what can only be done between two instants may be done now. */
  betweenRounds(now: number): Promise<void>;
}

/** An order to one domain. */
export type Order = Exclude<Request, { readonly ask: "advance" | "clear" }>;

/** The domains of a world. */
export class Cluster {
  manager: Manager | undefined;
  private readonly seats: Seat[] = [];
  private time = 0;

  constructor(
    readonly network: Network<Body>,
    private readonly housing: Housing,
    private readonly listener: ClusterListener,
  ) {}

  /** A place for one more process; its rank. */
  addSeat(): ProcessId {
    const rank = this.seats.length;
    this.seats.push({
      rank,
      presence: "absent",
      host: undefined,
      status: undefined,
      arrivals: [],
      parked: [],
      place: 0,
      calledOff: undefined,
    });
    return rank;
  }

  get now(): number {
    return this.time;
  }

  /** Nothing will happen but by an order. */
  get atRest(): boolean {
    return this.earliest() === Infinity;
  }

  statusOf(rank: ProcessId): Status | undefined {
    return this.seat(rank).status;
  }

  isPresent(rank: ProcessId): boolean {
    return this.seat(rank).presence === "present";
  }

  /** It has a domain: it is present, or saved and not yet elsewhere. */
  isHoused(rank: ProcessId): boolean {
    return this.seat(rank).host !== undefined;
  }

  /** Opens a domain at this instant; what waited for it arrives. Says why there can be none. */
  async open(plan: DomainPlan): Promise<string | undefined> {
    const seat = this.seat(plan.rank);
    const host = this.housing.admit(plan.rank, plan.node);
    const opening = await host.open({ ...plan, at: this.time });
    if ("refused" in opening) {
      this.vacate([plan.rank], seat.presence);
      return opening.refused;
    }
    seat.host = host;
    seat.presence = "present";
    this.hear([opening]);
    for (const packet of seat.parked.splice(0)) this.arrive(this.time, packet);
    this.callOff(seat);
    return undefined;
  }

  /** Carries out an order at this instant. */
  order(order: Order): Look | undefined {
    const { host } = this.seat(order.rank);
    if (host === undefined) throw new Error(`rank ${order.rank} has no domain`);
    const here = { ask: "advance", until: this.time, parts: [{ rank: order.rank, arrivals: [] }] };
    this.hear(host.askNow(here as Request).tellings);
    const reply = host.askNow(order);
    this.hear(reply.tellings);
    return reply.look;
  }

  /** Lets a member of the protocol hear of something, now or so many ns later. */
  tellMember(rank: ProcessId, event: ProtocolEvent, later = 0): void {
    const seat = this.seat(rank);
    if (seat.presence !== "present") return;
    seat.arrivals.push({ at: this.time + later, what: { kind: "protocol", event } });
  }

  /** An order that a process has asked for reaches it at that time. */
  grant(rank: ProcessId, at: number, order: CaptureOrder): void {
    this.seat(rank).arrivals.push({ at, what: { kind: "order", order } });
  }

  /** Ends every process, as one of them asked. */
  terminate(at: number, code: number): void {
    for (const seat of this.seats) {
      if (seat.presence === "absent" && seat.host !== undefined) seat.calledOff = code;
      if (seat.presence !== "present") continue;
      seat.arrivals.push({ at: Math.max(at, this.time), what: { kind: "terminate", code } });
    }
  }

  /** It is there again, and hears of what was decided meanwhile. */
  private callOff(seat: Seat): void {
    const { calledOff: code } = seat;
    seat.calledOff = undefined;
    if (code !== undefined) {
      seat.arrivals.push({ at: this.time, what: { kind: "terminate", code } });
    }
  }

  /** Application messages that wait for an absent process. */
  waitingFor(rank: ProcessId): number {
    return this.seat(rank).parked.filter(({ body }) => body.kind === "user").length;
  }

  /** From now on what comes for it waits. */
  park(rank: ProcessId): void {
    this.seat(rank).presence = "absent";
  }

  placeOf(rank: ProcessId): ProcessPlace {
    return this.seat(rank).place;
  }

  /**
   * It is at this place of it from now on. At a place that it has left nobody takes application
   * messages; control messages find their way, as those of daemons do.
   */
  settle(rank: ProcessId, place: ProcessPlace): void {
    const seat = this.seat(rank);
    seat.place = place;
    const stale = seat.parked.filter(({ body }) => !isFor(body, place));
    seat.parked = seat.parked.filter(({ body }) => isFor(body, place));
    for (const packet of stale) this.listener.dropped(packet);
  }

  /** What waited was in vain, or it goes on where it is. */
  unpark(rank: ProcessId): void {
    const seat = this.seat(rank);
    seat.presence = "present";
    for (const packet of seat.parked.splice(0)) this.arrive(this.time, packet);
    this.callOff(seat);
  }

  /** These domains are gone: a Worker that houses nobody else is ended. */
  vacate(ranks: readonly ProcessId[], presence: Presence): void {
    for (const rank of this.housing.evict(ranks)) {
      this.seat(rank).host?.askNow({ ask: "close", rank });
    }
    for (const rank of ranks) {
      const seat = this.seat(rank);
      seat.presence = presence;
      seat.host = seat.status = undefined;
      if (presence === "crashed") seat.place = 0;
      for (const { what } of seat.arrivals) {
        if (what.kind === "terminate") seat.calledOff = what.code;
      }
      seat.arrivals = [];
      if (presence !== "crashed") continue;
      // Whoever comes back begins another life.
      seat.calledOff = undefined;
      for (const packet of seat.parked.splice(0)) this.listener.dropped(packet);
    }
  }

  /** Packets waiting for one that is absent are taken out too. */
  discard(which: (packet: Packet<Body>) => boolean): readonly Packet<Body>[] {
    const parked = this.seats.flatMap((seat) => {
      const gone = seat.parked.filter(which);
      seat.parked = seat.parked.filter((packet) => !which(packet));
      return gone;
    });
    return [...this.network.discard(which), ...parked];
  }

  /** Every application or control packet that has been sent and has not arrived. */
  packetsInFlight(): readonly Packet<Body>[] {
    return [...this.network.packetsInFlight(), ...this.seats.flatMap(({ parked }) => parked)];
  }

  /** Runs to that time. */
  async advance(until: number): Promise<void> {
    for (;;) {
      const from = this.earliest();
      if (from >= until) break;
      const alone = this.seats.length === 1 && this.manager === undefined;
      const lookahead = alone ? Infinity : this.network.lookahead;
      const end = Math.min(until, Math.max(from, this.time) + lookahead);
      for (const { at, packet } of this.network.advance(Math.max(end, this.network.now))) {
        this.arrive(at, packet);
      }
      this.manager?.advance(end);
      await this.round(end);
      this.time = end;
      await this.listener.betweenRounds(end);
    }
    this.time = Math.max(this.time, until);
    // What was sent until now goes onto the wire, before anything about the network changes.
    this.network.advance(Math.max(this.time, this.network.now));
  }

  end(): void {
    this.housing.clear();
  }

  /** Before this time nothing happens anywhere. */
  private earliest(): number {
    let first = Math.min(this.network.next, this.manager?.next ?? Infinity);
    for (const { presence, status, arrivals } of this.seats) {
      if (arrivals.length > 0) first = Math.min(first, this.time);
      if (presence !== "crashed" && status !== undefined) {
        first = Math.min(first, Math.floor(status.next));
      }
    }
    return first;
  }

  /** Every domain with something to do runs to the end of the round. */
  private async round(end: number): Promise<void> {
    const parts = new Map<Host, { rank: ProcessId; arrivals: readonly Arrival[] }[]>();
    for (const seat of this.seats) {
      const { host, status, arrivals, rank } = seat;
      if (host === undefined || status === undefined) continue;
      if (arrivals.length === 0 && Math.floor(status.next) >= end) continue;
      const some = parts.get(host);
      if (some === undefined) parts.set(host, [{ rank, arrivals }]);
      else some.push({ rank, arrivals });
      seat.arrivals = [];
    }
    for (const [host, some] of parts) host.post({ ask: "advance", until: end, parts: some });
    const tellings: Telling[] = [];
    for (const host of parts.keys()) {
      const reply: Reply | Promise<Reply> = host.reply();
      tellings.push(...(reply instanceof Promise ? await reply : reply).tellings);
    }
    this.hear(tellings);
  }

  /** Takes in what domains tell, in the total order; throws a mistake when all of it is heard. */
  private hear(tellings: readonly Telling[]): void {
    for (const { rank, status } of tellings) this.seat(rank).status = status;
    const all = tellings.flatMap(({ rank, facts }) => facts.map((fact) => ({ rank, fact })));
    if (tellings.length > 1) all.sort((a, b) => a.fact.at - b.fact.at || a.rank - b.rank);
    const mistakes: unknown[] = [];
    for (const { rank, fact } of all) {
      if (fact.fact === "sent") {
        const { to, bytes, body } = fact;
        this.network.send(fact.at, { from: rank, to, bytes, body });
      }
      if (fact.fact === "behind") this.sendAfter(rank, fact.what);
      try {
        this.listener.fact(rank, fact);
      } catch (mistake) {
        mistakes.push(mistake);
      }
    }
    if (mistakes.length > 0) throw mistakes[0];
  }

  /** What came for a process that had left. */
  private sendAfter(to: ProcessId, what: Behind): void {
    const seat = this.seat(to);
    if (what.kind === "terminate") seat.calledOff = what.code;
    else this.arrive(this.time, { from: what.from, to, bytes: what.bytes, body: what.body });
  }

  /** A packet is there. */
  private arrive(at: number, packet: Packet<Body>): void {
    const { from, to, bytes, body } = packet;
    if (to === "manager") {
      if (body.kind === "control") {
        this.manager?.tell(at, { event: "control", from, message: body.message });
      }
      return;
    }
    const seat = this.seat(to);
    if (seat.status?.ended !== true && !isFor(body, seat.place)) this.listener.dropped(packet);
    else if (seat.presence === "absent") seat.parked.push(packet);
    else if (seat.presence === "crashed") this.listener.dropped(packet);
    else seat.arrivals.push({ at, what: { kind: "packet", from, bytes, body } });
  }

  private seat(rank: ProcessId): Seat {
    const seat = this.seats[rank];
    if (seat === undefined) throw new Error(`there is no rank ${rank}`);
    return seat;
  }
}

/** It is a control message, or was sent to that place. */
const isFor = (body: Body, place: ProcessPlace): boolean =>
  body.kind === "control" || (body.place ?? 0) === place;
