/** House rules that people forget, each with its reason. */
import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { sourceFiles } from "./source_files.ts";

interface Rule {
  readonly name: string;
  readonly roots: readonly string[];
  readonly except?: readonly string[];
  readonly pattern: RegExp;
}

const EVERYWHERE = ["core", "plugins", "dsl", "mod.ts"];

const RULES: readonly Rule[] = [
  {
    name: "virtual time and named random streams only: no host clock, random or timer",
    roots: EVERYWHERE,
    // The guard names what it refuses.
    except: ["dsl/cli.ts", "dsl/host.ts", "core/lab/plugin_guard.ts"],
    pattern: /\b(Date\.now|new Date|Math\.random|performance\.now|setTimeout|setInterval)\b/,
  },
  {
    name: "no host-dependent mathematics: engines may differ in the last bit",
    roots: ["core"],
    pattern: /\bMath\.(sin|cos|tan|exp|log|pow|atan2?|asin|acos|cbrt|hypot)\(/,
  },
  {
    name: "no any: the type is the documentation",
    roots: EVERYWHERE,
    pattern: /(: any\b|as any\b|<any>)/,
  },
  {
    name: "no default exports: a thing has one name",
    roots: EVERYWHERE,
    pattern: /^export default/m,
  },
  { name: "no TODO without a reason", roots: EVERYWHERE, pattern: /\b(TODO|FIXME|XXX)\b(?!: \S)/ },
];

/** Tables may be long; everything else wants a second noun. */
const LONGEST_FILE = 450;
const TABLES = /core\/isa\/(integer|memory|float|system)\.ts$/;

Deno.chdir(fileURLToPath(new URL("../", import.meta.url)));

for (const rule of RULES) {
  Deno.test(rule.name, () => {
    const files = sourceFiles(rule.roots).filter((file) => !(rule.except ?? []).includes(file));
    assertEquals(files.filter((file) => rule.pattern.test(codeOf(file))), []);
  });
}

Deno.test("a file is one noun: about 400 lines, tables apart", () => {
  const long = sourceFiles(EVERYWHERE).filter((file) => !TABLES.test(file)).filter((file) =>
    Deno.readTextFileSync(file).split("\n").length > LONGEST_FILE
  );
  assertEquals(long, []);
});

Deno.test("a file opens by saying what it is", () => {
  const silent = sourceFiles(EVERYWHERE).filter((file) =>
    !Deno.readTextFileSync(file).startsWith("/**")
  );
  assertEquals(silent, []);
});

/** Source without comments, so that prose may name what code must not use. */
function codeOf(file: string): string {
  const text = Deno.readTextFileSync(file).replaceAll(/\/\*[\s\S]*?\*\//g, "");
  return text.split("\n").map((line) => line.replace(/(^|\s)\/\/.*$/, "")).join("\n");
}
