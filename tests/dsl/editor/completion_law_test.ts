/** At every token boundary of every good script, what follows is among what is offered. */
import { assert, assertEquals } from "@std/assert";
import { tokenMatcher } from "chevrotain";
import { analyse } from "../../../dsl/editor/analysis.ts";
import { complete } from "../../../dsl/editor/complete.ts";
import { GrammarGraph } from "../../../dsl/editor/grammar_graph.ts";
import { Walk } from "../../../dsl/editor/grammar_walk.ts";
import { isDeclaration } from "../../../dsl/editor/names.ts";
import { makeMachinery } from "../../../dsl/grammar.ts";
import type { ReadFile } from "../../../dsl/load.ts";
import { STATEMENTS } from "../../../dsl/statements/mod.ts";
import { parts } from "../../../mod.ts";
import { goodScripts } from "../scripts.ts";

const { grammar, lexer } = makeMachinery(STATEMENTS);
const graph = new GrammarGraph(grammar.getGAstProductions());
const SCRIPTS = goodScripts();
const { vocabulary } = parts;

for (const { name, text } of SCRIPTS) {
  Deno.test(`${name}: the grammar offers each token where it stands`, () => {
    const walk = new Walk(graph, "file");
    const { tokens } = lexer.tokenize(text);
    for (const [i, token] of tokens.entries()) {
      assert(
        walk.next().some((next) => tokenMatcher(token, next.token)),
        `'${token.image}' at ${token.startLine}:${token.startColumn}`,
      );
      walk.read(token, tokens[i + 1]);
    }
    assertEquals(walk.ending("file"), []);
  });
}

/** What stands before a word on its line, and the word: behind the same words the same is offered. */
const tried = new Set<string>();

function isNew(text: string, start: number): boolean {
  const place = text.slice(text.lastIndexOf("\n", start) + 1, start).trimStart() +
    `|${/^\w*/.exec(text.slice(start))?.[0]}`;
  if (tried.has(place)) return false;
  tried.add(place);
  return true;
}

const readDir = () => Promise.resolve([]);
const readFile: ReadFile = (path) => Deno.readFile(new URL(`../../../${path}`, import.meta.url));

for (const { name } of SCRIPTS) {
  Deno.test(`${name}: names are offered where they stand, with the rest of the line to come`, async () => {
    const analysis = await analyse(name, readFile, vocabulary);
    assert(analysis !== undefined);
    const { source, notes, occurrences } = analysis;
    const places = [
      ...notes.map(({ start }) => start),
      ...occurrences.filter((one) => one.span.source === source && !isDeclaration(one))
        .map(({ span }) => span.start),
    ];
    // Every third: all of them take too long.
    const fresh = [...new Set(places)].filter((start) => isNew(source.text, start));
    for (const start of fresh.filter((_, n) => n % 3 === 0)) {
      const word = /^\w+/.exec(source.text.slice(start))?.[0] ?? "";
      const end = source.text.indexOf("\n", start);
      const cut = source.text.slice(0, start) + source.text.slice(end);
      const { items } = await complete({
        path: name,
        text: cut,
        offset: start,
        readFile,
        readDir,
        vocabulary,
      });
      const line = source.text.slice(source.text.lastIndexOf("\n", start) + 1, start);
      // What a plugin adds is offered whole: its alias and its name.
      const isThere = (label: string) =>
        label === word || label.startsWith(`${word}.`) && source.text.startsWith(label, start);
      assert(items.some(({ label }) => isThere(label)), `'${word}' behind '${line}'`);
    }
  });
}
