/**
 * Chunks: the bytes of some pages one after the other. Pages of zeros have no bytes in any chunk,
 * and calls to the compressor are for many pages at once because each costs as much as a page.
 */
import { isZero } from "../base/bytes.ts";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { sha256 } from "../base/digest.ts";
import { type ImagePage, PAGE_BYTES } from "./image.ts";
import type { ChunkRecord, Compression, PageRun } from "./validate.ts";
import { refusal, RESTORE_OLDER } from "./validate.ts";

/** The page table of an image, and the bytes of the pages that have to be stored. */
export function pageRuns(
  pages: readonly ImagePage[],
): { readonly runs: readonly PageRun[]; readonly stored: readonly Uint8Array[] } {
  const runs: { -readonly [K in keyof PageRun]: PageRun[K] }[] = [];
  const stored: Uint8Array[] = [];
  for (const { vpn, source, dirty, bytes } of pages) {
    const content = bytes === undefined || source !== "image"
      ? source
      : isZero(bytes)
      ? "zero"
      : "image";
    if (bytes !== undefined && content === "image") stored.push(bytes);
    const last = runs.at(-1);
    if (
      last !== undefined && last.first + last.count === vpn && last.content === content &&
      last.dirty === dirty
    ) last.count++;
    else runs.push({ first: vpn, count: 1, content, dirty });
  }
  return { runs, stored };
}

/** The pages in groups of that many; the last may be smaller. */
export function* cutChunks(
  pages: readonly Uint8Array[],
  pagesPerChunk: number,
): Generator<readonly Uint8Array[], void, void> {
  for (let at = 0; at < pages.length; at += pagesPerChunk) {
    yield pages.slice(at, at + pagesPerChunk);
  }
}

/** A chunk's file, and what the manifest says of it. */
export function storeChunk(
  pages: readonly Uint8Array[],
  compression: Compression,
): {
  readonly bytes: Uint8Array;
  readonly hashes: Pick<ChunkRecord, "bytes" | "sha256" | "stored">;
} {
  const plain = new Uint8Array(pages.length * PAGE_BYTES);
  for (const [index, page] of pages.entries()) plain.set(page, index * PAGE_BYTES);
  const hash = sha256(plain);
  const bytes = compression === "none" ? plain : Uint8Array.from(zstdCompressSync(plain));
  const stored = { bytes: bytes.length, sha256: bytes === plain ? hash : sha256(bytes) };
  return { bytes, hashes: { bytes: plain.length, sha256: hash, stored } };
}

/** The plain bytes of a chunk's file, which becomes theirs; an `ImageError` if it is another's. */
export function openChunk(
  file: Uint8Array,
  chunk: ChunkRecord,
  compression: Compression,
  place: string,
): Uint8Array {
  if (file.length !== chunk.stored.bytes) {
    throw refusal(place, `${chunk.stored.bytes} bytes`, `${file.length}`, RESTORE_OLDER);
  }
  const hash = sha256(file);
  if (hash !== chunk.stored.sha256) {
    throw refusal(place, `SHA-256 ${chunk.stored.sha256}`, hash, RESTORE_OLDER);
  }
  // The list of chunks was compared: uncompressed, both hashes are the same.
  if (compression === "none") return file;
  const plain = decompress(file, chunk.bytes, place);
  const plainHash = sha256(plain);
  if (plainHash !== chunk.sha256) {
    const expected = `SHA-256 ${chunk.sha256} when decompressed`;
    throw refusal(place, expected, plainHash, RESTORE_OLDER);
  }
  return plain;
}

/** Never makes more than `length` bytes, whatever the file promises. */
function decompress(file: Uint8Array, length: number, place: string): Uint8Array {
  const expected = `zstd data of ${length} bytes`;
  let bytes: Uint8Array;
  try {
    const buffer = zstdDecompressSync(file, { maxOutputLength: length });
    bytes = new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  } catch (error) {
    const found = error instanceof RangeError
      ? "data that unpack to more"
      : `data that cannot be unpacked (${error instanceof Error ? error.message : String(error)})`;
    throw refusal(place, expected, found, RESTORE_OLDER);
  }
  if (bytes.length !== length) {
    throw refusal(place, expected, `data that unpack to ${bytes.length}`, RESTORE_OLDER);
  }
  return bytes;
}
