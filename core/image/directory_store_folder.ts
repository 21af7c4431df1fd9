/**
 * A folder that is one image: `manifest.ckpt` and its chunks. The chunks are written and synced
 * first; the manifest is written under another name, synced, and renamed: that is the commit.
 */
import { CHANNELS_NAME, UNCOMMITTED_CHANNELS } from "./channel_state.ts";
import { type EncodedManifest, type EncodeOptions, encoding, MANIFEST_NAME } from "./codec.ts";
import type { ContentImage } from "./codec_content.ts";
import { type Image, ImageError, PAGE_BYTES } from "./image.ts";
import type { PagePool } from "./page_pool.ts";
import { LOG_NAME, UNCOMMITTED_LOG } from "./sender_log_file.ts";
import type { Directory, Stored, StoreStep } from "./store.ts";

/** The manifest before it is committed. */
const UNCOMMITTED = `${MANIFEST_NAME}.new`;

/** Whether the folder holds a committed image. */
export const holdsImage = (folder: Directory): boolean => folder.files().includes(MANIFEST_NAME);

/**
 * The manifest of an image that was forgotten while another needs its pages: by this name it is a
 * parent and nothing else. One rename makes it so, and it is never undone.
 */
export const PARENT_NAME = "parent.ckpt";

/** Whether the folder holds an image that is only a parent. */
export const holdsParent = (folder: Directory): boolean => folder.files().includes(PARENT_NAME);

/** From now on the image is only a parent. */
export function retireFolder(folder: Directory): void {
  folder.rename(MANIFEST_NAME, PARENT_NAME);
  folder.syncFolder();
}

const OWN_NAMES: readonly string[] = [
  UNCOMMITTED,
  MANIFEST_NAME,
  PARENT_NAME,
  CHANNELS_NAME,
  UNCOMMITTED_CHANNELS,
  LOG_NAME,
  UNCOMMITTED_LOG,
];

/** Files in the folder that belong to an image, whole or not. */
const imageFiles = (folder: Directory): readonly string[] =>
  folder.files().filter((name) =>
    /^pages-\d+\.bin$/.test(name) ||
    OWN_NAMES.includes(name)
  );

const step = (action: StoreStep["action"], file: string, bytes = 0) => ({ action, file, bytes });

/**
 * Writes an image into a folder, which is made if need be; other files in it are left alone. The
 * image is checked before the first step. A folder that holds an image is refused.
 */
export function* writingFolder(
  folder: Directory,
  label: string,
  image: Image,
  options: EncodeOptions = {},
): Generator<StoreStep, Stored, void> {
  const parts = encoding(image, options);
  let part = parts.next();
  yield* beginning(folder);
  let total = 0;
  for (; part.done !== true; part = parts.next()) {
    const { name, bytes } = part.value;
    // The length first: the bytes are the directory's once it has them.
    const { length } = bytes;
    yield step("write", name, length);
    folder.write(name, bytes);
    yield step("sync", name);
    folder.sync(name);
    total += length;
  }
  return yield* committing(folder, label, part.value, total);
}

/** Writes an image whose pages are kept by content: those that are not there yet, then the manifest. */
export function* writingByContent(
  folder: Directory,
  pool: PagePool,
  writer: string,
  label: string,
  { manifest, pages }: ContentImage,
): Generator<StoreStep, Stored, void> {
  yield* beginning(folder);
  const fresh = pool.missing(pages);
  yield* pool.writing(fresh, writer);
  return yield* committing(folder, label, manifest, fresh.size * PAGE_BYTES);
}

/** The folder is there, and nothing of a writing that broke off is in it. */
function* beginning(folder: Directory): Generator<StoreStep, void, void> {
  if (folder.exists() && holdsImage(folder)) {
    throw new ImageError(
      `${folder.where}: expected a folder without an image, found '${MANIFEST_NAME}' in it; ` +
        "name another folder or remove the image first",
    );
  }
  yield step("make", ".");
  folder.create();
  for (const file of imageFiles(folder)) {
    yield step("clear", file);
    folder.remove(file);
  }
}

/** The manifest is written last; `total`: the bytes written before it. */
function* committing(
  folder: Directory,
  label: string,
  manifest: EncodedManifest,
  total: number,
): Generator<StoreStep, Stored, void> {
  const { bytes, name: _name, ...about } = manifest;
  const manifestBytes = bytes.length;
  yield step("write", UNCOMMITTED, manifestBytes);
  folder.write(UNCOMMITTED, bytes);
  yield step("sync", UNCOMMITTED);
  folder.sync(UNCOMMITTED);
  yield step("commit", MANIFEST_NAME);
  folder.rename(UNCOMMITTED, MANIFEST_NAME);
  yield step("sync", ".");
  folder.syncFolder();
  return { label, bytes: total + manifestBytes, manifestBytes, ...about };
}

/** Removes an image from a folder, the manifest first, so that no half of it can be read. */
export function clearFolder(folder: Directory): void {
  const manifests = [MANIFEST_NAME, PARENT_NAME].filter((name) => folder.files().includes(name));
  for (const name of manifests) folder.remove(name);
  if (manifests.length > 0) folder.syncFolder();
  for (const name of imageFiles(folder)) folder.remove(name);
}
