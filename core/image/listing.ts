/**
 * The pages a capture works through: listed before t0 by a strategy that copies them there, and made
 * anew at t0, when all else of the process is saved.
 */
import type { Account } from "./account.ts";
import type { Buffers } from "./buffers.ts";
import { type Entry, hexPage } from "./capture_entry.ts";
import type { CaptureCosts, CaptureTarget } from "./capture_target.ts";
import type { CaptureStep } from "./checkpointer.ts";
import { EntryList } from "./entry_list.ts";
import { type Image, type ImageManifest, type ImagePage, PAGE_BYTES } from "./image.ts";
import { type PageArea, pageMap } from "./page_map.ts";
import { PreCopy } from "./pre_copy.ts";
import type { SavedState } from "./refusal.ts";
import type { SessionChain } from "./session_chain.ts";
import { type SessionCounts, TOO_LATE } from "./session_state.ts";

type Save = Extract<CaptureStep, { readonly step: "save" }>;

/** The pages of one capture, and the rest of the state at t0. */
export class Listing {
  readonly entries = new EntryList();
  /** When t0 was. */
  takenAt: number | undefined;
  /** All but the pages, as it was then. */
  manifest: SavedState | undefined;
  /** What was copied before t0; nothing where the strategy does not do that. */
  preCopy: PreCopy | undefined;

  constructor(
    private readonly target: CaptureTarget,
    /** Why the strategy does not save a process in such a state, if it does not. */
    private readonly refusal: (state: SavedState) => string | undefined,
    private readonly images: SessionChain,
    private readonly account: Account,
    private readonly costs: CaptureCosts,
  ) {}

  /** Copies of pages while t0 has not been, where the strategy wants that. */
  get early(): PreCopy | undefined {
    return this.manifest === undefined ? this.preCopy : undefined;
  }

  /** Pages that registers pointed into at t0, once for each that did; numbers may look like addresses. */
  get pointed(): readonly Entry[] {
    const values = this.manifest?.process.threads.flatMap(({ registers }) => registers.r) ?? [];
    const pages = new Map(this.entries.all.map((entry) => [entry.vpn, entry]));
    return values.flatMap((value) => pages.get(Math.floor(value / PAGE_BYTES)) ?? []);
  }

  /** What became of the pages. */
  get areas(): readonly PageArea[] {
    return pageMap(this.entries.all, this.manifest?.process.space.vmas ?? []);
  }

  /** The pages in order with the state they belong to; `broken` is told what a strategy forgot. */
  image(more: Omit<ImageManifest, keyof SavedState>, broken: (what: string) => Error): Image {
    const pages = this.entries.all.map(({ saved, state, vpn }): ImagePage => {
      if (saved !== undefined) return saved;
      throw broken(`did not ${state === "behind" ? "refresh" : "capture"} page ${hexPage(vpn)}`);
    });
    // The order of steps has seen to it that there is a state.
    return { manifest: { ...this.manifest as SavedState, ...more }, pages };
  }

  /** Lists the pages there are now, before t0; or says why there is nothing to list. */
  list(): string | undefined {
    const { target, images, entries, account, costs } = this;
    if (target.ended()) return TOO_LATE;
    this.preCopy ??= new PreCopy(target, images, entries, account, costs.trap);
    this.preCopy.list();
    return undefined;
  }

  /** This instant is t0; or says why nothing is saved. */
  save(
    { leaveOut, inherit = false }: Save,
    counts: SessionCounts,
    buffers: Buffers,
  ): string | undefined {
    const { target, images, entries } = this, leavesOut = leaveOut === "executable";
    if (target.ended()) return TOO_LATE;
    const manifest = target.manifest();
    const refused = this.refusal(manifest);
    if (refused !== undefined) return refused;
    if (this.preCopy !== undefined) images.guard(undefined);
    this.takenAt = target.now();
    this.manifest = manifest;
    target.taken?.();
    const pages = target.pages();
    counts.pagesA += entries.take(pages, leavesOut);
    buffers.spilledBytes += this.preCopy?.end() ?? 0;
    counts.pages = pages.length;
    counts.pagesExcluded = leavesOut ? pages.fromExecutable : 0;
    if (inherit !== false) images.inherit(entries.all, counts, inherit);
    buffers.begin(pages.length);
    return undefined;
  }
}
