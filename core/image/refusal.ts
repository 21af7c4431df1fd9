/** What a system does not save: named, with a reason, and found in a process's state alone. */
import type { ImageManifest } from "./image.ts";

/** The state of a process at t0, all but its pages and who saves it. */
export type SavedState = Omit<ImageManifest, "checkpointer">;

/** One thing that is refused. */
export interface Refusal {
  readonly name: string;
  /** Why, for people; where it is published, if it is. */
  readonly why: string;
  /** What of it the process has, in words that follow "it has"; nothing if it has none. */
  found(state: SavedState): string | undefined;
}

/**
 * The first of these that a process has, in words that follow the name of who refuses; nothing where
 * it has none.
 *
 * @example
 * ```ts
 * import { type Refusal, refusedBy, type SavedState } from "./refusal.ts";
 * const threads: Refusal = {
 *   name: "threads",
 *   why: "it saves the registers of one",
 *   found: ({ process }) =>
 *     process.threads.length > 1 ? `${process.threads.length} threads` : undefined,
 * };
 * const state = { process: { threads: [{ id: 1 }, { id: 2 }] } } as unknown as SavedState;
 * const said = refusedBy([threads], state);
 * if (said !== "(threads): it has 2 threads; it saves the registers of one") throw new Error(said);
 * ```
 */
export function refusedBy(refusals: readonly Refusal[], state: SavedState): string | undefined {
  for (const refusal of refusals) {
    const what = refusal.found(state);
    if (what !== undefined) return `(${refusal.name}): it has ${what}; ${refusal.why}`;
  }
  return undefined;
}
