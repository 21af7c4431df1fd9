/**
 * Channels whose messages do not overtake: every message takes the shortest latency there is, but
 * for those that matter, which get the one they had in a list.
 */
import type { ChannelOptions } from "../../core/mod.ts";
import type { Link, ObjectExpr, StatementNode } from "../ast.ts";
import { MANAGER } from "../draft.ts";
import type { Plan } from "../plan.ts";
import { printLink } from "../print.ts";
import { HERE } from "../value.ts";
import { chunks } from "./chunks.ts";
import { type Form, item, replaced, without } from "./form.ts";
import { channelText, latencies, shortened } from "./latencies.ts";
import { rounded } from "./times.ts";
import type { Outcome } from "./trial.ts";

/** The latencies of the messages of one channel, and what most of them should take. */
interface Course {
  readonly from: string;
  readonly to: string;
  readonly options: ChannelOptions;
  readonly values: readonly number[];
  readonly usual: number;
}

/** A message that takes longer than usual. */
interface Slow {
  readonly course: Course;
  readonly index: number;
}

const isChannel = ({ row }: StatementNode): boolean => row.keyword === "channel";

/** The shortest latency of a channel. */
function least({ latency }: ChannelOptions): number {
  if (latency.shape === "constant") return latency.value;
  return latency.shape === "script" ? Math.min(...latency.values) : latency.low;
}

const isDrawn = ({ latency }: ChannelOptions): boolean =>
  latency.shape === "uniform" || latency.shape === "exponential";

/** A channel statement and what it came to; statements and plan are in one order. */
const channels = (form: Form, { channels }: Plan) =>
  form.items.filter(isChannel).flatMap((node, i) => {
    const planned = channels[i];
    return planned === undefined ? [] : [{ node, planned }];
  });

/** The statement with a constant latency. */
function constant(node: StatementNode, options: ChannelOptions, order = options.order) {
  const ends = printLink(node.args["ends"] as Link);
  return item(channelText(ends, { ...options, order }, [least(options)]));
}

/** Drawn latencies become constant; lists go. */
function quiet(form: Form, plan: Plan, order?: "fifo"): Form {
  return channels(form, plan).reduce((calm, { node, planned: { options } }) => {
    if (options.latency.shape === "script") return without(calm, [node]);
    if (!isDrawn(options) && (order === undefined || options.order === order)) return calm;
    return replaced(calm, node, constant(node, options, order));
  }, form);
}

/** What the messages of each channel took: as drawn in the last run, or as listed. */
function courses(form: Form, { plan, cell }: Outcome): readonly Course[] {
  const name = (rank: string | undefined) => plan.processes[Number(rank)]?.name ?? MANAGER;
  const drawn = [...latencies(plan, cell.decisions, plan.alternatives[0]?.name ?? HERE)].map(
    ([pair, { options, values }]) => {
      const [from, to] = pair.split("->");
      return { from: name(from), to: name(to), options, values, usual: least(options) };
    },
  );
  const listed = channels(form, plan).flatMap(({ planned: { from, to, options } }) => {
    if (options.latency.shape !== "script") return [];
    const { values } = options.latency;
    const one = { options, values, usual: least(options) };
    return from.flatMap((a) => to.map((b) => ({ ...one, from: a, to: b })));
  });
  return [...drawn, ...listed];
}

const slowOf = (all: readonly Course[]): readonly Slow[] =>
  all.flatMap((course) =>
    shortened(course.values).flatMap((value, index) =>
      value === course.usual ? [] : [{ course, index }]
    )
  );

/** The quiet form with lists for the channels of these slow messages. */
function withSlow(calm: Form, slow: readonly Slow[], change = (ns: number): number => ns): Form {
  const byCourse = Map.groupBy(slow, ({ course }) => course);
  const lists = [...byCourse].map(([{ from, to, options, values, usual }, some]) => {
    const kept = new Set(some.map(({ index }) => index));
    const last = Math.max(...kept);
    const list = values.slice(0, last + 1).map((ns, i) => kept.has(i) ? change(ns) : usual);
    return item(channelText(`${from} -> ${to}`, options, [...list, usual]));
  });
  const last = calm.items.findLastIndex(isChannel);
  const at = last < 0 ? calm.items.findLastIndex(({ row }) => row.keyword === "proc") : last;
  const items = [...calm.items.slice(0, at + 1), ...lists, ...calm.items.slice(at + 1)];
  return { ...calm, items };
}

/** One slow message is often enough: each of them, as slow as can be, the slowest first. */
function* withOne(calm: Form, slow: readonly Slow[]): Generator<Form> {
  const ns = ({ course, index }: Slow): number => course.values[index] ?? 0;
  for (const one of slow.toSorted((a, b) => ns(b) - ns(a))) {
    const { latency } = one.course.options;
    yield withSlow(calm, [one], (drawn) => latency.shape === "uniform" ? latency.high : drawn);
  }
}

/** Options of channels one by one: the default instead. */
function* plainer(form: Form): Generator<Form> {
  for (const node of form.items.filter(isChannel)) {
    const options = node.args["options"] as ObjectExpr;
    if (options.kind !== "object") continue;
    for (const gone of options.pairs) {
      const pairs = options.pairs.filter((pair) => pair !== gone);
      const changed = { ...node, args: { ...node.args, options: { ...options, pairs } } };
      yield pairs.length === 0 ? without(form, [node]) : replaced(form, node, changed);
    }
  }
}

/** Forms in which fewer messages overtake. */
export function* calmer(form: Form, outcome: Outcome): Generator<Form> {
  const { plan } = outcome;
  if (
    !channels(form, plan).some(({ planned: { options } }) => options.latency.shape !== "constant")
  ) {
    yield* plainer(form);
    return;
  }
  yield quiet(form, plan, "fifo");
  const calm = quiet(form, plan);
  const slow = slowOf(courses(form, outcome));
  yield* withOne(calm, slow);
  for (const part of chunks(slow)) {
    yield withSlow(calm, slow.filter((one) => !part.includes(one)));
  }
  for (const digits of [1, 2, 3]) yield withSlow(calm, slow, (ns) => rounded(ns, digits));
  yield* plainer(form);
}
