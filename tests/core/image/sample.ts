/** Images for tests: one small enough to damage every bit of, and random ones. */
import fc from "fast-check";
import {
  type Image,
  IMAGE_FORMAT,
  IMAGE_VERSION,
  type ImageManifest,
  type ImagePage,
} from "../../../core/image/image.ts";

/** A page with a pattern that differs from page to page and does not compress to nothing. */
export function patterned(seed: number): Uint8Array {
  const bytes = new Uint8Array(4096);
  for (let i = 0, state = seed * 2654435761; i < bytes.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    bytes[i] = i % 64 < 8 ? state >>> 24 : i >>> 6;
  }
  return bytes;
}

/** A manifest whose process holds one of everything an image may hold. */
export function manifest(process: Record<string, unknown> = {}): ImageManifest {
  return {
    format: IMAGE_FORMAT,
    version: IMAGE_VERSION,
    architecture: "sh4",
    executable: { path: "/bin/sort", bytes: 51234, sha256: "ab".repeat(32) },
    checkpointer: { name: "stop-the-world", options: { leaveOut: "nothing" } },
    taken: { cycle: 2 ** 40 + 5, instructions: 123456 },
    process: {
      pid: 7,
      name: "sort",
      threads: [{ registers: { r4: 0x10, pc: 0x80001234, fr0: 0x7fc00001 } }],
      pipe: Uint8Array.of(1, 2, 3),
      terminal: null,
      ratio: 0.1,
      ...process,
    } as unknown as ImageManifest["process"],
  };
}

/** Three stored pages, one of zeros, two of the executable. */
export function smallImage(seed = 1): Image {
  return {
    manifest: manifest({ seed }),
    pages: [
      { vpn: 0x400, source: "executable", dirty: false },
      { vpn: 0x401, source: "executable", dirty: false },
      { vpn: 0x410, source: "image", dirty: true, bytes: patterned(seed) },
      { vpn: 0x411, source: "image", dirty: true, bytes: new Uint8Array(4096) },
      { vpn: 0x412, source: "image", dirty: false, bytes: patterned(seed + 100) },
      { vpn: 0x7ffff, source: "image", dirty: true, bytes: patterned(seed + 200) },
    ],
  };
}

const plainValue: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.integer(),
    fc.double().map((n) => n + 0),
    fc.maxSafeInteger(),
    fc.string({ unit: "grapheme" }),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(
      fc.string().filter((key) => key !== "__proto__"),
      tie("value"),
      { maxKeys: 5, noNullPrototype: true },
    ),
  ),
})).value;

const page: fc.Arbitrary<Omit<ImagePage, "vpn">> = fc.record({
  kind: fc.constantFrom("pattern", "zero", "executable", "last byte"),
  dirty: fc.boolean(),
  seed: fc.nat(1000),
}).map(({ kind, dirty, seed }) => {
  if (kind === "executable") return { source: "executable", dirty };
  const bytes = kind === "pattern" ? patterned(seed) : new Uint8Array(4096);
  if (kind === "last byte") bytes[4095] = 1;
  return { source: "image", dirty, bytes };
});

/** Any image: random plain data as the process, pages in runs and alone. */
export const anyImage: fc.Arbitrary<Image> = fc.record({
  extra: plainValue,
  pages: fc.array(fc.tuple(fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 9000 })), page), {
    maxLength: 12,
  }),
}).map(({ extra, pages }) => {
  let vpn = -1;
  return {
    manifest: manifest({ extra }),
    pages: pages.map(([step, page]) => ({ vpn: vpn += step, ...page })),
  };
});
