/**
 * The smallest Cpu<number>: integers, plain registers and a little memory, so that the meaning of a
 * row can be tested without a machine. It knows no floating point, no banks and no faults.
 */
import { type Cpu, FLAG, type Flag, SPECIAL, type Special } from "../../core/isa/cpu.ts";
import { decode, type Instruction } from "../../core/isa/decode.ts";
import { assemble } from "../../core/isa/text.ts";

const MODE = { PR: 0, SZ: 0 } as const;

const absent = (): never => {
  throw new Error("the number Cpu has no such operation");
};

/** 32-bit words wrap; truth is 0 or 1. */
export class NumberCpu implements Cpu<number> {
  readonly registers = new Int32Array(16);
  readonly banked = new Int32Array(8);
  readonly specials = new Int32Array(Object.keys(SPECIAL).length);
  readonly flags = new Int32Array(Object.keys(FLAG).length);
  readonly memory = new DataView(new ArrayBuffer(256));
  truth = 0;
  status = 0;
  readonly #decoded = new Map<string, Instruction>();

  /** Assembles and runs instructions in line; answers where the last one goes, if anywhere. */
  run(...lines: readonly string[]): number | void {
    let target: number | void = undefined;
    for (const line of lines) {
      let instruction = this.#decoded.get(line);
      if (instruction === undefined) {
        instruction = decode(assemble(line, 0, MODE), MODE);
        if (instruction === undefined) throw new Error(`${line} does not decode`);
        this.#decoded.set(line, instruction);
      }
      target = instruction.exec(this, instruction.fields);
    }
    return target;
  }

  int = (n: number) => n | 0;
  r = (n: number) => this.registers[n] ?? absent();
  setR = (n: number, v: number) => void (this.registers[n] = v);
  bank = (n: number) => this.banked[n] ?? absent();
  setBank = (n: number, v: number) => void (this.banked[n] = v);
  t = () => this.truth;
  setT = (v: number) => void (this.truth = v);
  flag = (which: Flag) => this.flags[which] ?? absent();
  setFlag = (which: Flag, v: number) => void (this.flags[which] = v);
  special = (which: Special) => this.specials[which] ?? absent();
  setSpecial = (which: Special, v: number) => void (this.specials[which] = v);
  sr = () => this.status;
  setSr = (v: number) => void (this.status = v);

  add = (a: number, b: number) => (a + b) | 0;
  sub = (a: number, b: number) => (a - b) | 0;
  mul = (a: number, b: number) => Math.imul(a, b);
  mulHighS = (a: number, b: number) => Number((BigInt(a) * BigInt(b)) >> 32n);
  mulHighU = (a: number, b: number) => Number((BigInt(a >>> 0) * BigInt(b >>> 0)) >> 32n) | 0;
  and = (a: number, b: number) => a & b;
  or = (a: number, b: number) => a | b;
  xor = (a: number, b: number) => a ^ b;
  not = (a: number) => ~a;
  shl = (a: number, count: number) => a << count;
  shr = (a: number, count: number) => (a >>> count) | 0;
  sar = (a: number, count: number) => a >> count;
  sext8 = (a: number) => (a << 24) >> 24;
  sext16 = (a: number) => (a << 16) >> 16;
  zext8 = (a: number) => a & 0xff;
  zext16 = (a: number) => a & 0xffff;
  eq = (a: number, b: number) => Number(a === b);
  gtS = (a: number, b: number) => Number(a > b);
  geS = (a: number, b: number) => Number(a >= b);
  gtU = (a: number, b: number) => Number(a >>> 0 > b >>> 0);
  geU = (a: number, b: number) => Number(a >>> 0 >= b >>> 0);
  select = (condition: number, yes: number, no: number) => condition !== 0 ? yes : no;

  load8 = (address: number) => this.memory.getInt8(address);
  load16 = (address: number) => this.memory.getInt16(address, true);
  load32 = (address: number) => this.memory.getInt32(address, true);
  store8 = (address: number, v: number) => this.memory.setInt8(address, v);
  store16 = (address: number, v: number) => this.memory.setInt16(address, v, true);
  store32 = (address: number, v: number) => this.memory.setInt32(address, v, true);
  prefetch = () => {};
  cache = () => {};

  trap = absent;
  loadTlb = absent;
  sleep = absent;
  fpscr = absent;
  setFpscr = absent;
  loadPair = absent;
  storePair = absent;
  frBits = absent;
  setFrBits = absent;
  xfBits = absent;
  setXfBits = absent;
  fr = absent;
  setFr = absent;
  xf = absent;
  dr = absent;
  setDr = absent;
  addF32 = absent;
  subF32 = absent;
  mulF32 = absent;
  divF32 = absent;
  sqrtF32 = absent;
  macF32 = absent;
  addF64 = absent;
  subF64 = absent;
  mulF64 = absent;
  divF64 = absent;
  sqrtF64 = absent;
  eqF32 = absent;
  gtF32 = absent;
  eqF64 = absent;
  gtF64 = absent;
  f32FromInt = absent;
  f64FromInt = absent;
  intFromF32 = absent;
  intFromF64 = absent;
  f32FromF64 = absent;
  f64FromF32 = absent;
  dot4 = absent;
  reciprocalSqrt = absent;
  sine = absent;
  cosine = absent;
}
