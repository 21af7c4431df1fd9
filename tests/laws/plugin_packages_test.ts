/** What `plugin new` writes passes its own tests at once, and is certified: a package of each kind. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { NEW_KINDS } from "../../dsl/plugin_new.ts";

const MAIN = fileURLToPath(new URL("../../mod.ts", import.meta.url));

/** Runs deno in a folder, as who wrote the package would. */
function deno(cwd: string, ...args: readonly string[]) {
  const { code, stdout, stderr } = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1" },
  }).outputSync();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

for (const kind of NEW_KINDS) {
  Deno.test(`plugin new --kind ${kind}: formatted, typed, tested, certified`, () => {
    const folder = Deno.makeTempDirSync();
    try {
      const program = ["run", "--no-check", "--allow-read", "--allow-write", "--allow-env", MAIN];
      const made = deno(folder, ...program, "plugin", "new", "my-own", "--kind", kind);
      assertEquals(made.code, 0, made.err);
      const home = `${folder}/my-own`;
      const steps = [["fmt", "--check"], ["lint"], ["check", "."], ["task", "test"]];
      for (const step of steps) {
        const { code, out, err } = deno(home, ...step);
        assertEquals(code, 0, `deno ${step.join(" ")}\n${out}\n${err}`);
        if (step[0] === "task") assertStringIncludes(out, "the example holds ... ok");
      }
      const { code, out, err } = deno(home, "task", "check");
      assertEquals(code, 0, out + err);
      assertStringIncludes(out, "my-own 0.1.0: certified");
      const readme = Deno.readTextFileSync(`${home}/README.md`);
      assert(!readme.includes("{{"), readme);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  });
}
