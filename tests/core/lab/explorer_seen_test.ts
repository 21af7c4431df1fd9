/** The table of what an exploration has seen: the same bytes have one number, others another. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Codes, Seen } from "../../../core/lab/explorer_seen.ts";

function codesOf(...numbers: readonly number[]): Codes {
  const codes = new Codes();
  for (const number of numbers) codes.put(number);
  return codes;
}

Deno.test("lists of numbers are the same bytes if they are the same", () => {
  const number = fc.oneof(
    fc.nat(3),
    fc.constantFrom(0x7f, 0x80, 0x3fff, 0x4000, 2 ** 31, 2 ** 32 - 1, Number.MAX_SAFE_INTEGER),
  );
  const list = fc.array(number, { maxLength: 3 });
  fc.assert(fc.property(list, list, (one, other) => {
    const bytes = ({ bytes, length }: Codes) => bytes.subarray(0, length).join();
    assertEquals(bytes(codesOf(...one)) === bytes(codesOf(...other)), one.join() === other.join());
  }));
});

Deno.test("numbers are given in turn, and kept while the table grows", () => {
  const seen = new Seen(), count = 20_000;
  // Long ones, so that they fill several pieces and none is cut by the end of one.
  const one = (number: number) => codesOf(...Array.from({ length: 40 }, (_, at) => number ^ at));
  for (let number = 0; number < count; number++) {
    if (seen.numberOf(one(number)) !== number) throw new Error(`not ${number}`);
  }
  for (let number = count - 1; number >= 0; number--) {
    if (seen.numberOf(one(number)) !== number) throw new Error(`not ${number} any more`);
  }
  assertEquals(seen.size, count);
});

Deno.test("what begins as another does is another", () => {
  const seen = new Seen();
  const numbers = [[], [0], [0, 0], [1], [0, 1]].map((list) => seen.numberOf(codesOf(...list)));
  assertEquals(numbers, [0, 1, 2, 3, 4]);
  assertEquals(seen.numberOf(codesOf(0, 0)), 2);
});

Deno.test("bytes of one hash are told apart", () => {
  const seen = new Seen(), first = new Map<number, number>();
  // FNV-1a on 32 bits, as there: of some 100,000 two have one hash, and many the place of another.
  const one = (number: number) => codesOf(Math.imul(number, 0x9e3779b1) >>> 0, number);
  let pair: readonly [number, number] | undefined;
  for (let number = 0; pair === undefined; number++) {
    const { bytes, length } = one(number);
    let hash = 0x811c9dc5 | 0;
    for (const byte of bytes.subarray(0, length)) hash = Math.imul(hash ^ byte, 0x01000193);
    const other = first.get(hash);
    if (other !== undefined) pair = [other, number];
    first.set(hash, number);
  }
  assertEquals(pair.map((number) => seen.numberOf(one(number))), [0, 1]);
  assertEquals(pair.map((number) => seen.numberOf(one(number))), [0, 1]);
});
