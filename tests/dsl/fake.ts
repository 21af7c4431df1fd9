/** A lab in a hundred lines with plain arithmetic for physics, and a host that is all memory. */
import {
  Choices,
  fault,
  type FaultPlaces,
  type Lab,
  LabError,
  type Loss,
  manifestProblems,
  type MetricValue,
  PluginError,
  type ProcessPages,
  PROFILE,
  type Profile,
  type Scene,
  SEARCHES,
  storage,
  type Strategy,
  StrategyError,
  type Victims,
  WorkerError,
  type Workload,
} from "../../core/mod.ts";
import { CHANNEL, type ChannelOptions } from "../../core/cluster/channel.ts";
import type { Isolation } from "../../core/cluster/isolation.ts";
import type { Host } from "../../dsl/host.ts";
import type { PluginLoader } from "../../dsl/plugins.ts";
import { REPORTERS } from "../../dsl/reporters/mod.ts";
import type { MetricEntry, ProtocolEntry, Vocabulary } from "../../dsl/vocabulary.ts";

const metric = (
  name: string,
  unit: MetricEntry["unit"],
  combine: MetricEntry["combine"] = "sum",
  ...takes: NonNullable<MetricEntry["takes"]>
): MetricEntry => ({
  name,
  unit,
  combine,
  help: `The ${name}.`,
  ...(takes.length === 0 ? {} : { takes }),
});

const protocol = (
  name: string,
  order: "fifo" | "any",
  kinds: readonly string[],
  extra: Partial<ProtocolEntry> = {},
): ProtocolEntry => ({
  name,
  help: `Coordinates by ${name}.`,
  options: {},
  requires: { order, delivery: "reliable" },
  kinds,
  phases: ["sync", "save"],
  ...extra,
});

const workload = (name: string, extra: Workload["options"] = {}): Workload => ({
  name,
  help: `Runs ${name} for size milliseconds.`,
  options: {
    size: { type: "count", default: 64, min: 1, max: 100_000, doc: "Milliseconds to work." },
    ...extra,
  },
  start: () => ({ file: `${name}.elf`, args: [] }),
});

/** Plugins of a fake host: one has mistakes, one is for another contract, the others are not there. */
export const fakePlugins: PluginLoader = (url) => {
  const wrong = { name: "cow", version: "1.0.0", api: "^1", contributes: { gadgets: [] } };
  const workloads = [{ name: "old", help: "Runs.", options: {}, start: () => ({}) }];
  const found = url.endsWith("/wrong.ts")
    ? manifestProblems(wrong)
    : url.endsWith("/old.ts")
    ? manifestProblems({ ...wrong, api: "^0.2", contributes: { workloads } })
    : [{ about: "load" as const, message: "its module does not load: there is no such file" }];
  return Promise.reject(new PluginError(url, found));
};

export const VOCABULARY: Vocabulary = {
  checkpointers: [
    {
      name: "stop-the-world",
      aliases: ["stop_world"],
      help: "Stops, copies, goes on.",
      options: { text: { type: "truth", default: true, doc: "Save the text too." } },
    },
    {
      name: "concurrent-cow",
      aliases: ["concurrent"],
      help: "Copies while the process runs.",
      options: {
        "buffer-pages": { type: "count", default: 64, min: 1, max: 4096, doc: "Buffer B." },
        full: {
          type: "text",
          default: "spill",
          choices: ["spill", "stop", "wait"],
          doc: "What to do when buffer B is full.",
        },
        pause: { type: "time", default: 1000, min: 100, doc: "Between two copies." },
        share: { type: "ratio", default: 0.5, min: 0, max: 1, doc: "Of the processor." },
        names: { type: "texts", default: [], doc: "Names." },
      },
    },
  ],
  workloads: [
    workload("matmul", {
      element: { type: "text", default: "double", choices: ["double", "float"], doc: "Element." },
      flaky: { type: "truth", default: false, doc: "Restarts show in the output." },
    }),
    workload("fft"),
    workload("forever"),
    workload("explodes"),
    workload("loses_its_worker"),
  ],
  protocols: [
    protocol("message-counting", "any", ["SYNC", "ACK", "OP"], {
      aliases: ["counting"],
      manager: () => ({}),
      options: {
        retry: { type: "time", default: 10_000_000, min: 1000, doc: "Until it asks again." },
      },
    }),
    protocol("flush-markers", "fifo", ["CLS"]),
  ],
  storages: [
    storage({
      name: "local",
      help: "The disk.",
      options: { retain: { type: "count", default: 0, min: 0, doc: "Kept." } },
      keep: ({ retain }) => ({ medium: "disk", retain }),
    }),
    storage({
      name: "remote",
      help: "A server.",
      options: {},
      keep: () => ({ medium: "elsewhere", retain: 0 }),
    }),
  ],
  faults: [
    fault({
      name: "bit-flip",
      help: "A bit flips.",
      options: { image: { type: "text", default: "", doc: "The label." } },
      inject: (_site, { image }) => image,
    }),
  ],
  searches: SEARCHES,
  profile: PROFILE,
  channel: CHANNEL,
  processMetrics: [
    metric("exited", "truth", "all"),
    metric("exit", "count", "same"),
    metric("output", "text", "same"),
    metric("progress", "ratio", "max"),
    metric("run_time", "time"),
    metric("rerun_time", "time"),
    metric("node", "text", "same"),
    metric("running", "truth", "all"),
    metric("crashes", "count"),
    metric("restarts", "count"),
    metric("state", "state", "same"),
    metric("rank", "count", "same"),
    metric("value", "count", "sum", "text"),
  ],
  checkpointMetrics: [
    metric("committed", "truth", "all"),
    metric("time", "time", "max"),
    metric("control_messages", "count"),
    metric("write_faults", "count"),
    metric("downtime", "time", "max"),
    metric("pages", "count"),
    metric("image_size", "bytes"),
    metric("sent", "count", "sum", "text"),
    metric("lost", "count"),
    metric("orphans", "count"),
    metric("in_transit", "count"),
    metric("consistent", "truth", "all"),
    metric("phase", "text", "same", "process"),
    metric("pages_done", "count", "sum", "process"),
  ],
  clusterMetrics: [
    metric("sent", "count", "sum", "text"),
    metric("messages", "count"),
    metric("checkpoints", "count"),
  ],
  reporters: REPORTERS,
};

interface Process {
  node: string;
  readonly startsAt: number;
  paused: boolean;
  readonly workload: Strategy;
  readonly totalNs: number;
  workedNs: number;
  redoneNs: number;
  running: boolean;
  exited: boolean;
  crashes: number;
  restarts: number;
}

interface Checkpoint {
  readonly begunNs: number;
  readonly using: Strategy;
  readonly saved: ReadonlyMap<string, number>;
  readonly doneNs: number;
}

/** A checkpoint takes one millisecond; stop-the-world stands still for all of it. */
const WINDOW_NS = 1_000_000;

/** 2n messages by counting, n (n - 1) by markers. */
function sentBy(protocol: Strategy | undefined, kind: string, n: number): number {
  if (protocol?.name === "message-counting") return kind === "CLS" ? 0 : n;
  return kind === "CLS" ? n * (n - 1) : 0;
}

export class FakeLab implements Lab {
  now = 0;
  begun = false;
  /** How often it was ended. */
  ends = 0;
  readonly notes: string[] = [];
  /** What it was asked to do, as the language asked for it. */
  readonly calls: string[] = [];
  protocol: Strategy | undefined;
  readonly #processes = new Map<string, Process>();
  readonly #checkpoints = new Map<string, Checkpoint>();
  readonly #log: string[] = [];
  #steps = 0;

  constructor(readonly choices: Choices = new Choices(1)) {}

  get atRest(): boolean {
    const pending = [...this.#checkpoints.values()].some((one) => one.doneNs > this.now);
    return !pending && [...this.#processes.values()].every((process) => !process.running);
  }

  readonly remarks: readonly string[] = [];

  get trace() {
    const events = this.#log.map((text, time) => (
      { time, node: "", process: "", kind: "log", text }
    ));
    return { events };
  }

  get events(): number {
    return this.#log.length + this.#steps;
  }

  get traceHash(): string {
    let hash = 0n;
    for (const character of this.#log.join("\n")) {
      hash = (hash * 31n + BigInt(character.codePointAt(0) ?? 0)) % 2n ** 64n;
    }
    return hash.toString(16).padStart(16, "0");
  }

  keep(storage: Strategy): void {
    this.calls.push(`keep ${storage.name} ${JSON.stringify(storage.options)}`);
  }

  inject(fault: Strategy, { nodes, processes }: FaultPlaces): void {
    this.calls.push(`inject ${fault.name} at ${[...nodes, ...processes]}`);
    this.#log.push(`${this.now} inject ${fault.name}`);
  }

  addNode(name: string, profile: Profile): void {
    this.#log.push(`node ${name} ${profile.clock}`);
  }

  isolate(isolation: Isolation): void {
    if (this.#processes.size > 0) throw new LabError("there are processes already");
    this.calls.push(`isolate ${JSON.stringify(isolation)}`);
  }

  connect(from: readonly string[], to: readonly string[], options: ChannelOptions): void {
    for (const name of [...from, ...to]) if (name !== "manager") this.#process(name);
    const { order, delivery, latency } = options;
    this.calls.push(`connect ${from} -> ${to} ${order} ${delivery} ${JSON.stringify(latency)}`);
  }

  coordinate(strategy: Strategy): void {
    this.protocol = strategy;
    this.calls.push(`coordinate ${strategy.name} ${JSON.stringify(strategy.options)}`);
  }

  addProcess(name: string, node: string, work: Strategy, startsAt = 0): void {
    if (this.begun) throw new Error("the setup is over");
    if (work.name === "loses_its_worker") throw new WorkerError("the Worker of p0 failed:\n why");
    if (work.name === "explodes") throw new Error("the fake lab broke\nat its seam");
    const size = Number(work.options["size"]);
    const totalNs = work.name === "forever" ? Infinity : size * 1_000_000;
    this.#processes.set(name, {
      node,
      startsAt,
      paused: false,
      workload: work,
      totalNs,
      workedNs: 0,
      redoneNs: 0,
      running: true,
      exited: false,
      crashes: 0,
      restarts: 0,
    });
    this.#log.push(`proc ${name} ${work.name} ${size}`);
    this.calls.push(`proc ${name} on ${node} at ${startsAt}`);
  }

  #process(name: string): Process {
    const found = this.#processes.get(name);
    if (found === undefined) throw new LabError(`there is no process '${name}'`);
    return found;
  }

  async begin(): Promise<void> {
    await Promise.resolve();
    if (this.begun) throw new Error("it has begun already");
    this.begun = true;
  }

  async checkpoint(
    processes: readonly string[],
    label: string | undefined,
    using: Strategy,
  ): Promise<void> {
    await Promise.resolve();
    if (label === "broken") throw new StrategyError("checkpointer 'fake' broke its contract");
    const saved = new Map(processes.map((name) => {
      const process = this.#process(name);
      if (!process.running) throw new LabError(`'${name}' does not run`);
      return [name, process.workedNs];
    }));
    const doneNs = this.now + WINDOW_NS;
    const key = label ?? `#${this.#checkpoints.size}`;
    this.#checkpoints.set(key, { begunNs: this.now, using, saved, doneNs });
    this.#log.push(`${this.now} checkpoint ${key} ${using.name}`);
    this.calls.push(`checkpoint ${processes} ${using.name}`);
  }

  async crash({ processes, nodes, manager }: Victims, losing: Loss): Promise<void> {
    await Promise.resolve();
    const there = [...this.#processes].filter(([, one]) => one.running && nodes.includes(one.node));
    for (const name of new Set([...processes, ...there.map(([name]) => name)])) {
      const process = this.#process(name);
      if (!process.running) throw new LabError(`'${name}' does not run`);
      process.running = false;
      process.crashes++;
    }
    const who = [...processes, ...nodes, ...manager ? ["manager"] : []];
    this.#log.push(`${this.now} crash ${who} ${losing}`);
    this.calls.push(`crash ${who} losing ${losing}`);
  }

  async restart(
    processes: readonly string[],
    from: string | undefined,
    on: string | undefined,
    orBeginning = false,
  ): Promise<void> {
    await Promise.resolve();
    const label = from ?? this.committed.at(-1) ?? (orBeginning ? "the beginning" : undefined);
    const begins = orBeginning && label === "the beginning";
    if (label === undefined || !begins && !this.committed.includes(label)) {
      throw new LabError(`there is no committed checkpoint '${label ?? "latest"}'`);
    }
    for (const name of processes) {
      const process = this.#process(name);
      if (process.running) throw new LabError(`'${name}' still runs`);
      const saved = this.#checkpoints.get(label)?.saved.get(name) ?? 0;
      process.redoneNs += process.workedNs - saved;
      process.workedNs = saved;
      process.running = true;
      process.restarts++;
      if (on !== undefined) process.node = on;
    }
    this.#log.push(`${this.now} restart ${processes} ${label}`);
    this.calls.push(`restart ${processes} from ${label}`);
  }

  async migrate(processes: readonly string[], to: string, using: Strategy): Promise<void> {
    await Promise.resolve();
    for (const name of processes) this.#process(name).node = to;
    this.calls.push(`migrate ${processes} to ${to} ${using.name}`);
  }

  partition(nodes: readonly string[], others: readonly string[]): void {
    this.calls.push(`${this.now / 1e6} partition ${nodes} from ${others}`);
  }

  heal(nodes: readonly string[]): void {
    this.calls.push(`${this.now / 1e6} heal ${nodes}`);
  }

  pause(processes: readonly string[]): void {
    for (const name of processes) this.#process(name).paused = true;
  }

  resume(processes: readonly string[]): void {
    for (const name of processes) this.#process(name).paused = false;
  }

  /** The last, so that a test sees that somebody chose. */
  pick(names: readonly string[]): string {
    this.calls.push(`pick ${names}`);
    return names.at(-1) ?? "";
  }

  note(text: string): void {
    this.notes.push(text);
    this.#log.push(`${this.now} note ${text}`);
  }

  async advance(until: number): Promise<void> {
    await Promise.resolve();
    this.#steps++;
    if (!this.begun || until < this.now) throw new Error("time runs forward, from the beginning");
    for (const process of this.#processes.values()) {
      if (!process.running || process.paused) continue;
      process.workedNs += Math.max(0, until - Math.max(this.now, process.startsAt));
      if (process.workedNs < process.totalNs) continue;
      process.workedNs = process.totalNs;
      process.running = false;
      process.exited = true;
    }
    this.now = until;
  }

  end(): void {
    this.ends++;
  }

  processMetric(name: string, asked: string, [given = ""]: readonly string[] = []): MetricValue {
    const process = this.#process(name);
    const { options } = process.workload;
    const marks = options["flaky"] === true ? `, restarts ${process.restarts}` : "";
    const values: Readonly<Record<string, MetricValue>> = {
      exited: process.exited,
      exit: 0,
      output: process.exited ? `sum ${options["size"]}${marks}\n` : "",
      progress: process.workedNs / process.totalNs,
      run_time: process.workedNs + process.redoneNs,
      rerun_time: process.redoneNs,
      node: process.node,
      running: process.running,
      crashes: process.crashes,
      restarts: process.restarts,
      state: `state-${process.workedNs}`,
      rank: [...this.#processes.keys()].indexOf(name),
      value: given.length * 100,
    };
    return values[asked] ?? NaN;
  }

  checkpointMetric(
    label: string,
    asked: string,
    [given = ""]: readonly string[] = [],
  ): MetricValue {
    const found = this.#checkpoints.get(label);
    if (found === undefined) throw new LabError(`checkpoint '${label}' was never begun`);
    const stops = found.using.name === "stop-the-world";
    const values: Readonly<Record<string, MetricValue>> = {
      committed: found.doneNs <= this.now,
      time: found.begunNs,
      control_messages: stops ? 0 : 8,
      write_faults: stops ? 0 : 3,
      downtime: stops ? WINDOW_NS : WINDOW_NS / 4,
      pages: 10,
      image_size: stops ? 40_960 : 32_768,
      sent: sentBy(this.protocol, given, found.saved.size),
      lost: this.protocol?.name === "flush-markers" ? 1 : 0,
      orphans: 0,
      in_transit: 0,
      consistent: true,
      phase: found.doneNs > this.now ? `copy ${given}` : "done",
      pages_done: Math.min(4, Math.floor((this.now - found.begunNs) / 250_000)),
    };
    return values[asked] ?? NaN;
  }

  /** Ten pages each: two of the executable, seven copied (one all zeros), one by a write fault. */
  checkpointPages(label: string): readonly ProcessPages[] {
    const areas: ProcessPages["areas"] = [
      { kind: "file", path: "/bin/matmul", first: 1024, pages: "2X" },
      { kind: "stack", first: 262_000, pages: "8-6A1a1B" },
    ];
    return [{ processes: [...this.#checkpoints.get(label)?.saved.keys() ?? []], areas }];
  }

  clusterMetric(asked: string, [given = ""]: readonly string[] = []): MetricValue {
    const values: Readonly<Record<string, MetricValue>> = {
      sent: sentBy(this.protocol, given, this.#processes.size) * this.#checkpoints.size,
      messages: 7 * this.#processes.size,
      checkpoints: this.committed.length,
    };
    return values[asked] ?? NaN;
  }

  get committed(): readonly string[] {
    return [...this.#checkpoints].filter(([, one]) => one.doneNs <= this.now).map(([label]) =>
      label
    );
  }

  get scene(): Scene {
    const processes = [...this.#processes].map(([name, one]) => ({
      name,
      node: one.node,
      condition: one.running ? "is running" : "has crashed",
      paused: one.paused,
      phase: "",
      instructions: 0,
      usedNs: 0,
      waits: [],
      threads: [],
    }));
    return { now: this.now, processes, messages: [], checkpoints: [] };
  }

  restoredState(label: string): string {
    const found = this.#checkpoints.get(label);
    if (found === undefined) throw new LabError(`checkpoint '${label}' was never begun`);
    return [...found.saved].map(([name, ns]) => `${name}:${ns}`).join(",");
  }
}

/** What a command printed and how it ended. */
export interface Captured {
  readonly host: Host;
  readonly out: () => string;
  readonly err: () => string;
  readonly labs: FakeLab[];
  readonly requests: unknown[];
  /** Files that were given another content. */
  readonly replaced: Map<string, string>;
  /** Files by path. */
  readonly written: ReadonlyMap<string, string>;
}

const notFound = (path: string): Error =>
  Object.assign(new Error(`No such file or directory: ${path}`), { name: "NotFound" });

/** A host whose files are the given ones; folders follow from their paths. */
export function fakeHost(
  files: Readonly<Record<string, string | Uint8Array>>,
  change: Partial<Host> = {},
): Captured {
  let out = "";
  let err = "";
  const labs: FakeLab[] = [];
  const requests: unknown[] = [];
  const replaced = new Map<string, string>();
  const written = new Map<string, string>();
  const host: Host = {
    version: "1.2.3",
    vocabulary: VOCABULARY,
    pauseMs: 0,
    readProgram: (file) => {
      throw new Error(`no program '${file}' here`);
    },
    makeLab: ({ choices }) => {
      const lab = new FakeLab(choices);
      labs.push(lab);
      return lab;
    },
    ranks: (request) => {
      requests.push(request);
      return Promise.resolve(0);
    },
    exec: (request) => {
      requests.push(request);
      return Promise.resolve(0);
    },
    vectors: (request) => {
      requests.push(request);
      return Promise.resolve(0);
    },
    certify: () => Promise.reject(new Error("nothing is certified here")),
    home: new URL("file:///program/"),
    stdout: (text) => void (out += text),
    stderr: (text) => void (err += text),
    isTerminal: false,
    environment: {},
    readFile: (path) => {
      const found = files[path];
      if (found === undefined) return Promise.reject(notFound(path));
      return Promise.resolve(typeof found === "string" ? new TextEncoder().encode(found) : found);
    },
    readDir: (path) => {
      if (files[path] !== undefined) return Promise.reject(new Error("Not a directory"));
      const prefix = path === "." ? "" : `${path}/`;
      const inside = Object.keys(files).filter((name) => name.startsWith(prefix));
      if (inside.length === 0) return Promise.reject(notFound(path));
      const names = new Map(inside.map((name) => {
        const [first = "", ...rest] = name.slice(prefix.length).split("/");
        return [first, rest.length > 0] as const;
      }));
      return Promise.resolve([...names].map(([name, isDirectory]) => ({ name, isDirectory })));
    },
    replaceFile: (path, text) => Promise.resolve(void replaced.set(path, text)),
    readInput: () => Promise.resolve(new Uint8Array()),
    inputLines: async function* () {},
    cannotWrite: (path) => path.startsWith("forbidden/") ? "nobody may" : undefined,
    writeFile: (path, content) =>
      void written.set(path, typeof content === "string" ? content : `${content.length} bytes`),
    removeFolder: (path) => {
      for (const name of [...written.keys()]) if (name.startsWith(`${path}/`)) written.delete(name);
    },
    appendFile: (path, text) => void written.set(path, (written.get(path) ?? "") + text),
    streams: () => {
      throw new Error("this host has no streams");
    },
    pause: () => Promise.resolve(),
    clock: () => 0,
    platform: { deno: "0.0.0", v8: "0.0", system: "none" },
    cores: 1,
    randomSeed: () => 4711,
    ...change,
  };
  return { host, out: () => out, err: () => err, labs, requests, replaced, written };
}

/** Overrides of nothing, for loads without `--set`. */
export const noOverrides = () => ({ values: new Map(), used: new Set<string>() });
