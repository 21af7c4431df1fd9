/**
 * The evaluator: the first reading of the instruction rows, where a value is a JavaScript number.
 * State lies in the machine's memory (state.ts); memory is reached through the soft TLB.
 */
import { type CacheOperation, type Cpu, type Flag, type Special } from "../isa/cpu.ts";
import { type Access, type Mmu } from "./mmu.ts";
import { Fault } from "./exception.ts";
import { FPSCR_BITS } from "./float_format.ts";
import { Fpu } from "./fpu.ts";
import { readRegister, writeRegister } from "./register_file.ts";
import * as S from "./state.ts";

/** SR bits that exist (manual section 2.2.4); T S Q M are kept apart. */
const SR_KEPT = S.SR_MD | S.SR_RB | S.SR_BL | S.SR_FD | S.SR_IMASK;

const READ = S.READ_PAGES >> 2, WRITE = S.WRITE_PAGES >> 2;

/** What a meaning asked of the driver, to be done when the instruction is complete. */
export type Pending = "none" | "trap" | "sleep";

/** A reading of the rows that computes. */
export class Evaluator implements Cpu<number> {
  readonly i32: Int32Array;
  readonly fpu: Fpu;
  /** Set by a meaning; the driver clears it. */
  pending: Pending = "none";
  /** Called when SR or FPSCR may have changed how instructions decode. */
  onModeChange: () => void = () => {};
  private readonly i16: Int16Array;
  private readonly i8: Int8Array;

  constructor(memory: WebAssembly.Memory, readonly mmu: Mmu) {
    const { buffer } = memory;
    this.i32 = new Int32Array(buffer);
    this.i16 = new Int16Array(buffer);
    this.i8 = new Int8Array(buffer);
    this.fpu = new Fpu(this.i32, new Float32Array(buffer), new Float64Array(buffer), () => {
      throw new Fault("fpu");
    });
  }

  int(n: number): number {
    return n;
  }
  r(n: number): number {
    return this.i32[n] as number;
  }
  setR(n: number, v: number): void {
    this.i32[n] = v;
  }
  bank(n: number): number {
    return this.i32[(S.BANK >> 2) + n] as number;
  }
  setBank(n: number, v: number): void {
    this.i32[(S.BANK >> 2) + n] = v;
  }
  t(): number {
    return this.i32[S.T >> 2] as number;
  }
  setT(v: number): void {
    this.i32[S.T >> 2] = v;
  }
  flag(which: Flag): number {
    return this.i32[(S.FLAGS >> 2) + which] as number;
  }
  setFlag(which: Flag, v: number): void {
    this.i32[(S.FLAGS >> 2) + which] = v;
  }
  special(which: Special): number {
    return this.i32[(S.SPECIALS >> 2) + which] as number;
  }
  setSpecial(which: Special, v: number): void {
    this.i32[(S.SPECIALS >> 2) + which] = v;
  }

  sr(): number {
    const { i32 } = this;
    const s = i32[S.FLAGS >> 2] as number;
    const q = i32[(S.FLAGS >> 2) + 1] as number, m = i32[(S.FLAGS >> 2) + 2] as number;
    return (i32[S.SR >> 2] as number) | this.t() | (s << 1) | (q << 8) | (m << 9);
  }
  setSr(v: number): void {
    const { i32 } = this;
    const old = i32[S.SR >> 2] as number, now = v & SR_KEPT;
    const bankOf = (sr: number) => (sr & S.SR_MD) !== 0 && (sr & S.SR_RB) !== 0;
    if (bankOf(old) !== bankOf(now)) this.swap(S.R, S.BANK, 8);
    i32[S.SR >> 2] = now;
    i32[S.T >> 2] = v & S.SR_T;
    i32[S.FLAGS >> 2] = (v & S.SR_S) !== 0 ? 1 : 0;
    i32[(S.FLAGS >> 2) + 1] = (v & S.SR_Q) !== 0 ? 1 : 0;
    i32[(S.FLAGS >> 2) + 2] = (v & S.SR_M) !== 0 ? 1 : 0;
    if (((old ^ now) & S.SR_MD) !== 0) this.mmu.privilegeChanged();
    this.onModeChange();
  }

  fpscr(): number {
    return this.i32[S.FPSCR >> 2] as number;
  }
  setFpscr(v: number): void {
    const { i32 } = this;
    if ((((i32[S.FPSCR >> 2] as number) ^ v) & S.FPSCR_FR) !== 0) this.swap(S.FR, S.XF, 16);
    i32[S.FPSCR >> 2] = v & FPSCR_BITS;
    this.onModeChange();
  }

  private swap(a: number, b: number, words: number): void {
    const { i32 } = this;
    for (let n = 0; n < words; n++) {
      const kept = i32[(a >> 2) + n] as number;
      i32[(a >> 2) + n] = i32[(b >> 2) + n] as number;
      i32[(b >> 2) + n] = kept;
    }
  }

  add(a: number, b: number): number {
    return (a + b) | 0;
  }
  sub(a: number, b: number): number {
    return (a - b) | 0;
  }
  mul(a: number, b: number): number {
    return Math.imul(a, b);
  }
  mulHighS(a: number, b: number): number {
    return (this.mulHighU(a, b) - (a < 0 ? b : 0) - (b < 0 ? a : 0)) | 0;
  }
  mulHighU(a: number, b: number): number {
    const al = a & 0xffff, ah = a >>> 16, bl = b & 0xffff, bh = b >>> 16;
    const low = al * bl, mid = ah * bl + (low >>> 16), cross = al * bh + (mid & 0xffff);
    return (ah * bh + (mid / 0x10000 | 0) + Math.floor(cross / 0x10000)) | 0;
  }
  and(a: number, b: number): number {
    return a & b;
  }
  or(a: number, b: number): number {
    return a | b;
  }
  xor(a: number, b: number): number {
    return a ^ b;
  }
  not(a: number): number {
    return ~a;
  }
  shl(a: number, count: number): number {
    return a << count;
  }
  shr(a: number, count: number): number {
    return (a >>> count) | 0;
  }
  sar(a: number, count: number): number {
    return a >> count;
  }
  sext8(a: number): number {
    return (a << 24) >> 24;
  }
  sext16(a: number): number {
    return (a << 16) >> 16;
  }
  zext8(a: number): number {
    return a & 0xff;
  }
  zext16(a: number): number {
    return a & 0xffff;
  }
  eq(a: number, b: number): number {
    return a === b ? 1 : 0;
  }
  gtS(a: number, b: number): number {
    return a > b ? 1 : 0;
  }
  geS(a: number, b: number): number {
    return a >= b ? 1 : 0;
  }
  gtU(a: number, b: number): number {
    return a >>> 0 > b >>> 0 ? 1 : 0;
  }
  geU(a: number, b: number): number {
    return a >>> 0 >= b >>> 0 ? 1 : 0;
  }
  select(condition: number, yes: number, no: number): number {
    return condition !== 0 ? yes : no;
  }

  // A word of the soft TLB ends in ones where an access of any width may go by it: the address's
  // low bits, which must be zeros, are looked at in the same comparison.
  load8(a: number): number {
    const page = this.i32[READ + 2 * (a >>> 12)] as number;
    if (page === 0) return this.loadSlow(a, 1);
    return this.i8[(page + a + 1) | 0] as number;
  }
  load16(a: number): number {
    const page = this.i32[READ + 2 * (a >>> 12)] as number;
    if (((~page | a) & 1) !== 0) return this.loadSlow(a, 2);
    return this.i16[(page + a + 1) >> 1] as number;
  }
  load32(a: number): number {
    const page = this.i32[READ + 2 * (a >>> 12)] as number;
    if (((~page | a) & 3) !== 0) return this.loadSlow(a, 4);
    return this.i32[(page + a + 1) >> 2] as number;
  }
  store8(a: number, v: number): void {
    const page = this.i32[WRITE + 2 * (a >>> 12)] as number;
    if (page === 0) this.storeSlow(a, v, 1);
    else this.i8[(page + a + 1) | 0] = v;
  }
  store16(a: number, v: number): void {
    const page = this.i32[WRITE + 2 * (a >>> 12)] as number;
    if (((~page | a) & 1) !== 0) this.storeSlow(a, v, 2);
    else this.i16[(page + a + 1) >> 1] = v;
  }
  store32(a: number, v: number): void {
    const page = this.i32[WRITE + 2 * (a >>> 12)] as number;
    if (((~page | a) & 3) !== 0) this.storeSlow(a, v, 4);
    else this.i32[(page + a + 1) >> 2] = v;
  }
  loadPair(bank: 0 | 1, n: number, a: number): void {
    const page = this.i32[READ + 2 * (a >>> 12)] as number;
    const to = ((bank === 0 ? S.FR : S.XF) >> 2) + n;
    const host = ((~page | a) & 7) === 0 ? (page + a + 1) | 0 : this.hostOfPair(a, "read");
    this.i32[to + 1] = this.i32[host >> 2] as number; // FRn is the high word of the pair's float64
    this.i32[to] = this.i32[(host >> 2) + 1] as number;
  }
  storePair(bank: 0 | 1, n: number, a: number): void {
    const page = this.i32[WRITE + 2 * (a >>> 12)] as number;
    const from = ((bank === 0 ? S.FR : S.XF) >> 2) + n;
    let host: number;
    if (((~page | a) & 7) === 0) host = (page + a + 1) | 0;
    else if (a >>> 26 === 0x38 && (a & 7) === 0) return this.queuePair(from, a);
    else host = this.hostOfPair(a, "write");
    this.i32[host >> 2] = this.i32[from + 1] as number;
    this.i32[(host >> 2) + 1] = this.i32[from] as number;
  }

  /** A register pair into a store queue, the one place of the P4 area with 64-bit access. */
  private queuePair(from: number, a: number): void {
    const at = this.mmu.translate(a, "write");
    writeRegister(this.mmu, this.i32, at, this.i32[from + 1] as number);
    writeRegister(this.mmu, this.i32, at + 4, this.i32[from] as number);
  }

  /** Where 8 aligned bytes lie. */
  private hostOfPair(a: number, access: Access): number {
    const fault = access === "write" ? "addressErrorWrite" : "addressErrorRead";
    if ((a & 7) !== 0) throw new Fault(fault, a);
    const physical = this.mmu.translate(a, access);
    const host = isRegister(physical) ? -1 : this.mmu.hostOf(physical);
    if (host < 0) throw new Fault(fault, a);
    this.mmu.notePage(a, host, access);
    return host;
  }

  private loadSlow(a: number, size: 1 | 2 | 4): number {
    if ((a & (size - 1)) !== 0) throw new Fault("addressErrorRead", a);
    const physical = this.mmu.translate(a, "read");
    if (isRegister(physical)) return readRegister(this.mmu, this.i32, physical);
    const host = this.mmu.hostOf(physical);
    if (host < 0) return 0; // an empty bus
    this.mmu.notePage(a, host, "read");
    if (size === 4) return this.i32[host >> 2] as number;
    return (size === 2 ? this.i16[host >> 1] : this.i8[host]) as number;
  }

  private storeSlow(a: number, v: number, size: 1 | 2 | 4): void {
    if ((a & (size - 1)) !== 0) throw new Fault("addressErrorWrite", a);
    const physical = this.mmu.translate(a, "write");
    if (isRegister(physical)) return writeRegister(this.mmu, this.i32, physical, v);
    const host = this.mmu.hostOf(physical);
    if (host < 0) return;
    this.mmu.notePage(a, host, "write");
    if (size === 4) this.i32[host >> 2] = v;
    else if (size === 2) this.i16[host >> 1] = v;
    else this.i8[host] = v;
  }

  /** A burst of 32 bytes from a store queue to memory (manual section 4.7). */
  prefetch(a: number): void {
    if (a >>> 26 !== 0x38) return; // a hint: nothing to prefetch into, and no exception
    const privileged = ((this.i32[S.SR >> 2] as number) & S.SR_MD) !== 0;
    this.mmu.translate(a, "write"); // SQMD: may user mode touch the queues?
    const queue = (a >> 5) & 1;
    const translated = ((this.i32[S.MMUCR >> 2] as number) & 1) !== 0
      ? this.mmu.translateByTlb(a, "write", privileged)
      : this.queueAddress(a, queue);
    const host = this.mmu.hostOf(translated & ~31);
    if (host < 0) return;
    this.mmu.codeWritten(host);
    for (let n = 0; n < 8; n++) {
      this.i32[(host >> 2) + n] = this.i32[(S.SQ >> 2) + 8 * queue + n] as number;
    }
  }

  private queueAddress(a: number, queue: number): number {
    const qacr = this.i32[(queue === 0 ? S.QACR0 : S.QACR1) >> 2] as number;
    return ((qacr & 0x1c) << 24) | (a & 0x03ffffe0);
  }

  cache(operation: CacheOperation, a: number): void {
    this.mmu.translate(a, operation === "ocbi" ? "write" : "read"); // only OCBI loses data
  }

  frBits(n: number): number {
    return this.i32[(S.FR >> 2) + (n ^ 1)] as number;
  }
  setFrBits(n: number, v: number): void {
    this.i32[(S.FR >> 2) + (n ^ 1)] = v;
  }
  xfBits(n: number): number {
    return this.i32[(S.XF >> 2) + (n ^ 1)] as number;
  }
  setXfBits(n: number, v: number): void {
    this.i32[(S.XF >> 2) + (n ^ 1)] = v;
  }
  fr(n: number): number {
    return this.fpu.fr(n);
  }
  setFr(n: number, v: number): void {
    this.fpu.setFr(n, v);
  }
  xf(n: number): number {
    return this.fpu.xf(n);
  }
  dr(n: number): number {
    return this.fpu.dr(n);
  }
  setDr(n: number, v: number): void {
    this.fpu.setDr(n, v);
  }
  addF32(a: number, b: number): number {
    return this.fpu.addF32(a, b);
  }
  subF32(a: number, b: number): number {
    return this.fpu.subF32(a, b);
  }
  mulF32(a: number, b: number): number {
    return this.fpu.mulF32(a, b);
  }
  divF32(a: number, b: number): number {
    return this.fpu.divF32(a, b);
  }
  sqrtF32(a: number): number {
    return this.fpu.sqrtF32(a);
  }
  macF32(a: number, b: number, c: number): number {
    return this.fpu.macF32(a, b, c);
  }
  addF64(a: number, b: number): number {
    return this.fpu.addF64(a, b);
  }
  subF64(a: number, b: number): number {
    return this.fpu.subF64(a, b);
  }
  mulF64(a: number, b: number): number {
    return this.fpu.mulF64(a, b);
  }
  divF64(a: number, b: number): number {
    return this.fpu.divF64(a, b);
  }
  sqrtF64(a: number): number {
    return this.fpu.sqrtF64(a);
  }
  eqF32(a: number, b: number): number {
    return this.fpu.eqF32(a, b);
  }
  gtF32(a: number, b: number): number {
    return this.fpu.gtF32(a, b);
  }
  eqF64(a: number, b: number): number {
    return this.fpu.eqF64(a, b);
  }
  gtF64(a: number, b: number): number {
    return this.fpu.gtF64(a, b);
  }
  f32FromInt(a: number): number {
    return this.fpu.f32FromInt(a);
  }
  f64FromInt(a: number): number {
    return this.fpu.f64FromInt(a);
  }
  intFromF32(a: number): number {
    return this.fpu.intFromF32(a);
  }
  intFromF64(a: number): number {
    return this.fpu.intFromF64(a);
  }
  f32FromF64(a: number): number {
    return this.fpu.f32FromF64(a);
  }
  f64FromF32(a: number): number {
    return this.fpu.f64FromF32(a);
  }
  dot4(
    a: readonly [number, number, number, number],
    b: readonly [number, number, number, number],
  ): number {
    return this.fpu.dot4(a, b);
  }
  reciprocalSqrt(a: number): number {
    return this.fpu.reciprocalSqrt(a);
  }
  sine(angle: number): number {
    return this.fpu.sine(angle);
  }
  cosine(angle: number): number {
    return this.fpu.cosine(angle);
  }

  trap(number: number): void {
    this.i32[S.TRA >> 2] = number << 2;
    this.pending = "trap";
  }
  loadTlb(): void {
    this.mmu.loadTlb();
  }
  sleep(): void {
    this.pending = "sleep";
  }
}

/** Translated addresses of 0xe0000000 and above are on-chip registers, arrays and store queues. */
function isRegister(physical: number): boolean {
  return physical >>> 29 === 7;
}
