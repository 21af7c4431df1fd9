import { assertEquals, assertThrows } from "@std/assert";
import { figureLine, Sheet, spreadOf } from "./figure.ts";
import { inTurn, ratiosOf } from "./pair.ts";

Deno.test("the spread of samples, however many and in whatever order", () => {
  assertEquals(spreadOf([3, 1, 2]), { minimum: 1, median: 2, maximum: 3 });
  assertEquals(spreadOf([10, 2, 1, 4]), { minimum: 1, median: 3, maximum: 10 });
  assertEquals(spreadOf([5]), { minimum: 5, median: 5, maximum: 5 });
  assertThrows(() => spreadOf([]), Error, "needs a sample");
});

Deno.test("pairs are measured in turn, and who begins alternates", () => {
  const order: string[] = [];
  const side = (name: string, value: number) => () => {
    order.push(name);
    return value * order.length;
  };
  const pairs = inTurn(3, side("a", 2), side("b", 1));
  assertEquals(order.join(""), "abbaab");
  assertEquals(pairs, { first: [2, 8, 10], second: [2, 3, 6], ratios: [1, 8 / 3, 10 / 6] });
  assertThrows(() => ratiosOf([1, 2], [1]), Error, "its partner");
});

Deno.test("a line of the table has no exponents, and its numbers stand in columns", () => {
  const line = (samples: readonly number[]) =>
    figureLine({ part: "p", name: "n", unit: "MiB/s", samples }).slice(1).trimStart();
  assertEquals(line([123456, 0.012345, 7]), "0.01235      7.000     123456  MiB/s");
});

Deno.test("the record has every sample, and what was left out", () => {
  const lines: string[] = [];
  const sheet = new Sheet((line) => lines.push(line), () => {});
  sheet.begin("start", "little to do");
  sheet.figure("it", "s", [2, 1]);
  sheet.skip("that", "it is not there");
  assertEquals(lines.length, 3);
  assertEquals(sheet.record({ pairs: 2 }), {
    pairs: 2,
    figures: [
      {
        part: "start",
        name: "it",
        unit: "s",
        samples: [2, 1],
        minimum: 1,
        median: 1.5,
        maximum: 2,
      },
    ],
    skipped: [{ what: "that", why: "it is not there" }],
  });
});
