/** The outline of a file, and what can be run from it. */
import type { StatementNode, TextLiteral } from "../ast.ts";
import { MAX_TIME_NS, replayArguments } from "../run.ts";
import type { Span } from "../source.ts";
import type { Analysis } from "./analysis.ts";
import { isDeclaration, type Occurrence } from "./names.ts";

/** A scenario or a declared name. */
export interface OutlineItem {
  readonly name: string;
  readonly kind: "scenario" | Occurrence["kind"];
  /** All of it, and its name. */
  readonly span: Span;
  readonly nameSpan: Span;
  readonly children: readonly OutlineItem[];
}

/** The scenarios of a file with what they declare, and what the file declares. */
export function outlineOf({ script, occurrences }: Analysis): readonly OutlineItem[] {
  const { source } = script.span;
  const declared = occurrences.filter((one) =>
    one.span.source === source && isDeclaration(one) && one.kind !== "parameter"
  );
  const within = ({ start, end }: Span) =>
    declared.filter(({ span }) => span.start >= start && span.end <= end).map((
      one,
    ): OutlineItem => ({
      name: one.text,
      kind: one.kind,
      span: one.span,
      nameSpan: one.span,
      children: [],
    }));
  return script.statements.flatMap((node): readonly OutlineItem[] => {
    const title = titleOf(node);
    if (title === undefined) return within(node.span);
    return [{
      name: title.value,
      kind: "scenario",
      span: node.span,
      nameSpan: title.span,
      children: within(node.span),
    }];
  });
}

const titleOf = (node: StatementNode): TextLiteral | undefined =>
  node.row.keyword === "scenario" ? node.args["title"] as TextLiteral : undefined;

/** A line above something by which it is run. */
export interface Lens {
  readonly span: Span;
  readonly title: string;
  /** Arguments of `run` that choose the cells. */
  readonly args: readonly string[];
}

/** A cell that did not hold when it was last run from the editor. */
export interface FailedCell {
  readonly id: string;
  /** Under which seed, where one is to be told. */
  readonly seed?: number;
}

/** What a cell is called under all its seeds. */
const nameOf = (id: string): string => id.slice(0, id.lastIndexOf("@"));

/** The cells of a scenario and no others: a title may be a part of another one. */
const filterOf = (file: string, title: string): string =>
  `/^${RegExp.escape(`${file}#${title}`)}(\\[\\w+=.*\\])?@[\\d.]+$/s`;

/** `run` above each scenario, `replay` above those with cells that failed. */
export function lensesOf(analysis: Analysis, failed: readonly FailedCell[]): readonly Lens[] {
  const errors = analysis.loaded.diagnostics.some(({ severity }) => severity === "error");
  if (errors) return [];
  return analysis.loaded.scenarios.flatMap(({ title, span, plans }) => {
    const cells = plans.length === 1 ? "" : ` ${plans.length} cells`;
    const args = ["--filter", filterOf(analysis.path, title)];
    const replays = plans.flatMap((plan) =>
      failed.filter(({ id }) => nameOf(id) === nameOf(plan.id)).map(({ seed }): Lens => {
        const id = seed === undefined ? plan.id : `${nameOf(plan.id)}@${seed}`;
        const title = `⟳ replay ${id.slice(plan.file.length + 1)}`;
        return { span, title, args: replayArguments(plan, { maxTimeNs: MAX_TIME_NS }, seed) };
      })
    );
    return [{ span, title: `▶ run${cells}`, args }, ...replays];
  });
}
