import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { renderDiagnostic } from "../../dsl/diagnostic.ts";
import { formatScript } from "../../dsl/editor/layout.ts";
import { parse } from "../../dsl/parse.ts";
import { randomScript } from "./random_scripts.ts";
import { plainTree } from "./tree.ts";

Deno.test("print and parse are stable over random scripts of every statement", () => {
  fc.assert(
    fc.property(randomScript, (given) => {
      const first = parse(given);
      assertEquals(first.diagnostics.map(renderDiagnostic), []);
      const printed = formatScript(first.script);
      const second = parse(printed);
      assertEquals(second.diagnostics.map(renderDiagnostic), []);
      assertEquals(plainTree(second.script.statements), plainTree(first.script.statements));
      assertEquals(second.script.comments.length, first.script.comments.length);
      assertEquals(formatScript(second.script), printed);
    }),
    { numRuns: 300 },
  );
});

Deno.test("random scripts with a token removed never throw", () => {
  fc.assert(
    fc.property(randomScript, fc.nat(), (given, at) => {
      const tokens = given.split(/(\s+)/);
      tokens.splice(at % tokens.length, 1);
      parse(tokens.join(""));
    }),
    { numRuns: 300 },
  );
});
