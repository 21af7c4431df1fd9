/** Where strategies and workloads meet the language: by name. */
import type { PluginPlace } from "../cluster/worker_entry.ts";
import type { Protocol } from "../cluster/protocol.ts";
import type { Checkpointer } from "../image/checkpointer.ts";
import type { Fault } from "./fault.ts";
import type { Workload } from "./lab.ts";
import type { PluginMetric, UsedPlugin } from "./plugin.ts";
import { scoped } from "./plugin_kinds.ts";
import { reloaded } from "./plugin_load.ts";
import type { Storage } from "./storage.ts";

/** What has a name in a scenario. */
interface Named {
  readonly name: string;
  readonly aliases?: readonly string[];
}

/** Everything a scenario may name. */
export class Registry {
  constructor(
    readonly checkpointers: readonly Checkpointer[],
    readonly workloads: readonly Workload[],
    readonly protocols: readonly Protocol[] = [],
    readonly metrics: readonly PluginMetric[] = [],
    readonly storages: readonly Storage[] = [],
    readonly faults: readonly Fault[] = [],
  ) {
    const problems = [checkpointers, workloads, protocols, storages, faults].flatMap(doubles);
    if (problems.length > 0) throw new Error(problems.join("; "));
  }

  /** This registry and what plugins add, each under its own name: `cow.snapshot`. */
  with(used: readonly UsedPlugin[]): Registry {
    if (used.length === 0) return this;
    const added = <K extends Parameters<typeof scoped>[0]>(kind: K) =>
      used.flatMap((each) => scoped(kind, each));
    return new Registry(
      [...this.checkpointers, ...added("checkpointers")],
      [...this.workloads, ...added("workloads")],
      [...this.protocols, ...added("protocols")],
      [...this.metrics, ...added("metrics")],
      [...this.storages, ...added("storages")],
      [...this.faults, ...added("faults")],
    );
  }

  /** The same in a Worker: the plugins are loaded there again. Throws `PluginError`. */
  async loading(places: readonly PluginPlace[]): Promise<Registry> {
    return this.with(await reloaded(places));
  }

  /** The checkpointer of that name or alias; '_' and '-' are the same. */
  checkpointer(name: string): Checkpointer | undefined {
    return find(this.checkpointers, name);
  }

  /** The protocol of that name or alias. */
  protocol(name: string): Protocol | undefined {
    return find(this.protocols, name);
  }

  /** The metric a plugin adds by that name to such a subject. */
  metric(name: string, of: PluginMetric["of"]): PluginMetric | undefined {
    return this.metrics.find((row) => row.of === of && plain(row.name) === plain(name));
  }

  /** The storage of that name or alias. */
  storage(name: string): Storage | undefined {
    return find(this.storages, name);
  }

  /** The fault of that name or alias. */
  fault(name: string): Fault | undefined {
    return find(this.faults, name);
  }

  /** The workload of that name or alias. */
  workload(name: string): Workload | undefined {
    return find(this.workloads, name);
  }
}

const plain = (name: string): string => name.replaceAll("_", "-");

const namesOf = (row: Named): readonly string[] => [row.name, ...(row.aliases ?? [])].map(plain);

function find<T extends Named>(rows: readonly T[], name: string): T | undefined {
  return rows.find((row) => namesOf(row).includes(plain(name)));
}

function doubles(rows: readonly Named[]): readonly string[] {
  const seen = new Map<string, string>();
  const problems: string[] = [];
  for (const row of rows) {
    for (const name of namesOf(row)) {
      const other = seen.get(name);
      if (other !== undefined) problems.push(`two strategies are called '${name}'`);
      seen.set(name, row.name);
    }
  }
  return problems;
}
