/**
 * The list of pages a capture works through. At t0, while the program waits, the pages are only
 * counted; their entries are made when the first of them is wanted.
 */
import { Entry } from "./capture_entry.ts";
import type { SourcePage, SourcePages } from "./capture_target.ts";

/** The pages of a process as they were at t0. */
export class EntryList {
  private listed: SourcePages | undefined;
  private readonly made: Entry[] = [];
  private leaveOut = false;
  private readonly byFrame: (Entry | undefined)[] = [];

  /** t0. `leaveOut`: pages that equal the executable's need no copy. */
  take(pages: SourcePages, leaveOut: boolean): void {
    this.listed = pages;
    this.leaveOut = leaveOut;
  }

  /** All of them, by ascending page number; none before t0. */
  get all(): readonly Entry[] {
    const { listed, made } = this;
    if (listed === undefined) return made;
    this.listed = undefined;
    for (let index = 0; index < listed.length; index++) {
      const source = listed.at(index) as SourcePage;
      const entry = new Entry(source, index, this.leaveOut);
      made.push(entry);
      if (source.frame !== undefined) this.byFrame[source.frame] = entry;
    }
    return made;
  }

  /** The entry whose page lies in a frame. */
  in(frame: number): Entry | undefined {
    void this.all;
    return this.byFrame[frame];
  }
}
