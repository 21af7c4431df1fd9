/** The lab at work: nodes, processes and checkpoints in one virtual time. */
import type { Registry } from "./registry.ts";
import { captureCosts, Node } from "../cluster/node.ts";
import type { Profile } from "../cluster/profile.ts";
import { processTarget } from "../image/capture.ts";
import { restartCycles } from "../image/restart_cost.ts";
import { restore } from "../image/restore.ts";
import { CaptureSession } from "../image/session.ts";
import { stateDigest } from "../image/state_digest.ts";
import { Kernel } from "../kernel/kernel.ts";
import { Machine } from "../machine/machine.ts";
import { type Lab, LabError, type Loss, type Strategy } from "./lab.ts";
import type { Metric, MetricValue } from "./metric.ts";
import { CHECKPOINT_METRICS, type CheckpointSample, PROCESS_METRICS } from "./metrics.ts";
import { ProcessRecord } from "./process_record.ts";
import { NodeStore } from "./node_store.ts";
import { Trace } from "./trace.ts";

/** What a world is made of. */
export interface WorldOptions {
  readonly seed: number;
  readonly registry: Registry;
  /** The bytes of a program's ELF file; throws a `LabError` that says what is wrong. */
  readonly readProgram: (file: string) => Uint8Array;
}

/** A checkpoint of one or more processes, under one label. */
interface CheckpointRecord {
  readonly label: string;
  readonly parts: ReadonlyMap<string, { session: CaptureSession; record: ProcessRecord }>;
}

/** One world, from power-on to its end. */
export class World implements Lab {
  readonly trace = new Trace();
  private readonly nodes = new Map<string, Node>();
  private readonly stores = new Map<string, NodeStore>();
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
      digest.count(record.name, record.calls.hex(), record.instructions, record.output);
    }
    for (const node of this.nodes.values()) digest.count(node.name, node.kernel.now);
    return digest.hash;
  }

  addNode(name: string, profile: Profile): void {
    if (this.nodes.has(name)) throw new LabError(`there is a node '${name}' already`);
    const machine = new Machine({ ramBytes: profile.ram });
    const kernel = new Kernel({
      machine,
      seed: `${this.options.seed}/${name}`,
      clockHz: profile.clock,
      quantum: Math.round(profile.quantum * profile.clock / 1e9),
      costs: { tlbMiss: profile.tlb_miss, trap: profile.trap, syscall: profile.syscall },
    });
    const node = new Node(name, profile, kernel);
    this.nodes.set(name, node);
    this.stores.set(name, new NodeStore());
    this.event(name, "", "node", "");
  }

  addProcess(name: string, nodeName: string, workload: Strategy): void {
    if (this.processes.has(name)) throw new LabError(`there is a process '${name}' already`);
    const node = this.node(nodeName);
    const row = this.options.registry.workload(workload.name);
    if (row === undefined) throw new LabError(`there is no workload '${workload.name}'`);
    const start = row.start(workload.options as never);
    const executable = this.options.readProgram(start.file);
    const record = new ProcessRecord(
      name,
      node,
      workload,
      start,
      executable,
      once(() => this.runAlone(name, node.profile, workload)),
    );
    this.processes.set(name, record);
    record.process = node.kernel.spawn({
      path: "/bin/" + baseName(start.file),
      executable,
      args: [baseName(start.file), ...start.args],
      environment: [],
      console: this.consoleOf(record),
    });
    this.event(node.name, name, "spawn", [baseName(start.file), ...start.args].join(" "));
  }
}
