/** Pairs: every one that can be is, in fewer points; and a matrix says so. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { renderDiagnostic } from "../../dsl/diagnostic.ts";
import { load } from "../../dsl/load.ts";
import { pairwise } from "../../dsl/pairwise.ts";
import { fakeHost, noOverrides, VOCABULARY } from "./fake.ts";

const pairs = (points: readonly (readonly number[])[]) =>
  new Set(
    points.flatMap((point) =>
      point.flatMap((value, a) =>
        point.flatMap((other, b) => a < b ? [[a, value, b, other].join()] : [])
      )
    ),
  );

Deno.test("every pair of values of any points is in the chosen ones, and none is chosen for nothing", () => {
  const some = fc.integer({ min: 2, max: 4 }).chain((axes) =>
    fc.uniqueArray(fc.tuple(...Array.from({ length: axes }, () => fc.nat(3))), {
      minLength: 1,
      maxLength: 40,
      selector: (point) => point.join(),
    })
  );
  fc.assert(fc.property(some, (points) => {
    const chosen = pairwise(points);
    assertEquals([...chosen].sort((a, b) => a - b), chosen);
    assertEquals(new Set(chosen).size, chosen.length);
    const taken = chosen.map((place) => points[place] ?? []);
    assertEquals([...pairs(taken)].sort(), [...pairs(points)].sort());
  }));
});

Deno.test("six axes of three values: near the 9 that are possible at least, far from 729", () => {
  const points = Array.from(
    { length: 729 },
    (_, n) => Array.from({ length: 6 }, (_, axis) => Math.floor(n / 3 ** axis) % 3),
  );
  const { length } = pairwise(points);
  assert(length >= 9 && length <= 20, String(length));
});

async function cells(...lines: readonly string[]) {
  const text = ["ckpt 1", 'scenario "s" {', "node n0", ...lines, "expect p0.exited", "}"].join(
    "\n",
  );
  const { host } = fakeHost({ "s.ckpt": text });
  const options = { vocabulary: VOCABULARY, overrides: noOverrides() };
  const { scenarios, diagnostics } = await load("s.ckpt", host.readFile, options);
  assertEquals(diagnostics.map(renderDiagnostic), []);
  return scenarios[0]?.plans.map(({ row }) => row.map(([, value]) => value).join(" ")) ?? [];
}

const AXES = "a in [1, 2, 3] b in [1, 2, 3] c in [fft, matmul]";

Deno.test("matrix pairwise: pairs instead of combinations, without what is excluded", async () => {
  const proc = "proc p0 on n0 runs c { size: 3 }".replace(" { size: 3 }", "");
  assertEquals((await cells(`matrix { ${AXES} }`, proc)).length, 18);
  const some = await cells(`matrix pairwise { ${AXES} }`, proc);
  assertEquals(some.length, 9);
  const without = await cells(`matrix pairwise { ${AXES} exclude if a == 1 and b == 2 }`, proc);
  assert(without.every((cell) => !cell.startsWith("1 2")), without.join("; "));
  assert(without.some((cell) => cell.startsWith("1 3")));
  const both = await cells(
    `matrix pairwise { ${AXES} }`,
    "cases { | k |\n | 1 |\n | 2 | }",
    proc,
  );
  assertEquals(both.length, 18, "each combination has each row");
});
