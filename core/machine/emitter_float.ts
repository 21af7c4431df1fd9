/**
 * The floating-point part of the emitter. Arithmetic is the host's where that is the SH-4's: to
 * nearest, on numbers that are normal or zero, with a result that is. Anything else (denormals, NaN,
 * overflow, another rounding mode, enabled exceptions) gives the step up to the evaluator.
 *
 * Cause and flags: a region is translated for "the inexact flag is set" or "it is not". Set, as in
 * most programs after a moment, the flags cannot change here, and of the cause field only the last
 * operation's word counts; so it is noted which that was and with which operands, and when the
 * function is left the evaluator's own unit computes it once more. Not set, an operation that is not
 * plainly exact is given up.
 *
 * A pair that the region takes as a double is one, in a local of its own, wherever ways meet;
 * between, its halves may be apart.
 */
import { CALLS, type Emitter } from "./emitter.ts";
import { CAUSE, CAUSE_TO_FLAG, ENABLE_FIELD } from "./float_format.ts";
import type { Fpu } from "./fpu.ts";
import { placeOfDr, placeOfFr, placeOfXf } from "./registers.ts";
import * as S from "./state.ts";
import { Value } from "./value.ts";
import { MEMORY, OP, TYPE } from "./wasm_code.ts";

const { i32, i64, f32, f64 } = TYPE;

/** The flag that an inexact result leaves behind. */
const INEXACT_FLAG = CAUSE.I >> CAUSE_TO_FLAG;

/** What the unit does again to find the cause field of the last operation; 0: there was none. */
export const SETTLE: readonly ((fpu: Fpu, a: number, b: number) => void)[] = [
  () => {},
  (fpu) => fpu.f64FromInt(0), // raises nothing
  (fpu, a, b) => fpu.addF64(a, b),
  (fpu, a, b) => fpu.mulF64(a, b),
  (fpu, a, b) => fpu.divF64(a, b),
  (fpu, a) => fpu.sqrtF64(a),
  (fpu, a, b) => fpu.addF32(a, b),
  (fpu, a, b) => fpu.mulF32(a, b),
  (fpu, a, b) => fpu.divF32(a, b),
  (fpu, a) => fpu.sqrtF32(a),
  (fpu, a) => fpu.f32FromF64(a),
];
const KIND = {
  none: 1,
  addF64: 2,
  mulF64: 3,
  divF64: 4,
  sqrtF64: 5,
  addF32: 6,
  mulF32: 7,
  divF32: 8,
  sqrtF32: 9,
  narrow: 10,
} as const;

/** A sum that is not exact, for an operation that has no other way to say so. */
const NOT_EXACT = { a: 1, b: 2 ** -60 };

/** Exponents of normal numbers: of a double's high word and of a single, both shifted left once. */
const DOUBLE_RANGE = { least: 0x00200000, span: 0xffc00000 | 0 };
const SINGLE_RANGE = { least: 0x01000000, span: 0xfe000000 | 0 };

/** Which halves of a pair, and whether the whole, a local holds now. */
interface Form {
  whole: boolean;
  /** The even register, the odd one. */
  halves: [boolean, boolean];
}

/** What is known of the registers at a point. */
export interface FloatKnown {
  readonly forms: ReadonlyMap<number, Form>;
  readonly ordinary: ReadonlySet<number>;
  readonly pending: "none" | "some" | "maybe";
}

/** Registers and arithmetic of the floating-point unit, as code. */
export class FloatEmitter {
  /** Whether nothing is done but what raises no exception. */
  private readonly isPlain: boolean;
  private readonly flagIsSet: boolean;
  private forms = new Map<number, Form>();
  /** Registers (doubles by their even number, singles as 16 + n) known to be normal or zero. */
  private ordinary = new Set<number>();
  private readonly halves = new Map<number, number>();
  /** What is known of the last operation: there was none, there was one, or both are possible. */
  private pending: "none" | "some" | "maybe" = "none";
  /** Locals: which operation was the last, and its operands. */
  private readonly last:
    | { readonly kind: number; readonly a: number; readonly b: number }
    | undefined;

  constructor(
    private readonly emitter: Emitter,
    mode: number,
    private readonly pairs: ReadonlySet<number>,
    /** Whether the region has arithmetic at all. */
    private readonly counts: boolean,
  ) {
    this.isPlain = (mode & (ENABLE_FIELD | 1)) === 0;
    this.flagIsSet = (mode & INEXACT_FLAG) !== 0;
    const { code } = emitter;
    if (counts) this.last = { kind: code.local(i32), a: code.local(f64), b: code.local(f64) };
    this.forget();
    this.pending = "none";
  }

  private get code() {
    return this.emitter.code;
  }

  // Registers.

  known(): FloatKnown {
    const forms = new Map(
      [...this.forms].map(([n, { whole, halves: [even, odd] }]) =>
        [n, { whole, halves: [even, odd] as [boolean, boolean] }] as const
      ),
    );
    return { forms, ordinary: new Set(this.ordinary), pending: this.pending };
  }
  restore({ forms, ordinary, pending }: FloatKnown): void {
    this.pending = pending;
    this.forms = new Map(
      [...forms].map(([n, { whole, halves: [even, odd] }]) => [n, { whole, halves: [even, odd] }]),
    );
    this.ordinary = new Set(ordinary);
  }
  /** Every pair is whole, and nothing else is known. */
  forget(): void {
    for (const n of this.pairs) this.forms.set(n, { whole: true, halves: [false, false] });
    this.ordinary.clear();
    this.pending = this.counts ? "maybe" : "none";
  }
  /** Makes every pair whole. */
  join(): void {
    for (const n of this.pairs) this.whole(n);
  }

  /** Stores the pairs whose halves are apart, in code that leaves the function. */
  storeHalves(): void {
    for (const n of this.pairs) {
      if (this.form(n)?.whole !== false) continue;
      for (const each of [n, n + 1]) {
        this.code.storeAt(
          MEMORY.i32_store,
          placeOfFr(each),
          () => void this.code.get(this.halfLocal(each)),
        );
      }
    }
  }
  /** Whether a place is that of a double whose halves are apart, so that its local is stale. */
  isApart(place: number): boolean {
    const n = (place - S.FR) >> 2;
    return n >= 0 && n < 16 && this.form(n)?.whole === false;
  }

  /** Writes the whole of a pair from its halves. */
  private pushJoined(n: number): void {
    const { code } = this;
    code.get(this.halfLocal(n)).op(OP.i64_extend_i32_u).long(32n).op(OP.i64_shl);
    code.get(this.halfLocal(n + 1)).op(OP.i64_extend_i32_u).op(OP.i64_or);
    code.op(OP.f64_reinterpret_i64).set(this.doubleLocal(n));
  }

  private form(n: number): Form | undefined {
    return this.forms.get(n & ~1);
  }

  private halfLocal(n: number): number {
    let local = this.halves.get(n);
    if (local === undefined) this.halves.set(n, local = this.code.local(i32));
    return local;
  }

  private doubleLocal(n: number): number {
    return this.emitter.registers.local(placeOfDr(n), f64);
  }

  /** The local of the double in a pair. */
  private whole(n: number): number {
    const form = this.form(n) as Form;
    const local = this.doubleLocal(n);
    if (form.whole) return local;
    this.emitter.registers.claim(local);
    this.pushJoined(n); // what is not whole has both halves
    form.whole = true;
    return local;
  }

  /** The local of one register of a pair. */
  private half(n: number): number {
    const form = this.form(n) as Form, local = this.halfLocal(n);
    if (form.halves[n & 1] === true) return local;
    const { code } = this;
    this.emitter.registers.claim(local);
    code.get(this.doubleLocal(n & ~1)).op(OP.i64_reinterpret_f64);
    if ((n & 1) === 0) code.long(32n).op(OP.i64_shr_u);
    code.op(OP.i32_wrap_i64).set(local);
    form.halves[n & 1] = true;
    return local;
  }

  frBits(n: number): Value {
    if (this.form(n) === undefined) return this.emitter.registers.read(placeOfFr(n));
    return this.emitter.registers.lend(this.half(n));
  }
  setFrBits(n: number, v: Value): void {
    const form = this.form(n);
    this.ordinary.delete(n & ~1);
    this.ordinary.delete(16 + n);
    if (form === undefined) return this.emitter.registers.write(placeOfFr(n), v);
    this.half(n ^ 1); // the other one must not be lost with the whole
    const local = this.halfLocal(n);
    this.emitter.registers.claim(local);
    v.push(this.code);
    this.code.set(local);
    form.halves[n & 1] = true;
    form.whole = false;
    this.emitter.registers.soil(placeOfDr(n & ~1));
  }
  xfBits(n: number): Value {
    return this.emitter.registers.read(placeOfXf(n));
  }
  setXfBits(n: number, v: Value): void {
    this.emitter.registers.write(placeOfXf(n), v);
  }

  fr(n: number): Value {
    const bits = this.frBits(n);
    const value = this.bind(f32, () => {
      bits.push(this.code);
      this.code.op(OP.f32_reinterpret_i32);
    });
    value.isOrdinary = this.ordinary.has(16 + n);
    return value;
  }
  setFr(n: number, v: Value): void {
    const bits = this.bind(i32, () => {
      v.push(this.code);
      this.code.op(OP.i32_reinterpret_f32);
    });
    this.setFrBits(n, bits);
    if (v.isOrdinary) this.ordinary.add(16 + n);
  }
  dr(n: number): Value {
    const value = this.emitter.registers.lend(this.whole(n), f64);
    if (this.form(n)?.halves[0] === true) value.high = this.halfLocal(n);
    value.isOrdinary = this.ordinary.has(n);
    return value;
  }
  setDr(n: number, v: Value): void {
    const local = this.doubleLocal(n);
    this.emitter.registers.claim(local);
    v.push(this.code);
    this.code.set(local);
    this.forms.set(n, { whole: true, halves: [false, false] });
    this.emitter.registers.soil(placeOfDr(n));
    if (v.isOrdinary) this.ordinary.add(n);
    else this.ordinary.delete(n);
  }

  // FPSCR.

  /** Writes the cause field of the last operation into the state, in code that goes elsewhere. */
  settle(): void {
    const { last, code, pending } = this;
    if (last === undefined || pending === "none") return;
    if (pending === "maybe") code.get(last.kind).if();
    code.get(last.kind).get(last.a).get(last.b).call(CALLS.settle);
    if (pending === "maybe") code.end();
  }

  /** The cause field is up to date. */
  settled(): void {
    if (this.last !== undefined && this.pending !== "none") this.code.int(0).set(this.last.kind);
    this.isSettled();
  }
  /** Nothing was computed since the cause field was written. */
  isSettled(): void {
    this.pending = "none";
  }

  fpscr(): Value {
    this.settle();
    this.settled();
    return this.bind(i32, () => void this.code.loadAt(MEMORY.i32_load, S.FPSCR));
  }

  /** What the region's last instruction wants in FPSCR. */
  wanted: Value | undefined;
  setFpscr(v: Value): void {
    this.wanted = v;
  }

  private note(kind: number, a?: Value | number, b?: Value | number): void {
    const { code, last } = this;
    if (last === undefined) throw new Error("arithmetic where a survey saw none");
    const put = (operand: Value | number | undefined, local: number) => {
      if (operand === undefined) return;
      if (typeof operand === "number") code.double(operand);
      else {
        operand.push(code);
        if (operand.type === f32) code.op(OP.f64_promote_f32);
      }
      code.set(local);
    };
    put(a, last.a);
    put(b, last.b);
    code.int(kind).set(last.kind);
    this.pending = "some";
  }

  // Arithmetic.

  private bind(type: 0x7f | 0x7e | 0x7d | 0x7c, write: () => void): Value {
    return this.emitter.bind(type, false, write);
  }

  private number(type: 0x7d | 0x7c, write: () => void): Value {
    const value = this.bind(type, write);
    value.isOrdinary = true;
    return value;
  }

  /** With a condition on the stack: the evaluator does the step if it holds. */
  private giveUpIf(): void {
    this.code.ifUnlikely();
    this.emitter.giveUp();
    this.code.end();
  }

  /** Leaves on the stack whether a number is neither normal nor anything else than that. */
  private pushStrange(v: Value): void {
    const { code } = this;
    const { least, span } = v.type === f64 ? DOUBLE_RANGE : SINGLE_RANGE;
    if (v.high !== undefined) code.get(v.high);
    else {
      v.push(code);
      if (v.type === f32) code.op(OP.i32_reinterpret_f32);
      else code.op(OP.i64_reinterpret_f64).long(32n).op(OP.i64_shr_u).op(OP.i32_wrap_i64);
    }
    code.int(1).op(OP.i32_shl).int(least).op(OP.i32_sub).int(span).op(OP.i32_ge_u);
  }

  private pushIsZero(v: Value): void {
    v.push(this.code);
    if (v.type === f64) this.code.double(0).op(OP.f64_eq);
    else this.code.single(0).op(OP.f32_eq);
  }

  /** An operand must be normal or zero. */
  private check(...operands: readonly Value[]): void {
    if (!this.isPlain) {
      this.code.int(1);
      this.giveUpIf();
    }
    for (const operand of operands) {
      if (operand.isOrdinary) continue;
      this.pushStrange(operand);
      this.code.ifUnlikely();
      this.pushIsZero(operand);
      this.code.op(OP.i32_eqz).if();
      this.emitter.giveUp();
      this.code.end().end();
      operand.isOrdinary = true;
    }
  }

  /** A result must be normal, or a zero that one of these operands being zero explains. */
  private checkResult(result: Value, zeros: readonly Value[] | "exact"): void {
    const { code } = this;
    this.pushStrange(result);
    code.ifUnlikely();
    this.pushIsZero(result);
    if (zeros !== "exact") {
      code.int(0);
      for (const each of zeros) {
        this.pushIsZero(each);
        code.op(OP.i32_or);
      }
      code.op(OP.i32_and);
    }
    code.op(OP.i32_eqz).if();
    this.emitter.giveUp();
    code.end().end();
    result.isOrdinary = true;
  }

  private binary(code: number, a: Value, b: Value): Value {
    return this.bind(a.type as 0x7d | 0x7c, () => {
      a.push(this.code);
      b.push(this.code);
      this.code.op(code);
    });
  }

  /** The end of an operation: `pushInexact` leaves on the stack whether it may be inexact. */
  private conclude(
    kind: number,
    a: Value | number,
    b: Value | number,
    pushInexact: () => void,
  ): void {
    if (this.flagIsSet) return this.note(kind, a, b);
    pushInexact();
    this.giveUpIf();
    this.note(KIND.none);
  }

  private readonly never = (): void => void this.code.int(1);

  /**
   * Leaves on the stack whether a sum may be inexact: it is exact if taking either operand away
   * leaves the other. Compared as bits, which is quicker: zeros of different signs are unequal then,
   * and the evaluator decides.
   */
  private pushInexactSum(a: Value, b: Value, sum: Value): void {
    const { code } = this;
    const isDouble = a.type === f64;
    const differs = (one: Value, other: Value) => {
      sum.push(code);
      one.push(code);
      if (isDouble) code.op(OP.f64_sub).op(OP.i64_reinterpret_f64);
      else code.op(OP.f32_sub).op(OP.i32_reinterpret_f32);
      other.push(code);
      if (isDouble) code.op(OP.i64_reinterpret_f64).op(OP.i64_xor);
      else code.op(OP.i32_reinterpret_f32).op(OP.i32_xor);
    };
    differs(a, b);
    differs(b, a);
    if (isDouble) code.op(OP.i64_or).op(OP.i64_eqz);
    else code.op(OP.i32_or).op(OP.i32_eqz);
    code.op(OP.i32_eqz);
  }

  addF64(a: Value, b: Value): Value {
    this.check(a, b);
    const sum = this.binary(OP.f64_add, a, b);
    this.checkResult(sum, "exact");
    this.conclude(KIND.addF64, a, b, () => this.pushInexactSum(a, b, sum));
    return sum;
  }
  subF64(a: Value, b: Value): Value {
    this.check(b);
    const negative = this.number(f64, () => {
      b.push(this.code);
      this.code.op(OP.f64_neg);
    });
    return this.addF64(a, negative);
  }
  mulF64(a: Value, b: Value): Value {
    this.check(a, b);
    const product = this.binary(OP.f64_mul, a, b);
    this.checkResult(product, [a, b]);
    // Two numbers that end in 53 zero bits together have an exact product.
    this.conclude(KIND.mulF64, a, b, () => {
      const { code } = this;
      const ending = (v: Value) => {
        v.push(code);
        code.op(OP.i64_reinterpret_f64).long(1n << 52n).op(OP.i64_or).op(OP.i64_ctz);
      };
      ending(a);
      ending(b);
      code.op(OP.i64_add).long(53n).op(OP.i64_lt_u);
    });
    return product;
  }
  divF64(a: Value, b: Value): Value {
    this.check(a, b);
    const quotient = this.binary(OP.f64_div, a, b);
    this.checkResult(quotient, [a]);
    this.conclude(KIND.divF64, a, b, this.never);
    return quotient;
  }
  sqrtF64(a: Value): Value {
    this.check(a);
    const root = this.bind(f64, () => {
      a.push(this.code);
      this.code.op(OP.f64_sqrt);
    });
    this.checkResult(root, "exact");
    this.conclude(KIND.sqrtF64, a, 0, this.never);
    return root;
  }

  addF32(a: Value, b: Value): Value {
    this.check(a, b);
    const sum = this.binary(OP.f32_add, a, b);
    this.checkResult(sum, "exact");
    this.conclude(KIND.addF32, a, b, () => this.pushInexactSum(a, b, sum));
    return sum;
  }
  subF32(a: Value, b: Value): Value {
    this.check(b);
    const negative = this.number(f32, () => {
      b.push(this.code);
      this.code.op(OP.f32_neg);
    });
    return this.addF32(a, negative);
  }
  mulF32(a: Value, b: Value): Value {
    this.check(a, b);
    const product = this.binary(OP.f32_mul, a, b);
    this.checkResult(product, [a, b]);
    this.conclude(KIND.mulF32, a, b, () => {
      product.push(this.code);
      this.code.op(OP.f64_promote_f32);
      this.pushProduct(a, b);
      this.code.op(OP.f64_ne);
    });
    return product;
  }
  /** The product of two singles, exact as a double. */
  private pushProduct(a: Value, b: Value): void {
    a.push(this.code);
    this.code.op(OP.f64_promote_f32);
    b.push(this.code);
    this.code.op(OP.f64_promote_f32).op(OP.f64_mul);
  }
  divF32(a: Value, b: Value): Value {
    this.check(a, b);
    const quotient = this.binary(OP.f32_div, a, b);
    this.checkResult(quotient, [a]);
    this.conclude(KIND.divF32, a, b, this.never);
    return quotient;
  }
  sqrtF32(a: Value): Value {
    this.check(a);
    const root = this.bind(f32, () => {
      a.push(this.code);
      this.code.op(OP.f32_sqrt);
    });
    this.checkResult(root, "exact");
    this.conclude(KIND.sqrtF32, a, 0, this.never);
    return root;
  }

  macF32(a: Value, b: Value, c: Value): Value {
    this.check(a, b, c);
    const { code } = this;
    const product = this.bind(f64, () => this.pushProduct(a, b));
    const addend = this.bind(f64, () => {
      c.push(code);
      code.op(OP.f64_promote_f32);
    });
    const sum = this.binary(OP.f64_add, product, addend);
    const result = this.bind(f32, () => {
      sum.push(code);
      code.op(OP.f32_demote_f64);
    });
    // Rounded to a double already, it may only go wrong half way between two singles.
    const bits = this.bind(i64, () => {
      sum.push(code);
      code.op(OP.i64_reinterpret_f64);
    });
    code.get(bits.local).op(OP.i32_wrap_i64).int(0x1fffffff).op(OP.i32_and);
    code.int(0x10000000).op(OP.i32_eq);
    this.giveUpIf();
    this.pushStrange(result);
    code.ifUnlikely();
    this.pushIsZero(sum);
    code.op(OP.i32_eqz).if();
    this.emitter.giveUp();
    code.end().end();
    result.isOrdinary = true;
    const pushInexact = () => {
      result.push(code);
      code.op(OP.f64_promote_f32);
      sum.push(code);
      code.op(OP.f64_ne);
      for (const [one, other] of [[product, addend], [addend, product]] as const) {
        sum.push(code);
        one.push(code);
        code.op(OP.f64_sub);
        other.push(code);
        code.op(OP.f64_ne).op(OP.i32_or);
      }
    };
    if (!this.flagIsSet) {
      pushInexact();
      this.giveUpIf();
      this.note(KIND.none);
    } else {
      this.note(KIND.addF64, NOT_EXACT.a, 0);
      pushInexact();
      code.if();
      this.note(KIND.addF64, NOT_EXACT.a, NOT_EXACT.b);
      code.end();
    }
    return result;
  }

  compare64(op: number, a: Value, b: Value): Value {
    return this.compare(op, a, b);
  }
  compare32(op: number, a: Value, b: Value): Value {
    return this.compare(op, a, b);
  }
  private compare(op: number, a: Value, b: Value): Value {
    this.check(a, b);
    this.note(KIND.none);
    return this.emitter.bind(i32, true, () => {
      a.push(this.code);
      b.push(this.code);
      this.code.op(op);
    });
  }

  f64FromInt(a: Value): Value {
    this.check();
    this.note(KIND.none);
    return this.number(f64, () => {
      a.push(this.code);
      this.code.op(OP.f64_convert_i32_s);
    });
  }
  f32FromInt(a: Value): Value {
    this.check();
    const wide = this.number(f64, () => {
      a.push(this.code);
      this.code.op(OP.f64_convert_i32_s);
    });
    return this.narrow(wide);
  }
  /** A double as a single; 0 stays 0. */
  private narrow(wide: Value): Value {
    const { code } = this;
    const result = this.bind(f32, () => {
      wide.push(code);
      code.op(OP.f32_demote_f64);
    });
    this.checkResult(result, [wide]);
    this.conclude(KIND.narrow, wide, 0, () => {
      result.push(code);
      code.op(OP.f64_promote_f32);
      wide.push(code);
      code.op(OP.f64_ne);
    });
    return result;
  }
  f32FromF64(a: Value): Value {
    this.check(a);
    const single = this.narrow(a);
    return this.bind(i32, () => {
      single.push(this.code);
      this.code.op(OP.i32_reinterpret_f32);
    });
  }
  f64FromF32(bits: Value): Value {
    const single = this.bind(f32, () => {
      bits.push(this.code);
      this.code.op(OP.f32_reinterpret_i32);
    });
    this.check(single);
    this.note(KIND.none);
    return this.number(f64, () => {
      single.push(this.code);
      this.code.op(OP.f64_promote_f32);
    });
  }
  intFromF64(a: Value): Value {
    const { code } = this;
    this.check(a);
    a.push(code);
    code.double(-2147483649).op(OP.f64_gt);
    a.push(code);
    code.double(2147483648).op(OP.f64_lt).op(OP.i32_and).op(OP.i32_eqz);
    this.giveUpIf();
    this.note(KIND.none);
    return this.bind(i32, () => {
      a.push(code);
      code.op(OP.i32_trunc_f64_s);
    });
  }
  intFromF32(a: Value): Value {
    this.check(a);
    const wide = this.number(f64, () => {
      a.push(this.code);
      this.code.op(OP.f64_promote_f32);
    });
    return this.intFromF64(wide);
  }
}
