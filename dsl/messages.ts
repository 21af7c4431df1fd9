/** What the parser says when it expected something else, in the language's own words. */
import {
  defaultParserErrorProvider,
  EOF,
  type IParserErrorMessageProvider,
  type IToken,
  tokenMatcher,
  type TokenType,
} from "chevrotain";
import type { CodeName } from "./codes.ts";
import { nearest } from "./suggest.ts";
import type { Tokens } from "./tokens.ts";

/** A parser's complaint before it has a place. */
export interface Complaint {
  readonly code: CodeName;
  readonly message: string;
  readonly suggestion?: string;
}

/** Alternatives that get a name of their own instead of a list of tokens. */
export const CHOICES = { statement: "a statement", action: "an action", value: "a value" } as const;

const show = (token: IToken): string =>
  tokenMatcher(token, EOF) ? "the end of the file" : `'${shorten(token.image)}'`;

const shorten = (image: string): string => image.length > 40 ? `${image.slice(0, 37)}…` : image;

const label = (type: TokenType): string => type.LABEL ?? type.name;

/** Words among token types, as written. */
const wordsAmong = (types: Iterable<TokenType>): readonly string[] =>
  [...types].filter((type) => type.name.startsWith("Word_")).map((type) => type.name.slice(5));

/** Complaints travel as text, for that is what chevrotain hands through. */
const encode = (complaint: Complaint): string => JSON.stringify(complaint);

/** Reads a complaint back. */
export const decodeComplaint = (message: string): Complaint => JSON.parse(message) as Complaint;

function complaint(code: CodeName, message: string, suggestion?: string): Complaint {
  return suggestion === undefined ? { code, message } : { code, message, suggestion };
}

/** Words that begin statements, where the parser left a block early because of a misspelling. */
export interface Beginnings {
  readonly file: readonly string[];
  readonly scenario: readonly string[];
}

/** The provider of all syntax messages. */
export function messageProvider(
  tokens: Tokens,
  beginnings: Beginnings,
): IParserErrorMessageProvider {
  const isName = (type: TokenType) => type === tokens.Name;
  const isWord = (token: IToken) => token.tokenType.name.startsWith("Word_");
  return {
    ...defaultParserErrorProvider,
    buildMismatchTokenMessage: ({ expected, actual, ruleName }) => {
      if (expected === tokens.sign.RightBrace && ruleName === "scenarioStatement") {
        return encode(outOfPlace(actual, tokens, beginnings.scenario));
      }
      if (expected === EOF) return encode(outOfPlace(actual, tokens, beginnings.file));
      if (isName(expected) && isWord(actual)) {
        const message = `expected a name but '${actual.image}' is a word of the language`;
        return encode(complaint("CK0207", message));
      }
      if (actual.tokenType === tokens.sign.Equal) return encode(EQUAL);
      const closing = /^Right/.test(expected.name);
      const message = `expected ${label(expected)} but found ${show(actual)}`;
      const meant = nearest(actual.image, wordsAmong([expected]));
      return encode(complaint(closing ? "CK0206" : "CK0201", message, meant));
    },
    buildNotAllInputParsedMessage: ({ firstRedundant }) =>
      encode(outOfPlace(firstRedundant, tokens, beginnings.file)),
    buildNoViableAltMessage: ({ expectedPathsPerAlt, actual, customUserDescription }) => {
      const first = new Set(
        expectedPathsPerAlt.flatMap((alt) => alt.flatMap((path) => path[0] ?? [])),
      );
      const found = actual[0];
      const words = wordsAmong(first);
      const expected = described(customUserDescription, first);
      const shown = found === undefined ? "the end of the file" : show(found);
      const code = customUserDescription === CHOICES.action
        ? "CK0203"
        : customUserDescription === CHOICES.value
        ? "CK0204"
        : "CK0201";
      const meant = found === undefined ? undefined : nearest(found.image, words);
      return encode(complaint(code, `unexpected ${shown}; expected ${expected}`, meant));
    },
    buildEarlyExitMessage: ({ actual, customUserDescription, ruleName }) => {
      const found = actual[0];
      const wanted = customUserDescription ?? ruleName;
      const shown = found === undefined ? "the end of the file" : show(found);
      return encode(complaint("CK0201", `expected at least one ${wanted} but found ${shown}`));
    },
  };
}

const EQUAL = complaint("CK0205", "unexpected '='; compare with '=='");

function described(custom: string | undefined, first: ReadonlySet<TokenType>): string {
  const words = wordsAmong(first);
  if (custom === CHOICES.action) return `an action (${words.join(", ")})`;
  if (custom !== undefined) return custom;
  const labels = [...new Set([...first].map(label))];
  return labels.length > 12 ? "a statement" : labels.join(", ");
}

/** A token at which a block of statements cannot go on. */
function outOfPlace(actual: IToken, tokens: Tokens, words: readonly string[]): Complaint {
  if (tokenMatcher(actual, EOF)) {
    return complaint("CK0206", "expected '}' but found the end of the file");
  }
  if (actual.tokenType === tokens.sign.Equal) return EQUAL;
  const inside = words.includes("expect");
  if (actual.tokenType.name.startsWith("Word_") && !words.includes(actual.image)) {
    if (!inside) return complaint("CK0202", `'${actual.image}' does not stand outside a scenario`);
    const message = `unexpected '${actual.image}' here; is a '}' missing before it?`;
    return complaint("CK0206", message);
  }
  const message = `unexpected ${show(actual)}; expected a statement${inside ? " or '}'" : ""}`;
  // A misspelled word inside a statement ends the statement before it: `restart p form c`.
  const candidates = inside ? tokens.words.keys() : words;
  return complaint("CK0202", message, nearest(actual.image, candidates));
}
