/**
 * Digests: SHA-256 of bytes for contents, and a running digest of texts and numbers for traces.
 * Neither depends on the host: bytes are fed in one order, whatever the processor's own is.
 */
import { createHash, type Hash } from "node:crypto";

/** The length of a SHA-256 as hexadecimal text. */
export const SHA256_DIGITS = 64;

/**
 * SHA-256 of all the parts one after the other, as 64 lower-case hexadecimal digits.
 *
 * @example
 * ```ts
 * import { sha256 } from "./digest.ts";
 * const abc = new TextEncoder().encode("abc");
 * if (!sha256(abc).startsWith("ba7816bf")) throw new Error("unreachable");
 * ```
 */
export function sha256(...parts: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

/** What a {@linkcode Digest} takes. */
export type Digestible = string | number | Uint8Array;

/** Before each value stands what it is, so that ("ab", "c") and ("a", "bc") differ. */
const TAGS = { text: 1, number: 2, bytes: 3 } as const;

const BUFFER_BYTES = 8192;
/** Tag and length, or tag and number. */
const HEAD_BYTES = 9;

/**
 * A digest that grows with every value it is fed and can be read at any time: two runs that fed the
 * same values in the same order have the same digest, on any host.
 *
 * @example
 * ```ts
 * import { Digest } from "./digest.ts";
 * const one = new Digest().add("crash", 12).add(0.5);
 * const two = new Digest().add("crash").add(12, 0.5);
 * if (one.hex !== two.hex || one.hex.length !== 16) throw new Error("unreachable");
 * ```
 */
export class Digest {
  private readonly hash: Hash = createHash("sha256");
  /** Values gather here: one update of the hash costs as much as a hundred small values. */
  private readonly buffer = new Uint8Array(BUFFER_BYTES);
  private readonly view = new DataView(this.buffer.buffer);
  private readonly encoder = new TextEncoder();
  private used = 0;

  /** Feeds values; -0 counts as 0, and every NaN as the same. */
  add(...values: readonly Digestible[]): this {
    for (const value of values) {
      if (typeof value === "number") this.number(value);
      else if (typeof value === "string") this.text(value);
      else this.bytes(TAGS.bytes, value);
    }
    return this;
  }

  /** The digest of everything fed so far: 16 lower-case hexadecimal digits. */
  get hex(): string {
    this.flush();
    return this.hash.copy().digest("hex").slice(0, 16);
  }

  private number(value: number): void {
    if (this.used + HEAD_BYTES > BUFFER_BYTES) this.flush();
    this.buffer[this.used] = TAGS.number;
    // The bits of a NaN are the engine's choice; adding 0 turns -0 into 0.
    this.view.setFloat64(this.used + 1, value + 0, true);
    if (Number.isNaN(value)) this.view.setBigUint64(this.used + 1, 0x7ff8_0000_0000_0000n, true);
    this.used += HEAD_BYTES;
  }

  private text(value: string): void {
    // A UTF-16 unit takes at most three bytes of UTF-8.
    if (HEAD_BYTES + value.length * 3 > BUFFER_BYTES) {
      this.bytes(TAGS.text, this.encoder.encode(value));
      return;
    }
    if (this.used + HEAD_BYTES + value.length * 3 > BUFFER_BYTES) this.flush();
    const start = this.used + HEAD_BYTES;
    const { written } = this.encoder.encodeInto(value, this.buffer.subarray(start));
    this.head(TAGS.text, written);
    this.used += written;
  }

  private bytes(tag: number, value: Uint8Array): void {
    if (this.used + HEAD_BYTES + value.length > BUFFER_BYTES) this.flush();
    this.head(tag, value.length);
    if (value.length > BUFFER_BYTES - this.used) {
      this.flush();
      this.hash.update(value);
      return;
    }
    this.buffer.set(value, this.used);
    this.used += value.length;
  }

  private head(tag: number, length: number): void {
    this.buffer[this.used] = tag;
    this.view.setFloat64(this.used + 1, length, true);
    this.used += HEAD_BYTES;
  }

  private flush(): void {
    if (this.used > 0) this.hash.update(this.buffer.subarray(0, this.used));
    this.used = 0;
  }
}
