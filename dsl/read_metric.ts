/** Reads a metric: its row, its arguments, and the lab's plain value with the unit of the row. */
import { FINGERPRINTS, LabError, type MetricArgument, type MetricValue } from "../core/mod.ts";
import type { Word } from "./ast.ts";
import { type Context, fail } from "./context.ts";
import type { Span } from "./source.ts";
import { nearest } from "./suggest.ts";
import { fromEngine, isQuantity } from "./units.ts";
import { describe, ERROR, number, text, truth, type Value } from "./value.ts";
import { messageKinds, type MetricEntry, type Vocabulary, written } from "./vocabulary.ts";

/** Who can be asked for metrics. */
type Subject = Extract<Value, { kind: "process" | "checkpoint" | "cluster" }>;

/** The metrics of each kind of subject, and what such a one is called. */
function tableOf(vocabulary: Vocabulary, { kind }: Subject): {
  readonly rows: readonly MetricEntry[];
  readonly called: string;
} {
  switch (kind) {
    case "process":
      return { rows: vocabulary.processMetrics, called: "a process" };
    case "checkpoint":
      return { rows: vocabulary.checkpointMetrics, called: "a checkpoint" };
    case "cluster":
      return { rows: vocabulary.clusterMetrics, called: "the cluster" };
  }
}

/** Some workload publishes a number of that name. */
const publishedBy = ({ workloads }: Vocabulary, name: string): boolean =>
  workloads.some(({ values = [] }) => values.includes(name));

/** What a metric's text argument can be, where that is known, and what is said of another. */
const KNOWN_TEXTS: Readonly<
  Record<string, {
    readonly texts: (vocabulary: Vocabulary) => readonly string[];
    readonly unknown: string;
  }>
> = {
  sent: { texts: messageKinds, unknown: "no protocol sends messages of the kind" },
  fingerprint: {
    texts: () => FINGERPRINTS.map(({ name }) => name),
    unknown: "a run has no fingerprint of",
  },
};

/** How a metric is written: `sent("…")`, `phase(process)`. */
export const metricUsage = ({ name, takes = [] }: MetricEntry): string => {
  const inside = takes.map((one) => one === "text" ? '"…"' : one).join(", ");
  return takes.length === 0 ? written(name) : `${written(name)}(${inside})`;
};

/** The value of a metric; `asked` spans all of a call, so that its arguments are in the place. */
export function readMetric(
  context: Context,
  subject: Subject,
  asked: Word,
  given: readonly Value[] | undefined,
): Value {
  const { rows, called } = tableOf(context.vocabulary, subject);
  const row = rows.find((candidate) => written(candidate.name) === asked.text);
  if (row === undefined && subject.kind === "process" && given === undefined) {
    const value = rows.find(({ name }) => name === "value");
    if (value !== undefined && publishedBy(context.vocabulary, asked.text)) {
      context.uses.metrics.add(value.name);
      return ask(context, subject, value, asked.span, [asked.text]);
    }
  }
  if (row === undefined) {
    const values = context.vocabulary.workloads.flatMap(({ values = [] }) => values);
    const known = [
      ...rows.map((candidate) => written(candidate.name)),
      ...subject.kind === "process" ? values : [],
    ];
    const message = `${called} has no metric '${asked.text}'`;
    return fail(context, "CK0305", asked.span, message, nearest(asked.text, known));
  }
  context.uses.metrics.add(row.name);
  context.uses.asked.set(`${subject.kind}.${metricUsage(row)}`, row);
  context.note?.(asked.span, { kind: "metric", of: subject.kind, row });
  const { takes = [] } = row;
  if ((given?.length ?? 0) !== takes.length || given !== undefined && takes.length === 0) {
    return fail(context, "CK0406", asked.span, wrongCount(row, given));
  }
  return withArguments(context, subject, row, asked.span, [], given ?? []);
}

function wrongCount(row: MetricEntry, given: readonly Value[] | undefined): string {
  if ((row.takes ?? []).length === 0) return `'${written(row.name)}' takes no arguments`;
  const found = given === undefined ? "" : ` but found ${given.length} arguments`;
  return `'${written(row.name)}' is asked for as ${metricUsage(row)}${found}`;
}

/** Reads the arguments one by one; a list asks for each of its items. */
function withArguments(
  context: Context,
  subject: Subject,
  row: MetricEntry,
  span: Span,
  read: readonly MetricArgument[],
  rest: readonly Value[],
): Value {
  const [next, ...others] = rest;
  if (next === undefined) return ask(context, subject, row, span, read);
  if (next.kind === "list") {
    const items = next.items.map((item) =>
      withArguments(context, subject, row, span, read, [item, ...others])
    );
    return items.some((item) => item.kind === "error") ? ERROR : { kind: "list", items };
  }
  const argument = readArgument(context, row, span, read.length, next);
  if (argument === undefined) return ERROR;
  return withArguments(context, subject, row, span, [...read, argument], others);
}

function readArgument(
  context: Context,
  row: MetricEntry,
  span: Span,
  at: number,
  given: Value,
): MetricArgument | undefined {
  const wanted = row.takes?.[at];
  if (wanted === "process" && given.kind === "process") return given.name;
  if (wanted === "text" && given.kind === "text" && given.value !== undefined) {
    const { texts, unknown } = KNOWN_TEXTS[row.name] ?? {};
    const known = texts?.(context.vocabulary);
    if (known === undefined || known.includes(given.value)) return given.value;
    const message = `${unknown} "${given.value}"`;
    fail(context, "CK0406", span, message, nearest(given.value, known));
    return undefined;
  }
  const name = wanted === "text" ? "a text known before the run" : "a process";
  fail(context, "CK0406", span, `${metricUsage(row)} takes ${name} but found ${describe(given)}`);
  return undefined;
}

function ask(
  context: Context,
  subject: Subject,
  row: MetricEntry,
  span: Span,
  given: readonly MetricArgument[],
): Value {
  try {
    return typed(context, row, span, fromLab(context, subject, row.name, given));
  } catch (error) {
    if (error instanceof LabError) return fail(context, "CK0412", span, error.message);
    throw error;
  }
}

/** What the lab says; nothing while the run is unknown. */
function fromLab(
  context: Context,
  subject: Subject,
  metric: string,
  given: readonly MetricArgument[],
): MetricValue | undefined {
  const lab = context.lab(subject.view);
  if (lab === undefined) return undefined;
  switch (subject.kind) {
    case "process":
      return lab.processMetric(subject.name, metric, given);
    case "checkpoint":
      if (subject.label === undefined) throw new LabError("no checkpoint is committed yet");
      return lab.checkpointMetric(subject.label, metric, given);
    case "cluster":
      return lab.clusterMetric(metric, given);
  }
}

/** The lab's plain value with the unit of the metric's row. */
function typed(context: Context, row: MetricEntry, span: Span, given?: MetricValue): Value {
  if (isQuantity(row.unit)) {
    const unknown = fromEngine(0, row.unit);
    if (given === undefined) return number(undefined, unknown.dimension, unknown.percent);
    const plain = Number(given);
    if (!Number.isFinite(plain)) {
      return fail(context, "CK0412", span, `'${row.name}' has no value in this run`);
    }
    const { value, dimension, percent } = fromEngine(plain, row.unit);
    return number(value, dimension, percent);
  }
  if (row.unit === "truth") return truth(given === undefined ? undefined : given === true);
  return text(row.unit, given === undefined ? undefined : String(given));
}
