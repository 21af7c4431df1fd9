/** `plugin`: packages are written, checked, listed and looked at. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parse } from "yaml";
import { formatScript } from "../../dsl/editor/layout.ts";
import { parse as parseScript } from "../../dsl/parse.ts";
import { NEW_KINDS, packageFiles } from "../../dsl/plugin_new.ts";
import { inProcess, listing, prepare, temporary } from "./workshop.ts";

const FOLDER = fileURLToPath(new URL("../plugins/", import.meta.url));

const plugin = (...args: readonly string[]) => inProcess(["plugin", ...args]);

Deno.test("plugin new writes a package of each kind, with a README of its options", async () => {
  for (const kind of NEW_KINDS) {
    using folder = temporary();
    const home = `${folder.path}/my-own`;
    const { code, out, err } = await plugin("new", "my-own", "--kind", kind, "--output", home);
    assertEquals(code, 0, err);
    assertStringIncludes(out, "deno task test");
    const files = listing(home).map((line) => line.split(" ")[0]);
    for (
      const file of ["README.md", "deno.json", "deno.lock", "example.ckpt", "mod.ts", "mod_test.ts"]
    ) {
      assert(files.includes(file), `${kind}: ${file}`);
    }
    assertStringIncludes(Deno.readTextFileSync(`${home}/README.md`), "## Options");
    const example = Deno.readTextFileSync(`${home}/example.ckpt`);
    assertEquals(formatScript(parseScript(example).script), example);
  }
});

/** Where a package lies, ckptlab too, and in which order and where its workflow checks them out. */
const PLACES: readonly (readonly [folder: string, home: string, paths: readonly string[]])[] = [
  ["/w/mine", "/w/ckptlab", ["mine", "ckptlab"]],
  ["/w/plugins/mine", "/w/ckptlab", ["ckptlab", "plugins/mine"]],
  ["/w/mine", "/w/mine/ckptlab", [".", "ckptlab"]],
  ["/w/ckptlab/mine", "/w/ckptlab", [".", "mine"]],
];

Deno.test("a package finds ckptlab by a path from itself, in CI too", () => {
  for (const [folder, home, paths] of PLACES) {
    using real = temporary();
    prepare(`${real.path}${home}`, {
      "deno.json": Deno.readTextFileSync(new URL("../../deno.json", import.meta.url)),
      "deno.lock": Deno.readTextFileSync(new URL("../../deno.lock", import.meta.url)),
    });
    const files = packageFiles({
      name: "mine",
      kind: "checkpointer",
      folder: pathToFileURL(`${real.path}${folder}/`),
      home: pathToFileURL(`${real.path}${home}/`),
    });
    assert(!files["deno.json"]?.includes(real.path), files["deno.json"]);
    const { imports } = JSON.parse(files["deno.json"] ?? "");
    const found = new URL(imports.ckptlab, pathToFileURL(`${real.path}${folder}/`)).pathname;
    assertEquals(found, `${real.path}${home}/mod.ts`);
    const { jobs } = parse(files[".github/workflows/test.yml"] ?? "");
    const steps = jobs.test.steps as { with?: { path?: string }; "working-directory"?: string }[];
    assertEquals(steps.flatMap((step) => step.with?.path ?? []), paths);
    const last = steps.at(-1)?.["working-directory"];
    assertEquals(`${real.path}${folder}`.endsWith(last === "." ? "/mine" : `/${last}`), true);
  }
});

Deno.test("plugin new overwrites nothing", async () => {
  using folder = temporary();
  Deno.writeTextFileSync(`${folder.path}/mine.txt`, "mine");
  const { code, err } = await plugin("new", "my-own", "--output", folder.path);
  assertEquals(code, 64);
  assertStringIncludes(err, "is not empty, and nothing is overwritten; --output names another");
  assertEquals(listing(folder.path).length, 1);
});

/** Wrong use: the arguments, what is said, the exit code. */
const WRONG: readonly (readonly [args: string[], said: RegExp, code: number])[] = [
  [[], /plugin needs one of new, check, list, doctor/, 64],
  [["chek"], /plugin has no 'chek'.*did you mean 'check'/, 64],
  [["new"], /plugin new <name> needs one argument/, 64],
  [["new", "A B"], /lower-case words joined by -, not 'A B'/, 64],
  [["new", "cow", "--kind", "checkpointr"], /no kind 'checkpointr'.*mean 'checkpointer'/, 64],
  [["check"], /plugin check <module> needs one argument/, 64],
  [["check", "a.ts", "b.ts"], /takes one argument/, 64],
  [["check", "https://cow.example"], /path of a module, npm:… or jsr:…, not 'https/, 64],
  [["check", "gone.ts"], /its module does not load/, 4],
  [["check", `${FOLDER}../dsl/tree.ts`], /no default export/, 4],
  [["list", "gone.ts"], /its module does not load/, 4],
];

for (const [args, said, wanted] of WRONG) {
  Deno.test(`plugin ${args.join(" ")} is answered by one error`, async () => {
    const { code, err } = await plugin(...args);
    assertMatch(err, said);
    assertEquals([code, err.trimEnd().split("\n").length], [wanted, 1]);
  });
}

Deno.test("a module that does not load says where", async () => {
  using folder = temporary();
  const wrong = {
    "grammar.ts": "const a = 1;\nexport default {{;\n",
    "throws.ts": "const a = 1;\n\nthrow new Error('not today');\n",
    "inner.ts": `import "./grammar.ts";\nexport default 1;\n`,
    "gone.ts": `import "./nowhere.ts";\nexport default 1;\n`,
  };
  prepare(folder.path, wrong);
  const said = async (file: string) => (await plugin("check", `${folder.path}/${file}`)).err;
  assertMatch(await said("grammar.ts"), /does not load: .* at file:\S+grammar\.ts:2:\d+\n/);
  assertMatch(await said("throws.ts"), /does not load: not today at file:\S+throws\.ts:3:7\n/);
  assertMatch(await said("inner.ts"), /does not load: .* at file:\S+grammar\.ts:2:\d+\n/);
  assertMatch(await said("gone.ts"), /does not load: .*nowhere\.ts.* at file:\S+gone\.ts:1:8\n/);
});

Deno.test("plugin check names each law that is broken, and shows it by a script", async () => {
  using folder = temporary();
  const module = `${folder.path}/slip.ts`;
  Deno.writeTextFileSync(
    module,
    `import { checkpointers, definePlugin } from "ckptlab";
const cow = checkpointers.find(({ name }) => name === "concurrent-cow");
const row = { ...cow, name: "slip", aliases: [], *onFirstWrite() {} };
export default definePlugin({
  name: "slip", version: "0.1.0", api: "^1", contributes: { checkpointers: [row] },
});
`,
  );
  const badge = `${folder.path}/badge.json`;
  const { code, out } = await plugin("check", module, "--badge", badge);
  assertEquals(code, 1, out);
  assertMatch(out, /✗ L3 {2}point in time: checkpointer slip\n {4}.*let page 0x\w+ be written/);
  const script = /this script shows it\n((?: {6}.*\n|\n)+)/.exec(out)?.[1]?.replace(/^ {6}/gm, "");
  assert(script !== undefined);
  const file = `${folder.path}/shown.ckpt`;
  Deno.writeTextFileSync(file, script);
  const shown = await inProcess(["run", file]);
  assertEquals(shown.code, 4);
  assertMatch(
    shown.out + shown.err,
    /'slip\.slip' let page 0x\w+ be written before it was captured/,
  );
  assertEquals(JSON.parse(Deno.readTextFileSync(badge)).message, "loads");
});

Deno.test("plugin check shows a reporter that is wrong by a command, and the command shows it", async () => {
  using folder = temporary();
  const module = `${folder.path}/brief.ts`;
  Deno.writeTextFileSync(
    module,
    `import { definePlugin, reporter } from "ckptlab";
const row = reporter({
  name: "in-brief",
  help: "Tells less than there is.",
  begin: () => ({
    take: (event) => event.event === "problem" ? event.cell!.length + "\\n" : "",
  }),
});
export default definePlugin({
  name: "brief", version: "0.1.0", api: "^1", contributes: { reporters: [row] },
});
`,
  );
  const { code, out } = await plugin("check", module);
  assertEquals(code, 1, out);
  assertMatch(
    out,
    /✗ L12 refuse, do not guess, every run: reporter in-brief\n {4}.*threw: Cannot /,
  );
  const [, line = ""] = /this command shows it\n {6}deno task scenario (.*)\n/.exec(out) ?? [];
  assertStringIncludes(line, "unknown.ndjson --use brief=file:");
  const shown = await inProcess(line.split(" "));
  assertEquals(shown.code, 4, shown.err);
  assertMatch(shown.err, /reporter 'brief\.in-brief' threw: Cannot .*, in take \(problem\)/);
});

Deno.test("plugin list tells what modules and scripts bring", async () => {
  const module = await plugin("list", `${FOLDER}third_party/mod.ts`);
  assertEquals(module.code, 0, module.err);
  assertMatch(module.out, /^third-party 0\.3\.0, for api \^1, called third_party\n/);
  for (const name of ["back_wards", "alone", "counting", "stop_share"]) {
    assertStringIncludes(module.out, `third_party.${name}`);
  }
  assertStringIncludes(module.out, "rounds: 1");
  const script = await plugin("list", `${FOLDER}third_party/example.ckpt`, "--json");
  const { plugins: [used] } = JSON.parse(script.out);
  assertEquals([used.alias, used.name], ["cow", "third-party"]);
  assertEquals(used.adds.workloads[0].name, "cow.counting");
});

Deno.test("plugin doctor says what is wrong, and what to do", async () => {
  const { code, out } = await plugin("doctor", `${FOLDER}third_party/mod.ts`, "gone.ts");
  assertEquals(code, 4);
  assertMatch(out, /✓ ckptlab .*, api 1\.0\.0, Deno /);
  assertMatch(out, /✓ .*mod\.ts: third-party 0\.3\.0 with 1 checkpointers/);
  assertMatch(out, /✗ gone\.ts: .*Module not found.*\n {4}look at the path/);
});
