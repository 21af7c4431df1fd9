/**
 * What the protocols here have in common. Sets of processes are ascending lists, so that equal states
 * of an actor look equal.
 */
import type { Option, ProcessId } from "../../core/mod.ts";

/** Bytes of a number in a message. */
export const WORD = 4;

/** The option of a manager that waits. */
export const timeout = {
  type: "time",
  default: 1_000_000_000,
  min: 1_000,
  doc: "How long the manager waits for everybody before it gives the checkpoint up.",
} as const satisfies Option;

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
