/**
 * The list of pages a capture works through. At t0, while the program waits, the pages are only
 * counted; their entries are made when the first of them is wanted.
 */
import { Entry } from "./capture_entry.ts";
import type { SourcePage, SourcePages } from "./capture_target.ts";

/** The pages of a process as they were at t0, or when they were last listed before it. */
export class EntryList {
  private listed: SourcePages | undefined;
  private made: Entry[] = [];
  private leaveOut = false;
  private byFrame: (Entry | undefined)[] = [];

  /**
   * Lists pages anew. What is copied already stays copied, wherever its frame is mapped now; says
   * how many pages that are. `leaveOut`: pages that equal the executable's need no copy.
   */
  take(pages: SourcePages, leaveOut: boolean): number {
    const copied = this.made.filter(({ captured }) => captured);
    this.listed = pages;
    this.leaveOut = leaveOut;
    [this.made, this.byFrame] = [[], []];
    return copied.length === 0 ? 0 : this.keep(copied);
  }

  private keep(copied: readonly Entry[]): number {
    const old = new Map(copied.map((entry) => [placeOf(entry.source), entry]));
    let kept = 0;
    for (const entry of this.all) {
      const { source, state } = entry;
      const before = state === "uncaptured" ? old.get(placeOf(source)) : undefined;
      if (before === undefined) continue;
      // What was never touched is as its file has it.
      entry.bytes = source.frame === undefined ? source.copy() : before.bytes;
      entry.state = before.state;
      entry.isAhead = before.isAhead;
      kept++;
    }
    return kept;
  }

  /** All of them, by ascending page number; none before the first list. */
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

/** Where the content of a page lies: in its frame, or, for want of one, in its file. */
const placeOf = ({ frame, vpn }: SourcePage): number => frame ?? -1 - vpn;
