/** `use`: plugins are loaded before a script is checked, and what they add is checked like the rest. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { type Files, inProcess, prepare, temporary } from "../command/workshop.ts";

const THIRD_PARTY = new URL("../plugins/third_party/", import.meta.url);

const EXAMPLE = fileURLToPath(new URL("example.ckpt", THIRD_PARTY));

/** Runs the command. */
const command = (...args: readonly string[]) => inProcess(args);

/** Runs a command on a script of a folder of its own, with other files beside it. */
async function onScript(text: string, command: string, files: Files = {}) {
  using folder = temporary();
  prepare(folder.path, { ...files, "script.ckpt": text });
  return await inProcess([command, `${folder.path}/script.ckpt`]);
}

/** A script with these lines at its head and in its scenario. */
const script = (head: readonly string[], ...lines: readonly string[]): string =>
  ["ckpt 1", ...head, 'scenario "s" {', "node n", "proc p on n runs matmul", ...lines, "}", ""]
    .join("\n");

const COW = `use "${new URL("mod.ts", THIRD_PARTY).href}" as cow`;

Deno.test("a third party's strategies, programs and metrics work as the built-in ones do", async () => {
  const { out, err, code } = await command("run", "-v", EXAMPLE);
  assertEquals(code, 0, out + err);
  assertStringIncludes(out, "2 scenarios: 2 hold");
});

Deno.test("a plugin in Workers and in one thread leaves one trace", async () => {
  const hashes = async (...flags: readonly string[]) =>
    [...(await command("run", "-v", ...flags, EXAMPLE)).out
      .matchAll(/ trace ([0-9a-f ]+)/g)].map(([, hash]) => hash);
  const alone = await hashes("--workers", "0");
  assert(alone.length === 3);
  assertEquals(await hashes("--workers", "auto"), alone);
});

/** Each mistake: the head, the lines, where and how it is reported, and the exit code. */
const MISTAKES: readonly (readonly [string, string[], string[], RegExp, number])[] = [
  ["no such module", ['use "./gone.ts" as cow'], [], /2:5 .*CK0602.*does not load/, 4],
  [
    "a web address",
    ['use "https://cow.example" as cow'],
    [],
    /2:5 .*CK0602.*is the path of a module, npm:… or jsr:…, not 'https:/,
    4,
  ],
  [
    "no plugin",
    [`use "${new URL("tree.ts", import.meta.url).href}" as cow`],
    [],
    /2:5 .*CK0602.*no default export/,
    4,
  ],
  [
    "a plugin twice",
    [COW, COW],
    [],
    RegExp(`3:${COW.length - 2} .*CK0302.*'cow' is declared twice`),
    3,
  ],
  ["an unknown strategy", [COW], ["checkpointer cow.backwards"], /CK0303.*'cow' has no check/, 3],
  ["a strategy nearly right", [COW], ["checkpointer cow.back_ward"], /did you mean 'cow\.back_/, 3],
  ["an unknown plugin", [COW], ["checkpointer cov.back_wards"], /no plugin 'cov'.*mean 'cow'/, 3],
  ["an unknown option", [COW], ["checkpointer cow.back_wards { laps: 1 }"], /CK0304.*'laps'/, 3],
  [
    "a value too large",
    [COW],
    ["checkpointer cow.back_wards { rounds: 9 }"],
    /CK0404.*at most 4/,
    3,
  ],
  [
    "with nothing of the kind",
    [`${COW} with { laps: 1 }`],
    [],
    RegExp(`2:${COW.length + 9} .*CK0304.*no option 'laps'`),
    3,
  ],
  ["with too much", [`${COW} with { rounds: 9 }`], [], /CK0404.*at most 4/, 3],
  ["an unknown metric", [COW], ["expect p.cow.liness == 5"], /CK0305.*mean 'cow\.lines'/, 3],
  ["a plugin as a value", [COW], ["expect cow == 1"], /CK0306.*'cow' is a plugin/, 3],
  [
    "migration it refuses",
    [COW],
    ["node m", "at 1ms migrate p to m using cow.back_wards"],
    /does not support migration/,
    1,
  ],
];

for (const [mistake, head, lines, said, code] of MISTAKES) {
  Deno.test(`use: ${mistake} is told in its place`, async () => {
    const all = [
      ...lines,
      ...lines.some((line) => line.startsWith("expect")) ? [] : ["expect p.exit == 0"],
    ];
    const found = await onScript(script(head, ...all), "run");
    assertMatch(found.err + found.out, said);
    assertEquals(found.code, code, found.err + found.out);
  });
}

Deno.test("use: a plugin that is refused is told of once, not where its names are used", async () => {
  const { err } = await onScript(
    script(['use "./gone.ts" as cow'], "checkpointer cow.a", "expect p.cow.b == 1"),
    "check",
  );
  assertEquals(err.match(/error CK/g)?.length, 1, err);
});

Deno.test("use: options given to a plugin are the defaults of its rows, and no more", async () => {
  const { out, code } = await onScript(
    script(
      [`${COW} with { ticks: 3 }`],
      "proc three on n runs cow.counting",
      "proc two on n runs cow.counting { ticks: 2 }",
      "expect three.cow.lines == 3 and two.cow.lines == 2",
    ),
    "run",
  );
  assertEquals(code, 0, out);
  assertStringIncludes(out, "1 hold");
});

Deno.test("use: an included file may bring plugins in", async () => {
  const { out, err } = await onScript(
    script(['include "shared.ckpt"'], "checkpointer cow.back_wards", "expect p.exit == 0"),
    "run",
    { "shared.ckpt": `ckpt 1\n${COW}\n` },
  );
  assertStringIncludes(out, "1 hold", err);
});
