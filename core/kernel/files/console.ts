/**
 * The console of a process: what it writes is given to a sink and what it reads comes from a
 * provider. How much went each way is counted, so that an image can name the point.
 */
import { WaitQueue } from "../wait_queue.ts";
import { Inode, type Readiness, type Transfer } from "./inode.ts";

/** The three streams a process starts with. */
export const STREAMS = ["input", "output", "error"] as const;
/** One of {@linkcode STREAMS}; its place in the list is its descriptor. */
export type Stream = (typeof STREAMS)[number];

/** The world on the other side of a console. */
export interface ConsoleOptions {
  /** Up to `most` bytes; none is the end of input, undefined that none are there yet. */
  readonly input?: (most: number) => Uint8Array | undefined;
  /** Takes what the process writes. */
  readonly sink?: (stream: "output" | "error", bytes: Uint8Array) => void;
  /** Streams that are a terminal: isatty is true of them. */
  readonly terminal?: readonly Stream[];
}

/** A console as an image names it. */
export interface ConsoleRecord extends Readonly<Record<Stream, number>> {
  /** Bytes taken from the provider that the process has not read yet. */
  readonly pending: Uint8Array;
  /** The provider has said that nothing more comes. */
  readonly ended: boolean;
  /** struct termios. */
  readonly settings: Uint8Array;
}

/** struct termios of a terminal in its usual state: line by line, with echo. */
export function usualSettings(): Uint8Array {
  const settings = new Uint8Array(36);
  const words = new DataView(settings.buffer);
  [0x500, 0x5, 0xbf, 0x8a3b].forEach((word, i) => words.setUint32(4 * i, word, true));
  settings.set([3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22], 17);
  return settings;
}

const newConsole = (): ConsoleRecord => ({
  input: 0,
  output: 0,
  error: 0,
  pending: new Uint8Array(0),
  ended: false,
  settings: usualSettings(),
});

/** A console: three streams. */
export class Console {
  /** struct termios, as programs set it. It changes nothing here, but is kept for them. */
  settings: Uint8Array;
  /** Bytes read and written since the process began. */
  readonly counts: Record<Stream, number>;
  private pending: Uint8Array;
  private ended: boolean;
  private readonly queue = new WaitQueue();

  /** `record`: as read from {@linkcode record}, for a console that goes on. */
  constructor(private readonly options: ConsoleOptions = {}, record: ConsoleRecord = newConsole()) {
    this.counts = { input: record.input, output: record.output, error: record.error };
    this.pending = record.pending.slice();
    this.ended = record.ended;
    this.settings = record.settings.slice();
  }

  /** The console as plain data. */
  get record(): ConsoleRecord {
    const { pending, ended, settings } = this;
    return { ...this.counts, pending: pending.slice(), ended, settings: settings.slice() };
  }

  isTerminal(stream: Stream): boolean {
    return this.options.terminal?.includes(stream) ?? false;
  }

  /** Who waits for input. */
  get queues(): readonly WaitQueue[] {
    return [this.queue];
  }

  /** The provider has something now: whoever waits asks again. */
  inputArrived(): void {
    this.queue.wake();
  }

  /** Asks the provider when nothing is left over; returns whether a read would return. */
  get readable(): boolean {
    if (this.pending.length > 0 || this.ended) return true;
    const more = this.options.input === undefined ? new Uint8Array(0) : this.options.input(4096);
    if (more === undefined) return false;
    if (more.length === 0) this.ended = !this.isTerminal("input");
    else this.pending = more.slice();
    return true;
  }

  read(window: Uint8Array): Transfer {
    if (window.length === 0) return 0;
    if (!this.readable) return "wait";
    const part = this.pending.subarray(0, window.length);
    window.set(part);
    this.pending = this.pending.slice(part.length);
    this.counts.input += part.length;
    return part.length;
  }

  write(stream: "output" | "error", bytes: Uint8Array): number {
    this.counts[stream] += bytes.length;
    this.options.sink?.(stream, bytes.slice());
    return bytes.length;
  }
}

/** One stream of a console as a file. A terminal's input may be written to, as on a real one. */
export class ConsoleStream extends Inode {
  override readonly kind;

  constructor(readonly console: Console, readonly stream: Stream) {
    super(0o620);
    this.kind = console.isTerminal(stream) ? "device" as const : "pipe" as const;
    this.number = 1 + STREAMS.indexOf(stream);
  }

  override get device(): number {
    return this.kind === "device" ? 5 * 256 + 1 : 0;
  }

  get isTerminal(): boolean {
    return this.console.isTerminal(this.stream);
  }

  override read(_position: number, window: Uint8Array): Transfer {
    return this.console.read(window);
  }

  override write(_position: number, bytes: Uint8Array): Transfer {
    return this.console.write(this.stream === "error" ? "error" : "output", bytes);
  }

  override readiness(reads: boolean, writes: boolean): Readiness {
    const readable = reads && this.stream === "input" && this.console.readable;
    return { readable, writable: writes, hangup: false, broken: false };
  }

  override queues(): readonly WaitQueue[] {
    return this.console.queues;
  }
}
