/**
 * Named streams of random numbers. Every stream is derived from (seed, stream name, entity), so that
 * one more draw in one place never disturbs another; its state is four words that an image may hold.
 */
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";

/** Four 32-bit words with the bits of `text` spread over them; not cryptographic. */
function spread(text: string): [number, number, number, number] {
  let [a, b, c, d] = [0x3c6ef372, 0x510e527f, 0x1f83d9ab, 0x5be0cd19];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = b ^ Math.imul(a ^ unit, 0x239b961b);
    b = c ^ Math.imul(b ^ unit, 0x55f4b1a7);
    c = d ^ Math.imul(c ^ unit, 0x38b34ae5);
    d = a ^ Math.imul(d ^ unit, 0x2b3a4f7d);
  }
  for (let round = 0; round < 4; round++) {
    a = Math.imul(a ^ (d >>> 15), 0x2c1b3c6d) + b | 0;
    b = Math.imul(b ^ (a >>> 13), 0x297a2d39) + c | 0;
    c = Math.imul(c ^ (b >>> 16), 0x1b56c4e9) + d | 0;
    d = Math.imul(d ^ (c >>> 14), 0x45d9f3b7) + a | 0;
  }
  return [a, b, c, d | 1]; // the generator stands still in the state of four zeros
}

/**
 * One stream of random numbers.
 *
 * @example
 * ```ts
 * import { RandomStream } from "./random.ts";
 * const stream = RandomStream.of(7, "latency", "a-b");
 * stream.next();
 * const copy = RandomStream.from(stream.state);
 * if (copy.below(100) !== stream.below(100)) throw new Error("unreachable");
 * ```
 */
export class RandomStream {
  private constructor(
    private readonly generator: ReturnType<typeof xoroshiro128plusFromState>,
  ) {}

  /** The stream of this name for this entity: the same three always give the same stream. */
  static of(seed: number | string, stream: string, entity: number | string): RandomStream {
    return RandomStream.from(spread(JSON.stringify([seed, stream, entity])));
  }

  /** The stream that continues from a state once read from {@linkcode state}. */
  static from(state: readonly number[]): RandomStream {
    return new RandomStream(xoroshiro128plusFromState([...state]));
  }

  /** Where the stream stands: four 32-bit words. */
  get state(): readonly number[] {
    return this.generator.getState();
  }

  /** The next 32 bits, as an unsigned number. */
  next(): number {
    return this.generator.next() >>> 0;
  }

  /** A number from 0 to `count - 1`, each equally likely. */
  below(count: number): number {
    if (!Number.isInteger(count) || count < 1 || count > 2 ** 32) {
      throw new RangeError(`expected a count from 1 to 2^32 but found ${count}`);
    }
    const limit = 2 ** 32 - 2 ** 32 % count;
    let word = this.next();
    while (word >= limit) word = this.next();
    return word % count;
  }

  /** Fills `target` with random bytes, four to a draw; the last draw may be used in part. */
  fill(target: Uint8Array): void {
    for (let i = 0; i < target.length; i += 4) {
      let word = this.next();
      for (let k = i; k < Math.min(i + 4, target.length); k++, word >>>= 8) target[k] = word;
    }
  }
}
