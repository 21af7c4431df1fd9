/**
 * How far a restart takes a process back. Work lost is `rerun_time`; here it is how old the state is
 * that the process comes back in, and how many checkpoints of it have a later t0.
 */
import type { Part } from "./checkpoint_record.ts";
import type { ProcessRecord } from "./process_record.ts";
import type { World } from "./world.ts";

/** The way back of one restart, or the longest of several. */
export interface Rollback {
  /** From t0 of the checkpoint, or from the beginning, until its life was over, in ns. */
  readonly distanceNs: number;
  /** Checkpoints of it with a later t0, whatever became of them, but for those undone before. */
  readonly behind: number;
}

/** The way back of a process that goes back to that part, or to its beginning; asked before it does. */
export function rollbackOf(world: World, record: ProcessRecord, part: Part | undefined): Rollback {
  const { rank, plan } = record;
  const from = part?.takenNs ?? plan.startsAt;
  const newer = [...world.checkpoints.values()].filter(({ label, parts }) =>
    parts.some((each) => each.record === record && (each.takenNs ?? 0) > from) &&
    !world.auditor.isUndone(label, rank)
  );
  return { distanceNs: Math.max(0, overAt(world, record) - from), behind: newer.length };
}

/** When its life was over, or now: who still runs goes back with the others. */
function overAt({ now }: World, { condition, lostAtNs, endedNs }: ProcessRecord): number {
  if (condition === "crashed") return lostAtNs;
  return condition === "ended" ? endedNs : now;
}
