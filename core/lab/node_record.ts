/** A node as the lab knows it: its hardware, and the disk that outlives its processes. */
import type { DiskTrouble } from "../cluster/facts.ts";
import type { Profile } from "../cluster/profile.ts";
import { ImageError } from "../image/image.ts";
import type { StoreOptions } from "../image/directory_store.ts";
import { MemoryStore } from "../image/memory_store.ts";
import type { Level } from "./levels.ts";

function canRead(store: MemoryStore, label: string): boolean {
  try {
    store.read(label);
    return true;
  } catch (error) {
    if (error instanceof ImageError) return false;
    throw error;
  }
}

/** A named node of a scenario. */
export class NodeRecord {
  readonly store: MemoryStore;
  /** What its disk suffers from, and did. */
  readonly troubles: DiskTrouble[] = [];
  /** When its memory was lost last, in ns, where images are there and elsewhere; below 0: never. */
  memoryLostNs = -1;
  /** When the last copy to a level will be there, in ns. */
  readonly levelFreeNs = new Map<Level, number>();
  /** The committed images as of a change of the disk; to look through the folders takes a while. */
  private known = { changes: -1, images: new Set<string>() };

  /** `hardware`: what it is without the storage. */
  constructor(
    readonly name: string,
    readonly profile: Profile,
    options: StoreOptions = {},
    readonly hardware: Profile = profile,
  ) {
    this.store = new MemoryStore(`the disk of ${name}`, undefined, options);
  }

  /** How many committed images it has. */
  get images(): number {
    this.holds("");
    return this.known.images.size;
  }

  /** There is a committed image of that label. */
  holds(image: string): boolean {
    const { changes } = this.store;
    if (this.known.changes !== changes) {
      this.known = { changes, images: new Set(this.readable()) };
    }
    return this.known.images.has(image);
  }

  /** What is committed; once the disk has done wrong, only what can still be read. */
  private readable(): readonly string[] {
    const { store } = this;
    return store.isDamaged
      ? store.labels().filter((label) => canRead(store, label))
      : store.labels();
  }
}
