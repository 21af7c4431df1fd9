import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type {
  CodeLens,
  CompletionItem,
  DocumentSymbol,
  Hover,
  Location,
  TextEdit,
  WorkspaceEdit,
} from "vscode-languageserver";
import { formatScript } from "../../../dsl/editor/layout.ts";
import { parse } from "../../../dsl/parse.ts";
import { Editor, withEditor } from "./lsp_client.ts";

const LIB = `ckpt 1
let limit = 20ms
profile small { ram: 4MiB }
`;

const SCRIPT = `ckpt 1
include "lib.ckpt"
let twice(x) = x + x
scenario "a crash" @smoke {
  node n0 : small { clock: 100MHz }
  proc p0 on n0 runs counter { ticks: 3, turns: 100_000 }
  checkpointer concurrent_cow { cow_slots: 8 }
  at 1ms checkpoint p0 as c1
  when c1.committed crash p0
  after 1ms restart p0 from c1
  until p0.exited
  expect p0.exit == 0
  expect c1.downtime <= twice(limit) as "short"
  expect p0.output == undisturbed.p0.output
  expect cluster.sent("ACK") == 0
}
`;

const FILES = { "lib.ckpt": LIB, "a.ckpt": SCRIPT };

const labels = (items: readonly CompletionItem[]) => items.map(({ label }) => label);

Deno.test("lsp: from hello to goodbye with the permissions it is told to have", async () => {
  const editor = new Editor();
  const { capabilities, serverInfo } = await editor.initialize("/tmp");
  assertEquals(serverInfo?.name, "ckptlab");
  for (const one of ["completionProvider", "hoverProvider", "renameProvider", "codeLensProvider"]) {
    assert(one in capabilities, one);
  }
  assertEquals(await editor.quit(), 0);
});

Deno.test("lsp: ends when the editor is gone", async () => {
  const editor = new Editor();
  await editor.initialize("/tmp");
  assertEquals(await editor.vanish(), 1);
});

Deno.test("lsp: diagnostics follow the text, and a fix does what was suggested", async () => {
  await withEditor(FILES, async (editor, at) => {
    const uri = at("a.ckpt");
    await editor.open(uri, SCRIPT);
    assertEquals(await editor.diagnostics(uri), []);
    const version = await editor.edit(uri, "p0.exited", "p0.exitd");
    const [wrong, ...others] = await editor.diagnostics(uri, version);
    assertEquals([wrong?.code, wrong?.range.start, others.length], [
      "CK0305",
      { line: 10, character: 11 },
      0,
    ]);
    const [fix] = await editor.ask<{ edit: WorkspaceEdit }[]>("textDocument/codeAction", {
      textDocument: { uri },
      range: wrong?.range,
      context: { diagnostics: [wrong] },
    });
    assertEquals(fix?.edit.changes?.[uri]?.map(({ newText }) => newText), ["exited"]);
    const mended = await editor.edit(uri, "p0.exitd", "p0.exited");
    assertEquals(await editor.diagnostics(uri, mended), []);
  });
});

Deno.test("lsp: what is wrong with an included file is told where it is included", async () => {
  await withEditor(FILES, async (editor, at) => {
    const [uri, lib] = [at("a.ckpt"), at("lib.ckpt")];
    await editor.open(uri, SCRIPT);
    await editor.open(lib, LIB);
    await editor.diagnostics(uri);
    // Not saved: what the editor has counts.
    await editor.edit(lib, "limit = 20ms", "limit = 20ms + 4KiB");
    await editor.until(() => (editor.said.get(uri)?.diagnostics.length ?? 0) > 0);
    const [wrong] = editor.said.get(uri)?.diagnostics ?? [];
    assertEquals([wrong?.code, wrong?.range.start.line], ["CK0401", 1]);
    assertEquals(wrong?.relatedInformation?.[0]?.location.uri, lib);
  });
});

Deno.test("lsp: fast edits of a broken file end in what is said of the last one", async () => {
  await withEditor(FILES, async (editor, at) => {
    const uri = at("a.ckpt");
    await editor.open(uri, SCRIPT);
    let version = 1;
    const cuts = ["}", "expect", "(limit)", "as c1", '"a crash"', "{ ticks", "proc p0", "ckpt 1"];
    const asked: Promise<unknown>[] = [];
    for (const cut of cuts) {
      await editor.edit(uri, cut, "");
      asked.push(
        editor.at("textDocument/completion", uri, "until "),
        editor.at("textDocument/hover", uri, "until"),
        editor.ask("textDocument/documentSymbol", { textDocument: { uri } }),
        editor.ask("textDocument/semanticTokens/full", { textDocument: { uri } }),
      );
    }
    // Whatever is asked of a broken file is answered, if only with nothing.
    const answers = await Promise.all(asked);
    assertEquals(answers.length, 4 * cuts.length);
    assert(answers.some((answer) => answer !== null));
    assert((await editor.diagnostics(uri, 1 + cuts.length)).length > 0);
    version = await editor.edit(uri, editor.text(uri), SCRIPT);
    assertEquals(await editor.diagnostics(uri, version), []);
  });
});

/** Typed on a line of its own before `until`, what must be offered, and what must not. */
const OFFERS: readonly (readonly [typed: string, wants: string[], not: string[]])[] = [
  ["checkpoint p0 ", [], []],
  ["at 5ms checkpoint p0 ", ["as", "using", "expect"], ["losing", "p0"]],
  ["at 5ms crash p0 ", ["losing"], ["using"]],
  ["at 5ms crash p0 losing ", ["nothing", "unsynced", "disk"], ["p0"]],
  ["at 5ms ", ["checkpoint", "crash", "note"], ["node"]],
  ["expect p0.", ["exited", "output", "run_time"], ["committed", "image_size"]],
  ["expect c1.", ["committed", "downtime"], ["exited"]],
  ["expect undisturbed.", ["p0"], ["n0"]],
  ["expect p0.exited ", ["as", "if", "and", "=="], ["using"]],
  ["expect twice(", ["limit", "sum", "p0"], []],
  ["node n1 : ", ["small", "sh4"], ["n0"]],
  ["node n1 { ", ["clock", "ram"], ["order"]],
  ["node n1 { clock: 20", ["20MHz", "20ms"], []],
  ["proc q on ", ["n0"], ["p0", "small"]],
  ["proc q on n0 runs ", ["matmul", "counter"], ["concurrent_cow"]],
  ["protocol ", ["message_counting"], ["matmul", "concurrent_cow"]],
  ["channel all { order: ", ["fifo", "any"], []],
  ['channel all { order: "', ["fifo", "any"], ["p0"]],
  ['expect cluster.sent("', ["ACK", "CLS"], ["p0"]],
  ["after 1ms restart p0 from ", ["c1", "latest"], ["p0"]],
  ["// expect p0.", [], ["exited"]],
];

Deno.test("lsp: completion", async (t) => {
  await withEditor(FILES, async (editor, at) => {
    const uri = at("a.ckpt");
    await editor.open(uri, SCRIPT);
    for (const [typed, wants, not] of OFFERS) {
      await t.step(`behind '${typed}'`, async () => {
        await editor.edit(uri, "  until", `  ${typed}\n  until`);
        const items = labels(await editor.at("textDocument/completion", uri, `\n  ${typed}`));
        assertEquals(wants.filter((label) => !items.includes(label)), [], items.join(" "));
        assertEquals(not.filter((label) => items.includes(label)), [], items.join(" "));
        await editor.edit(uri, `  ${typed}\n  until`, "  until");
      });
    }
    await t.step("files behind include", async () => {
      await editor.edit(uri, 'include "lib.ckpt"', 'include "l');
      const items = labels(await editor.at("textDocument/completion", uri, 'include "l'));
      assertEquals(items.sort(), Object.keys(FILES).sort());
      await editor.edit(uri, 'include "l', 'include "lib.ckpt"');
    });
    await t.step("a completion is explained when it is looked at", async () => {
      const item = await editor.ask<CompletionItem>("completionItem/resolve", { label: "crash" });
      assertStringIncludes(item.detail ?? "", "statement");
      assertStringIncludes(JSON.stringify(item.documentation), "Kills processes");
    });
  });
});

/** Behind a text, what hovering tells. */
const HOVERS: readonly (readonly [text: string, says: string | undefined])[] = [
  ["crash", "Kills processes, whole nodes or the manager"],
  ["checkpoint p0 as", "checkpoint <targets>"],
  ["p0.exited", "process.exited"],
  ["c1.downtime", "downtime as paper A counts it"],
  ["cluster.sent", 'cluster.sent(\\"…\\")'],
  ["concurrent_cow", "TLB write traps"],
  ["cow_slots", "Pages that buffer B holds"],
  ["clock", "clock: 200MHz"],
  ["counter", "A workload"],
  [": small", "profile small { ram: 4MiB }"],
  ["twice(limit", "let limit = 20ms"],
  ["p0 on n0", "clock 100MHz, ram 4MiB, by default cpus 1"],
  ["crash p0", "turns 100000"],
  ["crash p0", "proc p0 on n0 runs counter"],
  ["let twice(x) = x", "a parameter"],
  ["== 0", undefined],
];

Deno.test("lsp: hover", async (t) => {
  await withEditor(FILES, async (editor, at) => {
    const uri = at("a.ckpt");
    const text = SCRIPT.replace('"a crash"', '"one"');
    await editor.open(uri, text);
    for (const [place, says] of HOVERS) {
      await t.step(`over '${place}'`, async () => {
        const hover = await editor.at<Hover | null>("textDocument/hover", uri, place);
        if (says === undefined) assertEquals(hover, null);
        else assertStringIncludes(JSON.stringify(hover), says);
      });
    }
  });
});

Deno.test("lsp: a search is explained as the reference has it", async () => {
  await withEditor({}, async (editor, at) => {
    const uri = at("s.ckpt");
    const search = "explore { seeds: 1..9, strategy: pct";
    const scene = 'ckpt 1\nscenario "s" {\n  node n0\n  proc p on n0 runs counter\n';
    await editor.open(uri, `${scene}  ${search} { depth: 3 } }\n  expect p.exited\n}\n`);
    const hover = await editor.at<Hover | null>("textDocument/hover", uri, search);
    assertStringIncludes(JSON.stringify(hover), "```ckpt\\npct");
  });
});

Deno.test("lsp: definition, references and renaming over files", async () => {
  await withEditor(FILES, async (editor, at) => {
    const [uri, lib] = [at("a.ckpt"), at("lib.ckpt")];
    await editor.open(uri, SCRIPT);
    const declared = await editor.at<Location>("textDocument/definition", uri, "twice(limit");
    assertEquals([declared.uri, declared.range.start], [lib, { line: 1, character: 4 }]);
    const file = await editor.at<Location>("textDocument/definition", uri, 'include "lib');
    assertEquals(file.uri, lib);
    const uses = await editor.at<Location[]>("textDocument/references", uri, "checkpoint p0", {
      context: { includeDeclaration: true },
    });
    assertEquals(uses.map(({ range }) => range.start.line + 1), [6, 8, 9, 10, 11, 12, 14, 14]);
    const { changes = {} } = await editor.at<WorkspaceEdit>(
      "textDocument/rename",
      uri,
      "twice(limit",
      { newName: "most" },
    );
    assertEquals(Object.keys(changes).sort(), [uri, lib].sort());
    const label = await editor.at<WorkspaceEdit>("textDocument/rename", uri, "from c1", {
      newName: "first",
    });
    assertEquals(label.changes?.[uri]?.length, 4);
    for (
      const [newName, why] of [["p0", "declared already"], ["crash", "word of the language"], [
        "1a",
        "no name",
      ], ["time", "belongs to the language"]] as const
    ) {
      await assertRejects(
        () => editor.at("textDocument/rename", uri, "from c1", { newName }),
        Error,
        why,
      );
    }
    await assertRejects(
      () => editor.at("textDocument/rename", uri, "until", { newName: "a" }),
      Error,
      "no name that the script declares",
    );
  });
});

Deno.test("lsp: scenarios have names of their own", async () => {
  await withEditor({}, async (editor, at) => {
    const uri = at("two.ckpt");
    const one = (title: string, label: string) =>
      `scenario "${title}" {\n  node n0\n  proc p on n0 runs counter\n` +
      `  at 1us checkpoint p as ${label}\n  expect ${label}.committed\n}\n`;
    await editor.open(uri, "ckpt 1\nlet all_of = 1\n" + one("a", "c1") + one("b", "c2"));
    const { changes } = await editor.at<WorkspaceEdit>("textDocument/rename", uri, "as c1", {
      newName: "c2",
    });
    assertEquals(changes?.[uri]?.map(({ range }) => range.start.line), [5, 6]);
    await assertRejects(
      () => editor.at("textDocument/rename", uri, "as c1", { newName: "all_of" }),
      Error,
      "declared already",
    );
  });
});

Deno.test("lsp: what a plugin adds is completed and explained as the rest is", async () => {
  const folder = new URL("../../plugins/third_party/", import.meta.url);
  const text = Deno.readTextFileSync(new URL("example.ckpt", folder));
  await withEditor({}, async (editor) => {
    const uri = new URL("example.ckpt", folder).href;
    await editor.open(uri, text);
    assertEquals(await editor.diagnostics(uri), []);
    const hover = await editor.at("textDocument/hover", uri, "other = cow.back_wards");
    assertStringIncludes(JSON.stringify(hover), "A checkpointer");
    const items = labels(await editor.at("textDocument/completion", uri, "other = cow."));
    assert(items.includes("back_wards") && !items.includes("counting"), items.join(" "));
    const options = labels(await editor.at("textDocument/completion", uri, "cow.back_wards { "));
    assert(options.includes("rounds"), options.join(" "));
  });
});

Deno.test("lsp: formatting, unless the file is broken", async () => {
  await withEditor(FILES, async (editor, at) => {
    const uri = at("a.ckpt");
    await editor.open(uri, SCRIPT);
    const options = { tabSize: 2, insertSpaces: true };
    const ask = () =>
      editor.ask<TextEdit[]>("textDocument/formatting", { textDocument: { uri }, options });
    assertEquals((await ask()).map(({ newText }) => newText), [
      formatScript(parse(SCRIPT).script),
    ]);
    await editor.edit(uri, "until", "untill");
    assertEquals(await ask(), []);
  });
});

Deno.test("lsp: outline and colours", async () => {
  await withEditor(FILES, async (editor, at) => {
    const uri = at("a.ckpt");
    await editor.open(uri, SCRIPT);
    const textDocument = { uri };
    const symbols = await editor.ask<DocumentSymbol[]>("textDocument/documentSymbol", {
      textDocument,
    });
    assertEquals(symbols.map(({ name }) => name), ["twice", "a crash"]);
    assertEquals(symbols[1]?.children?.map(({ name }) => name), ["n0", "p0", "c1"]);
    const { data } = await editor.ask<{ data: number[] }>("textDocument/semanticTokens/full", {
      textDocument,
    });
    const tokens = SCRIPT.match(/"[^"]*"|@?\w+|[=<]=|\S/g) ?? [];
    assertEquals(data.length, 5 * tokens.length);
    assertEquals(data.slice(0, 10), [0, 0, 4, 0, 0, 0, 5, 1, 1, 0]);
  });
});

Deno.test("lsp: a scenario is run from its lens, and what failed can be replayed", async () => {
  await withEditor(FILES, async (editor, at) => {
    const uri = at("a.ckpt");
    await editor.open(uri, SCRIPT.replace("p0.exit == 0", "p0.exit == 1"));
    const lenses = () => editor.ask<CodeLens[]>("textDocument/codeLens", { textDocument: { uri } });
    const [run, ...none] = await lenses();
    assertEquals([run?.command?.title, run?.range.start.line, none.length], ["▶ run", 3, 0]);
    const code = await editor.ask("workspace/executeCommand", run?.command);
    assertEquals(code, 1);
    await editor.until(() => editor.messages.length > 0);
    assertStringIncludes(editor.messages[0] ?? "", "1 failed");
    const found = editor.said.get(uri)?.diagnostics ?? [];
    assertEquals(found.map(({ range }) => range.start.line), [11]);
    assertStringIncludes(JSON.stringify(found[0]), "p0.exit == 1");
    const [, replay] = await lenses();
    assertEquals(replay?.command?.title, "⟳ replay a crash@1");
    assertEquals(await editor.ask("workspace/executeCommand", replay?.command), 1);
  });
});
