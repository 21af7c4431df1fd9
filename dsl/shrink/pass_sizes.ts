/** Fewer processes and nodes, and programs that have less to do. */
import type {
  Alternative,
  Expr,
  ObjectExpr,
  Ref,
  StatementNode,
  StrategyUse,
  Targets,
} from "../ast.ts";
import { type Form, replaced } from "./form.ts";

/** Counts below one, the smallest first. */
const below = (count: number): readonly number[] =>
  [...new Set([1, 2, Math.ceil(count / 4), Math.ceil(count / 2), count - 1])]
    .filter((one) => one >= 1 && one < count).sort((a, b) => a - b);

/** The number of a plain literal above 1. */
function countOf(expr: Expr | undefined): number | undefined {
  const value = expr?.kind === "number" ? Number(expr.text.replaceAll("_", "")) : NaN;
  return Number.isSafeInteger(value) && value > 1 ? value : undefined;
}

const literal = (expr: Expr, value: number): Expr => ({
  kind: "number",
  text: String(value),
  span: expr.span,
});

/** The same statement with so many members. */
function withCount(node: StatementNode, count: number): StatementNode {
  const name = node.args["name"] as Required<Ref>;
  const index = literal(name.index, count);
  return { ...node, args: { ...node.args, name: { ...name, index } } };
}

const arrays = ({ items }: Form): readonly (readonly [StatementNode, number])[] =>
  items.flatMap((node) => {
    if (node.row.keyword !== "node" && node.row.keyword !== "proc") return [];
    const count = countOf((node.args["name"] as Ref).index);
    return count === undefined ? [] : [[node, count] as const];
  });

/** All arrays of one length at once, then each by itself. */
function* fewer(form: Form): Generator<Form> {
  const all = arrays(form);
  const largest = Math.max(0, ...all.map(([, count]) => count));
  for (const count of below(largest)) {
    yield all.filter(([, one]) => one > count).reduce(
      (less, [node]) => replaced(less, node, withCount(node, count)),
      form,
    );
  }
  for (const [node, most] of all) {
    for (const count of below(most)) yield replaced(form, node, withCount(node, count));
  }
}

/** The options a statement gives to a strategy. */
function optionsOf(node: StatementNode): ObjectExpr | undefined {
  const use = (node.args["workload"] ?? node.args["strategy"]) as StrategyUse | undefined;
  return use?.options;
}

function withOptions(node: StatementNode, pairs: ObjectExpr["pairs"]): StatementNode {
  const key = node.args["workload"] === undefined ? "strategy" : "workload";
  const { options, ...use } = node.args[key] as Required<StrategyUse>;
  const given = pairs.length === 0 ? use : { ...use, options: { ...options, pairs } };
  return { ...node, args: { ...node.args, [key]: given } };
}

/** Options one by one: left out, or a smaller number. */
function* lighter(form: Form): Generator<Form> {
  for (const node of form.items) {
    const pairs = optionsOf(node)?.pairs ?? [];
    for (const pair of pairs) {
      const others = pairs.filter((one) => one !== pair);
      yield replaced(form, node, withOptions(node, others));
      for (const value of below(countOf(pair.value) ?? 1)) {
        const smaller = { ...pair, value: literal(pair.value, value) };
        const changed = pairs.map((one) => one === pair ? smaller : one);
        yield replaced(form, node, withOptions(node, changed));
      }
    }
  }
}

/** Alternatives of `compare` that nobody names. */
function* plainer(form: Form): Generator<Form> {
  for (const node of form.items) {
    const alternatives = (node.args["alternatives"] ?? []) as readonly Alternative[];
    for (const gone of alternatives) {
      const left = alternatives.filter((one) => one !== gone);
      if (left.length === 0) continue;
      yield replaced(form, node, { ...node, args: { ...node.args, alternatives: left } });
    }
  }
}

/** The step about the first of an array instead of other members; nothing where it is already. */
function lowered(node: StatementNode): StatementNode | undefined {
  const action = node.args["action"] as StatementNode | undefined;
  const targets = action?.args["targets"] as Targets | undefined;
  if (action === undefined || targets?.kind !== "refs") return undefined;
  const refs = targets.refs.map((ref) =>
    ref.index === undefined ? ref : { ...ref, index: literal(ref.index, 0) }
  );
  const changed = { ...action, args: { ...action.args, targets: { ...targets, refs } } };
  return { ...node, args: { ...node.args, action: changed } };
}

/** Steps about the first of an array: all of them, or one. */
function* first(form: Form): Generator<Form> {
  const changes = form.items.flatMap((node) => {
    const changed = lowered(node);
    return changed === undefined ? [] : [[node, changed] as const];
  });
  yield changes.reduce((all, [node, changed]) => replaced(all, node, changed), form);
  for (const [node, changed] of changes) yield replaced(form, node, changed);
}

/** The usual machine. */
function* usual(form: Form): Generator<Form> {
  for (const node of form.items) {
    if (node.row.keyword !== "node") continue;
    const { profile, values, ...args } = node.args;
    if (profile !== undefined || values !== undefined) {
      yield replaced(form, node, { ...node, args });
    }
  }
}

/** Forms with less to simulate. */
export function* smaller(form: Form): Generator<Form> {
  yield* fewer(form);
  yield* first(form);
  yield* usual(form);
  yield* plainer(form);
  yield* lighter(form);
}
