/** From the parser's concrete tree to the plain tree of ast.ts. Recovered parts may be missing. */
import type { CstElement, CstNode, IToken } from "chevrotain";
import type * as ast from "./ast.ts";
import { type Diagnostic, diagnostic } from "./diagnostic.ts";
import { ruleName } from "./grammar.ts";
import { readExpr, readObject } from "./read_expression.ts";
import type { Source, Span } from "./source.ts";
import type { Statement } from "./statement.ts";
import type { Tokens } from "./tokens.ts";
import { holesOf } from "./usage.ts";

/** What reading needs and where complaints go. */
export interface Reader {
  readonly source: Source;
  readonly tokens: Tokens;
  readonly rows: ReadonlyMap<string, Statement>;
  readonly report: (item: Diagnostic) => void;
}

const NONE: readonly never[] = [];

const isNode = (child: CstElement): child is CstNode => "children" in child;

/** Children of a node by label. Most labels have none, or nodes alone, which is worth not to copy. */
export function nodes(node: CstNode, label: string): readonly CstNode[] {
  const found = node.children[label];
  if (found === undefined) return NONE;
  return found.every(isNode) ? found : found.filter(isNode);
}

/** Tokens of a node by label, without those recovery made up. */
export const tokensOf = (node: CstNode, label: string): readonly IToken[] =>
  (node.children[label] ?? []).filter((child): child is IToken =>
    !("children" in child) && child.isInsertedInRecovery !== true && child.startOffset >= 0
  );

/** The span of a token. */
export const tokenSpan = (reader: Reader, token: IToken): Span => ({
  source: reader.source,
  start: token.startOffset,
  end: token.startOffset + Math.max(1, token.image.length),
});

/** The span of a node; of the whole file when the node is empty. */
export function nodeSpan(reader: Reader, node: CstNode): Span {
  const { startOffset = 0, endOffset = 0 } = node.location ?? {};
  const start = Math.max(0, startOffset);
  return { source: reader.source, start, end: Math.max(start, (endOffset ?? start) + 1) };
}

/** A name, word or tag. */
export const wordOf = (reader: Reader, token: IToken | undefined): ast.Word | undefined =>
  token === undefined ? undefined : { text: token.image, span: tokenSpan(reader, token) };

const ESCAPES: Readonly<Record<string, string>> = { '"': '"', "\\": "\\", n: "\n", t: "\t" };

/** A text with its escapes resolved. */
export function textOf(reader: Reader, token: IToken): ast.TextLiteral {
  const span = tokenSpan(reader, token);
  const open = token.tokenType === reader.tokens.OpenText;
  const inner = token.image.slice(1, open ? undefined : -1);
  const value = inner.replace(/\\(.?)/gu, (whole, escape: string, at: number) => {
    const meant = ESCAPES[escape];
    if (meant === undefined && !open) {
      const place = {
        ...span,
        start: span.start + 1 + at,
        end: span.start + 1 + at + whole.length,
      };
      reader.report(diagnostic("CK0104", place, `unknown escape '${whole}' in a text`));
    }
    return meant ?? escape;
  });
  return { kind: "text", value, span };
}

/** The values of one hole: each child that could be read. */
function readHole(reader: Reader, kind: string, children: readonly CstElement[]): unknown[] {
  const found: unknown[] = [];
  for (const child of children) {
    const value = "children" in child
      ? readNode(reader, kind, child)
      : child.isInsertedInRecovery === true || child.startOffset < 0
      ? undefined
      : readToken(reader, kind, child);
    if (value !== undefined) found.push(value);
  }
  return found;
}

function readToken(reader: Reader, kind: string, token: IToken): unknown {
  if (kind === "text") return textOf(reader, token);
  if (kind === "number") {
    return { kind: "number", text: token.image, span: tokenSpan(reader, token) };
  }
  return wordOf(reader, token);
}

function readNode(reader: Reader, kind: string, node: CstNode): unknown {
  const read = NODES[kind];
  if (read === undefined) throw new Error(`holes of kind '${kind}' cannot be read`);
  return read(reader, node);
}

const NODES: Readonly<Record<string, (reader: Reader, node: CstNode) => unknown>> = {
  expr: readExpr,
  object: readObject,
  ref: readRef,
  targets: readTargets,
  strategy: readStrategy,
  signature: readSignature,
  row: readRow,
  axis: readAxis,
  alternative: readAlternative,
  link: readLink,
  item: readStatement,
  action: readStatement,
};

/** A statement; nothing when recovery left a hole empty that must be filled. */
export function readStatement(reader: Reader, wrapper: CstNode): ast.StatementNode | undefined {
  const node = nodes(wrapper, "statement")[0];
  const row = node === undefined ? undefined : reader.rows.get(node.name);
  if (node === undefined || row === undefined) return undefined;
  const args: Record<string, unknown> = {};
  const optional = new Set(
    row.parts.flatMap((part) =>
      part.part === "option" ? holesOf([part]).map((hole) => hole.name) : []
    ),
  );
  for (const hole of holesOf(row.parts)) {
    const found = readHole(reader, hole.kind, node.children[hole.name] ?? []);
    if (hole.repeat !== undefined) {
      args[hole.name] = found;
      if (hole.repeat === "+" && found.length === 0) reportEmpty(reader, row, hole.kind, node);
      continue;
    }
    if (found[0] !== undefined) args[hole.name] = found[0];
    else if (!optional.has(hole.name)) return undefined;
  }
  return { row, args, span: nodeSpan(reader, node) };
}

/** What the lines of a block look like. */
const LINES: Readonly<Record<string, string>> = {
  row: "row '| a | b |'",
  alternative: "'name = strategy'",
};

function reportEmpty(reader: Reader, row: Statement, kind: string, node: CstNode): void {
  const { source, start } = nodeSpan(reader, node);
  const span = { source, start, end: start + row.keyword.length };
  const message = `'${row.keyword}' needs at least one ${LINES[kind] ?? kind}`;
  reader.report(diagnostic("CK0201", span, message));
}

/** The statements of a file. */
export const readFile = (reader: Reader, node: CstNode): readonly ast.StatementNode[] =>
  (node.children["statement"] ?? []).flatMap((child) => {
    if (!("children" in child)) return [];
    const wrapper = { name: "item", children: { statement: [child] } };
    return readStatement(reader, wrapper) ?? [];
  });

/** Rows by the names of their rules. */
export const rowsByRule = (rows: readonly Statement[]): ReadonlyMap<string, Statement> =>
  new Map(rows.map((row) => [ruleName(row), row]));

function readRef(reader: Reader, node: CstNode): ast.Ref | undefined {
  const name = wordOf(reader, tokensOf(node, "Name")[0]);
  const inner = nodes(node, "expr")[0];
  if (name === undefined) return undefined;
  const span = nodeSpan(reader, node);
  if (inner === undefined) return { name, span };
  const index = readExpr(reader, inner);
  return index === undefined ? undefined : { name, index, span };
}

function readTargets(reader: Reader, node: CstNode): ast.Targets | undefined {
  const span = nodeSpan(reader, node);
  if (tokensOf(node, "Word_all").length > 0) return { kind: "all", span };
  if (tokensOf(node, "Word_any").length > 0) {
    return { kind: "any", of: tokensOf(node, "Word_proc").length > 0 ? "proc" : "node", span };
  }
  const refs = nodes(node, "ref").flatMap((ref) => readRef(reader, ref) ?? []);
  return refs.length === 0 ? undefined : { kind: "refs", refs, span };
}

function readStrategy(reader: Reader, node: CstNode): ast.StrategyUse | undefined {
  const name = wordOf(reader, tokensOf(node, "Name")[0]);
  if (name === undefined) return undefined;
  const member = wordOf(reader, tokensOf(node, "member")[0]);
  const object = nodes(node, "object")[0];
  const options = object === undefined ? undefined : readObject(reader, object);
  return {
    name,
    span: nodeSpan(reader, node),
    ...(member === undefined ? {} : { member }),
    ...(options === undefined ? {} : { options }),
  };
}

function readSignature(reader: Reader, node: CstNode): ast.Signature | undefined {
  const name = wordOf(reader, tokensOf(node, "Name")[0]);
  if (name === undefined) return undefined;
  const span = nodeSpan(reader, node);
  if (node.children["LeftParen"] === undefined) return { name, span };
  const params = tokensOf(node, "params").flatMap((token) => wordOf(reader, token) ?? []);
  return { name, params, span };
}

function readRow(reader: Reader, node: CstNode): ast.Row | undefined {
  const inner = nodes(node, "expr");
  const cells = inner.flatMap((cell) => readExpr(reader, cell) ?? []);
  return cells.length < inner.length ? undefined : { cells, span: nodeSpan(reader, node) };
}

function readAxis(reader: Reader, node: CstNode): ast.Axis | undefined {
  const inner = nodes(node, "expr")[0];
  const value = inner === undefined ? undefined : readExpr(reader, inner);
  const name = wordOf(reader, tokensOf(node, "Name")[0]);
  const span = nodeSpan(reader, node);
  if (value === undefined) return undefined;
  return name === undefined ? { value, span } : { name, value, span };
}

function readAlternative(reader: Reader, node: CstNode): ast.Alternative | undefined {
  const name = wordOf(reader, tokensOf(node, "Name")[0]);
  const inner = nodes(node, "strategy")[0];
  const strategy = inner === undefined ? undefined : readStrategy(reader, inner);
  if (name === undefined || strategy === undefined) return undefined;
  return { name, strategy, span: nodeSpan(reader, node) };
}

function readLink(reader: Reader, node: CstNode): ast.Link | undefined {
  const span = nodeSpan(reader, node);
  if (tokensOf(node, "Word_all").length > 0) return { span };
  const [from, to] = nodes(node, "ref").map((ref) => readRef(reader, ref));
  return from === undefined || to === undefined ? undefined : { ends: [from, to], span };
}
