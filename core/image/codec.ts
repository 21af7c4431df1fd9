/**
 * An image as files, and back: chunks of pages, and a manifest that lists them with their hashes.
 * The pages stand apart from the manifest so that each is written in its own time, the manifest
 * last.
 *
 * Reading believes nothing: magic, version, architecture, the manifest's hash, every field, the
 * list of chunks and its chain, then each chunk, then the pages. Either a whole image comes back,
 * or an `ImageError` that says which file, what was expected, what was found and what to do.
 */
import { chainLink, chainStart } from "./chain.ts";
import { fromCbor, toCbor } from "./codec_cbor.ts";
import { cutChunks, openChunk, pageRuns, storeChunk } from "./codec_chunk.ts";
import { frame, unframe } from "./codec_frame.ts";
import { NO_POOL, type PagePool } from "./page_pool.ts";
import { type Image, ImageError, type ImagePage, PAGE_BYTES } from "./image.ts";
import { oneOf, whole } from "./check.ts";
import {
  chunkName,
  type ChunkRecord,
  type Compression,
  COMPRESSIONS,
  MANIFEST_FILE,
  type ManifestFile,
  MOST_PAGES_PER_CHUNK,
  refusal,
  RESTORE_OLDER,
  validateChunkList,
  validateManifest,
  validatePages,
  validateRuns,
} from "./validate.ts";

/** The file that makes a folder an image. */
export const MANIFEST_NAME = "manifest.ckpt";

/** How an image is written. */
export interface EncodeOptions {
  /** "none" unless told; hashes are over plain bytes, so that they do not depend on it. */
  readonly compression?: Compression;
  /** 256 unless told (1 MiB), at most 4096. */
  readonly pagesPerChunk?: number;
}

/** One file of an image; the bytes are the receiver's own. */
export interface EncodedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The last file of an image, and what there is to say about all of them. */
export interface EncodedManifest extends EncodedFile {
  /** SHA-256 that names the content: the end of the chain, the same for every compression. */
  readonly identity: string;
  readonly chunks: number;
  /** Pages whose bytes stand in chunks. */
  readonly storedPages: number;
  /** Pages of zeros, recorded without bytes. */
  readonly zeroPages: number;
  /** Pages left to the executable. */
  readonly executablePages: number;
  /** Pages left to the parent. */
  readonly parentPages: number;
  /** Bytes of all its files, shared ones among them: what a reader reads of it. */
  readonly readBytes: number;
}

/** Where an image's files are read from. A store's `Directory` is one. */
export interface ImageFiles {
  /** What the files belong to, for messages. */
  readonly where: string;
  /** Names of all files there. */
  files(): readonly string[];
  /** The content of one of them, the caller's own copy. */
  read(name: string): Uint8Array;
}

/** Yields an image's chunks one by one, then returns its manifest. */
export function* encoding(
  image: Image,
  options: EncodeOptions = {},
): Generator<EncodedFile, EncodedManifest, void> {
  const { compression = "none", pagesPerChunk = 256 } = options;
  const problem = oneOf(COMPRESSIONS)(compression, "compression") ??
    whole(1, MOST_PAGES_PER_CHUNK)(pagesPerChunk, "pagesPerChunk");
  if (problem !== undefined) throw new ImageError(`options of the image: ${problem}`);
  validateManifest(image.manifest, "the image to be written");
  validatePages(image.pages, "the image to be written");
  const { runs, stored } = pageRuns(image.pages);
  const chunks: ChunkRecord[] = [];
  let chain = chainStart(image.manifest, runs);
  for (const pages of cutChunks(stored, pagesPerChunk)) {
    const chunk = storeChunk(pages, compression);
    chain = chainLink(chain, chunk.hashes.sha256);
    chunks.push({ name: chunkName(chunks.length), pages: pages.length, ...chunk.hashes, chain });
    yield { name: chunkName(chunks.length - 1), bytes: chunk.bytes };
  }
  const file: ManifestFile = { manifest: image.manifest, compression, pages: runs, chunks };
  const bytes = frame(toCbor(file, "image"));
  const count = (content: string) =>
    runs.reduce((sum, run) => sum + (run.content === content ? run.count : 0), 0);
  return {
    name: MANIFEST_NAME,
    bytes,
    identity: chain,
    chunks: chunks.length,
    storedPages: stored.length,
    zeroPages: count("zero"),
    executablePages: count("executable"),
    parentPages: count("parent"),
    readBytes: chunks.reduce((sum, chunk) => sum + chunk.stored.bytes, bytes.length),
  };
}

/**
 * All files of an image, the manifest last. The same image gives the same bytes; with "zstd", as
 * long as the compressor is the same.
 *
 * @example
 * ```ts
 * import { decode, encode, filesOf } from "./codec.ts";
 * import { IMAGE_FORMAT, IMAGE_VERSION, type Image } from "./image.ts";
 * const image: Image = {
 *   manifest: {
 *     format: IMAGE_FORMAT,
 *     version: IMAGE_VERSION,
 *     architecture: "sh4",
 *     executable: { path: "clock.elf", bytes: 4096, sha256: "0".repeat(64) },
 *     checkpointer: { name: "stop-the-world", options: {} },
 *     taken: { cycle: 1000, instructions: 400 },
 *     process: { pid: 1, name: "clock" },
 *   } as Image["manifest"],
 *   pages: [{ vpn: 0x400, source: "image", dirty: true, bytes: new Uint8Array(4096).fill(7) }],
 * };
 * const files = encode(image, { compression: "zstd" });
 * const names = files.map((file) => file.name).join();
 * if (names !== "pages-0000.bin,manifest.ckpt") throw new Error("unreachable");
 * if (decode(filesOf(files)).pages[0]?.bytes?.[9] !== 7) throw new Error("unreachable");
 * ```
 */
export function encode(image: Image, options: EncodeOptions = {}): readonly EncodedFile[] {
  const files: EncodedFile[] = [];
  const parts = encoding(image, options);
  for (let part = parts.next();; part = parts.next()) {
    files.push({ name: part.value.name, bytes: part.value.bytes });
    if (part.done === true) return files;
  }
}

/** The SHA-256 that names an image's content, without compressing anything. */
export function identity(image: Image): string {
  const parts = encoding(image);
  for (let part = parts.next();; part = parts.next()) {
    if (part.done === true) return part.value.identity;
  }
}

/** The SHA-256 that names the content of the image whose manifest file that is. */
export const identityOf = ({ manifest, pages, chunks, keys = [] }: ManifestFile): string =>
  keys.reduce(chainLink, chunks.at(-1)?.chain ?? chainStart(manifest, pages));

/** Encoded files as a place to read from. */
export function filesOf(files: readonly EncodedFile[], where = "image"): ImageFiles {
  const named = new Map(files.map((file) => [file.name, file.bytes]));
  return {
    where,
    files: () => [...named.keys()],
    read(name) {
      const bytes = named.get(name);
      if (bytes === undefined) throw new ImageError(`${where}/${name}: there is no such file`);
      return Uint8Array.from(bytes);
    },
  };
}

/**
 * Reads and validates the manifest file alone: all that can be known before the chunks are read.
 * `name`: of the file, where it has another. Throws an {@linkcode ImageError}.
 */
export function decodeManifest(files: ImageFiles, name = MANIFEST_NAME): ManifestFile {
  const file = `${files.where}/${name}`;
  const names = files.files();
  if (!names.includes(name)) {
    const found = names.length === 0 ? "nothing" : names.slice(0, 5).join(", ");
    const advice = "no checkpoint was completed here: name the folder of one that was";
    throw refusal(files.where, `a file '${name}'`, found, advice);
  }
  const value = fromCbor(unframe(files.read(name), file), file);
  const problem = MANIFEST_FILE(value, "");
  if (problem !== undefined) throw new ImageError(`${file}: ${problem}; ${RESTORE_OLDER}`);
  const content = value as unknown as ManifestFile;
  validateRuns(content, file);
  validateChunkList(content, file);
  let chain = chainStart(content.manifest, content.pages);
  for (const [index, chunk] of content.chunks.entries()) {
    chain = chainLink(chain, chunk.sha256);
    if (chunk.chain !== chain) {
      const place = `${file}: field chunks[${index}].chain`;
      const advice = `${RESTORE_OLDER}; chunks of different images cannot be put together`;
      throw refusal(place, `link ${chain}`, chunk.chain, advice);
    }
  }
  return content;
}

/**
 * Reads a whole image, validating everything before returning anything. Pages share the buffers of
 * their chunks and zero pages share one page: they are to be read, not written. Pages left to a
 * parent have no bytes. `file`: its manifest, where that was read before; `pool`: where pages are
 * that it names by content. Throws an {@linkcode ImageError}.
 */
export function decode(
  files: ImageFiles,
  file: ManifestFile = decodeManifest(files),
  pool: Pick<PagePool, "read"> = NO_POOL,
): Image {
  const { manifest, pages: runs, chunks, compression, keys } = file;
  const names = new Set(files.files());
  const listed = new Set(chunks.map((chunk) => chunk.name));
  for (const name of [...names].sort()) {
    if (!/^pages-\d+\.bin$/.test(name) || listed.has(name)) continue;
    const expected = `the ${listed.size} chunks the manifest lists and no other`;
    throw refusal(`${files.where}/${name}`, expected, "one more", RESTORE_OLDER);
  }
  const opened = chunks.map((chunk): Uint8Array => {
    const place = `${files.where}/${chunk.name}`;
    if (!names.has(chunk.name)) {
      throw refusal(place, `a chunk of ${chunk.pages} pages`, "no such file", RESTORE_OLDER);
    }
    return openChunk(files.read(chunk.name), chunk, compression, place);
  });
  const bytes = keys === undefined ? pagesOf(opened) : pagesNamed(keys, pool);
  const zeros = new Uint8Array(PAGE_BYTES);
  const pages: ImagePage[] = [];
  for (const { first, count, content, dirty } of runs) {
    for (let vpn = first; vpn < first + count; vpn++) {
      if (content === "executable" || content === "parent") {
        pages.push({ vpn, source: content, dirty });
      } else if (content === "zero") pages.push({ vpn, source: "image", dirty, bytes: zeros });
      else {
        const next = bytes.next();
        // The page table and the chunks were compared: their sums are equal.
        if (next.done === true) throw new Error("assertion: fewer pages in chunks than listed");
        pages.push({ vpn, source: "image", dirty, bytes: next.value });
      }
    }
  }
  validatePages(pages, files.where);
  return { manifest, pages };
}

function* pagesNamed(
  keys: readonly string[],
  pool: Pick<PagePool, "read">,
): Generator<Uint8Array, void, void> {
  const read = new Map<string, Uint8Array>();
  for (const key of keys) {
    const bytes = read.get(key) ?? pool.read(key);
    read.set(key, bytes);
    yield bytes;
  }
}

function* pagesOf(chunks: readonly Uint8Array[]): Generator<Uint8Array, void, void> {
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += PAGE_BYTES) yield chunk.subarray(at, at + PAGE_BYTES);
  }
}
