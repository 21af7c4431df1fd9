/**
 * The part of the emitter that reaches memory: a probe of the soft TLB inline, the short ways behind
 * it, and the evaluator behind those.
 */
import type { Emitter } from "./emitter.ts";
import { ProbeNotes } from "./probes.ts";
import { CALLS } from "./region_imports.ts";
import * as S from "./state.ts";
import { Value } from "./value.ts";
import { MEMORY, OP, TYPE, type WasmCode } from "./wasm_code.ts";

const { i32, i64 } = TYPE;

/** What a memory emitter is told. */
export interface MemoryOptions {
  /** The word at an address of which the translation depends anyway, or nothing. */
  readonly literal: (address: number, size: 2 | 4) => number | undefined;
  /** The region's pages; global `n` is the base of the `n`th. */
  readonly pages: readonly number[];
  /** Every store is told to {@linkcode CALLS.store}. */
  readonly notesStores: boolean;
}

/** An address that can be reached, and the word of its page: both locals. */
interface Reached {
  readonly address: number;
  readonly word: number;
}

/** Loads and stores as code. */
export class MemoryEmitter {
  readonly probes: ProbeNotes;
  private readonly code: WasmCode;
  private readonly word: number;
  private readonly address: number;
  private readonly spent: number;

  constructor(private readonly emitter: Emitter, private readonly options: MemoryOptions) {
    const { code } = emitter;
    this.code = code;
    this.probes = new ProbeNotes(code);
    this.word = code.local(i32);
    this.address = code.local(i32);
    this.spent = code.local(i32);
  }

  /**
   * Makes sure that `size` bytes at an address can be reached; afterwards the address and the word
   * of its page are in locals. A word of the soft TLB ends in ones, so that one comparison sees both
   * a page that is not there and an address that is not aligned. Near an address that was reached
   * already, it is enough that the page is the same.
   */
  private probe(address: Value, size: 1 | 2 | 4 | 8, write: boolean): Reached {
    const { code, probes } = this;
    let local = address.local;
    if (address.number !== undefined) {
      local = this.address;
      code.int(address.number).set(local);
    }
    const isAligned = probes.isAligned(address, size);
    const near = probes.near(address.root, write);
    const { page, word } = near ?? probes.take(address.root, write) ??
      { page: undefined, word: this.word };
    if (near !== undefined) {
      code.get(local).get(near.page).op(OP.i32_xor).int(4095).op(OP.i32_gt_u);
      if (!isAligned) code.get(local).int(size - 1).op(OP.i32_and).op(OP.i32_or);
    } else {
      code.get(local).int(9).op(OP.i32_shr_u).int(0x7ffff8).op(OP.i32_and);
      code.memory(MEMORY.i32_load, write ? S.WRITE_PAGES : S.READ_PAGES).tee(word);
      if (isAligned) code.op(OP.i32_eqz);
      else code.int(-1).op(OP.i32_xor).get(local).op(OP.i32_or).int(size - 1).op(OP.i32_and);
      if (page !== undefined) code.get(local).set(page);
    }
    this.missing(local, size, write, word, page);
    probes.reached(address.root, size);
    return { address: local, word };
  }

  /**
   * With the condition on the stack: the miss, answered by a kept translation or given up. Entries
   * may be gone afterwards, so what was noted of other pages does not hold.
   */
  private missing(
    local: number,
    size: number,
    write: boolean,
    word: number,
    page: number | undefined,
    pushIsUnfit = () => void this.code.get(word).op(OP.i32_eqz),
  ): void {
    const { code, spent, emitter: { budget } } = this;
    code.ifUnlikely();
    code.get(local).int(size - 1).get(budget).int(this.emitter.pend + this.emitter.need).op(
      OP.i32_sub,
    );
    code.call(write ? CALLS.write : CALLS.read).set(spent).set(word);
    code.get(budget).get(spent).op(OP.i32_sub).set(budget);
    pushIsUnfit();
    code.if();
    this.emitter.giveUp();
    code.end();
    if (page !== undefined) code.get(local).set(page);
    this.probes.doubt(word);
    code.end();
  }

  /**
   * A word of the program's own text: known, but the access must be possible, and lead to the very
   * frame the word was read from.
   */
  private literal(address: number, size: 2 | 4): Value | undefined {
    const number = this.options.literal(address, size);
    if (number === undefined) return undefined;
    const { code } = this;
    const base = this.options.pages.indexOf(address >>> 12);
    const pushWord = () => code.global(base).int(1).op(OP.i32_sub);
    code.loadAt(MEMORY.i32_load, S.READ_PAGES + 8 * (address >>> 12));
    pushWord().op(OP.i32_ne).int(address).set(this.address);
    this.missing(this.address, size, false, this.word, undefined, () => {
      code.get(this.word);
      pushWord().op(OP.i32_ne);
    });
    return Value.constant(number);
  }

  private load(kind: readonly [number, number], address: Value, size: 1 | 2 | 4 | 8): Value {
    const reached = this.probe(address, size, false);
    return this.emitter.registers.bind(size === 8 ? i64 : i32, () => {
      this.pushPlace(reached);
      this.code.memory(kind, 1);
    });
  }

  private store(kind: readonly [number, number], address: Value, size: 1 | 2 | 4, v: Value): void {
    const reached = this.probe(address, size, true);
    this.noteStore(reached, size);
    this.pushPlace(reached);
    v.push(this.code);
    this.code.memory(kind, 1);
  }

  /** Leaves on the stack where an address lies in the machine's memory, less 1. */
  private pushPlace({ address, word }: Reached): void {
    this.code.get(address).get(word).op(OP.i32_add);
  }

  private noteStore(reached: Reached, size: number): void {
    if (!this.options.notesStores) return;
    this.code.get(reached.address);
    this.pushPlace(reached);
    this.code.int(1).op(OP.i32_add).int(size).call(CALLS.store);
  }

  load8(address: Value): Value {
    return this.load(MEMORY.i32_load8_s, address, 1);
  }
  load16(address: Value): Value {
    const { number } = address;
    return (number === undefined ? undefined : this.literal(number, 2)) ??
      this.load(MEMORY.i32_load16_s, address, 2);
  }
  load32(address: Value): Value {
    const { number } = address;
    return (number === undefined ? undefined : this.literal(number, 4)) ??
      this.load(MEMORY.i32_load, address, 4);
  }
  store8(address: Value, v: Value): void {
    this.store(MEMORY.i32_store8, address, 1, v);
  }
  store16(address: Value, v: Value): void {
    this.store(MEMORY.i32_store16, address, 2, v);
  }
  store32(address: Value, v: Value): void {
    this.store(MEMORY.i32_store, address, 4, v);
  }
  loadPair(bank: 0 | 1, n: number, address: Value): void {
    const both = this.load(MEMORY.i64_load, address, 8);
    const half = (high: boolean) =>
      this.emitter.registers.bind(i32, () => {
        this.code.get(both.local);
        if (high) this.code.long(32n).op(OP.i64_shr_u);
        this.code.op(OP.i32_wrap_i64);
      });
    const even = half(false), odd = half(true);
    if (bank === 0) {
      this.emitter.setFrBits(n, even);
      this.emitter.setFrBits(n + 1, odd);
    } else {
      this.emitter.setXfBits(n, even);
      this.emitter.setXfBits(n + 1, odd);
    }
  }
  storePair(bank: 0 | 1, n: number, address: Value): void {
    const even = bank === 0 ? this.emitter.frBits(n) : this.emitter.xfBits(n);
    const odd = bank === 0 ? this.emitter.frBits(n + 1) : this.emitter.xfBits(n + 1);
    const reached = this.probe(address, 8, true);
    this.noteStore(reached, 8);
    [even, odd].forEach((half, at) => {
      this.pushPlace(reached);
      half.push(this.code);
      this.code.memory(MEMORY.i32_store, 1 + 4 * at);
    });
  }
}
