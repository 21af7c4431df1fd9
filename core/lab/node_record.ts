/** A node as the lab knows it: its hardware, and the disk that outlives its processes. */
import type { Profile } from "../cluster/profile.ts";
import { MemoryStore } from "../image/memory_store.ts";

/** A named node of a scenario. */
export class NodeRecord {
  readonly store: MemoryStore;
  /** The committed images as of a change of the disk; to look through the folders takes a while. */
  private known = { changes: -1, images: new Set<string>() };

  constructor(readonly name: string, readonly profile: Profile) {
    this.store = new MemoryStore(`the disk of ${name}`);
  }

  /** There is a committed image of that label. */
  holds(image: string): boolean {
    const { changes } = this.store;
    if (this.known.changes !== changes) {
      this.known = { changes, images: new Set(this.store.labels()) };
    }
    return this.known.images.has(image);
  }
}
