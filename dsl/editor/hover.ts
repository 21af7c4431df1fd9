/** What is told of the thing under the pointer: every word of it comes from the tables. */
import { describeOption, showOption } from "../options.ts";
import type { Known } from "../notes.ts";
import { metricUsage } from "../read_metric.ts";
import type { Entry } from "../reference.ts";
import { STATEMENTS } from "../statements/mod.ts";
import { lineText, positionOf, type Span } from "../source.ts";
import type { StatementNode } from "../ast.ts";
import { wordsOf } from "../usage.ts";
import type { Vocabulary } from "../vocabulary.ts";
import { written } from "../vocabulary.ts";
import type { Analysis } from "./analysis.ts";
import { describeMember } from "./describe_plan.ts";
import { lookUp, singular, topicOf } from "./look_up.ts";
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
  const topic = topicOf(topicName);
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
      const entry = entryOf(role, written(row.name), vocabulary);
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
  plugin: "a plugin",
};

function nameMarkdown(found: Occurrence, { path, script, loaded }: Analysis): string {
  const { source } = found.target;
  const place = source.name === path ? "" : ` (${source.name})`;
  const text = isDeclaration(found) ? "" : `\n\n${code(declaredAs(found.target))}`;
  const node = script.statements.find(({ span }) =>
    span.start <= found.span.start && found.span.end <= span.end
  );
  const plan = loaded.scenarios.find(({ span }) => span.start === node?.span.start)?.plans[0];
  const member = plan === undefined ? undefined : describeMember(found.text, plan);
  const resolved = member === undefined ? "" : `\n\n${member}`;
  return `**${found.text}**: ${KINDS[found.kind]}${place}${text}${resolved}`;
}

/** What the word at a place is. */
export function hoverAt(analysis: Analysis, offset: number): Hover | undefined {
  const { vocabulary } = analysis;
  const token = tokenAt(analysis.source.text, offset);
  if (token === undefined) return undefined;
  const start = token.startOffset;
  const end = start + token.image.length;
  const noted = analysis.notes.find((one) => one.start === start);
  const declared = analysis.occurrences.find(({ span }) =>
    span.source === analysis.source && span.start === start
  );
  const parts = [
    ...declared === undefined ? [] : [nameMarkdown(declared, analysis)],
    ...noted === undefined ? [] : [knownMarkdown(noted.known, vocabulary)],
  ];
  if (parts.length === 0) parts.push(...wordMarkdown(analysis, start, token.image));
  return parts.length === 0 ? undefined : { start, end, markdown: parts.join("\n\n---\n\n") };
}

/** The statements around a place, outermost first. */
function statementsAt(nodes: readonly StatementNode[], offset: number): readonly StatementNode[] {
  const node = nodes.find(({ span }) => span.start <= offset && offset < span.end);
  if (node === undefined) return [];
  const inner = Object.values(node.args).flat()
    .filter((value) => typeof value === "object" && value !== null && "row" in value);
  return [node, ...statementsAt(inner as StatementNode[], offset)];
}

/** A word of the language: the statement it belongs to, or else what the reference has of it. */
function wordMarkdown(
  { script, vocabulary }: Analysis,
  offset: number,
  word: string,
): readonly string[] {
  const node = statementsAt(script.statements, offset).findLast(({ row }) => {
    const { written, chosen } = wordsOf(row.parts);
    return [...written, ...chosen].includes(word);
  });
  const statement = node?.row ?? STATEMENTS.find(({ keyword }) => keyword === word);
  const entry = statement === undefined
    ? entryOf("functions", word, vocabulary)
    : entryOf("statements", statement.keyword, vocabulary);
  return entry === undefined ? [] : [entryMarkdown(entry)];
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
    detail: [...new Set(answer.found.map(({ topic }) => singular(topic.name)))].join(", "),
    markdown: answer.found.map(({ entry }) => entryMarkdown(entry)).join("\n\n---\n\n"),
  };
}
