/** Things by name; a name that is not there is the script's doing, and is told what there is. */
import { ImageError } from "../image/image.ts";
import { ElfError } from "../kernel/elf.ts";
import { SpawnError } from "../kernel/spawn.ts";
import { LabError } from "./lab.ts";

/** The item of that name. Throws {@linkcode LabError}. */
export function known<T>(items: ReadonlyMap<string, T>, name: string, what: string): T {
  const item = items.get(name);
  if (item !== undefined) return item;
  const names = [...items.keys()].join(", ") || "none";
  throw new LabError(`there is no ${what} '${name}' (there are: ${names})`);
}

/** The row of that name in a table. Throws {@linkcode LabError}. */
export function rowOf<T extends { readonly name: string }>(
  rows: readonly T[],
  name: string,
  what: string,
): T {
  return rows.find((row) => row.name === name) ??
    known(new Map(rows.map((row) => [row.name, row])), name, what);
}

/** A program or an image that cannot be used is the script's trouble here. */
export function labError<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    const theirs = error instanceof ImageError || error instanceof ElfError ||
      error instanceof SpawnError;
    throw theirs ? new LabError(error.message) : error;
  }
}
