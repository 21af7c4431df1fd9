/** The lab at work: nodes, processes, channels and checkpoints in one virtual time. */
import { Choices } from "../base/choices.ts";
import { Digest } from "../base/digest.ts";
import { readOptions } from "../base/option.ts";
import { CHANNEL, type ChannelOptions } from "../cluster/channel.ts";
import { Cluster } from "../cluster/cluster.ts";
import type { Body, DomainPlan, Resumption } from "../cluster/facts.ts";
import { Housing } from "../cluster/housing.ts";
import type { Isolation } from "../cluster/isolation.ts";
import { Network } from "../cluster/network.ts";
import type { Profile } from "../cluster/profile.ts";
import type { Station } from "../cluster/protocol.ts";
import { restore } from "../image/restore.ts";
import { stateDigest } from "../image/state_digest.ts";
import { Board } from "../cluster/board.ts";
import { ElfError, readElf } from "../kernel/elf.ts";
import type { SessionFigures } from "../image/figures.ts";
import { ImageError } from "../image/image.ts";
import { SpawnError } from "../kernel/spawn.ts";
import { runAlone } from "./alone.ts";
import { Auditor } from "./auditor.ts";
import { checkpointMetric } from "./checkpoint_metrics.ts";
import { type CheckpointRecord, isDurable } from "./checkpoint_record.ts";
import { CLUSTER_METRICS } from "./cluster_metrics.ts";
import { Coordination } from "./coordination.ts";
import { hear } from "./hear.ts";
import { type Lab, LabError, type Loss, type Strategy, type Victims } from "./lab.ts";
import { known, rowOf } from "./lookup.ts";
import type { MetricArgument, MetricValue } from "./metric.ts";
import { Migrations } from "./migration.ts";
import { NodeRecord } from "./node_record.ts";
import { PROCESS_METRICS } from "./process_metrics.ts";
import { ProcessRecord } from "./process_record.ts";
import { Recovery } from "./recovery.ts";
import type { Registry } from "./registry.ts";
import { Trace, type TraceEvent } from "./trace.ts";

/** What a world is made of. */
export interface WorldOptions {
  readonly seed: number;
  readonly registry: Registry;
  /** The bytes of a program's ELF file; throws a `LabError` that says what is wrong. */
  readonly readProgram: (file: string) => Uint8Array;
  /** The module of a Worker, which calls `serveDomains`; without one all is in this thread. */
  readonly worker?: URL;
  /** How many Workers, whatever the script says; 0: everything in this thread. */
  readonly workers?: number;
}

/** A channel statement. */
interface Connection {
  readonly from: ReadonlySet<string>;
  readonly to: ReadonlySet<string>;
  readonly options: ChannelOptions;
}

const USUAL_CHANNEL: ChannelOptions = readOptions(CHANNEL, {}).values;
const MANAGER = "manager";
/** How processes are housed when nobody says. */
const USUAL_ISOLATION: Isolation = { kind: "process" };

/** One world, from power-on to its end. */
export class World implements Lab {
  readonly trace = new Trace();
  readonly choices: Choices;
  readonly nodes = new Map<string, NodeRecord>();
  readonly processes: ProcessRecord[] = [];
  readonly checkpoints = new Map<string, CheckpointRecord>();
  /** Packets that reached nobody, and processes that had to go back with others. */
  dropped = 0;
  rolledBack = 0;
  coordination: Coordination | undefined;
  private readonly byName = new Map<string, ProcessRecord>();
  private readonly connections: Connection[] = [];
  private chosen: Strategy | undefined;
  private isolation: Isolation | undefined;
  private power: Promise<void> | undefined;
  private made: { readonly cluster: Cluster; readonly auditor: Auditor } | undefined;
  private readonly recovery = new Recovery(this);
  private readonly migrations = new Migrations(this);
  private time = 0;
  /** While the cluster advances: events, to be put in order of time. */
  private waiting: TraceEvent[] | undefined;

  constructor(readonly options: WorldOptions) {
    this.choices = new Choices(options.seed);
  }

  get now(): number {
    return this.time;
  }

  get atRest(): boolean {
    const starts = this.processes.some(({ condition }) => condition === "waiting");
    return !starts && (this.made === undefined || this.cluster.atRest);
  }

  get remarks(): readonly string[] {
    return this.processes.flatMap((record) =>
      this.inspect(record)?.unknownCalls.map((each) => `${record.name}: ${each}`) ?? []
    );
  }

  get traceHash(): string {
    const digest = new Digest().add(this.trace.hash, this.choices.hash);
    for (const record of this.processes) {
      const look = this.inspect(record);
      digest.add(record.name, ...record.pastCalls, look?.calls ?? "", record.instructions);
      digest.add(record.output, Math.round(record.status?.now ?? 0));
    }
    return digest.hex;
  }

  get cluster(): Cluster {
    return this.powered.cluster;
  }

  get auditor(): Auditor {
    return this.powered.auditor;
  }

  // The setup.

  isolate(isolation: Isolation): void {
    this.mustBeSetup("isolation");
    this.isolation = isolation;
  }

  addNode(name: string, profile: Profile): void {
    this.mustBeSetup("a node");
    if (this.nodes.has(name)) throw new LabError(`there is a node '${name}' already`);
    this.nodes.set(name, new NodeRecord(name, profile));
    this.event(this.time, name, "", "node", `${profile.clock} Hz, ${profile.cpus} processors`);
  }

  addProcess(name: string, nodeName: string, workload: Strategy, startsAt = 0): void {
    this.mustBeSetup("a process");
    if (this.byName.has(name)) throw new LabError(`there is a process '${name}' already`);
    const node = this.node(nodeName);
    const row = this.options.registry.workload(workload.name);
    if (row === undefined) throw new LabError(`there is no workload '${workload.name}'`);
    const start = row.start(workload.options as never);
    const executable = this.options.readProgram(start.file);
    labError(() => readElf(executable));
    const undisturbed = once(() => runAlone(this.planOf(record, node), this.options.registry));
    const rank = this.processes.length;
    const status = () => this.made?.cluster.statusOf(rank);
    const plan = { rank, name, node, workload, start, executable, startsAt, status, undisturbed };
    const record: ProcessRecord = new ProcessRecord(plan);
    this.processes.push(record);
    this.byName.set(name, record);
  }

  connect(from: readonly string[], to: readonly string[], options: ChannelOptions): void {
    this.mustBeSetup("a channel");
    this.connections.push({ from: new Set(from), to: new Set(to), options });
  }

  coordinate(protocol: Strategy): void {
    this.mustBeSetup("a protocol");
    if (this.options.registry.protocol(protocol.name) === undefined) {
      throw new LabError(`there is no protocol '${protocol.name}'`);
    }
    this.chosen = protocol;
  }

  /** Power on: what was set up begins. */
  begin(): Promise<void> {
    return this.power ??= this.powerOn();
  }

  private async powerOn(): Promise<void> {
    const { registry, worker, workers } = this.options;
    const network = new Network<Body>({
      choices: this.choices,
      channel: (from, to) => this.channel(from, to),
      nodeOf: (station) => station === MANAGER ? MANAGER : this.record(station).node.name,
      channels: [USUAL_CHANNEL, ...this.connections.map(({ options }) => options)],
      kindOf: (body) => body.kind === "user" ? "user" : body.message.kind,
    });
    const housing = new Housing({
      strategies: registry,
      worker: workers === 0 ? undefined : worker,
      isolation: workers === undefined
        ? this.isolation ?? USUAL_ISOLATION
        : { kind: "pool", count: workers },
    });
    const cluster = new Cluster(network, housing, {
      fact: (rank, fact) => hear(this, this.record(rank), fact),
      dropped: (packet) => this.drop(packet.from, packet.to, packet.body),
      betweenRounds: () => this.migrations.goOn(),
    });
    this.processes.forEach(() => cluster.addSeat());
    this.made = { cluster, auditor: new Auditor({ count: this.processes.length }) };
    this.coordination = this.newCoordination();
    const first = this.processes.filter(({ plan }) => plan.startsAt <= 0);
    this.coordination?.begin(first.map(({ rank }) => rank));
    await this.startAll(first);
  }

  private newCoordination(): Coordination | undefined {
    const { chosen } = this;
    const protocol = chosen && this.options.registry.protocol(chosen.name);
    const profile = [...this.nodes.values()][0]?.profile;
    if (chosen === undefined || protocol === undefined || profile === undefined) return undefined;
    return new Coordination(protocol, chosen, profile, {
      cluster: this.cluster,
      processes: this.processes,
      event: (at, process, kind, text) => this.event(at, "", process, kind, text),
      declared: (label, members) => this.auditor.declared(label, members),
      aborted: (label, why) => this.auditor.aborted(label, why),
    });
  }

  /** Later statements win. */
  private channel(from: Station, to: Station): ChannelOptions {
    const nameOf = (station: Station) => station === MANAGER ? MANAGER : this.record(station).name;
    const a = nameOf(from), b = nameOf(to);
    return this.connections.findLast((each) => each.from.has(a) && each.to.has(b))?.options ??
      USUAL_CHANNEL;
  }

  // Lives.

  /** The plan of a process's domain. */
  planOf(record: ProcessRecord, node: NodeRecord, resumption?: Resumption): DomainPlan {
    const { start, executable } = record.plan;
    const program = baseName(start.file);
    const members = this.processes.filter((each) => each === record || each.alive)
      .map(({ rank }) => rank);
    return {
      rank: record.rank,
      size: this.processes.length,
      process: record.name,
      node: node.name,
      profile: node.profile,
      seed: `${this.options.seed}/${record.name}`,
      at: this.time,
      program: {
        path: `/bin/${program}`,
        name: program,
        args: start.args,
        input: start.input ?? "",
        executable,
      },
      ...(resumption === undefined ? {} : { resumption }),
      ...(this.coordination === undefined ? {} : { protocol: this.coordination.plan(members) }),
    };
  }

  /** Begins these processes, side by side. */
  async startAll(records: readonly ProcessRecord[]): Promise<void> {
    for (const record of records) record.begin(record.plan.node);
    await this.openAll(records.map((record) => this.planOf(record, record.node)));
    for (const { name, node, plan: { start } } of records) {
      const line = [baseName(start.file), ...start.args].join(" ");
      this.event(this.time, node.name, name, "spawn", line);
    }
  }

  /** Opens domains, side by side. Throws {@linkcode LabError} when there can be none. */
  async openAll(plans: readonly DomainPlan[]): Promise<void> {
    const refusals = await Promise.all(plans.map((plan) => this.cluster.open(plan)));
    const refusal = refusals.find((why) => why !== undefined);
    if (refusal !== undefined) throw new LabError(refusal);
  }

  /** Those whose time has come. */
  private async startDue(): Promise<void> {
    const due = this.processes.filter(({ condition, plan }) =>
      condition === "waiting" && plan.startsAt <= this.time
    );
    for (const record of due) {
      await this.startAll([record]);
      this.coordination?.disturb();
      this.coordination?.announce(record);
      const event = { event: "joining", who: record.rank } as const;
      this.cluster.manager?.tell(this.time, event);
      for (const other of this.processes) this.cluster.tellMember(other.rank, event);
    }
  }

  // Steps.

  async checkpoint(
    names: readonly string[],
    label: string | undefined,
    using: Strategy,
  ): Promise<void> {
    await this.begin();
    const strategy = this.options.registry.checkpointer(using.name);
    if (strategy === undefined) throw new LabError(`there is no checkpointer '${using.name}'`);
    const title = label ?? `#${this.checkpoints.size + 1}`;
    if (this.checkpoints.has(title)) {
      throw new LabError(`there is a checkpoint '${title}' already; give each its own name`);
    }
    const { coordination } = this;
    const together = coordination?.protocol.manager !== undefined;
    const records = this.several(names, "checkpointed", (record) => {
      if (together) return undefined;
      if (!record.alive) return `it ${record.described}`;
      const busy = record.condition === "moving" || (record.status?.sessions.length ?? 0) > 0;
      return busy ? "a checkpoint of it is under way already" : undefined;
    });
    if (together && coordination !== undefined) {
      const left = this.processes.filter((record) => record.alive && !records.includes(record));
      if (left.length > 0) {
        throw new LabError(
          `'${coordination.protocol.name}' saves all processes together, but ` +
            `'${left[0]?.name}' is not among those named; write 'checkpoint all'`,
        );
      }
      this.event(this.time, "", "", "request", `${title} by ${coordination.protocol.name}`);
      this.checkpoints.set(title, coordination.request(title, using));
      return;
    }
    this.each(records, title, using);
  }

  /** A checkpoint of each process by itself. */
  private each(records: readonly ProcessRecord[], title: string, using: Strategy): void {
    const parts = records.map((record) => ({
      record,
      node: record.node,
      image: `${title}.${record.name}`,
      figures: undefined,
      takenNs: undefined,
      point: undefined,
    }));
    this.checkpoints.set(title, { label: title, parts });
    for (const { record, image } of parts) {
      this.event(
        this.time,
        record.node.name,
        record.name,
        "checkpoint",
        `${title} by ${using.name}`,
      );
      const order = { label: title, image, using, alone: false };
      this.cluster.order({ ask: "checkpoint", rank: record.rank, order });
    }
  }

  async crash(victims: Victims, losing: Loss): Promise<void> {
    await this.begin();
    const there = this.processes.filter(({ node, alive }) =>
      alive && victims.nodes.includes(node.name)
    );
    const named = this.several(
      victims.processes,
      "crashed",
      (record) => record.alive ? undefined : `it ${record.described}`,
      victims.manager || victims.nodes.length > 0,
    );
    this.recovery.crash([...new Set([...named, ...there])], victims, losing);
  }

  async restart(
    names: readonly string[],
    from: string | undefined,
    on: string | undefined,
  ): Promise<void> {
    await this.begin();
    const { manager } = this.cluster;
    const withManager = names.includes(MANAGER);
    if (withManager && manager?.isDown !== true) {
      throw new LabError("the manager cannot be restarted: it has not crashed");
    }
    const others = names.filter((name) => name !== MANAGER);
    if (others.length > 0) {
      const records = this.several(others, "restarted", () => undefined);
      await this.recovery.restart(records, from, on === undefined ? undefined : this.node(on));
    } else if (withManager) {
      manager?.restart(this.time);
      this.event(this.time, "", MANAGER, "restart", "");
    }
  }

  async migrate(names: readonly string[], to: string, using: Strategy): Promise<void> {
    await this.begin();
    const target = this.node(to);
    const records = this.several(names, "migrated", (record) => {
      if (record.condition !== "running") return `it ${record.described}`;
      if ((record.status?.sessions.length ?? 0) > 0) return "a checkpoint of it is under way";
      return record.node === target ? `it is on '${to}' already` : undefined;
    });
    for (const record of records) this.migrations.begin(record, target, using);
  }

  partition(nodes: readonly string[], others: readonly string[]): void {
    for (const name of [...nodes, ...others]) if (name !== MANAGER) this.node(name);
    this.cluster.network.partition(nodes, others);
    this.event(this.time, "", "", "partition", `${nodes.join(", ")} from ${others.join(", ")}`);
  }

  heal(nodes: readonly string[]): void {
    this.cluster.network.heal(nodes);
    this.event(this.time, "", "", "heal", nodes.join(", "));
  }

  pause(names: readonly string[]): void {
    const records = this.several(
      names,
      "paused",
      (record) => record.alive ? undefined : `it ${record.described}`,
    );
    for (const { rank, name, node } of records) {
      this.cluster.order({ ask: "pause", rank });
      this.event(this.time, node.name, name, "pause", "");
    }
  }

  resume(names: readonly string[]): void {
    const records = this.several(
      names,
      "resumed",
      (record) => record.alive ? undefined : `it ${record.described}`,
    );
    for (const { rank, name, node } of records) {
      this.cluster.order({ ask: "resume", rank });
      this.event(this.time, node.name, name, "resume", "");
    }
  }

  pick(names: readonly string[]): string {
    const name = names[this.choices.below("any", "script", Math.max(1, names.length))];
    if (name === undefined) throw new LabError("there is nothing to choose from");
    return name;
  }

  note(text: string): void {
    this.event(this.time, "", "", "note", text);
  }

  async advance(until: number): Promise<void> {
    await this.begin();
    const events: TraceEvent[] = this.waiting = [];
    try {
      while (this.time < until) {
        const starts = this.processes.flatMap(({ condition, plan }) =>
          condition === "waiting" ? [plan.startsAt] : []
        );
        const next = Math.min(until, ...starts);
        await this.cluster.advance(next);
        this.time = Math.max(this.time, next);
        await this.startDue();
      }
    } finally {
      this.waiting = undefined;
      // What happened at the same instant stays in the order in which it was told.
      for (const event of events.sort((a, b) => a.time - b.time)) this.trace.event(event);
    }
  }

  end(): void {
    this.made?.cluster.end();
  }

  // Questions.

  processMetric(
    name: string,
    metric: string,
    given: readonly MetricArgument[] = [],
  ): MetricValue {
    const process = this.process(name);
    const state = () => process.ending?.state ?? this.inspect(process)?.state ?? "";
    return rowOf(PROCESS_METRICS, metric, "metric of a process").read({ process, state }, given);
  }

  checkpointMetric(
    label: string,
    metric: string,
    given: readonly MetricArgument[] = [],
  ): MetricValue {
    const checkpoint = known(this.checkpoints, label, "checkpoint");
    refresh(checkpoint);
    const committed = this.isCommitted(checkpoint);
    const audit = () => this.auditor.line(label);
    return checkpointMetric({ checkpoint, committed, audit }, metric, given);
  }

  clusterMetric(metric: string, given: readonly MetricArgument[] = []): MetricValue {
    const { processes, dropped, rolledBack, coordination } = this;
    const inFlight = this.cluster.packetsInFlight().flatMap(({ from, to, body }) =>
      body.kind === "user" && from !== MANAGER && to !== MANAGER
        ? [{ from, to, sequence: body.sequence }]
        : []
    );
    return rowOf(CLUSTER_METRICS, metric, "metric of the cluster").read({
      processes,
      checkpoints: [...this.checkpoints.values()],
      committed: this.committed.length,
      control: coordination?.control ?? new Map(),
      traffic: this.cluster.network.counts,
      inFlight: inFlight.length,
      rolledBack,
      dropped,
      audit: () => this.auditor.run(inFlight),
    }, given);
  }

  get committed(): readonly string[] {
    return [...this.checkpoints.values()].filter((each) => this.isCommitted(each))
      .map(({ label }) => label);
  }

  restoredState(label: string): string {
    const checkpoint = known(this.checkpoints, label, "checkpoint");
    return this.recovery.partsOf(checkpoint).map((part) => {
      if (!isDurable(part)) throw new LabError(`the checkpoint '${label}' is not committed`);
      const scratch = Board.boot(part.node.profile, this.options.seed);
      const process = labError(() =>
        restore(part.node.store.read(part.image), {
          kernel: scratch.kernel,
          executable: part.record.plan.executable,
        })
      );
      return stateDigest(process, scratch.kernel);
    }).join(" ");
  }

  // For those who work on this world.

  /** The checkpoint is durable as a whole. */
  isCommitted(checkpoint: CheckpointRecord): boolean {
    const { coordinated, label } = checkpoint;
    if (coordinated === undefined) return checkpoint.parts.every(isDurable);
    const recorded = this.coordination?.lines.labels().includes(label) === true;
    return recorded && this.recovery.partsOf(checkpoint).every(isDurable);
  }

  event(time: number, node: string, process: string, kind: string, text: string): void {
    const event = { time: Math.round(time), node, process, kind, text };
    if (this.waiting === undefined) this.trace.event(event);
    else this.waiting.push(event);
  }

  record(rank: number): ProcessRecord {
    const record = this.processes[rank];
    if (record === undefined) throw new Error(`there is no rank ${rank}`);
    return record;
  }

  node(name: string): NodeRecord {
    return known(this.nodes, name, "node");
  }

  process(name: string): ProcessRecord {
    return known(this.byName, name, "process");
  }

  /** A checkpoint is over: perhaps that of a process on the move. */
  migrated(record: ProcessRecord, label: string, figures: SessionFigures): void {
    this.migrations.over(record, label, figures);
  }

  /** What is expensive to find out about a process; nothing when it has no domain. */
  inspect(record: ProcessRecord) {
    if (this.made === undefined || record.status === undefined) return undefined;
    return this.cluster.order({ ask: "inspect", rank: record.rank });
  }

  private get powered() {
    if (this.made === undefined) throw new LabError("the world has not begun");
    return this.made;
  }

  private mustBeSetup(what: string): void {
    if (this.power !== undefined) throw new LabError(`${what} is too late: the world has begun`);
  }

  private drop(from: Station, to: Station, body: { readonly kind: string }): void {
    this.dropped++;
    this.event(this.cluster.now, "", "", "dropped", `${body.kind} from ${from} to ${to}`);
  }

  /** The processes of an order, all looked at before anything happens to the first. */
  private several(
    names: readonly string[],
    what: string,
    refusal: (record: ProcessRecord) => string | undefined,
    mayBeNone = false,
  ): readonly ProcessRecord[] {
    if (names.length === 0 && !mayBeNone) {
      throw new LabError(`no process is named that could be ${what}`);
    }
    return names.map((name, index) => {
      const record = this.process(name);
      const why = names.indexOf(name) < index ? "it is named twice" : refusal(record);
      if (why !== undefined) throw new LabError(`'${name}' cannot be ${what}: ${why}`);
      return record;
    });
  }
}

/** Brings the figures of parts that are still being saved up to date. */
function refresh({ label, parts }: CheckpointRecord): void {
  for (const part of parts) {
    const found = part.record.status?.sessions.find(([name]) => name === label);
    if (found !== undefined) part.figures = found[1];
  }
}

/** A program or an image that cannot be used is the script's trouble here. */
export function labError<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    const theirs = error instanceof ImageError || error instanceof ElfError ||
      error instanceof SpawnError;
    throw theirs ? new LabError(error.message) : error;
  }
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

const baseName = (file: string): string =>
  file.slice(file.lastIndexOf("/") + 1).replace(/\.elf$/, "");
