/** Golden files: output is compared; `-- --update` rewrites them, the difference shown first. */
import { assert } from "@std/assert";

const FOLDER = new URL("../golden/dsl/", import.meta.url);

/** The first line in which two texts differ, as people want to see it. */
function firstDifference(old: string, now: string): string {
  const before = old.split("\n");
  const after = now.split("\n");
  const at = after.findIndex((line, i) => line !== before[i]);
  const line = at < 0 ? after.length : at;
  return `line ${line + 1}\n  - ${before[line] ?? "(end)"}\n  + ${after[line] ?? "(end)"}`;
}

/** Compares a text with its golden file. */
export function assertGolden(name: string, text: string): void {
  const path = new URL(name, FOLDER);
  let old = "";
  try {
    old = Deno.readTextFileSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  if (old === text) return;
  const difference = `${name}: ${firstDifference(old, text)}`;
  const update = Deno.args.includes("--update") && Deno.env.get("CI") === undefined;
  if (update) {
    console.log(difference);
    Deno.mkdirSync(new URL(".", path), { recursive: true });
    Deno.writeTextFileSync(path, text);
    return;
  }
  assert(false, `${difference}\nif that is meant: deno test -A tests/dsl -- --update`);
}
