/**
 * What an image must look like, as tables of checks: every field is looked at before anything of an
 * image is used, and what is wrong is told as a place, what was expected there, and what was found.
 */
import { hex32 } from "../base/bits.ts";
import {
  anyRecord,
  type Check,
  exactly,
  hash,
  listOf,
  oneOf,
  optional,
  record,
  shown,
  text,
  truth,
  whole,
} from "./check.ts";
import {
  IMAGE_FORMAT,
  IMAGE_VERSION,
  ImageError,
  type ImageManifest,
  type ImagePage,
  PAGE_BYTES,
  type ParentLink,
} from "./image.ts";

/** Pages of the 32-bit address space: one more than the greatest page number. */
export const ALL_PAGES = 2 ** 20;
/** Most pages in one chunk: what a reader must be ready to hold in memory at once (16 MiB). */
export const MOST_PAGES_PER_CHUNK = 4096;

/** How chunks are stored. */
export const COMPRESSIONS = ["none", "zstd"] as const;
/** One of {@linkcode COMPRESSIONS}. */
export type Compression = (typeof COMPRESSIONS)[number];

/** Where the content of a run of pages is: in the chunks, all zero, in the executable or the parent. */
export const CONTENTS = ["image", "zero", "executable", "parent"] as const;

/** Consecutive pages of one kind, as the manifest file lists them. */
export interface PageRun {
  /** Number of the first page. */
  readonly first: number;
  readonly count: number;
  readonly content: (typeof CONTENTS)[number];
  readonly dirty: boolean;
}

/** One chunk of pages, as the manifest file lists it. */
export interface ChunkRecord {
  /** Its file: pages-0000.bin, pages-0001.bin, … */
  readonly name: string;
  readonly pages: number;
  /** Length and SHA-256 of the plain bytes: the same whatever the compression. */
  readonly bytes: number;
  readonly sha256: string;
  /** Length and SHA-256 of the file, checked before anything is decompressed. */
  readonly stored: { readonly bytes: number; readonly sha256: string };
  /** Link of the hash chain: over the link before and `sha256`. */
  readonly chain: string;
}

/** What stands in a manifest file. */
export interface ManifestFile {
  readonly manifest: ImageManifest;
  readonly compression: Compression;
  readonly pages: readonly PageRun[];
  readonly chunks: readonly ChunkRecord[];
  /**
   * SHA-256 of each stored page, in order, where the store keeps pages by their content; then there
   * are no chunks. Absent where they stand in chunks.
   */
  readonly keys?: readonly string[];
}

/** The error for something found where something else was expected. */
export function refusal(
  place: string,
  expected: string,
  found: string,
  advice: string,
): ImageError {
  return new ImageError(`${place}: expected ${expected}, found ${found}; ${advice}`);
}

/** What to do about an image that is damaged or forged. */
export const RESTORE_OLDER = "the image is damaged: restore from another checkpoint";

/** Every field of an {@linkcode ImageManifest}. */
export const MANIFEST: Check = record<ImageManifest>({
  format: exactly(IMAGE_FORMAT),
  version: exactly(IMAGE_VERSION),
  architecture: exactly("sh4"),
  executable: record<ImageManifest["executable"]>({ path: text, bytes: whole(0), sha256: hash }),
  checkpointer: record<ImageManifest["checkpointer"]>({ name: text, options: anyRecord }),
  taken: record<ImageManifest["taken"]>({ cycle: whole(0), instructions: whole(0) }),
  parent: optional(record<ParentLink>({ image: text, identity: hash })),
  // Whoever restores a process looks into its state; here it is plain data.
  process: anyRecord,
});

/** Every field of a {@linkcode ManifestFile}. */
export const MANIFEST_FILE: Check = record<ManifestFile>({
  manifest: MANIFEST,
  compression: oneOf(COMPRESSIONS),
  pages: listOf(record<PageRun>({
    first: whole(0, ALL_PAGES - 1),
    count: whole(1, ALL_PAGES),
    content: oneOf(CONTENTS),
    dirty: truth,
  })),
  chunks: listOf(record<ChunkRecord>({
    name: text,
    pages: whole(1, MOST_PAGES_PER_CHUNK),
    bytes: whole(PAGE_BYTES, MOST_PAGES_PER_CHUNK * PAGE_BYTES),
    sha256: hash,
    stored: record<ChunkRecord["stored"]>({ bytes: whole(1), sha256: hash }),
    chain: hash,
  })),
  keys: optional(listOf(hash)),
});

/** The name of the chunk with that index. */
export const chunkName = (index: number): string =>
  `pages-${index.toString().padStart(4, "0")}.bin`;

/**
 * Throws when the page table of a manifest file is not ascending within the address space, or leaves
 * pages to a parent there is none of.
 */
export function validateRuns(
  { manifest: { parent }, pages: runs }: Pick<ManifestFile, "manifest" | "pages">,
  file: string,
): void {
  let free = 0;
  for (const [index, { first, count, content }] of runs.entries()) {
    const place = `${file}: field pages[${index}]`;
    if (content === "parent" && parent === undefined) {
      throw refusal(place, "pages of an image without a parent", "one in it", RESTORE_OLDER);
    }
    if (first < free) {
      const found = `page ${hex32(first * PAGE_BYTES)} after ${hex32((free - 1) * PAGE_BYTES)}`;
      throw refusal(place, "ascending pages, none twice", found, RESTORE_OLDER);
    }
    if (first + count > ALL_PAGES) {
      const found = `${count} pages from ${hex32(first * PAGE_BYTES)}`;
      throw refusal(place, "pages within 32 bits of address", found, RESTORE_OLDER);
    }
    free = first + count;
  }
}

/**
 * Throws when the list of chunks contradicts itself or the page table. The chain is not looked at.
 */
export function validateChunkList(
  { pages, chunks, compression, keys }: ManifestFile,
  file: string,
): void {
  const seen = new Set<string>();
  let listed = 0;
  for (const [index, chunk] of chunks.entries()) {
    const place = `${file}: field chunks[${index}]`;
    if (seen.has(chunk.name)) {
      throw refusal(place, "each chunk once", `'${chunk.name}' a second time`, RESTORE_OLDER);
    }
    seen.add(chunk.name);
    if (chunk.name !== chunkName(index)) {
      throw refusal(place, `the name '${chunkName(index)}'`, shown(chunk.name), RESTORE_OLDER);
    }
    if (chunk.bytes !== chunk.pages * PAGE_BYTES) {
      const expected = `${chunk.pages * PAGE_BYTES} bytes for ${chunk.pages} pages`;
      throw refusal(place, expected, `${chunk.bytes}`, RESTORE_OLDER);
    }
    const same = chunk.stored.bytes === chunk.bytes && chunk.stored.sha256 === chunk.sha256;
    if (compression === "none" && !same) {
      const expected = "stored bytes that equal the plain ones, uncompressed as they are";
      throw refusal(place, expected, "another length or hash", RESTORE_OLDER);
    }
    listed += chunk.pages;
  }
  const stored = pages.reduce((sum, run) => sum + (run.content === "image" ? run.count : 0), 0);
  if (keys !== undefined && chunks.length > 0) {
    const found = `${chunks.length} chunks beside the keys of pages`;
    throw refusal(
      `${file}: field chunks`,
      "none, as pages are kept by content",
      found,
      RESTORE_OLDER,
    );
  }
  if (keys !== undefined && keys.length !== stored) {
    const expected = `keys of ${stored} pages, as the page table says`;
    throw refusal(`${file}: field keys`, expected, `${keys.length}`, RESTORE_OLDER);
  }
  if (keys === undefined && listed !== stored) {
    const expected = `chunks of ${stored} pages together, as the page table says`;
    throw refusal(`${file}: field chunks`, expected, `${listed}`, RESTORE_OLDER);
  }
}

const WITHOUT_BYTES: Readonly<Record<Exclude<ImagePage["source"], "image">, string>> = {
  executable: "no bytes, the executable has them",
  parent: "no bytes, the parent has them",
};

/** Throws when pages are not ascending, or have bytes where they should not, or not 4096. */
export function validatePages(pages: readonly ImagePage[], place: string): void {
  let last = -1;
  for (const { vpn, source, bytes } of pages) {
    if (!Number.isInteger(vpn) || vpn < 0 || vpn >= ALL_PAGES) {
      const expected = `page numbers from 0 to ${ALL_PAGES - 1}`;
      throw refusal(place, expected, `${vpn}`, "the page list is wrong");
    }
    const page = `${place}: page ${hex32(vpn * PAGE_BYTES)}`;
    if (vpn <= last) {
      const found = `it after ${hex32(last * PAGE_BYTES)}`;
      throw refusal(page, "ascending pages, none twice", found, "sort the page list");
    }
    const wanted = source === "image" ? PAGE_BYTES : undefined;
    if (bytes?.length !== wanted) {
      const expected = source === "image" ? `${PAGE_BYTES} bytes` : WITHOUT_BYTES[source];
      throw refusal(page, expected, shown(bytes), "a page is stored whole or not at all");
    }
    last = vpn;
  }
}

/** Throws when an image could not be read back: a wrong field, a page too short. */
export function validateManifest(manifest: ImageManifest, place: string): void {
  const problem = MANIFEST(manifest, "manifest");
  if (problem !== undefined) throw new ImageError(`${place}: ${problem}; the image cannot be used`);
}
