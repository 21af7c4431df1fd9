/**
 * A plugin: rows for the tables a scenario may name, packed with a name, a version and the range of
 * this contract it was written for. The built-in strategies are one plugin among others.
 */
import type { Protocol } from "../cluster/protocol.ts";
import type { Checkpointer } from "../image/checkpointer.ts";
import type { Fault } from "./fault.ts";
import type { Workload } from "./lab.ts";
import type { PluginReporter } from "./report.ts";
import type { Storage } from "./storage.ts";
import type { MetricArgument, MetricUnit, MetricValue } from "./metric.ts";

/** The version of the contract between plugins and the lab. The major number is the contract. */
export const PLUGIN_API = "1.0.0";

/** What a plugin's metric is asked of. */
export const SUBJECTS = ["process", "checkpoint", "cluster"] as const;

/** Gives a built-in metric of the same subject: a number in its base unit, a text, a truth value. */
export type AskMetric = (metric: string, ...given: readonly MetricArgument[]) => MetricValue;

/** A metric a plugin adds: what it makes of the built-in ones. It sees nothing else of the lab. */
export interface PluginMetric {
  readonly name: string;
  readonly of: (typeof SUBJECTS)[number];
  readonly unit: MetricUnit;
  /** One sentence; printed by `list` and the manual. */
  readonly help: string;
  /** How the values of several subjects become one. */
  readonly combine: "sum" | "max" | "all" | "same";
  read(ask: AskMetric): MetricValue;
}

/** Declares a metric. */
export function metric(row: PluginMetric): PluginMetric {
  return row;
}

/** What a plugin adds, by kind; each kind is a row of `PLUGIN_KINDS`. */
export interface Contributions {
  readonly checkpointers?: readonly Checkpointer[];
  readonly protocols?: readonly Protocol[];
  readonly workloads?: readonly Workload[];
  readonly storages?: readonly Storage[];
  readonly faults?: readonly Fault[];
  readonly metrics?: readonly PluginMetric[];
  readonly reporters?: readonly PluginReporter[];
}

/** A package of rows. */
export interface Plugin {
  /** Lower case words joined by `-`, as `forked-cow`. */
  readonly name: string;
  /** The version of the package, as `1.2.0`. */
  readonly version: string;
  /** The range of `PLUGIN_API` it was written for, as `^1`. */
  readonly api: string;
  readonly contributes: Contributions;
}

/**
 * Declares a plugin; it is the default export of its module. What is wrong with it is told when it
 * is loaded, all at once.
 *
 * @example
 * ```ts
 * import { definePlugin, metric } from "./plugin.ts";
 * const plugin = definePlugin({
 *   name: "shares",
 *   version: "0.1.0",
 *   api: "^1",
 *   contributes: {
 *     metrics: [metric({
 *       name: "stop_share",
 *       of: "checkpoint",
 *       unit: "ratio",
 *       help: "How much of the checkpoint the program stood still.",
 *       combine: "max",
 *       read: (ask) => Number(ask("downtime")) / Number(ask("elapsed")),
 *     })],
 *   },
 * });
 * if (plugin.name !== "shares") throw new Error("unreachable");
 * ```
 */
export function definePlugin<P extends Plugin>(plugin: P): P {
  return plugin;
}

/** A plugin under the name a script gives it. */
export interface UsedPlugin {
  readonly alias: string;
  /** Where its module is, so that a Worker can load it too. */
  readonly url: string;
  readonly plugin: Plugin;
}
