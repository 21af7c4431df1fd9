/**
 * What a row of the language is. The usage line is the grammar rule, the help, the printer and the
 * type of the handler's parameters; a row adds only what the statement means.
 */
import type * as ast from "./ast.ts";
import type { Draft } from "./draft.ts";
import type { Doing } from "./plan.ts";
import type { Span } from "./source.ts";
import { parseUsage, type Part } from "./usage.ts";

/** The kinds of hole a usage line may have, and what the parser makes of each. */
export interface Kinds {
  name: ast.Word;
  text: ast.TextLiteral;
  number: ast.NumberLiteral;
  tag: ast.Word;
  expr: ast.Expr;
  object: ast.ObjectExpr;
  ref: ast.Ref;
  targets: ast.Targets;
  strategy: ast.StrategyUse;
  signature: ast.Signature;
  row: ast.Row;
  axis: ast.Axis;
  alternative: ast.Alternative;
  link: ast.Link;
  item: ast.StatementNode;
  action: ast.StatementNode;
}

type Choice<K extends string> = K extends `${infer First}|${infer Rest}` ? First | Choice<Rest> : K;
type Value<K extends string> = K extends `${infer One}*` | `${infer One}+` ? readonly Value<One>[]
  : K extends keyof Kinds ? Kinds[K]
  : ast.Word<Choice<K>>;
type Hole<H extends string> = H extends `${infer Name}:${infer Kind}`
  ? { readonly [_ in Name]: Value<Kind> }
  : { readonly [_ in H]: Value<H> };
type Holes<U extends string> = U extends `${string}<${infer H}>${infer Rest}`
  ? Hole<H> & Holes<Rest>
  : unknown;

/**
 * The parameters of a usage line: `crash <targets> [losing <what:name>]` has
 * `{ targets: Targets; what?: Word }`. Optional groups do not nest.
 */
export type Params<U extends string> = U extends `${infer Before}[${infer Group}]${infer After}`
  ? Holes<Before> & Partial<Holes<Group>> & Params<After>
  : Holes<U>;

/** Where a statement may stand. */
export type Place = "file" | "setup" | "step" | "action" | "claim";

/** What a row says beside its usage line. All parts but `place` and `help` are optional. */
export interface Meaning<Given> {
  readonly place: Place;
  /** May also stand at this second place. */
  readonly also?: Place;
  /** One or two sentences; printed by `list statements` and the manual. */
  readonly help: string;
  /** One line as it stands in a script. */
  readonly example: string;
  /** Brings names into scope before anything is looked at: order in the script does not matter. */
  readonly declare?: (draft: Draft, given: Given, span: Span) => void;
  /** Checks the statement and adds its part to the cell; an action returns what it does. */
  readonly build?: (draft: Draft, given: Given, span: Span) => Doing | void;
}

/** A row of the language. */
export interface Statement extends Meaning<Readonly<Record<string, unknown>>> {
  readonly usage: string;
  /** The word by which it is known: the first word of the usage line outside brackets. */
  readonly keyword: string;
  readonly parts: readonly Part[];
}

/**
 * Makes a row.
 *
 * @example
 * ```ts
 * import { statement } from "./statement.ts";
 * const row = statement("halt <targets> [for <time:expr>]", {
 *   place: "action",
 *   help: "Stands still.",
 *   example: "halt p0 for 2ms",
 *   build: (_draft, { targets, time }) => void [targets.span, time?.span],
 * });
 * if (row.keyword !== "halt") throw new Error("unreachable");
 * ```
 */
export function statement<const U extends string>(
  usage: U,
  meaning: Meaning<Params<U>>,
): Statement {
  const parts = parseUsage(usage);
  const word = parts.find((part) => part.part === "word");
  if (word === undefined) throw new Error(`the usage line '${usage}' has no word to begin with`);
  // The parser fills the holes by the same usage line the type was read from.
  return { ...(meaning as Meaning<unknown> as Statement), usage, keyword: word.word, parts };
}
