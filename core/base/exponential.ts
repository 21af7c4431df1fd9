/**
 * Exponentially distributed whole numbers by von Neumann's comparison method: only draws and
 * comparisons of whole numbers, no logarithm, so that every host gives the same.
 */
import type { RandomStream } from "./random.ts";

const WORD = 2 ** 32;

/**
 * A whole number from 0 to `count - 1`, each equally likely, for counts that may be more than the
 * 2^32 one draw of the stream reaches.
 */
export function belowWide(stream: RandomStream, count: number): number {
  if (count <= WORD) return stream.below(count);
  if (!Number.isSafeInteger(count)) {
    throw new RangeError(`expected a whole count of at most 2^53 - 1 but found ${count}`);
  }
  const highs = Math.ceil(count / WORD);
  for (;;) {
    const number = stream.below(highs) * WORD + stream.next();
    if (number < count) return number;
  }
}

/**
 * A number of [0, 1): a first digit in base `mean`, then words of 32 bits, drawn only when a
 * comparison comes to them.
 */
type Digits = number[];

function isBelow(a: Digits, b: Digits, stream: RandomStream): boolean {
  for (let place = 0;; place++) {
    const left = a[place] ??= stream.next();
    const right = b[place] ??= stream.next();
    if (left !== right) return left < right;
  }
}

/**
 * The whole part of an exponential variable of that mean.
 *
 * A run of falling uniform numbers of odd length, which comes with probability 1 - 1/e, gives its
 * first number as the fraction; every run of even length adds one mean.
 *
 * @example
 * ```ts
 * import { exponential } from "./exponential.ts";
 * import { RandomStream } from "./random.ts";
 * const wait = exponential(RandomStream.of(7, "latency", "a-b"), 50_000);
 * if (!Number.isInteger(wait) || wait < 0) throw new Error("unreachable");
 * ```
 */
export function exponential(stream: RandomStream, mean: number): number {
  const base = Math.max(1, Math.round(mean));
  for (let whole = 0;; whole++) {
    const first: Digits = [belowWide(stream, base)];
    let last = first, length = 1;
    for (;;) {
      const next: Digits = [belowWide(stream, base)];
      if (!isBelow(next, last, stream)) break;
      last = next;
      length++;
    }
    if (length % 2 === 1) return whole * base + (first[0] as number);
  }
}
