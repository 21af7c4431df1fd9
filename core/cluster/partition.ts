/** Partitions: which nodes cannot reach each other at the moment. Several may stand at once. */

/** Two sides between which nothing passes; a node that is healed leaves its side. */
export interface Partition {
  readonly a: ReadonlySet<string>;
  readonly b: ReadonlySet<string>;
}

/** A partition that may still lose nodes. */
interface Standing extends Partition {
  readonly a: Set<string>;
  readonly b: Set<string>;
}

/**
 * The partitions that stand.
 *
 * @example
 * ```ts
 * import { Partitions } from "./partition.ts";
 * const partitions = new Partitions();
 * partitions.add(["n0", "n1"], ["n2"]);
 * partitions.heal(["n0"]);
 * const cut = (one: string, other: string) => partitions.separate(one, other);
 * if (cut("n0", "n2") || !cut("n2", "n1")) throw new Error("unreachable");
 * ```
 */
export class Partitions {
  private standing: Standing[] = [];

  /** Cuts every node of one side off from every node of the other. A node always reaches itself. */
  add(a: Iterable<string>, b: Iterable<string>): Partition {
    const partition = { a: new Set(a), b: new Set(b) };
    this.standing.push(partition);
    return partition;
  }

  /** Ends that partition, or joins these nodes with all others again. */
  heal(what: Partition | readonly string[]): void {
    if ("a" in what) {
      this.standing = this.standing.filter((partition) => partition !== what);
      return;
    }
    for (const { a, b } of this.standing) {
      for (const node of what) {
        a.delete(node);
        b.delete(node);
      }
    }
    this.standing = this.standing.filter(({ a, b }) => a.size > 0 && b.size > 0);
  }

  /** No partition stands. */
  get none(): boolean {
    return this.standing.length === 0;
  }

  /** Whether nothing passes between two nodes. */
  separate(one: string, other: string): boolean {
    return one !== other &&
      this.standing.some(({ a, b }) =>
        (a.has(one) && b.has(other)) || (a.has(other) && b.has(one))
      );
  }
}
