/** Who a process is, and what it may use. */

/** User and group numbers. */
export interface Credentials {
  userId: number;
  effectiveUserId: number;
  savedUserId: number;
  groupId: number;
  effectiveGroupId: number;
  savedGroupId: number;
  groups: readonly number[];
}

/** The superuser: what a guest is unless told otherwise, so that no permission stands in its way. */
export const superuser = (): Credentials => ({
  userId: 0,
  effectiveUserId: 0,
  savedUserId: 0,
  groupId: 0,
  effectiveGroupId: 0,
  savedGroupId: 0,
  groups: [],
});

/** The resources of getrlimit, in its order. */
export const RESOURCES = [
  "cpu",
  "fileSize",
  "data",
  "stack",
  "core",
  "residentSet",
  "processes",
  "openFiles",
  "lockedMemory",
  "addressSpace",
  "locks",
  "pendingSignals",
  "messageQueues",
  "nice",
  "realTimePriority",
  "realTimeCpu",
] as const;

/** One of {@linkcode RESOURCES}. */
export type Resource = (typeof RESOURCES)[number];

/** A soft and a hard limit; Infinity for none. */
export interface Limit {
  readonly soft: number;
  readonly hard: number;
}

/** Limits by resource. */
export type Limits = Record<Resource, Limit>;

const NO_LIMIT: Limit = { soft: Infinity, hard: Infinity };

/** What Linux starts with. */
export function usualLimits(): Limits {
  const limits = Object.fromEntries(RESOURCES.map((name) => [name, NO_LIMIT])) as Limits;
  return {
    ...limits,
    stack: { soft: 8 * 2 ** 20, hard: Infinity },
    core: { soft: 0, hard: Infinity },
    openFiles: { soft: 1024, hard: 4096 },
    nice: { soft: 0, hard: 0 },
    realTimePriority: { soft: 0, hard: 0 },
  };
}
