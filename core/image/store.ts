/**
 * Where images are kept: the contract of a store, and of the folder a store is made of. Writing is
 * a generator of steps, each a point in time that can be charged and at which everything may fail;
 * an image is there from its last step on, and before it there is nothing of it that could be read.
 */
import type { EncodeOptions, ImageFiles } from "./codec.ts";
import type { Image, ParentLink } from "./image.ts";

/**
 * One thing about to be done; it happens when the generator is asked for the next step.
 *
 * - make: the folder for the image;
 * - clear: a file that a writing broken off earlier left in that folder;
 * - write: a file's bytes, which a crash may lose or cut;
 * - sync: a file, or the folder's names (`file` is "."), are made durable;
 * - name: a page that is kept by its content gets the name that says so;
 * - commit: the manifest gets its name, from then on there is an image.
 */
export interface StoreStep {
  readonly action: "make" | "clear" | "write" | "sync" | "name" | "commit";
  readonly file: string;
  /** Bytes that go to the disk in this step; 0 but for "write". */
  readonly bytes: number;
}

/** What a finished writing has written. */
export interface Stored {
  readonly label: string;
  /** Bytes that were written: of all files together, but for shared ones that were there. */
  readonly bytes: number;
  /** Bytes a restart reads of it. */
  readonly readBytes: number;
  /** Of these, the bytes of the manifest. */
  readonly manifestBytes: number;
  readonly chunks: number;
  /** Pages whose bytes were written; pages of zeros; pages left to the executable. */
  readonly storedPages: number;
  readonly zeroPages: number;
  readonly executablePages: number;
  /** Pages left to the parent. */
  readonly parentPages: number;
  /** SHA-256 that names the content, whatever the compression. */
  readonly identity: string;
}

/** What must stay though no committed image needs it: an image that is being written may. */
export interface Pins {
  /** Labels of images. */
  readonly images: ReadonlySet<string>;
  /** Keys of pages kept by content. */
  readonly pages: ReadonlySet<string>;
}

/** Nothing is pinned. */
export const NO_PINS: Pins = { images: new Set(), pages: new Set() };

/** Keeps images by label. Every failure is an `ImageError`. */
export interface ImageStore {
  /** What the store is, for messages. */
  readonly where: string;
  /**
   * Writes an image step by step. A label that is committed, or is being written, is refused.
   * Ending the generator early leaves what a crash would leave, which {@linkcode ImageStore.sweep}
   * removes.
   */
  writing(
    label: string,
    image: Image,
    options?: EncodeOptions,
  ): Generator<StoreStep, Stored, void>;
  /** All steps at once. */
  write(label: string, image: Image, options?: EncodeOptions): Stored;
  /** The whole image, validated: what it leaves to its parents is read from them. */
  read(label: string): Image;
  /** That very image is there, committed or as a parent. */
  holdsParent(link: ParentLink): boolean;
  /** Labels of committed images, in the order in which their writing began. */
  labels(): readonly string[];
  /**
   * Forgets a committed image. While another needs its pages, or it is `pinned`, they stay: it is a
   * parent then, and no more. So no chain is ever broken, and nothing has to be copied.
   */
  remove(label: string, pinned?: Pins): void;
  /**
   * Removes what writings that were broken off have left, and says whose labels that were. Writings
   * under way in this store are left alone: until their generator has returned, thrown, or was told
   * to return; and so are those of these labels, which somebody writes elsewhere.
   */
  sweep(spared?: ReadonlySet<string>): readonly string[];
  /** Removes parents, and pages kept by content, that nobody needs any more and that are not `pinned`. */
  collect(pinned?: Pins): void;
}

/**
 * A folder of files and folders: all a store needs of a disk. Names have no separators in them.
 * What was not synced may be lost or cut short by a crash; what was synced is kept; a rename
 * happens wholly or not at all. Every failure is an `ImageError`.
 */
export interface Directory extends ImageFiles {
  /** Whether the folder itself is there. */
  exists(): boolean;
  /** Makes the folder, durably, and those above it; nothing if it is there. */
  create(): void;
  /** Names of the folders in it, sorted. */
  folders(): readonly string[];
  /** A folder in it, which need not exist. */
  folder(name: string): Directory;
  /** Makes or replaces a file; the bytes are the directory's own from then on. */
  write(name: string, bytes: Uint8Array): void;
  /** Makes a file durable: its content and its name. */
  sync(name: string): void;
  /** Makes renames and removals in this folder durable. */
  syncFolder(): void;
  /** Gives a file another name in the same folder, replacing what had it. */
  rename(from: string, to: string): void;
  /** Removes a file. */
  remove(name: string): void;
  /** Removes an empty folder in it. */
  removeFolder(name: string): void;
}

/** Carries out all steps of a writing and returns what it returns. */
export function allSteps(writing: Generator<StoreStep, Stored, void>): Stored {
  for (let step = writing.next();; step = writing.next()) {
    if (step.done === true) return step.value;
  }
}
