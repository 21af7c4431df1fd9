/** Pairs: two things measured in turn, so that whatever else the host does hits both alike. */

/** Seconds of the host that something takes. */
export function seconds(act: () => void): number {
  const start = performance.now();
  act();
  return (performance.now() - start) / 1000;
}

/** What came of pairs: the samples of either side, and first / second of every pair. */
export interface Pairs {
  readonly first: readonly number[];
  readonly second: readonly number[];
  readonly ratios: readonly number[];
}

/** Measures so many pairs in turn; who begins alternates, for the second may find things warm. */
export function inTurn(count: number, first: () => number, second: () => number): Pairs {
  const one: number[] = [], other: number[] = [];
  for (let n = 0; n < count; n++) {
    if (n % 2 === 0) {
      one.push(first());
      other.push(second());
    } else {
      other.push(second());
      one.push(first());
    }
  }
  return { first: one, second: other, ratios: ratiosOf(one, other) };
}

/** Each of the one over its partner of the other. */
export function ratiosOf(first: readonly number[], second: readonly number[]): readonly number[] {
  if (first.length !== second.length) throw new Error("every sample of a pair needs its partner");
  return first.map((value, index) => value / (second[index] as number));
}
