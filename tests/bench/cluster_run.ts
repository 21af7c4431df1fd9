/**
 * One cluster run to its end, in a process of its own, so that its memory and its Workers are
 * nobody else's.
 *
 * usage: cluster_run.ts SETUP, a `ClusterSetup` as JSON; prints a `ClusterOutcome` as JSON.
 */
import {
  CHANNEL,
  PROFILE,
  readOptions,
  Registry,
  type Strategy,
  WorkerSupply,
  World,
} from "../../core/mod.ts";
import { fileURLToPath } from "node:url";
import { checkpointers, protocols, workloads } from "../../plugins/mod.ts";
import { messageCounting } from "../../plugins/protocols/message_counting.ts";
import { runProcess } from "./whole_process.ts";

/** One cluster to be run. */
export interface ClusterSetup {
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
export interface ClusterOutcome {
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

function build(setup: ClusterSetup, supply: WorkerSupply): World {
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
    const { values } = readOptions(messageCounting.options, {});
    world.coordinate({ name: "message-counting", options: values as Strategy["options"] });
  }
  return world;
}

async function measure(setup: ClusterSetup): Promise<ClusterOutcome> {
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

/** Runs a setup in a process of its own. */
export function runApart(setup: ClusterSetup): ClusterOutcome {
  const { output } = runProcess(Deno.execPath(), [
    "run",
    "--allow-read",
    "--allow-env",
    fileURLToPath(import.meta.url),
    JSON.stringify(setup),
  ]);
  return JSON.parse(new TextDecoder().decode(output)) as ClusterOutcome;
}

if (import.meta.main) {
  console.log(JSON.stringify(await measure(JSON.parse(Deno.args[0] ?? "") as ClusterSetup)));
}
