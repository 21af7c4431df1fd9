/**
 * What the emitter calls a value: a constant, a local of the function being written, or one of two
 * constants by a condition. Locals that hold guest registers may be written while a value still
 * stands for what they held; the registers then move it to a local of its own (registers.ts).
 */
import { OP, TYPE, type ValueType, type WasmCode } from "./wasm_code.ts";

/** An address, as far as it is known: two with the same `id` differ by their offsets. */
export interface Root {
  readonly id: number;
  readonly offset: number;
}

/** A value of the emitter's reading. */
export class Value {
  /** A floating-point number that is normal or zero. */
  isOrdinary = false;
  /** The local that holds a double's high word, if one does until the instruction writes. */
  high: number | undefined;
  /** What it is told apart by as an address: something unknown, and what was added to it. */
  root: Root | undefined;

  private constructor(
    readonly type: ValueType,
    public local: number,
    readonly number: number | undefined,
    readonly choice: { readonly if: Value; readonly yes: number; readonly no: number } | undefined,
  ) {}

  static constant(number: number): Value {
    return new Value(TYPE.i32, -1, number | 0, undefined);
  }
  static local(type: ValueType, local: number): Value {
    return new Value(type, local, undefined, undefined);
  }
  static choice(condition: Value, yes: number, no: number): Value {
    return new Value(TYPE.i32, -1, undefined, { if: condition, yes, no });
  }

  /** Leaves the value on the stack. */
  push(code: WasmCode): void {
    if (this.number !== undefined) code.int(this.number);
    else if (this.choice !== undefined) {
      const { if: condition, yes, no } = this.choice;
      code.int(yes).int(no);
      condition.push(code);
      code.op(OP.select);
    } else code.get(this.local);
  }
}
