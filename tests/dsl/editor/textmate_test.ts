import { assert, assertEquals } from "@std/assert";
import { createRequire } from "node:module";
import oniguruma from "vscode-oniguruma";
import textmate, { type IGrammar } from "vscode-textmate";
import { SCOPES } from "../../../dsl/editor/textmate.ts";
import { lexicalKind } from "../../../dsl/editor/tokens_of.ts";
import { machinery } from "../../../dsl/parse.ts";
import { BAD_SCRIPTS } from "../bad_scripts.ts";
import { goodScripts } from "../scripts.ts";

const { createOnigScanner, createOnigString, loadWASM } = oniguruma;
const { INITIAL, parseRawGrammar, Registry } = textmate;

const FOLDER = new URL("../../../dsl/editor/vscode/", import.meta.url);
const GRAMMAR = "syntaxes/ckpt.tmLanguage.json";
const readText = (file: string): string => Deno.readTextFileSync(new URL(file, FOLDER));

/** The grammar as an editor reads it. */
async function loadGrammar(): Promise<IGrammar> {
  const wasm = createRequire(import.meta.url).resolve("vscode-oniguruma/release/onig.wasm");
  await loadWASM(Deno.readFileSync(wasm));
  const registry = new Registry({
    onigLib: Promise.resolve({ createOnigScanner, createOnigString }),
    loadGrammar: () => Promise.resolve(parseRawGrammar(readText(GRAMMAR), "ckpt.json")),
  });
  const grammar = await registry.loadGrammar("source.ckpt");
  assert(grammar !== null);
  return grammar;
}

/** `line:column text scope` of every coloured stretch. */
function coloured(grammar: IGrammar, text: string): readonly string[] {
  let stack = INITIAL;
  return text.split("\n").flatMap((line, number) => {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, stack);
    stack = ruleStack;
    return tokens.filter(({ scopes }) => scopes.length > 1).map((
      { startIndex, endIndex, scopes },
    ) => `${number + 1}:${startIndex + 1} ${line.slice(startIndex, endIndex)} ${scopes.at(-1)}`);
  });
}

/** The same by our lexer. Signs that touch are one stretch for nobody. */
function lexed(text: string): readonly string[] {
  const { tokens, groups } = machinery().machinery.lexer.tokenize(text);
  return [...tokens, ...groups["comments"] ?? []]
    .sort((a, b) => a.startOffset - b.startOffset)
    .map((token) =>
      `${token.startLine}:${token.startColumn} ${token.image} ${SCOPES[lexicalKind(token)]}`
    );
}

const grammar = await loadGrammar();

for (const { name, text } of goodScripts()) {
  Deno.test(`${name}: TextMate colours what our lexer reads`, () => {
    assertEquals(coloured(grammar, text), lexed(text));
  });
}

Deno.test("TextMate colours broken scripts as our lexer reads them", () => {
  // A line of its own is all that a lexer of lines can see: very long ones are left out.
  for (const { text } of BAD_SCRIPTS.filter((one) => one.text.length < 2000)) {
    assertEquals(coloured(grammar, text), lexed(text));
  }
});

Deno.test("words, numbers and texts that look like each other", () => {
  const text = 'withinx within_ xwithin within with "a // b" // "c" 0x1f 8MB/s 4/ms(a) "\\" @a-b';
  assertEquals(coloured(grammar, text), lexed(text));
});

/** The manifest of the extension. */
interface Manifest {
  readonly version: string;
  readonly main: string;
  readonly contributes: {
    readonly languages: readonly { id: string; extensions: string[]; configuration: string }[];
    readonly grammars: readonly { language: string; scopeName: string; path: string }[];
  };
}

Deno.test("the manifest of the VS Code extension names what is there", () => {
  const manifest = JSON.parse(readText("package.json")) as Manifest;
  const project = readText("../../../deno.json");
  assertEquals(manifest.version, /"version": "([^"]+)"/.exec(project)?.[1]);
  const { languages: [language], grammars: [colours] } = manifest.contributes;
  assertEquals([language?.id, language?.extensions], ["ckpt", [".ckpt"]]);
  assertEquals([colours?.language, colours?.scopeName, colours?.path], [
    "ckpt",
    "source.ckpt",
    `./${GRAMMAR}`,
  ]);
  for (const file of [manifest.main, language?.configuration, colours?.path, "LICENSE"]) {
    assert(Deno.statSync(new URL(file ?? "", FOLDER)).isFile, file);
  }
  assert(/"lsp": \{/.test(project), "the default command of the extension is `deno task lsp`");
});
