/**
 * The emitter: the second reading of the instruction rows, where a value is a local of a WebAssembly
 * function. Guest registers live in locals (registers.ts, float_registers.ts); memory is reached by
 * a probe of the soft TLB written inline (emitter_memory.ts). Whatever the fast way cannot do leaves
 * the function before the instruction has written anything, and the evaluator does it: so nothing
 * here can fault.
 */
import type { CacheOperation, Cpu, Flag, Special } from "../isa/cpu.ts";
import { Contents } from "./contents.ts";
import { FloatEmitter } from "./emitter_float.ts";
import { placeOfR, Registers, type Touched } from "./registers.ts";
import * as S from "./state.ts";
import { MemoryEmitter, type MemoryOptions } from "./emitter_memory.ts";
import { Value } from "./value.ts";
import { MEMORY, OP, TYPE, WasmCode } from "./wasm_code.ts";

const { i32 } = TYPE;

/** What an emitter is told about the region it writes. */
export interface EmitterOptions extends MemoryOptions {
  readonly mode: number;
  readonly pairs: ReadonlySet<number>;
  readonly hasArithmetic: boolean;
  readonly touched: Touched;
}

const never = (what: string) => (): never => {
  throw new Error(`${what} is never translated`);
};

/** A reading of the rows that writes code. */
export class Emitter implements Cpu<Value> {
  readonly code = new WasmCode(0);
  readonly registers: Registers;
  readonly float: FloatEmitter;
  private readonly memory: MemoryEmitter;
  /** What is left of the budget, but for `pend`. */
  readonly budget: number;
  /** Cycles of steps that are done and not yet taken from the budget. */
  pend = 0;
  /** Where the present step stands, and the cycles it needs to go on from there. */
  pc = 0;
  need = 0;
  private readonly contents = new Contents();

  constructor(options: EmitterOptions) {
    this.registers = new Registers(this.code, options.touched);
    this.budget = this.code.local(i32);
    this.memory = new MemoryEmitter(this, options);
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
    this.float.status.settle();
    this.registers.store((place) => this.float.registers.isApart(place));
    this.float.registers.storeHalves();
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

  /**
   * T is known on either side of a branch that it decides. To say so here lets the host's compiler
   * compare and branch without making the bit, which only who leaves has to store.
   */
  assumeT(condition: Value, holds: boolean): void {
    const local = this.registers.local(S.T);
    if (condition.local !== local) return;
    this.code.int(holds ? 1 : 0).set(local);
    this.contents.put(S.T, Value.constant(holds ? 1 : 0));
  }

  /** Takes what is pending from the budget, so that ways may meet. */
  flush(): void {
    if (this.pend === 0) return;
    this.code.get(this.budget).int(this.pend).op(OP.i32_sub).set(this.budget);
    this.pend = 0;
  }

  /** A TLB entry may have been loaded, and another one be gone. */
  entriesMayHaveGone(): void {
    this.memory.probes.forgetPages();
  }

  /** Keeps what leaving a block may change; the answer puts it back. */
  keep(): () => void {
    const { pend } = this;
    const float = this.float.known();
    return () => {
      this.pend = pend;
      this.float.restore(float);
    };
  }

  /** Keeps all that is known, as it may be otherwise when another block has been written. */
  keepAll(): () => void {
    const { contents, registers, pend, memory, float } = this;
    const known = [contents.known(), memory.probes.known(), float.known()] as const;
    const dirty = new Set(registers.dirty);
    return () => {
      contents.restore(known[0]);
      memory.probes.restore(known[1]);
      float.restore(known[2]);
      registers.dirty = new Set(dirty);
      this.pend = pend;
    };
  }

  /**
   * Several ways lead here: nothing is known but that the doubles are whole, and which registers may
   * be newer than the state.
   */
  forget(dirty: ReadonlySet<number>): void {
    this.contents.forget();
    this.memory.probes.forget();
    this.registers.dirty = new Set(dirty);
    this.pend = 0;
    this.float.forget();
  }

  // Values.

  private binary(code: number, a: Value, b: Value): Value {
    return this.registers.bind(i32, () => {
      a.push(this.code);
      b.push(this.code);
      this.code.op(code);
    });
  }

  private unary(code: number, a: Value): Value {
    return this.registers.bind(i32, () => {
      a.push(this.code);
      this.code.op(code);
    });
  }

  private readWord(place: number): Value {
    const number = this.contents.numberIn(place);
    if (number !== undefined) return Value.constant(number);
    const value = this.registers.read(place);
    value.root = this.contents.rootIn(place);
    return value;
  }
  private writeWord(place: number, value: Value): void {
    this.registers.write(place, value);
    this.contents.put(place, value);
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
    return this.readWord(S.T);
  }
  setT(v: Value): void {
    this.writeWord(S.T, v);
  }
  flag(which: Flag): Value {
    return this.readWord(S.FLAGS + 4 * which);
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
    return this.float.status.fpscr();
  }
  setFpscr(v: Value): void {
    this.float.status.setFpscr(v);
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
    return this.registers.bind(i32, () => {
      a.push(this.code);
      this.code.op(extend);
      b.push(this.code);
      this.code.op(extend).op(OP.i64_mul).long(32n).op(OP.i64_shr_u).op(OP.i32_wrap_i64);
    });
  }
  and(a: Value, b: Value): Value {
    return this.binary(OP.i32_and, a, b);
  }
  or(a: Value, b: Value): Value {
    return this.binary(OP.i32_or, a, b);
  }
  xor(a: Value, b: Value): Value {
    return this.binary(OP.i32_xor, a, b);
  }
  not(a: Value): Value {
    return this.binary(OP.i32_xor, a, this.int(-1));
  }
  shl(a: Value, count: Value): Value {
    return this.binary(OP.i32_shl, a, count);
  }
  shr(a: Value, count: Value): Value {
    return this.binary(OP.i32_shr_u, a, count);
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
      return this.registers.bind(i32, () => {
        a.push(this.code);
        this.code.op(OP.i32_eqz);
      });
    }
    return this.binary(OP.i32_eq, a, b);
  }
  gtS(a: Value, b: Value): Value {
    return this.binary(OP.i32_gt_s, a, b);
  }
  geS(a: Value, b: Value): Value {
    return this.binary(OP.i32_ge_s, a, b);
  }
  gtU(a: Value, b: Value): Value {
    return this.binary(OP.i32_gt_u, a, b);
  }
  geU(a: Value, b: Value): Value {
    return this.binary(OP.i32_ge_u, a, b);
  }
  select(condition: Value, yes: Value, no: Value): Value {
    if (yes.number !== undefined && no.number !== undefined) {
      return Value.choice(condition, yes.number, no.number);
    }
    return this.registers.bind(i32, () => {
      yes.push(this.code);
      no.push(this.code);
      condition.push(this.code);
      this.code.op(OP.select);
    });
  }

  // Memory.

  load8(address: Value): Value {
    return this.memory.load8(address);
  }
  load16(address: Value): Value {
    return this.memory.load16(address);
  }
  load32(address: Value): Value {
    return this.memory.load32(address);
  }
  store8(address: Value, v: Value): void {
    this.memory.store8(address, v);
  }
  store16(address: Value, v: Value): void {
    this.memory.store16(address, v);
  }
  store32(address: Value, v: Value): void {
    this.memory.store32(address, v);
  }
  loadPair(bank: 0 | 1, n: number, address: Value): void {
    this.memory.loadPair(bank, n, address);
  }
  storePair(bank: 0 | 1, n: number, address: Value): void {
    this.memory.storePair(bank, n, address);
  }

  // Floating point.

  frBits(n: number): Value {
    return this.float.registers.frBits(n);
  }
  setFrBits(n: number, v: Value): void {
    this.float.registers.setFrBits(n, v);
  }
  xfBits(n: number): Value {
    return this.float.registers.xfBits(n);
  }
  setXfBits(n: number, v: Value): void {
    this.float.registers.setXfBits(n, v);
  }
  fr(n: number): Value {
    return this.float.registers.fr(n);
  }
  setFr(n: number, v: Value): void {
    this.float.registers.setFr(n, v);
  }
  xf: (n: number) => Value = never("XF as a number");
  dr(n: number): Value {
    return this.float.registers.dr(n);
  }
  setDr(n: number, v: Value): void {
    this.float.registers.setDr(n, v);
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
    return this.float.compare(OP.f32_eq, a, b);
  }
  gtF32(a: Value, b: Value): Value {
    return this.float.compare(OP.f32_gt, a, b);
  }
  eqF64(a: Value, b: Value): Value {
    return this.float.compare(OP.f64_eq, a, b);
  }
  gtF64(a: Value, b: Value): Value {
    return this.float.compare(OP.f64_gt, a, b);
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
