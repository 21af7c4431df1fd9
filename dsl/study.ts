/** What a reader of figures wants to know of their scenario: what it is about, and on what it ran. */
import { PROFILE, type ScenarioBegun } from "../core/mod.ts";
import type { Script, StatementNode } from "./ast.ts";
import { showOption } from "./options.ts";
import type { Plan } from "./plan.ts";
import { positionOf } from "./source.ts";

/** Of a scenario with figures. */
export type Study = Required<Pick<ScenarioBegun, "about" | "hardware">>;

/**
 * The comment above a scenario; of the first one also that at the head of its file, which is written
 * about it when it is the only one.
 */
function commentAbove({ span }: StatementNode, { statements, comments }: Script): string {
  const lineOf = (at: number): number => positionOf(span.source, at).line;
  const scenarios = statements.filter(({ row }) => row.keyword === "scenario");
  const before = statements.filter((one) => one.span.end <= span.start);
  // A comment inside of what stands before is about that.
  const isFree = (at: number): boolean =>
    at < span.start && !before.some((one) => one.span.start < at && at < one.span.end);
  const blocks: { text: string[]; last: number }[] = [];
  for (const comment of comments.filter((one) => isFree(one.span.start))) {
    const line = lineOf(comment.span.start), open = blocks.at(-1);
    const text = comment.text.replace(/^\/\/ ?/, "");
    if (open !== undefined && open.last === line - 1) {
      open.text.push(text);
      open.last = line;
    } else blocks.push({ text: [text], last: line });
  }
  const isFirst = scenarios[0]?.span.start === span.start;
  const above = blocks.findLast(({ last }) => last === lineOf(span.start) - 1);
  const head = isFirst ? blocks.find((block) => block.last <= 2 + block.text.length) : undefined;
  const found = head === above ? [head] : [head, above];
  return found.flatMap((block) => block === undefined ? [] : [block.text.join("\n")]).join("\n\n");
}

/** What all nodes of all cells have in common, by the keys of a profile. */
function hardwareOf(plans: readonly Plan[]): Study["hardware"] {
  const profiles = plans.flatMap(({ nodes }) => nodes.map(({ profile }) => profile));
  return Object.entries(PROFILE).map(([key, option]) => {
    const values = new Set(profiles.map((profile) => profile[key as keyof typeof PROFILE]));
    const [value] = values;
    return [key, values.size > 1 ? "varies" : showOption(option, value)] as const;
  });
}

/** Nothing for a scenario that shows no figures. */
export function studyOf(
  node: StatementNode,
  script: Script | undefined,
  plans: readonly Plan[],
): Study | undefined {
  if (script === undefined || plans.every(({ figures }) => figures.length === 0)) return undefined;
  return { about: commentAbove(node, script), hardware: hardwareOf(plans) };
}
