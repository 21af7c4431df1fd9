/**
 * The pages of a process at one moment, ascending: those with a frame, and those of its executable it
 * never touched, which only a full image needs. The program stands still while the list is made, so
 * it is made of numbers; what is known of a page in words comes when somebody asks.
 */
import { PAGE_SIZE } from "../kernel/frames.ts";
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

/** A list of pages. */
export class PageList implements SourcePages {
  length = 0;
  /** How many equal the executable's page. */
  fromExecutable = 0;
  private readonly vpns: Int32Array;
  private readonly frames: Int32Array;
  private readonly flags: Uint8Array;
  private readonly parts: readonly Part[];

  constructor(private readonly process: Process) {
    const { table } = process.space;
    this.parts = partsOf(process);
    const untouched: number[] = [];
    for (const { first, end } of this.parts) {
      for (let vpn = first; vpn < end; vpn++) {
        if (table.get(vpn) === undefined) untouched.push(vpn);
      }
    }
    const most = table.count + untouched.length;
    this.vpns = new Int32Array(most);
    this.frames = new Int32Array(most);
    this.flags = new Uint8Array(most);
    let next = 0;
    table.each(({ vpn, frame, dirty }) => {
      for (; (untouched[next] ?? Infinity) < vpn; next++) {
        this.addUntouched(untouched[next] as number);
      }
      this.add(vpn, frame, dirty ? DIRTY : this.partWith(vpn) === undefined ? 0 : FROM_EXECUTABLE);
    });
    for (; next < untouched.length; next++) this.addUntouched(untouched[next] as number);
  }

  private addUntouched(vpn: number): void {
    this.add(vpn, NO_FRAME, FROM_EXECUTABLE);
  }

  private add(vpn: number, frame: number, flags: number): void {
    const at = this.length++;
    this.vpns[at] = vpn;
    this.frames[at] = frame;
    this.flags[at] = flags;
    if ((flags & FROM_EXECUTABLE) !== 0) this.fromExecutable++;
  }

  private partWith(vpn: number): Part | undefined {
    for (const part of this.parts) if (vpn >= part.first && vpn < part.end) return part;
    return undefined;
  }

  /** A page of the list. */
  at(index: number): SourcePage {
    const vpn = this.vpns[index] as number, frame = this.frames[index] as number;
    const flags = this.flags[index] as number;
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
