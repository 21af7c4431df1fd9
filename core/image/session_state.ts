/** What a session says of itself: how far it is, and what it counts besides its time. */

import { ImageError, TooLate } from "./image.ts";

/** How far a session is. */
export type SessionState = "running" | "committed" | "abandoned";

/** Why there is no image of a process that ended before t0. */
export const TOO_LATE = "the process ended before its state was saved";

/** What to throw where an image was wanted and a session has none. */
export function noImage({ why }: { readonly why: string }): ImageError {
  const message = why;
  return why === TOO_LATE ? new TooLate(message) : new ImageError(message);
}

/** Counts of one checkpoint. */
export interface SessionCounts {
  controlMessages: number;
  writeFaults: number;
  pagesA: number;
  pagesB: number;
  bufferBPeak: number;
  pagesExcluded: number;
  pages: number;
  imageBytes: number;
  steps: number;
  /** Pages left to the parent; absent where nothing could be. */
  inherited?: number;
  /** Pages taken from a shadow, and of these the copies from one to the other; absent without one. */
  shadowed?: number;
  refreshed?: number;
  /** First stores from t0 of the last image to this one, each of which trapped, and their cycles. */
  trackingFaults?: number;
  trackingCycles?: number;
  /** Images a restart reads; absent where first stores are not heard of. */
  chain?: number;
  /** Quarters of pages that were captured one by one; absent while there are none. */
  quarters?: number;
}

/** None of anything. */
export const newCounts = (): SessionCounts => ({
  controlMessages: 0,
  writeFaults: 0,
  pagesA: 0,
  pagesB: 0,
  bufferBPeak: 0,
  pagesExcluded: 0,
  pages: 0,
  imageBytes: 0,
  steps: 0,
});
