/** Statements about what connects processes: channels, the protocol, Workers. */
import type { ChannelOptions, Isolation } from "../../core/mod.ts";
import type { Expr, Link, ObjectExpr, Ref } from "../ast.ts";
import { type Draft, MANAGER } from "../draft.ts";
import { readObject } from "../options.ts";
import { statement } from "../statement.ts";
import { isManager } from "../targets.ts";
import { describe } from "../value.ts";
import { written } from "../vocabulary.ts";

/** The object an expression stands for: written there, or by a let, an axis or a column. */
function objectOf(draft: Draft, expr: Expr): ObjectExpr | undefined {
  if (expr.kind === "object") return expr;
  const value = draft.constant(expr);
  if (value === undefined || value.kind === "object") return value?.object;
  const message = `expected an object such as { order: "any" } but found ${describe(value)}`;
  draft.report("CK0403", expr.span, message);
  return undefined;
}

/** The processes at one end. */
const endOf = (draft: Draft, ref: Ref): readonly string[] | undefined =>
  isManager(ref) ? [MANAGER] : draft.members(ref, "process");

function endsOf(draft: Draft, { ends }: Required<Link>) {
  const [from, to] = ends.map((ref) => endOf(draft, ref));
  return from === undefined || to === undefined ? undefined : { from, to };
}

/** What an option is good for only when another one has such a value. */
const ONLY_WITH: readonly {
  readonly option: string;
  readonly other: keyof ChannelOptions;
  readonly values: readonly string[];
}[] = [
  { option: "loss", other: "delivery", values: ["lossy", "duplicate"] },
  { option: "duplicates", other: "delivery", values: ["duplicate"] },
  { option: "retransmit_after", other: "transport", values: ["retransmit"] },
];

function warnIdle(draft: Draft, object: ObjectExpr, options: ChannelOptions): void {
  for (const { option, other, values } of ONLY_WITH) {
    const pair = object.pairs.find(({ key }) => key.text === written(option));
    if (pair === undefined || values.includes(String(options[other]))) continue;
    const wanted = values.map((value) => `"${value}"`).join(" or ");
    const message = `'${option}' has no effect without ${other}: ${wanted}`;
    draft.warn("CK0703", pair.key.span, message);
  }
}

export const channel = statement("channel <ends:link> <options:expr>", {
  place: "setup",
  help: "What channels are like: all of them, or those from one end to another. An end is a " +
    "process, an array (each of its members) or the manager. For the pairs it names a later " +
    "statement replaces an earlier one. `list channel` prints the options.",
  example: 'channel all { order: "fifo", latency: 50us..200us }',
  build: (draft, { ends, options }, span) => {
    const object = objectOf(draft, options);
    const pairs = ends.ends === undefined ? undefined : endsOf(draft, { ...ends, ends: ends.ends });
    if (object === undefined || ends.ends !== undefined && pairs === undefined) return;
    const table = draft.vocabulary.channel;
    const values = readObject(draft, table, object, "a channel") as ChannelOptions;
    warnIdle(draft, object, values);
    draft.channels.push({ ends: pairs, options: values, span });
  },
});

export const protocol = statement("protocol <strategy>", {
  place: "setup",
  help:
    "Who coordinates checkpoints of several processes; a name of `list protocols`. Without it " +
    "each process is checkpointed for itself.",
  example: "protocol message_counting",
  build: (draft, { strategy }, span) => {
    if (draft.once("protocol", span)) draft.protocol = draft.strategy(strategy, "protocol");
  },
});

export const isolation = statement("isolation <how:process|node|pool> [( <count:expr> )]", {
  place: "setup",
  help: "How processes are put into Workers: one for each process, one for each node, or a pool " +
    "of so many. It changes how fast a run is, never what comes of it.",
  example: "isolation pool(4)",
  build: (draft, { how, count }, span) => {
    if (!draft.once("isolation", span)) return;
    const size = count === undefined ? undefined : draft.quantity(count, "count");
    if (how.text !== "pool") {
      if (count === undefined) draft.isolation = { kind: how.text } satisfies Isolation;
      else draft.report("CK0406", count.span, `'isolation ${how.text}' takes no number`);
    } else if (count === undefined) {
      draft.report("CK0406", how.span, "a pool has a size: isolation pool(4)");
    } else if (size !== undefined && (size < 1 || size > 256)) {
      draft.report("CK0404", count.span, `a pool has 1 to 256 Workers, not ${size}`);
    } else if (size !== undefined) draft.isolation = { kind: "pool", count: size };
  },
});
