/**
 * The one door by which the kernel reads and writes user memory. It walks the page table as the
 * processor would walk its TLB, fills pages at a first touch, answers EFAULT where there is none,
 * and tells the guard before a byte changes. The program's own stores go through the TLB; everything
 * else (system calls, signal frames, the first stack) goes through here.
 *
 * TLB entries stay right without being touched: a page the kernel dirties may keep an entry with
 * D = 0, whose next store traps once more and finds the page dirty; an entry with D = 1 exists only
 * for what the guard does not protect. An entry of a whole page may stay when the kernel has written
 * a quarter of it: it has D = 0, and the next refill of the page drops it.
 */
import type { AddressSpace } from "./address_space.ts";
import { TASK_SIZE } from "./address_space.ts";
import { Refusal } from "./errno.ts";
import { PAGE_SIZE } from "./frames.ts";
import { QUARTER_BYTES, quarterOf } from "./page.ts";
import type { MappedPage } from "./page_table.ts";

/** No memory is left for a page the kernel must touch: the process cannot go on. */
export class OutOfMemory {
  constructor(readonly address: number) {}
}

const DECODER = new TextDecoder();
const ENCODER = new TextEncoder();

/** The bytes of a text. */
export const encodeText = (text: string): Uint8Array => ENCODER.encode(text);
/** The text of some bytes; what is not UTF-8 becomes U+FFFD. */
export const decodeText = (bytes: Uint8Array): string => DECODER.decode(bytes.slice());

/** User memory of one address space, as the kernel may touch it. */
export class UserMemory {
  constructor(private readonly space: AddressSpace) {}

  /** The page of a range that lies in one; before it is written the guard has heard. */
  private page(address: number, length: number, write: boolean): MappedPage {
    if (address < 0 || address >= TASK_SIZE) throw new Refusal("EFAULT");
    const page = this.space.touch(address, write);
    if (page === "memory") throw new OutOfMemory(address);
    if (typeof page === "string") throw new Refusal("EFAULT");
    if (!write) return page;
    this.tellGuard(page, address, length);
    page.dirty = true;
    this.space.frames.onWrite(page.frame);
    return page;
  }

  /** The guard hears of each quarter about to be written, once. */
  private tellGuard(page: MappedPage, address: number, length: number): void {
    const { guard } = this.space;
    if (guard === undefined) return;
    const first = address - address % QUARTER_BYTES;
    for (let at = first; at < address + length; at += QUARTER_BYTES) {
      const quarter = quarterOf(at);
      if ((guard.protects(page) & quarter) !== 0) guard.beforeWrite(page, "kernel", quarter);
    }
  }

  /**
   * Walks over a range page by page. `visit` gets a window into the frame and how many bytes came
   * before it, and says how many bytes it used; less than all ends the walk. Returns the sum.
   */
  private walk(
    address: number,
    length: number,
    write: boolean,
    visit: (window: Uint8Array, done: number) => number,
  ): number {
    let done = 0;
    while (done < length) {
      const at = address + done;
      const offset = at % PAGE_SIZE;
      const count = Math.min(PAGE_SIZE - offset, length - done);
      const page = this.page(at, count, write);
      const start = page.frame * PAGE_SIZE + offset;
      const used = visit(this.space.frames.ram.subarray(start, start + count), done);
      done += used;
      if (used < count) break;
    }
    return done;
  }

  /** A copy of a range. */
  read(address: number, length: number): Uint8Array {
    if (length > TASK_SIZE) throw new Refusal("EFAULT");
    this.check(address, length, false);
    const bytes = new Uint8Array(length);
    this.walk(address, length, false, (window, done) => {
      bytes.set(window, done);
      return window.length;
    });
    return bytes;
  }

  /** Writes bytes. Every page is checked before the first byte is written. */
  write(address: number, bytes: Uint8Array): void {
    this.check(address, bytes.length, true);
    this.walk(address, bytes.length, true, (window, done) => {
      window.set(bytes.subarray(done, done + window.length));
      return window.length;
    });
  }

  /**
   * Lets `fill` write into a range piece by piece, each in one page; it says how many bytes it had,
   * and fewer than the window ends it. Returns how many were written.
   */
  fill(address: number, length: number, fill: (window: Uint8Array) => number): number {
    return this.walk(address, length, true, fill);
  }

  /** Refuses with EFAULT unless the whole range may be read, or written. */
  check(address: number, length: number, write: boolean): void {
    if (length === 0) return;
    if (address < 0 || address + length > TASK_SIZE) throw new Refusal("EFAULT");
    const last = Math.floor((address + length - 1) / PAGE_SIZE) * PAGE_SIZE;
    for (let at = address; at <= last + PAGE_SIZE - 1; at += PAGE_SIZE) {
      const page = this.space.touch(Math.min(at, address + length - 1), write);
      if (page === "memory") throw new OutOfMemory(at);
      if (typeof page === "string") throw new Refusal("EFAULT");
    }
  }

  /** A text that ends with a zero byte; ENAMETOOLONG when none comes within `limit` bytes. */
  readText(address: number, limit = 4096): string {
    const bytes: number[] = [];
    let ended = false;
    this.walk(address, limit, false, (window) => {
      const end = window.indexOf(0);
      ended = end >= 0;
      for (const byte of ended ? window.subarray(0, end) : window) bytes.push(byte);
      return ended ? 0 : window.length;
    });
    if (!ended) throw new Refusal("ENAMETOOLONG");
    return decodeText(Uint8Array.from(bytes));
  }

  /** A list of addresses that ends with zero, as argv. */
  readAddresses(address: number, limit = 4096): number[] {
    const found: number[] = [];
    for (let at = address; found.length < limit; at += 4) {
      const word = this.readWord(at);
      if (word === 0) return found;
      found.push(word);
    }
    throw new Refusal("E2BIG");
  }

  /** A 32-bit word, unsigned. */
  readWord(address: number): number {
    return this.view(address, 4).getUint32(0, true);
  }

  /** A view of a copy of a range: for structures. */
  view(address: number, length: number): DataView {
    return new DataView(this.read(address, length).buffer);
  }

  /** Writes 32-bit words one after another. */
  writeWords(address: number, words: readonly number[]): void {
    const bytes = new Uint8Array(4 * words.length);
    const view = new DataView(bytes.buffer);
    words.forEach((word, i) => view.setUint32(4 * i, word >>> 0, true));
    this.write(address, bytes);
  }

  /** Writes one byte or half a word (`size` 1 or 2). */
  writeSmall(address: number, value: number, size: 1 | 2): void {
    this.write(address, Uint8Array.of(value & 255, (value >>> 8) & 255).subarray(0, size));
  }
}
