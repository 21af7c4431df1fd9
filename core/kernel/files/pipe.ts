/** Pipes: a bounded queue of bytes with counted ends. */
import { Refusal } from "../errno.ts";
import { WaitQueue } from "../wait_queue.ts";
import { Inode, type Readiness, type Transfer } from "./inode.ts";

/** Bytes a pipe holds, as in Linux. */
export const PIPE_CAPACITY = 65536;
/** Writes up to this many bytes are never torn. */
export const PIPE_BUFFER = 4096;

/** One pipe; both its open files share it. */
export class Pipe extends Inode {
  override readonly kind = "pipe";
  /** Open read and write ends. */
  readers = 0;
  writers = 0;
  private readonly queue = new WaitQueue();

  /** `content`: the bytes on their way, oldest first. */
  constructor(private content: Uint8Array = new Uint8Array(0)) {
    super(0o600);
  }

  /** The bytes on their way. */
  get bytes(): Uint8Array {
    return this.content;
  }

  override queues(): readonly WaitQueue[] {
    return [this.queue];
  }

  override read(_position: number, window: Uint8Array): Transfer {
    if (window.length === 0) return 0;
    if (this.content.length === 0) return this.writers === 0 ? 0 : "wait";
    const part = this.content.subarray(0, window.length);
    window.set(part);
    this.content = this.content.slice(part.length);
    this.queue.wake();
    return part.length;
  }

  override write(_position: number, bytes: Uint8Array): Transfer {
    if (this.readers === 0) throw new Refusal("EPIPE");
    const room = PIPE_CAPACITY - this.content.length;
    if (room === 0 || (bytes.length <= PIPE_BUFFER && bytes.length > room)) {
      return bytes.length === 0 ? 0 : "wait";
    }
    const part = bytes.subarray(0, room);
    const joined = new Uint8Array(this.content.length + part.length);
    joined.set(this.content);
    joined.set(part, this.content.length);
    this.content = joined;
    this.queue.wake();
    return part.length;
  }

  override readiness(reads: boolean, writes: boolean): Readiness {
    return {
      readable: reads && this.content.length > 0,
      writable: writes &&
        (PIPE_CAPACITY - this.content.length >= PIPE_BUFFER || this.readers === 0),
      hangup: reads && this.writers === 0,
      broken: writes && this.readers === 0,
    };
  }

  override opened(reads: boolean, writes: boolean): void {
    if (reads) this.readers++;
    if (writes) this.writers++;
    this.queue.wake();
  }

  override closed(reads: boolean, writes: boolean): void {
    if (reads) this.readers--;
    if (writes) this.writers--;
    this.queue.wake();
  }
}
