/**
 * Writes the reference from the tables that do the work: the language, the instructions, the system
 * calls. With --check it writes nothing and says what is stale.
 */
import { sh4 } from "../core/isa/sh4.ts";
import { SYSTEM_CALLS } from "../core/kernel/syscalls/table.ts";
import { textmateGrammar } from "../dsl/editor/textmate.ts";
import { TOPICS } from "../dsl/reference.ts";
import { parts } from "../mod.ts";

/** A page of the manual. */
export interface Page {
  readonly file: string;
  readonly text: string;
}

const HEAD = "<!-- Written by `deno task manual` from the tables; do not edit. -->";

/** Text in a table cell: a bar would end it. */
const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows.map((row) => row.map(cell))]
    .map((row) => `| ${row.join(" | ")} |`).join("\n");

function language(): string {
  const topics = TOPICS.map(({ name, help, entries }) => {
    const blocks = entries(parts.vocabulary).map((entry) => {
      const rows = (entry.rows ?? []).map(([left, right]) => `- \`${left}\`: ${right}`);
      return [`**\`${entry.name}\`** — ${entry.help}`, ...rows].join("\n");
    });
    return `## ${name}\n\n${help[0]?.toUpperCase()}${help.slice(1)}.\n\n${blocks.join("\n\n")}`;
  });
  return `# The scenario language\n\n${HEAD}\n\n${topics.join("\n\n")}\n`;
}

function instructions(): string {
  const mode = (row: (typeof sh4)[number]) =>
    Object.entries(row.when ?? {}).map(([bit, value]) => `${bit} = ${value}`).join(", ");
  const traits = (row: (typeof sh4)[number]) =>
    (["delayed", "ends", "notInSlot", "privileged", "fpu"] as const)
      .filter((trait) => row[trait] === true).join(", ");
  const rows = sh4.map((
    row,
  ) => [`\`${row.pattern}\``, `\`${row.syntax}\``, mode(row), traits(row)]);
  return `# Instructions\n\n${HEAD}\n\n${sh4.length} rows.\n\n${
    table(["encoding", "syntax", "FPSCR mode", "traits"], rows)
  }\n`;
}

function systemCalls(): string {
  const all = [...SYSTEM_CALLS.values()].sort((a, b) => a.number - b.number);
  const built = all.filter((row) => row.unsupported === undefined);
  const refused = all.filter((row) => row.unsupported !== undefined);
  const done = table(
    ["number", "call"],
    built.map((row) => [
      String(row.number),
      `\`${row.signature}\``,
    ]),
  );
  const gaps = table(
    ["number", "call", "why"],
    refused.map((row) => [
      String(row.number),
      row.name,
      row.unsupported ?? "",
    ]),
  );
  return `# System calls\n\n${HEAD}\n\n${built.length} calls of the Linux SH ABI.\n\n${done}\n\n` +
    `## Known gaps\n\nAnswered ENOSYS, and listed once at the end of a run.\n\n${gaps}\n`;
}

/** Every page, as it should be. */
export const pages = (): readonly Page[] => [
  { file: "scenarios/REFERENCE.md", text: language() },
  { file: "core/isa/INSTRUCTIONS.md", text: instructions() },
  { file: "core/kernel/SYSCALLS.md", text: systemCalls() },
  { file: "dsl/editor/vscode/syntaxes/ckpt.tmLanguage.json", text: textmateGrammar() },
];

/** The pages that are not as they should be. */
export function stale(): readonly string[] {
  return pages().filter(({ file, text }) => {
    try {
      return Deno.readTextFileSync(file) !== text;
    } catch {
      return true;
    }
  }).map(({ file }) => file);
}

if (import.meta.main) {
  if (Deno.args.includes("--check")) {
    const old = stale();
    for (const file of old) console.log(`${file} is stale: run \`deno task manual\``);
    Deno.exit(old.length === 0 ? 0 : 1);
  }
  for (const { file, text } of pages()) Deno.writeTextFileSync(file, text);
}
