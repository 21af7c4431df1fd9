/** Prints scripts in their one canonical form: statements by their usage lines, tables aligned. */
import type * as ast from "./ast.ts";
import * as print from "./print.ts";
import { positionOf } from "./source.ts";
import type { HolePart, WordPart } from "./usage.ts";

/** How the value of each kind of hole is printed on one line. */
const PRINTERS: Readonly<Record<string, (value: never) => string>> = {
  name: (word: ast.Word) => word.text,
  tag: (word: ast.Word) => word.text,
  number: (literal: ast.NumberLiteral) => literal.text,
  text: (literal: ast.TextLiteral) => print.printText(literal.value),
  expr: print.printExpr,
  object: print.printObject,
  ref: print.printRef,
  targets: print.printTargets,
  strategy: print.printStrategy,
  signature: print.printSignature,
  axis: print.printAxis,
  link: print.printLink,
  alternative: ({ name, strategy }: ast.Alternative) =>
    `${name.text} = ${print.printStrategy(strategy)}`,
  row: ({ cells }: ast.Row) => `| ${cells.map(print.printExpr).join(" | ")} |`,
  item: (node: ast.StatementNode) => printStatement(node),
  action: (node: ast.StatementNode) => printStatement(node),
};

function printHole(hole: HolePart, value: unknown): string {
  const printer = PRINTERS[hole.choices === undefined ? hole.kind : "name"];
  if (printer === undefined) throw new Error(`holes of kind '${hole.kind}' cannot be printed`);
  const values = (hole.repeat === undefined ? [value] : value) as readonly never[];
  return values.map(printer).join(" ");
}

const printPart = (part: WordPart | HolePart, args: ast.StatementNode["args"]): string =>
  part.part === "word" ? part.word : printHole(part, args[part.name]);

/** The pieces of a statement, one for each part of its usage line that is there. */
function pieces({ row, args }: ast.StatementNode): readonly string[] {
  return row.parts.flatMap((part) => {
    if (part.part !== "option") return printPart(part, args);
    const filled = part.parts.some((inner) =>
      inner.part === "hole" && args[inner.name] !== undefined
    );
    return filled ? part.parts.map((inner) => printPart(inner, args)) : [];
  }).filter((piece) => piece !== "");
}

/** Pieces with blanks between them, but for parentheses: `pool(4)`. */
const joined = (all: readonly string[]): string =>
  all.reduce((text, piece, i) => {
    const close = piece === "(" || piece === ")" || all[i - 1] === "(";
    return text + (i === 0 || close ? "" : " ") + piece;
  }, "");

/**
 * A statement on one line.
 *
 * @example
 * ```ts
 * import { parse } from "./parse.ts";
 * import { printStatement } from "./format.ts";
 * const [, define] = parse("ckpt 1 let  a=1+2").script.statements;
 * const text = define === undefined ? "" : printStatement(define);
 * if (text !== "let a = 1 + 2") throw new Error(text);
 * ```
 */
export const printStatement = (node: ast.StatementNode): string => joined(pieces(node));

/** Lines go out here; comments come along at the places where they stood. */
class Page {
  readonly #lines: string[] = [];
  #next = 0;

  constructor(readonly script: ast.Script) {}

  /** Comments that stand before this offset, each on its own line. */
  #commentsBefore(offset: number, indent: string): void {
    for (;;) {
      const comment = this.script.comments[this.#next];
      if (comment === undefined || comment.span.start >= offset) return;
      this.#blankBefore(comment.span.start);
      this.#lines.push(indent + comment.text);
      this.#next++;
    }
  }

  /** Keeps one blank line where the author left some. */
  #blankBefore(offset: number): void {
    const { text } = this.script.span.source;
    const between = /\n[ \t\r]*\n[ \t\r]*$/.test(text.slice(Math.max(0, offset - 400), offset));
    const last = this.#lines.at(-1);
    if (between && last !== undefined && last !== "" && !last.endsWith("{")) this.#lines.push("");
  }

  /** A line that came from `start` to `end` of the source, with the comment behind it. */
  line(indent: string, text: string, start: number, end: number): void {
    this.#commentsBefore(start, indent);
    this.#blankBefore(start);
    this.#lines.push(indent + text + this.#trailing(start, end));
  }

  /** A line of the printer's own, such as a closing brace that stood at `offset`. */
  close(indent: string, text: string, offset: number): void {
    this.#commentsBefore(offset, indent + "  ");
    this.#lines.push(indent + text);
  }

  #trailing(start: number, end: number): string {
    const comment = this.script.comments[this.#next];
    if (comment === undefined || comment.span.start < start) return "";
    const { source } = this.script.span;
    const same = positionOf(source, comment.span.start).line === positionOf(source, end - 1).line;
    // Between the statement and its comment nothing else may stand, or the comment is another's.
    if (!same || !/^[ \t,]*$/.test(source.text.slice(end, comment.span.start))) return "";
    this.#next++;
    return `  ${comment.text}`;
  }

  finish(): string {
    this.#commentsBefore(Infinity, "");
    return this.#lines.length === 0 ? "" : this.#lines.join("\n") + "\n";
  }
}

/** The last hole of a block statement: what stands between its braces. */
const blockOf = (node: ast.StatementNode): HolePart | undefined => {
  const last = node.row.parts.at(-1);
  const hole = node.row.parts.at(-2);
  const isBlock = last?.part === "word" && last.word === "}";
  return isBlock && hole?.part === "hole" && hole.repeat !== undefined ? hole : undefined;
};

/** Columns of a table, each as wide as its widest cell. */
function tableLines(rows: readonly ast.Row[]): readonly string[] {
  const cells = rows.map((row) => row.cells.map(print.printExpr));
  const widths: number[] = [];
  for (const row of cells) {
    row.forEach((cell, i) => widths[i] = Math.max(widths[i] ?? 0, cell.length));
  }
  return cells.map((row) => `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`);
}

function printBlock(page: Page, node: ast.StatementNode, hole: HolePart, indent: string): void {
  const inner = node.args[hole.name] as readonly { readonly span: ast.Word["span"] }[];
  const head = pieces({ ...node, args: { ...node.args, [hole.name]: [] } }).slice(0, -1).join(" ");
  const open = node.span.source.text.indexOf("{", node.span.start);
  page.line(indent, head, node.span.start, Math.max(open + 1, node.span.start + 1));
  const lines = hole.kind === "row" ? tableLines(inner as readonly ast.Row[]) : [];
  inner.forEach((child, i) => {
    if (hole.kind === "item") printLines(page, child as ast.StatementNode, indent + "  ");
    else {
      const text = lines[i] ?? printHole({ ...hole, repeat: "+" }, [child]);
      page.line(indent + "  ", text, child.span.start, child.span.end);
    }
  });
  page.close(indent, "}", node.span.end - 1);
}

function printLines(page: Page, node: ast.StatementNode, indent: string): void {
  const hole = blockOf(node);
  if (hole !== undefined) {
    printBlock(page, node, hole, indent);
    return;
  }
  const text = printStatement(node);
  const object = objectAtEnd(node);
  if (object === undefined || indent.length + text.length <= WIDTH) {
    page.line(indent, text, node.span.start, node.span.end);
  } else printWide(page, node, object, indent);
}

/** The object a statement ends in. */
function objectAtEnd({ row, args }: ast.StatementNode): ast.ObjectExpr | undefined {
  const last = row.parts.at(-1);
  if (last?.part !== "hole" || last.kind !== "object" && last.kind !== "expr") return undefined;
  const value = args[last.name] as ast.Expr | undefined;
  return value?.kind === "object" ? value : undefined;
}

/** Longer lines are broken where they end in an object. */
const WIDTH = 100;

function printWide(
  page: Page,
  node: ast.StatementNode,
  { pairs, span }: ast.ObjectExpr,
  indent: string,
): void {
  const head = [...pieces(node).slice(0, -1), "{"].join(" ");
  page.line(indent, head, node.span.start, span.start + 1);
  for (const { key, value } of pairs) {
    const text = `${key.text}: ${print.printExpr(value)}`;
    page.line(indent + "  ", text, key.span.start, value.span.end);
  }
  page.close(indent, "}", span.end - 1);
}

/**
 * A script in its canonical form. Printing what was parsed from a printed script changes nothing.
 *
 * @example
 * ```ts
 * import { print } from "./format.ts";
 * import { parse } from "./parse.ts";
 * const text = print(parse('ckpt 1 scenario "a" @x {seed 7 }').script);
 * if (text !== 'ckpt 1\nscenario "a" @x {\n  seed 7\n}\n') throw new Error(text);
 * ```
 */
export function printScript(script: ast.Script): string {
  const page = new Page(script);
  for (const node of script.statements) printLines(page, node, "");
  return page.finish();
}

export { printScript as print };
