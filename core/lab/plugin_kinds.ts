/**
 * The kinds of rows a plugin may contribute: what a row of each must be, and how it is called from
 * under the name a script gives the plugin. A new kind is one row here.
 */
import { type Contributions, SUBJECTS } from "./plugin.ts";
import {
  type Check,
  listOf,
  method,
  names,
  oneOf,
  optional,
  optionTable,
  rowName,
  shape,
  text,
  truth,
} from "./plugin_shape.ts";

/** A kind: the field of `contributes` it stands in. */
export type Kind = keyof Contributions;

/** The row of a kind. */
export type RowOf<K extends Kind> = NonNullable<Contributions[K]>[number];

/** What is told of a kind. */
export interface KindRow {
  /** What one of it is called. */
  readonly one: string;
  /** What a row of it must be. */
  readonly check: Check;
}

const named = { name: rowName, help: text };
const strategy = { ...named, aliases: optional(listOf("alias", rowName)), options: optionTable };

/** The kinds. */
export const PLUGIN_KINDS: Readonly<Record<Kind, KindRow>> = {
  checkpointers: {
    one: "checkpointer",
    check: shape({
      ...strategy,
      supports: optional(shape({ migration: optional(truth) })),
      controlMessages: method,
      capture: method,
      onFirstWrite: optional(method),
    }),
  },
  protocols: {
    one: "protocol",
    check: shape({
      ...strategy,
      requires: shape({ order: oneOf("fifo", "any"), delivery: oneOf("reliable") }),
      kinds: names,
      phases: names,
      recovery: oneOf("line", "search"),
      cost: method,
      size: method,
      member: method,
      manager: optional(method),
      handle: method,
      waitsFor: optional(method),
    }),
  },
  workloads: {
    one: "workload",
    check: shape({ ...strategy, start: method }),
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
  },
};

/** The kinds by name. */
export const KINDS = Object.keys(PLUGIN_KINDS) as readonly Kind[];

/** A row whose fields are the given one's, and its hooks called on itself, under another name. */
const renamed = <T extends object>(row: T, name: string): T =>
  Object.create(row, {
    name: { value: name, enumerable: true },
    aliases: { value: [], enumerable: true },
  });

/** The rows of a kind, each called `alias.name`. */
export function scoped<K extends Kind>(
  kind: K,
  alias: string,
  contributes: Contributions,
): readonly RowOf<K>[] {
  const rows = (contributes[kind] ?? []) as readonly RowOf<K>[];
  return rows.map((row) => renamed(row, `${alias}.${row.name}`));
}
