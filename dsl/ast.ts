/** The tree of a script: plain readonly objects, each with its span. */
import type { Span } from "./source.ts";
import type { Statement } from "./statement.ts";

/** A name or a word of the language. */
export interface Word<T extends string = string> {
  readonly text: T;
  readonly span: Span;
}

/** A number as written; units.ts reads it. */
export interface NumberLiteral {
  readonly kind: "number";
  readonly text: string;
  readonly span: Span;
}

/** A text in quotes, its escapes resolved. */
export interface TextLiteral {
  readonly kind: "text";
  readonly value: string;
  readonly span: Span;
}

/** `{ key: value, … }` */
export interface ObjectExpr {
  readonly kind: "object";
  readonly pairs: readonly { readonly key: Word; readonly value: Expr }[];
  readonly span: Span;
}

export type CompareOp = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in";

/** A comparison, with the tolerance behind `within`. */
export interface CompareExpr {
  readonly kind: "compare";
  readonly op: CompareOp;
  readonly left: Expr;
  readonly right: Expr;
  readonly within?: Expr;
  readonly span: Span;
}

/**
 * An expression. Chains of one level are flat (a sum of ten thousand terms is one node), so only
 * brackets nest, and those are bounded before parsing.
 */
export type Expr =
  | NumberLiteral
  | TextLiteral
  | ObjectExpr
  | CompareExpr
  | { readonly kind: "truth"; readonly value: boolean; readonly span: Span }
  | { readonly kind: "all"; readonly span: Span }
  | { readonly kind: "name"; readonly name: string; readonly span: Span }
  | {
    readonly kind: "use";
    readonly name: Word;
    readonly member?: Word;
    readonly object: ObjectExpr;
    readonly span: Span;
  }
  | { readonly kind: "list"; readonly items: readonly Expr[]; readonly span: Span }
  | { readonly kind: "group"; readonly inner: Expr; readonly span: Span }
  | { readonly kind: "or" | "and"; readonly terms: readonly Expr[]; readonly span: Span }
  | { readonly kind: "not" | "negate"; readonly inner: Expr; readonly span: Span }
  | { readonly kind: "range"; readonly low: Expr; readonly high: Expr; readonly span: Span }
  | {
    readonly kind: "sum" | "product";
    readonly first: Expr;
    readonly rest: readonly { readonly op: "+" | "-" | "*" | "/"; readonly term: Expr }[];
    readonly span: Span;
  }
  | { readonly kind: "member"; readonly of: Expr; readonly name: Word; readonly span: Span }
  | { readonly kind: "index"; readonly of: Expr; readonly index: Expr; readonly span: Span }
  | {
    readonly kind: "call";
    readonly of: Expr;
    readonly args: readonly Expr[];
    readonly span: Span;
  };

/** `p` or `p[1]`: a use of a declared name, or in node and proc its declaration with a count. */
export interface Ref {
  readonly name: Word;
  readonly index?: Expr;
  readonly span: Span;
}

/** Whom an action concerns. */
export type Targets =
  | { readonly kind: "all"; readonly span: Span }
  | { readonly kind: "any"; readonly of: "proc" | "node"; readonly span: Span }
  | { readonly kind: "refs"; readonly refs: readonly Ref[]; readonly span: Span };

/** `name { options }` or `plugin.name { options }` */
export interface StrategyUse {
  readonly name: Word;
  readonly member?: Word;
  readonly options?: ObjectExpr;
  readonly span: Span;
}

/** The head of a let: a name, and parameters when it is a function. */
export interface Signature {
  readonly name: Word;
  readonly params?: readonly Word[];
  readonly span: Span;
}

/** One row of a table. */
export interface Row {
  readonly cells: readonly Expr[];
  readonly span: Span;
}

/** One line of a matrix: `name in values`, or `exclude if condition` without a name. */
export interface Axis {
  readonly name?: Word;
  readonly value: Expr;
  readonly span: Span;
}

/** One line of a compare: `name = strategy`. */
export interface Alternative {
  readonly name: Word;
  readonly strategy: StrategyUse;
  readonly span: Span;
}

/** The ends of a channel: all channels, or one. */
export interface Link {
  readonly ends?: readonly [Ref, Ref];
  readonly span: Span;
}

/** A statement of the script: its row and the values of the row's holes. */
export interface StatementNode {
  readonly row: Statement;
  readonly args: Readonly<Record<string, unknown>>;
  readonly span: Span;
}

/** A comment, from `//` to the end of its line. */
export interface Comment {
  readonly text: string;
  readonly span: Span;
}

/** A parsed file. */
export interface Script {
  readonly statements: readonly StatementNode[];
  readonly comments: readonly Comment[];
  readonly span: Span;
  /** Names that stand near a syntax error: using them is no second error. */
  readonly doubtful: ReadonlySet<string>;
}
