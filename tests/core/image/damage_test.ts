/**
 * Damaged images: every bit, every length, every mixture of a small image is refused, by an
 * `ImageError` that says where, what was expected and what was found; and forged ones too, whose
 * hashes were made to fit.
 */
import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { zstdCompressSync } from "node:zlib";
import { sha256 } from "../../../core/base/digest.ts";
import { chainLink, chainStart } from "../../../core/image/chain.ts";
import { fromCbor, toCbor } from "../../../core/image/codec_cbor.ts";
import { frame, unframe } from "../../../core/image/codec_frame.ts";
import { decode, encode, type EncodedFile, filesOf } from "../../../core/image/codec.ts";
import { ImageError } from "../../../core/image/image.ts";
import { COMPRESSIONS, MANIFEST_FILE, type ManifestFile } from "../../../core/image/validate.ts";
import { smallImage } from "./sample.ts";

const MANIFEST = "manifest.ckpt";

function refused(files: readonly EncodedFile[], message = ""): string {
  const error = assertThrows(() => decode(filesOf(files, "dir")), ImageError, message);
  assertMatch(error.message, /^dir(\/[a-z0-9.-]+)?: .*expected .+, found .+; .+$/s);
  return error.message;
}

/** The files with one of them changed. */
const changed = (
  files: readonly EncodedFile[],
  name: string,
  change: (bytes: Uint8Array) => Uint8Array,
): readonly EncodedFile[] =>
  files.map((file) => file.name === name ? { name, bytes: change(file.bytes.slice()) } : file);

for (const compression of COMPRESSIONS) {
  const files = encode(smallImage(), { compression, pagesPerChunk: 2 });

  for (const { name, bytes } of files) {
    // Of plain pages one bit of each byte, another in each: nothing but a hash looks at them.
    const step = compression === "none" && name !== MANIFEST ? 9 : 1;

    Deno.test(`${compression}: every flipped bit of ${name} is detected`, () => {
      for (let bit = 0; bit < bytes.length * 8; bit += step) {
        const message = refused(changed(files, name, (copy) => {
          copy[bit >>> 3] = (copy[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
          return copy;
        }));
        assert(message.startsWith(`dir/${name}: `), message);
      }
    });

    Deno.test(`${compression}: ${name} cut short at every length is detected`, () => {
      for (let length = 0; length < bytes.length; length++) {
        const message = refused(changed(files, name, (copy) => copy.subarray(0, length)));
        assert(message.startsWith(`dir/${name}: `), message);
        if (name !== MANIFEST) {
          assertStringIncludes(message, `expected ${bytes.length} bytes, found ${length};`);
        }
      }
    });

    Deno.test(`${compression}: ${name} with something after it is detected`, () => {
      for (const more of [1, 4096]) {
        refused(changed(files, name, (copy) => {
          const longer = new Uint8Array(copy.length + more);
          longer.set(copy);
          return longer;
        }));
      }
    });

    Deno.test(`${compression}: ${name} missing is detected`, () => {
      const message = refused(files.filter((file) => file.name !== name));
      assertStringIncludes(message, name);
    });

    Deno.test(`${compression}: ${name} of another image is detected`, () => {
      const other = encode(smallImage(2), { compression, pagesPerChunk: 2 });
      refused(
        changed(files, name, () => other.find((file) => file.name === name)?.bytes ?? never()),
      );
    });
  }

  Deno.test(`${compression}: chunks exchanged are detected`, () => {
    const [a, b, ...rest] = files;
    if (a === undefined || b === undefined) never();
    const [one, two] = [{ name: a.name, bytes: b.bytes }, { name: b.name, bytes: a.bytes }];
    refused([one, two, ...rest], "dir/pages-0000.bin");
  });

  Deno.test(`${compression}: a chunk too many is detected, other files do not matter`, () => {
    const more = (name: string) => [...files, { name, bytes: new Uint8Array(1) }];
    refused(more("pages-0002.bin"), "dir/pages-0002.bin: expected the 2 chunks");
    assertEquals(decode(filesOf(more("notes.txt"))), smallImage());
  });
}

function never(): never {
  throw new Error("unreachable");
}

/** A manifest file as its forger sees it. */
// deno-lint-ignore no-explicit-any
type Loose = any;

const PLAIN = encode(smallImage(), { pagesPerChunk: 2 });

/** The image with a manifest whose frame fits what `change` made of its payload. */
function forged(change: (file: Loose) => void, files = PLAIN): readonly EncodedFile[] {
  return changed(files, MANIFEST, (bytes) => {
    const value = fromCbor(unframe(bytes, "m"), "m");
    change(value);
    return frame(toCbor(value));
  });
}

/** Makes the hash chain fit again. */
function rechain(file: Loose): void {
  const { manifest, pages, chunks } = file as unknown as ManifestFile;
  let chain = chainStart(manifest, pages);
  for (const chunk of chunks) {
    chain = chainLink(chain, chunk.sha256);
    (chunk as { chain: string }).chain = chain;
  }
}

const FORGED: readonly (readonly [string, (file: Loose) => void, string])[] = [
  ["no manifest", (f) => delete f.manifest, "field manifest: expected a record, found nothing"],
  [
    "a list as a manifest",
    (f) => f.manifest = [],
    "field manifest: expected a record, found a list",
  ],
  ["bytes as a manifest", (f) => f.manifest = new Uint8Array(3), "found 3 bytes"],
  [
    "another format",
    (f) => f.manifest.format = "",
    'field manifest.format: expected "ckptlab image"',
  ],
  ["another version", (f) => f.manifest.version = 1, "field manifest.version: expected 2, found 1"],
  ["another processor", (f) => f.manifest.architecture = "sh3", "field manifest.architecture: exp"],
  [
    "no path",
    (f) => f.manifest.executable.path = null,
    "executable.path: expected a text, found null",
  ],
  ["a negative size", (f) => f.manifest.executable.bytes = -1, "a whole number of at least 0"],
  ["a short hash", (f) => f.manifest.executable.sha256 = "ab", '64 hexadecimal digits, found "ab"'],
  ["a hash in capitals", (f) => f.manifest.executable.sha256 = "AB".repeat(32), "64 hexadecimal"],
  ["a long text", (f) => f.manifest.executable.sha256 = "x".repeat(999), "… (1001 characters)"],
  [
    "no options",
    (f) => f.manifest.checkpointer.options = [],
    "checkpointer.options: expected a rec",
  ],
  [
    "no name",
    (f) => f.manifest.checkpointer.name = 5,
    "checkpointer.name: expected a text, found 5",
  ],
  ["half a cycle", (f) => f.manifest.taken.cycle = 0.5, "taken.cycle: expected a whole number"],
  ["no instructions", (f) => delete f.manifest.taken.instructions, "taken.instructions: expected"],
  [
    "no process",
    (f) => f.manifest.process = 7,
    "field manifest.process: expected a record, found 7",
  ],
  [
    "a field too many",
    (f) => f.more = true,
    "field more: expected no field of this name, found true",
  ],
  [
    "a compression unknown",
    (f) => f.compression = "lzma",
    "field compression: expected one of none",
  ],
  ["a compression as a list", (f) => f.compression = ["zstd"], "found a list of 1"],
  ["no page table", (f) => f.pages = {}, "field pages: expected a list, found a record"],
  [
    "a run of nothing",
    (f) => f.pages[0].count = 0,
    "field pages[0].count: expected a whole number",
  ],
  [
    "a run too far",
    (f) => f.pages[0].first = 2 ** 20,
    "pages[0].first: expected a whole number fro",
  ],
  [
    "a run past the end",
    (f) => f.pages[0].count = 2 ** 20,
    "pages[0]: expected pages within 32 bits",
  ],
  [
    "a run's content",
    (f) => f.pages[0].content = "x",
    "pages[0].content: expected one of image, zero",
  ],
  [
    "a run neither way",
    (f) => f.pages[0].dirty = 1,
    "pages[0].dirty: expected true or false, found 1",
  ],
  [
    "runs that overlap",
    (f) => f.pages[1].first = 0x401,
    "pages[1]: expected ascending pages, none tw",
  ],
  ["runs descending", (f) => f.pages.reverse(), "found page 0x00412000 after 0x7ffff000"],
  ["no chunks", (f) => f.chunks = [], "field chunks: expected chunks of 3 pages together"],
  ["a chunk that is a text", (f) => f.chunks[1] = "x", "field chunks[1]: expected a record"],
  [
    "a chunk twice",
    (f) => f.chunks.push(f.chunks[0]),
    "each chunk once, found 'pages-0000.bin' a sec",
  ],
  ["a chunk in another folder", (f) => f.chunks[0].name = "../secret", 'found "../secret"'],
  [
    "chunks in another order",
    (f) => f.chunks.reverse(),
    "chunks[0]: expected the name 'pages-0000",
  ],
  [
    "a chunk of no pages",
    (f) => f.chunks[0].pages = 0,
    "chunks[0].pages: expected a whole number fr",
  ],
  [
    "a chunk too large",
    (f) => f.chunks[0].pages = 4097,
    "chunks[0].pages: expected a whole number",
  ],
  [
    "a chunk's size",
    (f) => f.chunks[0].bytes += 4096,
    "expected 8192 bytes for 2 pages, found 12288",
  ],
  ["stored otherwise", (f) => f.chunks[0].stored.bytes--, "stored bytes that equal the plain ones"],
  [
    "stored hash",
    (f) => f.chunks[0].stored.sha256 = "0".repeat(64),
    "stored bytes that equal the pl",
  ],
  [
    "pages of no parent",
    (f) => f.pages[0].content = "parent",
    "pages[0]: expected pages of an image without a parent, found one in it",
  ],
  [
    "a parent without identity",
    (f) => f.manifest.parent = { image: "a" },
    "manifest.parent.identity: expected 64 hexadecimal digits",
  ],
  [
    "a parent that is a text",
    (f) => f.manifest.parent = "a",
    'manifest.parent: expected a record, found "a"',
  ],
  ["keys that are none", (f) => f.keys = ["a"], "keys[0]: expected 64 hexadecimal digits"],
  [
    "keys beside chunks",
    (f) => f.keys = Array(3).fill("0".repeat(64)),
    "field chunks: expected none, as pages are kept by content, found 2 chunks",
  ],
  ["too few keys", (f) => {
    f.chunks = [];
    f.keys = ["0".repeat(64)];
  }, "field keys: expected keys of 3 pages, as the page table says, found 1"],
  [
    "pages not in chunks",
    (f) => f.pages[0].content = "image",
    "chunks of 5 pages together, as the",
  ],
  ["a link", (f) => f.chunks[1].chain = "0".repeat(64), "field chunks[1].chain: expected link"],
  ["a chunk's hash", (f) => {
    f.chunks[0].sha256 = f.chunks[0].stored.sha256 = "0".repeat(64);
  }, "field chunks[0].chain: expected link"],
  ["a manifest of another image", (f) => f.manifest.process.seed = 2, "different images cannot be"],
  [
    "a page table of another image",
    (f) => f.pages[0].dirty = true,
    "chunks[0].chain: expected link",
  ],
  ["a chunk's hash, all else fitting", (f) => {
    f.chunks[0].sha256 = f.chunks[0].stored.sha256 = "0".repeat(64);
    rechain(f);
  }, "dir/pages-0000.bin: expected SHA-256 0000"],
  [
    "a compression that is none",
    (f) => f.compression = "zstd",
    "pages-0000.bin: expected zstd data",
  ],
];

for (const [what, change, message] of FORGED) {
  Deno.test(`a forged manifest is refused: ${what}`, () => {
    refused(forged(change), message);
  });
}

/** An image of one compressed chunk, which is replaced with all hashes of the file made to fit. */
function forgedChunk(bytes: Uint8Array, plain?: Uint8Array): readonly EncodedFile[] {
  const files = encode(smallImage(), { compression: "zstd" });
  const list = forged((file) => {
    const [chunk] = file.chunks;
    chunk.stored = { bytes: bytes.length, sha256: sha256(bytes) };
    if (plain !== undefined) chunk.sha256 = sha256(plain);
    rechain(file);
  }, files);
  return changed(list, "pages-0000.bin", () => bytes);
}

const zstd = (length: number): Uint8Array =>
  Uint8Array.from(zstdCompressSync(new Uint8Array(length)));

const FORGED_CHUNKS: readonly (readonly [string, Uint8Array, string])[] = [
  ["a bomb", zstd(2 ** 28), "expected zstd data of 12288 bytes, found data that unpack to more"],
  ["one byte more", zstd(12289), "found data that unpack to more"],
  ["one byte less", zstd(12287), "found data that unpack to 12287"],
  [
    "nothing",
    Uint8Array.of(),
    "field chunks[0].stored.bytes: expected a whole number of at least 1",
  ],
  ["no zstd", Uint8Array.of(1, 2, 3, 4, 5), "found data that cannot be unpacked"],
  ["half of it", zstd(12288).subarray(0, 12), "expected zstd data of 12288 bytes"],
  ["other pages", zstd(12288), "when decompressed"],
];

for (const [what, bytes, message] of FORGED_CHUNKS) {
  Deno.test(`a forged chunk is refused: ${what}`, () => {
    refused(forgedChunk(bytes), message);
  });
}

Deno.test("forging by itself does no harm", () => {
  assertEquals(decode(filesOf(forged(() => {}))), smallImage());
  const zeros = new Uint8Array(12288);
  assertEquals(
    decode(filesOf(forgedChunk(zstd(12288), zeros))).pages[2]?.bytes,
    zeros.slice(0, 4096),
  );
});

Deno.test("what is looked at first is named first", () => {
  const head = (at: number, text: string) => (bytes: Uint8Array) => {
    bytes.set(new TextEncoder().encode(text), at);
    return bytes.subarray(0, bytes.length - (at === 12 ? 0 : 1));
  };
  const changes: readonly (readonly [string, (bytes: Uint8Array) => Uint8Array])[] = [
    ["found 78434b50540d0a1a; this is no image's manifest", head(0, "x\x43")],
    ["found an empty file", () => new Uint8Array(0)],
    ["expected image format version 2, found version 120", head(8, "x")],
    ["expected architecture 'sh4', found \"mips\"", head(12, "mips\0")],
    ["the file is cut short", (bytes) => bytes.subarray(0, 40)],
    ["the file is too long", (bytes) => Uint8Array.of(...bytes, 0)],
    ["expected SHA-256", (bytes) => bytes.fill(0, bytes.length - 1)],
    ["expected one value in CBOR", () => frame(Uint8Array.of(0x1c))],
    ["the content: expected a record, found 1", () => frame(Uint8Array.of(1))],
  ];
  for (const [message, change] of changes) {
    refused(changed(PLAIN, MANIFEST, change), message);
  }
  refused([], "dir: expected a file 'manifest.ckpt', found nothing");
  refused(PLAIN.slice(0, 1), "found pages-0000.bin; no checkpoint was completed here");
});

Deno.test("the table of checks accepts what it describes", () => {
  const value = fromCbor(unframe(PLAIN.at(-1)?.bytes ?? never(), "m"), "m");
  assertEquals(MANIFEST_FILE(value, ""), undefined);
});
