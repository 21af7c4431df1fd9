/**
 * A last look at a process. When it ends its memory is given back before anybody is told, so its
 * final state is taken when its first page goes; else two ends could only be compared by output.
 */
import { stateDigest } from "../image/state_digest.ts";
import type { WriteGuard, Writer } from "../kernel/guard.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Page } from "../kernel/page.ts";
import type { Process } from "../kernel/process.ts";

/** Stands at the door of a process's memory, before the guard of a checkpoint if there is one. */
export class LastLook implements WriteGuard {
  /** The guard of the checkpoint under way. */
  inner: WriteGuard | undefined;
  private finalState: string | undefined;

  constructor(private readonly process: Process, private readonly kernel: Kernel) {
    process.space.guard = this;
  }

  /** Digest of registers, memory and files: now, or when it ended. */
  get state(): string {
    return this.finalState ?? stateDigest(this.process, this.kernel);
  }

  protects(page: Page): number {
    return this.inner?.protects(page) ?? 0;
  }

  beforeWrite(page: Page, by: Writer, quarter: number): void {
    this.inner?.beforeWrite(page, by, quarter);
  }

  beforeUnmap(page: Page): void {
    if (this.process.exit !== undefined) {
      this.finalState ??= stateDigest(this.process, this.kernel);
    }
    this.inner?.beforeUnmap(page);
  }

  refilled(page: Page, cycles: number): boolean {
    return this.inner?.refilled(page, cycles) ?? false;
  }
}
