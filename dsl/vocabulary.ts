/** The names a script is checked against: what the registry holds, as one value handed in. */
import type { Metric, MetricUnit, OptionTable, PROFILE, Workload } from "../core/mod.ts";

/** A checkpointer as far as the language is concerned: its name and its options. */
export interface CheckpointerEntry {
  /** As registered: `concurrent-cow`; a script writes `concurrent_cow`. */
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly help: string;
  readonly options: OptionTable;
}

/** A metric as far as the language is concerned. */
export interface MetricEntry {
  readonly name: string;
  readonly unit: MetricUnit;
  readonly help: string;
  readonly combine: Metric<never>["combine"];
}

/** All names from outside the language. */
export interface Vocabulary {
  /** The first is used by scenarios that name none. */
  readonly checkpointers: readonly CheckpointerEntry[];
  readonly workloads: readonly Workload[];
  readonly profile: typeof PROFILE;
  readonly processMetrics: readonly MetricEntry[];
  readonly checkpointMetrics: readonly MetricEntry[];
}

/** The two tables a strategy can be looked up in. */
export type Role = "checkpointer" | "workload";

/** A row of the registry: a checkpointer or a workload. */
export interface Named {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly help: string;
  readonly options: OptionTable;
}

/** How a registered name is written in a script. */
export const written = (name: string): string => name.replaceAll("-", "_");

/** All the rows of a role. */
export const rowsOf = (vocabulary: Vocabulary, role: Role): readonly Named[] =>
  role === "checkpointer" ? vocabulary.checkpointers : vocabulary.workloads;

/** How a script may write the names of a role, aliases among them. */
export const namesOf = (vocabulary: Vocabulary, role: Role): readonly string[] =>
  rowsOf(vocabulary, role).flatMap((row) => [row.name, ...row.aliases ?? []].map(written));

/** The row a script's name stands for. */
export const findNamed = (vocabulary: Vocabulary, role: Role, name: string): Named | undefined =>
  rowsOf(vocabulary, role).find((row) =>
    [row.name, ...row.aliases ?? []].some((candidate) => written(candidate) === name)
  );
