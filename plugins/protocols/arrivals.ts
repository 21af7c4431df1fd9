/** Which of a sender's messages have come, where channels need not keep order. */

/** All messages below `next` have come, and these behind a gap, ascending. */
export interface Arrivals {
  readonly next: number;
  readonly beyond: readonly number[];
}

/** With one more, which had not come before. */
export function withArrival<T extends Arrivals>(before: T, number: number): T {
  const beyond = [...before.beyond, number].sort((a, b) => a - b);
  let { next } = before;
  for (; beyond[0] === next; next++) beyond.shift();
  return { ...before, next, beyond };
}
