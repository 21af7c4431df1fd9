/** What the commands that read scripts have in common. */
import type { DiagnosticData } from "../../core/mod.ts";
import { type Diagnostic, headline, isError, renderDiagnostic } from "../diagnostic.ts";
import { type Choice, DEFAULT_PATHS, discover } from "../discover.ts";
import { EXIT } from "../exit.ts";
import { type Flag, type Given, pairs, UsageError, withMeant } from "../flags.ts";
import type { Host } from "../host.ts";
import { load, type Loaded } from "../load.ts";
import { isolatedLoader } from "../isolated_loader.ts";
import { overridesOf } from "../overrides.ts";
import { importPlugin, type PluginLoader } from "../plugins.ts";
import { askedSeeds, SEED_FLAG } from "../seed.ts";

/** Flags that change what scripts mean. */
export const SCRIPT_FLAGS: readonly Flag[] = [
  SEED_FLAG,
  {
    name: "set",
    value: "name=value",
    repeat: true,
    help: "Gives a let, an axis of a matrix or a column of cases another value. Repeatable.",
  },
];

/** Plugins without permissions. */
export const ISOLATE_FLAG: Flag = {
  name: "isolate",
  help: "Plugins, their modules too, run in Workers without any permission: no files, network, " +
    "environment or programs. A hook or module that does not come back is ended (exit code 4).",
};

/** JSON instead of text. */
export const JSON_FLAG: Flag = { name: "json", help: "Print one JSON document." };

/** Which cells. */
export const CHOICE_FLAGS: readonly Flag[] = [
  {
    name: "filter",
    value: "text",
    help: "Only cells whose id (file#scenario[case]@seed) contains the text or matches /pattern/.",
  },
  {
    name: "tag",
    value: "tags",
    help: "Only scenarios with one of these tags and none with a minus: smoke,-slow or =-slow.",
  },
  {
    name: "cases",
    value: "n=4,…",
    help: "Only cells whose case has these values: n=4,proto=cls_flush.",
  },
];

/** When output is coloured. */
export const COLOUR_FLAG: Flag = {
  name: "color",
  value: "when",
  choices: ["auto", "always", "never"],
  help: "Colour: auto (default) looks at the terminal and NO_COLOR.",
};

/** The values of `--set`, as given. */
export const setOf = (given: Given): readonly (readonly [string, string])[] => pairs(given, "set");

/** Which cells a command was asked for. */
export const choiceOf = (given: Given): Choice => ({
  filter: given.text("filter"),
  tags: given.text("tag"),
  cases: given.text("cases"),
});

/** How plugins are loaded: as what they are, or as what they say of themselves. */
export const loaderOf = (given: Given, host: Host): PluginLoader =>
  given.on(ISOLATE_FLAG.name) ? isolatedLoader(host) : importPlugin;

/** All scripts under the paths a command was given, read and checked. */
export async function loadAll(
  given: Given,
  paths: readonly string[],
  host: Host,
): Promise<readonly Loaded[]> {
  const set = overridesOf(setOf(given));
  const asked = await askedSeeds(given, host);
  const files = await discover(paths.length === 0 ? DEFAULT_PATHS : paths, host);
  const plugins = loaderOf(given, host);
  const loaded: Loaded[] = [];
  for (const file of files) {
    const options = { vocabulary: host.vocabulary, overrides: set, ...asked };
    loaded.push(await load(file, host.readFile, options, plugins));
  }
  const missing = [...set.values.keys()].find((name) => !set.used.has(name));
  if (missing !== undefined) {
    const message = `--set ${missing}: no script has a let, axis or column of that name`;
    throw new UsageError(withMeant(message, missing, letNames(loaded)));
  }
  return loaded;
}

const letNames = (loaded: readonly Loaded[]): readonly string[] =>
  loaded.flatMap(({ scenarios }) =>
    scenarios.flatMap(({ plans }) =>
      (plans[0]?.scope.names() ?? []).filter((name) =>
        plans[0]?.scope.find(name)?.meant.kind === "let"
      )
    )
  );

/** Every diagnostic once: a shared file is read for each script that includes it. */
export function allDiagnostics(loaded: readonly Loaded[]): readonly Diagnostic[] {
  const seen = new Map<string, Diagnostic>();
  for (const item of loaded.flatMap((one) => one.diagnostics)) {
    const key = headline(item);
    if (!seen.has(key)) seen.set(key, item);
  }
  return [...seen.values()];
}

/** Prints diagnostics for people. */
export function printDiagnostics(list: readonly Diagnostic[], host: Host): void {
  for (const item of list) host.stderr(renderDiagnostic(item) + "\n");
}

/** The exit codes scripts with mistakes are worth: a plugin that was refused has its own. */
export const refusals = (
  list: readonly Pick<DiagnosticData, "code" | "severity">[],
): readonly number[] =>
  list.filter(isError).map(({ code }) => REFUSED.includes(code) ? EXIT.plugin : EXIT.script);

const REFUSED: readonly string[] = ["CK0601", "CK0602", "CK0603"];
