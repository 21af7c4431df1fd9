/**
 * What an emitter knows of memory that was reached: which addresses are aligned, and which pages
 * were found possible a moment ago, so that an access nearby need not ask the soft TLB again.
 */
import type { Root, Value } from "./value.ts";
import { TYPE, type WasmCode } from "./wasm_code.ts";

/** A page that was reached: an address in it and its word, both locals. */
export interface Near {
  readonly page: number;
  readonly word: number;
  readonly write: boolean;
  /** How far from its root the code that was written last has reached. */
  readonly offset: number;
}

/** What is known at a point of the function. */
export interface ProbesKnown {
  readonly aligned: ReadonlyMap<number, number>;
  readonly near: ReadonlyMap<number, Near>;
}

/** Pages remembered at once: each takes two locals, for which there are not many registers. */
const MOST_NEAR = 3;
/** Farther from it, an address is hardly on the same page. */
const FAR = 512;
/**
 * An address that stands for no page: in the middle of a part of the area of the on-chip registers
 * where nothing is, so that nothing near it was ever reached either.
 */
const NOWHERE = 0xec000000 | 0;

const lowBit = (n: number): number => Math.min(8, (n & -n) >>> 0 || 8);

/** Notes of one emitter. */
export class ProbeNotes {
  /** What roots are multiples of, a power of two. */
  private aligned = new Map<number, number>();
  private near_ = new Map<number, Near>();
  private readonly locals: { readonly page: number; readonly word: number }[] = [];

  constructor(private readonly code: WasmCode) {}

  known(): ProbesKnown {
    return { aligned: new Map(this.aligned), near: new Map(this.near_) };
  }
  restore({ aligned, near }: ProbesKnown): void {
    this.aligned = new Map(aligned);
    this.near_ = new Map(near);
  }
  forget(): void {
    this.aligned.clear();
    this.near_.clear();
  }

  /** No page is sure to be possible any more. */
  forgetPages(): void {
    this.near_.clear();
  }

  /** Whether an address is a multiple of `size` for sure. */
  isAligned({ number, root }: Value, size: number): boolean {
    if (size === 1) return true;
    if (number !== undefined) return lowBit(number) >= size;
    if (root === undefined) return false;
    return (this.aligned.get(root.id) ?? 1) >= size && lowBit(root.offset) >= size;
  }

  /** An access of `size` bytes went well. */
  reached(root: Root | undefined, size: number): void {
    if (root === undefined) return;
    const near = this.near_.get(root.id);
    if (near !== undefined) this.near_.set(root.id, { ...near, offset: root.offset });
    if (lowBit(root.offset) < size) return;
    this.aligned.set(root.id, Math.max(size, this.aligned.get(root.id) ?? 1));
  }

  /** The page that was reached by the same root not far away. */
  near(root: Root | undefined, write: boolean): Near | undefined {
    if (root === undefined) return undefined;
    const found = this.near_.get(root.id);
    if (found === undefined || (write && !found.write)) return undefined;
    return Math.abs(found.offset - root.offset) <= FAR ? found : undefined;
  }

  /** Locals to remember a page by, from now on that of the root. */
  take(root: Root | undefined, write: boolean): Near | undefined {
    if (root === undefined) return undefined;
    const used = this.near_.get(root.id);
    if (used === undefined && this.near_.size >= MOST_NEAR) {
      const [oldest] = this.near_.keys();
      this.near_.delete(oldest as number);
    }
    const taken = new Set([...this.near_.values()].map(({ page }) => page));
    let free = used ?? this.locals.find(({ page }) => !taken.has(page));
    if (free === undefined) {
      free = { page: this.code.local(TYPE.i32), word: this.code.local(TYPE.i32) };
      this.locals.push(free);
    }
    const near = { page: free.page, word: free.word, write, offset: root.offset };
    this.near_.set(root.id, near);
    return near;
  }

  /** In code where entries may have gone: only the page just reached, by its word, is sure. */
  doubt(word: number): void {
    for (const near of this.near_.values()) {
      if (near.word !== word) this.code.int(NOWHERE).set(near.page);
    }
  }
}
