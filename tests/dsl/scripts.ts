/** Every script that ships: the chapters, the paper's comparisons, the examples of the language. */
import { fileURLToPath } from "node:url";

/** A script by its path from the root of the project. */
export interface GoodScript {
  readonly name: string;
  readonly text: string;
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

function* under(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(`${ROOT}${folder}`)) {
    if (isDirectory) yield* under(`${folder}/${name}`);
    else if (name.endsWith(".ckpt")) yield `${folder}/${name}`;
  }
}

/** All of them, by name. */
export const goodScripts = (): readonly GoodScript[] =>
  [...under("scenarios"), ...under("tests/dsl/corpus")].sort()
    .map((name) => ({ name, text: Deno.readTextFileSync(`${ROOT}${name}`) }));
