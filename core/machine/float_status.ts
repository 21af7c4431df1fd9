/**
 * FPSCR in translated code. Where the inexact flag is set already, all that an operation can change
 * is the cause field, and only the last operation's counts. So it is noted which that was and with
 * which operands, and when somebody may look the evaluator's own unit computes it once more.
 */
import { CALLS } from "./region_imports.ts";
import type { Fpu } from "./fpu.ts";
import type { Registers } from "./registers.ts";
import * as S from "./state.ts";
import type { Value } from "./value.ts";
import { MEMORY, OP, TYPE, type WasmCode } from "./wasm_code.ts";

const { i32, f32, f64 } = TYPE;

/** What the unit does again to find the cause field of the last operation. */
const AGAIN = {
  exact: (fpu) => fpu.f64FromInt(0), // raises nothing
  addF64: (fpu, a, b) => fpu.addF64(a, b),
  mulF64: (fpu, a, b) => fpu.mulF64(a, b),
  divF64: (fpu, a, b) => fpu.divF64(a, b),
  sqrtF64: (fpu, a) => fpu.sqrtF64(a),
  addF32: (fpu, a, b) => fpu.addF32(a, b),
  mulF32: (fpu, a, b) => fpu.mulF32(a, b),
  divF32: (fpu, a, b) => fpu.divF32(a, b),
  sqrtF32: (fpu, a) => fpu.sqrtF32(a),
  narrow: (fpu, a) => fpu.f32FromF64(a),
} as const satisfies Record<string, (fpu: Fpu, a: number, b: number) => unknown>;

type Operation = keyof typeof AGAIN;

/** The same by number; 0: there was no operation. */
export const SETTLE: readonly ((fpu: Fpu, a: number, b: number) => unknown)[] = [
  () => {},
  ...Object.values(AGAIN),
];
/** Places in {@linkcode SETTLE}. */
export const KIND = Object.fromEntries(
  Object.keys(AGAIN).map((name, n) => [name, n + 1]),
) as Record<Operation, number>;

/** A sum that is not exact, for an operation that has no other way to say so. */
export const NOT_EXACT = { a: 1, b: 2 ** -60 };

/** What is known of the last operation: there was none, there was one, or both are possible. */
export type Pending = "none" | "some" | "maybe";

/** FPSCR and the last operation, in one function. */
export class FloatStatus {
  pending: Pending = "none";
  /** Locals: which operation was the last, and its operands. */
  private readonly last:
    | { readonly kind: number; readonly a: number; readonly b: number }
    | undefined;

  constructor(
    private readonly code: WasmCode,
    private readonly registers: Registers,
    private readonly hasArithmetic: boolean,
  ) {
    if (!hasArithmetic) return;
    this.last = { kind: code.local(i32), a: code.local(f64), b: code.local(f64) };
  }

  /** Ways meet here. */
  forget(): void {
    this.pending = this.hasArithmetic ? "maybe" : "none";
  }

  /** Writes the cause field of the last operation into the state, in code that goes elsewhere. */
  settle(): void {
    const { last, code, pending } = this;
    if (last === undefined || pending === "none") return;
    if (pending === "maybe") code.get(last.kind).if();
    code.get(last.kind).get(last.a).get(last.b).call(CALLS.settle);
    if (pending === "maybe") code.end();
  }

  /** The cause field is up to date. */
  markSettled(): void {
    if (this.last !== undefined && this.pending !== "none") this.code.int(0).set(this.last.kind);
    this.assumeSettled();
  }
  /** Nothing was computed since the cause field was written. */
  assumeSettled(): void {
    this.pending = "none";
  }

  fpscr(): Value {
    this.settle();
    this.markSettled();
    return this.registers.bind(i32, () => void this.code.loadAt(MEMORY.i32_load, S.FPSCR));
  }

  /** What the region's last instruction wants in FPSCR. */
  wanted: Value | undefined;
  setFpscr(v: Value): void {
    this.wanted = v;
  }

  /** An operation of that kind was the last; what is left out does not matter to it. */
  note(kind: number, a?: Value | number, b?: Value | number): void {
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
}
