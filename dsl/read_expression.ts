/** Expressions of the concrete tree. A level with one operand and no operator is that operand. */
import type { CstNode, IToken } from "chevrotain";
import type * as ast from "./ast.ts";
import { diagnostic } from "./diagnostic.ts";
import { nodes, nodeSpan, type Reader, textOf, tokensOf, tokenSpan, wordOf } from "./read.ts";
import type { Span } from "./source.ts";

type Maybe<T> = T | undefined;

/** Longest chain of suffixes; each is a level of the tree. */
const SUFFIXES = 64;

/** An expression, or nothing when recovery left a part of it out. */
export const readExpr = (reader: Reader, node: CstNode): Maybe<ast.Expr> =>
  terms(reader, node, "or", (child) => terms(reader, child, "and", (inner) => not(reader, inner)));

function terms(
  reader: Reader,
  node: CstNode,
  kind: "or" | "and",
  read: (node: CstNode) => Maybe<ast.Expr>,
): Maybe<ast.Expr> {
  const operands = nodes(node, "operand");
  const found = operands.flatMap((child) => read(child) ?? []);
  if (found.length < operands.length) return undefined;
  return found.length <= 1 ? found[0] : { kind, terms: found, span: nodeSpan(reader, node) };
}

function not(reader: Reader, node: CstNode): Maybe<ast.Expr> {
  const child = nodes(node, "comparison")[0];
  const inner = child === undefined ? undefined : comparison(reader, child);
  if (inner === undefined || node.children["Word_not"] === undefined) return inner;
  return { kind: "not", inner, span: nodeSpan(reader, node) };
}

function comparison(reader: Reader, node: CstNode): Maybe<ast.Expr> {
  const [left, right] = nodes(node, "range").map((child) => range(reader, child));
  const op = tokensOf(node, "op")[0]?.image as Maybe<ast.CompareOp>;
  if (left === undefined || op === undefined) return left;
  if (right === undefined) return undefined;
  const span = nodeSpan(reader, node);
  const tolerance = nodes(node, "within")[0];
  if (tolerance === undefined) return { kind: "compare", op, left, right, span };
  const within = range(reader, tolerance);
  return within && { kind: "compare", op, left, right, within, span };
}

function range(reader: Reader, node: CstNode): Maybe<ast.Expr> {
  const [low, high] = nodes(node, "sum").map((child) => chain(reader, child, "sum"));
  if (node.children["DotDot"] === undefined || low === undefined) return low;
  return high && { kind: "range", low, high, span: nodeSpan(reader, node) };
}

function chain(reader: Reader, node: CstNode, kind: "sum" | "product"): Maybe<ast.Expr> {
  const operands = nodes(node, "operand").map((child) =>
    kind === "sum" ? chain(reader, child, "product") : unary(reader, child)
  );
  const ops = tokensOf(node, "op");
  const [first, ...others] = operands;
  if (first === undefined || others.length === 0) return first;
  const rest: { op: "+" | "-" | "*" | "/"; term: ast.Expr }[] = [];
  for (const [i, term] of others.entries()) {
    const op = ops[i]?.image;
    if (term === undefined || op !== "+" && op !== "-" && op !== "*" && op !== "/") {
      return undefined;
    }
    rest.push({ op, term });
  }
  return { kind, first, rest, span: nodeSpan(reader, node) };
}

function unary(reader: Reader, node: CstNode): Maybe<ast.Expr> {
  const child = nodes(node, "postfix")[0];
  const inner = child === undefined ? undefined : postfix(reader, child);
  if (inner === undefined || node.children["Minus"] === undefined) return inner;
  return { kind: "negate", inner, span: nodeSpan(reader, node) };
}

function postfix(reader: Reader, node: CstNode): Maybe<ast.Expr> {
  const child = nodes(node, "primary")[0];
  let of = child === undefined ? undefined : primary(reader, child);
  const suffixes = nodes(node, "suffix");
  if (suffixes.length > SUFFIXES) {
    const span = nodeSpan(reader, suffixes[SUFFIXES] ?? node);
    reader.report(diagnostic("CK0106", span, `a chain of more than ${SUFFIXES} suffixes`));
    return undefined;
  }
  for (const one of suffixes) of = of && suffix(reader, one, of);
  return of;
}

function suffix(reader: Reader, node: CstNode, of: ast.Expr): Maybe<ast.Expr> {
  const end = nodeSpan(reader, node).end;
  const span: Span = { ...of.span, end };
  if (node.children["Dot"] !== undefined) {
    const name = wordOf(reader, tokensOf(node, "Word")[0]);
    const braces = nodes(node, "object")[0];
    if (braces !== undefined) return name && ofPlugin(reader, braces, of, name, span);
    return name && { kind: "member", of, name, span };
  }
  const inner = nodes(node, "index")[0];
  if (inner !== undefined) {
    const index = readExpr(reader, inner);
    return index && { kind: "index", of, index, span };
  }
  if (node.children["LeftParen"] === undefined) return undefined;
  const args = readAll(reader, nodes(node, "args"));
  return args && { kind: "call", of, args, span };
}

/** `plugin.name { options }` */
function ofPlugin(
  reader: Reader,
  braces: CstNode,
  of: ast.Expr,
  member: ast.Word,
  span: Span,
): Maybe<ast.Expr> {
  if (of.kind === "name") {
    const name = { text: of.name, span: of.span };
    return { kind: "use", name, member, object: readObject(reader, braces), span };
  }
  const message = "only a name of a plugin takes options here: cow.snapshot { children: 2 }";
  reader.report(diagnostic("CK0201", nodeSpan(reader, braces), message));
  return undefined;
}

function readAll(reader: Reader, all: readonly CstNode[]): Maybe<readonly ast.Expr[]> {
  const found = all.flatMap((node) => readExpr(reader, node) ?? []);
  return found.length < all.length ? undefined : found;
}

function primary(reader: Reader, node: CstNode): Maybe<ast.Expr> {
  const span = nodeSpan(reader, node);
  const token = (label: string): Maybe<IToken> => tokensOf(node, label)[0];
  const [number, text, constant, name] = ["Number", "Text", "constant", "Name"].map(token);
  if (number !== undefined) return { kind: "number", text: number.image, span };
  if (text !== undefined) return textOf(reader, text);
  if (constant !== undefined) {
    if (constant.image === "all") return { kind: "all", span };
    if (constant.image === "any") return { kind: "name", name: "any", span };
    return { kind: "truth", value: constant.image === "true", span };
  }
  const braces = nodes(node, "object")[0];
  const object = braces === undefined ? undefined : readObject(reader, braces);
  if (name !== undefined) {
    if (braces === undefined) return { kind: "name", name: name.image, span };
    const word = { text: name.image, span: tokenSpan(reader, name) };
    return object && { kind: "use", name: word, object, span };
  }
  const inner = nodes(node, "group")[0];
  if (inner !== undefined) {
    const value = readExpr(reader, inner);
    return value && { kind: "group", inner: value, span };
  }
  const brackets = nodes(node, "list")[0];
  if (brackets !== undefined) {
    const items = readAll(reader, nodes(brackets, "expr"));
    return items && { kind: "list", items, span };
  }
  return object;
}

/** `{ key: value, … }`; pairs that recovery broke are left out. */
export function readObject(reader: Reader, node: CstNode): ast.ObjectExpr {
  const pairs = nodes(node, "pair").flatMap((pair) => {
    const key = wordOf(reader, tokensOf(pair, "Word")[0]);
    const inner = nodes(pair, "expr")[0];
    const value = inner === undefined ? undefined : readExpr(reader, inner);
    return key === undefined || value === undefined ? [] : [{ key, value }];
  });
  return { kind: "object", pairs, span: nodeSpan(reader, node) };
}
