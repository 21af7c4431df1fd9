/**
 * Address space identifiers: 255 numbers for any number of spaces. When they run out, a new
 * generation begins with an empty TLB, as in Linux; a space with an old number gets a new one before
 * it runs. Giving one space a new number is also the cheapest way to forget all its entries.
 */

/** What has a number for a while. */
export interface Identified {
  asid: number;
  asidGeneration: number;
}

/** The last number; 0 belongs to no space. */
const LAST = 255;

/** Deals out the identifiers of one machine. */
export class AsidPool {
  private generation = 0;
  private next = 1;

  constructor(private readonly machine: { invalidateTlb(): void }) {}

  /** Whether a space has no number now, so that no TLB entry is its. */
  isStale(space: Identified): boolean {
    return space.asidGeneration !== this.generation;
  }

  /** Makes sure that the space has a number of the present generation; returns it. */
  of(space: Identified): number {
    if (space.asidGeneration === this.generation) return space.asid;
    if (this.next > LAST) {
      this.generation++;
      this.next = 1;
      this.machine.invalidateTlb();
    }
    space.asid = this.next++;
    space.asidGeneration = this.generation;
    return space.asid;
  }
}
