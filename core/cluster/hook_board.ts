/**
 * Where a Worker writes whose hook it is in, for the thread that waits for it: a hook that never comes
 * back says nothing any more, so it is said before.
 */

/** How long one hook of a plugin may take, in ms: it computes what comes next, and waits for nobody. */
export const HOOK_PATIENCE_MS = 20_000;

const BYTES = 512;
/** The words before the text: how many bytes of it there are, 0 outside of hooks; how often it changed. */
const HEAD_BYTES = 8;

/** The memory of a board. */
export const newBoard = (): SharedArrayBuffer => new SharedArrayBuffer(HEAD_BYTES + BYTES);

interface Board {
  readonly head: Int32Array;
  readonly text: Uint8Array;
  /** What stands there, whether a hook is running or not. */
  said: string;
  bytes: number;
}

let board: Board | undefined;
const encoder = new TextEncoder();

/** This thread writes to that board from now on. */
export function useBoard(memory: SharedArrayBuffer): void {
  const head = new Int32Array(memory, 0, 2);
  board = { head, text: new Uint8Array(memory, HEAD_BYTES), said: "", bytes: 0 };
}

/** A hook begins; without a text it is over. A thread without a board does nothing. */
export function writeBoard(text = ""): void {
  if (board === undefined) return;
  // Mostly it is the same hook again: one that yields is called for every step.
  if (text !== "" && text !== board.said) {
    board.bytes = encoder.encodeInto(text, board.text).written;
    board.said = text;
  }
  Atomics.store(board.head, 0, text === "" ? 0 : board.bytes);
  Atomics.add(board.head, 1, 1);
}

/** The hook that thread is in, if it is in one. */
export function readBoard(memory: SharedArrayBuffer): string | undefined {
  const length = Atomics.load(new Int32Array(memory, 0, 1), 0);
  if (length === 0) return undefined;
  // What is shared cannot be decoded in place.
  return new TextDecoder().decode(new Uint8Array(memory, HEAD_BYTES, length).slice());
}

/** Counts hooks that began and ended: while it stands still, the thread is in the same one. */
export const boardTurn = (memory: SharedArrayBuffer): number =>
  Atomics.load(new Int32Array(memory, 0, 2), 1);
