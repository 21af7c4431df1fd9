/** Reads usage lines: the one text a statement's rule, type, help and printer come from. */
import type { Kinds } from "./statement.ts";

/** A word of the language, or punctuation, that stands as written. */
export interface WordPart {
  readonly part: "word";
  readonly word: string;
  /** Distinguishes equal things within one rule, as chevrotain wants. */
  readonly index: number;
}

/** `<name:kind>`, `<name:kind*>`, `<name:one|two>` */
export interface HolePart {
  readonly part: "hole";
  readonly name: string;
  readonly kind: string;
  /** The words of a choice. */
  readonly choices?: readonly string[];
  readonly repeat?: "*" | "+";
  readonly index: number;
}

/** `[ … ]`: all of it or nothing. */
export interface OptionPart {
  readonly part: "option";
  readonly parts: readonly (WordPart | HolePart)[];
  readonly index: number;
}

/** One part of a usage line. */
export type Part = WordPart | HolePart | OptionPart;

const PIECE = /<(\w+)(?::([\w|]+)([*+])?)?>|[[\]]|[^\s[\]<>]+/g;

function hole(match: RegExpMatchArray, index: number): HolePart {
  const [, name = "", given, repeat] = match;
  const kind = given ?? name;
  const choices = Object.hasOwn(KINDS, kind) ? {} : { choices: kind.split("|") };
  return {
    part: "hole",
    name,
    kind,
    index,
    ...choices,
    ...(repeat === "*" || repeat === "+" ? { repeat } : {}),
  };
}

/** The kinds by name; anything else behind the colon is a choice of words. */
const KINDS: Readonly<Record<keyof Kinds, true>> = {
  name: true,
  text: true,
  number: true,
  tag: true,
  expr: true,
  object: true,
  ref: true,
  targets: true,
  strategy: true,
  signature: true,
  row: true,
  axis: true,
  alternative: true,
  link: true,
  item: true,
  action: true,
};

/**
 * Splits a usage line.
 *
 * @example
 * ```ts
 * import { parseUsage } from "./usage.ts";
 * const [word, hole] = parseUsage("seed <value:number>");
 * if (word?.part !== "word" || hole?.part !== "hole") throw new Error("unreachable");
 * ```
 */
export function parseUsage(usage: string): readonly Part[] {
  const parts: Part[] = [];
  let group: (WordPart | HolePart)[] | undefined;
  let index = 0;
  for (const match of usage.matchAll(PIECE)) {
    const text = match[0];
    if (text === "[") {
      group = [];
    } else if (text === "]") {
      parts.push({ part: "option", parts: group ?? [], index: index++ });
      group = undefined;
    } else {
      const part: WordPart | HolePart = text.startsWith("<")
        ? hole(match, index++)
        : { part: "word", word: text, index: index++ };
      (group ?? parts).push(part);
    }
  }
  return parts;
}

/** The parts of a usage line, those of its optional groups among them. */
export function flatParts(parts: readonly Part[]): readonly (WordPart | HolePart)[] {
  return parts.flatMap((part) => part.part === "option" ? part.parts : [part]);
}

/** The holes of a usage line. */
export const holesOf = (parts: readonly Part[]): readonly HolePart[] =>
  flatParts(parts).filter((part) => part.part === "hole");

/** The words of a usage line: those that stand as written, and those that may be chosen. */
export function wordsOf(parts: readonly Part[]): { written: string[]; chosen: string[] } {
  const written: string[] = [];
  const chosen: string[] = [];
  for (const part of flatParts(parts)) {
    if (part.part === "word") {
      if (/^[a-z]/.test(part.word)) written.push(part.word);
    } else if (part.choices !== undefined) chosen.push(...part.choices);
  }
  return { written, chosen };
}
