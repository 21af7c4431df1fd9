import { assertEquals, assertThrows } from "@std/assert";
import { PARTS, readBenchOptions, UsageError } from "./options.ts";

Deno.test("without a word everything is measured; a quick try is small", () => {
  const all = readBenchOptions([]);
  assertEquals(all?.parts, Object.keys(PARTS) as (keyof typeof PARTS)[]);
  assertEquals([all?.pairs, all?.most, all?.quick], [5, 4096, false]);
  const quick = readBenchOptions(["--", "--quick", "--pairs", "2"]);
  assertEquals([quick?.pairs, quick?.most, quick?.quick], [2, 16, true]);
});

Deno.test("parts are picked by name and run in their own order", () => {
  const picked = readBenchOptions(["--only", "cluster", "--only=start,engines"]);
  assertEquals(picked?.parts, ["start", "engines", "cluster"]);
});

Deno.test("help is no mistake", () => assertEquals(readBenchOptions(["--help"]), undefined));

for (
  const [words, why] of [
    [["--fast"], "there is no --fast"],
    [["engines"], "there is no engines"],
    [["--pairs", "0"], "--pairs is a whole number from 1, not '0'"],
    [["--pairs", "1.5"], "--pairs is a whole number from 1, not '1.5'"],
    [["--pairs"], "--pairs is a whole number from 1, not ''"],
    [["--only", "engine"], "there is no part 'engine'"],
    [["--only"], "there is no part ''"],
    [["--cache"], "--cache needs a folder"],
    [["--json"], "--json needs a file"],
  ] as const
) {
  Deno.test(`refused: ${words.join(" ")}`, () => {
    assertThrows(() => readBenchOptions(words), UsageError, why);
  });
}
