/** `plugin`: packages of third parties: write one, check one, see what one adds, find what is wrong. */
import {
  badgeOf,
  type Certificate,
  type Judged,
  loadPlugin,
  PLUGIN_API,
  PLUGIN_KINDS,
  PluginError,
  type UsedPlugin,
} from "../../core/mod.ts";
import { EXIT } from "../exit.ts";
import { type Command, type Given, UsageError, withMeant } from "../flags.ts";
import type { Host } from "../host.ts";
import { kindOf, NEW_KINDS, packageFiles, readmeOf } from "../plugin_new.ts";
import { urlOf } from "../plugins.ts";
import { TOPICS, topicText } from "../reference.ts";
import { type Vocabulary, withPlugins, written } from "../vocabulary.ts";
import { JSON_FLAG, loadAll } from "./scripts.ts";

/** One thing `plugin` does. */
interface Action {
  readonly name: string;
  readonly run: (given: Given, rest: readonly string[], host: Host) => Promise<number>;
}

function one(rest: readonly string[], what: string): string {
  const [first, ...others] = rest;
  if (first === undefined) throw new UsageError(`plugin ${what} needs one argument`);
  if (others.length > 0) throw new UsageError(`plugin ${what} takes one argument`);
  return first;
}

// new

const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

async function writePackage(given: Given, rest: readonly string[], host: Host): Promise<number> {
  const name = one(rest, "new <name>");
  if (!NAME.test(name)) {
    throw new UsageError(`a plugin's name is lower-case words joined by -, not '${name}'`);
  }
  const kind = given.text("kind") ?? "checkpointer";
  if (!NEW_KINDS.includes(kind)) {
    const message = `there is no kind '${kind}'; the kinds are ${NEW_KINDS.join(", ")}`;
    throw new UsageError(withMeant(message, kind, NEW_KINDS));
  }
  const folder = given.text("output") ?? name;
  const asked = { name, kind, folder: new URL(urlOf(`${folder}/`)), home: host.home };
  const files = packageFiles(asked);
  makeFolder(folder);
  for (const [path, text] of Object.entries(files)) write(`${folder}/${path}`, text);
  // The table of options is written from the options themselves.
  const { contributes } = await loadPlugin(urlOf(`${folder}/mod.ts`));
  const row = contributes[kindOf(kind)]?.[0];
  if (row !== undefined) write(`${folder}/README.md`, readmeOf(asked, row));
  host.stdout(
    `${folder}: a ${kind} with its tests\n  cd ${folder}\n  deno task test      its laws and its ` +
      "example\n  deno task check     its certificate\n  deno task scenario example.ckpt\n" +
      "                      the example alone\n",
  );
  return EXIT.holds;
}

/** A folder that is not there yet, or empty: nothing is overwritten. */
function makeFolder(folder: string): void {
  try {
    Deno.mkdirSync(folder, { recursive: true });
    if ([...Deno.readDirSync(folder)].length === 0) return;
  } catch (error) {
    throw new UsageError(`cannot write to '${folder}': ${reason(error)}`);
  }
  throw new UsageError(
    `'${folder}' is not empty, and nothing is overwritten; --output names another`,
  );
}

function write(file: string, text: string): void {
  try {
    Deno.mkdirSync(file.slice(0, file.lastIndexOf("/") + 1) || ".", { recursive: true });
    Deno.writeTextFileSync(file, text);
  } catch (error) {
    throw new UsageError(`cannot write '${file}': ${reason(error)}`);
  }
}

const reason = (error: unknown): string => error instanceof Error ? error.message : String(error);

// check

const SIGNS = { held: "✓", broken: "✗", skipped: "-" } as const;

const indented = (text: string): string => text.replace(/^(?=.)/gm, "      ");

function lawText({ law, name, kind, row, verdict, message, script, again }: Judged): string {
  const head = `${SIGNS[verdict]} ${law.padEnd(3)} ${name}: ${PLUGIN_KINDS[kind].one} ${row}`;
  if (verdict === "skipped") return `${head} (skipped: ${message})\n`;
  if (verdict === "held") return `${head}\n`;
  const command = again === undefined ? "" : `    this command shows it\n      ${again}\n`;
  const shown = script === undefined ? command : `    this script shows it\n${indented(script)}`;
  return `${head}\n    ${message}\n${shown}`;
}

async function check(given: Given, rest: readonly string[], host: Host): Promise<number> {
  const url = urlOf(one(rest, "check <module>"));
  const plugin = await loaded(url, host);
  if (plugin === undefined) return EXIT.plugin;
  const json = given.on("json");
  const say = (text: string) => json ? undefined : host.stdout(text);
  const certificate = await host.certify(plugin, { url, onLaw: (judged) => say(lawText(judged)) });
  if (json) host.stdout(JSON.stringify({ schema: 1, ...certificate }, undefined, 2) + "\n");
  else say(summary(certificate));
  const badge = given.text("badge");
  if (badge !== undefined) {
    write(badge, JSON.stringify(badgeOf(certificate), undefined, 2) + "\n");
  }
  return certificate.laws.some(({ verdict }) => verdict === "broken") ? EXIT.failed : EXIT.holds;
}

function summary({ plugin, version, level, laws }: Certificate): string {
  const count = (verdict: Judged["verdict"]) =>
    laws.filter((one) => one.verdict === verdict).length;
  return `${plugin} ${version}: ${level} (${count("held")} laws hold, ${count("broken")} broken, ` +
    `${count("skipped")} skipped)\n`;
}

/** The plugin, or a report of all that is wrong with it. */
async function loaded(url: string, host: Host): Promise<UsedPlugin["plugin"] | undefined> {
  try {
    return await loadPlugin(url);
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    for (const { message } of error.problems) host.stderr(`error: ${message}\n`);
    return undefined;
  }
}

// list

/** The vocabulary without a row in it. */
const emptied = (vocabulary: Vocabulary): Vocabulary => ({
  ...vocabulary,
  ...Object.fromEntries(
    Object.entries(vocabulary).filter(([, rows]) => Array.isArray(rows)).map(([key]) => [key, []]),
  ),
});

/** The parts of the reference that are about rows of plugins: without any there is nothing in them. */
function reference(vocabulary: Vocabulary, used: readonly UsedPlugin[]) {
  const nothing = emptied(vocabulary);
  const added = withPlugins(nothing, used);
  return TOPICS.filter((topic) => topic.entries(nothing).length === 0)
    .map((topic) => ({
      topic: topic.name,
      text: topicText(topic, added),
      entries: topic.entries(added),
    }))
    .filter(({ entries }) => entries.length > 0);
}

/** Plugins by their modules, or those that scripts use. */
async function pluginsOf(
  given: Given,
  rest: readonly string[],
  host: Host,
): Promise<readonly UsedPlugin[]> {
  const scripts = rest.filter((asked) => asked.endsWith(".ckpt"));
  const used = scripts.length === 0 && rest.length > 0 ? [] : (await loadAll(given, scripts, host))
    .flatMap(({ scenarios }) => scenarios.flatMap(({ plans }) => plans[0]?.plugins ?? []));
  const modules: UsedPlugin[] = [];
  for (const asked of rest.filter((one) => !scripts.includes(one))) {
    const url = urlOf(asked);
    const plugin = await loadPlugin(url);
    modules.push({ alias: written(plugin.name), url, plugin });
  }
  const all = [...used, ...modules];
  return all.filter(({ url, alias }, n) =>
    all.findIndex((each) => each.url === url && each.alias === alias) === n
  );
}

async function list(given: Given, rest: readonly string[], host: Host): Promise<number> {
  const all = await pluginsOf(given, rest, host);
  const described = all.map((used) => ({
    alias: used.alias,
    name: used.plugin.name,
    version: used.plugin.version,
    api: used.plugin.api,
    url: used.url,
    adds: reference(host.vocabulary, [used]),
  }));
  if (given.on("json")) {
    const plugins = described.map(({ adds, ...head }) => ({
      ...head,
      adds: Object.fromEntries(adds.map(({ topic, entries }) => [topic, entries])),
    }));
    host.stdout(JSON.stringify({ version: 1, plugins }, undefined, 2) + "\n");
  } else {
    for (const { alias, name, version, api, adds } of described) {
      host.stdout(`${name} ${version}, for api ${api}, called ${alias}\n`);
      for (const { text } of adds) host.stdout(text.replace(/^(?=.)/gm, "  "));
    }
  }
  return all.length === 0 ? EXIT.nothing : EXIT.holds;
}

// doctor

/** What is looked at for a module that is no plugin yet, and what to do about it. */
const ADVICE: readonly (readonly [sign: RegExp, advice: string])[] = [
  [/Module not found|No such file/, "look at the path: it is relative to this folder"],
  [
    /not a dependency|Import "ckptlab|bare specifier/i,
    "map ckptlab in the imports of deno.json, as `plugin new` does",
  ],
  [/read access|Requires read/, "allow reading: --allow-read"],
  [/Requires import|import access/, "allow the import, or take the package from npm: or jsr:"],
  [/lockfile|integrity/, "add the package to deno.lock: deno install --frozen=false"],
  [/no default export/, "export default definePlugin({ … })"],
  [/was written for api/, "take a version of the plugin for this program, or the other way round"],
];

async function doctor(_: Given, rest: readonly string[], host: Host): Promise<number> {
  const { deno, v8 } = Deno.version;
  host.stdout(`✓ ckptlab ${host.version}, api ${PLUGIN_API}, Deno ${deno}, V8 ${v8}\n`);
  host.stdout(`✓ the program is in ${host.home.href}\n`);
  let sound = true;
  for (const asked of rest) {
    const url = urlOf(asked);
    try {
      const { name, version, contributes } = await loadPlugin(url);
      const counts = Object.entries(contributes).map(([kind, rows]) => `${rows?.length} ${kind}`);
      host.stdout(`✓ ${asked}: ${name} ${version} with ${counts.join(", ")}\n`);
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      sound = false;
      for (const { message } of error.problems) {
        const advice = ADVICE.find(([sign]) => sign.test(message))?.[1];
        host.stdout(`✗ ${asked}: ${message}\n${advice === undefined ? "" : `    ${advice}\n`}`);
      }
    }
  }
  return sound ? EXIT.holds : EXIT.plugin;
}

const ACTIONS: readonly Action[] = [
  { name: "new", run: writePackage },
  { name: "check", run: check },
  { name: "list", run: list },
  { name: "doctor", run: doctor },
];

export const pluginCommand: Command = {
  name: "plugin",
  usage: "new|check|list|doctor [what]",
  help:
    "Packages of strategies. `new <name>` writes one that passes its own tests; `check <module>` " +
    "holds one to the laws of the conformance kit and says how far it may be trusted (loads, safe, " +
    "recoverable, certified); `list [modules or scripts]` tells what plugins add; " +
    "`doctor [modules]` says why one does not load.",
  flags: [
    { name: "kind", value: "kind", help: `new: ${NEW_KINDS.join(", ")} (checkpointer).` },
    { name: "output", value: "folder", help: "new: where it is written (a folder of its name)." },
    { name: "badge", value: "file", help: "check: writes the level as the JSON of a badge." },
    JSON_FLAG,
  ],
  run: (given, host) => {
    const [asked, ...rest] = given.rest;
    const action = ACTIONS.find(({ name }) => name === asked);
    if (action !== undefined) return action.run(given, rest, host);
    const names = ACTIONS.map(({ name }) => name);
    const message = asked === undefined
      ? `plugin needs one of ${names.join(", ")}`
      : `plugin has no '${asked}'; it has ${names.join(", ")}`;
    throw new UsageError(asked === undefined ? message : withMeant(message, asked, names));
  },
};
