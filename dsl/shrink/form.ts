/** A scenario that can be taken apart: its statements as a list, and what it needs from its file. */
import type { Script, StatementNode } from "../ast.ts";
import { formatScript } from "../editor/layout.ts";
import { printStatement } from "../format.ts";
import { parse } from "../parse.ts";
import { printText } from "../print.ts";
import { sourceOf } from "../source.ts";

/** One scenario with the lets, profiles and plugins of its file. Data; changed by making another. */
export interface Form {
  /** `let`, `profile`, `use`: what stands outside the scenario. */
  readonly head: readonly StatementNode[];
  readonly title: string;
  /** The statements of the scenario, in order. */
  readonly items: readonly StatementNode[];
  /** The steps that chaos did once: the first to be left out. */
  readonly storm: readonly StatementNode[];
}

const NAME = "shrunk.ckpt";

/** Reads statements. They are the lab's own, so a mistake in them is one of the program. */
function statements(text: string): Script["statements"] {
  const { script, diagnostics } = parse(sourceOf(NAME, text));
  const [first] = diagnostics;
  if (first !== undefined) throw new Error(`${first.message} in: ${text}`);
  return script.statements;
}

/** A statement as it stands in a scenario. */
export function item(text: string): StatementNode {
  const [, scenario] = statements(`ckpt 1\nscenario "s" {\n${text}\n}\n`);
  const [only] = scenario?.args["items"] as readonly StatementNode[];
  if (only === undefined) throw new Error(`no statement in: ${text}`);
  return only;
}

/** A statement as it stands outside of scenarios. */
export function outside(text: string): StatementNode {
  const [, only] = statements(`ckpt 1\n${text}\n`);
  if (only === undefined) throw new Error(`no statement in: ${text}`);
  return only;
}

/** The statements of the scenario. */
export const sizeOf = ({ items }: Form): number => items.length;

/** The script of a form, in the one canonical layout. */
export function textOf({ head, title, items }: Form, comment: readonly string[] = []): string {
  const plain = [
    "ckpt 1",
    ...comment.map((line) => `// ${line}`),
    ...head.map(printStatement),
    ...head.length > 0 ? [""] : [],
    `scenario ${printText(title)} {`,
    ...items.map(printStatement),
    "}",
    "",
  ];
  return formatScript(parse(sourceOf(NAME, plain.join("\n"))).script);
}

/** True for what happens at a time or a condition. */
export const isStep = ({ row }: StatementNode): boolean =>
  row.place === "step" && row.keyword !== "until";

/** The form without some of its statements. */
export const without = (form: Form, gone: readonly StatementNode[]): Form => ({
  ...form,
  items: form.items.filter((one) => !gone.includes(one)),
  storm: form.storm.filter((one) => !gone.includes(one)),
});

/** The form with another statement in the place of one; none: it is left out. */
export const replaced = (
  form: Form,
  old: StatementNode,
  ...others: readonly StatementNode[]
): Form => ({
  ...form,
  items: form.items.flatMap((one) => one === old ? others : [one]),
  storm: form.storm.flatMap((one) => one === old ? others : [one]),
});
