/**
 * The moments that an exploration has seen, by number. There are millions, and most ways lead to one
 * that was seen before; so what tells them apart is bytes in a few large pieces, and no moment seen
 * again makes anything that must be thrown away.
 */

/** Where what tells a moment from others is written. */
export class Codes {
  bytes: Uint8Array = new Uint8Array(256);
  length = 0;

  /** A number from 0 up, of any size, in bytes that end where it ends. */
  put(number: number): void {
    if (this.length + MOST_BYTES > this.bytes.length) this.grow();
    if (number < 0x80) this.bytes[this.length++] = number;
    else this.putLong(number);
  }

  private putLong(number: number): void {
    const { bytes } = this;
    let rest = number;
    for (; rest > 0x7f; rest = rest > SMALL ? Math.floor(rest / 0x80) : rest >> 7) {
      bytes[this.length++] = 0x80 | (rest & 0x7f);
    }
    bytes[this.length++] = rest;
  }

  private grow(): void {
    const larger = new Uint8Array(2 * this.bytes.length);
    larger.set(this.bytes);
    this.bytes = larger;
  }
}

/** What bits can be moved in. */
const SMALL = 0x7fffffff;

/** Of the largest whole number there is. */
const MOST_BYTES = 8;

const PIECE = 1 << 18;
/** FNV-1a, on 32 bits. */
const BASIS = 0x811c9dc5, PRIME = 0x01000193;

/** What the bytes have changed reaches every bit of the place only by mixing once more. */
function slotOf(hash: number, mask: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (mixed ^ (mixed >>> 13)) & mask;
}

/** Codes by number, in the order in which they came. Those of one lie in one piece. */
export class Seen {
  private readonly pieces = [new Uint8Array(PIECE)];
  /** Bytes taken of the last piece. */
  private used = 0;
  private count = 0;
  /** By number: the place of the first byte, how many, and their hash. */
  private places = new Float64Array(1024);
  private lengths = new Uint32Array(1024);
  private hashes = new Int32Array(1024);
  /** Numbers plus 1 by hash, the next place where one is taken; 0: none. At most half are taken. */
  private slots = new Int32Array(2048);

  get size(): number {
    return this.count;
  }

  /** The number of what is written there: the one it has, or `size` as it was, if it is new. */
  numberOf({ bytes, length }: Codes): number {
    let hash = BASIS | 0;
    for (let at = 0; at < length; at++) hash = Math.imul(hash ^ (bytes[at] as number), PRIME);
    const mask = this.slots.length - 1;
    let slot = slotOf(hash, mask);
    for (; this.slots[slot] !== 0; slot = (slot + 1) & mask) {
      const number = (this.slots[slot] as number) - 1;
      if (this.hashes[number] === hash && this.isAt(number, bytes, length)) return number;
    }
    this.slots[slot] = this.count + 1;
    this.keep(bytes, length, hash);
    if (++this.count === this.lengths.length) this.grow();
    return this.count - 1;
  }

  private isAt(number: number, bytes: Uint8Array, length: number): boolean {
    if (this.lengths[number] !== length) return false;
    const place = this.places[number] as number;
    const piece = this.pieces[Math.floor(place / PIECE)] as Uint8Array, first = place % PIECE;
    for (let at = 0; at < length; at++) if (piece[first + at] !== bytes[at]) return false;
    return true;
  }

  private keep(bytes: Uint8Array, length: number, hash: number): void {
    if (length > PIECE) throw new Error(`a moment of ${length} bytes`);
    if (this.used + length > PIECE) {
      this.pieces.push(new Uint8Array(PIECE));
      this.used = 0;
    }
    const last = this.pieces.length - 1;
    (this.pieces[last] as Uint8Array).set(bytes.subarray(0, length), this.used);
    this.places[this.count] = last * PIECE + this.used;
    this.lengths[this.count] = length;
    this.hashes[this.count] = hash;
    this.used += length;
  }

  /** Twice the room for numbers; where hashes lead to follows from the hashes. */
  private grow(): void {
    const room = 2 * this.count, mask = 2 * room - 1;
    const { places, lengths, hashes } = this;
    this.places = new Float64Array(room);
    this.places.set(places);
    this.lengths = new Uint32Array(room);
    this.lengths.set(lengths);
    this.hashes = new Int32Array(room);
    this.hashes.set(hashes);
    this.slots = new Int32Array(2 * room);
    for (let number = 0; number < this.count; number++) {
      let slot = slotOf(hashes[number] as number, mask);
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
      this.slots[slot] = number + 1;
    }
  }
}
