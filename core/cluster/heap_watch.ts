/** Says in time that a Worker runs out of memory: when V8 does, the whole program is gone unsaid. */
import { getHeapStatistics } from "node:v8";

/** Signs of life between two looks. */
const PERIOD = 256;
/** The share of the limit that is too much. */
const TOO_MUCH = 0.9;

/** What is looked at. */
type HeapFigures = Pick<
  ReturnType<typeof getHeapStatistics>,
  "used_heap_size" | "heap_size_limit"
>;

/** Looks at the heap of this thread now and then. */
export class HeapWatch {
  private count = 0;

  /** A sign of life. Throws when hardly any memory is left. */
  breathe(): void {
    if (++this.count % PERIOD === 0) this.look();
  }

  /** Looks now. Throws when hardly any memory is left. */
  look(heap: HeapFigures = getHeapStatistics()): void {
    const { used_heap_size: used, heap_size_limit: limit } = heap;
    if (used <= limit * TOO_MUCH) return;
    const mebibytes = (bytes: number) => Math.round(bytes / 2 ** 20);
    throw new Error(
      `it runs out of memory: ${mebibytes(used)} of ${
        mebibytes(limit)
      } MiB of its heap are used; ` +
        "spread the processes over more Workers, or raise --v8-flags=--max-old-space-size",
    );
  }
}
