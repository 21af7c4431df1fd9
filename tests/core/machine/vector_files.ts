/** The public instruction vectors, where they are at hand: CKPTLAB_VECTORS names their directory. */
import { fileURLToPath } from "node:url";
import type { VectorFile } from "../../../core/machine/vector_run.ts";

const BESIDE = fileURLToPath(new URL("../../../../shared/sst", import.meta.url));

/** What a test prints that has none. */
export const NO_VECTORS = "skipped: no vectors (CKPTLAB_VECTORS names their directory)";

/** The vector files of the directory, or nothing where there is none. */
export function vectorFiles(): readonly VectorFile[] {
  const folder = Deno.env.get("CKPTLAB_VECTORS") ?? BESIDE;
  try {
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
    return names.filter((name) => name.endsWith(".bin")).sort()
      .map((name) => ({ name, bytes: Deno.readFileSync(`${folder}/${name}`) }));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
