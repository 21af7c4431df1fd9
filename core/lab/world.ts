/** The lab at work: nodes, processes and checkpoints in one virtual time. */
import { captureCosts, Node } from "../cluster/node.ts";
import type { Profile } from "../cluster/profile.ts";
import { processTarget } from "../image/capture.ts";
import { ImageError } from "../image/image.ts";
import { MemoryStore } from "../image/memory_store.ts";
import { restore } from "../image/restore.ts";
import { restartCycles } from "../image/restart_cost.ts";
import { CaptureSession } from "../image/session.ts";
import { stateDigest } from "../image/state_digest.ts";
import { StoreSink } from "../image/store_sink.ts";
import { Console, type ConsoleOptions } from "../kernel/files/console.ts";
import { wholePages } from "../kernel/frames.ts";
import { Kernel } from "../kernel/kernel.ts";
import { Machine } from "../machine/machine.ts";
import { type Lab, LabError, type Loss, type Strategy } from "./lab.ts";
import type { Metric, MetricValue } from "./metric.ts";
import { CHECKPOINT_METRICS, type CheckpointSample, PROCESS_METRICS } from "./metrics.ts";
import { ProcessRecord, type UndisturbedRun } from "./process_record.ts";
import type { Registry } from "./registry.ts";
import { Trace } from "./trace.ts";

/** What a world is made of. */
export interface WorldOptions {
  readonly seed: number;
  readonly registry: Registry;
  /** The bytes of a program's ELF file; throws a `LabError` that says what is wrong. */
  readonly readProgram: (file: string) => Uint8Array;
}

/** One process's part of a checkpoint. */
interface Part {
  readonly record: ProcessRecord;
  readonly session: CaptureSession;
  /** The label in the node's store. */
  readonly image: string;
  readonly node: Node;
  readonly lives: number;
  /** Processor time of the process at t0, for what a crash loses. */
  readonly cyclesAt: () => number;
}

/** A checkpoint of one or more processes, under one label. */
interface CheckpointRecord {
  readonly label: string;
  readonly parts: readonly Part[];
}

/** One world, from power-on to its end. */
export class World implements Lab {
  readonly trace = new Trace();
  private readonly nodes = new Map<string, Node>();
  private readonly stores = new Map<string, MemoryStore>();
  private readonly processes = new Map<string, ProcessRecord>();
  private readonly checkpoints = new Map<string, CheckpointRecord>();
  private time = 0;

  constructor(private readonly options: WorldOptions) {}

  get now(): number {
    return this.time;
  }

  get atRest(): boolean {
    return [...this.nodes.values()].every((node) => node.atRest);
  }

  get traceHash(): string {
    const digest = new Trace();
    digest.count(this.trace.hash);
    for (const record of this.processes.values()) {
      digest.count(record.name, record.calls.hex, record.instructions, record.output);
    }
    for (const node of this.nodes.values()) digest.count(node.name, node.kernel.now);
    return digest.hash;
  }

  addNode(name: string, profile: Profile): void {
    if (this.nodes.has(name)) throw new LabError(`there is a node '${name}' already`);
    this.nodes.set(name, this.makeNode(name, profile));
    this.stores.set(name, new MemoryStore(`the disk of ${name}`));
    this.event(name, "", "node", `${profile.clock} Hz, ${profile.cpus} processors`);
  }

  private makeNode(name: string, profile: Profile): Node {
    const kernel = new Kernel({
      machine: new Machine({ ramBytes: wholePages(profile.ram) }),
      seed: `${this.options.seed}/${name}`,
      clockHz: profile.clock,
      quantum: Math.round(profile.quantum * profile.clock / 1e9),
      costs: { tlbMiss: profile.tlb_miss, trap: profile.trap, syscall: profile.syscall },
    });
    kernel.observer = {
      call: ({ process, name, result }) => {
        for (const record of this.processes.values()) {
          if (record.process?.id === process && record.node.kernel === kernel) {
            record.calls.add(name, result ?? "");
          }
        }
      },
    };
    return new Node(name, profile, kernel);
  }

  addProcess(name: string, nodeName: string, workload: Strategy): void {
    if (this.processes.has(name)) throw new LabError(`there is a process '${name}' already`);
    const node = this.node(nodeName);
    const row = this.options.registry.workload(workload.name);
    if (row === undefined) throw new LabError(`there is no workload '${workload.name}'`);
    const start = row.start(workload.options as never);
    const alone = once(() => this.runAlone(node.profile, workload));
    const executable = this.options.readProgram(start.file);
    const record = new ProcessRecord(name, node, workload, start, executable, alone);
    this.processes.set(name, record);
    const program = baseName(start.file);
    record.process = node.kernel.spawn({
      path: `/bin/${program}`,
      name: program,
      executable,
      args: start.args,
      entity: name,
      console: new Console(this.consoleOf(record, 0)),
    });
    this.event(node.name, name, "spawn", [program, ...start.args].join(" "));
  }

  /** Where a process reads and writes; its input goes on where `read` bytes were read. */
  private consoleOf(record: ProcessRecord, read: number): ConsoleOptions {
    const input = new TextEncoder().encode(record.start.input ?? "");
    let at = read;
    return {
      input: (most) => {
        const part = input.subarray(at, at + most);
        at += part.length;
        return part;
      },
      sink: (_, bytes) => record.write(bytes),
    };
  }

  checkpoint(names: readonly string[], label: string | undefined, using: Strategy): void {
    const strategy = this.options.registry.checkpointer(using.name);
    if (strategy === undefined) throw new LabError(`there is no checkpointer '${using.name}'`);
    const title = label ?? `#${this.checkpoints.size + 1}`;
    if (this.checkpoints.has(title)) {
      throw new LabError(`there is a checkpoint '${title}' already; give each its own name`);
    }
    const records = names.map((name) => this.process(name));
    for (const record of records) {
      if (!record.alive) {
        throw new LabError(`'${record.name}' cannot be checkpointed: it ${whyNot(record)}`);
      }
      if (record.node.sessions.some(({ process }) => process === record.process)) {
        throw new LabError(`a checkpoint of '${record.name}' is under way already`);
      }
    }
    const parts = records.map((record) => this.beginPart(record, title, strategy, using));
    this.checkpoints.set(title, { label: title, parts });
  }

  private beginPart(
    record: ProcessRecord,
    title: string,
    strategy: NonNullable<ReturnType<Registry["checkpointer"]>>,
    using: Strategy,
  ): Part {
    const { node } = record;
    const process = record.process as NonNullable<typeof record.process>;
    const image = `${title}.${record.name}`;
    const target = processTarget(process, node.kernel);
    let cyclesAt = 0;
    const session = new CaptureSession(
      {
        ...target,
        manifest: () => {
          cyclesAt = process.cycles;
          return target.manifest();
        },
      },
      strategy,
      using.options,
      captureCosts(node.profile),
      new StoreSink(this.store(node), image),
    );
    node.add(process, session, () => {
      record.downtimeCycles += session.account.downtime;
      const { state, counts } = session;
      const text = `${title} ${counts.imageBytes} bytes ${counts.controlMessages} messages`;
      this.event(node.name, record.name, state, text);
    });
    this.event(node.name, record.name, "checkpoint", `${title} by ${strategy.name}`);
    return { record, session, image, node, lives: record.restarts, cyclesAt: () => cyclesAt };
  }

  crash(names: readonly string[], losing: Loss): void {
    for (const name of names) {
      const record = this.process(name);
      if (!record.alive) throw new LabError(`'${name}' cannot be crashed: it ${whyNot(record)}`);
      const process = record.process as NonNullable<typeof record.process>;
      record.node.abandon(process);
      record.cyclesAtCrash = process.cycles;
      this.event(record.node.name, name, "crash", `${process.instructions} instructions`);
      record.node.kernel.remove(process);
      record.process = undefined;
      record.crashes++;
      if (losing === "disk") this.store(record.node).loseAll();
      else if (losing === "unsynced") this.store(record.node).loseUnsynced();
    }
  }

  restart(names: readonly string[], from: string | undefined, on: string | undefined): void {
    for (const name of names) {
      const record = this.process(name);
      if (record.process !== undefined) {
        throw new LabError(`'${name}' cannot be restarted: it ${whyNot(record)}`);
      }
      const part = this.partOf(record, from);
      const node = on === undefined ? record.node : this.node(on);
      this.bringBack(record, part, node);
    }
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

  private bringBack(record: ProcessRecord, part: Part, node: Node): void {
    const image = this.store(part.node).read(part.image);
    const { files } = image.manifest.process;
    record.rewindOutput(files.console.output + files.console.error);
    const process = labError(() =>
      restore(image, {
        kernel: node.kernel,
        executable: record.executable,
        console: this.consoleOf(record, files.console.input + files.console.pending.length),
      })
    );
    const cost = restartCycles(
      image,
      part.session.counts.imageBytes,
      captureCosts(node.profile),
    );
    node.holdUntil(process, node.kernel.now + cost);
    record.node = node;
    record.process = process;
    record.restarts++;
    record.restartCycles += cost;
    record.lostCycles += record.cyclesAtCrash - part.cyclesAt();
    this.event(node.name, record.name, "restart", part.image);
  }

  note(text: string): void {
    this.event("", "", "note", text);
  }

  advance(until: number): void {
    for (const node of this.nodes.values()) node.advance(node.cyclesAt(until));
    this.time = Math.max(this.time, until);
    for (const record of this.processes.values()) {
      if (record.exited && !record.endSeen) {
        record.endSeen = true;
        const text = record.signal === "" ? `exit ${record.exitCode}` : record.signal;
        this.event(record.node.name, record.name, "end", text);
      }
    }
  }

  processMetric(name: string, metric: string): MetricValue {
    return row(PROCESS_METRICS, metric).read(this.process(name));
  }

  checkpointMetric(label: string, metric: string): MetricValue {
    const { parts } = this.checkpointOf(label);
    const { combine, read } = row(CHECKPOINT_METRICS, metric);
    const values = parts.map((part) => read(this.sample(part)));
    const numbers = values.map(Number);
    if (combine === "all") return values.every((value) => value === true);
    if (combine === "max") return Math.max(...numbers);
    return combine === "sum" ? numbers.reduce((sum, value) => sum + value, 0) : values[0] ?? 0;
  }

  private sample(part: Part): CheckpointSample {
    const { session, node } = part;
    const { clock } = node.profile;
    const restart = session.image === undefined || session.state !== "committed"
      ? 0
      : restartCycles(session.image, session.counts.imageBytes, captureCosts(node.profile));
    return { session, cycleNs: 1e9 / clock, restartNs: restart * 1e9 / clock };
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
  private runAlone(profile: Profile, workload: Strategy): UndisturbedRun {
    const world = new World(this.options);
    world.addNode("alone", profile);
    world.addProcess("alone", "alone", workload);
    const record = world.process("alone");
    while (!record.exited) {
      if (world.atRest) {
        throw new LabError(`'${workload.name}' alone never ends: it waits for ever`);
      }
      world.advance(world.now + 1_000_000_000);
      if (world.now > LONGEST_ALONE_NS) {
        throw new LabError(`'${workload.name}' alone does not end within an hour of virtual time`);
      }
    }
    return { instructions: record.instructions };
  }

  private event(node: string, process: string, kind: string, text: string): void {
    const time = node === "" ? this.time : this.node(node).now;
    this.trace.event({ time, node, process, kind, text });
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

function known<T>(map: ReadonlyMap<string, T>, name: string, what: string): T {
  const item = map.get(name);
  if (item !== undefined) return item;
  const names = [...map.keys()].join(", ") || "none";
  throw new LabError(`there is no ${what} '${name}' (there are: ${names})`);
}

function row<S>(rows: readonly Metric<S>[], name: string): Metric<S> {
  const found = rows.find((metric) => metric.name === name);
  if (found !== undefined) return found;
  throw new LabError(`there is no metric '${name}'`);
}

function whyNot(record: ProcessRecord): string {
  if (record.exited) return "has ended";
  return record.process === undefined ? "has crashed" : "is running";
}

/** An image that cannot be used is the script's trouble here. */
function labError<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw error instanceof ImageError ? new LabError(error.message) : error;
  }
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

const baseName = (file: string): string =>
  file.slice(file.lastIndexOf("/") + 1).replace(/\.elf$/, "");
