/** Loads a plugin's module. Loading is asynchronous, so it is done before anything is checked. */
import type { PluginPlace } from "../cluster/worker_entry.ts";
import type { Plugin, UsedPlugin } from "./plugin.ts";
import { guardHost } from "./plugin_guard.ts";
import { hostImport } from "./plugin_imports.ts";
import { intrinsics, putBack } from "./plugin_intrinsics.ts";
import { type ManifestProblem, manifestProblems } from "./plugin_manifest.ts";

/** A plugin that cannot be used: what is wrong with it, all of it. */
export class PluginError extends Error {
  override readonly name = "PluginError";

  constructor(readonly url: string, readonly problems: readonly ManifestProblem[]) {
    super(`the plugin ${url} cannot be used: ${problems.map(({ message }) => message).join("; ")}`);
  }
}

/** Deno paints the places in its messages, whoever reads them. */
// deno-lint-ignore no-control-regex
const COLOURS = /\x1b\[[0-9;]*m/g;

/**
 * The first line of an error, and where it was: what a module that does not load says for pages is
 * not all wanted. A mistake of grammar has its place in the message, one that is thrown in the trace.
 */
function reasonOf(error: unknown, url: string): string {
  const { message: said, stack = "" } = error instanceof Error ? error : { message: String(error) };
  const message = said.replaceAll(COLOURS, "");
  const [first = ""] = message.split("\n");
  const thrown = stack.split(/[\s()]+/).find((word) => word.startsWith(`${url}:`));
  const place = /^ +at (\S+:\d+:\d+)$/m.exec(message)?.[1] ?? thrown;
  return place === undefined || first.includes(place) ? first : `${first} at ${place}`;
}

/** The plugin a module exports. Throws {@linkcode PluginError}. */
export function pluginIn(url: string, module: Readonly<Record<string, unknown>>): Plugin {
  if (!("default" in module)) {
    const message = "its module has no default export: export default definePlugin({ … })";
    throw new PluginError(url, [{ about: "load", message }]);
  }
  const problems = manifestProblems(module["default"]);
  if (problems.length > 0) throw new PluginError(url, problems);
  return module["default"] as Plugin;
}

/** A module that does not load, for the reason given. */
export const notLoaded = (url: string, error: unknown): PluginError =>
  new PluginError(url, [{
    about: "load",
    message: `its module does not load: ${reasonOf(error, url)}`,
  }]);

/** Imports a module and checks its default export. Rejects with a {@linkcode PluginError}. */
export async function loadPlugin(url: string): Promise<Plugin> {
  await refuseHostImports(url);
  let module: Record<string, unknown>;
  // Before the module, which may keep what it finds.
  guardHost();
  const before = intrinsics();
  try {
    module = await import(url);
  } catch (error) {
    throw notLoaded(url, error);
  } finally {
    refuseChanges(url, putBack(before));
  }
  return pluginIn(url, module);
}

/** Refuses a module that imports what goes past the guard. Rejects with a {@linkcode PluginError}. */
export async function refuseHostImports(url: string): Promise<void> {
  const found = await hostImport(url);
  if (found === undefined) return;
  const message =
    `${found.by} imports '${found.specifier}', which reaches the host and is refused ` +
    "(CK0610: what a plugin does follows from what it is told)";
  throw new PluginError(url, [{ about: "load", message }]);
}

/** Refuses a module that changed what everybody shares. Throws {@linkcode PluginError}. */
export function refuseChanges(url: string, changed: readonly string[]): void {
  if (changed.length === 0) return;
  const message =
    `its module changes ${changed.join(", ")}: these belong to everybody and are put ` +
    "back; a plugin brings its own functions";
  throw new PluginError(url, [{ about: "load", message }]);
}

/** The same plugins, loaded again, as in a Worker: in turn, so that what one changes is its doing. */
export async function reloaded(used: readonly PluginPlace[]): Promise<readonly UsedPlugin[]> {
  const all: UsedPlugin[] = [];
  for (const { alias, url } of used) all.push({ alias, url, plugin: await loadPlugin(url) });
  return all;
}
