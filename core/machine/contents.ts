/**
 * What the emitter knows of the words in the guest's registers at a point of the function: their
 * value, or how far they are as addresses from something that is not known.
 */
import type { Root, Value } from "./value.ts";

/** What is known, kept: the maps are nobody's to change. */
export interface ContentsKnown {
  readonly numbers: ReadonlyMap<number, number>;
  readonly roots: ReadonlyMap<number, Root>;
}

/** What is known of the contents of registers, by their places in the state. */
export class Contents {
  private numbers = new Map<number, number>();
  private roots = new Map<number, Root>();
  private rootCount = 0;

  /** The value of a word, if it is known. */
  numberIn(place: number): number | undefined {
    return this.numbers.get(place);
  }

  /** What a word is told apart by as an address: from the first look on it keeps its name. */
  rootIn(place: number): Root {
    let root = this.roots.get(place);
    if (root === undefined) this.roots.set(place, root = { id: this.rootCount++, offset: 0 });
    return root;
  }

  /** A word is written. */
  put(place: number, { number, root }: Value): void {
    if (number === undefined) this.numbers.delete(place);
    else this.numbers.set(place, number);
    if (root === undefined) this.roots.delete(place);
    else this.roots.set(place, root);
  }

  known(): ContentsKnown {
    return { numbers: new Map(this.numbers), roots: new Map(this.roots) };
  }
  restore(known: ContentsKnown): void {
    this.numbers = new Map(known.numbers);
    this.roots = new Map(known.roots);
  }
  forget(): void {
    this.numbers.clear();
    this.roots.clear();
  }
}
