/**
 * A capture as a plugin sees it: it can read what the contract says, and change nothing. Its pages
 * stand for the capture's own, and are turned back into them where a step names one.
 */
import type {
  CapturePage,
  CaptureStep,
  CaptureView,
  CopyCosts,
  FirstWrite,
  PageState,
} from "../image/checkpointer.ts";

class SeenPage implements CapturePage {
  readonly #page: CapturePage;

  constructor(page: CapturePage) {
    this.#page = page;
  }
  get vpn(): number {
    return this.#page.vpn;
  }
  get state(): PageState {
    return this.#page.state;
  }
  get quartersLeft(): number {
    return this.#page.quartersLeft;
  }
  get fromExecutable(): boolean {
    return this.#page.fromExecutable;
  }
  /** The capture's own page, if it is one that was shown. */
  static own(page: unknown): unknown {
    return typeof page === "object" && page !== null && #page in page ? page.#page : page;
  }
}

class SeenCapture implements CaptureView {
  readonly #view: CaptureView;
  #pages: readonly CapturePage[] = Object.freeze([]);
  /** Of which list these are: each time pages are listed there is another. */
  #of: readonly CapturePage[] | undefined;

  constructor(view: CaptureView) {
    this.#view = view;
  }
  get pages(): readonly CapturePage[] {
    const { pages } = this.#view;
    if (this.#of !== pages) {
      this.#of = pages;
      this.#pages = Object.freeze(pages.map(seenPage));
    }
    return this.#pages;
  }
  get pagesLeft(): number {
    return this.#view.pagesLeft;
  }
  get pagesInB(): number {
    return this.#view.pagesInB;
  }
  get chain(): number {
    return this.#view.chain;
  }
  get shadows(): number {
    return this.#view.shadows;
  }
  get cpus(): number {
    return this.#view.cpus;
  }
  get costs(): CopyCosts {
    const { trap, message, pageCopy, tableEntry, bitWord, fixedStop } = this.#view.costs;
    return Object.freeze({ trap, message, pageCopy, tableEntry, bitWord, fixedStop });
  }
  get history(): readonly FirstWrite[] {
    return Object.freeze(this.#view.history.map((write) => Object.freeze({ ...write })));
  }
  get pointed(): readonly CapturePage[] {
    return Object.freeze(this.#view.pointed.map(seenPage));
  }
}

const PAGES = new WeakMap<CapturePage, SeenPage>();
const CAPTURES = new WeakMap<CaptureView, SeenCapture>();

/** What stands for a page; always the same for the same one. */
export function seenPage(page: CapturePage): CapturePage {
  const known = PAGES.get(page) ?? new SeenPage(page);
  PAGES.set(page, known);
  return known;
}

/** What stands for a capture. */
export function seen(view: CaptureView): CaptureView {
  const known = CAPTURES.get(view) ?? new SeenCapture(view);
  CAPTURES.set(view, known);
  return known;
}

/** The step with the capture's own page in place of the one that was shown. */
export const unseen = (step: CaptureStep): CaptureStep =>
  typeof step === "object" && step !== null && "page" in step
    ? { ...step, page: SeenPage.own(step.page) } as CaptureStep
    : step;
