/** A node as the lab knows it: its hardware, and the disk that outlives its processes. */
import type { Profile } from "../cluster/profile.ts";
import { MemoryStore } from "../image/memory_store.ts";

/** A named node of a scenario. */
export class NodeRecord {
  readonly store: MemoryStore;

  constructor(readonly name: string, readonly profile: Profile) {
    this.store = new MemoryStore(`the disk of ${name}`);
  }
}
