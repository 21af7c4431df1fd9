/** Prints statements by their usage lines; layout.ts makes whole scripts of them. */
import type * as ast from "./ast.ts";
import * as print from "./print.ts";
import type { HolePart, Part, WordPart } from "./usage.ts";

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

/** What fills a hole, on one line. */
export function printHole(hole: HolePart, value: unknown): string {
  const printer = PRINTERS[hole.choices === undefined ? hole.kind : "name"];
  if (printer === undefined) throw new Error(`holes of kind '${hole.kind}' cannot be printed`);
  const values = (hole.repeat === undefined ? [value] : value) as readonly never[];
  return values.map(printer).join(" ");
}

const printPart = (part: WordPart | HolePart, args: ast.StatementNode["args"]): string =>
  part.part === "word" ? part.word : printHole(part, args[part.name]);

/** The pieces of one part of a usage line; none when it is left out. */
export function piecesOf(part: Part, args: ast.StatementNode["args"]): readonly string[] {
  const inner = part.part === "option" ? part.parts : [part];
  const stands = part.part !== "option" ||
    part.parts.some((one) => one.part === "hole" && args[one.name] !== undefined);
  return stands ? inner.map((one) => printPart(one, args)).filter((piece) => piece !== "") : [];
}

/** The pieces of a statement, one for each word and hole that is there. */
const pieces = ({ row, args }: ast.StatementNode): readonly string[] =>
  row.parts.flatMap((part) => piecesOf(part, args));

/** Pieces with blanks between them, but for parentheses: `pool(4)`. */
export const joined = (all: readonly string[]): string =>
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
