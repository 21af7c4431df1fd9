/** What may be asked of a world: metrics, digests, remarks. */
import { Digest } from "../base/digest.ts";
import { Board } from "../cluster/board.ts";
import { restore } from "../image/restore.ts";
import { stateDigest } from "../image/state_digest.ts";
import { AuditError } from "./auditor.ts";
import { checkpointMetric } from "./checkpoint_metrics.ts";
import type { CheckpointRecord } from "./checkpoint_record.ts";
import { CLUSTER_METRICS } from "./cluster_metrics.ts";
import { LabError } from "./lab.ts";
import { fingerprint } from "./fingerprint.ts";
import { known, labError, rowOf } from "./lookup.ts";
import type { MetricArgument, MetricValue } from "./metric.ts";
import type { AskMetric, PluginMetric } from "./plugin.ts";
import { PROCESS_METRICS } from "./process_metrics.ts";
import { messagesOf } from "./recovery.ts";
import type { World } from "./world.ts";

/** The value of a metric a plugin adds; it may ask for the built-in ones of the same subject. */
function ofPlugin(
  world: World,
  of: PluginMetric["of"],
  metric: string,
  ask: AskMetric,
): MetricValue | undefined {
  return world.options.registry.metric(metric, of)?.read(ask);
}

/** The metric of a process. */
export function askProcess(
  world: World,
  name: string,
  metric: string,
  given: readonly MetricArgument[],
): MetricValue {
  const ask: AskMetric = (asked, ...more) => askProcess(world, name, asked, more);
  const added = ofPlugin(world, "process", metric, ask);
  if (added !== undefined) return added;
  const process = world.setup.process(name);
  const state = () => process.ending?.state ?? world.inspect(process)?.state ?? "";
  return rowOf(PROCESS_METRICS, metric, "metric of a process").read({ process, state }, given);
}

/** The metric of a checkpoint. */
export function askCheckpoint(
  world: World,
  label: string,
  metric: string,
  given: readonly MetricArgument[],
): MetricValue {
  const ask: AskMetric = (asked, ...more) => askCheckpoint(world, label, asked, more);
  const added = ofPlugin(world, "checkpoint", metric, ask);
  if (added !== undefined) return added;
  const checkpoint = known(world.checkpoints, label, "checkpoint");
  refresh(checkpoint);
  const told = checkpoint.coordinated?.over ?? true;
  const committed = told && world.isCommitted(checkpoint);
  const audit = () => audited(() => world.auditor.line(label));
  const restores = world.restores.get(label) ?? 0;
  const view = { checkpoint, committed, audit, restores, now: world.now };
  return checkpointMetric(view, metric, given);
}

/** The metric of the whole run. */
export function askCluster(
  world: World,
  metric: string,
  given: readonly MetricArgument[],
): MetricValue {
  const ask: AskMetric = (asked, ...more) => askCluster(world, asked, more);
  const added = ofPlugin(world, "cluster", metric, ask);
  if (added !== undefined) return added;
  const { setup, dropped, rolledBack, coordination, cluster } = world;
  const inFlight = [
    ...cluster.packetsInFlight().flatMap(messagesOf),
    ...setup.processes.flatMap(({ withheld }) => withheld),
  ];
  return rowOf(CLUSTER_METRICS, metric, "metric of the cluster").read({
    processes: setup.processes,
    checkpoints: [...world.checkpoints.values()],
    committed: world.committed.length,
    control: coordination?.control ?? new Map(),
    piggybackBytes: coordination?.piggybackBytes ?? 0,
    logBytes: coordination?.logBytes ?? 0,
    sentAgain: coordination?.sentAgain ?? 0,
    repeated: coordination?.repeated ?? 0,
    traffic: cluster.network.counts,
    inFlight: inFlight.length,
    rolledBack,
    dropped,
    crashesIn: world.crashesIn,
    images: [...setup.nodes.values()].reduce((sum, node) => sum + node.images, 0),
    storedBytes: [...setup.nodes.values()].reduce((sum, { store }) => sum + store.bytes, 0),
    audit: () => world.auditor.run(inFlight),
    fingerprint: (part) => fingerprint(world, part),
  }, given);
}

/** Digest of the state a restart from this checkpoint would begin with. */
export function restoredState(world: World, label: string): string {
  const checkpoint = known(world.checkpoints, label, "checkpoint");
  if (!world.isCommitted(checkpoint)) {
    throw new LabError(`the checkpoint '${label}' is not committed`);
  }
  return world.partsOf(checkpoint).map((part) => {
    const scratch = Board.boot(part.node.profile, world.options.seed);
    const process = labError(() =>
      restore(part.node.store.read(part.image), {
        kernel: scratch.kernel,
        executable: part.record.plan.executable,
      })
    );
    return stateDigest(process, scratch.kernel);
  }).join(" ");
}

/** Digest of everything that happened. */
export function traceHash(world: World): string {
  const digest = new Digest().add(world.trace.hash, world.choices.hash);
  for (const record of world.setup.processes) {
    const look = world.inspect(record);
    digest.add(record.name, ...record.pastCalls, look?.calls ?? "", record.instructions);
    digest.add(record.output, Math.round(record.usedNs));
  }
  return digest.hex;
}

/** Brings the figures of parts that are still being saved up to date. */
function refresh({ label, parts }: CheckpointRecord): void {
  for (const part of parts) {
    const found = part.record.status?.sessions.find(([name]) => name === label);
    if (found !== undefined) part.figures = found[1];
  }
}

/** Before all have been saved there is nothing to judge. */
function audited<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw error instanceof AuditError ? new LabError(error.message) : error;
  }
}
