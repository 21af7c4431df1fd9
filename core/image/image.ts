/**
 * A checkpoint as a value. Every field is named; there is no derived state in it: no TLB, no frame
 * number, no ASID, no host path, no translated code.
 */
import type { ProcessState } from "./process_state.ts";

/** The format's name and version, checked before anything else is looked at. */
export const IMAGE_FORMAT = "ckptlab image";
/** Raised whenever a reader of the previous version would misread an image. */
export const IMAGE_VERSION = 2;

/** The size of a page in an image, bytes. */
export const PAGE_BYTES = 4096;

/**
 * Where a page's content is: in the image, taken from the executable at restart, or in the parent,
 * since it was not written in between.
 */
export type PageSource = "image" | "executable" | "parent";

/** The image that another builds on, by what tells it from all others of the same store. */
export interface ParentLink {
  /** Its label. */
  readonly image: string;
  /** SHA-256 that names its content: a child is of this parent and of no other. */
  readonly identity: string;
}

/** One page of the process at the instant of the checkpoint. */
export interface ImagePage {
  /** Virtual page number: address >>> 12. */
  readonly vpn: number;
  readonly source: PageSource;
  /** Whether the page differs from what it was mapped from (the D bit's software shadow). */
  readonly dirty: boolean;
  /** 4096 bytes; absent unless `source` is "image". */
  readonly bytes?: Uint8Array;
}

/** Everything an image says besides the bytes of its pages. */
export interface ImageManifest {
  readonly format: typeof IMAGE_FORMAT;
  readonly version: typeof IMAGE_VERSION;
  readonly architecture: "sh4";
  /** The executable the process runs; a changed one is refused by name. */
  readonly executable: { readonly path: string; readonly bytes: number; readonly sha256: string };
  /** Who took it, with which options. */
  readonly checkpointer: { readonly name: string; readonly options: Record<string, unknown> };
  /** The instant, in cycles of the node's clock, and the instructions the process had retired. */
  readonly taken: { readonly cycle: number; readonly instructions: number };
  /** The image that has the pages of source "parent"; absent where the image has all of them. */
  readonly parent?: ParentLink;
  readonly process: ProcessState;
}

/** A complete checkpoint of one process. */
export interface Image {
  readonly manifest: ImageManifest;
  /** Ascending by page number, no number twice. */
  readonly pages: readonly ImagePage[];
}

/** An image that cannot be used: what is wrong with it, and what to do. */
export class ImageError extends Error {
  override readonly name = "ImageError";
}

/** The process ended before t0: there was nothing to save. A strategy that comes later may say it. */
export class TooLate extends ImageError {}
