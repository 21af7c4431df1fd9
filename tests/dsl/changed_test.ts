/** `--changed`: a script is run when it, what it includes, or a plugin it uses was changed. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { inProcess, prepare, temporary } from "../command/workshop.ts";

const scenario = (title: string) =>
  `scenario "${title}" {\n  node n0 : small\n  proc p on n0 runs counter { ticks: 1, turns: 10 }\n` +
  "  expect p.exited\n}\n";

const PLUGIN = new URL("third_party/mod.ts", new URL("../plugins/", import.meta.url)).href;

const FILES = {
  "lib.ckpt": "ckpt 1\nprofile small { clock: 100MHz }\n",
  "one.ckpt": `ckpt 1\ninclude "lib.ckpt"\n${scenario("one")}`,
  "two.ckpt": `ckpt 1\ninclude "lib.ckpt"\n${scenario("two")}`,
  "plugged.ckpt": `ckpt 1\nuse "${PLUGIN}" as cow\nprofile small { clock: 1MHz }\n${
    scenario("plugged")
  }`,
  "list.txt": "",
};

async function ran(
  lines: (folder: string) => readonly string[],
  ...flags: readonly string[]
) {
  using folder = temporary();
  prepare(folder.path, { ...FILES, "list.txt": lines(folder.path).join("\n") + "\n" });
  const list = `${folder.path}/list.txt`;
  const args = ["run", folder.path, "--json", "--trace", "never", "--changed", list, ...flags];
  const { code, out, err } = await inProcess(args);
  return { code, err, titles: [...out.matchAll(/"title": "(\w+)"/g)].map(([, title]) => title) };
}

Deno.test("--changed: the script itself, whoever includes a file, whoever uses a plugin", async () => {
  const cases: readonly (readonly [(folder: string) => readonly string[], readonly string[]])[] = [
    [(folder) => [`${folder}/one.ckpt`], ["one"]],
    [(folder) => [`${folder}/lib.ckpt`, "README.md"], ["one", "two"]],
    [(folder) => [`${folder}/./two.ckpt`], ["two"]],
    [() => ["tests/plugins/third_party/mod.ts"], ["plugged"]],
  ];
  for (const [lines, titles] of cases) {
    const found = await ran(lines);
    assertEquals([found.code, found.titles], [0, titles], found.err);
  }
});

Deno.test("--changed: nothing of it is a script: nothing to run, unless that is permitted", async () => {
  assertEquals((await ran(() => ["README.md"])).code, 6);
  assertEquals((await ran(() => ["README.md"], "--permit-no-files")).code, 0);
});

Deno.test("--changed=- reads standard input, once", async () => {
  using folder = temporary();
  prepare(folder.path, FILES);
  const args = ["run", folder.path, "--json", "--trace", "never", "--changed=-"];
  const readInput = () => Promise.resolve(new TextEncoder().encode(`${folder.path}/two.ckpt\r\n`));
  const { code, out } = await inProcess(args, { readInput });
  assertEquals(code, 0);
  assertEquals([...out.matchAll(/"title": "(\w+)"/g)].map(([, title]) => title), ["two"]);
  const watched = await inProcess([...args, "--watch"], { readInput });
  assertEquals(watched.code, 64);
  assertStringIncludes(watched.err, "--changed=- reads standard input once");
  const missing = await inProcess(["run", folder.path, "--changed", `${folder.path}/no.txt`]);
  assertEquals(missing.code, 64);
  assertStringIncludes(missing.err, "there is no file");
});
