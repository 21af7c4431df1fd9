/** What `plugin new` writes: a package that passes its own tests, from templates of each kind. */
import { fileURLToPath } from "node:url";
import { type Kind, KINDS, type OptionTable, PLUGIN_KINDS } from "../core/mod.ts";
import { describeOption, showOption } from "./options.ts";
import { written } from "./vocabulary.ts";

/** The kinds there are templates of: a module and an example of each in `templates/`. */
const TEMPLATES: readonly string[] = [
  "checkpointer",
  "protocol",
  "workload",
  "storage",
  "fault",
  "metric",
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
  /** deno.json of ckptlab, and where it lies: a package finds the program there. */
  readonly home: URL;
}

const template = (name: string): string =>
  Deno.readTextFileSync(new URL(`./templates/${name}.txt`, import.meta.url));

const filled = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replaceAll(/\{\{(\w+)\}\}/g, (_, name) => values[name] ?? "");

/** "forked-cow" as a title: "Forked cow". */
const titleOf = (name: string): string => {
  const words = name.replaceAll(/[-_]/g, " ");
  return `${words[0]?.toUpperCase()}${words.slice(1)}`;
};

/** An import of ckptlab's own, seen from elsewhere. */
function importOf(target: string, home: URL): string {
  return target.startsWith("npm:") || target.startsWith("jsr:")
    ? target
    : new URL(target, home).href;
}

/** deno.json: where ckptlab is, and what it needs in its turn. */
function configuration(name: string, home: URL): string {
  const text = Deno.readTextFileSync(new URL("deno.json", home)).replaceAll(/^\s*\/\/.*$/gm, "");
  const own = JSON.parse(text) as
    & Readonly<Record<"imports" | "exports", Record<string, string>>>
    & { readonly allowScripts: unknown };
  const std = (path: string) => new URL(`.std/${path}/mod.ts`, home).href;
  const imports = {
    "ckptlab": new URL("mod.ts", home).href,
    "ckptlab/testing": new URL(own.exports["./testing"] ?? "", home).href,
    ...Object.fromEntries(
      Object.entries(own.imports).map(([key, target]) => [key, importOf(target, home)]),
    ),
    "@std/assert": std("assert"),
    "@std/cli/parse-args": std("cli").replace("mod.ts", "parse_args.ts"),
  };
  const program = fileURLToPath(new URL("mod.ts", home));
  const run = `deno run --allow-read --allow-env ${program}`;
  const tasks = {
    test: "deno test --allow-read --allow-env",
    check: `${run} plugin check ./mod.ts`,
    scenario: `${run} run example.ckpt`,
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

/** All files of the package but its README, which needs its options. */
export function packageFiles({ name, kind, home }: NewPlugin): PackageFiles {
  const values = { name, kind, row: written(name), title: titleOf(name) };
  return {
    "mod.ts": filled(template(`${kind}.ts`), values),
    "mod_test.ts": filled(template("mod_test.ts"), values),
    "example.ckpt": filled(template(`${kind}.ckpt`), values),
    "deno.json": configuration(name, home),
    "deno.lock": lock(home),
    ".github/workflows/test.yml": template("ci.yml"),
  };
}

/** The README of a package. */
export const readmeOf = (
  { name, kind }: NewPlugin,
  { help, options = {} }: { readonly help: string; readonly options?: OptionTable },
): string =>
  filled(template("README.md"), {
    name,
    kind,
    row: written(name),
    help,
    options: optionsTable(options),
  });

/** The row of a kind a package contributes. */
export const kindOf = (one: string): Kind =>
  KINDS.find((kind) => PLUGIN_KINDS[kind].one === one) as Kind;
