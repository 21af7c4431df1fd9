/**
 * Files for a Worker that may read none: the thread that may read them puts them into shared memory,
 * and the Worker sleeps until they are there, for programs are read in the middle of a run.
 */
import type { ReadFile } from "./load.ts";

/** Gives files to another thread. */
export interface Lender {
  readonly readFile: ReadFile;
  /** Puts a program, or why there is none, into the memory, and wakes who waits. */
  lend(file: string, memory: SharedArrayBuffer): void;
}

/** The words before the bytes: 0 until they are there. */
const HEAD_BYTES = 8;
const READ = 1, FAILED = 2;
/** No program is larger than an address space may be. */
const MOST_BYTES = 2 ** 29;

/** Lends what this thread can read. */
export const lenderOf = (
  readFile: ReadFile,
  readProgram: (file: string) => Uint8Array,
): Lender => ({
  readFile,
  lend: (file, memory) => {
    let state = READ, bytes: Uint8Array;
    try {
      bytes = readProgram(file);
      if (bytes.length > MOST_BYTES - HEAD_BYTES) {
        throw new Error(`'${file}' is no program: too big`);
      }
    } catch (error) {
      state = FAILED;
      bytes = new TextEncoder().encode(error instanceof Error ? error.message : String(error));
    }
    memory.grow(HEAD_BYTES + bytes.length);
    new Uint8Array(memory, HEAD_BYTES).set(bytes);
    const head = new Int32Array(memory, 0, 1);
    Atomics.store(head, 0, state);
    Atomics.notify(head, 0);
  },
});

/** Waits for a file that `ask` makes the other thread lend. Throws what `refuse` makes of a reason. */
export function borrowed(
  ask: (memory: SharedArrayBuffer) => unknown,
  refuse: (why: string) => Error,
): Uint8Array {
  const memory = new SharedArrayBuffer(HEAD_BYTES, { maxByteLength: MOST_BYTES });
  const head = new Int32Array(memory, 0, 1);
  ask(memory);
  Atomics.wait(head, 0, 0);
  // What is shared may not be kept: programs are compared, hashed and decoded.
  const bytes = new Uint8Array(memory, HEAD_BYTES).slice();
  if (Atomics.load(head, 0) === READ) return bytes;
  throw refuse(new TextDecoder().decode(bytes));
}
