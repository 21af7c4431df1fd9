/** What the disk of a domain's node suffers from for a while: it is slow, or it is full. */
import type { CaptureCosts } from "../image/capture_target.ts";
import { ImageError } from "../image/image.ts";
import type { DiskTrouble } from "./facts.ts";

/** A trouble, and the bytes that still fit. */
interface Standing {
  readonly trouble: DiskTrouble;
  room: number;
}

/** A disk that may be in trouble, in several at once: each stands for its own time. */
export class AilingDisk {
  private troubles: Standing[] = [];

  /** `now` is the domain's clock, in ns. */
  constructor(private readonly node: string, private readonly now: () => number) {}

  /** One more begins. */
  suffer(trouble: DiskTrouble): void {
    this.troubles = [...this.standing, { trouble, room: trouble.room }];
  }

  /** A full disk takes no more. Throws {@linkcode ImageError}; nothing is written then. */
  take(bytes: number): void {
    const { standing } = this;
    const room = Math.min(...standing.map((each) => each.room));
    if (bytes > room) {
      throw new ImageError(
        `the disk of ${this.node} is full: expected room for ${bytes} bytes, found ${room}; ` +
          "free some, or keep fewer checkpoints",
      );
    }
    for (const each of standing) each.room -= bytes;
  }

  /** What a capture costs, as the disk is when each write begins. */
  costs(usual: CaptureCosts): CaptureCosts {
    const store = (bytes: number) => Math.ceil(usual.store(bytes) * this.slower);
    return { ...usual, store };
  }

  /** Times as long: what is slow for two reasons is slow by both. */
  private get slower(): number {
    return this.standing.reduce((times, { trouble }) => times * trouble.slower, 1);
  }

  private get standing(): readonly Standing[] {
    return this.troubles.filter(({ trouble }) => this.now() < trouble.untilNs);
  }
}
