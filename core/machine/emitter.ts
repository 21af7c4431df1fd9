/**
 * The emitter: the second reading of the instruction rows, where a value is a local of a WebAssembly
 * function. Guest registers live in locals (registers.ts, emitter_float.ts); memory is reached by a
 * probe of the soft TLB written inline. Whatever the fast way cannot do leaves the function before
 * the instruction has written anything, and the evaluator does it: so nothing here can fault.
 */
import type { CacheOperation, Cpu, Flag, Special } from "../isa/cpu.ts";
import { FloatEmitter } from "./emitter_float.ts";
import { placeOfR, Registers, type Touched } from "./registers.ts";
import * as S from "./state.ts";
import { ProbeNotes, type ProbesKnown } from "./probes.ts";
import { type Root, Value } from "./value.ts";
import { MEMORY, OP, TYPE, WasmCode } from "./wasm_code.ts";

/** Indices of what a translated function imports. */
export const CALLS = {
  read: 0,
  write: 1,
  fetch: 2,
  enter: 3,
  settle: 4,
  fpscr: 5,
  store: 6,
} as const;

const { i32, i64 } = TYPE;

/** What an emitter is told about the region it writes. */
export interface EmitterOptions {
  readonly mode: number;
  readonly pairs: ReadonlySet<number>;
  readonly hasArithmetic: boolean;
  readonly touched: Touched;
  /** The word at an address of which the translation depends anyway, or nothing. */
  readonly literal: (address: number, size: 2 | 4) => number | undefined;
  /** Every store is told to {@linkcode CALLS.store}. */
  readonly notesStores: boolean;
}

const never = (what: string) => (): never => {
  throw new Error(`${what} is never translated`);
};

/** An address that can be reached, and the word of its page: both locals. */
interface Reached {
  readonly address: number;
  readonly word: number;
}

/** What is known at a point of the function, and differs between ways that lead to one. */
export interface Known {
  readonly numbers: ReadonlyMap<number, number>;
  readonly roots: ReadonlyMap<number, Root>;
  readonly probes: ProbesKnown;
  readonly dirty: ReadonlySet<number>;
  readonly pend: number;
  readonly float: ReturnType<FloatEmitter["known"]>;
}

/** A reading of the rows that writes code. */
export class Emitter implements Cpu<Value> {
  readonly code = new WasmCode(0);
  readonly registers: Registers;
  readonly float: FloatEmitter;
  /** What is left of the budget, but for `pend`. */
  readonly budget: number;
  /** Cycles of steps that are done and not yet taken from the budget. */
  pend = 0;
  /** Where the present step stands, and the cycles it needs to go on from there. */
  pc = 0;
  need = 0;
  private readonly word: number;
  private readonly address: number;
  private readonly spent: number;
  /** Registers whose contents are known. */
  private numbers = new Map<number, number>();
  /** What is known of registers as addresses. */
  private roots = new Map<number, Root>();
  private readonly probes: ProbeNotes;
  private rootCount = 0;

  constructor(private readonly options: EmitterOptions) {
    this.registers = new Registers(this.code, options.touched);
    this.budget = this.code.local(i32);
    this.word = this.code.local(i32);
    this.address = this.code.local(i32);
    this.spent = this.code.local(i32);
    this.probes = new ProbeNotes(this.code);
    this.float = new FloatEmitter(this, options.mode, options.pairs, options.hasArithmetic);
  }

  // Leaving.

  /** Leaves the function; bit 0 of `pc` asks for the evaluator. */
  leave(pc: number): void {
    this.storeAll();
    this.code.int(pc).op(OP.return);
  }

  /** The same, where running has told where to. */
  leaveTo(target: Value): void {
    this.storeAll();
    target.push(this.code);
    this.code.op(OP.return);
  }

  /** Writes into the state what is newer here, in code that goes elsewhere. */
  storeAll(): void {
    const { code, budget, pend } = this;
    this.float.settle();
    this.registers.store((place) => this.float.isApart(place));
    this.float.storeHalves();
    code.storeAt(MEMORY.i32_store, S.BUDGET, () => {
      code.get(budget);
      if (pend !== 0) code.int(pend).op(OP.i32_sub);
    });
  }

  /** Takes back what the step has written already, in code that gives it up. */
  undo: () => void = () => {};

  /** The evaluator does this step. */
  giveUp(): void {
    this.undo();
    this.leave(this.pc | 1);
  }

  /** Takes what is pending from the budget, so that ways may meet. */
  flush(): void {
    if (this.pend === 0) return;
    this.code.get(this.budget).int(this.pend).op(OP.i32_sub).set(this.budget);
    this.pend = 0;
  }

  known(): Known {
    const { numbers, roots, pend } = this;
    return {
      numbers: new Map(numbers),
      roots: new Map(roots),
      probes: this.probes.known(),
      dirty: new Set(this.registers.dirty),
      pend,
      float: this.float.known(),
    };
  }
  restore(known: Known): void {
    this.numbers = new Map(known.numbers);
    this.roots = new Map(known.roots);
    this.probes.restore(known.probes);
    this.registers.dirty = new Set(known.dirty);
    this.pend = known.pend;
    this.float.restore(known.float);
  }
  /**
   * Several ways lead here: nothing is known but that the doubles are whole, and which registers may
   * be newer than the state.
   */
  forget(dirty: ReadonlySet<number>): void {
    this.numbers.clear();
    this.roots.clear();
    this.probes.forget();
    this.registers.dirty = new Set(dirty);
    this.pend = 0;
    this.float.forget();
  }

  // Values.

  /** Binds what `write` leaves on the stack. */
  bind(type: 0x7f | 0x7e | 0x7d | 0x7c, isTruth: boolean, write: () => void): Value {
    write();
    const value = this.registers.temporary(type, isTruth);
    this.code.set(value.local);
    return value;
  }

  private binary(code: number, a: Value, b: Value, isTruth = false): Value {
    return this.bind(i32, isTruth, () => {
      a.push(this.code);
      b.push(this.code);
      this.code.op(code);
    });
  }

  private unary(code: number, a: Value): Value {
    return this.bind(i32, false, () => {
      a.push(this.code);
      this.code.op(code);
    });
  }

  private readWord(place: number, isTruth = false): Value {
    const number = this.numbers.get(place);
    if (number !== undefined) return Value.constant(number);
    const value = this.registers.read(place, isTruth);
    let root = this.roots.get(place);
    if (root === undefined) this.roots.set(place, root = { id: this.rootCount++, offset: 0 });
    value.root = root;
    return value;
  }
  private writeWord(place: number, value: Value): void {
    this.registers.write(place, value);
    if (value.number === undefined) this.numbers.delete(place);
    else this.numbers.set(place, value.number);
    if (value.root === undefined) this.roots.delete(place);
    else this.roots.set(place, value.root);
  }

  int(n: number): Value {
    return Value.constant(n);
  }
  r(n: number): Value {
    return this.readWord(placeOfR(n));
  }
  setR(n: number, v: Value): void {
    this.writeWord(placeOfR(n), v);
  }
  bank(n: number): Value {
    return this.readWord(S.BANK + 4 * n);
  }
  setBank(n: number, v: Value): void {
    this.writeWord(S.BANK + 4 * n, v);
  }
  t(): Value {
    return this.readWord(S.T, true);
  }
  setT(v: Value): void {
    this.writeWord(S.T, v);
  }
  flag(which: Flag): Value {
    return this.readWord(S.FLAGS + 4 * which, true);
  }
  setFlag(which: Flag, v: Value): void {
    this.writeWord(S.FLAGS + 4 * which, v);
  }
  special(which: Special): Value {
    return this.readWord(S.SPECIALS + 4 * which);
  }
  setSpecial(which: Special, v: Value): void {
    this.writeWord(S.SPECIALS + 4 * which, v);
  }
  fpscr(): Value {
    return this.float.fpscr();
  }
  setFpscr(v: Value): void {
    this.float.setFpscr(v);
  }

  add(a: Value, b: Value): Value {
    if (a.number !== undefined && b.number !== undefined) return this.int(a.number + b.number | 0);
    if (b.number === 0) return a;
    const sum = this.binary(OP.i32_add, a, b);
    if (a.root !== undefined && b.number !== undefined) {
      sum.root = { id: a.root.id, offset: a.root.offset + b.number | 0 };
    }
    return sum;
  }
  sub(a: Value, b: Value): Value {
    return b.number === undefined
      ? this.binary(OP.i32_sub, a, b)
      : this.add(a, this.int(-b.number | 0));
  }
  mul(a: Value, b: Value): Value {
    return this.binary(OP.i32_mul, a, b);
  }
  mulHighS(a: Value, b: Value): Value {
    return this.mulHigh(OP.i64_extend_i32_s, a, b);
  }
  mulHighU(a: Value, b: Value): Value {
    return this.mulHigh(OP.i64_extend_i32_u, a, b);
  }
  private mulHigh(extend: number, a: Value, b: Value): Value {
    return this.bind(i32, false, () => {
      a.push(this.code);
      this.code.op(extend);
      b.push(this.code);
      this.code.op(extend).op(OP.i64_mul).long(32n).op(OP.i64_shr_u).op(OP.i32_wrap_i64);
    });
  }
  and(a: Value, b: Value): Value {
    return this.binary(OP.i32_and, a, b, a.isTruth || b.isTruth);
  }
  or(a: Value, b: Value): Value {
    return this.binary(OP.i32_or, a, b, a.isTruth && b.isTruth);
  }
  xor(a: Value, b: Value): Value {
    return this.binary(OP.i32_xor, a, b, a.isTruth && b.isTruth);
  }
  not(a: Value): Value {
    return this.binary(OP.i32_xor, a, this.int(-1));
  }
  shl(a: Value, count: Value): Value {
    return this.binary(OP.i32_shl, a, count);
  }
  shr(a: Value, count: Value): Value {
    return this.binary(OP.i32_shr_u, a, count, count.number === 31);
  }
  sar(a: Value, count: Value): Value {
    return this.binary(OP.i32_shr_s, a, count);
  }
  sext8(a: Value): Value {
    return this.unary(OP.i32_extend8_s, a);
  }
  sext16(a: Value): Value {
    return this.unary(OP.i32_extend16_s, a);
  }
  zext8(a: Value): Value {
    return this.binary(OP.i32_and, a, this.int(0xff));
  }
  zext16(a: Value): Value {
    return this.binary(OP.i32_and, a, this.int(0xffff));
  }
  eq(a: Value, b: Value): Value {
    if (b.number === 0) {
      return this.bind(i32, true, () => {
        a.push(this.code);
        this.code.op(OP.i32_eqz);
      });
    }
    return this.binary(OP.i32_eq, a, b, true);
  }
  gtS(a: Value, b: Value): Value {
    return this.binary(OP.i32_gt_s, a, b, true);
  }
  geS(a: Value, b: Value): Value {
    return this.binary(OP.i32_ge_s, a, b, true);
  }
  gtU(a: Value, b: Value): Value {
    return this.binary(OP.i32_gt_u, a, b, true);
  }
  geU(a: Value, b: Value): Value {
    return this.binary(OP.i32_ge_u, a, b, true);
  }
  select(condition: Value, yes: Value, no: Value): Value {
    if (yes.number !== undefined && no.number !== undefined) {
      return Value.choice(condition, yes.number, no.number);
    }
    return this.bind(i32, yes.isTruth && no.isTruth, () => {
      yes.push(this.code);
      no.push(this.code);
      condition.push(this.code);
      this.code.op(OP.select);
    });
  }

  // Memory.

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
      code.get(local).int(10).op(OP.i32_shr_u).int(0x3ffffc).op(OP.i32_and);
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
  ): void {
    const { code, budget, spent } = this;
    code.ifUnlikely();
    code.get(local).int(size - 1).get(budget).int(this.pend + this.need).op(OP.i32_sub);
    code.call(write ? CALLS.write : CALLS.read).set(spent).set(word);
    code.get(budget).get(spent).op(OP.i32_sub).set(budget);
    code.get(word).op(OP.i32_eqz).if();
    this.giveUp();
    code.end();
    if (page !== undefined) code.get(local).set(page);
    this.probes.doubt(word);
    code.end();
  }

  /** A word of the program's own text: known, but the access must be possible. */
  private literal(address: number, size: 2 | 4): Value | undefined {
    const number = this.options.literal(address, size);
    if (number === undefined) return undefined;
    const { code } = this;
    code.loadAt(MEMORY.i32_load, S.READ_PAGES + 4 * (address >>> 12)).op(OP.i32_eqz);
    code.int(address).set(this.address);
    this.missing(this.address, size, false, this.word, undefined);
    return this.int(number);
  }

  private load(kind: readonly [number, number], address: Value, size: 1 | 2 | 4 | 8): Value {
    const reached = this.probe(address, size, false);
    return this.bind(size === 8 ? i64 : i32, false, () => {
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
      this.bind(i32, false, () => {
        this.code.get(both.local);
        if (high) this.code.long(32n).op(OP.i64_shr_u);
        this.code.op(OP.i32_wrap_i64);
      });
    const even = half(false), odd = half(true);
    if (bank === 0) {
      this.setFrBits(n, even);
      this.setFrBits(n + 1, odd);
    } else {
      this.setXfBits(n, even);
      this.setXfBits(n + 1, odd);
    }
  }
  storePair(bank: 0 | 1, n: number, address: Value): void {
    const even = bank === 0 ? this.frBits(n) : this.xfBits(n);
    const odd = bank === 0 ? this.frBits(n + 1) : this.xfBits(n + 1);
    const reached = this.probe(address, 8, true);
    this.noteStore(reached, 8);
    [even, odd].forEach((half, at) => {
      this.pushPlace(reached);
      half.push(this.code);
      this.code.memory(MEMORY.i32_store, 1 + 4 * at);
    });
  }

  // Floating point.

  frBits(n: number): Value {
    return this.float.frBits(n);
  }
  setFrBits(n: number, v: Value): void {
    this.float.setFrBits(n, v);
  }
  xfBits(n: number): Value {
    return this.float.xfBits(n);
  }
  setXfBits(n: number, v: Value): void {
    this.float.setXfBits(n, v);
  }
  fr(n: number): Value {
    return this.float.fr(n);
  }
  setFr(n: number, v: Value): void {
    this.float.setFr(n, v);
  }
  xf: (n: number) => Value = never("XF as a number");
  dr(n: number): Value {
    return this.float.dr(n);
  }
  setDr(n: number, v: Value): void {
    this.float.setDr(n, v);
  }
  addF32(a: Value, b: Value): Value {
    return this.float.addF32(a, b);
  }
  subF32(a: Value, b: Value): Value {
    return this.float.subF32(a, b);
  }
  mulF32(a: Value, b: Value): Value {
    return this.float.mulF32(a, b);
  }
  divF32(a: Value, b: Value): Value {
    return this.float.divF32(a, b);
  }
  sqrtF32(a: Value): Value {
    return this.float.sqrtF32(a);
  }
  macF32(a: Value, b: Value, c: Value): Value {
    return this.float.macF32(a, b, c);
  }
  addF64(a: Value, b: Value): Value {
    return this.float.addF64(a, b);
  }
  subF64(a: Value, b: Value): Value {
    return this.float.subF64(a, b);
  }
  mulF64(a: Value, b: Value): Value {
    return this.float.mulF64(a, b);
  }
  divF64(a: Value, b: Value): Value {
    return this.float.divF64(a, b);
  }
  sqrtF64(a: Value): Value {
    return this.float.sqrtF64(a);
  }
  eqF32(a: Value, b: Value): Value {
    return this.float.compare32(OP.f32_eq, a, b);
  }
  gtF32(a: Value, b: Value): Value {
    return this.float.compare32(OP.f32_gt, a, b);
  }
  eqF64(a: Value, b: Value): Value {
    return this.float.compare64(OP.f64_eq, a, b);
  }
  gtF64(a: Value, b: Value): Value {
    return this.float.compare64(OP.f64_gt, a, b);
  }
  f32FromInt(a: Value): Value {
    return this.float.f32FromInt(a);
  }
  f64FromInt(a: Value): Value {
    return this.float.f64FromInt(a);
  }
  intFromF32(a: Value): Value {
    return this.float.intFromF32(a);
  }
  intFromF64(a: Value): Value {
    return this.float.intFromF64(a);
  }
  f32FromF64(a: Value): Value {
    return this.float.f32FromF64(a);
  }
  f64FromF32(bits: Value): Value {
    return this.float.f64FromF32(bits);
  }

  // What a survey has refused already.

  sr: () => Value = never("SR as a word");
  setSr: (v: Value) => void = never("a write of SR");
  trap: (number: number) => void = never("TRAPA");
  loadTlb: () => void = never("LDTLB");
  sleep: () => void = never("SLEEP");
  prefetch: (address: Value) => void = never("PREF");
  cache: (operation: CacheOperation, address: Value) => void = never("a cache operation");
  dot4: (
    a: readonly [Value, Value, Value, Value],
    b: readonly [Value, Value, Value, Value],
  ) => Value = never("FIPR");
  reciprocalSqrt: (a: Value) => Value = never("FSRRA");
  sine: (angle: Value) => Value = never("FSCA");
  cosine: (angle: Value) => Value = never("FSCA");
}
