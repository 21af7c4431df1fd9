/** What the disk of a domain's node suffers from for a while: it is slow, or it is full. */
import type { CaptureCosts } from "../image/capture_target.ts";
import { ImageError } from "../image/image.ts";
import type { DiskTrouble } from "./facts.ts";

/** A disk that may be in trouble. */
export class AilingDisk {
  private trouble: DiskTrouble | undefined;
  /** Bytes that still fit. */
  private room = Infinity;

  /** `now` is the domain's clock, in ns. */
  constructor(private readonly node: string, private readonly now: () => number) {}

  /** It begins, or becomes another one. */
  suffer(trouble: DiskTrouble): void {
    this.trouble = trouble;
    this.room = trouble.room;
  }

  /** A full disk takes no more. Throws {@linkcode ImageError}; nothing is written then. */
  take(bytes: number): void {
    if (this.standing === undefined) return;
    if (bytes <= this.room) this.room -= bytes;
    else {
      throw new ImageError(
        `the disk of ${this.node} is full: expected room for ${bytes} bytes, found ${this.room}; ` +
          "free some, or keep fewer checkpoints",
      );
    }
  }

  /** What a capture costs, as the disk is when each write begins. */
  costs(usual: CaptureCosts): CaptureCosts {
    const store = (bytes: number) => Math.ceil(usual.store(bytes) * (this.standing?.slower ?? 1));
    return { ...usual, store };
  }

  private get standing(): DiskTrouble | undefined {
    return this.trouble !== undefined && this.now() < this.trouble.untilNs
      ? this.trouble
      : undefined;
  }
}
