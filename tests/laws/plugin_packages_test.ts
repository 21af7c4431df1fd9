/**
 * What `plugin new` writes passes its own tests at once, and is certified: a package of each kind. And
 * it has types, as has what the page about authoring makes of one.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { NEW_KINDS } from "../../dsl/plugin_new.ts";
import { temporary } from "../command/workshop.ts";
import { blocksOf } from "../page.ts";

const MAIN = fileURLToPath(new URL("../../mod.ts", import.meta.url));
const PROGRAM = ["run", "--no-check", "--allow-read", "--allow-write", "--allow-env", MAIN];

/** Runs deno in a folder, as who wrote the package would; what it said. It ends with 0. */
function deno(cwd: string, ...args: readonly string[]): string {
  const { code, stdout, stderr } = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1" },
  }).outputSync();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assertEquals(code, 0, `deno ${args.join(" ")}\n${text(stdout)}\n${text(stderr)}`);
  return text(stdout);
}

/** The folder of a package that is new. */
function written(folder: string, name: string, kind: string): string {
  deno(folder, ...PROGRAM, "plugin", "new", name, "--kind", kind);
  return `${folder}/${name}`;
}

for (const kind of NEW_KINDS) {
  Deno.test(`plugin new --kind ${kind}: formatted, tested, certified`, () => {
    using folder = temporary();
    const home = written(folder.path, "my-own", kind);
    deno(home, "fmt", "--check");
    deno(home, "lint");
    // Types are looked at below: for each package they are the types of the whole program again.
    assertStringIncludes(deno(home, "task", "test", "--no-check"), "the example holds ... ok");
    assertStringIncludes(deno(home, "task", "check"), "my-own 0.1.0: certified");
    const readme = Deno.readTextFileSync(`${home}/README.md`);
    assert(!readme.includes("{{"), readme);
  });
}

Deno.test("plugin new: packages of all kinds are typed, under the configuration each of them has", () => {
  using folder = temporary();
  const homes = NEW_KINDS.map((kind) => written(folder.path, `my-${kind}`, kind));
  const configurations = homes.map((home, i) =>
    Deno.readTextFileSync(`${home}/deno.json`).replace(`plugin-my-${NEW_KINDS[i]}`, "plugin")
  );
  assertEquals([...new Set(configurations)].length, 1, "one configuration says it of all");
  // Once for all: most of the work is the program that they import.
  const [module = "", reporter = ""] = blocksOf("plugins/AUTHORING.md", "ts")
    .map(({ text }) => text);
  const late = written(folder.path, "write-late", "checkpointer");
  Deno.writeTextFileSync(`${late}/mod.ts`, module);
  Deno.writeTextFileSync(`${late}/slow.ts`, reporter);
  homes.push(late);
  const checked = deno(folder.path, "check", "--config", `${homes[0]}/deno.json`, ...homes);
  assertEquals(checked, "");
});
