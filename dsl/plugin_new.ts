/** What `plugin new` writes: a package that passes its own tests, from templates of each kind. */
import { fileURLToPath } from "node:url";
import { type Kind, KINDS, type OptionTable, PLUGIN_KINDS } from "../core/mod.ts";
import { formatScript } from "./editor/layout.ts";
import { describeOption, showOption } from "./options.ts";
import { parse } from "./parse.ts";
import { written } from "./vocabulary.ts";

/** The kinds there are templates of: a module and an example of each in `templates/`. */
const TEMPLATES: readonly string[] = [
  "checkpointer",
  "protocol",
  "workload",
  "storage",
  "fault",
  "metric",
  "reporter",
];

/** The kinds a package can be made of, as they are called on the command line. */
export const NEW_KINDS: readonly string[] = KINDS.map((kind) => PLUGIN_KINDS[kind].one)
  .filter((kind) => TEMPLATES.includes(kind));

/** Files by their path in the package. */
export type PackageFiles = Readonly<Record<string, string>>;

/** What the package is to be. */
export interface NewPlugin {
  readonly name: string;
  readonly kind: string;
  /** The folder it is written to, as a file URL that ends in a slash. */
  readonly folder: URL;
  /** deno.json of ckptlab, and where it lies: a package finds the program there. */
  readonly home: URL;
}

const template = (name: string): string =>
  Deno.readTextFileSync(new URL(`./templates/${name}.txt`, import.meta.url));

const filled = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replaceAll(/\{\{(\w+)\}\}/g, (_, name) => values[name] ?? "");

/** A script as `fmt` writes it, whatever the length of the name that was filled in. */
const inForm = (script: string): string => formatScript(parse(script).script);

/** "forked-cow" as a title: "Forked cow". */
const titleOf = (name: string): string => {
  const words = name.replaceAll(/[-_]/g, " ");
  return `${words[0]?.toUpperCase()}${words.slice(1)}`;
};

/** Two folders as seen from the deepest folder around both: the parts of their paths. */
function apart(one: URL, other: URL): readonly [readonly string[], readonly string[]] {
  const [a, b] = [one, other].map((url) =>
    fileURLToPath(url).split(/[\\/]/).filter((part) => part !== "")
  ) as [string[], string[]];
  let same = 0;
  while (same < a.length && a[same] === b[same]) same++;
  return [a.slice(same), b.slice(same)];
}

/**
 * Where ckptlab is, seen from the package: "../ckptlab/". Both may move together, to another machine
 * too; a path from the root would hold here alone.
 */
function wayTo(home: URL, folder: URL): string {
  const [up, down] = apart(folder, home);
  const way = [...up.map(() => ".."), ...down].join("/");
  return way === "" ? "./" : up.length === 0 ? `./${way}/` : `${way}/`;
}

/** A word of a shell. */
const quoted = (path: string): string => path.includes(" ") ? `"${path}"` : path;

/** deno.json: where ckptlab is, and what it needs in its turn. */
function configuration(name: string, home: URL, folder: URL): string {
  const text = Deno.readTextFileSync(new URL("deno.json", home)).replaceAll(/^\s*\/\/.*$/gm, "");
  const own = JSON.parse(text) as
    & Readonly<Record<"imports" | "exports", Record<string, string>>>
    & { readonly allowScripts: unknown };
  const way = wayTo(home, folder);
  const at = (path: string): string => way + path.replace(/^\.\//, "");
  const imports = {
    "ckptlab": at("mod.ts"),
    "ckptlab/testing": at(own.exports["./testing"] ?? ""),
    ...own.imports,
    "@std/assert": at(".std/assert/mod.ts"),
    "@std/cli/parse-args": at(".std/cli/parse_args.ts"),
  };
  const run = (permissions: string) => `deno run ${permissions} ${quoted(at("mod.ts"))}`;
  const tasks = {
    test: "deno test --allow-read --allow-env",
    check: `${run("--allow-read --allow-env")} plugin check ./mod.ts`,
    scenario: run("--allow-read --allow-write=.ckpt --allow-env"),
  };
  const document = {
    name: `@you/ckpt-plugin-${name}`,
    version: "0.1.0",
    exports: "./mod.ts",
    tasks,
    imports,
    allowScripts: own.allowScripts,
    lint: { rules: { exclude: ["no-slow-types"] } },
    fmt: { lineWidth: 100, proseWrap: "preserve", exclude: ["deno.lock"] },
  };
  return JSON.stringify(document, undefined, 2) + "\n";
}

/** What ckptlab's packages were resolved to, so that the package gets the very same. */
function lock(home: URL): string {
  const text = Deno.readTextFileSync(new URL("deno.lock", home));
  const { version, specifiers, npm } = JSON.parse(text) as {
    readonly version: string;
    readonly specifiers: Readonly<Record<string, string>>;
    readonly npm: unknown;
  };
  const packages = Object.entries(specifiers).filter(([name]) => name.startsWith("npm:"));
  return JSON.stringify({ version, specifiers: Object.fromEntries(packages), npm }, undefined, 2) +
    "\n";
}

/** The option table of a README, from the table the options are checked by. */
export function optionsTable(options: OptionTable): string {
  const rows = Object.entries(options).map(([name, option]) =>
    `- \`${written(name)}\` (${showOption(option)}): ${option.doc} Takes ${describeOption(option)}.`
  );
  return rows.length === 0 ? "None." : rows.join("\n");
}

/**
 * The workflow checks out both, as they lie to each other here; the one around the other first, for
 * a check-out empties its folder.
 */
function workflow(home: URL, folder: URL): string {
  const steps = apart(folder, home).map((parts, i) => {
    const path = parts.join("/") || ".";
    const text = filled(template(i === 0 ? "ci_own.yml" : "ci_ckptlab.yml"), { path });
    return { parts, path, text };
  });
  const checkouts = steps.toSorted((a, b) => a.parts.length - b.parts.length);
  return filled(template("ci.yml"), {
    checkouts: checkouts.map(({ text }) => text).join(""),
    path: steps[0]?.path ?? ".",
  });
}

/** All files of the package but its README, which needs its options. */
export function packageFiles({ name, kind, home, folder }: NewPlugin): PackageFiles {
  const values = { name, kind, row: written(name), title: titleOf(name) };
  return {
    "mod.ts": filled(template(`${kind}.ts`), values),
    "mod_test.ts": filled(template("mod_test.ts"), values),
    "example.ckpt": inForm(filled(template(`${kind}.ckpt`), values)),
    "deno.json": configuration(name, home, folder),
    "deno.lock": lock(home),
    ".gitignore": ".ckpt/\n",
    ".github/workflows/test.yml": workflow(home, folder),
  };
}

/** The README of a package. */
export const readmeOf = (
  { name, kind }: NewPlugin,
  { help, options = {} }: { readonly help: string; readonly options?: OptionTable },
): string => {
  const row = written(name);
  const use = filled(template(kind === "reporter" ? "use_reporter.md" : "use.md"), { row });
  return filled(template("README.md"), {
    name,
    kind,
    row,
    help,
    use: use.trimEnd(),
    options: optionsTable(options),
  });
};

/** The row of a kind a package contributes. */
export const kindOf = (one: string): Kind =>
  KINDS.find((kind) => PLUGIN_KINDS[kind].one === one) as Kind;
