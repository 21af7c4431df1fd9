/**
 * Global checkpoints: the protocol's manager at work, one checkpoint after the other, what each cost
 * in control messages, and the manifest that makes it one.
 */
import { askProtocol } from "../cluster/actor.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { CaptureOrder } from "../cluster/domain.ts";
import { Manager } from "../cluster/manager.ts";
import { CONTROL_HEADER } from "../cluster/member.ts";
import type { Profile } from "../cluster/profile.ts";
import type { ControlMessage, ProcessId, Protocol } from "../cluster/protocol.ts";
import { StrategyError } from "../image/capture_order.ts";
import { type Line, LineStore } from "../image/line_store.ts";
import { MemoryDirectory } from "../image/memory_store.ts";
import type { CheckpointRecord, ControlCount, Coordinated, Part } from "./checkpoint_record.ts";
import { isDurable } from "./checkpoint_record.ts";
import { costDifference, declaredCost, inRounds, roundsOf } from "./declared_cost.ts";
import { CoordinatedMoves } from "./coordinated_moves.ts";
import { DeclaredLines } from "./declared_lines.ts";
import type { Strategy } from "./lab.ts";
import type { ProcessRecord } from "./process_record.ts";

const NS = 1_000_000_000;

/** What coordination needs of the world. */
export interface CoordinationHost {
  readonly cluster: Cluster;
  readonly processes: readonly ProcessRecord[];
  event(at: number, process: string, kind: string, text: string): void;
  /** A line was recorded. */
  declared(at: number, label: string, members: readonly ProcessId[]): void;
  aborted(label: string, why: string): void;
}

interface Wanted {
  readonly checkpoint: CheckpointRecord & { readonly parts: Part[] };
  readonly coordinated: Coordinated;
  readonly using: Strategy;
}

/** The protocol of a world at work. */
export class Coordination {
  /** Control messages of the whole run by kind. */
  readonly control = new Map<string, ControlCount>();
  /** Bytes put on application messages in the whole run. */
  piggybackBytes = 0;
  /** Bytes of sender's logs that were written beside images, and messages sent again out of one. */
  logBytes = 0;
  sentAgain = 0;
  /** Messages that came once more and were dropped. */
  repeated = 0;
  /** How the checkpoint that was asked for last is taken: one that nobody asks for is taken so, too. */
  lastUsing: Strategy | undefined;
  /** The moves in which the protocol takes part. */
  readonly moves: CoordinatedMoves;
  /** Lines that members declare. */
  readonly declared: DeclaredLines;
  readonly lines = new LineStore(new MemoryDirectory("the manager's disk"));
  private readonly queue: Wanted[] = [];
  private active: Wanted | undefined;
  /** The checkpoint that began last. */
  private latest: Coordinated | undefined;
  /** Why the line that was declared could not be recorded. */
  private unrecorded: string | undefined;

  constructor(
    readonly protocol: Protocol,
    private readonly chosen: Strategy,
    private readonly profile: Profile,
    private readonly host: CoordinationHost,
  ) {
    this.moves = new CoordinatedMoves(protocol, chosen.options);
    this.declared = new DeclaredLines(protocol, chosen);
  }

  /** A new manager for these members; what was under way is over. */
  begin(members: readonly ProcessId[]): void {
    const { protocol, profile, host } = this;
    const state = askProtocol(protocol, () => protocol.manager?.(members, this.chosen.options));
    if (state === undefined) return;
    const messageNs = profile.message * NS / profile.clock;
    host.cluster.manager = new Manager(protocol, state, messageNs, {
      send: (at, to, message, cause) => this.send(at, to, message, cause as Wanted | undefined),
      cause: () => this.active,
      declare: (at, declared) => this.declare(at, declared),
      record: (at) => this.record(at),
      finish: () => this.finish(),
      abort: (at, why) => this.abort(at, why),
      settled: (_, who, members) => {
        this.moves.settled(who, members);
        this.pump();
      },
      refused: (_, who, why) => {
        this.moves.refused(who, why);
        this.pump();
      },
      phase: (at, name) => host.event(at, "", "phase", name),
      log: (at, text) => host.event(at, "", "protocol", text),
    });
  }

  /** The domain's part of the plan of a process that begins. */
  plan(members: readonly ProcessId[]): Strategy & { readonly members: readonly ProcessId[] } {
    return { ...this.chosen, members };
  }

  /** A global checkpoint is wanted; it begins when none is under way. */
  request(label: string, using: Strategy): CheckpointRecord {
    const coordinated: Coordinated = {
      protocol: this.protocol.name,
      requestedNs: this.host.cluster.now,
      begunNs: undefined,
      members: undefined,
      recordedNs: undefined,
      over: false,
      why: "",
      disturbed: false,
      control: new Map(),
      rounds: 0,
      piggybackBytes: 0,
      withheld: 0,
      blockedBeforeNs: new Map(),
    };
    const checkpoint = { label, parts: [], coordinated };
    this.queue.push({ checkpoint, coordinated, using });
    this.pump();
    return checkpoint;
  }

  /** Begins what waits, if nothing is under way and nobody is on the move. */
  pump(): void {
    const { cluster, processes } = this.host;
    const isOnTheMove = processes.some(({ condition }) => condition === "moving");
    if (this.active !== undefined || this.moves.areUnderWay || isOnTheMove) return;
    const next = this.queue.shift();
    if (next === undefined) return;
    const { manager } = cluster;
    if (manager?.isDown === true) {
      this.giveUp(next, cluster.now, "the manager has crashed");
      return this.pump();
    }
    this.active = next;
    if (this.latest !== undefined) {
      this.latest.blockedAfterNs = new Map(
        processes.map(({ rank, blockedNs }) => [rank, blockedNs]),
      );
    }
    this.latest = next.coordinated;
    next.coordinated.begunNs = cluster.now;
    next.coordinated.disturbed = this.isSomebodyLeaving;
    for (const record of processes) if (record.alive) this.announce(record);
    manager?.tell(cluster.now, { event: "requested" });
  }

  /** Somebody wants to end, or has ended and the manager has not heard of it yet. */
  private get isSomebodyLeaving(): boolean {
    const { cluster, processes } = this.host;
    if (processes.some(({ alive, isLeaving }) => alive && isLeaving)) return true;
    const coming = cluster.packetsInFlight().filter(({ to }) => to === "manager");
    return [...coming.map(({ from }) => from), ...cluster.manager?.unheard ?? []]
      .some((from) => from !== "manager" && processes[from]?.exited === true);
  }

  /** Lets a process know what the checkpoint under way is about. */
  announce(record: ProcessRecord): void {
    const { active } = this;
    if (active === undefined || !this.host.cluster.isPresent(record.rank)) return;
    const { checkpoint: { label, parts }, using } = active;
    if (parts.some((part) => part.record === record)) return;
    const { node } = record;
    const image = `${label}.${record.name}`;
    const order: CaptureOrder = { label, image, using, alone: false, ...record.lend() };
    const fresh = { figures: undefined, areas: [], takenNs: undefined, point: undefined };
    parts.push({ record, node, image, ...fresh });
    this.host.cluster.order({ ask: "announce", rank: record.rank, order });
    active.coordinated.blockedBeforeNs.set(record.rank, record.blockedNs);
  }

  /** A control message is on the bus. */
  count(message: ControlMessage, bytes: number): void {
    add(this.control, message.kind, bytes);
    this.moves.count(message.kind);
    this.declared.count(message.kind);
    if (this.active !== undefined) add(this.active.coordinated.control, message.kind, bytes);
  }

  /** An application message leaves with so many bytes of the protocol's. */
  piggybacked(bytes: number): void {
    this.piggybackBytes += bytes;
    if (this.active !== undefined) this.active.coordinated.piggybackBytes += bytes;
  }

  /** A message waits outside the receive buffer. */
  withheld(): void {
    if (this.active !== undefined) this.active.coordinated.withheld++;
  }

  /** A process is to move; the protocol says when it does. */
  move(who: ProcessId): void {
    const { cluster } = this.host;
    this.moves.ask(who);
    cluster.manager?.tell(cluster.now, { event: "moving", who });
  }

  /** A process has begun, ended or was lost: what is under way is not the undisturbed case. */
  disturb(): void {
    this.moves.disturb();
    this.declared.disturb();
    if (this.active !== undefined) this.active.coordinated.disturbed = true;
  }

  /** Everything under way or waiting is given up, as at a restart. */
  reset(why: string): void {
    const { now } = this.host.cluster;
    for (const wanted of [...this.active === undefined ? [] : [this.active], ...this.queue]) {
      this.giveUp(wanted, now, why);
    }
    this.active = undefined;
    this.queue.length = 0;
    this.moves.reset();
    this.declared.reset();
  }

  /** A global checkpoint is under way. */
  get isBusy(): boolean {
    return this.active !== undefined || this.declared.areUnderWay;
  }

  private send(
    at: number,
    to: ProcessId,
    message: ControlMessage,
    cause: Wanted | undefined,
  ): void {
    const bytes = CONTROL_HEADER + askProtocol(this.protocol, () => this.protocol.size(message));
    add(this.control, message.kind, bytes);
    this.moves.count(message.kind);
    if (cause !== undefined) add(cause.coordinated.control, message.kind, bytes);
    this.host.event(at, "", "control", `${message.kind} to ${to}`);
    const body = { kind: "control" as const, message };
    this.host.cluster.network.send(at, { from: "manager", to, bytes, body });
  }

  /** When the manifest will be durable. */
  private declare(at: number, members: readonly ProcessId[]): number {
    const { active } = this;
    if (active === undefined) throw new Error("a line that nobody asked for");
    active.coordinated.members = [...members].sort((a, b) => a - b);
    const bytes = LineStore.bytesOf(this.line(active));
    return at + Math.ceil(bytes * NS / this.profile.disk);
  }

  /** The manifest is written last, and only if all it names is there. */
  private record(at: number): boolean {
    const { active } = this;
    if (active === undefined) return false;
    const { label, parts } = active.checkpoint;
    const members = active.coordinated.members ?? [];
    const early = parts.find(({ record, takenNs }) =>
      members.includes(record.rank) && takenNs === undefined
    );
    if (early !== undefined) {
      throw new StrategyError(
        `protocol '${this.protocol.name}' declares '${label}' before ${early.record.name} is saved`,
      );
    }
    const missing = parts.find((part) => members.includes(part.record.rank) && !isDurable(part));
    if (missing !== undefined) {
      // The protocol hears of it and gives up.
      this.unrecorded = `the image '${missing.image}' is gone`;
      return false;
    }
    this.lines.write(this.line(active));
    active.coordinated.recordedNs = at;
    this.host.declared(at, label, members);
    this.host.event(at, "", "recorded", `${label} of ${members.length} processes`);
    return true;
  }

  /** The checkpoint has been dealt with: its price must be the declared one. */
  private finish(): void {
    const { active } = this;
    if (active === undefined) return;
    active.coordinated.over = true;
    this.active = undefined;
    this.check(active.coordinated);
    this.pump();
  }

  private check(coordinated: Coordinated): void {
    const { members, control, disturbed } = coordinated;
    if (disturbed || members === undefined) return;
    const cost = declaredCost(this.protocol, {
      n: members.length,
      options: this.chosen.options,
    });
    const found = new Map([...control].map(([kind, { messages }]) => [kind, messages]));
    coordinated.rounds = roundsOf(cost, found);
    const difference = costDifference(cost, found);
    if (difference === undefined) return;
    throw new StrategyError(
      `protocol '${this.protocol.name}' declares ${difference.declared} messages ` +
        `${difference.kind} for ${members.length} processes${inRounds(coordinated.rounds)}, but ` +
        `sent ${difference.found}`,
    );
  }

  private abort(at: number, why: string): void {
    const { active } = this;
    if (active === undefined) return;
    this.giveUp(active, at, this.unrecorded ?? why);
    this.unrecorded = this.active = undefined;
    this.pump();
  }

  private giveUp({ checkpoint, coordinated }: Wanted, at: number, why: string): void {
    coordinated.over = true;
    // What is recorded stays, whoever has not been told.
    if (coordinated.recordedNs !== undefined) return;
    coordinated.why = why;
    this.host.event(at, "", "aborted", `${checkpoint.label}: ${why}`);
    this.host.aborted(checkpoint.label, why);
  }

  private line({ checkpoint, coordinated }: Wanted): Line {
    const { label, parts } = checkpoint;
    const members = coordinated.members ?? [];
    const some = parts.filter(({ record }) => members.includes(record.rank))
      .sort((a, b) => a.record.rank - b.record.rank)
      .map(({ record, node, image, channels }) => ({
        rank: record.rank,
        process: record.name,
        node: node.name,
        image,
        ...channels === undefined ? {} : { crossing: channels.messages.length },
      }));
    return { label, protocol: this.protocol.name, parts: some };
  }
}

function add(counts: Map<string, ControlCount>, kind: string, bytes: number): void {
  const count = counts.get(kind) ?? { messages: 0, bytes: 0 };
  count.messages++;
  count.bytes += bytes;
  counts.set(kind, count);
}
