/** Where the public instruction vectors lie; the collection is no part of the project. */
import { fileURLToPath } from "node:url";

const BESIDE = fileURLToPath(new URL("../../../shared/sst", import.meta.url));

/** A folder that somebody named must be there; the one beside the project may be. */
function vectorFolder(): string | undefined {
  const named = Deno.env.get("CKPTLAB_VECTORS");
  try {
    return Deno.statSync(named ?? BESIDE).isDirectory ? named ?? BESIDE : undefined;
  } catch (error) {
    if (named === undefined && error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

const VECTORS = vectorFolder();
if (VECTORS === undefined) {
  console.log("skipped: tests of instruction vectors: none at hand (CKPTLAB_VECTORS names them)");
}

/** The names of the collection's files; none where there is no collection. */
export const VECTOR_NAMES: readonly string[] = VECTORS === undefined
  ? []
  : [...Deno.readDirSync(VECTORS)].map(({ name }) => name)
    .filter((name) => name.endsWith(".bin")).sort();

/** The bytes of one of them. */
export const readVectors = (name: string): Uint8Array<ArrayBuffer> =>
  Deno.readFileSync(`${VECTORS}/${name}`);

/** A test that needs the vectors: without them it is ignored, never passed. */
export const testVectors = (name: string, fn: () => void): void =>
  Deno.test({ name, ignore: VECTORS === undefined, fn });
