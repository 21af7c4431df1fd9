/** What is run from the lines above scenarios is what the editor shows, and no more than asked for. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { CodeLens } from "vscode-languageserver";
import { type Editor, withEditor } from "./lsp_client.ts";

const lenses = (editor: Editor, uri: string) =>
  editor.ask<CodeLens[]>("textDocument/codeLens", { textDocument: { uri } });

const titles = (all: readonly CodeLens[]) => all.map(({ command }) => command?.title);

const press = (editor: Editor, lens: CodeLens | undefined) =>
  editor.ask<number>("workspace/executeCommand", lens?.command);

/** A scenario with one node and one process. */
const scenario = (title: string, ...lines: readonly string[]): string =>
  [
    `scenario "${title}" {`,
    "  node n0",
    "  proc p0 on n0 runs counter { ticks: 3, turns: 1000 }",
    ...lines.map((line) => `  ${line}`),
    "}",
    "",
  ].join("\n");

const EIGHT = scenario("eight", "matrix { n in [1, 2, 3, 4, 5, 6, 7, 8] }", "expect p0.exit == 0");

for (const env of [{}, { DENO_JOBS: "2" }]) {
  Deno.test(`lens: many cells are of the text in the editor ${JSON.stringify(env)}`, async () => {
    await withEditor({ "a.ckpt": `ckpt 1\n${EIGHT}` }, async (editor, at) => {
      const uri = at("a.ckpt");
      await editor.open(uri, `ckpt 1\n${EIGHT}`);
      await editor.edit(uri, "p0.exit == 0", "p0.exit == 1");
      const [run] = await lenses(editor, uri);
      assertEquals(run?.command?.title, "▶ run 8 cells");
      assertEquals(await press(editor, run), 1);
      const found = editor.said.get(uri)?.diagnostics ?? [];
      assertEquals(found.length, 8, JSON.stringify(found));
    }, env);
  });
}

const SEARCH = scenario(
  "s",
  "chaos { crash: { of: p0, every: 1us..3ms, at_most: 1 } }",
  "explore { seeds: 1..2000 }",
  "expect p0.crashes == 0",
);

Deno.test("lens: of a search the seed that failed is replayed", async () => {
  await withEditor({ "a.ckpt": `ckpt 1\n${SEARCH}` }, async (editor, at) => {
    const uri = at("a.ckpt");
    await editor.open(uri, `ckpt 1\n${SEARCH}`);
    const [run] = await lenses(editor, uri);
    assertEquals(await press(editor, run), 1);
    const [, replay] = await lenses(editor, uri);
    const [, seed] = /^⟳ replay s@(\d+)$/.exec(replay?.command?.title ?? "") ?? [];
    assert(Number(seed) > 1, `a seed behind the first one, not ${replay?.command?.title}`);
    assertEquals(await press(editor, replay), 1);
    const found = editor.said.get(uri)?.diagnostics ?? [];
    assertStringIncludes(JSON.stringify(found), `s@${seed}`);
    // It stays the same one when it was replayed.
    assertEquals(titles(await lenses(editor, uri)), ["▶ run", `⟳ replay s@${seed}`]);
  });
});

/** Long enough to be changed while it runs. */
const LONG = SEARCH.replace("1..2000", "1..150, stop_after: 0").replace("== 0", "<= 1");

const NAMES = ["a", "a b", "b#a", "a[1]", "a (.*)/"];

Deno.test("lens: a scenario is run alone, whatever others are called", async () => {
  const script = `ckpt 1\n${NAMES.map((title) => scenario(title, "expect p0.exit == 1")).join("")}`;
  await withEditor({ "a.ckpt": script }, async (editor, at) => {
    const uri = at("a.ckpt");
    await editor.open(uri, script);
    const all = await lenses(editor, uri);
    assertEquals(all.length, NAMES.length);
    for (const [i, run] of all.entries()) {
      assertEquals(await press(editor, run), 1);
      const now = titles(await lenses(editor, uri)).filter((title) => title !== "▶ run");
      assertEquals(now, [`⟳ replay ${NAMES[i]}@1`]);
    }
  });
});

Deno.test("lens: what a run finds is gone with the text it was found in", async () => {
  const script = `ckpt 1\n${LONG}` +
    scenario("t", "expect p0.exit == 1");
  await withEditor({ "a.ckpt": script }, async (editor, at) => {
    const uri = at("a.ckpt");
    await editor.open(uri, script);
    const [, short] = await lenses(editor, uri);
    assertEquals(await press(editor, short), 1);
    assertEquals((await lenses(editor, uri)).length, 3);
    const version = await editor.edit(uri, "exit == 1", "exit == 0");
    assertEquals(await editor.diagnostics(uri, version), []);
    assertEquals((await lenses(editor, uri)).length, 2);
    // While it runs: what it finds is about a text that is no more.
    await editor.edit(uri, "crashes <= 1", "crashes > 1");
    const [long] = await lenses(editor, uri);
    const running = press(editor, long);
    const last = await editor.edit(uri, "crashes > 1", "crashes <= 1");
    assertEquals(await running, 1);
    assertEquals(await editor.diagnostics(uri, last), []);
    assertEquals((await lenses(editor, uri)).length, 2);
    assertStringIncludes(editor.messages.at(-1) ?? "", "before it was changed");
  });
});
