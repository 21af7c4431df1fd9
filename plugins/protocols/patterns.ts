/**
 * Which channels an application uses, by the pattern of its communication: what it says itself, for
 * nobody else can know. Among processes that are left a pattern may have more channels than are used,
 * and has never fewer.
 */
import type { ProcessId } from "../../core/mod.ts";

/** One pattern; `members` are ascending. */
interface Channels {
  /** Whether one sends to the other. */
  has(from: ProcessId, to: ProcessId, members: readonly ProcessId[]): boolean;
  /** How many there are between so many processes. */
  count(n: number): number;
}

/** Places two processes are apart in the list. */
const apart = (from: ProcessId, to: ProcessId, members: readonly ProcessId[]): number =>
  members.indexOf(to) - members.indexOf(from);

/** The patterns by name. */
export const PATTERNS = {
  all: { has: () => true, count: (n) => n * (n - 1) },
  /** Each to the next, the last to the first. */
  ring: {
    has: (from, to, members) =>
      (apart(from, to, members) + members.length) % members.length === 1 % members.length,
    count: (n) => n < 2 ? 0 : n,
  },
  /** Each with the one before it and the one after it. */
  neighbours: {
    has: (from, to, members) => Math.abs(apart(from, to, members)) === 1,
    count: (n) => 2 * Math.max(0, n - 1),
  },
  /** The first of them with each of the others. */
  star: {
    has: (from, to, [first]) => from === first || to === first,
    count: (n) => 2 * Math.max(0, n - 1),
  },
} as const satisfies Readonly<Record<string, Channels>>;

export type Pattern = keyof typeof PATTERNS;

export const PATTERN_NAMES = Object.keys(PATTERNS) as readonly Pattern[];

/** Those a process sends to. */
export const receiversOf = (
  pattern: Pattern,
  self: ProcessId,
  members: readonly ProcessId[],
): readonly ProcessId[] =>
  members.filter((other) => other !== self && PATTERNS[pattern].has(self, other, members));

/** Those that send to a process. */
export const sendersOf = (
  pattern: Pattern,
  self: ProcessId,
  members: readonly ProcessId[],
): readonly ProcessId[] =>
  members.filter((other) => other !== self && PATTERNS[pattern].has(other, self, members));
