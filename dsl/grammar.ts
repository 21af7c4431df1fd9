/**
 * The grammar. Statements are not written here: their rules come from their usage lines. By hand are
 * only the kinds of hole: expressions, objects, targets and the lines of blocks.
 */
import {
  type CstNode,
  CstParser,
  Lexer,
  type ParserMethod,
  tokenMatcher,
  type TokenType,
} from "chevrotain";
import { CHOICES, messageProvider } from "./messages.ts";
import type { Statement } from "./statement.ts";
import { isExpressionWord, makeTokens, signOf, type Tokens } from "./tokens.ts";
import type { HolePart, Part, WordPart } from "./usage.ts";

type Rule = ParserMethod<[], CstNode>;

/** The rule of a statement. */
export const ruleName = (row: Statement): string => `${row.keyword}Statement`;

const standsAt = (row: Statement, ...places: readonly string[]): boolean =>
  places.includes(row.place) || row.also !== undefined && places.includes(row.also);

/** Places of the statements within a scenario. */
const ITEM_PLACES = ["setup", "step", "claim"];

/** The parser of scripts. */
export class Grammar extends CstParser {
  readonly #rules = new Map<string, Rule>();
  readonly #tokens: Tokens;
  /** Words that begin a step, and those that begin its action. */
  readonly #steps: ReadonlySet<string>;
  readonly #actions: ReadonlySet<string>;

  constructor(tokens: Tokens, rows: readonly Statement[], validate: boolean) {
    super([...tokens.all], {
      recoveryEnabled: true,
      nodeLocationTracking: "onlyOffset",
      maxLookahead: 2,
      skipValidations: !validate,
      errorMessageProvider: messageProvider(tokens, {
        file: beginnings(rows, "file"),
        scenario: beginnings(rows, ...ITEM_PLACES),
      }),
    });
    this.#tokens = tokens;
    this.#steps = new Set(beginnings(rows, "step"));
    this.#actions = new Set(beginnings(rows, "action"));
    for (const row of rows) this.#define(ruleName(row), () => this.#parts(row.parts));
    this.#blocks(rows);
    this.#references();
    this.#connectives();
    this.#terms();
    this.#values();
    this.performSelfAnalysis();
  }

  /** Parses a file. */
  file(): CstNode {
    return this.#rule("file").call(this);
  }

  /** Parses one expression, for `--set`. */
  expression(): CstNode {
    return this.#rule("expr").call(this);
  }

  /** Only closing signs are made up in recovery: an invented name or word starts a cascade. */
  protected override canTokenTypeBeInsertedInRecovery(token: TokenType): boolean {
    return /^Right/.test(token.name);
  }

  #define(name: string, body: () => void): void {
    this.#rules.set(name, this.RULE(name, body));
  }

  #rule(name: string): Rule {
    const found = this.#rules.get(name);
    if (found === undefined) throw new Error(`no grammar rule for holes of kind '${name}'`);
    return found;
  }

  #word(word: string): TokenType {
    const found = this.#tokens.words.get(word) ?? signOf(this.#tokens, word);
    if (found === undefined) throw new Error(`no token for '${word}'`);
    return found;
  }

  /** The rule of a usage line. */
  #parts(parts: readonly Part[]): void {
    for (const part of parts) {
      if (part.part !== "option") this.#single(part);
      else {
        const DEF = () => this.#parts(part.parts);
        const [first] = part.parts;
        const isStep = first?.part === "word" && this.#steps.has(first.word);
        this.option(part.index, isStep ? { GATE: () => !this.#stepFollows(), DEF } : DEF);
      }
    }
  }

  /**
   * Whether the word ahead begins a step of its own (`proc … runs w` before `at 5ms crash p`) and
   * not the rest of a statement (`proc … runs w at 5ms`): behind its expression stands an action.
   */
  #stepFollows(): boolean {
    let depth = 0;
    let ended = false;
    for (let i = 2;; i++) {
      const token = this.LA(i);
      const { name } = token.tokenType;
      if (name === "EOF") return false;
      if (/^Right/.test(name) && depth-- === 0) return false;
      if (depth === 0 && name.startsWith("Word_") && this.LA(i - 1).image !== ".") {
        const word = name.slice(5);
        if (this.#actions.has(word)) return true;
        if (!isExpressionWord(word) && !tokenMatcher(token, this.#tokens.Name)) return false;
      }
      const begins = tokenMatcher(token, this.#tokens.Name) ||
        [this.#tokens.Number, this.#tokens.Text].includes(token.tokenType);
      // A second operand is no part of the expression: a misspelled action, most likely.
      if (depth === 0 && begins && ended) return true;
      ended = begins || /^Right/.test(name);
      if (/^Left/.test(name)) depth++;
    }
  }

  #single(part: WordPart | HolePart): void {
    if (part.part === "word") {
      this.consume(part.index, this.#word(part.word));
    } else if (part.repeat !== undefined) {
      // Also for '+': an empty block is reported when it is read, for the parser recovers badly
      // from a loop that fails.
      this.many(part.index, () => this.#hole(part));
    } else {
      this.#hole(part);
    }
  }

  #hole(part: HolePart): void {
    const label = { LABEL: part.name };
    const { choices, index } = part;
    const token = this.#tokenKind(part.kind);
    if (choices !== undefined) {
      this.or(
        index,
        choices.map((word) => ({
          ALT: () => this.consume(index, this.#word(word), label),
        })),
      );
    } else if (token !== undefined) this.consume(index, token, label);
    else this.subrule(index, this.#rule(part.kind), label);
  }

  #tokenKind(kind: string): TokenType | undefined {
    const { Name, Text, Number, Tag } = this.#tokens;
    return { name: Name, text: Text, number: Number, tag: Tag }[kind];
  }

  #oneOf(rows: readonly Statement[], description: string): void {
    this.OR({
      DEF: rows.map((row, i) => ({
        ALT: () => this.subrule(i, this.#rule(ruleName(row)), { LABEL: "statement" }),
      })),
      ERR_MSG: description,
    });
  }

  #blocks(rows: readonly Statement[]): void {
    const { Name, words, sign } = this.#tokens;
    const exclude = words.get("exclude") ?? Name;
    const condition = words.get("if") ?? Name;
    const among = words.get("in") ?? Name;
    this.#define("file", () => {
      this.MANY(() => this.#oneOf(rows.filter((row) => standsAt(row, "file")), CHOICES.statement));
    });
    this.#define("item", () => {
      this.#oneOf(rows.filter((row) => standsAt(row, ...ITEM_PLACES)), CHOICES.statement);
    });
    this.#define("action", () => {
      this.#oneOf(rows.filter((row) => standsAt(row, "action")), CHOICES.action);
    });
    this.#define("row", () => {
      this.AT_LEAST_ONE(() => {
        this.CONSUME(sign.Bar);
        this.SUBRULE(this.#rule("expr"));
      });
      this.CONSUME1(sign.Bar);
    });
    this.#define("axis", () => {
      this.OR([
        {
          ALT: () => {
            this.CONSUME(Name);
            this.CONSUME(among);
            this.SUBRULE(this.#rule("expr"));
          },
        },
        {
          ALT: () => {
            this.CONSUME(exclude);
            this.CONSUME(condition);
            this.SUBRULE1(this.#rule("expr"));
          },
        },
      ]);
    });
    this.#define("alternative", () => {
      this.CONSUME(Name);
      this.CONSUME(sign.Equal);
      this.SUBRULE(this.#rule("strategy"));
    });
  }

  #references(): void {
    const { Name, words, sign } = this.#tokens;
    const [all, any, proc, node] = ["all", "any", "proc", "node"].map((word) =>
      words.get(word) ?? Name
    ) as [TokenType, TokenType, TokenType, TokenType];
    this.#define("ref", () => {
      this.CONSUME(Name);
      this.OPTION(() => {
        this.CONSUME(sign.LeftBracket);
        this.SUBRULE(this.#rule("expr"));
        this.CONSUME(sign.RightBracket);
      });
    });
    this.#define("targets", () => {
      this.OR([
        { ALT: () => this.CONSUME(all) },
        {
          ALT: () => {
            this.CONSUME(any);
            this.OR1([{ ALT: () => this.CONSUME(proc) }, { ALT: () => this.CONSUME(node) }]);
          },
        },
        {
          ALT: () =>
            this.AT_LEAST_ONE_SEP({
              SEP: sign.Comma,
              DEF: () => this.SUBRULE(this.#rule("ref")),
            }),
        },
      ]);
    });
    this.#define("link", () => {
      this.OR([
        { ALT: () => this.CONSUME(all) },
        {
          ALT: () => {
            this.SUBRULE(this.#rule("ref"));
            this.CONSUME(sign.Arrow);
            this.SUBRULE1(this.#rule("ref"));
          },
        },
      ]);
    });
    this.#define("strategy", () => {
      this.CONSUME(Name);
      this.OPTION(() => {
        this.CONSUME(sign.Dot);
        this.CONSUME1(Name, { LABEL: "member" });
      });
      this.OPTION1(() => this.SUBRULE(this.#rule("object")));
    });
    this.#define("signature", () => {
      this.CONSUME(Name);
      this.OPTION(() => {
        this.CONSUME(sign.LeftParen);
        this.MANY_SEP({ SEP: sign.Comma, DEF: () => this.CONSUME1(Name, { LABEL: "params" }) });
        this.CONSUME(sign.RightParen);
      });
    });
  }

  #connectives(): void {
    const { Name, words, sign } = this.#tokens;
    const [or, and, not, among, within] = ["or", "and", "not", "in", "within"].map((word) =>
      words.get(word) ?? Name
    ) as [TokenType, TokenType, TokenType, TokenType, TokenType];
    this.#define("expr", () => this.#chain("conjunction", () => this.CONSUME(or)));
    this.#define("conjunction", () => this.#chain("negation", () => this.CONSUME(and)));
    this.#define("negation", () => {
      this.OPTION(() => this.CONSUME(not));
      this.SUBRULE(this.#rule("comparison"));
    });
    const { EqualEqual, NotEqual, AtMost, AtLeast, Less, Greater } = sign;
    const operators = [EqualEqual, NotEqual, AtMost, AtLeast, Less, Greater, among];
    this.#define("comparison", () => {
      this.SUBRULE(this.#rule("range"));
      this.OPTION(() => {
        this.OR(operators.map((token) => ({ ALT: () => this.CONSUME(token, { LABEL: "op" }) })));
        this.SUBRULE1(this.#rule("range"));
        this.OPTION1(() => {
          this.CONSUME(within);
          this.SUBRULE2(this.#rule("range"), { LABEL: "within" });
        });
      });
    });
    this.#define("range", () => {
      this.SUBRULE(this.#rule("sum"));
      this.OPTION(() => {
        this.CONSUME(sign.DotDot);
        this.SUBRULE1(this.#rule("sum"));
      });
    });
  }

  /** `operand { operator operand }` */
  #chain(operand: string, operator: () => unknown): void {
    this.SUBRULE(this.#rule(operand), { LABEL: "operand" });
    this.MANY(() => {
      operator();
      this.SUBRULE1(this.#rule(operand), { LABEL: "operand" });
    });
  }

  #terms(): void {
    const { Word, sign } = this.#tokens;
    const either = (...types: readonly TokenType[]) => () =>
      this.OR(types.map((token) => ({ ALT: () => this.CONSUME(token, { LABEL: "op" }) })));
    this.#define("sum", () => this.#chain("product", either(sign.Plus, sign.Minus)));
    this.#define("product", () => this.#chain("unary", either(sign.Star, sign.Slash)));
    this.#define("unary", () => {
      this.OPTION(() => this.CONSUME(sign.Minus));
      this.SUBRULE(this.#rule("postfix"));
    });
    this.#define("postfix", () => {
      this.SUBRULE(this.#rule("primary"));
      this.MANY(() => this.SUBRULE(this.#rule("suffix")));
    });
    this.#define("suffix", () => {
      this.OR([
        {
          ALT: () => {
            this.CONSUME(sign.Dot);
            this.CONSUME(Word);
            this.OPTION(() => this.SUBRULE(this.#rule("object")));
          },
        },
        {
          ALT: () => {
            this.CONSUME(sign.LeftBracket);
            this.SUBRULE(this.#rule("expr"), { LABEL: "index" });
            this.CONSUME(sign.RightBracket);
          },
        },
        {
          ALT: () => {
            this.CONSUME(sign.LeftParen);
            this.MANY_SEP({
              SEP: sign.Comma,
              DEF: () => this.SUBRULE1(this.#rule("expr"), { LABEL: "args" }),
            });
            this.CONSUME(sign.RightParen);
          },
        },
      ]);
    });
  }

  #values(): void {
    const { Name, Number, Text, Word, words, sign } = this.#tokens;
    const constants = ["true", "false", "all", "any"].map((word) => words.get(word) ?? Name);
    this.#define("primary", () => {
      this.OR({
        DEF: [
          { ALT: () => this.CONSUME(Number) },
          { ALT: () => this.CONSUME(Text) },
          ...constants.map((token) => ({
            ALT: () => this.CONSUME(token, { LABEL: "constant" }),
          })),
          {
            ALT: () => {
              this.CONSUME(Name);
              this.OPTION(() => this.SUBRULE(this.#rule("object")));
            },
          },
          {
            ALT: () => {
              this.CONSUME(sign.LeftParen);
              this.SUBRULE(this.#rule("expr"), { LABEL: "group" });
              this.CONSUME(sign.RightParen);
            },
          },
          { ALT: () => this.SUBRULE(this.#rule("list")) },
          { ALT: () => this.SUBRULE1(this.#rule("object")) },
        ],
        ERR_MSG: CHOICES.value,
      });
    });
    this.#define("list", () => {
      this.CONSUME(sign.LeftBracket);
      this.MANY_SEP({ SEP: sign.Comma, DEF: () => this.SUBRULE(this.#rule("expr")) });
      this.CONSUME(sign.RightBracket);
    });
    this.#define("object", () => {
      this.CONSUME(sign.LeftBrace);
      this.MANY({
        // Without this gate an invented ':' turns one missing '}' into many errors.
        GATE: () => tokenMatcher(this.LA(2), sign.Colon),
        DEF: () => {
          this.SUBRULE(this.#rule("pair"));
          this.OPTION(() => this.CONSUME(sign.Comma));
        },
      });
      this.CONSUME(sign.RightBrace);
    });
    this.#define("pair", () => {
      this.CONSUME(Word);
      this.CONSUME(sign.Colon);
      this.SUBRULE(this.#rule("expr"));
    });
  }
}

const beginnings = (rows: readonly Statement[], ...places: readonly string[]): readonly string[] =>
  rows.filter((row) => standsAt(row, ...places)).map((row) => row.keyword);

/** The lexer, the parser and their tokens: made once, for making them takes longer than parsing. */
export interface Machinery {
  readonly lexer: Lexer;
  readonly grammar: Grammar;
  readonly tokens: Tokens;
}

/** Makes lexer and parser from the rows. */
export function makeMachinery(rows: readonly Statement[], validate = false): Machinery {
  const tokens = makeTokens(rows);
  const lexer = new Lexer([...tokens.all], {
    ensureOptimizations: true,
    skipValidations: !validate,
    errorMessageProvider: {
      buildUnexpectedCharactersMessage: (text, start, length) => text.slice(start, start + length),
      buildUnableToPopLexerModeMessage: () => "",
    },
  });
  return { lexer, grammar: new Grammar(tokens, rows, validate), tokens };
}
