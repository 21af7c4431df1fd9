import fc from "fast-check";
import { parse } from "../../dsl/parse.ts";
import { randomScript } from "./random_scripts.ts";

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
