/**
 * The kinds of rows a plugin may contribute: what a row of each must be, and how it is called from
 * under the name a script gives the plugin. A new kind is one row here.
 */
import { type Contributions, SUBJECTS, type UsedPlugin } from "./plugin.ts";
import {
  checkpointerHooks,
  faultHooks,
  metricHooks,
  protocolHooks,
  reporterHooks,
  storageHooks,
  workloadHooks,
} from "./plugin_hooks.ts";
import {
  type Check,
  is,
  isObject,
  listOf,
  method,
  names,
  oneOf,
  optional,
  optionTable,
  rowName,
  type Shape,
  shape,
  text,
  truth,
} from "./plugin_shape.ts";

/** A row of a protocol; where checkpoints are tentative, members decide, keep and save unasked. */
const withTentative = (fields: Shape): Check => (value) => {
  const problems = shape(fields)(value);
  if (problems.length > 0 || !isObject(value) || value["tentative"] !== true) return problems;
  const found = (field: string) => `'tentative' goes only with ${field}: take it out, or add that`;
  return [
    ...value["manager"] === undefined
      ? []
      : ["'tentative' goes only without a manager: take one out"],
    ...["log", "forces"].flatMap((field) =>
      value[field] === true ? [] : [found(`'${field}: true'`)]
    ),
  ];
};

/** A kind: the field of `contributes` it stands in. */
export type Kind = keyof Contributions;

/** The row of a kind. */
export type RowOf<K extends Kind> = NonNullable<Contributions[K]>[number];

/** What is told of a kind. */
export interface KindRow<K extends Kind> {
  /** What one of it is called. */
  readonly one: string;
  /** What a row of it must be. */
  readonly check: Check;
  /** Its hooks as the lab calls them, for the owner named. */
  hooks(row: RowOf<K>, owner: string): Partial<RowOf<K>>;
}

const named = { name: rowName, help: text };
const strategy = { ...named, aliases: optional(listOf("alias", rowName)), options: optionTable };

/** The kinds. */
export const PLUGIN_KINDS: { readonly [K in Kind]-?: KindRow<K> } = {
  checkpointers: {
    one: "checkpointer",
    check: shape({
      ...strategy,
      supports: optional(shape({ migration: optional(truth) })),
      refuses: optional(listOf("refusal", shape({ name: rowName, why: text, found: method }))),
      controlMessages: method,
      capture: method,
      onFirstWrite: optional(method),
    }),
    hooks: checkpointerHooks,
  },
  protocols: {
    one: "protocol",
    check: withTentative({
      ...strategy,
      requires: shape({ order: oneOf("fifo", "any"), delivery: oneOf("reliable") }),
      kinds: names,
      phases: names,
      recovery: oneOf("line", "search", "alone"),
      log: optional(truth),
      forces: optional(truth),
      tentative: optional(truth),
      pauses: optional(names),
      cost: method,
      perRound: optional(method),
      perDependency: optional(method),
      messageCost: optional(is("numbers by kind", isObject)),
      moves: optional(method),
      size: method,
      piggybackSize: optional(method),
      member: method,
      manager: optional(method),
      handle: method,
      lines: optional(method),
      waitsFor: optional(method),
    }),
    hooks: protocolHooks,
  },
  workloads: {
    one: "workload",
    check: shape({
      ...strategy,
      values: optional(listOf("value", text)),
      supports: optional(shape({ rerun: optional(truth) })),
      start: method,
    }),
    hooks: workloadHooks,
  },
  storages: {
    one: "storage",
    check: shape({ ...strategy, keep: method }),
    hooks: storageHooks,
  },
  faults: {
    one: "fault",
    check: shape({ ...strategy, inject: method }),
    hooks: faultHooks,
  },
  metrics: {
    one: "metric",
    check: shape({
      ...named,
      of: oneOf(...SUBJECTS),
      unit: oneOf(
        "count",
        "cycles",
        "ratio",
        "time",
        "bytes",
        "frequency",
        "bandwidth",
        "text",
        "truth",
      ),
      combine: oneOf("sum", "max", "all", "same"),
      read: method,
    }),
    hooks: metricHooks,
  },
  reporters: {
    one: "reporter",
    check: shape({ ...named, machine: optional(truth), begin: method }),
    hooks: reporterHooks,
  },
};

/** The kinds by name. */
export const KINDS = Object.keys(PLUGIN_KINDS) as readonly Kind[];

/** The rows of a kind, each called `alias.name`, also by its aliases, its hooks under the guard. */
export function scoped<K extends Kind>(
  kind: K,
  { alias, plugin }: UsedPlugin,
): readonly RowOf<K>[] {
  const { one, hooks } = PLUGIN_KINDS[kind] as KindRow<K>;
  const rows = (plugin.contributes[kind] ?? []) as readonly RowOf<K>[];
  return rows.map((row): RowOf<K> => {
    const name = `${alias}.${row.name}`;
    const owner = `plugin '${plugin.name}' ${plugin.version}: ${one} '${name}'`;
    const others = (row as { readonly aliases?: readonly string[] }).aliases ?? [];
    const aliases = others.map((other) => `${alias}.${other}`);
    return Object.assign(Object.create(row), hooks(row, owner), { name, aliases });
  });
}
