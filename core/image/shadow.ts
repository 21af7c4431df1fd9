/**
 * What stays of an image in memory when it is written, so that the next one reads from the process only
 * what was written since. Where there are two, the image lies in one of them while the other is brought
 * up to date for the next: so one of them is whole at any moment, and what was copied to one is copied
 * to the other a checkpoint later.
 */
import type { Entry } from "./capture_entry.ts";

type Pages = ReadonlyMap<number, Uint8Array>;

/** The last image of a process, as its memory has it, by page number. */
export class Shadow {
  constructor(
    /** How many take turns: 1 or 2. */
    readonly many: number,
    /** All of the last image. */
    readonly last: Pages,
    /** What is in the shadow that the next image is written from: it may be of an older one. */
    readonly next: Pages,
    /** Pages that it does not have as they are in the last. */
    readonly behind: ReadonlySet<number>,
  ) {}

  /** Keeps what a finished capture has, in place of what was kept before. */
  static of(entries: readonly Entry[], many: number, before: Shadow | undefined): Shadow {
    const pages = new Map<number, Uint8Array>();
    for (const { vpn, bytes } of entries) if (bytes !== undefined) pages.set(vpn, bytes);
    if (many === 1) return new Shadow(many, pages, pages, new Set());
    if (before?.many !== many) return new Shadow(many, pages, new Map(), new Set(pages.keys()));
    const copied = entries.filter(({ state }) => state !== "shadow").map(({ vpn }) => vpn);
    return new Shadow(many, pages, before.last, new Set(copied));
  }

  /** Gives a page that was not written since; false where it does not have it. */
  give(entry: Entry): boolean {
    const isBehind = this.behind.has(entry.vpn);
    const bytes = (isBehind ? this.last : this.next).get(entry.vpn);
    if (bytes === undefined) return false;
    entry.state = isBehind ? "behind" : "shadow";
    if (!isBehind) entry.bytes = bytes;
    return true;
  }

  /** Copies a page that is behind from the last. */
  refresh(entry: Entry): void {
    entry.bytes = this.last.get(entry.vpn);
    entry.state = "shadow";
  }
}
