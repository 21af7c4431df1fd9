/** A lab in a hundred lines with plain arithmetic for physics, and a host that is all memory. */
import {
  type Lab,
  LabError,
  type Loss,
  type MetricValue,
  PROFILE,
  type Profile,
  type Strategy,
  type Workload,
} from "../../core/mod.ts";
import type { Host } from "../../dsl/host.ts";
import type { MetricEntry, Vocabulary } from "../../dsl/vocabulary.ts";

const metric = (
  name: string,
  unit: MetricEntry["unit"],
  combine: MetricEntry["combine"] = "sum",
): MetricEntry => ({ name, unit, combine, help: `The ${name}.` });

const workload = (name: string, extra: Workload["options"] = {}): Workload => ({
  name,
  help: `Runs ${name} for size milliseconds.`,
  options: {
    size: { type: "count", default: 64, min: 1, max: 100_000, doc: "Milliseconds to work." },
    ...extra,
  },
  start: () => ({ file: `${name}.elf`, args: [] }),
});

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
  ],
  profile: PROFILE,
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
  ],
  checkpointMetrics: [
    metric("committed", "truth", "all"),
    metric("time", "time", "max"),
    metric("control_messages", "count"),
    metric("write_faults", "count"),
    metric("downtime", "time", "max"),
    metric("pages", "count"),
    metric("image_size", "bytes"),
  ],
};

interface Process {
  node: string;
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

export class FakeLab implements Lab {
  now = 0;
  readonly notes: string[] = [];
  readonly #processes = new Map<string, Process>();
  readonly #checkpoints = new Map<string, Checkpoint>();
  readonly #log: string[] = [];

  get atRest(): boolean {
    const pending = [...this.#checkpoints.values()].some((one) => one.doneNs > this.now);
    return !pending && [...this.#processes.values()].every((process) => !process.running);
  }

  readonly remarks: readonly string[] = [];

  get traceHash(): string {
    let hash = 0n;
    for (const character of this.#log.join("\n")) {
      hash = (hash * 31n + BigInt(character.codePointAt(0) ?? 0)) % 2n ** 64n;
    }
    return hash.toString(16).padStart(16, "0");
  }

  addNode(name: string, profile: Profile): void {
    this.#log.push(`node ${name} ${profile.clock}`);
  }

  addProcess(name: string, node: string, work: Strategy): void {
    if (work.name === "explodes") throw new Error("the fake lab broke\nat its seam");
    const size = Number(work.options["size"]);
    const totalNs = work.name === "forever" ? Infinity : size * 1_000_000;
    this.#processes.set(name, {
      node,
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
  }

  #process(name: string): Process {
    const found = this.#processes.get(name);
    if (found === undefined) throw new LabError(`there is no process '${name}'`);
    return found;
  }

  checkpoint(processes: readonly string[], label: string | undefined, using: Strategy): void {
    const saved = new Map(processes.map((name) => {
      const process = this.#process(name);
      if (!process.running) throw new LabError(`'${name}' does not run`);
      return [name, process.workedNs];
    }));
    const doneNs = this.now + WINDOW_NS;
    const key = label ?? `#${this.#checkpoints.size}`;
    this.#checkpoints.set(key, { begunNs: this.now, using, saved, doneNs });
    this.#log.push(`${this.now} checkpoint ${key} ${using.name}`);
  }

  crash(processes: readonly string[], losing: Loss): void {
    for (const name of processes) {
      const process = this.#process(name);
      if (!process.running) throw new LabError(`'${name}' does not run`);
      process.running = false;
      process.crashes++;
    }
    this.#log.push(`${this.now} crash ${processes} ${losing}`);
  }

  restart(processes: readonly string[], from: string | undefined, on: string | undefined): void {
    const label = from ?? this.committed.at(-1);
    if (label === undefined || !this.committed.includes(label)) {
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
  }

  note(text: string): void {
    this.notes.push(text);
    this.#log.push(`${this.now} note ${text}`);
  }

  advance(until: number): void {
    if (until < this.now) throw new Error("time runs forward");
    for (const process of this.#processes.values()) {
      if (!process.running) continue;
      process.workedNs += until - this.now;
      if (process.workedNs < process.totalNs) continue;
      process.workedNs = process.totalNs;
      process.running = false;
      process.exited = true;
    }
    this.now = until;
  }

  processMetric(name: string, asked: string): MetricValue {
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
    };
    return values[asked] ?? NaN;
  }

  checkpointMetric(label: string, asked: string): MetricValue {
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
    };
    return values[asked] ?? NaN;
  }

  get committed(): readonly string[] {
    return [...this.#checkpoints].filter(([, one]) => one.doneNs <= this.now).map(([label]) =>
      label
    );
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
  const host: Host = {
    version: "1.2.3",
    vocabulary: VOCABULARY,
    makeLab: () => {
      const lab = new FakeLab();
      labs.push(lab);
      return lab;
    },
    exec: (request) => {
      requests.push(request);
      return Promise.resolve(0);
    },
    vectors: (request) => {
      requests.push(request);
      return Promise.resolve(0);
    },
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
    clock: () => 0,
    ...change,
  };
  return { host, out: () => out, err: () => err, labs, requests };
}

/** Overrides of nothing, for loads without `--set`. */
export const noOverrides = () => ({ values: new Map(), used: new Set<string>() });
