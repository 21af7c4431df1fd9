/** The reference, printed and as data, from the very tables that do the work. */
import type { OptionTable } from "../core/mod.ts";
import { CHAOS } from "./chaos.ts";
import { CODES } from "./codes.ts";
import { FUNCTIONS, NAMES } from "./functions.ts";
import { describeOption, showOption } from "./options.ts";
import { metricUsage } from "./read_metric.ts";
import { STATEMENTS } from "./statements/mod.ts";
import { format, UNITS } from "./units.ts";
import {
  type MetricEntry,
  type Named,
  type ProtocolEntry,
  type Vocabulary,
  written,
} from "./vocabulary.ts";

/** One entry: what it is called, what it is for, and rows of what belongs to it. */
export interface Entry {
  readonly name: string;
  /** What people look for to find it; without it the names its heading lists. */
  readonly keys?: readonly string[];
  readonly help: string;
  readonly rows?: readonly (readonly [string, string])[];
}

/** A part of the reference. */
export interface Topic {
  readonly name: string;
  readonly help: string;
  readonly entries: (vocabulary: Vocabulary) => readonly Entry[];
}

const optionRows = (table: OptionTable): readonly (readonly [string, string])[] =>
  Object.entries(table).map(([name, option]) => [
    `${written(name)}: ${showOption(option)}`,
    `${option.doc} Takes ${describeOption(option)}.`,
  ]);

const namedEntry = (row: Named): Entry => ({
  name: [row.name, ...row.aliases ?? []].map(written).join(", "),
  help: row.help,
  rows: optionRows(row.options),
});

const protocolRows = (row: ProtocolEntry): readonly (readonly [string, string])[] => [
  ["requires", `order ${row.requires.order}, delivery ${row.requires.delivery}`],
  ["messages", row.kinds.join(", ") || "none"],
  ["phases", row.phases.join(", ") || "none"],
  ...row.perRound === undefined ? [] : [
    [
      "polls",
      "its messages depend on the rounds, too: the metric rounds of a checkpoint",
    ] as const,
  ],
  ...row.tentative !== true ? [] : [
    [
      "lines",
      "of those on whom the process that is asked depends; tentative until all are saved",
    ] as const,
  ],
  ...row.moves === undefined ? [] : [
    ["moves", "a process that migrates does so by it, and nothing is sent after"] as const,
  ],
];

const metricEntries = (of: string, rows: readonly MetricEntry[]): readonly Entry[] =>
  rows.map((row) => ({
    name: `${of}.${metricUsage(row)}`,
    help: `${row.help} (${row.unit}; of several: ${row.combine})`,
  }));

/** The topics of `list`. */
export const TOPICS: readonly Topic[] = [
  {
    name: "statements",
    help: "every statement with its usage line",
    entries: () =>
      STATEMENTS.map((row) => ({
        name: row.usage,
        keys: [row.keyword],
        help: row.help,
        rows: [["example", row.example] as const],
      })),
  },
  {
    name: "checkpointers",
    help: "who can take checkpoints",
    entries: ({ checkpointers }) => checkpointers.map(namedEntry),
  },
  {
    name: "protocols",
    help: "who can coordinate checkpoints of several processes",
    entries: ({ protocols }) =>
      protocols.map((row) => ({
        ...namedEntry(row),
        rows: [...optionRows(row.options), ...protocolRows(row)],
      })),
  },
  {
    name: "workloads",
    help: "the programs a process can run",
    entries: ({ workloads }) => workloads.map(namedEntry),
  },
  {
    name: "storages",
    help: "where images can be kept",
    entries: ({ storages }) => storages.map(namedEntry),
  },
  {
    name: "faults",
    help: "what a step can inject",
    entries: ({ faults }) => faults.map(namedEntry),
  },
  {
    name: "searches",
    help: "how explore goes through the possible runs",
    entries: ({ searches }) => searches.map(namedEntry),
  },
  {
    name: "chaos",
    help: "what can go wrong by chance",
    // They are called as statements are, and are none.
    entries: () => CHAOS.map((row) => ({ ...namedEntry(row), keys: [`chaos ${row.name}`] })),
  },
  {
    name: "metrics",
    help: "what can be asked of processes, of checkpoints and of the whole run",
    entries: ({ processMetrics, checkpointMetrics, clusterMetrics }) => [
      ...metricEntries("process", processMetrics),
      ...metricEntries("checkpoint", checkpointMetrics),
      ...metricEntries("cluster", clusterMetrics),
    ],
  },
  {
    name: "profile",
    help: "the keys of a node's hardware",
    entries: ({ profile }) => [
      { name: "profile", help: "Keys of profile and node.", rows: optionRows(profile) },
    ],
  },
  {
    name: "channel",
    help: "the keys of a channel",
    entries: ({ channel }) => [
      { name: "channel", help: "Keys of channel.", rows: optionRows(channel) },
    ],
  },
  {
    name: "reporters",
    help: "how a run can be told",
    entries: ({ reporters }) => reporters.map(({ name, help }) => ({ name: written(name), help })),
  },
  {
    name: "functions",
    help: "functions and names of expressions",
    entries: () => [
      ...NAMES,
      ...FUNCTIONS.map((row) => ({ name: row.usage, help: row.help })),
    ],
  },
  {
    name: "units",
    help: "the units of numbers",
    entries: () =>
      UNITS.map(({ symbol, help, factor, dimension }) => ({
        name: symbol,
        help: `${help} (${format({ value: factor, dimension, percent: false })})`,
      })),
  },
  {
    name: "codes",
    help: "the diagnostics",
    entries: () =>
      Object.entries(CODES).map(([code, { name, page }]) => ({
        name: code,
        help: name,
        rows: [["why", page] as const],
      })),
  },
];

/** A topic for people. */
export function topicText(topic: Topic, vocabulary: Vocabulary): string {
  const entries = topic.entries(vocabulary);
  return entries.map(({ name, help, rows = [] }) => {
    const width = Math.max(0, ...rows.map(([left]) => left.length));
    const below = rows.map(([left, right]) => `    ${left.padEnd(width)}  ${right}\n`).join("");
    return `${name}\n  ${help}\n${below}`;
  }).join("");
}
