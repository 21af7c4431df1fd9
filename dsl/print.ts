/** Expressions and the other parts of statements as text, each in its one canonical form. */
import type * as ast from "./ast.ts";

/** A text in quotes with the escapes the language knows. */
export const printText = (value: string): string =>
  '"' + value.replace(/["\\]/g, (sign) => "\\" + sign).replaceAll("\n", "\\n")
    .replaceAll("\t", "\\t") +
  '"';

/** An expression. */
export function printExpr(expr: ast.Expr): string {
  switch (expr.kind) {
    case "number":
      return expr.text;
    case "text":
      return printText(expr.value);
    case "truth":
      return String(expr.value);
    case "all":
      return "all";
    case "name":
      return expr.name;
    case "use":
      return `${printName(expr)} ${printObject(expr.object)}`;
    case "object":
      return printObject(expr);
    case "list":
      return `[${expr.items.map(printExpr).join(", ")}]`;
    case "group":
      return `(${printExpr(expr.inner)})`;
    case "or":
    case "and":
      return expr.terms.map(printExpr).join(` ${expr.kind} `);
    case "not":
      return `not ${printExpr(expr.inner)}`;
    case "negate":
      return `-${printExpr(expr.inner)}`;
    case "compare":
      return `${printExpr(expr.left)} ${expr.op} ${printExpr(expr.right)}` +
        (expr.within === undefined ? "" : ` within ${printExpr(expr.within)}`);
    case "range":
      return printRange(expr.low, expr.high);
    case "sum":
    case "product":
      return printExpr(expr.first) +
        expr.rest.map(({ op, term }) => ` ${op} ${printExpr(term)}`).join("");
    case "member":
      return `${printExpr(expr.of)}.${expr.name.text}`;
    case "index":
      return `${printExpr(expr.of)}[${printExpr(expr.index)}]`;
    case "call":
      return `${printExpr(expr.of)}(${expr.args.map(printExpr).join(", ")})`;
  }
}

/** `1..5` between numbers, `lo .. hi` between anything else. */
const printRange = (low: ast.Expr, high: ast.Expr): string =>
  [printExpr(low), printExpr(high)]
    .join(low.kind === "number" && high.kind === "number" ? ".." : " .. ");

/** `{ key: value, … }` */
export function printObject({ pairs }: ast.ObjectExpr): string {
  if (pairs.length === 0) return "{}";
  return `{ ${pairs.map(({ key, value }) => `${key.text}: ${printExpr(value)}`).join(", ")} }`;
}

/** `p` or `p[1]` */
export const printRef = ({ name, index }: ast.Ref): string =>
  index === undefined ? name.text : `${name.text}[${printExpr(index)}]`;

/** `all`, `any proc` or a list of references. */
export function printTargets(targets: ast.Targets): string {
  if (targets.kind === "all") return "all";
  if (targets.kind === "any") return `any ${targets.of}`;
  return targets.refs.map(printRef).join(", ");
}

/** `name` or `plugin.name`: what a strategy is called, whatever its options. */
export const printName = ({ name, member }: Pick<ast.StrategyUse, "name" | "member">): string =>
  member === undefined ? name.text : `${name.text}.${member.text}`;

/** `name { options }` */
export function printStrategy(use: ast.StrategyUse): string {
  return use.options === undefined
    ? printName(use)
    : `${printName(use)} ${printObject(use.options)}`;
}

/** `name` or `name(a, b)` */
export const printSignature = ({ name, params }: ast.Signature): string =>
  params === undefined
    ? name.text
    : `${name.text}(${params.map((param) => param.text).join(", ")})`;

/** `all` or `a -> b` */
export const printLink = ({ ends }: ast.Link): string =>
  ends === undefined ? "all" : `${printRef(ends[0])} -> ${printRef(ends[1])}`;

/** `name in values` or `exclude if condition` */
export const printAxis = ({ name, value }: ast.Axis): string =>
  name === undefined ? `exclude if ${printExpr(value)}` : `${name.text} in ${printExpr(value)}`;
