/** A script as text with positions: what diagnostics, spans and excerpts stand on. */
import type { Place } from "../core/mod.ts";

/** One file of the language: its name as the user gave it, and its text. */
export interface Source {
  readonly name: string;
  readonly text: string;
  /** Offset of the first character of each line. */
  readonly lines: readonly number[];
}

/** A stretch of one source, from `start` up to but not including `end`. */
export interface Span {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/** A place as people count: from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A byte sequence that is no UTF-8, by where it stands in the decoded text. */
export interface BadBytes {
  readonly source: Source;
  readonly badAt: readonly number[];
}

/** Wraps a text. A byte order mark at its start is dropped. */
export function sourceOf(name: string, given: string): Source {
  const text = given.startsWith("\uFEFF") ? given.slice(1) : given;
  const lines = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines.push(at + 1);
  return { name, text, lines };
}

/** Decodes a file. Lines that are no UTF-8 are listed by offset; the rest stays usable. */
export function decodeSource(name: string, bytes: Uint8Array): BadBytes {
  const loose = new TextDecoder("utf-8");
  const source = sourceOf(name, loose.decode(bytes));
  const strict = new TextDecoder("utf-8", { fatal: true });
  const badAt: number[] = [];
  let line = 0;
  for (let from = 0; from < bytes.length; line++) {
    const newline = bytes.indexOf(10, from);
    const to = newline < 0 ? bytes.length : newline;
    const part = bytes.subarray(from, to);
    try {
      strict.decode(part);
    } catch {
      badAt.push((source.lines[line] ?? 0) + Math.max(0, loose.decode(part).indexOf("\uFFFD")));
    }
    from = to + 1;
  }
  return { source, badAt };
}

/**
 * Line and column of an offset.
 *
 * @example
 * ```ts
 * import { positionOf, sourceOf } from "./source.ts";
 * const { line, column } = positionOf(sourceOf("a.ckpt", "ckpt 1\nlet x = 2\n"), 11);
 * if (line !== 2 || column !== 5) throw new Error("unreachable");
 * ```
 */
export function positionOf(source: Source, offset: number): Position {
  let low = 0;
  let high = source.lines.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((source.lines[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (source.lines[low] ?? 0) + 1 };
}

/** The text of one line, counted from 1, without its line end. */
export function lineText(source: Source, line: number): string {
  const start = source.lines[line - 1] ?? 0;
  const end = source.lines[line] ?? source.text.length + 1;
  return source.text.slice(start, end - 1).replace(/\r$/, "");
}

/** Where a span begins. */
export const placeData = (span: Span): Place => ({
  file: span.source.name,
  ...positionOf(span.source, span.start),
});

/** A place as `file:line:column`. */
export const showPlace = ({ file, line, column }: Place): string => `${file}:${line}:${column}`;

/** `file:line:column` of a span's start. */
export const placeOf = (span: Span): string => showPlace(placeData(span));
