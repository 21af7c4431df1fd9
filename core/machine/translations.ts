/**
 * Compiled regions that every machine of a thread may use: code is the same wherever the same words
 * stand at the same addresses. A translation is found again by what it was made of, word by word.
 */
import type { Region } from "./region.ts";

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
const PATIENCE = 40_000;

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

  /** A block begins, and the thread has not yet worked for long enough to begin translating. */
  isYoung(): boolean {
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

/** Notes every word that is read, for a translation to be found again by. */
export class ReadingNotes {
  private readonly noted = new Map<number, number>();

  constructor(private readonly source: (address: number) => number | undefined) {}

  /** The word at an address, noted. */
  readonly read = (address: number): number | undefined => {
    const word = this.source(address);
    if (word !== undefined) this.noted.set(address, word);
    return word;
  };

  /** A signed literal of the region's own pages. */
  literalIn({ pages }: Region): (address: number, size: 2 | 4) => number | undefined {
    return (address, size) => {
      if ((address & (size - 1)) !== 0 || !pages.includes(address >>> 12)) return undefined;
      const low = this.read(address);
      const high = size === 2 ? 0 : this.read(address + 2);
      if (low === undefined || high === undefined) return undefined;
      return size === 2 ? (low << 16) >> 16 : (high << 16) | low;
    };
  }

  get addresses(): Int32Array {
    return Int32Array.from(this.noted.keys());
  }
  get words(): Uint16Array {
    return Uint16Array.from(this.noted.values());
  }
}
