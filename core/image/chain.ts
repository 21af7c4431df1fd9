/**
 * The hash chain that ties an image's parts together: each link is over the one before and the hash
 * of one chunk's plain bytes, the first over the manifest and the page table. The last link
 * therefore names the whole content, compressed or not.
 */
import { sha256 } from "../base/digest.ts";
import { toCbor } from "./codec_cbor.ts";

const utf8 = new TextEncoder();

/** The first link: over what stands in the manifest file besides the list of chunks. */
export function chainStart(manifest: unknown, pages: unknown): string {
  return sha256(utf8.encode("ckptlab chain"), toCbor({ manifest, pages }, "image"));
}

/**
 * The next link.
 *
 * @example
 * ```ts
 * import { chainLink, chainStart } from "./chain.ts";
 * const start = chainStart({}, []);
 * if (chainLink(start, "00") === chainLink(start, "01")) throw new Error("unreachable");
 * ```
 */
export function chainLink(previous: string, chunkHash: string): string {
  return sha256(utf8.encode(previous), utf8.encode(chunkHash));
}
