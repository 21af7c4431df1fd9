/**
 * `--changed`: the scenarios that what was changed may have touched. What was changed is for version
 * control to say; which files a script is made of is known here. Where that is not known it is kept:
 * what is left out by mistake makes a job green.
 */
import { pathToFileURL } from "node:url";
import { type Flag, type Given, UsageError } from "./flags.ts";
import type { Host } from "./host.ts";
import { isSound, type Loaded } from "./load.ts";
import type { Plan } from "./plan.ts";
import { readText } from "./recording.ts";

export const CHANGED_FLAG: Flag = {
  name: "changed",
  value: "file|-",
  help:
    "Only scripts that are, include, use or run one of the files named in this one, a path on each " +
    "line (of a folder: all that is in it); - reads standard input. deno.json, deno.lock and " +
    "ckptlab itself touch every script; a script with errors is always among them. What a " +
    "plugin's module imports is not followed.",
};

/** Files that say what every module means. */
const CONFIGURATIONS: readonly string[] = ["deno.json", "deno.jsonc", "deno.lock"];

/** What ckptlab is made of, below its folder. */
const OWN: readonly string[] = ["core", "dsl", "plugins", "mod.ts"];

/** A file or folder as a URL that does not end with a slash. */
const urlOf = (path: string): string => pathToFileURL(path).href.replace(/\/+$/, "");

/** Whether one of two URLs is the other, or a folder above it. */
const isAtOrAbove = (folder: string, file: string): boolean =>
  file === folder || file.startsWith(`${folder}/`);

/** The programs a cell runs; undefined where a plugin does not say. */
function programsOf({ processes, vocabulary }: Plan): readonly string[] | undefined {
  try {
    return processes.map(({ workload: { name, options } }) => {
      const row = vocabulary.workloads.find((one) => one.name === name);
      if (row === undefined) throw new Error(`there is no workload '${name}'`);
      const { file } = row.start(options as never);
      return file.startsWith("file:") ? file : urlOf(file);
    });
  } catch {
    return undefined;
  }
}

/** The files a script is made of, as URLs; of a plugin its module alone. Undefined: nobody knows. */
function filesOf(loaded: Loaded): readonly string[] | undefined {
  if (!isSound(loaded)) return undefined;
  const files = [
    ...loaded.scripts.map(({ span }) => urlOf(span.source.name)),
    ...loaded.plugins.map(({ url }) => url),
  ];
  for (const plan of loaded.scenarios.flatMap(({ plans }) => plans)) {
    const programs = programsOf(plan);
    if (programs === undefined) return undefined;
    files.push(...programs);
  }
  return files;
}

/** Whether that file or folder is about every script. */
function touchesAll(url: string, { home }: Host): boolean {
  const folder = home.href.replace(/\/+$/, "");
  return CONFIGURATIONS.includes(url.slice(url.lastIndexOf("/") + 1)) ||
    isAtOrAbove(url, folder) ||
    OWN.some((part) => isAtOrAbove(`${folder}/${part}`, url));
}

/** Those of the scripts that are about what was changed; all of them when nobody asked. */
export async function changedOnly(
  loaded: readonly Loaded[],
  given: Given,
  host: Host,
): Promise<readonly Loaded[]> {
  const from = given.text("changed");
  if (from === undefined) return loaded;
  if (from === "-" && given.on("watch")) {
    throw new UsageError("--changed=- reads standard input once, and --watch would read it again");
  }
  const text = from === "-"
    ? new TextDecoder().decode(await host.readInput())
    : await readText(from, host);
  const changed = text.split(/\r?\n/).filter((line) => line !== "").map(urlOf);
  if (changed.some((url) => touchesAll(url, host))) return loaded;
  return loaded.filter((one) =>
    filesOf(one)?.some((file) => changed.some((url) => isAtOrAbove(url, file))) ?? true
  );
}
