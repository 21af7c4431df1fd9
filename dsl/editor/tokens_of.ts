/** The tokens of a text as an editor colours them. */
import type { IToken } from "chevrotain";
import { machinery } from "../parse.ts";
import type { Analysis } from "./analysis.ts";

/** What a token is, in the terms of the language server protocol. */
export const TOKEN_TYPES = [
  "keyword",
  "number",
  "string",
  "comment",
  "operator",
  "variable",
  "parameter",
  "property",
  "function",
  "type",
  "class",
  "decorator",
] as const;

/** One of {@linkcode TOKEN_TYPES}. */
export type TokenKind = (typeof TOKEN_TYPES)[number];

/** A coloured stretch. */
export interface ColouredToken {
  readonly start: number;
  readonly length: number;
  readonly kind: TokenKind;
  readonly declares: boolean;
}

/** The token a place is in or at the end of; words win over signs. */
export function tokenAt(text: string, offset: number): IToken | undefined {
  const { tokens } = machinery().machinery.lexer.tokenize(text);
  const here = tokens.filter((token) =>
    token.startOffset <= offset && offset <= token.startOffset + token.image.length
  );
  return here.find((token) => /^\w/.test(token.image)) ?? here[0];
}

/** What the lexer alone can tell. */
export function lexicalKind({ tokenType }: Pick<IToken, "tokenType">): TokenKind {
  const { tokens: types } = machinery().machinery;
  if (tokenType.name.startsWith("Word_")) return "keyword";
  if (tokenType === types.Number) return "number";
  if (tokenType === types.Text || tokenType === types.OpenText) return "string";
  if (tokenType === types.Tag) return "decorator";
  if (tokenType === types.Name) return "variable";
  return tokenType.name === "Comment" ? "comment" : "operator";
}

/** What a declared name, or a name of the registry, is coloured as. */
const NAME_KINDS: Readonly<Record<string, TokenKind>> = {
  parameter: "parameter",
  profile: "type",
  node: "class",
  process: "class",
  strategy: "type",
  option: "property",
  metric: "property",
};

/** Every token of a file, comments among them, in order. */
export function colouredTokens({ source, occurrences, notes }: Analysis): readonly ColouredToken[] {
  const { tokens, groups } = machinery().machinery.lexer.tokenize(source.text);
  const noted = new Map(notes.map(({ start, known }) => [start, known.kind]));
  const named = new Map(
    occurrences.filter(({ span }) => span.source === source)
      .map((one) => [one.span.start, one]),
  );
  const coloured = tokens.map((token, i): ColouredToken => {
    const start = token.startOffset;
    const found = named.get(start);
    const kind = noted.get(start) ?? found?.kind;
    const before = tokens[i - 1]?.image;
    const after = tokens[i + 1]?.image;
    const isWord = /^[A-Za-z_]/.test(token.image);
    const usual = isWord && before === "."
      ? "property"
      : isWord && after === "(" && kind === undefined
      ? "function"
      : lexicalKind(token);
    return {
      start,
      length: token.image.length,
      kind: kind === undefined ? usual : NAME_KINDS[kind] ?? "variable",
      declares: found !== undefined && found.target.start === start &&
        found.target.source === source,
    };
  });
  const comments = (groups["comments"] ?? []).map((token): ColouredToken => ({
    start: token.startOffset,
    length: token.image.length,
    kind: "comment",
    declares: false,
  }));
  return [...coloured, ...comments].sort((a, b) => a.start - b.start);
}
