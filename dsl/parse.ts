/** From text to tree. Never throws: what is wrong with the text is a list of diagnostics. */
import type { IRecognitionException, IToken } from "chevrotain";
import type { Comment, Expr, Script } from "./ast.ts";
import { type Diagnostic, diagnostic, sortedDiagnostics } from "./diagnostic.ts";
import { type Machinery, makeMachinery } from "./grammar.ts";
import { decodeComplaint } from "./messages.ts";
import { type Reader, readFile, rowsByRule } from "./read.ts";
import { readExpr } from "./read_expression.ts";
import { type Source, sourceOf, type Span } from "./source.ts";
import type { Statement } from "./statement.ts";
import { STATEMENTS } from "./statements/mod.ts";
import { holesOf } from "./usage.ts";

/** A tree, perhaps with holes, and what was wrong. A script with errors is never run. */
export interface Parsed {
  readonly script: Script;
  readonly diagnostics: readonly Diagnostic[];
}

let made: { machinery: Machinery; rows: ReadonlyMap<string, Statement> } | undefined;

/** Made at the first use and kept. */
export function machinery(): NonNullable<typeof made> {
  made ??= { machinery: makeMachinery(STATEMENTS), rows: rowsByRule(STATEMENTS) };
  return made;
}

/** How deep brackets may nest. The parser recurses: from 76 open braces its stack ends. */
const DEPTH = 20;

interface Tokenized {
  readonly tokens: readonly IToken[];
  readonly comments: readonly Comment[];
  /** Stand-ins for what was nested too deeply: errors at them are consequences. */
  readonly standIns: ReadonlySet<number>;
}

const at = (source: Source, start: number, length: number): Span => ({
  source,
  start,
  end: start + Math.max(1, length),
});

function tokenize(source: Source, report: (item: Diagnostic) => void): Tokenized {
  const { lexer, tokens } = machinery().machinery;
  const lexed = lexer.tokenize(source.text);
  for (const error of lexed.errors) {
    const found = source.text.slice(error.offset, error.offset + error.length);
    const span = at(source, error.offset, error.length);
    report(diagnostic("CK0101", span, `unexpected ${showCharacters(found)}`));
  }
  for (const token of lexed.tokens) {
    if (token.tokenType !== tokens.OpenText) continue;
    const span = at(source, token.startOffset, token.image.length);
    report(diagnostic("CK0102", span, 'this text has no closing "'));
  }
  const comments = (lexed.groups["comments"] ?? []).map((token) => ({
    text: token.image.trimEnd(),
    span: at(source, token.startOffset, token.image.length),
  }));
  const named = lexed.tokens.map((token, i) => asName(source, lexed.tokens, token, i, report));
  return { ...limitDepth(source, named, report), comments };
}

/** Words behind which a name is declared. */
const DECLARING = ["node", "proc", "let", "profile", "as"];

/** Whether the word is one the statement lets its author choose. */
const isChoice = (keyword: string, word: string): boolean =>
  STATEMENTS.some((row) =>
    row.keyword === keyword && holesOf(row.parts).some(({ choices }) => choices?.includes(word))
  );

/** A word of the language where a name is declared: said once, and then taken as the name. */
function asName(
  source: Source,
  all: readonly IToken[],
  token: IToken,
  i: number,
  report: (item: Diagnostic) => void,
): IToken {
  const { tokens } = machinery().machinery;
  const isHard = token.tokenType.name.startsWith("Word_") &&
    token.tokenType.CATEGORIES?.includes(tokens.Name) !== true;
  const before = all[i - 1]?.image ?? "";
  if (!isHard || !DECLARING.includes(before)) return token;
  // `any node`, `p0.node`, `isolation node`: not a declaration.
  const head = all[i - 2]?.image ?? "";
  if ([".", "any"].includes(head) || isChoice(head, before)) return token;
  // `node expect …`: the name is missing rather than badly chosen.
  if (token.startLine !== all[i - 1]?.startLine) return token;
  const span = at(source, token.startOffset, token.image.length);
  const message = `'${token.image}' is a word of the language and cannot be a name`;
  report(diagnostic("CK0207", span, message));
  return { ...token, tokenType: tokens.Name, tokenTypeIdx: tokens.Name.tokenTypeIdx ?? 0 };
}

function showCharacters(text: string): string {
  const [first = ""] = text;
  const code = (first.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  const shown = /[\p{Cc}\p{Cf}\p{Zs}]/u.test(first)
    ? `character U+${code}`
    : `character '${first}'`;
  return [...text].length > 1 ? `${shown} and ${[...text].length - 1} more` : shown;
}

/** Replaces what nests too deeply by a number, and says so. */
function limitDepth(
  source: Source,
  given: readonly IToken[],
  report: (item: Diagnostic) => void,
): Pick<Tokenized, "tokens" | "standIns"> {
  const { tokens } = machinery().machinery;
  const kept: IToken[] = [];
  const standIns = new Set<number>();
  let depth = 0;
  for (const token of given) {
    const { name } = token.tokenType;
    const opens = name.startsWith("Left");
    if (opens) depth++;
    if (depth <= DEPTH) kept.push(token);
    else if (depth === DEPTH + 1 && opens) {
      const span = at(source, token.startOffset, token.image.length);
      report(diagnostic("CK0106", span, `brackets nest more than ${DEPTH} deep`));
      standIns.add(token.startOffset);
      const type = tokens.Number;
      kept.push({ ...token, image: "0", tokenType: type, tokenTypeIdx: type.tokenTypeIdx ?? 0 });
    }
    if (name.startsWith("Right")) depth = Math.max(0, depth - 1);
  }
  return { tokens: kept, standIns };
}

/** The place of a syntax error; at the end of the file it is the last character. */
function errorSpan(source: Source, error: IRecognitionException): Span {
  if (error.token.startOffset >= 0 && error.token.image !== "") {
    return at(source, error.token.startOffset, error.token.image.length);
  }
  return at(source, source.text.trimEnd().length, 1);
}

/**
 * Parses a file.
 *
 * @example
 * ```ts
 * import { parse } from "./parse.ts";
 * const { script, diagnostics } = parse('ckpt 1\nlet limit = 20ms\n');
 * if (script.statements.length !== 2 || diagnostics.length > 0) throw new Error("unreachable");
 * ```
 */
export function parse(given: string | Source, name = "script.ckpt"): Parsed {
  const source = typeof given === "string" ? sourceOf(name, given) : given;
  const diagnostics: Diagnostic[] = [];
  const report = (item: Diagnostic) => void diagnostics.push(item);
  const { tokens, comments, standIns } = tokenize(source, report);
  const { machinery: { grammar, tokens: types }, rows } = machinery();
  grammar.input = [...tokens];
  const tree = grammar.file();
  const doubtful = new Set<string>();
  for (const error of grammar.errors) {
    for (const name of namesNear(source, error, tokens, types.Name.name)) doubtful.add(name);
    if (standIns.size > 0 && isConsequence(error, standIns)) continue;
    const { code, message, suggestion } = decodeComplaint(error.message);
    diagnostics.push(diagnostic(code, errorSpan(source, error), message, suggestion));
  }
  const reader: Reader = { source, tokens: types, rows, report };
  const statements = readFile(reader, tree);
  const span = at(source, 0, source.text.length);
  return {
    script: { statements, comments, span, doubtful },
    diagnostics: sortedDiagnostics(diagnostics),
  };
}

/** The token before the wrong one; some kinds of exception have it. */
const previousToken = (
  error: IRecognitionException & { readonly previousToken?: IToken },
): IToken | undefined => error.previousToken;

/** Behind a stand-in the rest of the statement may make no sense; that is said already. */
const isConsequence = (error: IRecognitionException, standIns: ReadonlySet<number>): boolean =>
  [...standIns].some((start) =>
    error.token.startOffset === start || previousToken(error)?.startOffset === start
  );

/** Names on the lines of a syntax error and of what recovery skipped behind it. */
function namesNear(
  source: Source,
  error: IRecognitionException,
  tokens: readonly IToken[],
  nameType: string,
): readonly string[] {
  const lines = new Set(
    [error.token, previousToken(error), ...error.resyncedTokens]
      .map((token) => token?.startLine ?? -1),
  );
  if (lines.size === 0 || source.text === "") return [];
  return tokens
    .filter((token) => token.tokenType.name === nameType && lines.has(token.startLine ?? -2))
    .map((token) => token.image);
}

/** Parses one expression, as `--set name=value` gives it. */
export function parseExpression(
  given: string,
  name: string,
): { expr?: Expr; diagnostics: readonly Diagnostic[] } {
  const source = sourceOf(name, given);
  const diagnostics: Diagnostic[] = [];
  const report = (item: Diagnostic) => void diagnostics.push(item);
  const { tokens } = tokenize(source, report);
  const { machinery: { grammar, tokens: types }, rows } = machinery();
  grammar.input = [...tokens];
  const tree = grammar.expression();
  for (const error of grammar.errors) {
    const { code, message, suggestion } = decodeComplaint(error.message);
    diagnostics.push(diagnostic(code, errorSpan(source, error), message, suggestion));
  }
  const expr = diagnostics.length > 0
    ? undefined
    : readExpr({ source, tokens: types, rows, report }, tree);
  return expr === undefined ? { diagnostics } : { expr, diagnostics };
}
