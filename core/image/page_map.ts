/**
 * What became of the pages of a process in a checkpoint, by areas. It goes into every report of a
 * run, so it is short: neighbouring pages of the same fate are one letter with a number before it.
 */
import { isZero } from "../base/bytes.ts";
import type { Entry } from "./capture_entry.ts";
import type { PageState } from "./checkpointer.ts";
import { PAGE_BYTES } from "./image.ts";
import type { VmaState } from "./process_state.ts";

/** What may become of a page; a small letter says that it is all zeros, which the image leaves out. */
export const PAGE_FATES = {
  A: "copied by the copier, to buffer A",
  B: "captured by a write fault, in whole or in part, to buffer B",
  S: "captured by a write fault, and spilled to the store",
  X: "left out: the executable has it",
  P: "left to the last image: not written since",
  M: "not written since the last image, which is in memory, too",
  a: "all zeros, seen by the copier",
  b: "all zeros, captured by a write fault",
  s: "all zeros, captured by a write fault, and spilled",
  m: "all zeros, and not written since the last image, which is in memory, too",
  "-": "never touched: there is no page yet",
} as const;

/** One of {@linkcode PAGE_FATES}. */
export type PageFate = keyof typeof PAGE_FATES;

/** An area of the address space at t0. */
export interface PageArea {
  readonly kind: VmaState["kind"];
  /** Of the file it shows; absent where there is none. */
  readonly path?: string;
  /** Virtual page number of its first page. */
  readonly first: number;
  /** Its pages by address: `18A6-` are 18 pages in buffer A and 6 never touched. */
  readonly pages: string;
}

/** The areas of processes in a checkpoint; those that look the same are told of once. */
export interface ProcessPages {
  readonly processes: readonly string[];
  readonly areas: readonly PageArea[];
}

const LETTERS: Readonly<Record<PageState, PageFate>> = {
  A: "A",
  B: "B",
  spilled: "S",
  excluded: "X",
  inherited: "P",
  shadow: "M",
  // Of a finished capture there are none.
  uncaptured: "-",
  split: "-",
  copying: "-",
  behind: "-",
};

const fateOf = ({ state, bytes }: Entry): PageFate => {
  const letter = LETTERS[state];
  return bytes !== undefined && isZero(bytes) ? letter.toLowerCase() as PageFate : letter;
};

/** Writes pages one after the other as numbers and letters. */
class Runs {
  #text = "";
  #fate: PageFate = "-";
  #count = 0;

  add(fate: PageFate, count: number): void {
    if (count === 0) return;
    if (fate !== this.#fate) this.#close(fate);
    this.#count += count;
  }

  get text(): string {
    this.#close("-");
    return this.#text;
  }

  #close(next: PageFate): void {
    if (this.#count > 0) this.#text += `${this.#count}${this.#fate}`;
    [this.#fate, this.#count] = [next, 0];
  }
}

/** The areas of a finished capture, by address; `entries` ascend by page number. */
export function pageMap(
  entries: readonly Entry[],
  vmas: readonly VmaState[],
): readonly PageArea[] {
  let next = 0;
  return vmas.map(({ kind, backing, start, end }) => {
    const runs = new Runs(), first = start / PAGE_BYTES, behind = end / PAGE_BYTES;
    let at = first;
    for (; (entries[next]?.vpn ?? Infinity) < behind; next++) {
      const entry = entries[next] as Entry;
      if (entry.vpn < first) continue;
      runs.add("-", entry.vpn - at);
      runs.add(fateOf(entry), 1);
      at = entry.vpn + 1;
    }
    runs.add("-", behind - at);
    const path = backing === undefined ? {} : { path: backing.path };
    return { kind, ...path, first, pages: runs.text };
  });
}

/**
 * The pages of an area in stretches of the same fate.
 *
 * @example
 * ```ts
 * import { readPages } from "./page_map.ts";
 * const [first, second] = readPages("18A6-");
 * if (first?.count !== 18 || first.fate !== "A" || second?.fate !== "-") throw new Error();
 * ```
 */
export const readPages = (
  pages: string,
): readonly { readonly count: number; readonly fate: PageFate }[] =>
  [...pages.matchAll(/(\d+)(\D)/g)].map(([, count, fate]) => ({
    count: Number(count),
    fate: fate as PageFate,
  }));
