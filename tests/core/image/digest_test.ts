/** The running digest: what it tells apart, and what it does not depend on. */
import { assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { Digest, type Digestible, sha256 } from "../../../core/base/digest.ts";

const digestible = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.double(),
  fc.uint8Array({ maxLength: 20 }),
  // Longer than the buffer, and just about as long as it.
  fc.constantFrom("x".repeat(20_000), "é".repeat(2727), new Uint8Array(8183), new Uint8Array(9000)),
);

Deno.test("sha256 is SHA-256, of the parts put together", () => {
  const bytes = new TextEncoder().encode("abc");
  const known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  assertEquals(sha256(bytes), known);
  assertEquals(sha256(bytes.subarray(0, 1), bytes.subarray(1)), known);
});

Deno.test("a digest does not depend on how values are grouped, or on being read", () => {
  fc.assert(fc.property(fc.array(digestible, { maxLength: 30 }), (values) => {
    const one = new Digest().add(...values), two = new Digest();
    for (const value of values) {
      two.add(value);
      two.hex;
    }
    assertEquals(two.hex, one.hex);
    assertEquals(/^[0-9a-f]{16}$/.test(one.hex), true);
  }));
});

Deno.test("a digest tells values, kinds and boundaries apart", () => {
  const lists: Digestible[][] = [
    [],
    [""],
    ["ab", "c"],
    ["a", "bc"],
    ["abc"],
    [1],
    ["1"],
    [Uint8Array.of(49)],
    [0],
    [0, 0],
    [new Uint8Array(0)],
    [new Uint8Array(1)],
    [NaN],
    [Infinity],
    [2 ** 53],
    [0.1],
  ];
  assertEquals(new Set(lists.map((list) => new Digest().add(...list).hex)).size, lists.length);
});

Deno.test("a digest is the same on every host", () => {
  const digest = new Digest().add("crash", 12, -0, NaN, Uint8Array.of(1, 2), "é");
  assertEquals(digest.hex, "8d4e832ab197291c");
  assertNotEquals(new Digest().add("crash", 12, 1).hex, digest.hex);
  assertEquals(new Digest().add(-0).hex, new Digest().add(0).hex);
  const [otherNaN = 0] = new Float64Array(BigUint64Array.of(0xfff8_0000_0000_0001n).buffer);
  assertEquals(new Digest().add(otherNaN).hex, new Digest().add(NaN).hex);
});
