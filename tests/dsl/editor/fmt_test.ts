import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { main } from "../../../dsl/cli.ts";
import { renderDiagnostic } from "../../../dsl/diagnostic.ts";
import { formatScript } from "../../../dsl/editor/layout.ts";
import { makeMachinery } from "../../../dsl/grammar.ts";
import { parse } from "../../../dsl/parse.ts";
import { STATEMENTS } from "../../../dsl/statements/mod.ts";
import { inProcess, temporary } from "../../command/workshop.ts";
import { fakeHost } from "../fake.ts";
import { randomScript } from "../random_scripts.ts";
import { goodScripts } from "../scripts.ts";
import { plainTree } from "../tree.ts";

const { lexer } = makeMachinery(STATEMENTS);

const commentsOf = (text: string): readonly string[] =>
  parse(text).script.comments.map((comment) => comment.text);

/** Formatting keeps the tree and the comments, is stable, and leaves no odd blanks. */
function checkFormat(given: string, name: string): void {
  const first = parse(given, name);
  assertEquals(first.diagnostics.map(renderDiagnostic), [], name);
  const text = formatScript(first.script);
  const second = parse(text, name);
  assertEquals(second.diagnostics.map(renderDiagnostic), [], text);
  assertEquals(plainTree(second.script.statements), plainTree(first.script.statements), text);
  assertEquals(commentsOf(text), commentsOf(given), text);
  assertEquals(formatScript(second.script), text);
  assert(!/[ \t]\n|\n\n\n|\n\n$|\t|\r/.test(text.replaceAll(/"[^"\n]*"|\/\/.*/g, "_")), text);
}

for (const { name, text } of goodScripts()) {
  Deno.test(`${name}: formatting is stable and changes no meaning`, () => checkFormat(text, name));
}

/** What may stand between two tokens. */
const separator = fc.constantFrom(" ", " ", " ", "\n", "\n\n\n", "\t", " // why\n", "\n// alone\n");

Deno.test("formatting is stable with comments and line ends at random places", () => {
  fc.assert(
    fc.property(randomScript, fc.infiniteStream(separator), (script, separators) => {
      const tokens = lexer.tokenize(script).tokens.map((token) => token.image);
      const text = tokens.map((token) => token + separators.next().value).join("");
      checkFormat(text, "random.ckpt");
    }),
    { numRuns: 300 },
  );
});

Deno.test("the layout of a script does not depend on the one it had", () => {
  fc.assert(
    fc.property(
      randomScript,
      fc.infiniteStream(fc.constantFrom(" ", "\n", "  ")),
      (script, gaps) => {
        const tokens = lexer.tokenize(script).tokens.map((token) => token.image);
        const texts = [
          tokens.join(" "),
          tokens.map((token) => token + gaps.next().value).join(""),
        ].map((text) => formatScript(parse(text).script));
        assertEquals(texts[1]?.replaceAll("\n\n", "\n"), texts[0]);
      },
    ),
    { numRuns: 100 },
  );
});

/** What is aligned, what is broken, and where comments go. */
const STYLE: readonly (readonly [what: string, given: string, wanted: string])[] = [
  [
    "times of neighbouring steps are aligned, long conditions are not",
    'scenario "s" {\nat 20ms crash p\nafter 1ms restart p\n' +
    "when c.phase == 2 and c.pages_done(p) >= 3 crash n\nuntil p.exited\n}",
    'scenario "s" {\n  at 20ms    crash p\n  after 1ms  restart p\n' +
    "  when c.phase == 2 and c.pages_done(p) >= 3  crash n\n  until p.exited\n}\n",
  ],
  [
    "a blank line or a comment ends a column",
    'scenario "s" {\nat 2ms crash p\n\nafter 100ms crash p\n// then\nat 20ms crash p\n}',
    'scenario "s" {\n  at 2ms  crash p\n\n  after 100ms  crash p\n  // then\n  at 20ms  crash p\n}\n',
  ],
  [
    "titles of neighbouring claims are aligned",
    'scenario "s" {\nexpect a == 1 as "one"\nlaw b as "two"\nexpect c\n}',
    'scenario "s" {\n  expect a == 1  as "one"\n  law b          as "two"\n  expect c\n}\n',
  ],
  [
    "names of blocks are aligned",
    'scenario "s" { matrix { n in [1] proto in [a, b] exclude if n > 1 } }',
    'scenario "s" {\n  matrix {\n    n     in [1]\n    proto in [a, b]\n    exclude if n > 1\n  }\n}\n',
  ],
  [
    "columns of a table are aligned",
    'scenario "s" { cases { |load|n| |matmul{size:1}|1% | } }',
    'scenario "s" {\n  cases {\n    | load               | n  |\n    | matmul { size: 1 } | 1% |\n' +
    "  }\n}\n",
  ],
  [
    "comments inside an object break it",
    'scenario "s" { node n { clock: 1MHz // slow\n, ram: 4MiB\n// last\n} // done\n}',
    'scenario "s" {\n  node n {\n    clock: 1MHz  // slow\n    ram: 4MiB\n    // last\n  }  // done\n}\n',
  ],
  [
    "a comment in the middle of a line goes before it",
    'scenario "s" { expect a + // why\n b // what\n}',
    'scenario "s" {\n  // why\n  expect a + b  // what\n}\n',
  ],
  [
    "a long claim is broken before its options",
    `scenario "s" { expect ${"a".repeat(50)} == ${"b".repeat(30)} if c as "a title" }`,
    `scenario "s" {\n  expect ${"a".repeat(50)} == ${
      "b".repeat(30)
    }\n      if c\n      as "a title"\n}\n`,
  ],
  [
    "a long sum is broken behind an operator",
    `let x = ${Array(12).fill("abcdefgh").join(" + ")}`,
    `let x = ${Array(8).fill("abcdefgh").join(" + ")} +\n    ${
      Array(4).fill("abcdefgh").join(" + ")
    }\n`,
  ],
  [
    "a text is never broken, whatever words are in it",
    `scenario "s" { expect g.why == "${"one and ".repeat(12)}two" }`,
    `scenario "s" {\n  expect g.why ==\n      "${"one and ".repeat(12)}two"\n}\n`,
  ],
  [
    "a long list is broken",
    `let x = [${Array(10).fill("abcdefghij").join(", ")}]`,
    `let x = [\n${"  abcdefghij,\n".repeat(9)}  abcdefghij,\n]\n`.replace("j,\n]", "j\n]"),
  ],
  [
    "blank lines: one between, none at the edges",
    "\n\nlet a = 1\n\n\n\nlet b = 2\n\n\n",
    "let a = 1\n\nlet b = 2\n",
  ],
  [
    "carriage returns and a byte order mark go",
    "\uFEFFckpt 1\r\nlet a = 1\r\n",
    "ckpt 1\nlet a = 1\n",
  ],
  ["an empty file stays empty", "", ""],
];

for (const [what, given, wanted] of STYLE) {
  Deno.test(`style: ${what}`, () => {
    const { script, diagnostics } = parse(given);
    assertEquals(diagnostics.map(renderDiagnostic), []);
    assertEquals(formatScript(script), wanted);
    checkFormat(given, what);
  });
}

const UGLY = 'ckpt 1 scenario "a" {seed 7}';
const PRETTY = 'ckpt 1\nscenario "a" {\n  seed 7\n}\n';
const FILES = {
  "s/ugly.ckpt": UGLY,
  "s/pretty.ckpt": PRETTY,
  "s/broken.ckpt": 'ckpt 1 scenario "a" { chekpoint }',
  "s/latin.ckpt": Uint8Array.of(0x2f, 0x2f, 0xe9, 0x0a),
  "empty/x.txt": "",
};

async function fmt(args: string, input = "") {
  const captured = fakeHost(FILES, {
    readInput: () => Promise.resolve(new TextEncoder().encode(input)),
  });
  const code = await main(["fmt", ...args.split(" ").filter((word) => word !== "")], captured.host);
  return { code, out: captured.out(), err: captured.err(), replaced: captured.replaced };
}

Deno.test("fmt writes what is not formatted and nothing else", async () => {
  const { code, out, replaced } = await fmt("s/ugly.ckpt s/pretty.ckpt");
  assertEquals([code, out], [0, "formatted s/ugly.ckpt\n2 files\n"]);
  assertEquals([...replaced], [["s/ugly.ckpt", PRETTY]]);
});

Deno.test("fmt --check writes nothing and ends with 1", async () => {
  const { code, out, replaced } = await fmt("--check s/ugly.ckpt s/pretty.ckpt");
  assertEquals([code, replaced.size], [1, 0]);
  assertStringIncludes(out, "s/ugly.ckpt:1 is not formatted");
  assertEquals((await fmt("--check s/pretty.ckpt")).code, 0);
});

Deno.test("fmt leaves broken scripts as they are, formats the others, and ends with 3", async () => {
  const { code, out, err, replaced } = await fmt("s");
  assertEquals(code, 3);
  assertEquals([...replaced.keys()], ["s/ugly.ckpt"]);
  assertStringIncludes(err, "s/broken.ckpt:1:23 error CK0202");
  assertStringIncludes(err, "s/latin.ckpt:1:3 error CK0105");
  assertStringIncludes(out, "4 files, 2 with errors left as they are");
});

Deno.test("fmt - filters; broken input gives no output", async () => {
  assertEquals(await fmt("-", UGLY).then(({ code, out }) => [code, out]), [0, PRETTY]);
  assertEquals(await fmt("- --check", UGLY).then(({ code, out }) => [code, out]), [1, ""]);
  assertEquals(await fmt("- --check", PRETTY).then(({ code, out }) => [code, out]), [0, ""]);
  const broken = await fmt("-", "ckpt 1 scenario {");
  assertEquals([broken.code, broken.out], [3, ""]);
  assertStringIncludes(broken.err, "<stdin>:1:17 error");
});

Deno.test("fmt: wrong use", async () => {
  assertEquals((await fmt("- s")).code, 64);
  assertEquals((await fmt("nowhere")).code, 64);
  assertEquals((await fmt("empty")).code, 6);
});

Deno.test("fmt keeps links and modes of real files, and leaves nothing behind", async () => {
  using temporaryFolder = temporary();
  const folder = temporaryFolder.path;
  await Deno.writeTextFile(`${folder}/a.ckpt`, UGLY, { mode: 0o640 });
  await Deno.symlink(`${folder}/a.ckpt`, `${folder}/b.ckpt`);
  assertEquals((await inProcess(["fmt", `${folder}/b.ckpt`])).code, 0);
  assertEquals(await Deno.readTextFile(`${folder}/a.ckpt`), PRETTY);
  assert((await Deno.lstat(`${folder}/b.ckpt`)).isSymlink);
  assertEquals(((await Deno.stat(`${folder}/a.ckpt`)).mode ?? 0) & 0o777, 0o640);
  assertEquals([...Deno.readDirSync(folder)].length, 2);
});
