/**
 * Sets of message numbers as ranges: a channel that loses nothing is one range, however long it
 * works. And what one process has received, from whom, and how often.
 */
import type { ProcessId } from "../cluster/protocol.ts";

/** A set of whole numbers from 0. */
export class SequenceSet {
  /** Start and end (excluded) of each range, ascending, with gaps between. */
  private constructor(private readonly bounds: number[]) {}

  static empty(): SequenceSet {
    return new SequenceSet([]);
  }

  /** All numbers from 0 to `end - 1`. */
  static below(end: number): SequenceSet {
    return new SequenceSet(end > 0 ? [0, end] : []);
  }

  copy(): SequenceSet {
    return new SequenceSet([...this.bounds]);
  }

  has(number: number): boolean {
    return this.place(number) % 2 === 1;
  }

  /** How many numbers there are. */
  get size(): number {
    return this.bounds.reduce((sum, bound, i) => i % 2 === 0 ? sum - bound : sum + bound, 0);
  }

  /** Adds a number that is not in it. */
  add(number: number): void {
    const { bounds } = this;
    const place = this.place(number);
    const joinsBefore = bounds[place - 1] === number, joinsAfter = bounds[place] === number + 1;
    if (joinsBefore && joinsAfter) bounds.splice(place - 1, 2);
    else if (joinsBefore) bounds[place - 1] = number + 1;
    else if (joinsAfter) bounds[place] = number;
    else bounds.splice(place, 0, number, number + 1);
  }

  /** The numbers of this set that are not in the other, ascending. */
  *minus(other: SequenceSet): Generator<number> {
    const { bounds } = this;
    for (let i = 0; i < bounds.length; i += 2) {
      let number = bounds[i] as number;
      const end = bounds[i + 1] as number;
      while (number < end) {
        const place = other.place(number);
        const next = Math.min(end, other.bounds[place] ?? Infinity);
        if (place % 2 === 1) number = next;
        else for (; number < next; number++) yield number;
      }
    }
  }

  /** How many bounds are at most that number: odd inside a range. */
  private place(number: number): number {
    let low = 0, high = this.bounds.length;
    // Mostly the last range grows.
    if (high > 0 && (this.bounds[high - 1] as number) <= number) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.bounds[middle] as number) <= number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const NOTHING = SequenceSet.empty();

/** Messages by sender, with how often each is there. */
export class MessageBag {
  private readonly sets = new Map<ProcessId, SequenceSet>();
  /** How often more than once, for those that are. */
  private readonly more = new Map<ProcessId, Map<number, number>>();

  copy(): MessageBag {
    const copy = new MessageBag();
    for (const [from, set] of this.sets) copy.sets.set(from, set.copy());
    for (const [from, numbers] of this.more) copy.more.set(from, new Map(numbers));
    return copy;
  }

  add(from: ProcessId, sequence: number): void {
    let set = this.sets.get(from);
    if (set === undefined) this.sets.set(from, set = SequenceSet.empty());
    if (!set.has(sequence)) return set.add(sequence);
    let numbers = this.more.get(from);
    if (numbers === undefined) this.more.set(from, numbers = new Map());
    numbers.set(sequence, (numbers.get(sequence) ?? 0) + 1);
  }

  /** Adds all messages of another, as often as they are there. */
  addAll(other: MessageBag): void {
    for (const [from, sequence] of other) this.add(from, sequence);
  }

  /** Sender and number of each message, by sender, each as often as it is there. */
  *[Symbol.iterator](): Generator<readonly [ProcessId, number]> {
    for (const from of this.senders()) {
      for (const sequence of this.from(from).minus(NOTHING)) {
        for (let i = this.times(from, sequence); i > 0; i--) yield [from, sequence];
      }
    }
  }

  has(from: ProcessId, sequence: number): boolean {
    return this.from(from).has(sequence);
  }

  /** How often a message is there. */
  times(from: ProcessId, sequence: number): number {
    if (!this.has(from, sequence)) return 0;
    return 1 + (this.more.get(from)?.get(sequence) ?? 0);
  }

  /** The numbers of one sender's messages; not to be changed. */
  from(sender: ProcessId): SequenceSet {
    return this.sets.get(sender) ?? NOTHING;
  }

  /** Everybody from whom there is a message, ascending. */
  senders(): readonly ProcessId[] {
    return [...this.sets.keys()].sort((a, b) => a - b);
  }

  /** One sender's messages that are there more than once, ascending. */
  repeated(sender: ProcessId): readonly number[] {
    return [...this.more.get(sender)?.keys() ?? []].sort((a, b) => a - b);
  }

  /** All messages, each as often as it is there. */
  get size(): number {
    let size = 0;
    for (const set of this.sets.values()) size += set.size;
    for (const numbers of this.more.values()) for (const more of numbers.values()) size += more;
    return size;
  }
}
