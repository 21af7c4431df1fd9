/**
 * The script of a frozen program: the system calls that make a process what it was, one after the
 * other. The loader (scenarios/guests/thaw) carries it out and knows nothing else; whatever depends
 * on the image is decided here.
 */

/** What a step does and what has to come of it: as in thaw.c. */
export const STEP = {
  end: 0,
  call: 1,
  demand: 2,
  exactly: 3,
  make: 4,
  unpack: 5,
  copy: 6,
  raise: 7,
  store: 8,
  either: 9,
  close: 10,
} as const;

/** Numbers of the system calls a script makes. */
export const CALL = {
  write: 4,
  open: 5,
  close: 6,
  chdir: 12,
  mkdir: 39,
  unlink: 10,
  pipe: 42,
  brk: 45,
  umask: 60,
  dup2: 63,
  munmap: 91,
  setitimer: 104,
  mprotect: 125,
  seek: 140,
  rt_sigaction: 174,
  rt_sigprocmask: 175,
  sigaltstack: 186,
  mmap2: 192,
  fcntl: 221,
  gettid: 224,
  set_tid_address: 258,
  clock_nanosleep: 267,
  set_robust_list: 311,
  dup3: 330,
  clock_nanosleep_time64: 407,
} as const;

/** A place in the script's data; it has an address when the script has one. */
export interface Place {
  readonly offset: number;
}

/** An argument of a step. */
export type Argument = number | Place;

interface Step {
  readonly kind: number;
  readonly number: number;
  readonly args: readonly Argument[];
  readonly expected: number;
  readonly text: Place | 0;
}

/** What is said when a copy fails, by the side that does. */
export interface CopyFailures {
  readonly unread: string;
  readonly unwritten: string;
}

const STEP_WORDS = 10;
const ARGUMENTS = 6;
const ENCODER = new TextEncoder();

/** Words as bytes, little endian. */
export function wordBytes(words: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * words.length));
  words.forEach((word, i) => view.setUint32(4 * i, word >>> 0, true));
  return new Uint8Array(view.buffer);
}

/**
 * A script that grows step by step. Steps are 40 bytes each, and their data follow them.
 *
 * @example
 * ```ts
 * import { CALL, Script } from "./export_script.ts";
 * const script = new Script();
 * script.demand("cannot go to /tmp", CALL.chdir, [script.text("/tmp")]);
 * const view = new DataView(script.bytesAt(0x10000).buffer);
 * // The second step is the end; "/tmp" follows it, and is the first argument.
 * if (view.getUint32(8, true) !== 0x10000 + 2 * 40) throw new Error("unreachable");
 * ```
 */
export class Script {
  private readonly steps: Step[] = [];
  private readonly chunks: Uint8Array[] = [];
  private readonly texts = new Map<string, Place>();
  private length = 0;

  /** Keeps bytes for a step; they begin at a multiple of four. */
  data(bytes: Uint8Array): Place {
    const offset = this.length;
    const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
    padded.set(bytes);
    this.chunks.push(padded);
    this.length += padded.length;
    return { offset };
  }

  /** Keeps a text with a zero behind it. */
  text(text: string): Place {
    const known = this.texts.get(text);
    if (known !== undefined) return known;
    const place = this.data(ENCODER.encode(`${text}\0`));
    this.texts.set(text, place);
    return place;
  }

  /** A call whose answer does not matter. */
  call(number: number, args: readonly Argument[]): void {
    this.steps.push({ kind: STEP.call, number, args, expected: 0, text: 0 });
  }

  /** A call that must not fail; `failure` is what is said if it does. */
  demand(failure: string, number: number, args: readonly Argument[]): void {
    this.add(STEP.demand, failure, number, args, 0);
  }

  /** A call that must answer exactly that. */
  exactly(failure: string, expected: number, number: number, args: readonly Argument[]): void {
    this.add(STEP.exactly, failure, number, args, expected);
  }

  /** A call that must not fail, whose answer is kept at an address of the process. */
  store(failure: string, address: number, number: number, args: readonly Argument[]): void {
    this.add(STEP.store, failure, number, args, address);
  }

  /** A call that makes something, which may be there already. */
  make(failure: string, number: number, args: readonly Argument[]): void {
    this.add(STEP.make, failure, number, args, 0);
  }

  /** Fills stretches of memory from a zlib stream. */
  unpack(failure: string, packed: Uint8Array, runs: readonly (readonly [number, number])[]): void {
    const args = [this.data(packed), this.data(wordBytes(runs.flat())), runs.length];
    this.add(STEP.unpack, failure, 0, args, 1);
  }

  /** Calls that do the same: the first that does not fail is the last that is made. */
  firstOf(failure: string, calls: readonly (readonly [number, readonly Argument[]])[]): void {
    for (const [index, [number, args]] of calls.entries()) {
      const left = calls.length - 1 - index;
      this.add(left > 0 ? STEP.either : STEP.demand, failure, number, args, left);
    }
  }

  /** Everything that one descriptor has, up to its end, goes to another; what is said if not. */
  copy({ unread, unwritten }: CopyFailures, from: number, to: number): void {
    this.add(STEP.copy, unread, 0, [from, to, this.text(unwritten)], 0);
  }

  /** Closes all descriptors of these numbers. */
  close(failure: string, first: number, last: number): void {
    this.add(STEP.close, failure, 0, [first, last], 0);
  }

  /** Sends the process itself a signal; `info` is its siginfo, 128 bytes. */
  raise(failure: string, signal: number, info: Uint8Array): void {
    this.add(STEP.raise, failure, 0, [signal, this.data(info)], 0);
  }

  private add(
    kind: number,
    failure: string,
    number: number,
    args: readonly Argument[],
    expected: number,
  ): void {
    this.steps.push({ kind, number, args, expected, text: this.text(failure) });
  }

  /** Bytes of the script with its data. */
  get size(): number {
    return 4 * STEP_WORDS * (this.steps.length + 1) + this.length;
  }

  /** The script as it lies at an address. */
  bytesAt(address: number): Uint8Array {
    const dataAt = 4 * STEP_WORDS * (this.steps.length + 1);
    const value = (argument: Argument): number =>
      typeof argument === "number" ? argument : address + dataAt + argument.offset;
    const words = this.steps.flatMap(({ kind, number, args, expected, text }) => {
      const filled = Array.from({ length: ARGUMENTS }, (_, i) => value(args[i] ?? 0));
      return [kind, number, ...filled, expected, value(text)];
    });
    const bytes = new Uint8Array(this.size);
    bytes.set(wordBytes(words));
    let at = dataAt;
    for (const chunk of this.chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  }
}
