/** A TextMate grammar from the tokens, for editors that colour without asking a server. */
import { machinery } from "../parse.ts";
import { lexicalKind, type TokenKind } from "./tokens_of.ts";

/** What each kind of token is called in TextMate's terms. */
export const SCOPES: Readonly<Partial<Record<TokenKind, string>>> = {
  comment: "comment.line.double-slash.ckpt",
  string: "string.quoted.double.ckpt",
  decorator: "entity.name.tag.ckpt",
  number: "constant.numeric.ckpt",
  keyword: "keyword.control.ckpt",
  variable: "variable.other.ckpt",
  operator: "keyword.operator.ckpt",
};

interface Rule {
  readonly match: string;
  readonly name: string;
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");

/** Letters and digits behind a word make another word of it; what stands before it was read. */
const wholeWord = (words: readonly string[]): string => `(?:${words.join("|")})(?![A-Za-z0-9_])`;

/** The rules in the order in which the lexer tries its tokens. */
function rules(): readonly Rule[] {
  const { all } = machinery().machinery.tokens;
  const found: Rule[] = [];
  const words = all.filter(({ name }) => name.startsWith("Word_")).map(({ name }) => name.slice(5));
  for (const type of all) {
    const { PATTERN } = type;
    const name = SCOPES[lexicalKind({ tokenType: type })];
    if (name === undefined || PATTERN === undefined || type.name === "Blank") continue;
    if (type.name.startsWith("Word_")) {
      if (type.name.slice(5) === words[0]) found.push({ match: wholeWord(words), name });
    } else if (typeof PATTERN === "string") found.push({ match: escaped(PATTERN), name });
    else if (PATTERN instanceof RegExp && type.name !== "Word") {
      found.push({ match: PATTERN.source, name });
    }
  }
  return found;
}

/** The grammar as the text of a file. */
export function textmateGrammar(): string {
  const grammar = {
    name: "ckptlab scenario",
    scopeName: "source.ckpt",
    fileTypes: ["ckpt"],
    comment: "Written by `deno task manual` from the tokens; do not edit.",
    patterns: rules(),
  };
  return JSON.stringify(grammar, undefined, 2) + "\n";
}
