/**
 * Compiled regions that every machine of a thread may use: code is the same wherever the same words
 * stand at the same addresses. A translation is found again by what it was made of, word by word.
 */
/** A region that has been compiled. */
export interface Translation {
  readonly pc: number;
  readonly mode: number;
  /** The size of the memory it is for, in pages of 64 KiB. */
  readonly memoryPages: number;
  /** Pages its instructions and literals lie in. */
  readonly pages: readonly number[];
  /** The least budget it can be entered with. */
  readonly need: number;
  /** Addresses it leaves for that it would have in it, had they been executed before. */
  readonly outs: ReadonlySet<number>;
  readonly module: WebAssembly.Module;
  /** What the module was compiled from. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What it was made of: addresses, and the 16-bit words there. */
  readonly addresses: Int32Array;
  readonly words: Uint16Array;
}

/** Bytes of modules kept at once; beyond them all are forgotten. */
const MOST_BYTES = 48 * 2 ** 20;

/**
 * Blocks a thread begins before it translates any: about as long as the first translations take,
 * when the translator itself is cold. So a program of a few ms does not wait for what it will not
 * use, and one that runs on has lost no more than that.
 */
export const PATIENCE = 40_000;

const same = (a: Int32Array | Uint16Array, b: Int32Array | Uint16Array): boolean =>
  a.length === b.length && a.every((word, n) => word === b[n]);

const keyOf = (pc: number, mode: number, memoryPages: number): string =>
  `${pc}:${mode}:${memoryPages}`;

/** Translations by where they begin. */
export class Translations {
  private readonly table = new Map<string, Translation[]>();
  private bytes = 0;
  private begun = 0;
  /** Told of each one that is made in this thread. */
  onMade: (translation: Translation) => void = () => {};
  /** Gives one that another thread has made, while there are any. */
  receive: () => Translation | undefined = () => undefined;

  /** Counts a block that begins; true while the thread has not worked for long enough to translate. */
  waits(): boolean {
    return this.begun < PATIENCE && ++this.begun < PATIENCE;
  }

  /** One that was made of the very words that `read` finds. */
  find(
    pc: number,
    mode: number,
    memoryPages: number,
    read: (address: number) => number | undefined,
  ): Translation | undefined {
    const key = keyOf(pc, mode, memoryPages);
    const look = () =>
      this.table.get(key)?.find(({ addresses, words }) =>
        addresses.every((address, n) => read(address) === words[n])
      );
    const known = look();
    if (known !== undefined) return known;
    this.drain();
    return look();
  }

  /** Takes in one that was made in this thread. */
  made(translation: Translation): void {
    this.add(translation);
    this.onMade(translation);
  }

  /** Every one, the older ones first where several begin at one address. */
  *all(): Generator<Translation> {
    for (const each of this.table.values()) yield* each.toReversed();
  }

  /** Of the same words more than one may be made: with more of the code, once that was executed. */
  private has({ pc, mode, memoryPages, addresses, words, outs }: Translation): boolean {
    return this.table.get(keyOf(pc, mode, memoryPages))?.some((other) =>
      same(other.addresses, addresses) && same(other.words, words) &&
      other.outs.size === outs.size && other.outs.isSubsetOf(outs)
    ) === true;
  }

  /** Takes in what other threads have made. */
  drain(): void {
    for (let other = this.receive(); other !== undefined; other = this.receive()) this.add(other);
  }

  /** Takes in one, wherever it comes from. */
  add(translation: Translation): void {
    if (this.has(translation)) return;
    if (this.bytes + translation.bytes.length > MOST_BYTES) {
      this.table.clear();
      this.bytes = 0;
    }
    this.bytes += translation.bytes.length;
    const key = keyOf(translation.pc, translation.mode, translation.memoryPages);
    const others = this.table.get(key);
    if (others === undefined) this.table.set(key, [translation]);
    else others.unshift(translation); // the newest one has most in it
  }
}

/** What the machines of this thread share, whatever else other threads have made. */
export const SHARED_TRANSLATIONS = new Translations();
