/**
 * How long a Worker has been silent, in sleeps of whoever waits for it: outside of hooks, and in the
 * hook it is in. A hook answers for its own time only.
 */

/** Counts sleeps. */
export class Silence {
  private outside = 0;
  private inside = 0;

  /** `turn`: how often hooks have begun and ended so far. */
  constructor(private turn: number) {}

  /** One more sleep: was there a sign of life, is it in a hook, and how often did that change. */
  slept(isAlive: boolean, isInHook: boolean, turn: number): void {
    if (isAlive) this.outside = 0;
    if (isAlive || turn !== this.turn) this.inside = 0;
    this.turn = turn;
    if (isAlive) return;
    if (isInHook) this.inside++;
    else this.outside++;
  }

  /** Sleeps since the sign of life last seen, those in hooks apart. */
  get quiet(): number {
    return this.outside;
  }

  /** Sleeps in the hook it is in. */
  get inHook(): number {
    return this.inside;
  }
}
