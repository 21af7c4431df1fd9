/** Differences in words. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { decode, encode, filesOf } from "../../../core/image/codec.ts";
import { difference } from "../../../core/image/difference.ts";
import type { Image, ImageManifest, ImagePage } from "../../../core/image/image.ts";
import { anyImage, manifest, patterned, smallImage } from "./sample.ts";

Deno.test("equal images do not differ, also after a round trip", () => {
  fc.assert(fc.property(anyImage, (image) => {
    assertEquals(difference(image, decode(filesOf(encode(image)))), []);
  }));
});

Deno.test("images differ if and only if they say so", () => {
  fc.assert(fc.property(anyImage, anyImage, (a, b) => {
    const key = (image: Image) => encode(image).map((file) => file.bytes.join()).join("|");
    assertEquals(difference(a, b).length === 0, key(a) === key(b));
  }));
});

const GOLDEN: readonly (readonly [unknown, unknown, string[]])[] = [
  [{ pid: 7 }, { pid: 8 }, ["process.pid: 7 here, 8 there"]],
  [
    { threads: [{ registers: { r4: 16, pc: -1 } }] },
    { threads: [{ registers: { r4: 20, pc: 0xffffffff } }] },
    [
      "process.threads[0].registers.pc: -1 here, 4294967295 there",
      "process.threads[0].registers.r4: 0x00000010 here, 0x00000014 there",
    ],
  ],
  [
    { registers: { r: [1, 2] } },
    { registers: { r: [1, 3] } },
    ["process.registers.r[1]: 0x00000002 here, 0x00000003 there"],
  ],
  [
    { space: { heapEnd: 4096, size: 1 } },
    { space: { heapEnd: 8192, size: 2 } },
    [
      "process.space.heapEnd: 0x00001000 here, 0x00002000 there",
      "process.space.size: 1 here, 2 there",
    ],
  ],
  [{ a: 1 }, {}, ["process.a: 1 here, absent there"]],
  [{}, { a: { b: 1 } }, ["process.a: absent here, a record there"]],
  [{ a: undefined }, {}, []],
  [{ a: [1] }, { a: { 0: 1 } }, ["process.a: a list of 1 here, a record there"]],
  [{ a: null }, { a: {} }, ["process.a: null here, a record there"]],
  [{ a: NaN }, { a: NaN }, []],
  [{ a: 0.5 }, { a: true }, ["process.a: 0.5 here, true there"]],
  [
    { files: [{ path: "a" }, { path: "b" }] },
    { files: [{ path: "c" }] },
    ["process.files: 2 entries here, 1 there", 'process.files[0].path: "a" here, "c" there'],
  ],
  [
    { pipe: Uint8Array.of(1, 2, 3) },
    { pipe: Uint8Array.of(1, 9, 8) },
    ["process.pipe: 2 bytes differ, first at [1]: 0x02 here, 0x09 there"],
  ],
  [
    { pipe: Uint8Array.of(1) },
    { pipe: Uint8Array.of(1, 9) },
    ["process.pipe: 1 byte here, 2 bytes there"],
  ],
  [{ pipe: Uint8Array.of(1) }, { pipe: [1] }, ["process.pipe: 1 byte here, a list of 1 there"]],
  [
    { name: "x".repeat(70) + "ab" },
    { name: "x".repeat(70) + "cd" },
    ['process.name: from character 70 on "ab" here, "cd" there'],
  ],
];

for (const [a, b, lines] of GOLDEN) {
  Deno.test(`in words: ${lines.join("; ") || "nothing"}`, () => {
    const image = (process: unknown): Image => ({
      manifest: { process } as ImageManifest,
      pages: [],
    });
    assertEquals(difference(image(a), image(b)), lines);
  });
}

/** The small image with some of its pages changed; `undefined` takes one away. */
function pages(changes: Record<number, Partial<ImagePage> | undefined>): Image {
  const image = smallImage();
  const changed = image.pages.map((page, index) =>
    index in changes ? changes[index] && { ...page, ...changes[index] } : page
  );
  return { manifest: image.manifest, pages: changed.filter((page) => page !== undefined) };
}

Deno.test("pages in words", () => {
  const bytes = patterned(1), one = patterned(101);
  bytes.set([0xef, 0xbe, 0xad], 0x123);
  one[4095] = 0xfe;
  const changed = pages({
    0: undefined,
    1: { dirty: true },
    2: { bytes },
    3: { source: "executable" },
    4: { bytes: one },
    5: { vpn: 0x7fffe },
  });
  assertEquals(difference(smallImage(), changed), [
    "page 0x00400000: only here",
    "page 0x00401000: clean here, dirty there",
    "page 0x00410000: 3 bytes differ, first at 0x00410123: word 0x04040404 here, 0xef040404 there",
    "page 0x00411000: in the image here, from the executable there",
    "page 0x00412000: 1 byte differs, first at 0x00412fff: word 0x3f3f3f3f here, 0xfe3f3f3f there",
    "page 0x7fffe000: only there",
    "page 0x7ffff000: only here",
  ]);
  assertEquals(difference(changed, smallImage())[0], "page 0x00400000: only there");
});

Deno.test("long lists end with how many there are besides", () => {
  const image = (count: number): Image => ({
    manifest: manifest({ list: Array.from({ length: 40 }, (_, n) => n * count) }),
    pages: Array.from({ length: count }, (_, vpn) => ({ vpn, source: "executable", dirty: false })),
  });
  const lines = difference(image(1), image(90));
  assertEquals(lines.length, 51);
  assertEquals(lines.slice(0, 2), [
    "process.list[1]: 1 here, 90 there",
    "process.list[2]: 2 here, 180 there",
  ]);
  assertEquals(lines.at(-1), "… and 78 more");
  assertEquals(difference(image(1), image(90), 2).at(-1), "… and 126 more");
  assertEquals(difference(image(1), image(90), 128).length, 128);
});
