/** An image whose manifest names its pages by the hash of their content, wherever those are kept. */
import { sha256 } from "../base/digest.ts";
import { toCbor } from "./codec_cbor.ts";
import { pageRuns } from "./codec_chunk.ts";
import { type EncodedManifest, identityOf, MANIFEST_NAME } from "./codec.ts";
import { frame } from "./codec_frame.ts";
import { type Image, PAGE_BYTES } from "./image.ts";
import { type ManifestFile, validateManifest, validatePages } from "./validate.ts";

/** The manifest, and the distinct pages it names by their keys. */
export interface ContentImage {
  readonly manifest: EncodedManifest;
  readonly pages: ReadonlyMap<string, Uint8Array>;
}

/**
 * Encodes an image by content. The same image gives the same bytes.
 *
 * @example
 * ```ts
 * import { encodeByContent } from "./codec_content.ts";
 * import { IMAGE_FORMAT, IMAGE_VERSION, type Image } from "./image.ts";
 * const bytes = new Uint8Array(4096).fill(7);
 * const image: Image = {
 *   manifest: {
 *     format: IMAGE_FORMAT,
 *     version: IMAGE_VERSION,
 *     architecture: "sh4",
 *     executable: { path: "clock.elf", bytes: 4096, sha256: "0".repeat(64) },
 *     checkpointer: { name: "stop-the-world", options: {} },
 *     taken: { cycle: 1000, instructions: 400 },
 *     process: { pid: 1, name: "clock" },
 *   } as unknown as Image["manifest"],
 *   pages: [
 *     { vpn: 0x400, source: "image", dirty: true, bytes },
 *     { vpn: 0x401, source: "image", dirty: true, bytes },
 *   ],
 * };
 * if (encodeByContent(image).pages.size !== 1) throw new Error("unreachable");
 * ```
 */
export function encodeByContent(image: Image): ContentImage {
  validateManifest(image.manifest, "the image to be written");
  validatePages(image.pages, "the image to be written");
  const { runs, stored } = pageRuns(image.pages);
  const keys = stored.map((bytes) => sha256(bytes));
  const pages = new Map(stored.map((bytes, n) => [keys[n] as string, bytes]));
  const file: ManifestFile = {
    manifest: image.manifest,
    compression: "none",
    pages: runs,
    chunks: [],
    keys,
  };
  const count = (content: string) =>
    runs.reduce((sum, run) => sum + (run.content === content ? run.count : 0), 0);
  const bytes = frame(toCbor(file, "image"));
  const manifest = {
    name: MANIFEST_NAME,
    bytes,
    identity: identityOf(file),
    chunks: 0,
    storedPages: stored.length,
    zeroPages: count("zero"),
    executablePages: count("executable"),
    parentPages: count("parent"),
    readBytes: bytes.length + pages.size * PAGE_BYTES,
  };
  return { manifest, pages };
}
