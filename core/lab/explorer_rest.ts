/** Which explored states come to rest of themselves: from the others something goes on for ever. */

/** The ways between states by number, as they are found; then backwards from those at rest. */
export class WaysToRest {
  /** From and to, in turn: there are millions. */
  private readonly steps: number[] = [];
  private readonly atRest: number[] = [];

  /** This state is at rest. */
  rest(state: number): void {
    this.atRest.push(state);
  }

  /** What happens of itself leads from one to the other. */
  lead(from: number, to: number): void {
    this.steps.push(from, to);
  }

  /** The first of so many states from which no way leads to rest, if there is one. */
  firstWithout(states: number): number | undefined {
    const { firsts, befores } = this.backwards(states);
    const isReached = new Uint8Array(states);
    const open = [...this.atRest];
    for (const state of open) isReached[state] = 1;
    for (let state = open.pop(); state !== undefined; state = open.pop()) {
      for (let at = firsts[state] as number; at < (firsts[state + 1] as number); at++) {
        const before = befores[at] as number;
        if (isReached[before] === 1) continue;
        isReached[before] = 1;
        open.push(before);
      }
    }
    const first = isReached.indexOf(0);
    return first < 0 ? undefined : first;
  }

  /** The states before each: those of `state` from `firsts[state]` up to the next one's. */
  private backwards(states: number): { firsts: Uint32Array; befores: Uint32Array } {
    const { steps } = this;
    const firsts = new Uint32Array(states + 1), befores = new Uint32Array(steps.length / 2);
    for (let at = 1; at < steps.length; at += 2) {
      const to = steps[at] as number;
      firsts[to] = (firsts[to] as number) + 1;
    }
    for (let state = 1; state <= states; state++) {
      firsts[state] = (firsts[state] as number) + (firsts[state - 1] as number);
    }
    for (let at = 0; at < steps.length; at += 2) {
      const to = steps[at + 1] as number;
      firsts[to] = (firsts[to] as number) - 1;
      befores[firsts[to] as number] = steps[at] as number;
    }
    return { firsts, befores };
  }
}
