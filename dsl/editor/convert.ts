/** From the language's terms to those of the language server protocol. */
import {
  CompletionItemKind,
  type Diagnostic as LspDiagnostic,
  DiagnosticSeverity,
  type DocumentSymbol,
  type Location,
  type Range,
  SemanticTokensBuilder,
  SymbolKind,
} from "vscode-languageserver";
import type { TextLiteral } from "../ast.ts";
import { type Diagnostic, headline } from "../diagnostic.ts";
import { resolvePath } from "../load.ts";
import { positionOf, type Source, type Span } from "../source.ts";
import type { Analysis } from "./analysis.ts";
import type { Completion } from "./complete.ts";
import type { OutlineItem } from "./outline.ts";
import { colouredTokens, TOKEN_TYPES } from "./tokens_of.ts";
import { uriOf } from "./workspace.ts";

/** A place counted from 0. */
function place(source: Source, offset: number) {
  const { line, column } = positionOf(source, offset);
  return { line: line - 1, character: column - 1 };
}

/** The range of a span. */
export const rangeOf = ({ source, start, end }: Span): Range => ({
  start: place(source, start),
  end: place(source, end),
});

/** Where a span is. */
export const locationOf = (span: Span): Location => ({
  uri: uriOf(span.source.name),
  range: rangeOf(span),
});

/** What stands in included files is told where the file is included. */
export function diagnosticOf(item: Diagnostic, analysis: Analysis): LspDiagnostic {
  const meant = item.suggestion === undefined ? "" : `; did you mean '${item.suggestion}'?`;
  const base = {
    severity: item.severity === "error" ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
    code: item.code,
    source: "ckptlab",
  };
  if (item.span.source.name === analysis.path) {
    const data = item.suggestion === undefined ? {} : { data: item.suggestion };
    return { ...base, ...data, range: rangeOf(item.span), message: item.message + meant };
  }
  const includes = analysis.script.statements.filter(({ row }) => row.keyword === "include");
  // Of what is included through another file the first include has to speak.
  const include = includes.find(({ args }) =>
    resolvePath(analysis.path, (args["file"] as TextLiteral).value) === item.span.source.name
  );
  const span = (include ?? includes[0])?.span ?? { ...analysis.script.span, end: 1 };
  const relatedInformation = [{ location: locationOf(item.span), message: item.message }];
  return { ...base, range: rangeOf(span), message: headline(item), relatedInformation };
}

const COMPLETION_KINDS: Readonly<Record<Completion["kind"], CompletionItemKind>> = {
  word: CompletionItemKind.Keyword,
  sign: CompletionItemKind.Operator,
  name: CompletionItemKind.Variable,
  unit: CompletionItemKind.Unit,
  tag: CompletionItemKind.Constant,
  file: CompletionItemKind.File,
};

/** Names first, then words, signs last. */
const ORDER: readonly Completion["kind"][] = ["file", "name", "unit", "tag", "word", "sign"];

/** A completion that replaces what was typed of it. */
export const completionOf = ({ label, kind }: Completion, range: Range) => ({
  label,
  kind: COMPLETION_KINDS[kind],
  sortText: `${ORDER.indexOf(kind)}${label}`,
  textEdit: { range, newText: label },
});

const SYMBOL_KINDS: Readonly<Record<OutlineItem["kind"], SymbolKind>> = {
  scenario: SymbolKind.Namespace,
  let: SymbolKind.Constant,
  value: SymbolKind.Constant,
  node: SymbolKind.Object,
  process: SymbolKind.Class,
  checkpoint: SymbolKind.Event,
  alternative: SymbolKind.EnumMember,
  parameter: SymbolKind.Variable,
  profile: SymbolKind.Struct,
  plugin: SymbolKind.Package,
};

/** An item of the outline with what is below it. */
export const symbolOf = (item: OutlineItem): DocumentSymbol => ({
  name: item.name === "" ? '""' : item.name,
  kind: SYMBOL_KINDS[item.kind],
  range: rangeOf(item.span),
  selectionRange: rangeOf(item.nameSpan),
  children: item.children.map(symbolOf),
});

/** What the numbers of {@linkcode semanticTokens} mean. */
export const LEGEND = { tokenTypes: [...TOKEN_TYPES], tokenModifiers: ["declaration"] };

/** The colours of a file. */
export function semanticTokens(analysis: Analysis) {
  const builder = new SemanticTokensBuilder();
  for (const { start, length, kind, declares } of colouredTokens(analysis)) {
    const { line, character } = place(analysis.source, start);
    builder.push(line, character, length, TOKEN_TYPES.indexOf(kind), declares ? 1 : 0);
  }
  return builder.build();
}
