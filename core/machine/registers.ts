/**
 * Guest registers in the locals of a translated function: every word of the machine's state that the
 * function touches has one, loaded when it is entered, and stored before others may look.
 */
import * as S from "./state.ts";
import { Value } from "./value.ts";
import { MEMORY, TYPE, type ValueType, type WasmCode } from "./wasm_code.ts";

/** Places in the state, and the type of what lies there. */
export type Touched = ReadonlyMap<number, ValueType>;

/** The registers of one function. */
export class Registers {
  private readonly words = new Map<number, ValueType>();
  /** Places whose local may hold something newer than the state. */
  dirty = new Set<number>();
  private readonly locals = new Map<number, number>();
  /** What the present instruction has taken from a register and may still use. */
  private readonly lent = new Map<number, Value[]>();
  private readonly free = new Map<ValueType, number[]>();
  private readonly taken: Value[] = [];

  constructor(private readonly code: WasmCode, touched: Touched) {
    for (const [place, type] of touched) this.local(place, type);
  }

  /** The local of a place in the state. */
  local(place: number, type: ValueType = TYPE.i32): number {
    const known = this.locals.get(place);
    if (known !== undefined) return known;
    const local = this.code.local(type);
    this.locals.set(place, local);
    this.words.set(place, type);
    return local;
  }

  /** What a local holds now, even if it is written before the instruction is over. */
  lend(local: number, type: ValueType = TYPE.i32): Value {
    const value = Value.local(type, local);
    const others = this.lent.get(local);
    if (others === undefined) this.lent.set(local, [value]);
    else others.push(value);
    return value;
  }

  /** A local is about to be written: who still needs what it holds gets a copy. */
  claim(local: number): void {
    const values = this.lent.get(local);
    if (values === undefined) return;
    this.lent.delete(local);
    const [first] = values;
    if (first === undefined) return;
    const copy = this.temporary(first.type);
    this.code.get(local).set(copy.local);
    for (const value of values) value.local = copy.local;
  }

  read(place: number): Value {
    return this.lend(this.local(place));
  }

  write(place: number, value: Value): void {
    const local = this.local(place);
    this.claim(local);
    value.push(this.code);
    this.code.set(local);
    this.soil(place);
  }

  /** The local of a place was written. */
  soil(place: number): void {
    this.dirty.add(place);
  }

  /** A local until the end of the instruction. */
  temporary(type: ValueType): Value {
    const local = this.free.get(type)?.pop() ?? this.code.local(type);
    const value = Value.local(type, local);
    this.taken.push(value);
    return value;
  }

  /** Binds what `write` leaves on the stack to such a local. */
  bind(type: ValueType, write: () => void): Value {
    write();
    const value = this.temporary(type);
    this.code.set(value.local);
    return value;
  }

  /** The instruction is over: nobody holds its values. */
  settle(): void {
    this.lent.clear();
    for (const { type, local } of this.taken) {
      const list = this.free.get(type);
      if (list === undefined) this.free.set(type, [local]);
      else if (!list.includes(local)) list.push(local);
    }
    this.taken.length = 0;
  }

  /** Loads what will be needed. */
  load(places: Iterable<number>): void {
    for (const place of places) {
      const type = this.words.get(place) ?? TYPE.i32;
      const kind = type === TYPE.f64 ? MEMORY.f64_load : MEMORY.i32_load;
      this.code.loadAt(kind, place).set(this.local(place, type));
    }
    this.dirty.clear();
  }

  /** Stores what is newer than the state, but for some; afterwards it still counts as newer. */
  store(isElsewhere: (place: number) => boolean): void {
    for (const place of this.dirty) {
      if (isElsewhere(place)) continue;
      const type = this.words.get(place) ?? TYPE.i32;
      const kind = type === TYPE.f64 ? MEMORY.f64_store : MEMORY.i32_store;
      this.code.storeAt(kind, place, () => void this.code.get(this.local(place, type)));
    }
  }
}

/** The place of Rn. */
export const placeOfR = (n: number): number => S.R + 4 * n;
/** The place of FRn, a word. */
export const placeOfFr = (n: number): number => S.FR + 4 * (n ^ 1);
/** The place of DRn, a double; `n` is even. */
export const placeOfDr = (n: number): number => S.FR + 4 * n;
/** The place of XFn, a word. */
export const placeOfXf = (n: number): number => S.XF + 4 * (n ^ 1);
