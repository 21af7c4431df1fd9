/** Writes a program word by word: branches are aimed later, literals stand behind their loads. */
import type { Mode } from "../../core/isa/decode.ts";
import { assemble } from "../../core/isa/text.ts";

/** Bytes a literal may lie behind its load; the instruction reaches 1020. */
const POOL_REACH = 600;
const PLAIN: Mode = { PR: 0, SZ: 0 };

interface Pending {
  readonly at: number;
  readonly register: number;
  readonly value: number;
}

/** A program being written. Places are indices of words. */
export class ProgramBuilder {
  readonly words: number[] = [];
  private pending: Pending[] = [];
  /** Where the literals of loads went. */
  private readonly pooled = new Map<number, number>();

  constructor(readonly base: number) {}

  get here(): number {
    return this.words.length;
  }
  addressOf(place: number): number {
    return (this.base + 2 * place) | 0;
  }

  word(word: number): void {
    this.words.push(word);
  }
  line(text: string, mode: Mode = PLAIN): void {
    this.word(assemble(text, this.addressOf(this.here), mode));
  }
  /** Leaves room for a branch and answers where. */
  hole(): number {
    return this.words.push(0x0009) - 1;
  }
  /** Fills a hole with a branch to a place. */
  aim(hole: number, branch: string, target: number): void {
    const at = this.addressOf(hole);
    this.words[hole] = assemble(`${branch} ${this.addressOf(target) >>> 0}`, at, PLAIN);
  }

  /** Loads a literal, which the next pool will hold. */
  literal(register: number, value: number): void {
    this.pending.push({ at: this.hole(), register, value });
  }
  /** The same for a value that is not known yet; what it answers takes it. */
  later(register: number): (value: number) => void {
    const entry = { at: this.hole(), register, value: 0 };
    this.pending.push(entry);
    return (value) => {
      const place = this.pooled.get(entry.at);
      if (place === undefined) entry.value = value;
      else this.long(place, value);
    };
  }

  private long(place: number, value: number): void {
    this.words[place] = value & 0xffff;
    this.words[place + 1] = value >>> 16;
  }

  /** Whether a pool must come soon. */
  get isFull(): boolean {
    const [first] = this.pending;
    return first !== undefined && 2 * (this.here - first.at) > POOL_REACH;
  }

  /** Writes the pool, with a branch around it. */
  flush(): void {
    if (this.pending.length === 0) return;
    const over = this.hole();
    this.word(0x0009);
    this.pool();
    this.aim(over, "bra", this.here);
  }

  /** Writes the pool where control never comes. */
  pool(): void {
    if ((this.addressOf(this.here) & 2) !== 0) this.word(0x0009);
    for (const { at, register, value } of this.pending) {
      const place = this.here;
      this.words.push(0, 0);
      this.long(place, value);
      this.pooled.set(at, place);
      const target = this.addressOf(place) >>> 0;
      this.words[at] = assemble(`mov.l ${target},r${register}`, this.addressOf(at), PLAIN);
    }
    this.pending = [];
  }
}
