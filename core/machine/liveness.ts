/**
 * Which words of the state must be in locals of a region's function, and which of them may be newer
 * there than in the state.
 */
import { type Loop, successors } from "./flow.ts";
import type { Block, Region } from "./region.ts";

const NOTHING: ReadonlySet<number> = new Set();

/** All that the innermost loop of a block writes. */
function writtenIn(
  region: Region,
  innermost: (pc: number) => Loop | undefined,
): (pc: number) => ReadonlySet<number> {
  const found = new Map<Loop | undefined, Set<number>>();
  for (const { pc, written } of region.blocks.values()) {
    const loop = innermost(pc);
    if (loop !== undefined) found.set(loop, new Set([...found.get(loop) ?? [], ...written]));
  }
  return (pc: number): ReadonlySet<number> => found.get(innermost(pc)) ?? NOTHING;
}

/**
 * What must be in locals where a block begins: what it or a block after it reads, and what may count
 * as newer than the state. Behind a call everything is loaded again.
 */
function livePlaces(
  region: Region,
  order: readonly number[],
  newer: (pc: number) => ReadonlySet<number>,
): Map<number, ReadonlySet<number>> {
  const live = new Map<number, ReadonlySet<number>>();
  for (let changed = true; changed;) {
    changed = false;
    for (const pc of order.toReversed()) {
      const block = region.blocks.get(pc) as Block;
      const found = new Set([...block.needs, ...newer(pc)]);
      for (const to of block.end.kind === "call" ? [] : successors(block)) {
        for (const place of live.get(to) ?? NOTHING) {
          if (!block.written.has(place)) found.add(place);
        }
      }
      if (found.size === (live.get(pc)?.size ?? -1)) continue;
      live.set(pc, found);
      changed = true;
    }
  }
  return live;
}

/** What is live and what is newer, by the addresses of blocks. */
export interface Liveness {
  /** Places in the state that must be in locals where a block begins. */
  readonly live: (pc: number) => ReadonlySet<number>;
  /** What may be newer than the state where ways meet in the innermost loop of a block. */
  readonly newer: (pc: number) => ReadonlySet<number>;
}

/** Works out what is live. `innermost`: the innermost loop a block is in. */
export function livenessOf(
  region: Region,
  order: readonly number[],
  innermost: (pc: number) => Loop | undefined,
): Liveness {
  const newer = writtenIn(region, innermost);
  const live = livePlaces(region, order, newer);
  return { live: (pc) => live.get(pc) ?? NOTHING, newer };
}
