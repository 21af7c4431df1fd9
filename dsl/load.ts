/** Reads a script and what it includes, and makes its cells. A bad script throws nothing. */
import type { UsedPlugin } from "../core/mod.ts";
import type { Script, StatementNode, TextLiteral, Word } from "./ast.ts";
import { type MakeCells, makeCells } from "./cells.ts";
import { type Diagnostic, diagnostic, isError, sortedDiagnostics } from "./diagnostic.ts";
import { parse } from "./parse.ts";
import type { Plan } from "./plan.ts";
import { importPlugin, type PluginLoader, usePlugin } from "./plugins.ts";
import type { Scope } from "./scope.ts";
import type { Study } from "./study.ts";
import { decodeSource, positionOf, type Source, sourceOf, type Span } from "./source.ts";
import { withPlugins } from "./vocabulary.ts";

/** Reads a file by path; rejects when it is not to be had. */
export type ReadFile = (path: string) => Promise<Uint8Array>;

/** A scenario as it stands in a file. */
export interface FoundScenario {
  readonly title: string;
  /** How it is left out, or leaves out others. */
  readonly mode?: "skip" | "only" | "todo";
  readonly tags: readonly string[];
  readonly span: Span;
  readonly plans: readonly Plan[];
  /** Of one with figures. */
  readonly study?: Study;
}

/** A file ready to run, or what is wrong with it. */
export interface Loaded {
  readonly path: string;
  readonly scenarios: readonly FoundScenario[];
  readonly diagnostics: readonly Diagnostic[];
  /** The file last, what it includes before it. */
  readonly scripts: readonly Script[];
  /** The plugins it and what it includes use. */
  readonly plugins: readonly UsedPlugin[];
  /** What names mean outside scenarios. */
  readonly scope: Scope;
}

/** True when the script may run. */
export const isSound = ({ diagnostics }: Pick<Loaded, "diagnostics">): boolean =>
  !diagnostics.some(isError);

/** Paths of includes are relative to the file that includes, with / on every system. */
export function resolvePath(from: string, to: string): string {
  if (to.startsWith("/")) return to;
  const parts = from.split("/").slice(0, -1);
  for (const part of to.split("/")) {
    if (part === "..") {
      if (parts.length > 0 && parts.at(-1) !== "..") parts.pop();
      else parts.push("..");
    } else if (part !== "." && part !== "") parts.push(part);
  }
  return parts.join("/") || ".";
}

/** The scripts of one load: the file itself last, what it includes before it. */
class Loading {
  readonly diagnostics: Diagnostic[] = [];
  readonly scripts: Script[] = [];
  readonly used: UsedPlugin[] = [];
  readonly #done = new Set<string>();

  constructor(readonly readFile: ReadFile, readonly plugins: PluginLoader) {}

  async file(path: string, chain: readonly string[], span: Span | undefined): Promise<void> {
    const included = span !== undefined;
    if (chain.includes(path)) {
      const message = `'${path}' includes itself`;
      if (included) this.diagnostics.push(diagnostic("CK0309", span, message));
      return;
    }
    if (this.#done.has(path)) return;
    this.#done.add(path);
    const source = await this.#read(path, span);
    if (source === undefined) return;
    const { script, diagnostics } = parse(source);
    this.diagnostics.push(...diagnostics, ...checkFile(script, included));
    for (const node of script.statements) {
      if (node.row.keyword === "use") await this.#use(path, node);
      const file = node.args["file"] as TextLiteral | undefined;
      if (node.row.keyword !== "include" || file === undefined) continue;
      await this.file(resolvePath(path, file.value), [...chain, path], file.span);
    }
    this.scripts.push(script);
  }

  /** Plugins are loaded before anything is checked: what they add is checked like the rest. */
  async #use(path: string, { args }: StatementNode): Promise<void> {
    const from = args["from"] as TextLiteral | undefined;
    const name = args["name"] as Word | undefined;
    if (from === undefined || name === undefined) return;
    const loaded = await usePlugin(this.plugins, from, resolvePath(path, from.value));
    if ("problems" in loaded) this.diagnostics.push(...loaded.problems);
    else if (this.used.every(({ alias }) => alias !== name.text)) {
      this.used.push({ alias: name.text, ...loaded });
    }
  }

  async #read(path: string, span: Span | undefined): Promise<Source | undefined> {
    try {
      const { source, badAt } = decodeSource(path, await this.readFile(path));
      for (const start of badAt) {
        const place = { source, start, end: start + 1 };
        this.diagnostics.push(diagnostic("CK0105", place, "these bytes are no UTF-8"));
      }
      return source;
    } catch (error) {
      const reason = error instanceof Error && error.name === "NotFound"
        ? "there is no such file"
        : error instanceof Error
        ? error.message
        : String(error);
      const place = span ?? { source: sourceOf(path, ""), start: 0, end: 1 };
      this.diagnostics.push(diagnostic("CK0107", place, `cannot read '${path}': ${reason}`));
      return undefined;
    }
  }
}

const SHARED = ["ckpt", "include", "let", "profile", "use"];

/** The version stands first and once; an included file has no scenarios. */
function checkFile(script: Script, included: boolean): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const [first, ...rest] = script.statements;
  const { source } = script.span;
  const saysVersion = /^\s*(?:\/\/[^\n]*\n\s*)*ckpt\b/.test(source.text);
  if (first?.row.keyword !== "ckpt" && !saysVersion) {
    const start = first?.span.start ?? 0;
    const end = Math.min(first?.span.end ?? start + 1, start + 8);
    const message = "the first line must be 'ckpt 1', the version of the language";
    found.push(diagnostic("CK0208", { source, start, end }, message));
  }
  for (const node of rest) {
    if (node.row.keyword !== "ckpt") continue;
    found.push(diagnostic("CK0208", node.span, "'ckpt 1' stands once, on the first line"));
  }
  for (const node of included ? script.statements : []) {
    if (SHARED.includes(node.row.keyword)) continue;
    const message = `an included file may hold only let, profile, use and include, no ` +
      node.row.keyword;
    found.push(diagnostic("CK0504", headOf(node), message));
  }
  return found;
}

const headOf = (node: StatementNode): Span => {
  const title = node.args["title"] as Word | undefined;
  return { ...node.span, end: title?.span.end ?? node.span.end };
};

/** On the line of a syntax error the rest of the statement cannot be judged. */
function withoutConsequences(
  found: readonly Diagnostic[],
  syntax: readonly Diagnostic[],
): readonly Diagnostic[] {
  const lineOf = ({ span }: Diagnostic): string =>
    `${span.source.name}:${positionOf(span.source, span.start).line}`;
  const lines = new Set(syntax.map(lineOf));
  return found.filter((item) => !lines.has(lineOf(item)));
}

/** Reads a script with everything it includes and plans its cells. */
export async function load(
  path: string,
  readFile: ReadFile,
  options: Omit<MakeCells, "scripts" | "file" | "plugins">,
  plugins: PluginLoader = importPlugin,
): Promise<Loaded> {
  const loading = new Loading(readFile, plugins);
  await loading.file(path, [], undefined);
  const { scripts, used } = loading;
  const vocabulary = withPlugins(options.vocabulary, used);
  const made = makeCells({ ...options, vocabulary, plugins: used, scripts, file: path });
  return {
    path,
    scenarios: made.scenarios,
    scripts: loading.scripts,
    plugins: used,
    scope: made.scope,
    diagnostics: sortedDiagnostics([
      ...loading.diagnostics,
      ...withoutConsequences(made.diagnostics, loading.diagnostics),
    ]),
  };
}
