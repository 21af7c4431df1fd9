/** A binary heap: the least first, by an order that is given and should be total. */

/**
 * A heap of things; of two that are equal in the order, either may come first.
 *
 * @example
 * ```ts
 * import { Heap } from "./heap.ts";
 * const heap = new Heap<number>((a, b) => a - b);
 * for (const number of [3, 1, 2]) heap.push(number);
 * if (heap.peek() !== 1 || heap.pop() !== 1 || heap.size !== 2) throw new Error("unreachable");
 * ```
 */
export class Heap<Item> {
  private readonly items: Item[] = [];

  /** `compare`: negative when the first comes before the second. */
  constructor(private readonly compare: (a: Item, b: Item) => number) {}

  get size(): number {
    return this.items.length;
  }

  /** The least, which stays. */
  peek(): Item | undefined {
    return this.items[0];
  }

  push(item: Item): void {
    const { items, compare } = this;
    let hole = items.length;
    items.push(item);
    while (hole > 0) {
      const parent = (hole - 1) >>> 1;
      const above = items[parent] as Item;
      if (compare(item, above) >= 0) break;
      items[hole] = above;
      hole = parent;
    }
    items[hole] = item;
  }

  /** Takes out the least. */
  pop(): Item | undefined {
    const { items } = this;
    const least = items[0], last = items.pop();
    if (items.length > 0) this.sink(last as Item);
    return least;
  }

  /** Lets an item sink from the top, which is free. */
  private sink(item: Item): void {
    const { items, compare } = this;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= items.length) break;
      const right = child + 1;
      if (right < items.length && compare(items[right] as Item, items[child] as Item) < 0) {
        child = right;
      }
      const below = items[child] as Item;
      if (compare(item, below) <= 0) break;
      items[hole] = below;
      hole = child;
    }
    items[hole] = item;
  }
}
