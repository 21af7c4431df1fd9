/** What a translation is made of: the words of code that were read for it. */
import type { Region } from "./region.ts";

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
