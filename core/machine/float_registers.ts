/**
 * Floating-point registers in the locals of a translated function. A pair that the region takes as a
 * double is one, in a local of its own, wherever ways meet; between, its halves may be apart, each in
 * a local, as when it is loaded word by word. All other registers are words.
 */
import { placeOfDr, placeOfFr, placeOfXf, type Registers } from "./registers.ts";
import * as S from "./state.ts";
import type { Value } from "./value.ts";
import { MEMORY, OP, TYPE, type WasmCode } from "./wasm_code.ts";

const { i32, f32, f64 } = TYPE;

/** Which halves of a pair, and whether the whole, a local holds now. */
interface Form {
  whole: boolean;
  /** The even register, the odd one. */
  halves: [boolean, boolean];
}

/** What is known of the registers at a point. */
export interface FloatRegistersKnown {
  readonly forms: ReadonlyMap<number, Form>;
  readonly ordinary: ReadonlySet<number>;
}

/** The floating-point registers of one function. */
export class FloatRegisters {
  private forms = new Map<number, Form>();
  /** Registers (doubles by their even number, singles as 16 + n) known to be normal or zero. */
  private ordinary = new Set<number>();
  /** Locals of halves, by register. */
  private readonly halves = new Map<number, number>();

  constructor(
    private readonly code: WasmCode,
    private readonly registers: Registers,
    /** Even registers that are taken as doubles. */
    private readonly pairs: ReadonlySet<number>,
  ) {
    this.forget();
  }

  known(): FloatRegistersKnown {
    const forms = new Map(
      [...this.forms].map(([n, { whole, halves: [even, odd] }]) =>
        [n, { whole, halves: [even, odd] as [boolean, boolean] }] as const
      ),
    );
    return { forms, ordinary: new Set(this.ordinary) };
  }
  restore({ forms, ordinary }: FloatRegistersKnown): void {
    this.forms = new Map(
      [...forms].map(([n, { whole, halves: [even, odd] }]) => [n, { whole, halves: [even, odd] }]),
    );
    this.ordinary = new Set(ordinary);
  }
  /** Every pair is whole, and nothing else is known. */
  forget(): void {
    for (const n of this.pairs) this.forms.set(n, { whole: true, halves: [false, false] });
    this.ordinary.clear();
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
    return this.registers.local(placeOfDr(n), f64);
  }

  /** The local of the double in a pair. */
  private whole(n: number): number {
    const form = this.form(n) as Form;
    const local = this.doubleLocal(n);
    if (form.whole) return local;
    this.registers.claim(local);
    this.pushJoined(n); // what is not whole has both halves
    form.whole = true;
    return local;
  }

  /** The local of one register of a pair. */
  private half(n: number): number {
    const form = this.form(n) as Form, local = this.halfLocal(n);
    if (form.halves[n & 1] === true) return local;
    const { code } = this;
    this.registers.claim(local);
    code.get(this.doubleLocal(n & ~1)).op(OP.i64_reinterpret_f64);
    if ((n & 1) === 0) code.long(32n).op(OP.i64_shr_u);
    code.op(OP.i32_wrap_i64).set(local);
    form.halves[n & 1] = true;
    return local;
  }

  frBits(n: number): Value {
    if (this.form(n) === undefined) return this.registers.read(placeOfFr(n));
    return this.registers.lend(this.half(n));
  }
  setFrBits(n: number, v: Value): void {
    const form = this.form(n);
    this.ordinary.delete(n & ~1);
    this.ordinary.delete(16 + n);
    if (form === undefined) return this.registers.write(placeOfFr(n), v);
    this.half(n ^ 1); // the other one must not be lost with the whole
    const local = this.halfLocal(n);
    this.registers.claim(local);
    v.push(this.code);
    this.code.set(local);
    form.halves[n & 1] = true;
    form.whole = false;
    this.registers.soil(placeOfDr(n & ~1));
  }
  xfBits(n: number): Value {
    return this.registers.read(placeOfXf(n));
  }
  setXfBits(n: number, v: Value): void {
    this.registers.write(placeOfXf(n), v);
  }

  fr(n: number): Value {
    const bits = this.frBits(n);
    const value = this.registers.bind(f32, () => {
      bits.push(this.code);
      this.code.op(OP.f32_reinterpret_i32);
    });
    value.isOrdinary = this.ordinary.has(16 + n);
    return value;
  }
  setFr(n: number, v: Value): void {
    const bits = this.registers.bind(i32, () => {
      v.push(this.code);
      this.code.op(OP.i32_reinterpret_f32);
    });
    this.setFrBits(n, bits);
    if (v.isOrdinary) this.ordinary.add(16 + n);
  }
  dr(n: number): Value {
    const value = this.registers.lend(this.whole(n), f64);
    if (this.form(n)?.halves[0] === true) value.high = this.halfLocal(n);
    value.isOrdinary = this.ordinary.has(n);
    return value;
  }
  setDr(n: number, v: Value): void {
    const local = this.doubleLocal(n);
    this.registers.claim(local);
    v.push(this.code);
    this.code.set(local);
    this.forms.set(n, { whole: true, halves: [false, false] });
    this.registers.soil(placeOfDr(n));
    if (v.isOrdinary) this.ordinary.add(n);
    else this.ordinary.delete(n);
  }
}
