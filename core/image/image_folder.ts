/** One image in one folder of the host: what `exec` writes and reads. */
import { DenoDirectory } from "./deno_directory.ts";
import { writingFolder } from "./directory_store_folder.ts";
import type { EncodeOptions } from "./codec.ts";
import type { Image } from "./image.ts";
import { mustBeWhole } from "./image_chain.ts";
import { allSteps, type Stored } from "./store.ts";

/** Writes an image into a folder, the manifest last. Throws `ImageError`, and then leaves no image. */
export function writeFolder(path: string, image: Image, options: EncodeOptions = {}): Stored {
  mustBeWhole(image, path);
  return allSteps(writingFolder(new DenoDirectory(path), "image", image, options));
}
