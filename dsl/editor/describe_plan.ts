/** A cell in words: everything its run is decided by, before anything runs. */
import type { OptionTable, OptionValue, Strategy } from "../../core/mod.ts";
import { contextOf, type Where } from "../context.ts";
import { evaluate } from "../evaluate.ts";
import { showOption } from "../options.ts";
import type { Claim, Plan, PlannedProcess, Step } from "../plan.ts";
import { printExpr } from "../print.ts";
import { placeOf } from "../source.ts";
import { format, formatNs, fromEngine } from "../units.ts";
import { findNamed, type MetricEntry, type Role, type Vocabulary, written } from "../vocabulary.ts";

/** A part of a description: rows of what and how. */
export interface Section {
  readonly title: string;
  readonly rows: readonly (readonly [string, string])[];
}

/** Options that were stated, then those that have their defaults. */
function optionsText(table: OptionTable, values: Readonly<Record<string, unknown>>): string {
  const shown = Object.entries(table).map(([name, option]) => {
    const value = (values[name] ?? option.default) as OptionValue;
    const text = `${written(name)} ${showOption(option, value)}`;
    return { text, usual: showOption(option, value) === showOption(option) };
  });
  const stated = shown.filter(({ usual }) => !usual).map(({ text }) => text);
  const usual = shown.filter((one) => one.usual).map(({ text }) => text);
  return [
    ...stated,
    ...usual.length === 0 ? [] : [`by default ${usual.join(", ")}`],
  ].join(", ");
}

function strategyText(strategy: Strategy, role: Role, vocabulary: Vocabulary): string {
  const row = findNamed(vocabulary, role, written(strategy.name));
  const options = row === undefined ? "" : optionsText(row.options, strategy.options);
  return options === "" ? written(strategy.name) : `${written(strategy.name)}: ${options}`;
}

/** Things described alike, named together: `p[0], p[1]`. */
function together<T>(
  items: readonly T[],
  name: (item: T) => string,
  text: (item: T) => string,
): readonly (readonly [string, string])[] {
  const groups = new Map<string, string[]>();
  for (const item of items) {
    const key = text(item);
    groups.set(key, [...groups.get(key) ?? [], name(item)]);
  }
  return [...groups].map(([key, names]) => [shortened(names), key]);
}

const shortened = (names: readonly string[]): string =>
  names.length <= 4 ? names.join(", ") : `${names[0]} … ${names.at(-1)} (${names.length})`;

/** Whose strategy it is, in which version. */
function origin({ name }: Strategy, { plugins }: Plan, version: string): string {
  const used = plugins.find(({ alias }) => name.startsWith(`${alias}.`));
  return used === undefined
    ? `of ckptlab ${version}`
    : `of the plugin ${used.plugin.name} ${used.plugin.version}`;
}

/** The nodes of a cell, equal ones together, each with its whole profile. */
const nodeRows = ({ nodes, vocabulary }: Plan) =>
  together(nodes, ({ name }) => name, ({ profile }) => optionsText(vocabulary.profile, profile));

function processText(
  { node, startsAt, workload }: PlannedProcess,
  { vocabulary }: Plan,
): string {
  const from = startsAt === 0 ? "" : ` from ${formatNs(startsAt)}`;
  return `on ${node}${from}, ${strategyText(workload, "workload", vocabulary)}`;
}

/** What a declared node or process is in a cell; of an array what its first member is. */
export function describeMember(name: string, plan: Plan): string | undefined {
  const isMeant = (one: { readonly name: string }) => one.name.replace(/\[.*$/, "") === name;
  const node = plan.nodes.find(isMeant);
  if (node !== undefined) return optionsText(plan.vocabulary.profile, node.profile);
  const process = plan.processes.find(isMeant);
  return process === undefined ? undefined : processText(process, plan);
}

function setup(plan: Plan, version: string): readonly Section[] {
  const { vocabulary } = plan;
  const described = (strategy: Strategy, role: Role): string =>
    `${strategyText(strategy, role, vocabulary)} (${origin(strategy, plan, version)})`;
  const who: (readonly [string, string])[] = [];
  for (const role of ["checkpointer", "protocol", "storage"] as const) {
    const others = plan.alternatives.filter(({ what }) => what === role);
    const strategy = plan[role];
    if (others.length > 0) {
      for (const { name, strategy } of others) {
        who.push([`${role} of ${name}`, described(strategy, role)]);
      }
    } else if (strategy === undefined) who.push([role, "none"]);
    else who.push([role, described(strategy, role)]);
  }
  return [
    { title: "nodes", rows: nodeRows(plan) },
    {
      title: "processes",
      rows: plan.processes.map((process) => [process.name, processText(process, plan)]),
    },
    { title: "who saves", rows: who },
    {
      title: "channels",
      rows: plan.channels.map(({ from, to, options }) => [
        `${shortened(from)} -> ${shortened(to)}`,
        optionsText(vocabulary.channel, options),
      ]),
    },
  ];
}

interface Moment {
  /** Known before the run. */
  readonly ns?: number;
  readonly when: string;
  readonly text: string;
}

/** When each step happens; behind a condition only the distance is known. */
function moments(steps: readonly Step[]): readonly Moment[] {
  const found: Moment[] = [];
  let before: number | undefined = 0;
  for (const { timing, text } of steps) {
    if (timing.kind === "when") {
      before = undefined;
      found.push({ when: `when ${printExpr(timing.condition)}`, text });
      continue;
    }
    const ns: number | undefined = timing.kind === "after"
      ? before === undefined ? undefined : before + timing.ns
      : timing.ns;
    before = ns;
    const repeats = timing.kind === "every" ? `, and every ${formatNs(timing.ns)}` : "";
    const when = ns === undefined
      ? `${formatNs(timing.ns)} after the step before it`
      : formatNs(ns) + repeats;
    found.push(ns === undefined ? { when, text } : { ns, when, text });
  }
  return found;
}

function timeline(plan: Plan): Section {
  const all = moments(plan.steps);
  const known = all.filter(({ ns }) => ns !== undefined);
  // Sorting is stable: steps of one instant stay in the order of the script.
  const sorted = known.toSorted((a, b) => (a.ns ?? 0) - (b.ns ?? 0));
  const rest = all.filter(({ ns }) => ns === undefined);
  const order = plan.processes.map(({ name }) => name);
  return {
    title: "timeline",
    rows: [
      ...[...sorted, ...rest].map(({ when, text }) => [when, text] as const),
      [
        "until",
        plan.until === undefined
          ? "the lab is at rest and no timed step is left"
          : printExpr(plan.until.condition),
      ],
      ["conditions", `are looked at every ${formatNs(plan.tickNs)}`],
      [
        "ties",
        "what a step put off to this instant, steps in the order of the script, claims about every " +
        `tick, until; processes by time, then ${shortened(order)}, then each one's own order`,
      ],
    ],
  };
}

/** Seeds and what goes wrong by chance: what is drawn only when the cell runs. */
function chance({ explore, chaos, vocabulary }: Plan): Section {
  const seeds = explore === undefined ? [] : [
    ["seeds", `${explore.seeds.first} to ${explore.seeds.last}`] as const,
    ["search", strategyText(explore.search, "search", vocabulary)] as const,
  ];
  const storms = chaos.map(({ row, options }) =>
    [`chaos ${row.name}`, optionsText(row.options, options)] as const
  );
  return { title: "by chance", rows: [...seeds, ...storms] };
}

/** The metrics a claim reads, each with its definition. */
function metricsOf(claim: Claim, plan: Plan): Map<string, MetricEntry> {
  const { vocabulary } = plan;
  const where: Where = claim.how === undefined ? "claim" : "monitor";
  const context = contextOf({ vocabulary, scope: plan.scope, where, report: () => undefined });
  evaluate(context, claim.expr);
  if (claim.condition !== undefined) evaluate(context, claim.condition);
  return context.uses.asked;
}

function claims(plan: Plan): readonly Section[] {
  const all = new Map<string, MetricEntry>();
  const rows = plan.claims.map((claim): readonly [string, string] => {
    const asked = metricsOf(claim, plan);
    for (const [name, row] of asked) all.set(name, row);
    const only = claim.condition === undefined ? "" : ` if ${printExpr(claim.condition)}`;
    const reads = asked.size === 0 ? "no metric" : [...asked.keys()].join(", ");
    return [
      placeOf(claim.span),
      `${claim.law ? "law" : "expect"} ${claim.text}${only}; reads ${reads}`,
    ];
  });
  const definitions = [...all].sort(([a], [b]) => a < b ? -1 : 1)
    .map(([name, row]) => [name, `${row.help} (${row.unit}; of several: ${row.combine})`] as const);
  return [{ title: "claims", rows }, { title: "metrics they read", rows: definitions }];
}

const figures = ({ figures }: Plan): Section => ({
  title: "figures",
  rows: figures.map(({ span, text, title, along }): readonly [string, string] => {
    const axis = along === undefined ? "" : ` along ${along}`;
    return [placeOf(span), `${title === undefined ? "" : `"${title}": `}${text}${axis}`];
  }),
});

/** The runs of a cell: one a world. */
const worldsOf = (plan: Plan): readonly string[] => [
  ...plan.alternatives.length === 0 ? ["the scenario"] : plan.alternatives.map(({ name }) => name),
  ...plan.twin ? ["undisturbed"] : [],
];

function cost(plan: Plan): Section {
  const worlds = worldsOf(plan);
  const { explore } = plan;
  const seeds = explore === undefined ? 1 : explore.seeds.last - explore.seeds.first + 1;
  const each = seeds === 1 ? "" : `, each under ${seeds} seeds`;
  const times = moments(plan.steps).flatMap(({ ns }) => ns ?? []);
  const least = times.length === 0 ? "unknown" : `at least ${formatNs(Math.max(...times))}`;
  const checkpoints = plan.steps.filter(({ text }) => /^checkpoint\b/.test(text)).length;
  const bytes = plan.nodes.reduce((sum, { profile }) => sum + profile.ram, 0);
  return {
    title: "cost",
    rows: [
      ["runs", `${worlds.length * seeds}: ${worlds.join(", ")}${each}`],
      ["virtual time", `${least} a run`],
      ["checkpoint steps", String(checkpoints)],
      ["memory", `at most ${format(fromEngine(bytes, "bytes"))} of nodes' RAM a run`],
    ],
  };
}

/** Everything about one cell. */
export function describePlan(plan: Plan, version: string): readonly Section[] {
  const point: (readonly [string, string])[] = [
    ["seed", String(plan.seed)],
    ...plan.row,
    ...plan.set.filter(([name]) => !plan.row.some(([one]) => one === name)),
  ];
  return [
    { title: "point", rows: point },
    ...setup(plan, version),
    timeline(plan),
    chance(plan),
    ...claims(plan),
    figures(plan),
    cost(plan),
  ].filter(({ rows }) => rows.length > 0);
}
