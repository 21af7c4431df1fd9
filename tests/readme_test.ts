/** What the README shows works: its scenario holds, its commands do what it says. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { inChild, inProcess, prepare, temporary } from "./command/workshop.ts";
import { blocksOf, ROOT, textOf } from "./page.ts";

const README = textOf("README.md");

/** The code blocks of a language. */
const blocks = (language: string): readonly string[] =>
  blocksOf("README.md", language).map(({ text }) => text);

Deno.test("the README's scenarios hold", async () => {
  const scripts = blocks("ckpt");
  assert(scripts.length > 0, "the README shows no scenario");
  for (const script of scripts) {
    using folder = temporary();
    prepare(folder.path, { "readme.ckpt": script });
    const { code, out, err } = await inProcess([`${folder.path}/readme.ckpt`]);
    assertEquals(code, 0, out + err);
    assertStringIncludes(out, "1 scenario: 1 hold");
  }
});

Deno.test("the README's checkpoint by hand goes on where it was, as an image and as an executable", () => {
  const lines = blocks("sh").join("").split("\n").filter((line) =>
    line.startsWith("deno task exec")
  );
  assertEquals(lines.length, 4);
  const folder = Deno.makeTempDirSync();
  try {
    const [first, second, turned, frozen] = lines.map((line) => {
      const here = line.replace("saved", `${folder}/saved`).replace("frozen", `${folder}/frozen`);
      const words = here.split(" ").slice(3);
      const { code, stdout } = new Deno.Command(Deno.execPath(), {
        args: ["run", "--no-check", "--allow-all", "mod.ts", "exec", ...words],
        cwd: ROOT,
      }).outputSync();
      assertEquals(code, 0);
      return new TextDecoder().decode(stdout);
    });
    const all = Array.from({ length: 10 }, (_, n) => `tick ${n + 1}\n`);
    assertEquals(first, all.join(""));
    assertEquals(second, all.slice(4).join(""));
    assertEquals([turned, frozen], ["", second]);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("the README's shards, merged, are the whole run", async () => {
  const lines = blocks("sh").join("").split("\n").filter((line) => /--shard|merge/.test(line));
  assertEquals(lines.length, 3);
  using folder = temporary();
  const [script = ""] = blocks("ckpt");
  prepare(folder.path, { "scenarios/1.ckpt": script, "scenarios/2.ckpt": script });
  for (const line of lines) {
    const words = line.replace("deno task scenario ", "").split(" ");
    const { code, err } = await inChild(words, { cwd: folder.path });
    assertEquals(code, 0, err);
  }
  const xml = Deno.readTextFileSync(`${folder.path}/.ckpt/junit.xml`);
  assertStringIncludes(xml, 'tests="2" failures="0" errors="0"');
});

Deno.test("every task the README names exists", () => {
  const { tasks } = JSON.parse(
    textOf("deno.json").replaceAll(/^\s*\/\/.*$/gm, ""),
  ) as { tasks: Record<string, unknown> };
  for (const [, name] of README.matchAll(/deno task (\w+)/g)) {
    assert((name as string) in tasks, `there is no task '${name}'`);
  }
});
