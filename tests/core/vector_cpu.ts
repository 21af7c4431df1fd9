/** A processor on a bus that runs single words, for tests without a recorded case. */
import { VectorProcessor } from "../../core/machine/vector_driver.ts";
import type { VectorBus } from "../../core/machine/vectors.ts";

/** The vectors' processor, and a bus a test may set. */
export class VectorCpu extends VectorProcessor {
  /** What memory answers, for a test to set. */
  declare bus: VectorBus;

  /** Decodes and runs one word at the current pc. */
  runWord(word: number): void {
    this.bus = { ...this.bus, fetch: () => word };
    this.step();
  }
}
