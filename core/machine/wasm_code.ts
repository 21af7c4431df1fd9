/**
 * The body of one WebAssembly function, written instruction by instruction. Names are those of the
 * specification's text format with `_` for `.`; nothing is checked here, the host's validator does.
 */

/** Value types. */
export const TYPE = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c } as const;
/** A value type's code. */
export type ValueType = (typeof TYPE)[keyof typeof TYPE];

/** Instructions without immediates. */
export const OP = {
  unreachable: 0x00,
  else: 0x05,
  end: 0x0b,
  return: 0x0f,
  select: 0x1b,
  i32_eqz: 0x45,
  i32_eq: 0x46,
  i32_ne: 0x47,
  i32_lt_s: 0x48,
  i32_gt_s: 0x4a,
  i32_gt_u: 0x4b,
  i32_ge_s: 0x4e,
  i32_ge_u: 0x4f,
  i64_eqz: 0x50,
  i64_ne: 0x52,
  i64_lt_u: 0x54,
  f32_eq: 0x5b,
  f32_gt: 0x5e,
  f64_eq: 0x61,
  f64_ne: 0x62,
  f64_lt: 0x63,
  f64_gt: 0x64,
  i64_ctz: 0x7a,
  i32_add: 0x6a,
  i32_sub: 0x6b,
  i32_mul: 0x6c,
  i32_and: 0x71,
  i32_or: 0x72,
  i32_xor: 0x73,
  i32_shl: 0x74,
  i32_shr_s: 0x75,
  i32_shr_u: 0x76,
  i64_add: 0x7c,
  i64_mul: 0x7e,
  i64_or: 0x84,
  i64_xor: 0x85,
  i64_shl: 0x86,
  i64_shr_u: 0x88,
  f32_neg: 0x8c,
  f32_sqrt: 0x91,
  f32_add: 0x92,
  f32_sub: 0x93,
  f32_mul: 0x94,
  f32_div: 0x95,
  f64_neg: 0x9a,
  f64_sqrt: 0x9f,
  f64_add: 0xa0,
  f64_sub: 0xa1,
  f64_mul: 0xa2,
  f64_div: 0xa3,
  i32_wrap_i64: 0xa7,
  i32_trunc_f64_s: 0xaa,
  i64_extend_i32_s: 0xac,
  i64_extend_i32_u: 0xad,
  f64_convert_i32_s: 0xb7,
  f32_demote_f64: 0xb6,
  f64_promote_f32: 0xbb,
  i32_reinterpret_f32: 0xbc,
  i64_reinterpret_f64: 0xbd,
  f32_reinterpret_i32: 0xbe,
  f64_reinterpret_i64: 0xbf,
  i32_extend8_s: 0xc0,
  i32_extend16_s: 0xc1,
} as const;

/** Loads and stores: opcode and the alignment promised, as a power of two. */
export const MEMORY = {
  i32_load: [0x28, 2],
  i64_load: [0x29, 3],
  f64_load: [0x2b, 3],
  i32_load8_s: [0x2c, 0],
  i32_load8_u: [0x2d, 0],
  i32_load16_s: [0x2e, 1],
  i32_store: [0x36, 2],
  i64_store: [0x37, 3],
  f64_store: [0x39, 3],
  i32_store8: [0x3a, 0],
  i32_store16: [0x3b, 1],
} as const;

const NO_RESULT = 0x40;

/** Bytes that grow. */
export class Bytes {
  private bytes = new Uint8Array(256);
  length = 0;

  private room(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * this.bytes.length, this.length + count));
    larger.set(this.bytes);
    this.bytes = larger;
  }

  byte(value: number): this {
    this.room(1);
    this.bytes[this.length++] = value;
    return this;
  }

  /** LEB128, unsigned. */
  unsigned(value: number): this {
    this.room(5);
    let rest = value >>> 0;
    while (rest >= 0x80) {
      this.bytes[this.length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.bytes[this.length++] = rest;
    return this;
  }

  /** LEB128, signed, of 32 bits. */
  signed(value: number): this {
    this.room(5);
    let rest = value | 0;
    for (;;) {
      const low = rest & 0x7f;
      rest >>= 7;
      if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) {
        this.bytes[this.length++] = low;
        return this;
      }
      this.bytes[this.length++] = low | 0x80;
    }
  }

  /** LEB128, signed, of 64 bits. */
  signedLong(value: bigint): this {
    let rest = BigInt.asIntN(64, value);
    for (;;) {
      const low = Number(rest & 0x7fn);
      rest >>= 7n;
      const isLast = (rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0);
      this.byte(isLast ? low : low | 0x80);
      if (isLast) return this;
    }
  }

  append(other: Uint8Array): this {
    this.room(other.length);
    this.bytes.set(other, this.length);
    this.length += other.length;
    return this;
  }

  text(text: string): this {
    const bytes = new TextEncoder().encode(text);
    return this.unsigned(bytes.length).append(bytes);
  }

  view(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.length);
  }
}

/** A label to branch to: how many blocks are open around it. */
export interface Label {
  readonly depth: number;
}

/** The code of a function, its locals and the branches that are seldom taken. */
export class WasmCode extends Bytes {
  /** Types of the locals behind the parameters. */
  readonly locals: ValueType[] = [];
  /** Offsets of `if` instructions whose condition seldom holds. */
  readonly unlikely: number[] = [];
  private depth = 0;

  constructor(private readonly parameters: number) {
    super();
  }

  /** A new local of its own. */
  local(type: ValueType): number {
    return this.parameters + this.locals.push(type) - 1;
  }

  op(code: number): this {
    return this.byte(code);
  }
  get(local: number): this {
    return this.byte(0x20).unsigned(local);
  }
  set(local: number): this {
    return this.byte(0x21).unsigned(local);
  }
  tee(local: number): this {
    return this.byte(0x22).unsigned(local);
  }
  global(index: number): this {
    return this.byte(0x23).unsigned(index);
  }
  int(value: number): this {
    return this.byte(0x41).signed(value);
  }
  long(value: bigint): this {
    return this.byte(0x42).signedLong(value);
  }
  double(value: number): this {
    return this.byte(0x44).append(new Uint8Array(Float64Array.of(value).buffer));
  }
  single(value: number): this {
    return this.byte(0x43).append(new Uint8Array(Float32Array.of(value).buffer));
  }

  /** A load or a store; the address lies on the stack, below the value to store. */
  memory([code, align]: readonly [number, number], offset: number): this {
    return this.byte(code).byte(align).unsigned(offset);
  }
  /** Loads from a place known now. */
  loadAt(kind: readonly [number, number], place: number): this {
    return this.int(0).memory(kind, place);
  }
  /** Stores what `value` leaves on the stack to a place known now. */
  storeAt(kind: readonly [number, number], place: number, value: () => void): this {
    this.int(0);
    value();
    return this.memory(kind, place);
  }

  call(index: number): this {
    return this.byte(0x10).unsigned(index);
  }
  callIndirect(type: number): this {
    return this.byte(0x11).unsigned(type).byte(0);
  }

  /** Opens a block, to be left behind its end. */
  block(): Label {
    this.byte(0x02).byte(NO_RESULT);
    return { depth: ++this.depth };
  }
  /** Opens a loop, to be begun anew. */
  loop(): Label {
    this.byte(0x03).byte(NO_RESULT);
    return { depth: ++this.depth };
  }
  /** Opens what happens when the top of the stack is not 0. */
  if(): Label {
    this.byte(0x04).byte(NO_RESULT);
    return { depth: ++this.depth };
  }
  /** The same, for what seldom happens. */
  ifUnlikely(): Label {
    this.unlikely.push(this.length);
    return this.if();
  }
  else(): this {
    return this.byte(OP.else);
  }
  end(): this {
    this.depth--;
    return this.byte(OP.end);
  }
  br(label: Label): this {
    return this.byte(0x0c).unsigned(this.depth - label.depth);
  }
  brIf(label: Label): this {
    return this.byte(0x0d).unsigned(this.depth - label.depth);
  }
}
