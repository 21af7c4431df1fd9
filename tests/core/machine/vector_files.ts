/** The public instruction vectors with their bytes, where they are at hand. */
import type { VectorFile } from "../../../core/machine/vector_run.ts";
import { readVectors, VECTOR_NAMES } from "../vector_folder.ts";

/** The vector files, or nothing where there are none. */
export const vectorFiles = (): readonly VectorFile[] =>
  VECTOR_NAMES.map((name) => ({ name, bytes: readVectors(name) }));
