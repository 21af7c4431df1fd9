/** The words of the language as chevrotain tokens, collected from the usage lines of its rows. */
import { createToken, Lexer, type TokenType } from "chevrotain";
import type { Statement } from "./statement.ts";
import { wordsOf } from "./usage.ts";

/** Words of expressions and targets that no usage line has. */
const EXPRESSION_WORDS = ["or", "and", "not", "in", "within", "true", "false", "all", "any"];
/** Words inside blocks whose rules are written by hand. */
const BLOCK_WORDS = ["exclude", "if", "proc", "node"];

/** True for words that stand inside expressions. */
export const isExpressionWord = (word: string): boolean => EXPRESSION_WORDS.includes(word);

const SIGNS = {
  DotDot: "..",
  Arrow: "->",
  EqualEqual: "==",
  NotEqual: "!=",
  AtMost: "<=",
  AtLeast: ">=",
  Less: "<",
  Greater: ">",
  Equal: "=",
  LeftBrace: "{",
  RightBrace: "}",
  LeftBracket: "[",
  RightBracket: "]",
  LeftParen: "(",
  RightParen: ")",
  Comma: ",",
  Colon: ":",
  Dot: ".",
  Bar: "|",
  Plus: "+",
  Minus: "-",
  Star: "*",
  Slash: "/",
} as const;

/** Names of the signs. */
export type Sign = keyof typeof SIGNS;

/** All tokens, and the words and signs among them by how they are written. */
export interface Tokens {
  readonly all: readonly TokenType[];
  readonly words: ReadonlyMap<string, TokenType>;
  readonly sign: Readonly<Record<Sign, TokenType>>;
  /** A name or any word: what an object's key and a `.member` may be. */
  readonly Word: TokenType;
  readonly Name: TokenType;
  readonly Number: TokenType;
  readonly Text: TokenType;
  /** A text whose closing quote is missing; parsed as a text, reported by the lexer's reader. */
  readonly OpenText: TokenType;
  readonly Tag: TokenType;
}

/** `/s` and the like belong to a number, unless a call or a name goes on behind. */
const PER_TIME = String.raw`(?:\/(?:ns|us|ms|min|s)(?![\w(\[]|\.(?!\.)))?`;
const NUMBER = new RegExp(
  String.raw`0[xX][0-9a-zA-Z_]+|\d[\d_]*(?:\.\d+)?(?:%|(?:[A-Za-z][A-Za-z0-9_]*)?${PER_TIME})`,
);

/** Makes the tokens. A word that is only ever a choice may also be a name. */
export function makeTokens(rows: readonly Statement[]): Tokens {
  const Word = createToken({ name: "Word", pattern: Lexer.NA, label: "a name" });
  const Name = createToken({
    name: "Name",
    pattern: /[A-Za-z_][A-Za-z0-9_]*/,
    label: "a name",
    categories: [Word],
  });
  const Text = createToken({
    name: "Text",
    pattern: /"(?:[^"\\\n\r]|\\[^\n\r])*"/,
    label: 'a text in "quotes"',
  });
  const OpenText = createToken({
    name: "OpenText",
    pattern: /"(?:[^"\\\n\r]|\\[^\n\r])*\\?/,
    categories: [Text],
  });
  const Number = createToken({ name: "Number", pattern: NUMBER, label: "a number" });
  const Tag = createToken({ name: "Tag", pattern: /@[A-Za-z][\w-]*/, label: "a @tag" });
  const blank = createToken({
    name: "Blank",
    pattern: /[ \t\r\n]+/,
    group: Lexer.SKIPPED,
    line_breaks: true,
  });
  const comment = createToken({ name: "Comment", pattern: /\/\/[^\n\r]*/, group: "comments" });
  const words = makeWords(rows, Word, Name);
  const sign = Object.fromEntries(
    Object.entries(SIGNS).map(([name, pattern]) => [
      name,
      createToken({ name, pattern, label: `'${pattern}'` }),
    ]),
  ) as Record<Sign, TokenType>;
  // Longer words first: `with` before `within` would make a name of the latter.
  const ordered = [...words.entries()]
    .sort(([a], [b]) => b.length - a.length || (a < b ? -1 : 1))
    .map(([, token]) => token);
  const all = [blank, comment, Text, OpenText, Tag, Number, ...ordered, Name, Word];
  return {
    all: [...all, ...Object.values(sign)],
    words,
    sign,
    Word,
    Name,
    Number,
    Text,
    OpenText,
    Tag,
  };
}

function makeWords(
  rows: readonly Statement[],
  Word: TokenType,
  Name: TokenType,
): ReadonlyMap<string, TokenType> {
  const written = new Set([...EXPRESSION_WORDS, ...BLOCK_WORDS]);
  const chosen = new Set<string>();
  for (const row of rows) {
    const found = wordsOf(row.parts);
    for (const word of found.written) written.add(word);
    for (const word of found.chosen) chosen.add(word);
  }
  const words = new Map<string, TokenType>();
  for (const word of new Set([...written, ...chosen])) {
    const categories = [written.has(word) ? Word : Name];
    words.set(
      word,
      createToken({
        name: `Word_${word}`,
        pattern: word,
        longer_alt: Name,
        label: `'${word}'`,
        categories,
      }),
    );
  }
  return words;
}

/** The punctuation of usage lines. */
export function signOf(tokens: Tokens, written: string): TokenType | undefined {
  const found = (Object.keys(SIGNS) as Sign[]).find((name) => SIGNS[name] === written);
  return found === undefined ? undefined : tokens.sign[found];
}
