/** The lab at work: nodes, processes and checkpoints in one virtual time. */
import { Digest } from "../base/digest.ts";
import { captureCosts, Node } from "../cluster/node.ts";
import type { Profile } from "../cluster/profile.ts";
import { type Bin, BINS } from "../image/account.ts";
import type { Checkpointer } from "../image/checkpointer.ts";
import { ImageError } from "../image/image.ts";
import { MemoryStore } from "../image/memory_store.ts";
import { restore } from "../image/restore.ts";
import { CaptureSession } from "../image/session.ts";
import { stateDigest } from "../image/state_digest.ts";
import { StoreSink } from "../image/store_sink.ts";
import { ElfError } from "../kernel/elf.ts";
import { Console } from "../kernel/files/console.ts";
import type { Process } from "../kernel/process.ts";
import { SpawnError } from "../kernel/spawn.ts";
import {
  checkpointMetric,
  type CheckpointRecord,
  type Part,
  restartCost,
} from "./checkpoint_record.ts";
import { describeUnknown } from "../kernel/call_runner.ts";
import { type Lab, LabError, type Loss, type Strategy } from "./lab.ts";
import { known, rowOf } from "./lookup.ts";
import type { MetricValue } from "./metric.ts";
import { PROCESS_METRICS } from "./metrics.ts";
import { type Point, ProcessRecord, type UndisturbedRun } from "./process_record.ts";
import type { Registry } from "./registry.ts";
import { Trace, type TraceEvent } from "./trace.ts";

/** What a world is made of. */
export interface WorldOptions {
  readonly seed: number;
  readonly registry: Registry;
  /** The bytes of a program's ELF file; throws a `LabError` that says what is wrong. */
  readonly readProgram: (file: string) => Uint8Array;
}

/** One world, from power-on to its end. */
export class World implements Lab {
  readonly trace = new Trace();
  private readonly nodes = new Map<string, Node>();
  private readonly stores = new Map<string, MemoryStore>();
  private readonly processes = new Map<string, ProcessRecord>();
  private readonly checkpoints = new Map<string, CheckpointRecord>();
  private time = 0;
  /** While nodes advance one after the other: their events, to be put in order of time. */
  private waiting: TraceEvent[] | undefined;

  constructor(private readonly options: WorldOptions) {}

  get now(): number {
    return this.time;
  }

  get atRest(): boolean {
    return [...this.nodes.values()].every((node) => node.atRest);
  }

  get remarks(): readonly string[] {
    return [...this.nodes.values()].flatMap(({ name, kernel }) =>
      kernel.unknownCalls.map((each) => `on ${name}: ${describeUnknown(each)}`)
    );
  }

  get traceHash(): string {
    const digest = new Digest().add(this.trace.hash);
    for (const record of this.processes.values()) {
      digest.add(record.name, record.calls.hex, record.instructions, record.output);
    }
    for (const node of this.nodes.values()) digest.add(node.name, node.kernel.now);
    return digest.hex;
  }

  addNode(name: string, profile: Profile): void {
    if (this.nodes.has(name)) throw new LabError(`there is a node '${name}' already`);
    const node = this.makeNode(name, profile);
    node.kernel.observer = {
      call: ({ process, name, result }) => {
        this.recordOf(node.kernel.process(process))?.calls.add(name, result ?? "");
      },
      exit: (process) => {
        const record = this.recordOf(process);
        if (record !== undefined) this.ended(record);
      },
    };
    node.kernel.advanceTo(node.cyclesAt(this.time));
    this.nodes.set(name, node);
    this.stores.set(name, new MemoryStore(`the disk of ${name}`));
    this.event(name, "", "node", `${profile.clock} Hz, ${profile.cpus} processors`);
  }

  private makeNode(name: string, profile: Profile): Node {
    return Node.boot(name, profile, `${this.options.seed}/${name}`);
  }

  private recordOf(process: Process | undefined): ProcessRecord | undefined {
    if (process === undefined) return undefined;
    return [...this.processes.values()].find((record) => record.process === process);
  }

  private ended(record: ProcessRecord): void {
    const how = record.signal === "" ? `exit ${record.exitCode}` : record.signal;
    this.event(record.node.name, record.name, "end", `${how} ${record.stateDigest()}`);
  }

  addProcess(name: string, nodeName: string, workload: Strategy): void {
    if (this.processes.has(name)) throw new LabError(`there is a process '${name}' already`);
    const node = this.node(nodeName);
    const row = this.options.registry.workload(workload.name);
    if (row === undefined) throw new LabError(`there is no workload '${workload.name}'`);
    const start = row.start(workload.options as never);
    const alone = once(() => this.runAlone(name, node, workload));
    const executable = this.options.readProgram(start.file);
    const record = new ProcessRecord(name, node, start, executable, alone);
    const program = baseName(start.file);
    const process = labError(() =>
      node.kernel.spawn({
        path: `/bin/${program}`,
        name: program,
        executable,
        args: start.args,
        entity: name,
        console: new Console(record.console(0)),
      })
    );
    record.begin(process, node);
    this.processes.set(name, record);
    this.event(node.name, name, "spawn", [program, ...start.args].join(" "));
  }

  checkpoint(names: readonly string[], label: string | undefined, using: Strategy): void {
    const strategy = this.options.registry.checkpointer(using.name);
    if (strategy === undefined) throw new LabError(`there is no checkpointer '${using.name}'`);
    const title = label ?? `#${this.checkpoints.size + 1}`;
    if (this.checkpoints.has(title)) {
      throw new LabError(`there is a checkpoint '${title}' already; give each its own name`);
    }
    const records = this.several(names, "checkpointed", (record) => {
      if (!record.alive) return `it ${record.condition}`;
      const underWay = record.node.isCheckpointed(living(record));
      return underWay ? "a checkpoint of it is under way already" : undefined;
    });
    const parts: Part[] = [];
    try {
      for (const record of records) parts.push(this.beginPart(record, title, strategy, using));
    } catch (error) {
      for (const { node, record } of parts) node.abandon(living(record), "another part failed");
      throw error;
    }
    this.checkpoints.set(title, { label: title, parts });
  }

  private beginPart(
    record: ProcessRecord,
    title: string,
    strategy: Checkpointer,
    using: Strategy,
  ): Part {
    const { node } = record;
    const process = living(record);
    const image = `${title}.${record.name}`;
    const session = new CaptureSession(
      record.target(process, (point) => void (part.point = point)),
      strategy,
      using.options,
      captureCosts(node.profile),
      new StoreSink(this.store(node), image),
    );
    const part: Part = { record, session, image, node, point: undefined };
    this.event(node.name, record.name, "checkpoint", `${title} by ${strategy.name}`);
    labError(() => node.add(process, session, () => this.endPart(part, title)));
    return part;
  }

  private endPart({ record, session, node }: Part, title: string): void {
    const { account, counts, state, why } = session;
    record.downtimeNs += record.nsOf(account.downtime);
    const figures = `${counts.imageBytes} bytes ${counts.controlMessages} messages`;
    this.event(node.name, record.name, state, `${title} ${state === "committed" ? figures : why}`);
    const bins = (Object.keys(BINS) as Bin[]).map((bin) => account.in(bin));
    this.trace.count(account.maxPause, ...bins, ...Object.values(counts));
  }

  crash(names: readonly string[], losing: Loss): void {
    const records = this.several(
      names,
      "crashed",
      (record) => record.alive ? undefined : `it ${record.condition}`,
    );
    for (const record of records) {
      const { node } = record;
      const process = living(record);
      record.restartNs -= record.nsOf(node.heldFor(process));
      node.abandon(process, "the process crashed");
      this.event(node.name, record.name, "crash", `${process.instructions} instructions`);
      record.crash();
      node.kernel.remove(process);
      if (losing === "disk") this.store(node).loseAll();
      else if (losing === "unsynced") this.store(node).loseUnsynced();
    }
  }

  restart(names: readonly string[], from: string | undefined, on: string | undefined): void {
    const records = this.several(
      names,
      "restarted",
      (record) => record.process === undefined ? undefined : `it ${record.condition}`,
    );
    const parts = records.map((record) => this.partOf(record, from));
    const target = on === undefined ? undefined : this.node(on);
    for (const part of parts) this.bringBack(part, target ?? part.record.node);
  }

  /** The processes of an order, all looked at before anything happens to the first. */
  private several(
    names: readonly string[],
    what: string,
    refusal: (record: ProcessRecord) => string | undefined,
  ): readonly ProcessRecord[] {
    if (names.length === 0) throw new LabError(`no process is named that could be ${what}`);
    return names.map((name, index) => {
      const record = this.process(name);
      const why = names.indexOf(name) < index ? "it is named twice" : refusal(record);
      if (why !== undefined) throw new LabError(`'${name}' cannot be ${what}: ${why}`);
      return record;
    });
  }

  /** The part of the named checkpoint, or of the newest committed one, that is this process's. */
  private partOf(record: ProcessRecord, from: string | undefined): Part {
    const candidates = [...this.checkpoints.values()].filter(({ label }) =>
      from === undefined || label === from
    );
    const parts = candidates.flatMap(({ parts }) => parts).filter((part) =>
      part.record === record && this.isCommitted(part)
    );
    const part = parts.at(-1);
    if (part !== undefined) return part;
    const committed = this.committed.join(", ") || "none";
    const which = from === undefined ? "no checkpoint" : `'${from}' is not a checkpoint`;
    throw new LabError(
      `'${record.name}' cannot be restarted: ${which} of it that was committed; ` +
        `committed: ${committed}`,
    );
  }

  private isCommitted({ session, node, image }: Part): boolean {
    return session.state === "committed" && this.store(node).labels().includes(image);
  }

  private bringBack(part: Part, node: Node): void {
    const { record } = part;
    const process = labError(() => {
      const image = this.store(part.node).read(part.image);
      const { input, pending } = image.manifest.process.files.console;
      return restore(image, {
        kernel: node.kernel,
        executable: record.executable,
        console: record.console(input + pending.length),
      });
    });
    const cost = restartCost(part, node);
    node.holdUntil(process, node.kernel.now + cost);
    record.begin(process, node);
    // A committed part has been through t0.
    record.goBack(part.point as Point);
    record.restartNs += record.nsOf(cost);
    this.event(node.name, record.name, "restart", part.image);
  }

  note(text: string): void {
    this.event("", "", "note", text);
  }

  advance(until: number): void {
    const events: TraceEvent[] = this.waiting = [];
    try {
      for (const node of this.nodes.values()) {
        labError(() => node.advance(node.cyclesAt(until)));
      }
      this.time = Math.max(this.time, until);
    } finally {
      this.waiting = undefined;
      // At the same instant the node that was added first comes first.
      for (const event of events.sort((a, b) => a.time - b.time)) this.trace.event(event);
    }
  }

  processMetric(name: string, metric: string): MetricValue {
    return rowOf(PROCESS_METRICS, metric, "metric of a process").read(this.process(name));
  }

  checkpointMetric(label: string, metric: string): MetricValue {
    return checkpointMetric(this.checkpointOf(label), metric);
  }

  get committed(): readonly string[] {
    return [...this.checkpoints.values()]
      .filter(({ parts }) => parts.every((part) => this.isCommitted(part)))
      .map(({ label }) => label);
  }

  restoredState(label: string): string {
    const { parts } = this.checkpointOf(label);
    return parts.map((part) => {
      if (!this.isCommitted(part)) throw new LabError(`the checkpoint '${label}' is not committed`);
      const scratch = this.makeNode("scratch", part.node.profile);
      const process = labError(() =>
        restore(this.store(part.node).read(part.image), {
          kernel: scratch.kernel,
          executable: part.record.executable,
        })
      );
      return stateDigest(process, scratch.kernel);
    }).join(" ");
  }

  /** The program alone on such a node, to its end: what progress is measured by. */
  private runAlone(name: string, { name: place, profile }: Node, using: Strategy): UndisturbedRun {
    const world = new World(this.options);
    // The same names: random streams go by them.
    world.addNode(place, profile);
    world.addProcess(name, place, using);
    const record = world.process(name);
    while (!record.exited) {
      if (world.atRest) {
        throw new LabError(`'${using.name}' alone never ends: it waits for ever`);
      }
      world.advance(world.now + 1_000_000_000);
      if (world.now > LONGEST_ALONE_NS) {
        throw new LabError(`'${using.name}' alone does not end within an hour of virtual time`);
      }
    }
    return { instructions: record.instructions };
  }

  private event(node: string, process: string, kind: string, text: string): void {
    const time = node === "" ? this.time : Math.round(this.node(node).now);
    const event = { time, node, process, kind, text };
    if (this.waiting === undefined) this.trace.event(event);
    else this.waiting.push(event);
  }

  private node(name: string): Node {
    return known(this.nodes, name, "node");
  }
  private process(name: string): ProcessRecord {
    return known(this.processes, name, "process");
  }
  private checkpointOf(label: string): CheckpointRecord {
    return known(this.checkpoints, label, "checkpoint");
  }
  private store(node: Node): MemoryStore {
    return known(this.stores, node.name, "store of node");
  }
}

const LONGEST_ALONE_NS = 3_600_000_000_000;

/** The process of a record that was found to be alive. */
const living = (record: ProcessRecord): Process => record.process as Process;

/** A program or an image that cannot be used is the script's trouble here. */
function labError<T>(act: () => T): T {
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
