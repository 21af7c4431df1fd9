/** Exit codes of the command, and which of several causes wins. */

/** What each code means; all are below 126, so that shells do not overlay them. */
export const EXIT = {
  holds: 0,
  failed: 1,
  unknown: 2,
  script: 3,
  plugin: 4,
  nondeterminism: 5,
  nothing: 6,
  usage: 64,
  internal: 70,
  worker: 71,
  interrupted: 130,
} as const;

/** For help. */
export const EXIT_HELP: readonly (readonly [number, string])[] = [
  [EXIT.holds, "all hold"],
  [EXIT.failed, "an expectation failed"],
  [EXIT.unknown, "unknown: something could not be judged"],
  [EXIT.script, "script errors"],
  [EXIT.plugin, "a plugin was refused or broke its contract"],
  [EXIT.nondeterminism, "nondeterminism: replays or engines that differ"],
  [EXIT.nothing, "nothing to run"],
  [EXIT.usage, "the command was used wrongly"],
  [EXIT.internal, "internal error"],
  [EXIT.worker, "a Worker died, hung or ran out of memory"],
  [EXIT.interrupted, "interrupted"],
];

/** Causes from the one that wins to the one that yields. */
const PRIORITY: readonly number[] = [
  EXIT.interrupted,
  EXIT.internal,
  EXIT.worker,
  EXIT.nondeterminism,
  EXIT.plugin,
  EXIT.script,
  EXIT.failed,
  EXIT.unknown,
  EXIT.nothing,
];

/** The code of the most important cause. */
export const exitCode = (causes: readonly number[]): number =>
  PRIORITY.find((code) => causes.includes(code)) ?? EXIT.holds;
