/** The lab at work: nodes, processes, channels and checkpoints in one virtual time. */
import { Choices } from "../base/choices.ts";
import type { ChannelOptions } from "../cluster/channel.ts";
import { Cluster } from "../cluster/cluster.ts";
import type { Body, Look } from "../cluster/facts.ts";
import { Housing } from "../cluster/housing.ts";
import { type Isolation, usualIsolation } from "../cluster/isolation.ts";
import { Network } from "../cluster/network.ts";
import type { Packet } from "../cluster/packet.ts";
import type { Profile } from "../cluster/profile.ts";
import type { SessionFigures } from "../image/figures.ts";
import type { ProcessPages } from "../image/page_map.ts";
import { readElf } from "../kernel/elf.ts";
import { runAlone } from "./alone.ts";
import { Auditor } from "./auditor.ts";
import { beginCheckpoint } from "./begin_checkpoint.ts";
import { type CheckpointRecord, isDurable, pagesOf, type Part } from "./checkpoint_record.ts";
import { Coordination } from "./coordination.ts";
import { known, labError } from "./lookup.ts";
import { hear } from "./hear.ts";
import { inject } from "./fault.ts";
import {
  type FaultPlaces,
  type Lab,
  LabError,
  type Loss,
  type Strategy,
  type Victims,
} from "./lab.ts";
import { Lives } from "./lives.ts";
import type { MetricArgument, MetricValue } from "./metric.ts";
import { Migrations } from "./migration.ts";
import { NodeRecord } from "./node_record.ts";
import { ProcessRecord } from "./process_record.ts";
import { askCheckpoint, askCluster, askProcess, restoredState, traceHash } from "./questions.ts";
import { MessageLog, nameIn, type Recording, recordingOf } from "./recording.ts";
import { Recovery } from "./recovery.ts";
import { type Scene, sceneOf } from "./scene.ts";
import { MANAGER, Setup } from "./setup.ts";
import { type Keeping, settleLine, USUAL_KEEPING, withStorage } from "./storage.ts";
import type { WorldOptions } from "./world_options.ts";
import { Trace } from "./trace.ts";

/** One world, from power-on to its end. */
export class World implements Lab {
  readonly trace = new Trace();
  readonly choices: Choices;
  readonly setup = new Setup();
  readonly checkpoints = new Map<string, CheckpointRecord>();
  /** Packets that reached nobody, and processes that had to go back with others. */
  dropped = 0;
  rolledBack = 0;
  /** Processes that were brought back, by the checkpoint they came from. */
  readonly restores = new Map<string, number>();
  /** Crashes by the phase of the process, and "checkpoint": while one was under way. */
  readonly crashesIn = new Map<string, number>();
  /** How images are kept. */
  keeping: Keeping = USUAL_KEEPING;
  coordination: Coordination | undefined;
  private readonly log: MessageLog | undefined;
  private power: Promise<void> | undefined;
  private made: { readonly cluster: Cluster; readonly auditor: Auditor } | undefined;
  private readonly theLives = new Lives(this);
  private readonly recovery = new Recovery(this);
  private readonly migrations = new Migrations(this);
  private time = 0;
  /** What happens now is not an order from outside. */
  private isAdvancing = false;

  constructor(readonly options: WorldOptions) {
    this.choices = options.choices ?? new Choices(options.seed);
    if (options.record === true) this.log = new MessageLog(nameIn(this));
  }

  get now(): number {
    return this.time;
  }

  get atRest(): boolean {
    const starts = this.setup.processes.some(({ condition }) => condition === "waiting");
    return !starts && (this.made === undefined || this.cluster.atRest);
  }

  get remarks(): readonly string[] {
    return this.setup.processes.flatMap((record) =>
      this.inspect(record)?.unknownCalls.map((each) => `${record.name}: ${each}`) ?? []
    );
  }

  get traceHash(): string {
    return traceHash(this);
  }

  get events(): number {
    const retired = this.setup.processes.map(({ retired }) => Math.floor(retired / 10_000));
    return retired.reduce((sum, count) => sum + count, this.trace.size);
  }

  get recording(): Recording | undefined {
    return this.log && recordingOf(this, this.log);
  }

  get cluster(): Cluster {
    return this.powered.cluster;
  }

  get auditor(): Auditor {
    return this.powered.auditor;
  }

  // The setup.

  isolate(isolation: Isolation): void {
    this.setup.mustBeOpen("isolation");
    this.setup.isolation = isolation;
  }

  keep(storage: Strategy): void {
    this.setup.mustBeOpen("a storage");
    if (this.setup.nodes.size > 0) throw new LabError("a storage comes too late: there are nodes");
    const row = this.options.registry.storage(storage.name);
    if (row === undefined) throw new LabError(`there is no storage '${storage.name}'`);
    this.keeping = row.keep(storage.options as never);
  }

  addNode(name: string, given: Profile): void {
    const profile = withStorage(given, this.keeping);
    this.setup.addNode(new NodeRecord(name, profile, this.keeping, given));
    this.event(this.time, name, "", "node", `${profile.clock} Hz, ${profile.cpus} processors`);
  }

  addProcess(name: string, nodeName: string, workload: Strategy, startsAt = 0): void {
    const { setup, options } = this;
    setup.mustBeOpen("a process");
    if (setup.hasProcess(name)) throw new LabError(`there is a process '${name}' already`);
    const node = setup.node(nodeName);
    const row = options.registry.workload(workload.name);
    if (row === undefined) throw new LabError(`there is no workload '${workload.name}'`);
    const start = row.start(workload.options as never);
    const executable = options.readProgram(start.file);
    labError(() => readElf(executable));
    const rank = setup.processes.length;
    const status = () => this.made?.cluster.statusOf(rank);
    const undisturbed = once(() => runAlone(this.theLives.planOf(record, node), options.registry));
    const plan = { rank, name, node, workload, start, executable, startsAt, status, undisturbed };
    const record: ProcessRecord = new ProcessRecord(plan);
    setup.addProcess(record);
  }

  connect(from: readonly string[], to: readonly string[], options: ChannelOptions): void {
    this.setup.connect(from, to, options);
  }

  coordinate(protocol: Strategy): void {
    this.setup.mustBeOpen("a protocol");
    if (this.options.registry.protocol(protocol.name) === undefined) {
      throw new LabError(`there is no protocol '${protocol.name}'`);
    }
    this.setup.protocol = protocol;
  }

  /** Power on: what was set up begins. */
  begin(): Promise<void> {
    return this.power ??= this.powerOn();
  }

  private async powerOn(): Promise<void> {
    const { setup, options: { registry, supply, workers } } = this;
    setup.close(this.keeping);
    const network = new Network<Body>({
      choices: this.choices,
      channel: (from, to) => setup.channel(from, to),
      nodeOf: (station) => setup.nodeOf(station),
      channels: setup.channels,
      kindOf: (body) => body.kind === "user" ? "user" : body.message.kind,
      ...(this.log === undefined ? {} : { observer: this.log }),
    });
    const inThread = workers === 0 || workers === "stated" && setup.isolation === undefined;
    const housing = new Housing({
      strategies: registry,
      workers: inThread ? undefined : supply,
      isolation: typeof workers === "number"
        ? { kind: "pool", count: workers }
        : setup.isolation ?? usualIsolation(setup.processes.length),
    });
    const cluster = new Cluster(network, housing, {
      fact: (rank, fact) => hear(this, setup.record(rank), fact),
      dropped: (packet) => this.drop(packet),
      betweenRounds: () => this.migrations.goOn(),
    });
    this.setup.processes.forEach(() => cluster.addSeat());
    this.made = { cluster, auditor: new Auditor({ count: this.setup.processes.length }) };
    this.coordination = this.newCoordination();
    const first = this.setup.processes.filter(({ plan }) => plan.startsAt <= 0);
    this.coordination?.begin(first.map(({ rank }) => rank));
    await this.theLives.startAll(first);
  }

  private newCoordination(): Coordination | undefined {
    const { protocol: chosen, nodes, processes } = this.setup;
    const protocol = chosen && this.options.registry.protocol(chosen.name);
    const profile = [...nodes.values()][0]?.profile;
    if (chosen === undefined || protocol === undefined || profile === undefined) return undefined;
    return new Coordination(protocol, chosen, profile, {
      cluster: this.cluster,
      processes,
      event: (at, process, kind, text) => this.event(at, "", process, kind, text),
      declared: (at, label, members) => {
        this.auditor.declared(label, members);
        settleLine(this, label, at);
      },
      aborted: (label, why) => this.auditor.aborted(label, why),
    });
  }

  /** Begins or goes on: processes, each in a domain. */
  get lives(): Lives {
    return this.theLives;
  }

  // Steps.

  async checkpoint(
    names: readonly string[],
    label: string | undefined,
    using: Strategy,
  ): Promise<void> {
    await this.begin();
    beginCheckpoint(this, names, label, using);
  }

  async crash(victims: Victims, losing: Loss): Promise<void> {
    await this.begin();
    const there = this.setup.processes.filter(({ node, alive }) =>
      alive && victims.nodes.includes(node.name)
    );
    const elsewhere = victims.nodes.length > 0 || victims.manager;
    const named = elsewhere && victims.processes.length === 0 ? [] : this.setup.several(
      victims.processes,
      "crashed",
      (record) => record.alive ? undefined : `it ${record.described}`,
    );
    this.recovery.crash([...new Set([...named, ...there])], victims, losing);
  }

  async restart(
    names: readonly string[],
    from: string | undefined,
    on: string | undefined,
    orBeginning = false,
  ): Promise<void> {
    await this.begin();
    const { manager } = this.cluster;
    const withManager = names.includes(MANAGER);
    if (withManager && manager?.isDown !== true) {
      throw new LabError("the manager cannot be restarted: it has not crashed");
    }
    const others = names.filter((name) => name !== MANAGER);
    if (others.length > 0) {
      const records = this.setup.several(others, "restarted", () => undefined);
      await this.recovery.restart(
        records,
        from,
        on === undefined ? undefined : this.setup.node(on),
        orBeginning,
      );
    } else if (withManager) {
      manager?.restart(this.time);
      this.event(this.time, "", MANAGER, "restart", "");
    }
  }

  async migrate(names: readonly string[], to: string, using: Strategy): Promise<void> {
    await this.begin();
    const target = this.setup.node(to);
    const records = this.setup.several(names, "migrated", (record) => {
      if (record.condition !== "running") return `it ${record.described}`;
      if ((record.status?.sessions.length ?? 0) > 0) return "a checkpoint of it is under way";
      return record.node === target ? `it is on '${to}' already` : undefined;
    });
    for (const record of records) this.migrations.begin(record, target, using);
  }

  partition(nodes: readonly string[], others: readonly string[]): void {
    for (const name of [...nodes, ...others]) if (name !== MANAGER) this.setup.node(name);
    this.cluster.network.partition(nodes, others);
    this.event(this.time, "", "", "partition", `${nodes.join(", ")} from ${others.join(", ")}`);
  }

  heal(nodes: readonly string[]): void {
    this.cluster.network.heal(nodes);
    this.event(this.time, "", "", "heal", nodes.join(", "));
  }

  pause(names: readonly string[]): void {
    for (const record of this.setup.several(names, "paused", unlessAlive)) {
      const { rank, name, node } = record;
      record.isPaused = true;
      this.cluster.order({ ask: "pause", rank });
      this.event(this.time, node.name, name, "pause", "");
    }
  }

  resume(names: readonly string[]): void {
    for (const record of this.setup.several(names, "resumed", unlessAlive)) {
      const { rank, name, node } = record;
      record.isPaused = false;
      this.cluster.order({ ask: "resume", rank });
      this.event(this.time, node.name, name, "resume", "");
    }
  }

  pick(names: readonly string[]): string {
    const name = names[this.choices.below("any", "script", Math.max(1, names.length))];
    if (name === undefined) throw new LabError("there is nothing to choose from");
    return name;
  }

  inject(fault: Strategy, at: FaultPlaces): void {
    inject(this, fault, at);
  }

  note(text: string): void {
    this.event(this.time, "", "", "note", text);
  }

  async advance(until: number): Promise<void> {
    await this.begin();
    this.isAdvancing = true;
    try {
      while (this.time < until) {
        const starts = this.setup.processes.flatMap(({ condition, plan }) =>
          condition === "waiting" ? [plan.startsAt] : []
        );
        const next = Math.min(until, ...starts);
        await this.cluster.advance(next);
        this.time = Math.max(this.time, next);
        await this.theLives.startDue();
      }
    } catch (mistake) {
      this.trace.breakOff();
      throw mistake;
    } finally {
      this.isAdvancing = false;
      this.trace.reach(this.time);
    }
  }

  end(): void {
    this.made?.cluster.end();
  }

  // Questions.

  processMetric(name: string, metric: string, given: readonly MetricArgument[] = []): MetricValue {
    return askProcess(this, name, metric, given);
  }

  checkpointMetric(
    label: string,
    metric: string,
    given: readonly MetricArgument[] = [],
  ): MetricValue {
    return askCheckpoint(this, label, metric, given);
  }

  checkpointPages(label: string): readonly ProcessPages[] {
    return pagesOf(known(this.checkpoints, label, "checkpoint"));
  }

  clusterMetric(metric: string, given: readonly MetricArgument[] = []): MetricValue {
    return askCluster(this, metric, given);
  }

  get committed(): readonly string[] {
    return [...this.checkpoints.values()].filter((each) => this.isCommitted(each))
      .map(({ label }) => label);
  }

  restoredState(label: string): string {
    return restoredState(this, label);
  }

  get scene(): Scene {
    return sceneOf(this);
  }

  // For those who work on this world.

  /** The checkpoint is durable as a whole. */
  isCommitted(checkpoint: CheckpointRecord): boolean {
    const { coordinated, label } = checkpoint;
    if (coordinated === undefined) return checkpoint.parts.every(isDurable);
    const recorded = this.coordination?.lines.labels().includes(label) === true;
    return recorded && this.partsOf(checkpoint).every(isDurable);
  }

  /** The parts that belong to a checkpoint: of a global one, what its manifest names. */
  partsOf(checkpoint: CheckpointRecord): readonly Part[] {
    const { coordinated, label, parts } = checkpoint;
    const lines = this.coordination?.lines;
    if (coordinated === undefined || lines === undefined) return parts;
    if (!lines.labels().includes(label)) return [];
    const named = labError(() => lines.read(label)).parts.map(({ rank }) => rank);
    return parts.filter(({ record }) => named.includes(record.rank));
  }

  event(time: number, node: string, process: string, kind: string, text: string): void {
    const event = { time: Math.round(time), node, process, kind, text };
    if (this.isAdvancing) this.trace.event(event);
    else this.trace.order(event);
  }

  /** t0 of a checkpoint: perhaps that of a process on the move. */
  saved(record: ProcessRecord, label: string): void {
    this.migrations.saved(record, label);
  }
  /** And it is over. */
  migrated(record: ProcessRecord, label: string, figures: SessionFigures): void {
    this.migrations.over(record, label, figures);
  }

  /** What is expensive to find out, `threads` too; nothing when the process has no domain. */
  inspect(record: ProcessRecord, threads = false): Look | undefined {
    if (this.made === undefined || record.status === undefined) return undefined;
    return this.cluster.order({ ask: "inspect", rank: record.rank, threads });
  }

  private get powered() {
    if (this.made === undefined) throw new LabError("the world has not begun");
    return this.made;
  }

  private drop(packet: Packet<Body>): void {
    const { from, to, body } = packet;
    this.dropped++;
    this.log?.gone(packet, "dropped");
    this.event(this.cluster.now, "", "", "dropped", `${body.kind} from ${from} to ${to}`);
  }
}

/** Why a process cannot be stopped or let go. */
const unlessAlive = (record: ProcessRecord): string | undefined =>
  record.alive ? undefined : `it ${record.described}`;

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
