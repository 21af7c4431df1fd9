/** A name replaced by what it stands for. */
import type { Expr, Signature, StatementNode, StrategyUse } from "../ast.ts";
import { type Form, without } from "./form.ts";

/** Holes that name a strategy, where a let may stand for one. */
const STRATEGIES: ReadonlySet<string> = new Set(["strategy", "workload"]);

/** The strategy a let stands for; nothing where its value is none. */
function strategyOf(use: StrategyUse, body: Expr): StrategyUse | undefined {
  const { span } = use;
  if (body.kind === "name") return { name: { text: body.name, span }, span };
  return body.kind === "use" ? { name: body.name, options: body.object, span } : undefined;
}

/** The value with the name's value in the place of the name, wherever it stands in it. */
function inlined(value: unknown, name: string, body: Expr): unknown {
  if (Array.isArray(value)) return value.map((one) => inlined(one, name, body));
  if (typeof value !== "object" || value === null) return value;
  if ("kind" in value && value.kind === "name" && "name" in value && value.name === name) {
    return body;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => {
      // Rows and places are not part of what was written.
      if (key === "row" || key === "span") return [key, part];
      const use = STRATEGIES.has(key) ? part as StrategyUse : undefined;
      const stands = use?.name?.text === name && use.options === undefined;
      return [key, (stands ? strategyOf(use, body) : undefined) ?? inlined(part, name, body)];
    }),
  );
}

/** The names of a scenario that stand for plain values, one by one replaced by them. */
export function* unlet(form: Form): Generator<Form> {
  for (const node of form.items) {
    if (node.row.keyword !== "let") continue;
    const { head, value } = node.args as { head: Signature; value: Expr };
    if (head.params !== undefined) continue;
    const rest = without(form, [node]);
    const change = (one: StatementNode): StatementNode => ({
      ...one,
      args: inlined(one.args, head.name.text, value) as StatementNode["args"],
    });
    yield { ...rest, items: rest.items.map(change), storm: [] };
  }
}
