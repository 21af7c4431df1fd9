/** A page of the list a capture makes, at t0 or before it. */
import type { SourcePage } from "./capture_target.ts";
import type { CapturePage, PageState } from "./checkpointer.ts";
import { PAGE_BYTES } from "./image.ts";

/** The address of a page, for messages. */
export const hexPage = (vpn: number): string =>
  "0x" + (vpn * PAGE_BYTES).toString(16).padStart(8, "0");

/** A page of the list, and what has become of it. */
export class Entry implements CapturePage {
  state: PageState;
  bytes: Uint8Array | undefined;

  /** `index`: its place in the list. */
  constructor(readonly source: SourcePage, readonly index: number, leaveOut: boolean) {
    this.state = leaveOut && source.fromExecutable ? "excluded" : "uncaptured";
  }
  get vpn(): number {
    return this.source.vpn;
  }
  get fromExecutable(): boolean {
    return this.source.fromExecutable;
  }
  /** It is copied, or left out. At t0 and after it a store may change the page then. */
  get captured(): boolean {
    return this.state !== "uncaptured" && this.state !== "copying";
  }
}
