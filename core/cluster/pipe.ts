/**
 * Values through shared memory, one side at a time: whoever has the word writes, the other waits.
 * Frames of any length go through a window of fixed size, so a round of a cluster costs two wake-ups
 * instead of messages through two event loops.
 */
import { Decoder, Encoder } from "cbor-x";

const WINDOW_BYTES = 256 * 1024;

/** Words at the head of the shared memory. */
const TURN = 0, LENGTH = 1, MORE = 2, BREATH = 3, STOP = 4;
const HEAD_BYTES = 32;

/** Whose bytes lie in the window: nobody's, or one side's. */
const EMPTY = 0;

/** The two sides. */
export type Side = "asking" | "answering";
const NUMBER: Readonly<Record<Side, number>> = { asking: 1, answering: 2 };

/** Waits a while for the word at TURN to be no longer that. */
type Wait = (turn: number) => void;

const CODEC = { useRecords: false, mapsAsObjects: true, tagUint8Array: false } as const;

/** The other side wants this one to stop. */
export class Stopped extends Error {
  override readonly name = "Stopped";
}

/** One side's end of a pipe. */
export class Pipe {
  private readonly words: Int32Array;
  private readonly window: Uint8Array;
  private readonly mine: number;
  private readonly theirs: number;
  private readonly encoder = new Encoder(CODEC);
  private readonly decoder = new Decoder(CODEC);

  constructor(readonly memory: SharedArrayBuffer, side: Side) {
    this.words = new Int32Array(memory, 0, HEAD_BYTES / 4);
    this.window = new Uint8Array(memory, HEAD_BYTES);
    this.mine = NUMBER[side];
    this.theirs = NUMBER[side === "asking" ? "answering" : "asking"];
  }

  /** The memory of a new pipe. */
  static memory(): SharedArrayBuffer {
    return new SharedArrayBuffer(HEAD_BYTES + WINDOW_BYTES);
  }

  /** A sign of life, for the side that waits. Throws {@linkcode Stopped} when told to stop. */
  breathe(): void {
    Atomics.add(this.words, BREATH, 1);
    if (Atomics.load(this.words, STOP) !== 0) throw new Stopped();
  }

  /** Tells the other side to stop whatever it does: a Worker inside a loop cannot be ended. */
  stop(): void {
    Atomics.store(this.words, STOP, 1);
    Atomics.notify(this.words, TURN);
  }

  /** How often the other side has shown a sign of life. */
  get breaths(): number {
    return Atomics.load(this.words, BREATH);
  }

  /** Something of the other side lies in the window. */
  get hasWord(): boolean {
    return Atomics.load(this.words, TURN) === this.theirs;
  }

  /** Sleeps while the word is that, at most so many milliseconds. */
  sleepWhile(turn: number, mostMs: number): void {
    Atomics.wait(this.words, TURN, turn, mostMs);
  }

  /** What the word is now. */
  get turn(): number {
    return Atomics.load(this.words, TURN);
  }

  /** Writes a value; the other side must be reading. `wait` is called while the window is full. */
  write(value: unknown, wait: Wait = sleep(this)): void {
    const bytes = this.encoder.encode(value);
    for (let at = 0, first = true; first || at < bytes.length; first = false) {
      while (this.turn === this.mine) wait(this.mine);
      const part = bytes.subarray(at, at + this.window.length);
      this.window.set(part);
      at += part.length;
      this.words[LENGTH] = part.length;
      this.words[MORE] = at < bytes.length ? 1 : 0;
      this.pass(this.mine);
    }
  }

  /** Reads a value of the other side. `wait` is called while there is nothing. */
  read(wait: Wait = sleep(this)): unknown {
    const parts: Uint8Array[] = [];
    for (let more = true; more;) {
      for (let turn = this.turn; turn !== this.theirs; turn = this.turn) wait(turn);
      parts.push(this.window.slice(0, this.words[LENGTH]));
      more = this.words[MORE] === 1;
      this.pass(EMPTY);
    }
    return this.decoder.decode(joined(parts));
  }

  private pass(turn: number): void {
    Atomics.store(this.words, TURN, turn);
    Atomics.notify(this.words, TURN);
  }
}

/** How long one sleep is; a word that came in between is never missed. */
const SLEEP_MS = 200;

const sleep = (pipe: Pipe): Wait => (turn) => {
  pipe.sleepWhile(turn, SLEEP_MS);
  pipe.breathe();
};

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
