/**
 * Pages by the hash of their content, each kept once for all images of a store. A page gets the name
 * that is its hash when its bytes are durable, and every writing makes the names durable at its end,
 * its own and those it found, so that a committed image has all its pages after a crash; what a crash leaves
 * under another name is garbage, and so is what no manifest names.
 */
import { sha256 } from "../base/digest.ts";
import { ImageError, PAGE_BYTES } from "./image.ts";
import type { Directory, StoreStep } from "./store.ts";
import { refusal, RESTORE_OLDER } from "./validate.ts";

/** The folder of a store that has them. */
export const POOL_NAME = "pages";

const PREFIX = "pages-";

/** The file of a page. */
export const pageFile = (key: string): string => `${PREFIX}${key}`;

/** The key of a file, or nothing where it is none of a page that is whole. */
export function keyOf(file: string): string | undefined {
  const key = file.slice(PREFIX.length);
  return file.startsWith(PREFIX) && /^[0-9a-f]{64}$/.test(key) ? key : undefined;
}

/** A page under way belongs to one writer: two may write the same one at the same time. */
const unnamed = (key: string, writer: string): string => `${pageFile(key)}.${writer}`;

/** The writer of a file under way. */
const writerOf = (file: string): string => file.slice(PREFIX.length + 65);

/** The pages of one store. */
export class PagePool {
  /** Pages that are there, though this copy of the disk does not have them. */
  lent: ReadonlySet<string> = new Set();

  constructor(private readonly folder: Directory) {}

  /** The keys of all pages, sorted. */
  get keys(): readonly string[] {
    return this.files().flatMap((file) => keyOf(file) ?? []);
  }

  /** Of these pages those that are not there. */
  missing(pages: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, Uint8Array> {
    const there = new Set(this.keys);
    return new Map([...pages].filter(([key]) => !there.has(key) && !this.lent.has(key)));
  }

  /** Makes pages durable, step by step, and gives each its name. */
  *writing(
    pages: ReadonlyMap<string, Uint8Array>,
    writer: string,
  ): Generator<StoreStep, void, void> {
    const { folder } = this, at = (file: string) => `${POOL_NAME}/${file}`;
    if (!folder.exists()) {
      yield { action: "make", file: POOL_NAME, bytes: 0 };
      folder.create();
    }
    for (const [key, bytes] of pages) {
      const file = unnamed(key, writer);
      yield { action: "write", file: at(file), bytes: bytes.length };
      folder.write(file, bytes.slice());
      yield { action: "sync", file: at(file), bytes: 0 };
      folder.sync(file);
      yield { action: "name", file: at(pageFile(key)), bytes: 0 };
      folder.rename(file, pageFile(key));
    }
    // Also where every page has its name: whoever gave it may not have come to this.
    yield { action: "sync", file: POOL_NAME, bytes: 0 };
    folder.syncFolder();
  }

  /** A page, whole. Throws {@linkcode ImageError}. */
  read(key: string): Uint8Array {
    const place = `${this.folder.where}/${pageFile(key)}`;
    if (!this.files().includes(pageFile(key))) {
      throw refusal(place, "the page of that name", "no such file", RESTORE_OLDER);
    }
    const bytes = this.folder.read(pageFile(key));
    if (bytes.length !== PAGE_BYTES) {
      throw refusal(place, `${PAGE_BYTES} bytes`, `${bytes.length}`, RESTORE_OLDER);
    }
    const hash = sha256(bytes);
    if (hash !== key) throw refusal(place, `SHA-256 ${key}`, hash, RESTORE_OLDER);
    return bytes;
  }

  /** Removes the pages that nobody needs, and what writers left who write no more. */
  collect(needed: ReadonlySet<string>, isWriting: (writer: string) => boolean): void {
    for (const file of this.files()) {
      const key = keyOf(file);
      const stays = key === undefined ? isWriting(writerOf(file)) : needed.has(key);
      if (!stays) this.folder.remove(file);
    }
  }

  private files(): readonly string[] {
    return this.folder.exists() ? this.folder.files() : [];
  }
}

/** Refuses to read pages by their content where there are none. */
export const NO_POOL = {
  read(key: string): Uint8Array {
    throw new ImageError(
      `expected the page ${key.slice(0, 16)}… beside the image, found none; read the image from ` +
        "the store that keeps its pages by content",
    );
  },
} as const;
