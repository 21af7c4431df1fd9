/** A page of the list a capture makes, at t0 or before it. */
import type { SourcePage } from "./capture_target.ts";
import type { CapturePage, PageState } from "./checkpointer.ts";
import { type ImagePage, PAGE_BYTES } from "./image.ts";

/** The address of a page, for messages. */
export const hexPage = (vpn: number): string =>
  "0x" + (vpn * PAGE_BYTES).toString(16).padStart(8, "0");

/** A page of the list, and what has become of it. */
export class Entry implements CapturePage {
  state: PageState;
  bytes: Uint8Array | undefined;
  /** The store has it already, since before t0. */
  isAhead = false;

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
  /** The page as an image has it; nothing while it is not captured. */
  get saved(): ImagePage | undefined {
    const { source: { vpn, dirty }, state, bytes } = this;
    if (state === "excluded") return { vpn, dirty, source: "executable" };
    return bytes === undefined ? undefined : { vpn, dirty, source: "image", bytes };
  }
  /** It is copied, or left out. At t0 and after it a store may change the page then. */
  get captured(): boolean {
    return this.state !== "uncaptured" && this.state !== "copying";
  }
}
