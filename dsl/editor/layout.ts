/**
 * The one canonical form of a script: two blanks a level, the times of steps and the titles of
 * claims below each other, tables in columns, comments and single blank lines where they were.
 */
import type * as ast from "../ast.ts";
import { joined, piecesOf, printHole, printStatement } from "../format.ts";
import * as print from "../print.ts";
import type { HolePart, Part } from "../usage.ts";
import { Page, type Stretch, unaligned, WIDTH } from "./page.ts";

/** The last hole of a block statement: what stands between its braces. */
function blockOf(node: ast.StatementNode): HolePart | undefined {
  const last = node.row.parts.at(-1);
  const hole = node.row.parts.at(-2);
  const isBlock = last?.part === "word" && last.word === "}";
  return isBlock && hole?.part === "hole" && hole.repeat !== undefined ? hole : undefined;
}

const isHole = (part: Part, kind: string): boolean => part.part === "hole" && part.kind === kind;

/** `[as <title:text>]` */
const isTitle = (part: Part): boolean =>
  part.part === "option" && part.parts.some((inner) => isHole(inner, "text"));

/** The columns of a statement: the action of a step and the title of a claim begin one. */
function cellsOf(node: ast.StatementNode): readonly string[] {
  const cells: string[][] = [[]];
  for (const part of node.row.parts) {
    const pieces = piecesOf(part, node.args);
    const begins = isHole(part, "action") || node.row.place === "claim" && isTitle(part);
    if (begins && pieces.length > 0) cells.push([]);
    cells.at(-1)?.push(...pieces);
  }
  return cells.map(joined);
}

/** An object or list at the end of a line: what is broken when the line is too long. */
type Tail = Extract<ast.Expr, { kind: "object" | "list" }>;

/** The object or list an expression ends in. */
function tailOf(expr: ast.Expr | undefined): Tail | undefined {
  if (expr?.kind === "use") return expr.object;
  return expr?.kind === "object" || expr?.kind === "list" ? expr : undefined;
}

/** The tails of what fills a hole, by the kind of hole. */
const TAILS: Readonly<Record<string, (value: never) => Tail | undefined>> = {
  object: tailOf,
  expr: tailOf,
  strategy: ({ options }: ast.StrategyUse) => options,
  axis: ({ value }: ast.Axis) => tailOf(value),
  alternative: ({ strategy }: ast.Alternative) => strategy.options,
  action: (node: ast.StatementNode) => statementTail(node),
};

/** The object or list a statement ends in. */
function statementTail({ row, args }: ast.StatementNode): Tail | undefined {
  for (const part of row.parts.toReversed()) {
    const holes = part.part === "option" ? part.parts : [part];
    const filled = holes.filter((one) => one.part === "word" || args[one.name] !== undefined);
    const last = filled.at(-1);
    if (part.part === "option" && !filled.some((one) => one.part === "hole")) continue;
    return last?.part === "hole" ? TAILS[last.kind]?.(args[last.name] as never) : undefined;
  }
  return undefined;
}

/** The layout of one script. */
class Layout {
  constructor(readonly page: Page) {}

  statement(node: ast.StatementNode, indent: string): void {
    const hole = blockOf(node);
    if (hole !== undefined) this.#block(node, hole, indent);
    else this.#line(indent, cellsOf(node), node.row.place, node.span, statementTail(node), node);
  }

  #block(node: ast.StatementNode, hole: HolePart, indent: string): void {
    const inner = node.args[hole.name] as readonly { readonly span: ast.Word["span"] }[];
    const head = printStatement({ ...node, args: { ...node.args, [hole.name]: [] } }).slice(0, -2);
    const { start, end } = node.span;
    const open = openBrace(node, hole);
    this.page.line(indent, [head], "", { start, end: Math.max(open + 1, start + 1) });
    const table = hole.kind === "row" ? tableLines(inner as readonly ast.Row[]) : [];
    inner.forEach((child, i) => {
      if (hole.kind === "item") this.statement(child as ast.StatementNode, indent + "  ");
      else this.#blockLine(indent + "  ", hole, child, table[i]);
    });
    this.page.close(indent, "}", end - 1);
  }

  /** A row, an axis or an alternative. */
  #blockLine(
    indent: string,
    hole: HolePart,
    child: { readonly span: ast.Word["span"] },
    row: string | undefined,
  ): void {
    const text = row ?? printHole({ ...hole, repeat: "+" }, [child]);
    const name = (child as Partial<ast.Axis & ast.Alternative>).name?.text;
    // Its name is a column: `n in …`, `con = …`.
    const cells = name === undefined || row !== undefined
      ? [text]
      : [name, text.slice(name.length + 1)];
    this.#line(indent, cells, hole.kind, child.span, TAILS[hole.kind]?.(child as never));
  }

  /** One line where it fits; else broken in its tail, or before its options and operators. */
  #line(
    indent: string,
    cells: readonly string[],
    kind: string,
    from: Stretch,
    tail: Tail | undefined,
    node?: ast.StatementNode,
  ): void {
    const text = unaligned(cells, kind);
    const long = indent.length + text.length > WIDTH;
    if (tail !== undefined && hasInside(tail) && (long || this.page.hasComment(tail.span))) {
      const head = text.slice(0, text.length - print.printExpr(tail).length);
      this.#tail(indent, head, from.start, tail, "");
    } else if (long && node !== undefined) {
      const lines = brokenLines(node, indent.length);
      this.page.line(indent, [lines.join(`\n${indent}    `)], "", from);
    } else this.page.line(indent, cells, kind, from);
  }

  /** `head { … }` or `head [ … ]` with a line for each part. */
  #tail(indent: string, head: string, start: number, tail: Tail, behind: string): void {
    const [open, close] = tail.kind === "object" ? ["{", "}"] : ["[", "]"];
    this.page.line(indent, [head + open], "", { start, end: tail.span.start + 1 });
    const parts = tail.kind === "object"
      ? tail.pairs.map(({ key, value }) => ({
        head: `${key.text}: `,
        start: key.span.start,
        value,
      }))
      : tail.items.map((value) => ({ head: "", start: value.span.start, value }));
    parts.forEach(({ head, start, value }, i) => {
      const deeper = indent + "  ";
      const text = head + print.printExpr(value);
      const comma = tail.kind === "list" && i < parts.length - 1 ? "," : "";
      const inner = tailOf(value);
      const long = deeper.length + text.length + comma.length > WIDTH;
      if (inner !== undefined && hasInside(inner) && (long || this.page.hasComment(inner.span))) {
        const before = text.slice(0, text.length - print.printExpr(inner).length);
        this.#tail(deeper, before, start, inner, comma);
      } else this.page.line(deeper, [text + comma], "", { start, end: value.span.end });
    });
    this.page.close(indent, close + behind, tail.span.end - 1);
  }
}

const hasInside = (tail: Tail): boolean =>
  (tail.kind === "object" ? tail.pairs : tail.items).length > 0;

/** Where the brace of a block opens: behind everything that stands before its hole. */
function openBrace({ row, args, span }: ast.StatementNode, hole: HolePart): number {
  const before = row.parts.flatMap((part) => part.part === "option" ? part.parts : [part])
    .flatMap((part) => part.part === "hole" && part !== hole ? [args[part.name]] : [])
    .flat() as (ast.Word | undefined)[];
  const from = Math.max(span.start, ...before.map((value) => value?.span.end ?? 0));
  return braceFrom(span.source.text, from);
}

/** The next brace that is in no comment. */
function braceFrom(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === "{") return at;
    if (text.startsWith("//", at)) at = text.indexOf("\n", at);
    if (at < 0) return from;
  }
  return from;
}

/** Columns of a table, each as wide as its widest cell. */
function tableLines(rows: readonly ast.Row[]): readonly string[] {
  const cells = rows.map((row) => row.cells.map(print.printExpr));
  const widths: number[] = [];
  for (const row of cells) {
    row.forEach((cell, i) => widths[i] = Math.max(widths[i] ?? 0, cell.length));
  }
  return cells.map((row) => `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`);
}

/** A long statement: each option on a line of its own, and what is still long behind operators. */
function brokenLines(node: ast.StatementNode, indent: number): readonly string[] {
  const lines: string[][] = [[]];
  for (const part of node.row.parts) {
    const pieces = piecesOf(part, node.args);
    const breaks = part.part === "option" || isHole(part, "action");
    if (breaks && pieces.length > 0 && lines[0]?.length !== 0) lines.push([]);
    lines.at(-1)?.push(...pieces);
  }
  return lines.flatMap((pieces) => wrapped(joined(pieces), WIDTH - indent - 4));
}

/** Breaks a text behind its outermost operators. */
function wrapped(text: string, width: number): readonly string[] {
  if (text.length <= width) return [text];
  let depth = 0;
  let best = -1;
  for (
    const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[([{]|[)\]}]|\s[^\s"]+(?=\s)/g)
  ) {
    if (/^[([{]/.test(token)) depth++;
    else if (/^[)\]}]/.test(token)) depth--;
    else if (depth === 0 && OPERATOR.test(token) && index + token.length <= width) {
      best = index + token.length;
    }
  }
  return best < 0 ? [text] : [text.slice(0, best), ...wrapped(text.slice(best + 1), width)];
}

const OPERATOR = /^\s(?:[-+*/]|==|!=|<=|>=|<|>|and|or|in)$/;

/**
 * A script in its canonical form. Formatting what was formatted changes nothing.
 *
 * @example
 * ```ts
 * import { formatScript } from "./layout.ts";
 * import { parse } from "../parse.ts";
 * const text = formatScript(parse('ckpt 1 scenario "a" @x {seed 7 }').script);
 * if (text !== 'ckpt 1\nscenario "a" @x {\n  seed 7\n}\n') throw new Error(text);
 * ```
 */
export function formatScript(script: ast.Script): string {
  const page = new Page(script);
  const layout = new Layout(page);
  for (const node of script.statements) layout.statement(node, "");
  return page.finish();
}
