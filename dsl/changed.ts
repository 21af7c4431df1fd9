/**
 * `--changed`: the scenarios that what was changed may have touched. What was changed is for version
 * control to say; which scripts a file is part of is known here.
 */
import { pathToFileURL } from "node:url";
import { type Flag, type Given, UsageError } from "./flags.ts";
import type { Host } from "./host.ts";
import type { Loaded } from "./load.ts";
import { readText } from "./recording.ts";

export const CHANGED_FLAG: Flag = {
  name: "changed",
  value: "file|-",
  help:
    "Only scripts that are, include or use one of the files named in this one, a path on each " +
    "line; - reads them from standard input: git diff --name-only main | deno task scenario " +
    "--changed=- --permit-no-files.",
};

/** The files a script is made of, as URLs; of a plugin its module alone. */
const filesOf = ({ scripts, plugins }: Loaded): readonly string[] => [
  ...scripts.map(({ span }) => pathToFileURL(span.source.name).href),
  ...plugins.map(({ url }) => url),
];

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
  const lines = text.split(/\r?\n/).filter((line) => line !== "");
  const changed = new Set(lines.map((line) => pathToFileURL(line).href));
  return loaded.filter((one) => filesOf(one).some((file) => changed.has(file)));
}
