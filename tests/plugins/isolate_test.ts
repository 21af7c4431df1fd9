/** `run --isolate`: plugins may do nothing to the host, and who does not come back is named. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import type { Host } from "../../dsl/cli.ts";
import { inProcess, prepare, temporary } from "../command/workshop.ts";

/** A statement that brings a module of this folder in. */
const use = (module: string): string => `use "${new URL(module, import.meta.url).href}" as bad`;

/** Longer than any hook takes here; who is in one for ever is quiet for good. Nobody honest is held to it. */
const PATIENCE_MS = 1500;

/** Runs a script; what was said and the exit code. */
async function run(lines: readonly string[], flags: readonly string[], change: Partial<Host> = {}) {
  using folder = temporary();
  prepare(folder.path, { "script.ckpt": ["ckpt 1", ...lines].join("\n") });
  const args = ["run", "--trace", "never", ...flags, `${folder.path}/script.ckpt`];
  const { code, out, err } = await inProcess(args, change);
  return { code, out: out + err };
}

const scene = (lines: readonly string[]): readonly string[] => [
  use("./endless.ts"),
  'scenario "s" {',
  "node n[2]",
  ...lines,
  "at 200us checkpoint all as c",
  "expect c.committed",
  "}",
  'scenario "the others are run" {',
  "node n",
  "proc p on n runs josephus",
  "at 1ms checkpoint p as c",
  "expect c.committed",
  "}",
];

const PROGRAM = "proc p[2] on n runs counter";

/** A hook of each kind: the lines that use it, and where it was last seen. */
const ENDLESS: readonly (readonly [hook: string, lines: readonly string[], where: string])[] = [
  ["capture", [PROGRAM, "checkpointer bad.waits_for_ever"], "'bad.waits_for_ever' in capture"],
  ["manager", [PROGRAM, "protocol bad.managing"], "protocol 'bad.managing' in manager"],
  ["handle", [PROGRAM, "protocol bad.handling"], "protocol 'bad.handling' in handle (requested)"],
  ["start", ["proc p on n[0] runs bad.starting"], "workload 'bad.starting' in start"],
  ["keep", [PROGRAM, "storage bad.keeping"], "storage 'bad.keeping' in keep"],
  ["inject", [PROGRAM, "at 1us inject bad.injecting into n[0]"], "'bad.injecting' in inject"],
  ["read", [PROGRAM, "expect p.bad.reading > 0"], "metric 'bad.reading' in read"],
];

for (const [hook, lines, where] of ENDLESS) {
  for (const flags of [["--isolate"], ...hook === "manager" ? [["--jobs", "2"]] : []]) {
    Deno.test(`a ${hook} that never comes back, ${flags.join(" ")}: named, exit 4`, async () => {
      const { code, out } = await run(scene(lines), flags, { hookPatienceMs: PATIENCE_MS });
      assertStringIncludes(out, `${where} has not come back for 1.5 s`);
      assertStringIncludes(out, "✓ the others are run");
      assertEquals(code, 4, out);
    });
  }
}

/** Modules that are no plugin to be trusted: what is said of each. */
const MODULES: Readonly<Record<string, RegExp>> = {
  endless_module: /CK0602.*the module of plugin file:.*endless_module\.ts has not come back for 1/,
  waiting_module: /CK0602.*the module of plugin file:.*waiting_module\.ts has not come back for 1/,
  reading_module: /CK0602.*does not load:.*Requires read access to "\/etc\/hostname"/,
};

for (const [name, said] of Object.entries(MODULES)) {
  // One that fails by itself has the usual time.
  const waiting = name === "reading_module" ? {} : { modulePatienceMs: PATIENCE_MS };
  Deno.test(`${name}: refused by --isolate while it is loaded, exit 4`, async () => {
    const lines = [
      use(`./hostile/${name}.ts`),
      'scenario "s" {',
      "node n",
      "proc p on n runs counter",
      "expect p.exited",
      "}",
    ];
    const { code, out } = await run(lines, ["--isolate"], waiting);
    assertMatch(out, said);
    assertEquals(code, 4, out);
  });
}

/** What is refused in whatever thread a module is loaded. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  other_api: /CK0601.*was written for api \^9, and this program has api 1/,
  node_module: /CK0602.*node_import\.ts imports 'node:os', which reaches the host and is refused/,
  tampering_module: /CK0602.*its module changes Array\.prototype\.push: these belong to everybody/,
};

for (const [name, said] of Object.entries(REFUSED)) {
  for (const flags of [[], ["--isolate"]]) {
    Deno.test(`${name}: refused ${flags.join()}, exit 4, and nothing is left of it`, async () => {
      const { code, out } = await run([use(`./hostile/${name}.ts`)], flags);
      assertMatch(out, said);
      assertEquals(code, 4, out);
      const list = [1];
      list.push(2);
      assertEquals(list.length, 2);
    });
  }
}

Deno.test("an honest plugin does the same with --isolate and without", async () => {
  const hashes = async (...flags: readonly string[]) => {
    const text = Deno.readTextFileSync(new URL("third_party/example.ckpt", import.meta.url))
      .replace("./mod.ts", new URL("third_party/mod.ts", import.meta.url).href)
      .replace(/^ckpt 1\n/, "");
    const { code, out } = await run([text], ["--json", ...flags]);
    assertEquals(code, 0, out);
    return [...out.matchAll(/"traceHash": "([0-9a-f]+)"/g)].map(([, hash]) => hash);
  };
  const usual = await hashes();
  assertEquals(usual.length > 3, true);
  assertEquals(await hashes("--isolate"), usual);
});

Deno.test("what --isolate leaves of a plugin's cell is not replayed with permissions", async () => {
  using folder = temporary();
  const script = new URL("third_party/example.ckpt", import.meta.url).pathname;
  const flags = ["--isolate", "--out", folder.path, "--max-events", "20", "--bail"];
  const failed = await inProcess(["run", ...flags, script]);
  assertEquals(failed.code, 2, failed.out + failed.err);
  assertMatch(failed.out + failed.err, /again .* --max-events 20 --isolate\n/);
  const [cell] = [...Deno.readDirSync(folder.path)].filter(({ isDirectory }) => isDirectory);
  const replayed = await inProcess(["replay", `${folder.path}/${cell?.name}/repro.json`]);
  assertEquals(replayed.code, 64, replayed.out + replayed.err);
  assertMatch(
    replayed.out + replayed.err,
    /with --isolate, and here '.*' would have the permissions/,
  );
});

Deno.test("--isolate and --workers exclude each other", async () => {
  const { code, out } = await run([], ["--isolate", "--workers", "auto"]);
  assertEquals(code, 64);
  assertStringIncludes(out, "--isolate and --workers exclude each other");
});

Deno.test("a capture that loops in earnest, --isolate: named, exit 4", async () => {
  using folder = temporary();
  const lines = scene([PROGRAM, "checkpointer bad.loops_for_ever"]);
  prepare(folder.path, { "script.ckpt": ["ckpt 1", ...lines].join("\n") });
  const hasty = fileURLToPath(new URL("hasty.ts", import.meta.url));
  const args = ["run", "--trace", "never", "--isolate", `${folder.path}/script.ckpt`];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--allow-all", hasty, ...args],
    env: { NO_COLOR: "1" },
  }).output();
  const out = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assertStringIncludes(out, "'bad.loops_for_ever' in capture has not come back for 1.5 s");
  assertStringIncludes(out, "✓ the others are run");
  assertEquals(code, 4, out);
});
