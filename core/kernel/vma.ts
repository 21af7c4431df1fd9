/** Virtual memory areas: what an address space promises, before any page of it is touched. */
import { PAGE_SIZE } from "./frames.ts";

/** Rights, as in mmap's third argument. */
export const PROTECTION = { none: 0, read: 1, write: 2, execute: 4 } as const;

/** Where the bytes of a mapped file come from. */
export interface BackingFile {
  /** How many bytes there are now. */
  readonly size: number;
  /** Copies bytes from `position` into `window`; returns how many there were. */
  readAt(position: number, window: Uint8Array): number;
  /** Shared writable mappings are written back through it. */
  writeAt?(position: number, bytes: Uint8Array): void;
}

/** The part of a file an area shows. */
export interface Backing {
  readonly file: BackingFile;
  /** Its path when it was mapped: the name an image knows it by. */
  readonly path: string;
  /** File offset of the area's first byte; a multiple of the page size. */
  readonly offset: number;
  /** Bytes taken from the file; the rest of the last page is zero. */
  readonly length: number;
}

/** What an area is for. */
export type VmaKind = "file" | "anonymous" | "heap" | "stack";

/** One area: page-aligned addresses, `end` not included. */
export interface Vma {
  readonly start: number;
  readonly end: number;
  /** Bits of {@linkcode PROTECTION}. */
  readonly protection: number;
  readonly shared: boolean;
  readonly kind: VmaKind;
  readonly backing: Backing | undefined;
}

/** The part of an area from `start` to `end`, file offset moved along. */
export function slice(vma: Vma, start: number, end: number): Vma {
  if (vma.backing === undefined) return { ...vma, start, end };
  const { backing } = vma;
  const offset = backing.offset + (start - vma.start);
  const length = Math.max(0, Math.min(end - start, backing.length - (start - vma.start)));
  return { ...vma, start, end, backing: { ...backing, offset, length } };
}

const joins = (a: Vma, b: Vma): boolean =>
  a.end === b.start && a.protection === b.protection && a.shared === b.shared &&
  a.kind === b.kind && a.backing === undefined && b.backing === undefined;

/** The areas of one space, sorted, never overlapping; neighbours of one kind are one. */
export class VmaList {
  private areas: Vma[] = [];

  /** All areas in order of address. */
  get all(): readonly Vma[] {
    return this.areas;
  }

  /** Index of the first area that ends after `address`. */
  private indexAfter(address: number): number {
    let [low, high] = [0, this.areas.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.areas[middle]?.end ?? 0) > address) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** The area that holds `address`. */
  find(address: number): Vma | undefined {
    const vma = this.areas[this.indexAfter(address)];
    return vma !== undefined && vma.start <= address ? vma : undefined;
  }

  /** The first area that ends after `address`, whether or not it holds it. */
  next(address: number): Vma | undefined {
    return this.areas[this.indexAfter(address)];
  }

  /** The areas that touch the range, whole. */
  overlapping(start: number, end: number): Vma[] {
    const found: Vma[] = [];
    for (let i = this.indexAfter(start); i < this.areas.length; i++) {
      const vma = this.areas[i];
      if (vma === undefined || vma.start >= end) break;
      found.push(vma);
    }
    return found;
  }

  /** Whether every byte of the range lies in some area. */
  covers(start: number, end: number): boolean {
    let reached = start;
    for (const vma of this.overlapping(start, end)) {
      if (vma.start > reached) return false;
      reached = vma.end;
    }
    return reached >= end;
  }

  /** Adds an area; its range must be free. */
  insert(vma: Vma): void {
    if (vma.start >= vma.end || vma.start % PAGE_SIZE !== 0 || vma.end % PAGE_SIZE !== 0) {
      throw new Error(`area ${vma.start} to ${vma.end} is empty or not page-aligned`);
    }
    let index = this.indexAfter(vma.start);
    if ((this.areas[index]?.start ?? Infinity) < vma.end) throw new Error("areas overlap");
    let joined = vma;
    const before = this.areas[index - 1];
    if (before !== undefined && joins(before, joined)) {
      joined = { ...joined, start: before.start };
      this.areas.splice(--index, 1);
    }
    const after = this.areas[index];
    if (after !== undefined && joins(joined, after)) {
      joined = { ...joined, end: after.end };
      this.areas.splice(index, 1);
    }
    this.areas.splice(index, 0, joined);
  }

  /** Takes the range out, splitting areas at its edges; returns the parts that were inside. */
  remove(start: number, end: number): Vma[] {
    const removed: Vma[] = [];
    for (const vma of this.overlapping(start, end)) {
      const index = this.areas.indexOf(vma);
      const pieces: Vma[] = [];
      if (vma.start < start) pieces.push(slice(vma, vma.start, start));
      if (vma.end > end) pieces.push(slice(vma, end, vma.end));
      this.areas.splice(index, 1, ...pieces);
      removed.push(slice(vma, Math.max(start, vma.start), Math.min(end, vma.end)));
    }
    return removed;
  }

  /** The highest free range of `length` bytes that ends at or below `ceiling`, from `floor` on. */
  gapBelow(ceiling: number, length: number, floor: number): number | undefined {
    let top = ceiling;
    for (let i = this.areas.length - 1; i >= 0; i--) {
      const vma = this.areas[i];
      if (vma === undefined || vma.start >= top) continue;
      if (top - Math.min(top, vma.end) >= length) break;
      top = vma.start;
    }
    const start = top - length;
    if (start < floor) return undefined;
    return this.overlapping(start, top).length === 0 ? start : undefined;
  }
}
