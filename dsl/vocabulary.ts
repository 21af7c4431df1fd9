/** The names a script is checked against: what the registry holds, as one value handed in. */
import {
  type Fault,
  type Metric,
  type MetricParameter,
  type MetricUnit,
  type OptionTable,
  type PluginMetric,
  type PROFILE,
  scoped,
  type Search,
  type Storage,
  type UsedPlugin,
  type Workload,
} from "../core/mod.ts";

/** A checkpointer as far as the language is concerned: its name and its options. */
export interface CheckpointerEntry {
  /** As registered: `concurrent-cow`; a script writes `concurrent_cow`. */
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly help: string;
  readonly options: OptionTable;
}

/** A coordination protocol as far as the language is concerned. */
export interface ProtocolEntry {
  /** As registered: `message-counting`; a script writes `message_counting`. */
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly help: string;
  readonly options: OptionTable;
  /** What it needs of the channels. */
  readonly requires: { readonly order: "fifo" | "any"; readonly delivery: "reliable" };
  /** Every kind of control message it sends. */
  readonly kinds: readonly string[];
  readonly phases: readonly string[];
  /** Absent when it does not poll: its messages are counted by the number of processes alone. */
  readonly perRound?: (...given: never) => unknown;
  /** True when only those are saved on whom the process that is asked depends. */
  readonly tentative?: boolean;
  /** Absent when it takes no part in moves. */
  readonly moves?: (...given: never) => unknown;
  /** Absent when the members do without a manager. */
  readonly manager?: (...given: never) => unknown;
}

/** A metric as far as the language is concerned. */
export interface MetricEntry {
  readonly name: string;
  readonly unit: MetricUnit;
  readonly help: string;
  readonly combine: Metric<never>["combine"];
  readonly takes?: readonly MetricParameter[];
}

/** A reporter as far as the reference is concerned: no script names one. */
export interface ReporterEntry {
  readonly name: string;
  readonly help: string;
}

/** All names from outside the language. */
export interface Vocabulary {
  /** The first is used by scenarios that name none. */
  readonly checkpointers: readonly CheckpointerEntry[];
  readonly workloads: readonly Workload[];
  readonly protocols: readonly ProtocolEntry[];
  /** The first is what a scenario has that names none. */
  readonly storages: readonly Storage[];
  readonly faults: readonly Fault[];
  /** The first is used by an explore that names none. */
  readonly searches: readonly Search[];
  readonly profile: typeof PROFILE;
  /** What a channel can be like. */
  readonly channel: OptionTable;
  readonly processMetrics: readonly MetricEntry[];
  readonly checkpointMetrics: readonly MetricEntry[];
  /** Metrics of the whole run. */
  readonly clusterMetrics: readonly MetricEntry[];
  /** What `--reporter` may name. */
  readonly reporters: readonly ReporterEntry[];
}

/** The tables a strategy can be looked up in. */
export const ROLES = [
  "workload",
  "checkpointer",
  "protocol",
  "storage",
  "fault",
  "search",
] as const;

/** One of {@linkcode ROLES}. */
export type Role = (typeof ROLES)[number];

/** A row of the registry: a checkpointer, a workload, a protocol, a search. */
export interface Named {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly help: string;
  readonly options: OptionTable;
}

/** The vocabulary and what plugins add to it, each row under its plugin's own name. */
export function withPlugins(vocabulary: Vocabulary, used: readonly UsedPlugin[]): Vocabulary {
  const added = <K extends Parameters<typeof scoped>[0]>(kind: K) =>
    used.flatMap((each) => scoped(kind, each));
  const metrics = (of: PluginMetric["of"]) => added("metrics").filter((row) => row.of === of);
  return {
    ...vocabulary,
    checkpointers: [...vocabulary.checkpointers, ...added("checkpointers")],
    workloads: [...vocabulary.workloads, ...added("workloads")],
    protocols: [...vocabulary.protocols, ...added("protocols")],
    storages: [...vocabulary.storages, ...added("storages")],
    faults: [...vocabulary.faults, ...added("faults")],
    processMetrics: [...vocabulary.processMetrics, ...metrics("process")],
    checkpointMetrics: [...vocabulary.checkpointMetrics, ...metrics("checkpoint")],
    clusterMetrics: [...vocabulary.clusterMetrics, ...metrics("cluster")],
    reporters: [...vocabulary.reporters, ...added("reporters")],
  };
}

/** How a registered name is written in a script. */
export const written = (name: string): string => name.replaceAll("-", "_");

/** All the rows of a role. */
export const rowsOf = (vocabulary: Vocabulary, role: Role): readonly Named[] =>
  ({
    workload: vocabulary.workloads,
    checkpointer: vocabulary.checkpointers,
    protocol: vocabulary.protocols,
    storage: vocabulary.storages,
    fault: vocabulary.faults,
    search: vocabulary.searches,
  })[role];

/** How a script may write the names of a role, aliases among them. */
export const namesOf = (vocabulary: Vocabulary, role: Role): readonly string[] =>
  rowsOf(vocabulary, role).flatMap((row) => [row.name, ...row.aliases ?? []].map(written));

/** The row a script's name stands for. */
export const findNamed = (vocabulary: Vocabulary, role: Role, name: string): Named | undefined =>
  rowsOf(vocabulary, role).find((row) =>
    [row.name, ...row.aliases ?? []].some((candidate) => written(candidate) === name)
  );

/** The row of any role a script's name stands for. */
export const findAnywhere = (vocabulary: Vocabulary, name: string): Named | undefined =>
  ROLES.map((role) => findNamed(vocabulary, role, name)).find((row) => row !== undefined);

/** Everything that a plugin adds under that name. */
export const rowsOfPlugin = (
  vocabulary: Vocabulary,
  alias: string,
): readonly { readonly name: string; readonly options?: OptionTable }[] =>
  [
    ...ROLES.flatMap((role) => rowsOf(vocabulary, role)),
    ...vocabulary.processMetrics,
    ...vocabulary.checkpointMetrics,
    ...vocabulary.clusterMetrics,
    ...vocabulary.reporters,
  ].filter(({ name }) => name.startsWith(`${alias}.`));

/** Every kind of control message some protocol sends. */
export const messageKinds = ({ protocols }: Vocabulary): readonly string[] => [
  ...new Set(protocols.flatMap(({ kinds }) => kinds)),
];
