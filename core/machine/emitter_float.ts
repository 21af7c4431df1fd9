/**
 * The floating-point part of the emitter. Arithmetic is the host's where that is the SH-4's: to
 * nearest, on numbers that are normal or zero, with a result that is. Anything else (denormals, NaN,
 * overflow, another rounding mode, enabled exceptions) gives the step up to the evaluator.
 *
 * Cause and flags: a region is translated for "the inexact flag is set" or "it is not". Set, as in
 * most programs after a moment, the flags cannot change here, and of the cause field only the last
 * operation's word counts (float_status.ts). Not set, an operation that is not plainly exact is
 * given up.
 */
import type { Emitter } from "./emitter.ts";
import { ENABLE_FIELD, INEXACT_FLAG } from "./float_format.ts";
import { FloatStatus, KIND, NOT_EXACT, type Pending } from "./float_status.ts";
import { FloatRegisters, type FloatRegistersKnown } from "./float_registers.ts";
import { Value } from "./value.ts";
import { OP, TYPE, type ValueType } from "./wasm_code.ts";

const { i32, i64, f32, f64 } = TYPE;

/** Exponents of normal numbers: of a double's high word and of a single, both shifted left once. */
const DOUBLE_RANGE = { least: 0x00200000, span: 0xffc00000 | 0 };
const SINGLE_RANGE = { least: 0x01000000, span: 0xfe000000 | 0 };
/** The same without the smallest: what is rounded twice may have been rounded up to it. */
const ABOVE_SMALLEST = { least: 0x01000002, span: 0xfdfffffe | 0 };

/** What is known of the registers and of FPSCR at a point. */
export interface FloatKnown {
  readonly registers: FloatRegistersKnown;
  readonly pending: Pending;
}

/** The arithmetic of the floating-point unit, as code. */
export class FloatEmitter {
  /** Whether nothing is done but what raises no exception. */
  private readonly isPlain: boolean;
  private readonly flagIsSet: boolean;
  readonly registers: FloatRegisters;
  readonly status: FloatStatus;

  constructor(
    private readonly emitter: Emitter,
    mode: number,
    pairs: ReadonlySet<number>,
    hasArithmetic: boolean,
  ) {
    this.isPlain = (mode & (ENABLE_FIELD | 1)) === 0;
    this.flagIsSet = (mode & INEXACT_FLAG) !== 0;
    const { code } = emitter;
    this.registers = new FloatRegisters(code, emitter.registers, pairs);
    this.status = new FloatStatus(code, emitter.registers, hasArithmetic);
  }

  private get code() {
    return this.emitter.code;
  }

  known(): FloatKnown {
    return { registers: this.registers.known(), pending: this.status.pending };
  }
  restore({ registers, pending }: FloatKnown): void {
    this.registers.restore(registers);
    this.status.pending = pending;
  }
  /** Every pair is whole, and nothing else is known. */
  forget(): void {
    this.registers.forget();
    this.status.forget();
  }

  // Arithmetic.

  private bind(type: ValueType, write: () => void): Value {
    return this.emitter.registers.bind(type, write);
  }

  private number(type: ValueType, write: () => void): Value {
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

  /** Leaves on the stack whether a number is not normal: zero, denormal, infinite, NaN. */
  private pushStrange(v: Value, range = v.type === f64 ? DOUBLE_RANGE : SINGLE_RANGE): void {
    const { code } = this;
    const { least, span } = range;
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
    if (this.flagIsSet) return this.status.note(kind, a, b);
    pushInexact();
    this.giveUpIf();
    this.status.note(KIND.exact);
  }

  /** For operations that are taken as inexact always. */
  private readonly pushAlways = (): void => void this.code.int(1);

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
    this.conclude(KIND.divF64, a, b, this.pushAlways);
    return quotient;
  }
  sqrtF64(a: Value): Value {
    this.check(a);
    const root = this.bind(f64, () => {
      a.push(this.code);
      this.code.op(OP.f64_sqrt);
    });
    this.checkResult(root, "exact");
    this.conclude(KIND.sqrtF64, a, 0, this.pushAlways);
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
    this.conclude(KIND.divF32, a, b, this.pushAlways);
    return quotient;
  }
  sqrtF32(a: Value): Value {
    this.check(a);
    const root = this.bind(f32, () => {
      a.push(this.code);
      this.code.op(OP.f32_sqrt);
    });
    this.checkResult(root, "exact");
    this.conclude(KIND.sqrtF32, a, 0, this.pushAlways);
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
    this.pushStrange(result, ABOVE_SMALLEST);
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
      this.status.note(KIND.exact);
    } else {
      this.status.note(KIND.addF64, NOT_EXACT.a, 0);
      pushInexact();
      code.if();
      this.status.note(KIND.addF64, NOT_EXACT.a, NOT_EXACT.b);
      code.end();
    }
    return result;
  }

  /** Compares two numbers of one type. */
  compare(op: number, a: Value, b: Value): Value {
    this.check(a, b);
    this.status.note(KIND.exact);
    return this.emitter.registers.bind(i32, () => {
      a.push(this.code);
      b.push(this.code);
      this.code.op(op);
    });
  }

  f64FromInt(a: Value): Value {
    this.check();
    this.status.note(KIND.exact);
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
    this.status.note(KIND.exact);
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
    this.status.note(KIND.exact);
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
