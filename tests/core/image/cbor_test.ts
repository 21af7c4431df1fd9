/** Plain data as CBOR: one form for a value, and nothing but plain data. */
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { fromCbor, plain, toCbor } from "../../../core/image/codec_cbor.ts";
import { ImageError } from "../../../core/image/image.ts";

Deno.test("the order of keys and undefined fields do not show", () => {
  const one = toCbor({ b: { y: 1, x: undefined }, a: [-0] });
  assertEquals(toCbor({ a: [0], b: { y: 1 } }), one);
  assertEquals(fromCbor(one, "f"), { a: [0], b: { y: 1 } });
  assertEquals(Object.is(plain(-0), 0), true);
});

Deno.test("bytes come back as plain Uint8Arrays of their own", () => {
  const value = fromCbor(toCbor({ bytes: Uint8Array.of(1, 2, 3) }), "f") as { bytes: Uint8Array };
  assertEquals(Object.getPrototypeOf(value.bytes), Uint8Array.prototype);
  assertEquals(value.bytes.buffer.byteLength, 3);
});

const cyclic: Record<string, unknown> = {};
cyclic["self"] = cyclic;

const NOT_PLAIN: readonly (readonly [string, unknown, string])[] = [
  ["a function", { f: () => 0 }, "value.f: expected plain data"],
  ["a big integer", { list: [1, 2n] }, "value.list[1]"],
  ["a symbol", Symbol("x"), "found a symbol"],
  ["a hole in a list", [, 1], "value[0]: expected plain data"],
  ["a map", { map: new Map() }, "found an object of class Map"],
  ["other typed arrays", new Uint32Array(1), "class Uint32Array"],
  ["a date", new Date(0), "class Date"],
  ["half a surrogate pair", "\ud800", "half a surrogate pair"],
  ["half a surrogate pair as a key", { "\ud800": 1 }, 'the key "\\ud800"'],
  ["a key that is no field", JSON.parse('{"__proto__": 1}'), 'the key "__proto__"'],
  ["a value that holds itself", cyclic, "holds itself"],
];

for (const [what, value, message] of NOT_PLAIN) {
  Deno.test(`not plain data: ${what}`, () => {
    const error = assertThrows(() => plain(value), ImageError, message);
    assertStringIncludes(error.message, "an image holds nothing else");
  });
}

const NOT_CBOR: readonly (readonly [string, readonly number[]])[] = [
  ["nothing", []],
  ["a list that is cut off", [0x82, 0x01]],
  ["more than one value", [0x01, 0x02]],
  ["a reserved code", [0x1c]],
  ["a stray break", [0xff]],
  ["keys in another order", [0xa2, 0x61, 0x62, 1, 0x61, 0x61, 2]],
  ["a key twice", [0xa2, 0x61, 0x61, 1, 0x61, 0x61, 2]],
  ["a longer length than needed", [0x18, 0x01]],
  ["a tagged date", [0xc1, 0x00]],
  ["a tagged set", [0xd9, 0x01, 0x02, 0x80]],
  ["a tagged typed array", [0xd8, 0x41, 0x42, 0, 0]],
  ["undefined", [0xf7]],
  ["a big integer", [0xc2, 0x49, 1, 0, 0, 0, 0, 0, 0, 0, 0]],
  ["a number as a key", [0xa1, 0x01, 0x02]],
  ["a record definition", [0xd9, 0xdf, 0xff, 0x83, 0x81, 0x61, 0x61, 0x18, 0x40, 1]],
  ["a length of four thousand million", [0x9a, 0xff, 0xff, 0xff, 0xff]],
  ["half a surrogate pair", [0x63, 0xed, 0xa0, 0x80]],
  ["deep nesting", [...new Array(100_000).fill(0x81), 0]],
];

for (const [what, bytes] of NOT_CBOR) {
  Deno.test(`refused as CBOR: ${what}`, () => {
    const error = assertThrows(
      () => fromCbor(Uint8Array.from(bytes), "dir/m"),
      ImageError,
      "dir/m",
    );
    assertStringIncludes(error.message, "found");
  });
}
