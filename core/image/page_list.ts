/**
 * The pages of a process at one moment, ascending: those with a frame, and those of its executable it
 * never touched, which only a full image needs. The program stands still at that moment, so no more
 * is done then than to keep the page table as it is; the list is made of it when somebody asks.
 */
import { PAGE_SIZE } from "../kernel/frames.ts";
import type { PageSnapshot } from "../kernel/page_table.ts";
import type { Process } from "../kernel/process.ts";
import type { Vma } from "../kernel/vma.ts";
import type { SourcePage, SourcePages } from "./capture_target.ts";

const DIRTY = 1, FROM_EXECUTABLE = 2;
const NO_FRAME = -1;

/** A part of the executable in the address space, by page numbers. */
interface Part {
  readonly first: number;
  readonly end: number;
  readonly backing: NonNullable<Vma["backing"]>;
}

function partsOf({ space, executable }: Process): readonly Part[] {
  return space.vmas.all.flatMap(({ backing, start, end }) => {
    if (backing === undefined || backing.path !== executable.path) return [];
    const pages = Math.min(end - start, Math.ceil(backing.length / PAGE_SIZE) * PAGE_SIZE);
    return [{ first: start / PAGE_SIZE, end: (start + pages) / PAGE_SIZE, backing }];
  });
}

/** What is known of each page of a list, by its place in it. */
interface Listed {
  readonly vpns: Int32Array;
  readonly frames: Int32Array;
  readonly flags: Uint8Array;
}

/** A list of pages. */
export class PageList implements SourcePages {
  readonly length: number;
  /** How many equal the executable's page. */
  readonly fromExecutable: number;
  private readonly parts: readonly Part[];
  private readonly snapshot: PageSnapshot;
  private readonly untouched: readonly number[];
  private made: Listed | undefined;

  constructor(private readonly process: Process) {
    const { table } = process.space;
    this.parts = partsOf(process);
    const untouched: number[] = [];
    let clean = 0;
    for (const { first, end } of this.parts) {
      for (let vpn = first; vpn < end; vpn++) {
        const page = table.get(vpn);
        if (page === undefined) untouched.push(vpn);
        else if (!page.dirty) clean++;
      }
    }
    this.snapshot = table.snapshot();
    this.untouched = untouched;
    this.length = this.snapshot.count + untouched.length;
    this.fromExecutable = clean + untouched.length;
  }

  private get listed(): Listed {
    return this.made ??= this.list();
  }

  private list(): Listed {
    const { length, untouched } = this;
    const vpns = new Int32Array(length), frames = new Int32Array(length);
    const flags = new Uint8Array(length);
    let count = 0, next = 0;
    const add = (vpn: number, frame: number, flag: number) => {
      vpns[count] = vpn;
      frames[count] = frame;
      flags[count++] = flag;
    };
    const addUntouched = (before: number) => {
      for (; (untouched[next] ?? Infinity) < before; next++) {
        add(untouched[next] as number, NO_FRAME, FROM_EXECUTABLE);
      }
    };
    this.snapshot.each((vpn, frame, dirty) => {
      addUntouched(vpn);
      add(vpn, frame, dirty ? DIRTY : this.partWith(vpn) === undefined ? 0 : FROM_EXECUTABLE);
    });
    addUntouched(Infinity);
    return { vpns, frames, flags };
  }

  private partWith(vpn: number): Part | undefined {
    for (const part of this.parts) if (vpn >= part.first && vpn < part.end) return part;
    return undefined;
  }

  /** A page of the list. */
  at(index: number): SourcePage {
    const { listed } = this;
    const vpn = listed.vpns[index] as number, frame = listed.frames[index] as number;
    const flags = listed.flags[index] as number;
    const { frames } = this.process.space;
    const hasFrame = frame !== NO_FRAME;
    return {
      vpn,
      frame: hasFrame ? frame : undefined,
      dirty: (flags & DIRTY) !== 0,
      fromExecutable: (flags & FROM_EXECUTABLE) !== 0,
      copy: () => hasFrame ? frames.bytes(frame).slice() : this.fileBytes(vpn),
    };
  }

  private fileBytes(vpn: number): Uint8Array {
    const { first, backing } = this.partWith(vpn) as Part;
    const from = (vpn - first) * PAGE_SIZE;
    const bytes = new Uint8Array(PAGE_SIZE);
    const length = Math.min(PAGE_SIZE, backing.length - from);
    backing.file.readAt(backing.offset + from, bytes.subarray(0, length));
    return bytes;
  }
}
