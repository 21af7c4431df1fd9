/** Paths with / between their folders, as scripts have them on every system. */

/**
 * The path of a file as seen from another.
 *
 * @example
 * ```ts
 * import { relativePath } from "./paths.ts";
 * const path = relativePath(".ckpt/out/shrunk.ckpt", "plugins/mine.ts");
 * if (path !== "../../plugins/mine.ts") throw new Error(path);
 * ```
 */
export function relativePath(from: string, to: string): string {
  // From one absolute and one relative path there is no way that both folders tell.
  if (to.startsWith("/") || from.startsWith("/")) return to;
  const folders = from.split("/").slice(0, -1).filter((part) => part !== ".");
  const parts = to.split("/");
  let shared = 0;
  while (shared < folders.length && folders[shared] === parts[shared]) shared++;
  const up = folders.slice(shared).map(() => "..");
  const path = [...up, ...parts.slice(shared)].join("/");
  return up.length === 0 ? `./${path}` : path;
}
