/** The passes of shrinking, cheapest first: each is a row that makes smaller scripts of one. */
import type { StatementNode } from "../ast.ts";
import { chunks } from "./chunks.ts";
import { type Form, isStep, replaced, without } from "./form.ts";
import { unlet } from "./inline.ts";
import { calmer } from "./pass_latencies.ts";
import { neater, sooner } from "./pass_times.ts";
import { smaller } from "./pass_sizes.ts";
import type { Outcome } from "./trial.ts";

/** One kind of reduction. */
export interface Pass {
  readonly name: string;
  /** What it does, as one line of the log. */
  readonly help: string;
  /**
   * Smaller forms, the most promising first, made when they are wanted; after one that fails in the
   * same way the pass begins anew with it. `outcome`: what came of the form.
   */
  candidates(form: Form, outcome: Outcome): Iterable<Form>;
}

const isSetup = ({ row }: StatementNode): boolean => row.place === "setup" || row.keyword === "let";

/** What a scenario cannot be without; and without its protocol any checkpoint loses messages. */
const NEEDED = ["node", "proc", "protocol"];

function* dropped(form: Form, items: readonly StatementNode[]): Generator<Form> {
  for (const part of chunks(items)) yield without(form, part);
}

/** Keeps the steps up to one of them. */
function* cut(form: Form): Generator<Form> {
  const steps = form.items.filter(isStep);
  for (let keep = 0; keep < steps.length; keep = keep === 0 ? 1 : keep * 2) {
    yield without(form, steps.slice(keep));
  }
}

/** Two steps that do the same to others become one, at the time of the first. */
function* merged(form: Form): Generator<Form> {
  const steps = form.items.filter(isStep);
  for (const [i, first] of steps.entries()) {
    const second = steps[i + 1];
    const together = second === undefined ? undefined : both(first, second);
    if (second === undefined || together === undefined) continue;
    yield {
      ...without(form, [second]),
      items: form.items.flatMap((one) => one === first ? [together] : one === second ? [] : [one]),
    };
  }
}

function both(first: StatementNode, second: StatementNode): StatementNode | undefined {
  const [a, b] = [first, second].map(({ args }) => args["action"] as StatementNode);
  if (a?.row !== b?.row || a === undefined || b === undefined) return undefined;
  const [one, other] = [a, b].map(({ args }) =>
    args["targets"] as { kind: string; refs: unknown[] }
  );
  if (one?.kind !== "refs" || other?.kind !== "refs") return undefined;
  const targets = { ...one, refs: [...one.refs, ...other.refs] };
  return { ...first, args: { ...first.args, action: { ...a, args: { ...a.args, targets } } } };
}

/** Claims that hold, and were kept until now so that nothing else breaks. */
function* unclaimed(form: Form, { cell }: Outcome): Generator<Form> {
  const failing = new Set(
    cell.claims.filter(({ verdict }) => verdict === "failed").map(({ span }) => span.start),
  );
  const claims = form.items.filter(({ row }) => row.place === "claim");
  const order = cell.claims.map(({ span }) => span.start).filter((start, i, all) =>
    all.indexOf(start) === i
  );
  const holding = claims.filter((_, i) => !failing.has(order[i] ?? -1));
  yield* dropped(form, holding);
  yield* dropped(form, claims);
  for (const node of claims) {
    const { condition, ...args } = node.args;
    if (condition !== undefined) yield replaced(form, node, { ...node, args });
  }
}

/** Names nobody uses any more, and those that stand for one plain value. */
function* unnamed(form: Form): Generator<Form> {
  yield* unlet(form);
  for (const part of chunks(form.head)) {
    yield { ...form, head: form.head.filter((one) => !part.includes(one)) };
  }
}

/** The passes, in order. */
export const PASSES: readonly Pass[] = [
  { name: "cut", help: "leave out the steps behind the failure", candidates: cut },
  {
    name: "chaos",
    help: "leave out what chaos did",
    candidates: (form) => dropped(form, form.storm),
  },
  {
    name: "steps",
    help: "leave out steps",
    candidates: (form) => dropped(form, form.items.filter(isStep)),
  },
  { name: "sooner", help: "wait less before a step", candidates: sooner },
  { name: "merge", help: "make one step of two", candidates: merged },
  {
    name: "setup",
    help: "leave out what has a default",
    candidates: (form) =>
      dropped(
        form,
        form.items.filter((one) =>
          isSetup(one) && !NEEDED.includes(one.row.keyword) || one.row.keyword === "until"
        ),
      ),
  },
  { name: "size", help: "fewer processes and nodes, smaller programs", candidates: smaller },
  { name: "order", help: "messages that do not overtake", candidates: calmer },
  { name: "times", help: "times that are easy to read", candidates: neater },
  { name: "claims", help: "leave out what holds", candidates: unclaimed },
  { name: "names", help: "do without names", candidates: unnamed },
];
