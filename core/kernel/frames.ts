/** Physical memory in frames of 4 KiB, counted, because later several spaces share some. */

/** Bytes in a page and in a frame. */
export const PAGE_SIZE = 4096;

/** Bytes rounded up to whole frames: what a machine's memory is made of. */
export const wholePages = (bytes: number): number => Math.ceil(bytes / PAGE_SIZE) * PAGE_SIZE;

/** Hands out frames, lowest number first after a start, last returned first afterwards. */
export class Frames {
  /** Frames in all. */
  readonly count: number;
  private readonly references: Uint16Array;
  private readonly free: Int32Array;
  private freeCount: number;

  /**
   * `ram` is physical memory; frame 0 is its first 4 KiB. `onWrite` hears before the kernel changes
   * a frame.
   */
  constructor(
    readonly ram: Uint8Array,
    readonly onWrite: (frame: number) => void = () => {},
  ) {
    this.count = Math.floor(ram.length / PAGE_SIZE);
    this.references = new Uint16Array(this.count);
    this.free = Int32Array.from({ length: this.count }, (_, i) => this.count - 1 - i);
    this.freeCount = this.count;
  }

  /** Frames nobody uses. */
  get available(): number {
    return this.freeCount;
  }

  /** A frame with one reference and whatever bytes its last user left, or -1 when none is left. */
  take(): number {
    if (this.freeCount === 0) return -1;
    const frame = this.free[--this.freeCount] ?? -1;
    this.references[frame] = 1;
    this.onWrite(frame); // whoever takes a frame fills it
    return frame;
  }

  /** One more user of a frame. */
  share(frame: number): void {
    this.references[frame] = this.referencesOf(frame) + 1;
  }

  /** One user less; the last one gives the frame back. */
  drop(frame: number): void {
    const left = this.referencesOf(frame) - 1;
    if (left < 0) throw new Error(`frame ${frame} was given back twice`);
    this.references[frame] = left;
    if (left === 0) this.free[this.freeCount++] = frame;
  }

  /** How many users a frame has. */
  referencesOf(frame: number): number {
    return this.references[frame] ?? 0;
  }

  /** The bytes of a frame: a window into physical memory, not a copy. */
  bytes(frame: number): Uint8Array {
    return this.ram.subarray(frame * PAGE_SIZE, (frame + 1) * PAGE_SIZE);
  }

  /** Fills a frame with zeros. */
  clear(frame: number): void {
    this.onWrite(frame);
    this.ram.fill(0, frame * PAGE_SIZE, (frame + 1) * PAGE_SIZE);
  }
}
