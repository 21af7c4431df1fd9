/** A file of bytes in memory. */
import { Refusal } from "../errno.ts";
import { Inode } from "./inode.ts";

/** The largest file, so that a stray lseek cannot exhaust the host. */
const LARGEST = 2 ** 30;

/** Bytes that grow as they are written; what was never written is zero. */
export class RegularFile extends Inode {
  override readonly kind = "file";
  override readonly seekable = true;
  private content: Uint8Array;
  private length: number;

  constructor(permissions = 0o644, content: Uint8Array = new Uint8Array(0)) {
    super(permissions);
    this.content = content;
    this.length = content.length;
  }

  override get size(): number {
    return this.length;
  }

  /** The bytes as they are now: a window, not a copy. */
  get bytes(): Uint8Array {
    return this.content.subarray(0, this.length);
  }

  override read(position: number, window: Uint8Array): number {
    return this.readAt(position, window);
  }

  /** Copies bytes from `position`; how many there were. */
  readAt(position: number, window: Uint8Array): number {
    if (position >= this.length) return 0;
    const part = this.bytes.subarray(position, position + window.length);
    window.set(part);
    return part.length;
  }

  override write(position: number, bytes: Uint8Array): number {
    this.writeAt(position, bytes);
    return bytes.length;
  }

  writeAt(position: number, bytes: Uint8Array): void {
    const end = position + bytes.length;
    if (end > LARGEST) throw new Refusal("EFBIG");
    this.reserve(end);
    this.content.set(bytes, position);
    this.length = Math.max(this.length, end);
  }

  override truncate(size: number): void {
    if (size > LARGEST) throw new Refusal("EFBIG");
    this.reserve(size);
    if (size < this.length) this.content.fill(0, size, this.length);
    this.length = size;
  }

  private reserve(size: number): void {
    if (size <= this.content.length) return;
    const grown = new Uint8Array(Math.max(size, 2 * this.content.length, 256));
    grown.set(this.bytes);
    this.content = grown;
  }
}
