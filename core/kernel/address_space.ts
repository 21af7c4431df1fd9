/**
 * The address space of one process: its areas, its page table, and what happens at a first touch.
 * The one thing to know: nothing has a frame before it is touched, and a page that has one is known
 * to the guard before it changes or leaves.
 */
import { Refusal } from "./errno.ts";
import { type Frames, PAGE_SIZE } from "./frames.ts";
import type { WriteGuard } from "./guard.ts";
import { QUARTER_BYTES, QUARTERS } from "./page.ts";
import { type MappedPage, PageTable } from "./page_table.ts";
import { type Backing, PROTECTION, type Vma, type VmaKind, VmaList } from "./vma.ts";

/** The end of user space, as in Linux for SH. */
export const TASK_SIZE = 0x7c000000;
/** The lowest address mmap gives out. */
export const MMAP_FLOOR = 0x00010000;
/** Free pages kept between the stack and whatever lies below it. */
const STACK_GAP = 16 * PAGE_SIZE;
/** Above this many pages a new ASID is cheaper than dropping entries one by one. */
const MANY_PAGES = 32;

/** The TLB as an address space sees it. The machine is one. */
export interface Translations {
  invalidatePage(address: number, asid: number): void;
}

/** Why an access is impossible. */
export type SpaceFault = "unmapped" | "protection" | "beyondFile" | "memory";

/** Whether an access of this kind may happen. SH-4 cannot tell reading from executing. */
export const permits = (protection: number, write: boolean): boolean =>
  write ? (protection & PROTECTION.write) !== 0 : protection !== 0;

/** Rounds up to a page. */
export const pageUp = (address: number): number => Math.ceil(address / PAGE_SIZE) * PAGE_SIZE;
/** Rounds down to a page. */
export const pageDown = (address: number): number => Math.floor(address / PAGE_SIZE) * PAGE_SIZE;

/** An area as an image names it; the file is found again by its path. */
export interface VmaRecord extends Omit<Vma, "backing"> {
  readonly backing: Omit<Backing, "file"> | undefined;
}

/** Everything of an address space but the bytes of its pages, as plain data. */
export interface SpaceRecord {
  readonly vmas: readonly VmaRecord[];
  readonly heapStart: number;
  readonly heapEnd: number;
  readonly stackTop: number;
  readonly stackLimit: number;
}

/** What is asked of {@linkcode AddressSpace.map}. */
export interface MapRequest {
  /** Where it should be; 0 for anywhere. */
  readonly address: number;
  readonly length: number;
  readonly protection: number;
  /** Take exactly that address, over whatever is there. */
  readonly fixed?: boolean;
  /** With `fixed`: refuse instead of replacing. */
  readonly noReplace?: boolean;
  readonly shared?: boolean;
  readonly kind?: VmaKind;
  readonly backing?: Backing | undefined;
}

/** One address space. */
export class AddressSpace {
  readonly table = new PageTable();
  readonly vmas = new VmaList();
  /** The checkpointer's eye on this space; at most one. */
  guard: WriteGuard | undefined;
  /** The number its TLB entries carry; valid while `asidGeneration` is the pool's. */
  asid = 0;
  asidGeneration = -1;
  /** First byte of the heap and first byte after it (brk). */
  heapStart = 0;
  heapEnd = 0;
  /** First byte after the stack. */
  stackTop = TASK_SIZE;
  /** Bytes the stack may grow to. */
  stackLimit = 8 * 2 ** 20;
  /** Pages filled at a first touch, for rusage. */
  touched = 0;
  private finished = false;

  constructor(readonly frames: Frames, private readonly translations: Translations) {}

  /** Rebuilds a space from an image; pages follow by {@linkcode adoptPage}. */
  static from(
    record: SpaceRecord,
    frames: Frames,
    translations: Translations,
    open: (path: string) => Backing["file"],
  ): AddressSpace {
    const space = new AddressSpace(frames, translations);
    for (const { backing, ...vma } of record.vmas) {
      const file = backing === undefined ? undefined : { ...backing, file: open(backing.path) };
      space.vmas.insert({ ...vma, backing: file });
    }
    space.heapStart = record.heapStart;
    space.heapEnd = record.heapEnd;
    space.stackTop = record.stackTop;
    space.stackLimit = record.stackLimit;
    return space;
  }

  /** The space as plain data. */
  get record(): SpaceRecord {
    const vmas = this.vmas.all.map(({ backing, ...vma }) => {
      if (backing === undefined) return { ...vma, backing };
      const { path, offset, length } = backing;
      return { ...vma, backing: { path, offset, length } };
    });
    const { heapStart, heapEnd, stackTop, stackLimit } = this;
    return { vmas, heapStart, heapEnd, stackTop, stackLimit };
  }

  /** Gives a page its content at a restart. Its area must exist. */
  adoptPage(vpn: number, bytes: Uint8Array, dirty: boolean): void {
    const vma = this.vmas.find(vpn * PAGE_SIZE);
    if (vma === undefined) throw new Error(`page ${vpn} lies in no area`);
    const frame = this.frames.take();
    if (frame < 0) throw new Refusal("ENOMEM");
    this.frames.bytes(frame).set(bytes.subarray(0, PAGE_SIZE));
    this.table.add({ vpn, frame, dirty, protection: vma.protection });
  }

  /** The page an access reaches, made at a first touch, or why there is none. */
  touch(address: number, write: boolean): MappedPage | SpaceFault {
    const vpn = address >>> 12;
    const page = this.table.get(vpn);
    if (page !== undefined) return permits(page.protection, write) ? page : "protection";
    const vma = this.vmas.find(address) ?? this.growStack(address);
    if (vma === undefined) return "unmapped";
    if (!permits(vma.protection, write)) return "protection";
    const { backing } = vma;
    if (backing !== undefined && pageDown(address) - vma.start >= pageUp(backing.length)) {
      return "beyondFile";
    }
    const frame = this.frames.take();
    if (frame < 0) return "memory";
    this.fill(vma, vpn, this.frames.bytes(frame));
    this.touched++;
    return this.table.add({ vpn, frame, dirty: false, protection: vma.protection });
  }

  /** The page of an address has been touched. */
  holds(address: number): boolean {
    return this.table.get(address >>> 12) !== undefined;
  }

  private fill(vma: Vma, vpn: number, bytes: Uint8Array): void {
    const { backing } = vma;
    let filled = 0;
    if (backing !== undefined) {
      const from = vpn * PAGE_SIZE - vma.start;
      const wanted = Math.max(0, Math.min(PAGE_SIZE, backing.length - from));
      filled = backing.file.readAt(backing.offset + from, bytes.subarray(0, wanted));
    }
    bytes.fill(0, filled);
  }

  /** The stack area grown down to `address`, if it may. */
  private growStack(address: number): Vma | undefined {
    if (address >= this.stackTop || address < this.stackTop - this.stackLimit) return undefined;
    const above = this.vmas.next(address);
    if (above === undefined || above.kind !== "stack") return undefined;
    const start = pageDown(address);
    if (this.vmas.overlapping(start - STACK_GAP, above.start).length > 0) return undefined;
    this.vmas.remove(above.start, above.end);
    const grown = { ...above, start };
    this.vmas.insert(grown);
    return grown;
  }

  /** Maps an area and returns its address. */
  map(request: MapRequest): number {
    const length = pageUp(request.length);
    if (length === 0) throw new Refusal("EINVAL");
    if (length > TASK_SIZE || length > this.frames.count * PAGE_SIZE) throw new Refusal("ENOMEM");
    const start = request.fixed === true
      ? this.fixedPlace(request, length)
      : this.anyPlace(request.address, length);
    this.vmas.insert({
      start,
      end: start + length,
      protection: request.protection,
      shared: request.shared ?? false,
      kind: request.kind ?? (request.backing === undefined ? "anonymous" : "file"),
      backing: request.backing,
    });
    return start;
  }

  private fixedPlace({ address, noReplace }: MapRequest, length: number): number {
    if (address % PAGE_SIZE !== 0) throw new Refusal("EINVAL");
    if (address + length > TASK_SIZE || address < PAGE_SIZE) throw new Refusal("ENOMEM");
    if (noReplace === true && this.vmas.overlapping(address, address + length).length > 0) {
      throw new Refusal("EEXIST");
    }
    this.unmap(address, length);
    return address;
  }

  private anyPlace(hint: number, length: number): number {
    const wanted = pageDown(hint);
    const ceiling = this.stackTop - Math.max(this.stackLimit, 2 ** 20) - STACK_GAP;
    if (wanted >= MMAP_FLOOR && wanted + length <= ceiling) {
      if (this.vmas.overlapping(wanted, wanted + length).length === 0) return wanted;
    }
    const place = this.vmas.gapBelow(pageDown(ceiling), length, MMAP_FLOOR);
    if (place === undefined) throw new Refusal("ENOMEM");
    return place;
  }

  /** Removes a range; parts of it that are not mapped do not matter. */
  unmap(start: number, length: number): void {
    const end = start + pageUp(length);
    if (start % PAGE_SIZE !== 0 || length <= 0) throw new Refusal("EINVAL");
    if (end > TASK_SIZE) throw new Refusal("EINVAL");
    this.writeBack(start, end);
    this.discard(start, end);
    this.vmas.remove(start, end);
  }

  /** Lets the pages of a range go; the areas stay, so that a next touch begins anew. */
  discard(start: number, end: number): void {
    const gone = [...this.table.range(start >>> 12, Math.ceil(end / PAGE_SIZE))];
    for (const page of gone) this.guard?.beforeUnmap(page);
    for (const page of gone) {
      this.table.delete(page.vpn);
      this.frames.drop(page.frame);
    }
    this.dropTranslations(gone);
  }

  /** Drops the TLB entries of these pages. */
  private dropTranslations(pages: readonly Pick<MappedPage, "vpn" | "isSplit">[]): void {
    if (pages.length > MANY_PAGES) return this.forgetTranslations();
    for (const { vpn, isSplit } of pages) {
      for (let quarter = 0; quarter < (isSplit ? QUARTERS : 1); quarter++) {
        const address = vpn * PAGE_SIZE + quarter * QUARTER_BYTES;
        this.translations.invalidatePage(address | 0, this.asid);
      }
    }
  }

  /** From now on a page has one TLB entry, or one for each quarter: two sizes would both match. */
  split(page: MappedPage, isSplit: boolean): void {
    this.dropTranslations([page]);
    page.isSplit = isSplit;
  }

  /**
   * Lets the guard hear of the next store to a page: its TLB entry is dropped. False when the page
   * does not lie in that frame any more; without one, when it has been touched since.
   */
  watch(vpn: number, frame: number | undefined): boolean {
    const page = this.table.get(vpn);
    if (page?.frame !== frame) return false;
    this.dropTranslations([page ?? { vpn, isSplit: false }]);
    return true;
  }

  /** From now on no TLB entry of this space matches: it gets another ASID before it runs. */
  forgetTranslations(): void {
    this.asidGeneration = -1;
  }

  /** Changes the rights of a range, which must be mapped throughout. */
  protect(start: number, length: number, protection: number): void {
    const end = start + pageUp(length);
    if (start % PAGE_SIZE !== 0) throw new Refusal("EINVAL");
    if (end > TASK_SIZE || !this.vmas.covers(start, end)) throw new Refusal("ENOMEM");
    for (const vma of this.vmas.remove(start, end)) this.vmas.insert({ ...vma, protection });
    const pages = [...this.table.range(start >>> 12, end >>> 12)];
    for (const page of pages) page.protection = protection;
    this.dropTranslations(pages);
  }

  /** Moves the end of the heap and returns where it is now; an impossible wish changes nothing. */
  setHeapEnd(wish: number): number {
    if (wish < this.heapStart || wish >= TASK_SIZE) return this.heapEnd;
    const from = pageUp(this.heapEnd), to = pageUp(wish);
    if (to > from) {
      const tooBig = to - this.heapStart > this.frames.count * PAGE_SIZE;
      if (tooBig || this.vmas.overlapping(from, to + PAGE_SIZE).length > 0) return this.heapEnd;
      const protection = PROTECTION.read | PROTECTION.write;
      this.vmas.insert({
        start: from,
        end: to,
        protection,
        shared: false,
        kind: "heap",
        backing: undefined,
      });
    } else if (to < from) this.unmap(to, from - to);
    return this.heapEnd = wish;
  }

  /** Gives a mapping another length, at another place if it may move. */
  remap(start: number, oldLength: number, newLength: number, move: "no" | "may" | number): number {
    const [oldEnd, newSize] = [start + pageUp(oldLength), pageUp(newLength)];
    if (start % PAGE_SIZE !== 0 || newSize === 0) throw new Refusal("EINVAL");
    const vma = this.vmas.find(start);
    if (vma === undefined || vma.end < oldEnd) throw new Refusal("EFAULT");
    const oldSize = oldEnd - start;
    if (typeof move !== "number") {
      if (newSize <= oldSize) {
        if (newSize < oldSize) this.unmap(start + newSize, oldSize - newSize);
        return start;
      }
      if (this.extend(vma, oldEnd, start + newSize)) return start;
      if (move === "no") throw new Refusal("ENOMEM");
    }
    return this.relocate(vma, start, Math.min(oldSize, newSize), oldSize, newSize, move);
  }

  private extend(vma: Vma, oldEnd: number, newEnd: number): boolean {
    if (vma.end !== oldEnd || newEnd > TASK_SIZE) return false;
    if (this.vmas.overlapping(oldEnd, newEnd).length > 0) return false;
    this.vmas.remove(vma.start, vma.end);
    this.vmas.insert(lengthened(vma, newEnd - vma.start));
    return true;
  }

  private relocate(
    vma: Vma,
    start: number,
    kept: number,
    oldSize: number,
    newSize: number,
    move: "no" | "may" | number,
  ): number {
    const place = typeof move === "number"
      ? this.fixedPlace({ address: move, length: newSize, protection: 0 }, newSize)
      : this.anyPlace(0, newSize);
    const leaving = [...this.table.range(start >>> 12, (start + kept) >>> 12)];
    const moving = leaving.map(({ vpn, frame, dirty, protection }) => ({
      vpn,
      frame,
      dirty,
      protection,
    }));
    // They keep their frames, and a guard knows pages by their frames.
    for (const page of moving) this.table.delete(page.vpn);
    this.dropTranslations(leaving);
    const [part] = this.vmas.remove(start, start + oldSize);
    this.discard(start, start + oldSize);
    this.vmas.insert({
      ...lengthened(part ?? vma, newSize),
      start: place,
      end: place + newSize,
    });
    const delta = (place - start) / PAGE_SIZE;
    for (const { vpn, frame, dirty, protection } of moving) {
      this.table.add({ vpn: vpn + delta, frame, dirty, protection });
    }
    return place;
  }

  /** Writes changed pages of shared file mappings back to their files. */
  writeBack(start: number, end: number): void {
    for (const vma of this.vmas.overlapping(start, end)) {
      const { backing } = vma;
      if (!vma.shared || backing?.file.writeAt === undefined) continue;
      for (const page of this.table.range(vma.start >>> 12, vma.end >>> 12)) {
        if (!page.dirty) continue;
        const from = page.vpn * PAGE_SIZE - vma.start;
        const length = Math.min(PAGE_SIZE, backing.length - from);
        if (length <= 0) continue;
        backing.file.writeAt(
          backing.offset + from,
          this.frames.bytes(page.frame).subarray(0, length),
        );
      }
    }
  }

  /** Gives everything back, at exit or exec. `silently`: a crash, of which nobody hears. */
  release(silently = false): void {
    if (this.finished) return;
    this.finished = true;
    if (silently) this.guard = undefined;
    else this.writeBack(0, TASK_SIZE);
    this.discard(0, TASK_SIZE);
    this.vmas.remove(0, TASK_SIZE);
    this.forgetTranslations();
  }
}

/** An area of another length; a file shows more of itself as far as it reaches. */
function lengthened(vma: Vma, length: number): Vma {
  const end = vma.start + length;
  if (vma.backing === undefined) return { ...vma, end };
  const rest = Math.max(0, vma.backing.file.size - vma.backing.offset);
  return { ...vma, end, backing: { ...vma.backing, length: Math.min(length, rest) } };
}
