/** The check of what a plugin's module exports: every mistake, each with what was expected. */
import { satisfies, validateStrict } from "compare-versions";
import { type Plugin, PLUGIN_API } from "./plugin.ts";
import { KINDS, PLUGIN_KINDS } from "./plugin_kinds.ts";
import { type Check, is, isObject, listOf, optional, rowName, shape } from "./plugin_shape.ts";

/**
 * One mistake. `load`: there is no manifest to look at; `api`: the plugin may be right, but for
 * another version of the lab.
 */
export interface ManifestProblem {
  readonly about: "load" | "manifest" | "api";
  readonly message: string;
}

/** Whether this contract is in the range; nothing when that is no range. */
function inRange(range: string): boolean | undefined {
  try {
    return satisfies(PLUGIN_API, range);
  } catch {
    return undefined;
  }
}

const version = is(
  "a version such as 1.2.0",
  (value) => typeof value === "string" && validateStrict(value),
);
const range = is(
  "a range of versions such as ^1",
  (value) => typeof value === "string" && inRange(value) !== undefined,
);

/** What a row is called, as a script writes it: its name and its aliases. */
function namesIn(row: unknown): readonly string[] {
  if (!isObject(row)) return [];
  const aliases = Array.isArray(row["aliases"]) ? row["aliases"] : [];
  return [row["name"], ...aliases].map((name) => String(name).replaceAll("_", "-"));
}

/** Rows of one kind, one at least; two of them cannot have one name. */
const rowsOf = (one: string, check: Check): Check => (value) => {
  const problems = listOf(one, check)(value);
  if (!Array.isArray(value)) return problems;
  if (value.length === 0) return [`is empty: expected a ${one}, or no such list`];
  const all = value.flatMap(namesIn);
  const twice = new Set(all.filter((name, n) => all.indexOf(name) < n));
  return [...problems, ...[...twice].map((name) => `holds two ${one}s called '${name}'`)];
};

const contributes: Check = (value) => [
  ...shape(Object.fromEntries(
    KINDS.map((kind) => [
      kind,
      optional(rowsOf(PLUGIN_KINDS[kind].one, PLUGIN_KINDS[kind].check)),
    ]),
  ))(value),
  ...isObject(value) && Object.keys(value).length === 0
    ? [`is empty: expected some of ${KINDS.join(", ")}`]
    : [],
];

const plugin = shape({ name: rowName, version, api: range, contributes });

/**
 * What is wrong with a module's default export, or nothing: then it is a {@linkcode Plugin}.
 *
 * @example
 * ```ts
 * import { manifestProblems } from "./plugin_manifest.ts";
 * const problems = manifestProblems({ name: "Cow", version: "1", api: "^9", contributes: {} });
 * if (problems.length !== 4) throw new Error("unreachable");
 * ```
 */
export function manifestProblems(value: unknown): readonly ManifestProblem[] {
  const found = plugin(value).map((message) => ({ about: "manifest", message }) as const);
  const api = isObject(value) ? value["api"] : undefined;
  if (typeof api !== "string" || inRange(api) !== false) return found;
  const { name, version } = value as unknown as Plugin;
  const message = `'${name}' ${version} was written for api ${api}, and this program has api ` +
    `${PLUGIN_API}: take a version of the plugin for it`;
  return [...found, { about: "api", message }];
}
