/** Links from the page to files of the run. */

/**
 * The address of a file seen from the page; nothing where that cannot be known. Both are named from
 * the folder the command ran in.
 *
 * @example
 * ```ts
 * import { addressOf } from "./link.ts";
 * if (addressOf(".ckpt/out/a b.svg", ".ckpt/report.html") !== "../.ckpt/out/a%20b.svg") throw 0;
 * if (addressOf("out/a.svg", "/tmp/report.html") !== undefined) throw 0;
 * ```
 */
export function addressOf(path: string, page: string | undefined): string | undefined {
  const address = path.split("/").map(encodeURIComponent).join("/");
  if (path.startsWith("/")) return address;
  const folders = (page ?? "").split("/").slice(0, -1).filter((name) => name !== ".");
  const isKnown = folders.every((name) => name !== "" && name !== "..");
  return isKnown ? "../".repeat(folders.length) + address : undefined;
}
