/**
 * What a cluster costs on this host: Workers against one thread, delivered messages, processes.
 * Every configuration runs in a program of its own, in turn with the others; minimum, median and
 * maximum are told. Timings decide nothing.
 *
 * usage: cluster.ts [--pairs N] [--most N] [--json FILE]
 */
import { parseArgs } from "@std/cli/parse-args";
import {
  CHANNEL,
  PROFILE,
  readOptions,
  Registry,
  type Strategy,
  WorkerSupply,
  World,
} from "../../core/mod.ts";
import { checkpointers, protocols, workloads } from "../../plugins/mod.ts";

/** One cluster to be run. */
interface Setup {
  readonly guest: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly count: number;
  readonly nodes: number;
  readonly latencyNs: number;
  /** 0: one thread; "process": a Worker each. */
  readonly workers: number | "process";
  /** Two global checkpoints by message counting in between. */
  readonly checkpointsAtNs: readonly number[];
}

/** What one run came to. */
interface Outcome {
  readonly seconds: number;
  readonly bootSeconds: number;
  readonly megabytes: number;
  readonly messages: number;
  readonly traceHash: string;
}

function load(name: string, given: Readonly<Record<string, unknown>>): Strategy {
  const row = workloads.find((each) => each.name === name);
  const { values, problems } = readOptions(row?.options ?? {}, given);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return { name, options: values };
}

const defaultsOf = (name: string) => {
  const row = checkpointers.find((each) => each.name === name);
  return { name, options: readOptions(row?.options ?? {}, {}).values as Strategy["options"] };
};

const residentMegabytes = (): number => Deno.memoryUsage().rss / 2 ** 20;

function build(setup: Setup, supply: WorkerSupply): World {
  const { count, nodes, latencyNs, workers } = setup;
  const world = new World({
    seed: 1,
    registry: new Registry(checkpointers, workloads, protocols),
    readProgram: (file) => Deno.readFileSync(new URL(file)),
    supply,
    ...(workers === "process" ? {} : { workers }),
  });
  if (workers === "process") world.isolate({ kind: "process" });
  const profile = readOptions(PROFILE, { ram: count > 64 ? 2 ** 20 : 16 * 2 ** 20 }).values;
  for (let n = 0; n < nodes; n++) world.addNode(`n${n}`, profile);
  const workload = load(setup.guest, setup.options);
  const names = Array.from({ length: count }, (_, rank) => `p[${rank}]`);
  names.forEach((name, rank) => world.addProcess(name, `n${rank % nodes}`, workload));
  const latency = { shape: "constant", value: latencyNs } as const;
  const all = [...names, "manager"];
  world.connect(all, all, readOptions(CHANNEL, { latency }).values);
  if (setup.checkpointsAtNs.length > 0) {
    const { values } = readOptions(protocols[0]?.options ?? {}, {});
    world.coordinate({ name: "message-counting", options: values as Strategy["options"] });
  }
  return world;
}

async function measure(setup: Setup): Promise<Outcome> {
  const supply = new WorkerSupply(new URL("../../plugins/worker.ts", import.meta.url));
  const world = build(setup, supply);
  const start = performance.now();
  await world.begin();
  const booted = performance.now();
  const names = Array.from({ length: setup.count }, (_, rank) => `p[${rank}]`);
  for (const [index, at] of setup.checkpointsAtNs.entries()) {
    await world.advance(at);
    await world.checkpoint(names, `g${index + 1}`, defaultsOf("stop-the-world"));
  }
  while (!world.atRest) await world.advance(world.now + 1_000_000);
  const ended = performance.now();
  const outcome = {
    seconds: (ended - booted) / 1000,
    bootSeconds: (booted - start) / 1000,
    megabytes: residentMegabytes(),
    messages: Number(world.clusterMetric("delivered")),
    traceHash: world.traceHash,
  };
  world.end();
  supply.end();
  return outcome;
}

/** Runs a setup in a program of its own. */
async function apart(setup: Setup): Promise<Outcome> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-read",
      "--allow-env",
      import.meta.filename ?? "",
      "--run",
      JSON.stringify(setup),
    ],
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout)) as Outcome;
}

const args = parseArgs(Deno.args, {
  string: ["pairs", "json", "run", "most"],
  default: { pairs: "5", most: "4096" },
});

interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly samples: readonly number[];
}
const figures: Figure[] = [];

function figure(name: string, unit: string, samples: readonly number[]): void {
  const sorted = samples.toSorted((a, b) => a - b);
  const show = (n = 0) => n.toPrecision(4).padStart(9);
  const [least, middle, most] = [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)];
  console.log(`${name.padEnd(58)} ${show(least)} ${show(middle)} ${show(most)}  ${unit}`);
  figures.push({ name, unit, samples });
}

const MATPOWER: Setup = {
  guest: "matpower",
  options: { size: 160, power: 8 },
  count: 4,
  nodes: 4,
  latencyNs: 200_000,
  workers: 1,
  checkpointsAtNs: [],
};

/** Two Workers against one, and against none, on the computing program. */
async function speedUp(pairs: number): Promise<void> {
  const ratios: number[] = [], thread: number[] = [];
  const hashes = new Set<string>();
  for (let n = 0; n < pairs; n++) {
    const one = await apart(MATPOWER);
    const two = await apart({ ...MATPOWER, workers: 2 });
    const none = await apart({ ...MATPOWER, workers: 0 });
    for (const { traceHash } of [one, two, none]) hashes.add(traceHash);
    ratios.push(one.seconds / two.seconds);
    thread.push(none.seconds / two.seconds);
  }
  figure("matpower 4 x 160: time on 1 Worker / on 2", "ratio", ratios);
  figure("matpower 4 x 160: time in one thread / on 2 Workers", "ratio", thread);
  console.log(hashes.size === 1 ? "  the same trace hash everywhere" : "  THE TRACES DIFFER");
}

/** What 10,000 delivered messages take. */
async function messages(pairs: number): Promise<void> {
  for (const workers of [0, 2] as const) {
    const samples: number[] = [];
    for (let n = 0; n < pairs; n++) {
      const { seconds, messages } = await apart({
        guest: "gossip",
        options: { messages: 1250, size: 256, gap: 20_000 },
        count: 16,
        nodes: 4,
        latencyNs: 50_000,
        workers,
        checkpointsAtNs: [],
      });
      samples.push(seconds * 10_000 / messages);
    }
    const where = workers === 0 ? "one thread" : `${workers} Workers`;
    figure(`gossip 16 x 1250: 10,000 delivered messages, ${where}`, "s", samples);
  }
}

/** What a process costs as there are more of them: two checkpoints of all by message counting. */
async function processes(pairs: number, most: number): Promise<void> {
  const counts = [16, 64, 256, 1024, 4096].filter((count) => count <= most);
  for (const count of counts) {
    const time: number[] = [], memory: number[] = [];
    for (let n = 0; n < (count > 256 ? 1 : pairs); n++) {
      const { seconds, bootSeconds, megabytes } = await apart({
        guest: "gossip",
        options: { messages: 6, size: 256, gap: 25_000_000 },
        count,
        nodes: 4,
        latencyNs: 50_000,
        workers: count > 64 ? 2 : 0,
        checkpointsAtNs: [3_000_000, 70_000_000],
      });
      time.push((seconds + bootSeconds) * 1000 / count);
      memory.push(megabytes * 1024 / count);
    }
    figure(`${count} processes, two global checkpoints: a process`, "ms", time);
    figure(`${count} processes: resident memory a process`, "KiB", memory);
  }
  const boot: number[] = [], memory: number[] = [];
  for (let n = 0; n < pairs; n++) {
    const { bootSeconds, megabytes } = await apart({
      guest: "gossip",
      options: { messages: 6, size: 256, gap: 200_000 },
      count: 64,
      nodes: 4,
      latencyNs: 50_000,
      workers: "process",
      checkpointsAtNs: [],
    });
    boot.push(bootSeconds);
    memory.push(megabytes / 64);
  }
  figure("64 processes in 64 Workers: until all have begun", "s", boot);
  figure("64 processes in 64 Workers: resident memory a Worker", "MiB", memory);
}

if (args.run !== undefined) {
  console.log(JSON.stringify(await measure(JSON.parse(args.run) as Setup)));
} else {
  const pairs = Number(args.pairs);
  console.log(
    `${Deno.build.os} ${Deno.build.arch}, ${navigator.hardwareConcurrency} processors, ` +
      `Deno ${Deno.version.deno}, ${pairs} runs each`,
  );
  console.log(
    `${"".padEnd(58)} ${"minimum".padStart(9)} ${"median".padStart(9)} ${"maximum".padStart(9)}`,
  );
  await speedUp(pairs);
  await messages(pairs);
  await processes(pairs, Number(args.most));
  if (args.json !== undefined) {
    Deno.writeTextFileSync(args.json, JSON.stringify({ figures }, undefined, 2) + "\n");
  }
}
