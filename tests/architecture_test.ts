/** The layers as a law: a loop over the import lines of every file. */
import { assertEquals } from "@std/assert";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { sourceFiles } from "./source_files.ts";

/** What each layer may import besides itself: everything to its left. */
const CORE = ["base", "isa", "machine", "kernel", "image", "cluster", "lab", "kit"];

/** npm and jsr packages, by the layers that may use them. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  "chevrotain": ["dsl"],
  "vscode-languageserver": ["dsl"],
  "@observablehq/plot": ["dsl"],
  "linkedom": ["dsl"],
  "@std/cli/parse-args": ["dsl"],
  "cbor-x": ["core/image", "core/cluster"],
  redis: ["dsl"],
  "compare-versions": ["core/lab"],
  "comlink": ["core/cluster", "dsl"],
  "pure-rand": ["core/base"],
  "node:buffer": ["core/base"],
  "node:stream": ["dsl"],
  "node:crypto": ["core/base"],
  "node:url": ["dsl", "plugins", "mod.ts"],
  "node:v8": ["core/cluster"],
  "node:worker_threads": ["core/cluster"],
  "node:zlib": ["core/image"],
};

const layerOf = (path: string): string => {
  const [top, second] = path.split("/");
  if (top === "core" && second !== undefined && second !== "mod.ts") return `core/${second}`;
  return path.includes("/") ? top as string : path;
};

/** Why an import is wrong, or nothing. */
function wrong(from: string, specifier: string): string | undefined {
  const here = layerOf(from);
  if (!specifier.startsWith(".")) {
    const allowed = Object.entries(PACKAGES).find(([name]) => specifier.startsWith(name))?.[1];
    if (allowed === undefined) {
      return `${from} imports the package ${specifier}, which no layer may`;
    }
    return allowed.includes(here) ? undefined : `${from} imports ${specifier}: only ${allowed} may`;
  }
  const target = relative(".", resolve(dirname(from), specifier));
  const there = layerOf(target);
  if (here === there) return undefined;
  const bad = `${from} imports ${target}`;
  if (here.startsWith("core/")) {
    const rank = (layer: string) => CORE.indexOf(layer.slice("core/".length));
    return there.startsWith("core/") && rank(there) < rank(here) ? undefined : bad;
  }
  if (here === "core") return undefined; // core/mod.ts only re-exports core
  if (here === "plugins" || here === "dsl") return target === "core/mod.ts" ? undefined : bad;
  return undefined; // mod.ts at the top imports what it likes
}

/** Static imports and re-exports, one statement each, and dynamic imports of a literal. */
const IMPORT =
  /^(?:import\s*|(?:import|export)\s[^;"=()]*?\sfrom\s*)"([^"\n]+)"|\bimport\("([^"\n]+)"\)/gm;

Deno.test("imports flow one way", () => {
  Deno.chdir(fileURLToPath(new URL("../", import.meta.url)));
  const problems: string[] = [];
  for (const file of sourceFiles(["core", "plugins", "dsl", "mod.ts"])) {
    const text = Deno.readTextFileSync(file).replaceAll(/\/\*[\s\S]*?\*\//g, "");
    for (const [, literal, dynamic] of text.matchAll(IMPORT)) {
      const problem = wrong(file, (literal ?? dynamic) as string);
      if (problem !== undefined) problems.push(problem);
    }
  }
  assertEquals(problems, []);
});

Deno.test("the import law refuses what it should", () => {
  assertEquals(
    wrong("core/isa/op.ts", "../machine/machine.ts"),
    "core/isa/op.ts imports core/machine/machine.ts",
  );
  assertEquals(wrong("plugins/mod.ts", "../dsl/cli.ts"), "plugins/mod.ts imports dsl/cli.ts");
  assertEquals(
    wrong("dsl/cli.ts", "../core/kernel/kernel.ts"),
    "dsl/cli.ts imports core/kernel/kernel.ts",
  );
  assertEquals(wrong("core/kernel/kernel.ts", "../isa/op.ts"), undefined);
});
