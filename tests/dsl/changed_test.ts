/** `--changed`: a script is run when it, what it includes, uses or runs was changed. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { guest, inProcess, prepare, temporary } from "../command/workshop.ts";

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

/** What is run of these files when the lines say what was changed; `$` stands for the folder. */
async function ranOf(
  files: Readonly<Record<string, string | Uint8Array>>,
  lines: readonly string[],
  ...flags: readonly string[]
) {
  using folder = temporary();
  const there = (text: string) => text.replaceAll("$", folder.path);
  const texts = Object.entries(files).map(([name, content]) =>
    [name, typeof content === "string" ? there(content) : content] as const
  );
  prepare(folder.path, {
    ...Object.fromEntries(texts),
    "list.txt": lines.map(there).join("\n") + "\n",
  });
  const list = `${folder.path}/list.txt`;
  const args = ["run", folder.path, "--json", "--trace", "never", "--changed", list, ...flags];
  const { code, out, err } = await inProcess(args);
  return {
    code,
    out,
    err,
    titles: [...out.matchAll(/"title": "(\w+)"/g)].map(([, title]) => title),
  };
}

const ran = (lines: readonly string[], ...flags: readonly string[]) =>
  ranOf(FILES, lines, ...flags);

const EVERY = ["one", "plugged", "two"];

Deno.test("--changed: the script itself, whoever includes a file, whoever uses a plugin", async () => {
  const cases: readonly (readonly [readonly string[], readonly string[]])[] = [
    [["$/one.ckpt"], ["one"]],
    [["$/lib.ckpt", "README.md"], ["one", "two"]],
    [["$/./two.ckpt"], ["two"]],
    [["tests/plugins/third_party/mod.ts"], ["plugged"]],
    // A submodule is named as a folder.
    [["tests/plugins/third_party"], ["plugged"]],
    [["tests/plugins/third_party/"], ["plugged"]],
    [["$"], EVERY],
    // Built-in workloads are programs too.
    [["scenarios/guests/counter.elf"], EVERY],
  ];
  for (const [lines, titles] of cases) {
    const found = await ran(lines);
    assertEquals([found.code, found.titles], [0, titles], found.err);
  }
});

Deno.test("--changed: nothing of it is a script: nothing to run, unless that is permitted", async () => {
  for (const line of ["README.md", "$/one", "$/on", "scenarios/guests/matmul.elf"]) {
    assertEquals((await ran([line])).code, 6, line);
    assertEquals((await ran([line], "--permit-no-files")).code, 0, line);
  }
});

Deno.test("--changed: ckptlab itself and what configures modules touch every script", async () => {
  const home = new URL("../../", import.meta.url).pathname;
  const lines = ["deno.json", "$/deno.lock", "mod.ts", "core/mod.ts", "dsl", "plugins", home, "."];
  for (const line of lines) {
    const { code, titles, err } = await ran([line]);
    assertEquals([code, titles], [0, EVERY], `${line}\n${err}`);
  }
});

Deno.test("--changed: the program a scenario runs", async () => {
  const files = {
    "mine.ckpt": 'ckpt 1\nscenario "mine" {\n  node n0\n' +
      '  proc p on n0 runs program { file: "$/bin/mine.elf" }\n  expect p.exited\n}\n',
    "bin/mine.elf": guest("josephus"),
    "one.ckpt": `ckpt 1\nprofile small { clock: 100MHz }\n${scenario("one")}`,
  };
  for (const line of ["$/bin/mine.elf", "$/bin"]) {
    const { code, titles, err } = await ranOf(files, [line]);
    assertEquals([code, titles], [0, ["mine"]], err);
  }
});

Deno.test("--changed: a script with errors is told, whatever was changed", async () => {
  const plugin = "export default 7;\n";
  const broken = {
    "what it includes was deleted": ["CK0107", 3, `include "gone.ckpt"\n${scenario("one")}`],
    "its plugin is refused": ["CK0603", 4, `use "./bad.ts" as bad\n${scenario("one")}`],
    "its plugin was deleted": ["CK0602", 4, `use "./gone.ts" as bad\n${scenario("one")}`],
  } as const;
  for (const [why, [said, exit, text]] of Object.entries(broken)) {
    const files = { "one.ckpt": `ckpt 1\n${text}`, "bad.ts": plugin };
    for (const line of ["$/gone.ckpt", "$/bad.ts", "README.md"]) {
      const { code, out } = await ranOf(files, [line], "--permit-no-files");
      assertEquals(code, exit, `${why}: ${line}`);
      assertStringIncludes(out, said);
    }
  }
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
