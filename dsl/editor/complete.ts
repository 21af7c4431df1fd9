/**
 * What may be typed at a place. Words and signs come from a walk over the grammar. Names come from
 * checking the script with a word at that place that nobody knows: whatever a suggestion would be
 * chosen from is what fits. So neither has a list of its own.
 */
import type { IToken, TokenType } from "chevrotain";
import type { Host } from "../host.ts";
import { load, type ReadFile, resolvePath } from "../load.ts";
import { machinery } from "../parse.ts";
import { STATEMENTS } from "../statements/mod.ts";
import { candidatesFor } from "../suggest.ts";
import { UNITS } from "../units.ts";
import { holesOf } from "../usage.ts";
import type { Vocabulary } from "../vocabulary.ts";
import { analyse } from "./analysis.ts";
import { GrammarGraph } from "./grammar_graph.ts";
import { type Next, Walk } from "./grammar_walk.ts";

/** Something that may be typed. */
export interface Completion {
  readonly label: string;
  readonly kind: "word" | "sign" | "name" | "unit" | "tag" | "file";
}

/** Completions, and the stretch of text they replace. */
export interface Completions {
  readonly start: number;
  readonly end: number;
  readonly items: readonly Completion[];
}

/** Where something is typed, and what is around it. */
export interface Place {
  readonly path: string;
  readonly text: string;
  readonly offset: number;
  readonly readFile: ReadFile;
  readonly readDir: Host["readDir"];
  readonly vocabulary: Vocabulary;
}

/** A word no script has. */
const NOBODY = "nobody_knows_this";

let graph: GrammarGraph | undefined;

/** Made at the first use and kept, as the parser is. */
function grammarGraph(): GrammarGraph {
  graph ??= new GrammarGraph(machinery().machinery.grammar.getGAstProductions());
  return graph;
}

/** Words that begin a statement outside scenarios and nothing inside. */
const OUTSIDE = new Set(
  STATEMENTS.filter(({ place, also }) => place === "file" && also === undefined)
    .map(({ keyword }) => keyword),
);

/** A walk up to a place. It begins at the last statement of the file that surely begins there. */
function walkTo(tokens: readonly IToken[]): Walk {
  const begins = (token: IToken, i: number) =>
    token.tokenType.name.startsWith("Word_") && OUTSIDE.has(token.image) &&
    tokens[i - 1]?.image !== "." && token.startColumn === 1;
  const from = Math.max(0, tokens.findLastIndex(begins));
  const walk = new Walk(grammarGraph(), "file");
  for (let i = from; i < tokens.length; i++) {
    const token = tokens[i];
    if (token !== undefined) walk.read(token, tokens[i + 1]);
  }
  return walk;
}

const isWordLike = (token: IToken): boolean => /^[A-Za-z_@]/.test(token.image);

/** A token as one would type it, when any of its kind will do. */
function typed(type: TokenType): string {
  if (type.name.startsWith("Word_")) return type.name.slice(5);
  if (typeof type.PATTERN === "string") return type.PATTERN;
  return { Number: "1", Text: '""', Tag: "@x" }[type.name] ?? "x";
}

/** The stretch that is being typed and the tokens before it. */
interface Cut {
  readonly start: number;
  readonly end: number;
  readonly before: readonly IToken[];
  /** The place is within this text. */
  readonly text?: IToken;
}

/** Nothing within a comment. */
function cutAt(text: string, offset: number): Cut | undefined {
  const { lexer, tokens: types } = machinery().machinery;
  const { tokens, groups } = lexer.tokenize(text);
  const ends = (token: IToken) => token.startOffset + token.image.length;
  const inComment = (groups["comments"] ?? []).some((token) =>
    token.startOffset < offset && offset <= ends(token)
  );
  if (inComment) return undefined;
  const at = tokens.find((token) => token.startOffset < offset && offset <= ends(token));
  const before = tokens.filter((token) => ends(token) <= offset && token !== at);
  if (at === undefined) return { start: offset, end: offset, before };
  const isOpen = at.tokenType === types.OpenText;
  if (at.tokenType === types.Text && offset < ends(at) || isOpen) {
    return { start: at.startOffset + 1, end: ends(at) - (isOpen ? 0 : 1), before, text: at };
  }
  if (isWordLike(at) || at.tokenType === types.Number) {
    return { start: at.startOffset, end: ends(at), before };
  }
  return { start: offset, end: offset, before: [...before, at] };
}

/** The same place in a text that was made of the one that is there. */
function withText(place: Place, text: string): Place {
  const bytes = new TextEncoder().encode(text);
  const readFile: ReadFile = (path) =>
    path === place.path ? Promise.resolve(bytes) : place.readFile(path);
  return { ...place, text, readFile };
}

/** What the unknown word in a text could have been meant as. */
async function ask({ path, readFile, vocabulary }: Place): Promise<readonly string[]> {
  const overrides = { values: new Map(), used: new Set<string>() };
  return await candidatesFor(NOBODY, async () => {
    await load(path, readFile, { vocabulary, overrides });
  });
}

/** Where nobody looks the word up: every declared name, unless the word itself is being declared. */
async function declaredNames(
  { path, readFile, vocabulary }: Place,
): Promise<readonly string[]> {
  const occurrences = (await analyse(path, readFile, vocabulary))?.occurrences ?? [];
  const names = occurrences.filter(({ kind }) => kind !== "parameter").map(({ text }) => text);
  return names.includes(NOBODY) ? [] : [...new Set(names)];
}

/** The names that fit; where the statement is not finished it is ended the shortest way. */
async function namesAt(place: Place, cut: Cut): Promise<readonly string[]> {
  const head = place.text.slice(0, cut.start) + NOBODY;
  const tail = place.text.slice(cut.end);
  const asItIs = await ask(withText(place, head + tail));
  if (asItIs.length > 0) return asItIs;
  const { lexer } = machinery().machinery;
  const before = cut.text === undefined ? cut.before : [...cut.before, cut.text];
  const walk = walkTo(before);
  if (cut.text === undefined) {
    for (const token of lexer.tokenize(NOBODY).tokens) walk.read(token);
  }
  const quote = cut.text === undefined ? "" : '"';
  const newline = tail.indexOf("\n");
  const rest = newline < 0 ? "" : tail.slice(newline);
  const ended = (tokens: readonly string[]) =>
    withText(place, `${head}${quote} ${tokens.join(" ")}${rest}`);
  const all = walk.ending("item", "file").map(typed);
  const line = walk.ending(...LINES, "file").map(typed);
  // What was begun on this line, then the line of a block, for more may follow; then everything.
  for (const tokens of [...bracketsEnded(place.text, cut, all), line, all]) {
    const found = await ask(ended(tokens));
    if (found.length > 0) return found;
  }
  return cut.text === undefined ? await declaredNames(ended(line)) : [];
}

/**
 * The part of an ending that closes the brackets of the last line; in a list with a comma, for it
 * may go on behind it, and without. Nothing when the line is in no brackets but a block's.
 */
function bracketsEnded(
  text: string,
  { before, start }: Cut,
  ending: readonly string[],
): readonly (readonly string[])[] {
  const open: IToken[] = [];
  for (const token of before) {
    if (/^[([{]$/.test(token.image)) open.push(token);
    else if (/^[)\]}]$/.test(token.image)) open.pop();
  }
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  const own = open.filter((token) => token.startOffset >= lineStart).length;
  const outer = open[open.length - own - 1]?.image;
  const goesOn = outer === "[" || outer === "(";
  if (own === 0) return goesOn ? [[","], []] : [];
  let depth = own;
  const end = ending.findIndex((token) => {
    if (/^[([{]$/.test(token)) depth++;
    return /^[)\]}]$/.test(token) && --depth === 0;
  });
  const closed = ending.slice(0, end + 1);
  return goesOn ? [[...closed, ","], closed] : [closed];
}

/** The rules of what stands line by line between braces. */
const LINES: readonly string[] = [
  ...new Set(
    STATEMENTS.flatMap(({ parts }) => holesOf(parts))
      .flatMap(({ kind, repeat }) => repeat === undefined ? [] : [kind]),
  ),
];

/** The words and signs among what may come next. */
function fixed(next: readonly Next[]): readonly Completion[] {
  const labels = new Map<string, Completion>();
  for (const { token } of next) {
    if (token.name.startsWith("Word_")) {
      labels.set(token.name, { label: token.name.slice(5), kind: "word" });
    } else if (typeof token.PATTERN === "string") {
      labels.set(token.name, { label: token.PATTERN, kind: "sign" });
    }
  }
  return [...labels.values()];
}

/** `20` with every unit behind it. */
const withUnits = (typed: string): readonly Completion[] =>
  /^\d[\d_.]*/.exec(typed)?.flatMap((digits) =>
    [...UNITS.map(({ symbol }) => symbol), "%"].map((unit): Completion => ({
      label: digits + unit,
      kind: "unit",
    }))
  ) ?? [];

/** Statements that name a file: a text stands directly behind their word. */
const NAMES_FILE = new Set(
  STATEMENTS.filter(({ place, parts: [, next] }) =>
    place === "file" && next?.part === "hole" && next.kind === "text"
  ).map(({ keyword }) => keyword),
);

/** Files and folders below what was typed of a path. */
async function filesAt(place: Place, { start, end }: Cut): Promise<Completions> {
  const typed = place.text.slice(start, place.offset);
  const slash = typed.lastIndexOf("/") + 1;
  const folder = resolvePath(place.path, typed.slice(0, slash));
  // Where there is no such folder, nothing can be offered.
  const entries = await place.readDir(folder).catch(() => []);
  const items = entries.filter(({ name }) => !name.startsWith("."))
    .filter(({ name, isDirectory }) => isDirectory || /\.(?:ckpt|[jt]s)$/.test(name))
    .map(({ name, isDirectory }): Completion => ({
      label: isDirectory ? `${name}/` : name,
      kind: "file",
    }));
  return { start: start + slash, end, items };
}

/**
 * Everything that may be typed at a place.
 *
 * @example
 * ```ts
 * import { complete } from "./complete.ts";
 * import { parts } from "../../mod.ts";
 * const nothing = () => Promise.reject(new Error("there is no other file"));
 * const text = 'ckpt 1\nscenario "a" {\n  at 5ms crash p ';
 * const { vocabulary } = parts;
 * const { items } = await complete({
 *   path: "a.ckpt",
 *   text,
 *   offset: text.length,
 *   readFile: nothing,
 *   readDir: nothing,
 *   vocabulary,
 * });
 * if (!items.some(({ label }) => label === "losing")) throw new Error("unreachable");
 * ```
 */
export async function complete(place: Place): Promise<Completions> {
  const { text, offset } = place;
  const cut = cutAt(text, offset);
  if (cut === undefined) return { start: offset, end: offset, items: [] };
  const { start, end } = cut;
  const named = (labels: readonly string[]) =>
    labels.map((label): Completion => ({ label, kind: "name" }));
  if (cut.text !== undefined && NAMES_FILE.has(cut.before.at(-1)?.image ?? "")) {
    return await filesAt(place, cut);
  }
  if (cut.text !== undefined) return { start, end, items: named(await namesAt(place, cut)) };
  const walk = walkTo(cut.before);
  const next = walk.next();
  const kinds = new Set(next.map(({ token }) => token.name));
  const items = [...fixed(next)];
  if (kinds.has("Number")) items.push(...withUnits(text.slice(start, offset)));
  if (kinds.has("Tag")) items.push(...tagsOf(text));
  if (kinds.has("Name") || kinds.has("Word")) items.push(...named(await namesAt(place, cut)));
  const seen = new Set<string>();
  const once = items.filter(({ label }) => !seen.has(label) && seen.add(label) !== undefined);
  return { start, end, items: once };
}

/** Tags the file has. */
function tagsOf(text: string): readonly Completion[] {
  const { lexer, tokens: types } = machinery().machinery;
  const tags = lexer.tokenize(text).tokens.filter((token) => token.tokenType === types.Tag);
  return [...new Set(tags.map((token) => token.image))]
    .map((label): Completion => ({ label, kind: "tag" }));
}
