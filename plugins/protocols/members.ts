/** Sets of processes as ascending lists, so that equal states of an actor look equal. */
import type { ProcessId } from "../../core/mod.ts";

/** The list without that process. */
export const without = (list: readonly ProcessId[], who: ProcessId): readonly ProcessId[] =>
  list.filter((each) => each !== who);

/** The list with those processes. */
export const including = (
  list: readonly ProcessId[],
  ...who: readonly ProcessId[]
): readonly ProcessId[] => [...new Set([...list, ...who])].sort((a, b) => a - b);

/** "process 3" or "processes 0, 3" */
export const named = (list: readonly ProcessId[]): string =>
  `${list.length === 1 ? "process" : "processes"} ${list.join(", ")}`;

/** Why nothing can be saved any more. */
export const lostBecause = (who: ProcessId, what = "was lost"): string =>
  `process ${who} ${what}: restart from the last checkpoint`;
