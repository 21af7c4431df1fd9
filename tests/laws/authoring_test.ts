/** What the page about authoring a strategy shows is true: its blocks are run in order. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { blocksOf, ROOT } from "../page.ts";

/** The blocks of a language, in order. */
const blocks = (language: string): readonly string[] =>
  blocksOf("plugins/AUTHORING.md", language).map(({ text }) => text);

/** Runs ckptlab in a folder as its tasks do. */
function ckptlab(cwd: string, ...args: readonly string[]) {
  const { code, stdout, stderr } = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-check",
      "--allow-read",
      "--allow-write",
      "--allow-env",
      `${ROOT}mod.ts`,
      ...args,
    ],
    cwd,
    env: { NO_COLOR: "1" },
  }).outputSync();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

/** Copies pages of a list that is not the last. */
const OLD_PAGES = `yield { step: "list" };
const before = view.pages;
yield { step: "list" };
for (const page of before) yield { step: "copy", page, to: "A" };
`;

Deno.test("rounds of copies before t0, as the page has them: pages are those of the last list", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const [make = ""] = blocks("sh");
    ckptlab(folder, ...make.trim().split(" ").slice(2));
    const home = `${folder}/write-late`;
    const [module = "", , rounds = ""] = blocks("ts");
    const before = 'if (view.pages.length > 0) throw new Error("there are pages");\n';
    const [certified = ""] = blocks("text");
    // The types are imported by the module already, or not at all: it is not type checked here.
    const [, written = ""] = rounds.split(/^import .*\n/m);
    const cases = [
      [`${before}yield* rounds(view);\n`, 0, certified],
      [OLD_PAGES, 1, "its page is not one of those listed last"],
    ] as const;
    for (const [lines, ends, said] of cases) {
      const stop = '    yield { step: "stop" };\n';
      assert(module.includes(stop));
      Deno.writeTextFileSync(`${home}/mod.ts`, module.replace(stop, `${lines}${stop}`) + written);
      const { code, out } = ckptlab(home, "plugin", "check", "./mod.ts");
      assertEquals(code, ends, out);
      assertStringIncludes(out, said);
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("from plugin new to certified, as the page tells it", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const [make = "", inside = ""] = blocks("sh");
    const { code, err } = ckptlab(folder, ...make.trim().split(" ").slice(2));
    assertEquals(code, 0, err);
    const home = `${folder}/write-late`;
    const { tasks } = JSON.parse(Deno.readTextFileSync(`${home}/deno.json`));
    for (const line of inside.trim().split("\n").slice(1)) {
      const [task = ""] = line.replace("deno task ", "").split(" ");
      assert(task in tasks, line);
    }
    const [module = ""] = blocks("ts");
    Deno.writeTextFileSync(`${home}/mod.ts`, module);
    const [, reporter = ""] = blocks("ts");
    Deno.writeTextFileSync(`${folder}/slow.ts`, reporter);
    const example = ckptlab(home, "run", "example.ckpt");
    assertEquals(example.code, 0, example.out + example.err);
    const [certified = "", broken = ""] = blocks("text");
    assertStringIncludes(ckptlab(home, "plugin", "check", "./mod.ts").out, certified);
    const [script = ""] = blocks("ckpt");
    Deno.writeTextFileSync(`${folder}/late.ckpt`, script);
    const ran = ckptlab(folder, "run", "late.ckpt");
    assertEquals(ran.code, 0, ran.out + ran.err);
    const line = `    if (page.state === "uncaptured") yield { step: "copy", page, to: "B" };\n`;
    assert(module.includes(line));
    Deno.writeTextFileSync(`${home}/mod.ts`, module.replace(line, ""));
    const [, , told = ""] = blocks("text");
    const [first = "", second = ""] = (blocks("sh")[2] ?? "").trim().split("\n").map((line) =>
      line.replace("deno task scenario ", "")
    );
    const shown = ckptlab(folder, ...first.split(" "));
    assertEquals([shown.code, shown.out], [0, told], shown.err);
    assertEquals(ckptlab(folder, ...second.split(" ")).code, 0);
    assertEquals(Deno.readTextFileSync(`${folder}/.ckpt/slowest.txt`), told);
    const wrong = ckptlab(home, "plugin", "check", "./mod.ts");
    assertEquals(wrong.code, 1);
    assertStringIncludes(wrong.out, broken);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
