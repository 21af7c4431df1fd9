/** Images as files and back. */
import {
  assert,
  assertEquals,
  assertNotEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import fc from "fast-check";
import {
  decode,
  decodeManifest,
  encode,
  type EncodedFile,
  encoding,
  filesOf,
  identity,
} from "../../../core/image/codec.ts";
import { type Image, ImageError, type ImagePage } from "../../../core/image/image.ts";
import { COMPRESSIONS } from "../../../core/image/validate.ts";
import { anyImage, manifest, patterned, smallImage } from "./sample.ts";

const options = fc.record({
  compression: fc.constantFrom(...COMPRESSIONS),
  pagesPerChunk: fc.constantFrom(1, 2, 3, 256),
});

Deno.test("decode(encode(image)) = image, for any image", () => {
  fc.assert(fc.property(anyImage, options, (image, options) => {
    assertEquals(decode(filesOf(encode(image, options))), image);
  }));
});

Deno.test("the same image gives the same bytes, whatever the order of its fields", () => {
  const backwards = (value: unknown): unknown =>
    typeof value !== "object" || value === null || value instanceof Uint8Array
      ? value
      : Array.isArray(value)
      ? value.map(backwards)
      : Object.fromEntries(Object.entries(value).reverse().map(([k, v]) => [k, backwards(v)]));
  fc.assert(fc.property(anyImage, options, (image, options) => {
    const files = encode(image, options);
    assertEquals(encode(image, options), files);
    const turned = { manifest: backwards(image.manifest), pages: image.pages } as Image;
    assertEquals(encode(turned, options), files);
    assertEquals(encode(decode(filesOf(files)), options), files);
  }));
});

Deno.test("the identity names the content, not the compression", () => {
  const image = smallImage();
  assertEquals(identity(image), "4057d929cc07f110ada399023aa703dfcdf2597a536610789998a3c9348e8888");
  for (const compression of COMPRESSIONS) {
    const parts = encoding(image, { compression });
    let part = parts.next();
    while (part.done !== true) part = parts.next();
    assertEquals(part.value.identity, identity(image));
    assertEquals(part.value.chunks, 1);
    assertEquals(part.value.storedPages, 3);
    assertEquals(part.value.zeroPages, 1);
    assertEquals(part.value.executablePages, 2);
  }
  const changed = (index: number, page: Partial<ImagePage>): Image => ({
    manifest: image.manifest,
    pages: image.pages.map((old, i) => i === index ? { ...old, ...page } : old),
  });
  const others = [
    { manifest: manifest({ seed: 2 }), pages: image.pages },
    { manifest: image.manifest, pages: image.pages.slice(1) },
    changed(0, { dirty: true }),
    changed(2, { vpn: 0x40f }),
    changed(2, { bytes: patterned(9) }),
    changed(5, { bytes: patterned(9) }),
  ];
  const identities = [image, ...others].map(identity);
  assertEquals(new Set(identities).size, identities.length);
});

Deno.test("pages of zeros cost no bytes, and cannot fill the reader's memory", () => {
  const zeros = new Uint8Array(4096);
  const pages = Array.from(
    { length: 2 ** 17 },
    (_, vpn): ImagePage => ({ vpn, source: "image", dirty: true, bytes: zeros }),
  );
  const files = encode({ manifest: manifest(), pages });
  assertEquals(files.length, 1);
  assert((files[0] as EncodedFile).bytes.length < 1200);
  const read = decode(filesOf(files)).pages;
  assertEquals(read.length, 2 ** 17);
  assertEquals(read[5]?.bytes?.buffer, read[2 ** 16]?.bytes?.buffer);
});

Deno.test("compression compresses, and a chunk is 1 MiB of pages", () => {
  const pages = Array.from(
    { length: 600 },
    (_, vpn): ImagePage => ({ vpn, source: "image", dirty: true, bytes: patterned(vpn) }),
  );
  const image = { manifest: manifest(), pages };
  const size = (files: readonly EncodedFile[]) =>
    files.reduce((sum, file) => sum + file.bytes.length, 0);
  const plain = encode(image), zstd = encode(image, { compression: "zstd" });
  assertEquals(plain.map((file) => file.bytes.length).slice(0, 3), [2 ** 20, 2 ** 20, 88 * 4096]);
  assert(size(zstd) < size(plain) / 3);
  assertNotEquals(zstd[0]?.bytes, plain[0]?.bytes);
  assertEquals(decodeManifest(filesOf(zstd)).pages.length, 1);
});

Deno.test("unaligned pages are read as they are", () => {
  const big = new Uint8Array(3 * 4096);
  big[4096 + 4] = 9;
  const bytes = big.subarray(1, 4097), zero = big.subarray(4103, 8199);
  const image: Image = {
    manifest: manifest(),
    pages: [
      { vpn: 1, source: "image", dirty: true, bytes },
      { vpn: 2, source: "image", dirty: true, bytes: zero },
    ],
  };
  assertEquals(decodeManifest(filesOf(encode(image))).pages, [
    { first: 1, count: 2, content: "zero", dirty: true },
  ]);
  big[4096] = 1;
  assertEquals(decode(filesOf(encode(image))).pages[0]?.bytes, bytes);
});

const page = (page: Partial<ImagePage>): Image => ({
  manifest: manifest(),
  pages: [{ vpn: 5, source: "image", dirty: true, bytes: patterned(1), ...page } as ImagePage],
});
const twice = (first: number, second: number): Image => ({
  manifest: manifest(),
  pages: [first, second].map((vpn) => ({ vpn, source: "executable", dirty: false })),
});
const field = (fields: Record<string, unknown>): Image => ({
  manifest: { ...manifest(), ...fields } as Image["manifest"],
  pages: [],
});

const UNWRITABLE: readonly (readonly [string, Image, string])[] = [
  ["a page too short", page({ bytes: new Uint8Array(4095) }), "expected 4096 bytes, found 4095"],
  ["a page too long", page({ bytes: new Uint8Array(4097) }), "page 0x00005000: expected 4096"],
  ["bytes of the executable", page({ source: "executable" }), "expected no bytes"],
  ["a negative page", page({ vpn: -1 }), "expected page numbers from 0 to 1048575, found -1"],
  ["a page past the end", page({ vpn: 2 ** 20 }), "found 1048576"],
  ["half a page number", page({ vpn: 0.5 }), "found 0.5"],
  ["a page twice", twice(3, 3), "page 0x00003000: expected ascending pages, none twice"],
  ["pages descending", twice(3, 2), "found it after 0x00003000"],
  [
    "another format",
    field({ format: "x" }),
    'manifest.format: expected "ckptlab image", found "x"',
  ],
  ["another version", field({ version: 0 }), "manifest.version: expected 2, found 0"],
  ["another processor", field({ architecture: "sh2" }), 'manifest.architecture: expected "sh4"'],
  ["half a cycle", field({ taken: { cycle: 0.5, instructions: 1 } }), "manifest.taken.cycle: exp"],
  [
    "no process",
    field({ process: undefined }),
    "manifest.process: expected a record, found nothing",
  ],
  [
    "a field too many",
    field({ more: 1 }),
    "manifest.more: expected no field of this name, found 1",
  ],
  [
    "code in the process",
    field({ process: { f: () => 0 } }),
    "image.manifest.process.f: expected p",
  ],
];

for (const [what, image, message] of UNWRITABLE) {
  Deno.test(`not written: ${what}`, () => {
    assertThrows(() => encode(image), ImageError, message);
  });
}

Deno.test("not written: options that do not exist", () => {
  const wrong = (options: unknown) => () => encode(smallImage(), options as { pagesPerChunk: 1 });
  assertThrows(wrong({ compression: "lz4" }), ImageError, "one of none, zstd");
  for (const pagesPerChunk of [0, 1.5, 4097]) {
    const error = assertThrows(wrong({ pagesPerChunk }), ImageError, "pagesPerChunk");
    assertStringIncludes(error.message, "a whole number from 1 to 4096");
  }
});
