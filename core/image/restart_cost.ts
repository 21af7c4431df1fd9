/** What a restart takes: reading the image, and the executable where pages are left to it. */
import { type Image, PAGE_BYTES } from "./image.ts";
import type { CaptureCosts } from "./capture_target.ts";
import { needsExecutable } from "./restore.ts";

/** What of an image is in memory before the order to restart, because it was sent ahead. */
export interface Ahead {
  readonly pages: number;
  readonly bytes: number;
}

/**
 * Cycles from the order to restart to the first instruction: s + pages c + what the disk takes. An
 * image without the executable's pages is smaller, but the executable must be read and checked. Of a
 * chain every image is read: `reads` has their bytes, the newest first.
 */
export function restartCycles(
  image: Image,
  reads: readonly number[],
  costs: CaptureCosts,
  ahead: Ahead = { pages: 0, bytes: 0 },
): number {
  const saved = image.pages.filter(({ source }) => source !== "executable").length;
  const [own = 0, ...parents] = reads;
  const executable = needsExecutable(image) ? image.manifest.executable.bytes : 0;
  const demand = image.pages.length - saved;
  const copied = saved - ahead.pages;
  return costs.fixedStop + copied * costs.pageCopy + costs.store(own - ahead.bytes) +
    parents.reduce((sum, bytes) => sum + costs.store(bytes), 0) + costs.store(executable) +
    demand * (costs.trap + costs.store(PAGE_BYTES));
}
