/** "Did you mean": the known word nearest to a mistyped one. */

/** Edit distance with transpositions, so that `form` is one step from `from`. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (before[j - 2] ?? 0) + 1);
      }
      row.push(best);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
}

/** Who wants to know what could have been meant, by the word that was asked for. */
const listeners = new Map<string, Set<string>>();

/**
 * What a word that nobody knows could have been meant as, wherever it is looked up while the work
 * is done. So completion offers what a suggestion would choose from, with no list of its own.
 *
 * @example
 * ```ts
 * import { candidatesFor, nearest } from "./suggest.ts";
 * const found = await candidatesFor("nobody", () => void nearest("nobody", ["n0", "n1"]));
 * if (found.join() !== "n0,n1") throw new Error("unreachable");
 * ```
 */
export async function candidatesFor(
  word: string,
  work: () => void | Promise<void>,
): Promise<readonly string[]> {
  const heard = new Set<string>();
  listeners.set(word, heard);
  try {
    await work();
  } finally {
    listeners.delete(word);
  }
  return [...heard];
}

/** Of `cow.word` only what else there is of `cow` is told. */
function tell(word: string, candidates: Iterable<string>): void {
  const dot = word.lastIndexOf(".") + 1;
  const heard = listeners.get(word.slice(dot));
  if (heard === undefined) return;
  for (const candidate of candidates) {
    if (candidate.startsWith(word.slice(0, dot))) heard.add(candidate.slice(dot));
  }
}

/**
 * The candidate that looks like the word, or nothing when none is near.
 *
 * @example
 * ```ts
 * import { nearest } from "./suggest.ts";
 * const meant = nearest("chekpoint", ["crash", "checkpoint"]);
 * if (meant !== "checkpoint") throw new Error("unreachable");
 * ```
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  tell(word, candidates);
  if (word.length > 64) return undefined;
  let best: string | undefined;
  let least = word.length <= 2 ? 1.5 : word.length <= 5 ? 2.5 : 3.5;
  for (const candidate of candidates) {
    if (candidate === word || Math.abs(candidate.length - word.length) >= least) continue;
    const steps = distance(word.toLowerCase(), candidate.toLowerCase());
    // A word that shares nothing is never meant, however short both are.
    if (steps >= Math.max(word.length, candidate.length)) continue;
    // Of two equally near the one of the same length is likelier: letters get swapped.
    const tie = steps === least && best?.length !== word.length && candidate.length === word.length;
    if (steps < least || tie) {
      best = candidate;
      least = steps;
    }
  }
  return best;
}
