/** The plugins a script uses: where they are, and what is told when one cannot be used. */
import { loadPlugin, type Plugin, PluginError, type UsedPlugin } from "../core/mod.ts";
import { pathToFileURL } from "node:url";
import type { TextLiteral } from "./ast.ts";
import { type Diagnostic, diagnostic } from "./diagnostic.ts";
import { type Flag, type Given, pairs, UsageError } from "./flags.ts";

/** Loads the plugin at a URL; rejects with a `PluginError`. */
export type PluginLoader = (url: string) => Promise<Plugin>;

/** The usual one. */
export const importPlugin: PluginLoader = loadPlugin;

/** A plugin, or why there is none. */
export type Loading =
  | { readonly url: string; readonly plugin: Plugin }
  | { readonly problems: readonly Diagnostic[] };

const PACKAGE = /^(?:npm|jsr):./;
const SCHEME = /^[a-z][a-z0-9+.-]+:/i;

/** Where `use` finds a module: a package as it stands, or a path. */
export function moduleUrl(from: string, path: string): string | undefined {
  if (PACKAGE.test(from) || from.startsWith("file:")) return from;
  return SCHEME.test(from) || from === "" ? undefined : pathToFileURL(path).href;
}

/** The URL of the module an argument of the command names. */
export function urlOf(asked: string): string {
  const url = moduleUrl(asked, asked);
  if (url !== undefined) return url;
  throw new UsageError(`a plugin is the path of a module, npm:… or jsr:…, not '${asked}'`);
}

export const USE_FLAG: Flag = {
  name: "use",
  value: "name=module",
  repeat: true,
  help:
    "Brings a plugin in for its reporters, under that name, as the statement does in a script: " +
    "--use slow=./mod.ts --reporter slow.cells. Repeatable.",
};

/** The plugins of `--use`; rejects with a `PluginError`. */
export async function usedBy(given: Given, loader: PluginLoader): Promise<readonly UsedPlugin[]> {
  const all: UsedPlugin[] = [];
  for (const [alias, asked] of pairs(given, USE_FLAG.name, USE_FLAG.value)) {
    if (!/^[a-z]\w*$/i.test(alias)) {
      throw new UsageError(
        `--use ${alias}=${asked}: a name is letters, digits and _, not '${alias}'`,
      );
    }
    const url = urlOf(asked);
    all.push({ alias, url, plugin: await loader(url) });
  }
  return all;
}

/** Loads what a `use` statement names; `path` is what it stands for as a path. */
export async function usePlugin(
  loader: PluginLoader,
  from: TextLiteral,
  path: string,
): Promise<Loading> {
  const url = moduleUrl(from.value, path);
  if (url === undefined) {
    const message = `a plugin is the path of a module, npm:… or jsr:…, not '${from.value}'`;
    return { problems: [diagnostic("CK0602", from.span, message)] };
  }
  try {
    return { url, plugin: await loader(url) };
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    return {
      problems: error.problems.map(({ about, message }) =>
        diagnostic(CODES[about], from.span, `plugin '${from.value}': ${message}`)
      ),
    };
  }
}

const CODES = { load: "CK0602", manifest: "CK0603", api: "CK0601" } as const;
