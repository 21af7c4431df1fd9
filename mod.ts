/**
 * ckptlab: a deterministic laboratory for process checkpoint/restart. The one place that sees both
 * the strategies and the language: it puts them together, and it is the program.
 */
import {
  CHANNEL,
  CHECKPOINT_METRICS,
  CLUSTER_METRICS,
  LabError,
  PROCESS_METRICS,
  PROFILE,
  Registry,
  SEARCHES,
  type UsedPlugin,
  WorkerSupply,
  World,
} from "./core/mod.ts";
import { fileURLToPath } from "node:url";
import { denoHost, main, type Parts } from "./dsl/cli.ts";
import { serveCells } from "./dsl/cell_worker.ts";
import { REPORTERS } from "./dsl/reporters/mod.ts";
import { announce, isolatedWorker, type Modules, serveIsolated } from "./dsl/isolated.ts";
import { exec } from "./dsl/exec.ts";
import { ranksWith } from "./dsl/exec_ranks.ts";
import { vectors } from "./dsl/vectors.ts";
import { checkpointers, faults, protocols, storages, workloads } from "./plugins/mod.ts";
import { certify } from "./plugins/testing.ts";

export * from "./core/mod.ts";
export { guest, workload } from "./plugins/workloads/workload.ts";
export { type CellReport, Gathering, type ScenarioReport, type WorldReport } from "./dsl/gather.ts";
export { checkpointers, faults, protocols, storages, workloads };

/** The version of the program; deno.json has the same. */
export const VERSION = "0.1.0";

/** Reads a program for a scenario: a built-in guest by its URL, another by its path. */
function readProgram(file: string): Uint8Array {
  try {
    return Deno.readFileSync(file.startsWith("file:") ? new URL(file) : file);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new LabError(`cannot read the program '${file}': ${why}`);
  }
}

/** The registry of the built-in strategies and workloads. */
export const registry = new Registry(checkpointers, workloads, protocols, [], storages, faults);

const WORKER = new URL("./plugins/worker.ts", import.meta.url);

/** Workers that house processes, by the plugins they have loaded. */
const supplies = new Map<string, WorkerSupply>();

function supplyFor(used: readonly UsedPlugin[]): WorkerSupply {
  const plugins = used.map(({ alias, url }) => ({ alias, url }));
  const key = JSON.stringify(plugins);
  const supply = supplies.get(key) ?? new WorkerSupply(WORKER, plugins);
  supplies.set(key, supply);
  return supply;
}

/** What the language is plugged into, where programs are read that way. */
const partsReading = (readProgram: (file: string) => Uint8Array): Parts => ({
  version: VERSION,
  vocabulary: {
    checkpointers,
    workloads,
    protocols,
    storages,
    faults,
    searches: SEARCHES,
    profile: PROFILE,
    channel: CHANNEL,
    processMetrics: PROCESS_METRICS,
    checkpointMetrics: CHECKPOINT_METRICS,
    clusterMetrics: CLUSTER_METRICS,
    reporters: REPORTERS,
  },
  makeLab: ({ seed, choices, workers, jit, record, plugins }) =>
    new World({
      seed,
      choices,
      jit,
      record,
      registry: registry.with(plugins),
      readProgram,
      supply: supplyFor(plugins),
      ...(workers === "auto" ? {} : { workers: workers ?? "stated" }),
    }),
  certify,
  home: new URL("./", import.meta.url),
  cellWorker: () => new Worker(import.meta.url, { type: "module" }),
  isolatedWorker: (plugins) => isolatedWorker(import.meta.url, plugins),
  readProgram,
  exec,
  ranks: ranksWith(registry, supplyFor([])),
  vectors,
});

/** What the language is plugged into. */
export const parts: Parts = partsReading(readProgram);

/** What the module of a Worker without permissions calls: see `dsl/isolated.ts`. */
export const isolated = {
  announce,
  serve: (modules: Modules): void =>
    serveIsolated((readProgram) => denoHost(partsReading(readProgram)), modules),
};

/** This module is a Worker's too: one that runs cells. */
const isWorker = "DedicatedWorkerGlobalScope" in globalThis;

/**
 * Runs the scenarios of a file, as a test does.
 *
 * @param file Path or file URL of a script.
 * @throws {Error} with what the command prints, if not all of them hold.
 *
 * @example
 * ```ts
 * import { scenarioHolds } from "./mod.ts";
 * await scenarioHolds(new URL("./scenarios/01_a_program_runs.ckpt", import.meta.url));
 * ```
 */
export async function scenarioHolds(file: string | URL): Promise<void> {
  let said = "";
  const say = (text: string) => void (said += text);
  const path = String(file).startsWith("file:") ? fileURLToPath(file) : String(file);
  const host = { ...denoHost(parts), stdout: say, stderr: say, isTerminal: false };
  if (await main(["run", "--color", "never", path], host) !== 0) throw new Error(said);
}

/**
 * Not awaited here: a plugin imports this module, and would wait for its end. Until `main` has come
 * back the exit code is that of an internal error.
 */
if (import.meta.main && isWorker) serveCells(denoHost(parts));
else if (import.meta.main) {
  Deno.exitCode = 70;
  main(Deno.args, denoHost(parts)).then((code) => Deno.exit(code));
}
