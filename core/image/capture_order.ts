/**
 * Which step a strategy may yield when. A step out of order is refused before it has any effect:
 * otherwise a careless strategy would give torn images, or none, and nobody would know why.
 */
import { Entry, hexPage } from "./capture_entry.ts";
import type { CapturePage, CaptureStep } from "./checkpointer.ts";

/** A strategy that broke its contract; the message names it. */
export class StrategyError extends Error {
  override readonly name = "StrategyError";
}

/** What a capture has come to, as far as the order of steps goes. */
export interface CaptureProgress {
  readonly stopped: boolean;
  readonly saved: boolean;
  /** The process has run since its state was saved. */
  readonly hasRun: boolean;
  readonly protects: boolean;
  readonly images: {
    readonly tracks: boolean;
    /** Of the chain there is to go on from. */
    readonly length: number;
    /** Shadows of the last one. */
    readonly shadows: number;
  };
  readonly written: boolean;
  readonly committed: boolean;
  /** The list of pages; asked for only where it matters, since making it takes time. */
  readonly entries: () => readonly Entry[];
}

type Named<Name extends CaptureStep["step"]> = Extract<CaptureStep, { step: Name }>;
/** Says what is wrong with a step now, or nothing. */
type Objection<Name extends CaptureStep["step"]> = (
  now: CaptureProgress,
  step: Named<Name>,
) => string | undefined;
type Objections<Name extends CaptureStep["step"]> = { readonly [N in Name]: Objection<N> };

const unless = (holds: boolean, objection: string): string | undefined =>
  holds ? undefined : objection;

/** A page is the capture's own, not one a strategy made up or kept from another capture. */
function known(page: CapturePage, { entries }: CaptureProgress): page is Entry {
  return page instanceof Entry && entries()[page.index] === page;
}

const pageOf = (
  page: CapturePage,
  now: CaptureProgress,
  wrong: (entry: Entry) => string | undefined,
): string | undefined =>
  known(page, now) ? wrong(page) : "its page is not one of those listed last";

/** What is wrong with the part of a page that is to be copied. */
const quarterOf = (now: CaptureProgress, entry: Entry, quarter: number | undefined) => {
  if (quarter === undefined) return undefined;
  return unless(now.saved, "before t0 pages are copied whole") ??
    unless([0, 1, 2, 3].includes(quarter), `quarter ${quarter} is none of 0, 1, 2 and 3`) ??
    unless(
      entry.costOf(quarter) > 0,
      `quarter ${quarter} of page ${hexPage(entry.vpn)} is captured already`,
    );
};

const copied = ({ vpn, state }: Entry): string => `page ${hexPage(vpn)} is '${state}' already`;

const spill: Objection<"spill"> = (now, { page }) =>
  pageOf(
    page,
    now,
    (entry) => unless(entry.state === "B", `page ${hexPage(entry.vpn)} is not in buffer B`),
  );

/** The ways to protect pages. */
const WAYS: readonly string[] = ["rule", "table", "bits"];

/** Steps of `capture`. */
const CAPTURE: Objections<CaptureStep["step"]> = {
  stop: ({ stopped }) => unless(!stopped, "the process is stopped already"),
  list: ({ saved }) => unless(!saved, "its state is saved already"),
  save: ({ saved, stopped, images }, { inherit = false }) =>
    unless(stopped, "the process is not stopped") ??
      unless(!saved, "its state is saved already") ??
      unless(inherit !== true || images.length > 0, "there is no image to inherit pages from") ??
      unless(
        inherit !== "shadow" || images.shadows > 0,
        "there is no shadow to inherit pages from",
      ),
  track: ({ saved, stopped, images, hasRun }, { shadows = 0 }) =>
    unless(saved, "nothing is saved yet") ?? unless(stopped, "the process is not stopped") ??
      unless(!images.tracks, "its first stores are heard of already") ??
      unless(!hasRun, "the process has run since t0") ??
      unless([0, 1, 2].includes(shadows), `${shadows} shadows are neither 1 nor 2`),
  protect: ({ saved, stopped, protects }, { by = "rule", bits = 1 }) =>
    unless(saved, "nothing is saved yet") ?? unless(stopped, "the process is not stopped") ??
      unless(!protects, "its pages are protected already") ??
      unless(WAYS.includes(by), `by '${by}' is none of ${WAYS.join(", ")}`) ??
      unless(bits === 1 || bits === 4, `${bits} bits a page are neither 1 nor 4`),
  resume: ({ stopped, saved, protects, entries }) =>
    unless(stopped, "the process is not stopped") ??
      unless(
        !saved || protects || entries().every((entry) => entry.captured),
        "some pages are neither captured nor protected",
      ),
  copy: (now, { page, to, quarter }) =>
    pageOf(
      page,
      now,
      (entry) =>
        unless(entry.state === "uncaptured" || entry.state === "split", copied(entry)) ??
          quarterOf(now, entry, quarter),
    ) ?? unless(now.saved || to === "A", "before t0 there is buffer A alone"),
  stream: ({ saved, stopped, protects, written }) =>
    unless(saved, "nothing is saved yet") ??
      unless(stopped || protects, "its pages are not protected") ??
      unless(!written, "the pages are written already"),
  refresh: (now, { page }) =>
    pageOf(
      page,
      now,
      (entry) => unless(entry.state === "behind", `page ${hexPage(entry.vpn)} is not behind`),
    ),
  spill,
  wait: () => "only a write fault can wait",
  message: () => undefined,
  merge: ({ saved }) => unless(saved, "nothing is saved yet"),
  write: ({ saved, written, entries }) =>
    unless(saved || entries().length > 0, "nothing is saved yet") ??
      unless(!written, "the pages are written already"),
  commit: ({ written, committed }) =>
    unless(written, "the pages are not written yet") ??
      unless(!committed, "the image is committed already"),
};

/** Steps of `onFirstWrite`, which runs in the middle of the writer's instruction. */
const WRITE_FAULT: Objections<"copy" | "spill" | "wait" | "message"> = {
  copy: (now, { page, quarter }) =>
    pageOf(
      page,
      now,
      (entry) => unless(!entry.captured, copied(entry)) ?? quarterOf(now, entry, quarter),
    ),
  spill,
  wait: (now, { page }) => page === "all" ? undefined : pageOf(page, now, () => undefined),
  message: () => undefined,
};

/** Where a step comes from, and what is possible there. */
const PLACES = { capture: CAPTURE, onFirstWrite: WRITE_FAULT } as const;

/** What is wrong with a step at this moment, or nothing. */
export function objectionTo(
  step: CaptureStep | undefined,
  place: keyof typeof PLACES,
  now: CaptureProgress,
): string | undefined {
  const objections: Readonly<Record<string, unknown>> = PLACES[place];
  const name: unknown = step?.step;
  if (typeof name !== "string" || !Object.hasOwn(objections, name)) {
    const possible = Object.keys(objections).join(", ");
    return `${place} yielded '${name}'; possible there: ${possible}`;
  }
  const objection = objections[name] as Objection<CaptureStep["step"]>;
  const wrong = objection(now, step as CaptureStep);
  return wrong === undefined ? undefined : `${place} yielded '${name}', but ${wrong}`;
}
