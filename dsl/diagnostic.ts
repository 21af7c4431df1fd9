/** A diagnostic: the user's doing, with code, place, cause and suggestion. Parsing never throws. */
import type { DiagnosticData } from "../core/mod.ts";
import type { CodeName } from "./codes.ts";
import { lineText, placeData, positionOf, showPlace, type Span } from "./source.ts";

/** How much a diagnostic matters: an error keeps a script from running. */
export type Severity = "error" | "warning";

/** One thing that is wrong with a script. */
export interface Diagnostic {
  readonly code: CodeName;
  readonly severity: Severity;
  readonly span: Span;
  /** One line: what was found and what was expected. */
  readonly message: string;
  /** What was probably meant. */
  readonly suggestion?: string;
}

/** Puts a diagnostic together. */
export function diagnostic(
  code: CodeName,
  span: Span,
  message: string,
  suggestion?: string,
  severity: Severity = "error",
): Diagnostic {
  const base = { code, severity, span, message };
  return suggestion === undefined ? base : { ...base, suggestion };
}

/** True for what keeps a script from running. */
export const isError = ({ severity }: Pick<Diagnostic, "severity">): boolean =>
  severity === "error";

/** Ordered by place and without repetitions: what each case of a table says again counts once. */
export function sortedDiagnostics(list: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Map<string, Diagnostic>();
  for (const item of list) {
    const key = `${item.span.source.name}:${item.span.start}:${item.code}:${item.message}`;
    if (!seen.has(key)) seen.set(key, item);
  }
  return [...seen.values()].sort((a, b) =>
    a.span.source.name < b.span.source.name
      ? -1
      : a.span.source.name > b.span.source.name
      ? 1
      : a.span.start - b.span.start || (a.code < b.code ? -1 : 1)
  );
}

const WIDTH = 96;

/** The source line, cut to a window around the place, and carets below the span. */
export function excerpt(span: Span): string {
  const { line, column } = positionOf(span.source, span.start);
  const text = lineText(span.source, line).replaceAll("\t", " ");
  const from = column - 1 <= WIDTH - 16 ? 0 : column - 1 - WIDTH / 2;
  const shown = text.slice(from, from + WIDTH).replace(/\p{Cc}/gu, "\u00B7");
  const room = Math.max(1, from + WIDTH - (column - 1));
  const left = Math.max(1, text.length - (column - 1));
  const carets = "^".repeat(Math.max(1, Math.min(span.end - span.start, room, left)));
  const margin = `${line} | `;
  const before = from > 0 ? "…" : "";
  const after = text.length > from + WIDTH ? "…" : "";
  const indent = " ".repeat(column - 1 - from + before.length);
  return `${margin}${before}${shown}${after}\n${" ".repeat(margin.length - 2)}| ${indent}${carets}`;
}

/** The one line of a diagnostic: place, severity, code, cause, suggestion. */
export function headlineOf(item: DiagnosticData): string {
  const meant = item.suggestion === undefined ? "" : `; did you mean '${item.suggestion}'?`;
  return `${showPlace(item)} ${item.severity} ${item.code}: ${item.message}${meant}`;
}

/** The same of a diagnostic that still knows its source. */
export const headline = (item: Diagnostic): string => headlineOf(diagnosticData(item));

/** The diagnostic as people read it: one line, then the place with carets. */
export const renderDiagnostic = (item: Diagnostic): string =>
  `${headline(item)}\n${excerpt(item.span)}`;

/** The diagnostic as data. */
export function diagnosticData(item: Diagnostic): DiagnosticData {
  const data = {
    code: item.code,
    severity: item.severity,
    ...placeData(item.span),
    length: item.span.end - item.span.start,
    message: item.message,
  };
  return item.suggestion === undefined ? data : { ...data, suggestion: item.suggestion };
}
