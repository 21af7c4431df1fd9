/** What is told of the thing under the pointer: every word of it comes from the tables. */
import { describeOption, showOption } from "../options.ts";
import type { Known } from "../notes.ts";
import { metricUsage } from "../read_metric.ts";
import { type Entry, TOPICS } from "../reference.ts";
import { STATEMENTS } from "../statements/mod.ts";
import { lineText, positionOf, type Span } from "../source.ts";
import type { Vocabulary } from "../vocabulary.ts";
import { written } from "../vocabulary.ts";
import type { Analysis } from "./analysis.ts";
import { lookUp } from "./look_up.ts";
import { isDeclaration, type Occurrence } from "./names.ts";
import { tokenAt } from "./tokens_of.ts";

/** A text in Markdown about a stretch of the file. */
export interface Hover {
  readonly start: number;
  readonly end: number;
  readonly markdown: string;
}

const code = (text: string): string => "```ckpt\n" + text + "\n```";

/** An entry of the reference. */
function entryMarkdown({ name, help, rows = [] }: Entry): string {
  const list = rows.map(([left, right]) => `- \`${left}\` ${right}`).join("\n");
  return [code(name), help, list].filter((part) => part !== "").join("\n\n");
}

/** The entry of a topic that answers to a name. */
export function entryOf(
  topicName: string,
  name: string,
  vocabulary: Vocabulary,
): Entry | undefined {
  const topic = TOPICS.find((one) => one.name === topicName);
  const answer = topic === undefined ? {} : lookUp(name, vocabulary, topic);
  return "found" in answer ? answer.found[0]?.entry : undefined;
}

/** A row of the registry as the reference has it. */
export function knownMarkdown(known: Known, vocabulary: Vocabulary): string {
  switch (known.kind) {
    case "option": {
      const { name, option } = known;
      const heading = code(`${written(name)}: ${showOption(option)}`);
      return `${heading}\n\n${option.doc} Takes ${describeOption(option)}; ` +
        `without it ${showOption(option)}.`;
    }
    case "metric": {
      const { of, row } = known;
      return `${code(`${of}.${metricUsage(row)}`)}\n\n${row.help}\n\n` +
        `Unit: ${row.unit}; of several: ${row.combine}.`;
    }
    case "strategy": {
      const { role, row } = known;
      const entry = entryOf(`${role}s`, written(row.name), vocabulary);
      return `${entry === undefined ? row.help : entryMarkdown(entry)}\n\nA ${role}.`;
    }
  }
}

/** The line something is declared on. */
function declaredAs({ source, start }: Span): string {
  const { line } = positionOf(source, start);
  return lineText(source, line).trim();
}

const KINDS: Readonly<Record<Occurrence["kind"], string>> = {
  let: "a let, an axis or a column",
  value: "a value",
  node: "a node",
  process: "a process",
  checkpoint: "a checkpoint",
  alternative: "an alternative of compare",
  parameter: "a parameter",
  profile: "a profile",
};

function nameMarkdown(found: Occurrence, path: string): string {
  const { source } = found.target;
  const place = source.name === path ? "" : ` (${source.name})`;
  const text = isDeclaration(found) ? "" : `\n\n${code(declaredAs(found.target))}`;
  return `**${found.text}**: ${KINDS[found.kind]}${place}${text}`;
}

/** What the word at a place is. */
export function hoverAt(
  analysis: Analysis,
  offset: number,
  vocabulary: Vocabulary,
): Hover | undefined {
  const token = tokenAt(analysis.source.text, offset);
  if (token === undefined) return undefined;
  const start = token.startOffset;
  const end = start + token.image.length;
  const noted = analysis.notes.find((one) => one.start === start);
  const declared = analysis.occurrences.find(({ span }) =>
    span.source === analysis.source && span.start === start
  );
  const parts = [
    ...declared === undefined ? [] : [nameMarkdown(declared, analysis.path)],
    ...noted === undefined ? [] : [knownMarkdown(noted.known, vocabulary)],
  ];
  if (parts.length === 0) parts.push(...wordMarkdown(token.image, vocabulary));
  return parts.length === 0 ? undefined : { start, end, markdown: parts.join("\n\n---\n\n") };
}

/** A word of the language: the statement it begins, or else what the reference has of it. */
function wordMarkdown(word: string, vocabulary: Vocabulary): readonly string[] {
  const rows = STATEMENTS.filter(({ keyword }) => keyword === word);
  const entries = rows.length > 0
    ? [entryOf("statements", word, vocabulary)]
    : [entryOf("functions", word, vocabulary)];
  return entries.flatMap((entry) => entry === undefined ? [] : [entryMarkdown(entry)]);
}

/** What is said of something that may be typed. */
export function completionHelp(
  label: string,
  vocabulary: Vocabulary,
): { readonly detail: string; readonly markdown: string } | undefined {
  const answer = lookUp(label, vocabulary);
  if (!("found" in answer)) return undefined;
  const [first] = answer.found;
  if (first === undefined) return undefined;
  return {
    detail: [...new Set(answer.found.map(({ topic }) => topic.name.replace(/s$/, "")))].join(", "),
    markdown: answer.found.map(({ entry }) => entryMarkdown(entry)).join("\n\n---\n\n"),
  };
}
