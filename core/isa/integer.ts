/**
 * The rows that only move and compute: registers, T, S, Q, M and MAC. MAC.L and MAC.W, which also
 * load, stand at the end with the multiplications they belong to.
 */
import { sext8 } from "../base/bits.ts";
import { type Cpu, FLAG, SPECIAL } from "./cpu.ts";
import { type Op, op } from "./op.ts";

const { mach, macl } = SPECIAL;

/** The sign bit as 0 or 1. */
const sign = <V>(cpu: Cpu<V>, v: V): V => cpu.shr(v, cpu.int(31));

/** Truth turned over. */
const isNot = <V>(cpu: Cpu<V>, truth: V): V => cpu.xor(truth, cpu.int(1));

const isZero = <V>(cpu: Cpu<V>, v: V): V => cpu.eq(v, cpu.int(0));

/** One bit of a word, as 0 or 1, is all that a one-bit shift leaves in T. */
const lowBit = <V>(cpu: Cpu<V>, v: V): V => cpu.and(v, cpu.int(1));

/** Whether a + b = sum has overflowed as a signed addition: both signs differ from the sum's. */
const hasOverflowed = <V>(cpu: Cpu<V>, a: V, b: V, sum: V): V =>
  sign(cpu, cpu.and(cpu.xor(a, sum), cpu.xor(b, sum)));

const moves: readonly Op[] = [
  op("1110nnnniiiiiiii", "mov #imm,Rn", (cpu, { n, i }) => cpu.setR(n, cpu.int(sext8(i)))),
  op("0110nnnnmmmm0011", "mov Rm,Rn", (cpu, { n, m }) => cpu.setR(n, cpu.r(m))),
  op("0000nnnn00101001", "movt Rn", (cpu, { n }) => cpu.setR(n, cpu.t())),
  op("0110nnnnmmmm1000", "swap.b Rm,Rn", (cpu, { n, m }) => {
    const v = cpu.r(m);
    const high = cpu.and(v, cpu.int(0xffff0000 | 0));
    const first = cpu.shl(cpu.zext8(v), cpu.int(8));
    const second = cpu.zext8(cpu.shr(v, cpu.int(8)));
    cpu.setR(n, cpu.or(high, cpu.or(first, second)));
  }),
  op("0110nnnnmmmm1001", "swap.w Rm,Rn", (cpu, { n, m }) => {
    const v = cpu.r(m);
    cpu.setR(n, cpu.or(cpu.shl(v, cpu.int(16)), cpu.shr(v, cpu.int(16))));
  }),
  op("0010nnnnmmmm1101", "xtrct Rm,Rn", (cpu, { n, m }) => {
    const high = cpu.shl(cpu.r(m), cpu.int(16));
    cpu.setR(n, cpu.or(high, cpu.shr(cpu.r(n), cpu.int(16))));
  }),
  op("0110nnnnmmmm1100", "extu.b Rm,Rn", (cpu, { n, m }) => cpu.setR(n, cpu.zext8(cpu.r(m)))),
  op("0110nnnnmmmm1101", "extu.w Rm,Rn", (cpu, { n, m }) => cpu.setR(n, cpu.zext16(cpu.r(m)))),
  op("0110nnnnmmmm1110", "exts.b Rm,Rn", (cpu, { n, m }) => cpu.setR(n, cpu.sext8(cpu.r(m)))),
  op("0110nnnnmmmm1111", "exts.w Rm,Rn", (cpu, { n, m }) => cpu.setR(n, cpu.sext16(cpu.r(m)))),
];

const arithmetic: readonly Op[] = [
  op("0011nnnnmmmm1100", "add Rm,Rn", (cpu, { n, m }) => cpu.setR(n, cpu.add(cpu.r(n), cpu.r(m)))),
  op(
    "0111nnnniiiiiiii",
    "add #imm,Rn",
    (cpu, { n, i }) => cpu.setR(n, cpu.add(cpu.r(n), cpu.int(sext8(i)))),
  ),
  op("0011nnnnmmmm1110", "addc Rm,Rn", (cpu, { n, m }) => {
    const a = cpu.r(n);
    const partial = cpu.add(a, cpu.r(m));
    const sum = cpu.add(partial, cpu.t());
    cpu.setR(n, sum);
    cpu.setT(cpu.or(cpu.gtU(a, partial), cpu.gtU(partial, sum)));
  }),
  op("0011nnnnmmmm1111", "addv Rm,Rn", (cpu, { n, m }) => {
    const a = cpu.r(n);
    const b = cpu.r(m);
    const sum = cpu.add(a, b);
    cpu.setR(n, sum);
    cpu.setT(hasOverflowed(cpu, a, b, sum));
  }),
  op("0011nnnnmmmm1000", "sub Rm,Rn", (cpu, { n, m }) => cpu.setR(n, cpu.sub(cpu.r(n), cpu.r(m)))),
  op("0011nnnnmmmm1010", "subc Rm,Rn", (cpu, { n, m }) => {
    const a = cpu.r(n);
    const partial = cpu.sub(a, cpu.r(m));
    const rest = cpu.sub(partial, cpu.t());
    cpu.setR(n, rest);
    cpu.setT(cpu.or(cpu.gtU(partial, a), cpu.gtU(rest, partial)));
  }),
  op("0011nnnnmmmm1011", "subv Rm,Rn", (cpu, { n, m }) => {
    const a = cpu.r(n);
    const b = cpu.r(m);
    const rest = cpu.sub(a, b);
    cpu.setR(n, rest);
    cpu.setT(hasOverflowed(cpu, rest, b, a)); // rest + b = a, undone
  }),
  op(
    "0110nnnnmmmm1011",
    "neg Rm,Rn",
    (cpu, { n, m }) => cpu.setR(n, cpu.sub(cpu.int(0), cpu.r(m))),
  ),
  op("0110nnnnmmmm1010", "negc Rm,Rn", (cpu, { n, m }) => {
    const partial = cpu.sub(cpu.int(0), cpu.r(m));
    const rest = cpu.sub(partial, cpu.t());
    cpu.setR(n, rest);
    cpu.setT(cpu.or(cpu.gtU(partial, cpu.int(0)), cpu.gtU(rest, partial)));
  }),
  op("0100nnnn00010000", "dt Rn", (cpu, { n }) => {
    const v = cpu.sub(cpu.r(n), cpu.int(1));
    cpu.setR(n, v);
    cpu.setT(isZero(cpu, v));
  }),
  op("0010nnnnmmmm0111", "div0s Rm,Rn", (cpu, { n, m }) => {
    const q = sign(cpu, cpu.r(n));
    const divisorSign = sign(cpu, cpu.r(m));
    cpu.setFlag(FLAG.q, q);
    cpu.setFlag(FLAG.m, divisorSign);
    cpu.setT(cpu.xor(q, divisorSign));
  }),
  op("0000000000011001", "div0u", (cpu) => {
    cpu.setFlag(FLAG.q, cpu.int(0));
    cpu.setFlag(FLAG.m, cpu.int(0));
    cpu.setT(cpu.int(0));
  }),
  // The manual's eight cases are one: subtract if Q = M, else add; then Q is the bit shifted out,
  // turned over by the carry and by M.
  op("0011nnnnmmmm0100", "div1 Rm,Rn", (cpu, { n, m }) => {
    const dividend = cpu.r(n);
    const divisor = cpu.r(m); // before the shift, so that Rm = Rn means the old value
    const mFlag = cpu.flag(FLAG.m);
    const subtracts = cpu.eq(cpu.flag(FLAG.q), mFlag);
    const shifted = cpu.or(cpu.shl(dividend, cpu.int(1)), cpu.t());
    const less = cpu.sub(shifted, divisor);
    const more = cpu.add(shifted, divisor);
    const carry = cpu.select(subtracts, cpu.gtU(less, shifted), cpu.gtU(shifted, more));
    const q = cpu.xor(cpu.xor(sign(cpu, dividend), carry), mFlag);
    cpu.setR(n, cpu.select(subtracts, less, more));
    cpu.setFlag(FLAG.q, q);
    cpu.setT(cpu.eq(q, mFlag));
  }),
];

const comparisons: readonly Op[] = [
  op(
    "10001000iiiiiiii",
    "cmp/eq #imm,R0",
    (cpu, { i }) => cpu.setT(cpu.eq(cpu.r(0), cpu.int(sext8(i)))),
  ),
  op("0011nnnnmmmm0000", "cmp/eq Rm,Rn", (cpu, { n, m }) => cpu.setT(cpu.eq(cpu.r(n), cpu.r(m)))),
  op("0011nnnnmmmm0010", "cmp/hs Rm,Rn", (cpu, { n, m }) => cpu.setT(cpu.geU(cpu.r(n), cpu.r(m)))),
  op("0011nnnnmmmm0011", "cmp/ge Rm,Rn", (cpu, { n, m }) => cpu.setT(cpu.geS(cpu.r(n), cpu.r(m)))),
  op("0011nnnnmmmm0110", "cmp/hi Rm,Rn", (cpu, { n, m }) => cpu.setT(cpu.gtU(cpu.r(n), cpu.r(m)))),
  op("0011nnnnmmmm0111", "cmp/gt Rm,Rn", (cpu, { n, m }) => cpu.setT(cpu.gtS(cpu.r(n), cpu.r(m)))),
  op("0100nnnn00010001", "cmp/pz Rn", (cpu, { n }) => cpu.setT(cpu.geS(cpu.r(n), cpu.int(0)))),
  op("0100nnnn00010101", "cmp/pl Rn", (cpu, { n }) => cpu.setT(cpu.gtS(cpu.r(n), cpu.int(0)))),
  // A byte of x is zero exactly if subtracting one from every byte borrows out of a byte whose
  // own top bit was clear.
  op("0010nnnnmmmm1100", "cmp/str Rm,Rn", (cpu, { n, m }) => {
    const x = cpu.xor(cpu.r(n), cpu.r(m));
    const borrows = cpu.and(cpu.sub(x, cpu.int(0x01010101)), cpu.not(x));
    cpu.setT(isNot(cpu, isZero(cpu, cpu.and(borrows, cpu.int(0x80808080 | 0)))));
  }),
  op(
    "0010nnnnmmmm1000",
    "tst Rm,Rn",
    (cpu, { n, m }) => cpu.setT(isZero(cpu, cpu.and(cpu.r(n), cpu.r(m)))),
  ),
  op(
    "11001000iiiiiiii",
    "tst #uimm,R0",
    (cpu, { i }) => cpu.setT(isZero(cpu, cpu.and(cpu.r(0), cpu.int(i)))),
  ),
];

const logic: readonly Op[] = [
  op("0010nnnnmmmm1001", "and Rm,Rn", (cpu, { n, m }) => cpu.setR(n, cpu.and(cpu.r(n), cpu.r(m)))),
  op(
    "11001001iiiiiiii",
    "and #uimm,R0",
    (cpu, { i }) => cpu.setR(0, cpu.and(cpu.r(0), cpu.int(i))),
  ),
  op("0010nnnnmmmm1011", "or Rm,Rn", (cpu, { n, m }) => cpu.setR(n, cpu.or(cpu.r(n), cpu.r(m)))),
  op("11001011iiiiiiii", "or #uimm,R0", (cpu, { i }) => cpu.setR(0, cpu.or(cpu.r(0), cpu.int(i)))),
  op("0010nnnnmmmm1010", "xor Rm,Rn", (cpu, { n, m }) => cpu.setR(n, cpu.xor(cpu.r(n), cpu.r(m)))),
  op(
    "11001010iiiiiiii",
    "xor #uimm,R0",
    (cpu, { i }) => cpu.setR(0, cpu.xor(cpu.r(0), cpu.int(i))),
  ),
  op("0110nnnnmmmm0111", "not Rm,Rn", (cpu, { n, m }) => cpu.setR(n, cpu.not(cpu.r(m)))),
];

const shifts: readonly Op[] = [
  op("0100nnnn00000100", "rotl Rn", (cpu, { n }) => {
    const v = cpu.r(n);
    const out = sign(cpu, v);
    cpu.setR(n, cpu.or(cpu.shl(v, cpu.int(1)), out));
    cpu.setT(out);
  }),
  op("0100nnnn00000101", "rotr Rn", (cpu, { n }) => {
    const v = cpu.r(n);
    cpu.setR(n, cpu.or(cpu.shr(v, cpu.int(1)), cpu.shl(v, cpu.int(31))));
    cpu.setT(lowBit(cpu, v));
  }),
  op("0100nnnn00100100", "rotcl Rn", (cpu, { n }) => {
    const v = cpu.r(n);
    cpu.setR(n, cpu.or(cpu.shl(v, cpu.int(1)), cpu.t()));
    cpu.setT(sign(cpu, v));
  }),
  op("0100nnnn00100101", "rotcr Rn", (cpu, { n }) => {
    const v = cpu.r(n);
    cpu.setR(n, cpu.or(cpu.shr(v, cpu.int(1)), cpu.shl(cpu.t(), cpu.int(31))));
    cpu.setT(lowBit(cpu, v));
  }),
  // A negative count shifts right by 32 - (Rm & 31), which may be 32: hence the two steps.
  op("0100nnnnmmmm1100", "shad Rm,Rn", (cpu, { n, m }) => {
    const v = cpu.r(n);
    const count = cpu.r(m);
    const right = cpu.sar(cpu.sar(v, cpu.not(count)), cpu.int(1));
    cpu.setR(n, cpu.select(cpu.geS(count, cpu.int(0)), cpu.shl(v, count), right));
  }),
  op("0100nnnnmmmm1101", "shld Rm,Rn", (cpu, { n, m }) => {
    const v = cpu.r(n);
    const count = cpu.r(m);
    const right = cpu.shr(cpu.shr(v, cpu.not(count)), cpu.int(1));
    cpu.setR(n, cpu.select(cpu.geS(count, cpu.int(0)), cpu.shl(v, count), right));
  }),
  op("0100nnnn00100000", "shal Rn", (cpu, { n }) => {
    const v = cpu.r(n);
    cpu.setR(n, cpu.shl(v, cpu.int(1)));
    cpu.setT(sign(cpu, v));
  }),
  op("0100nnnn00100001", "shar Rn", (cpu, { n }) => {
    const v = cpu.r(n);
    cpu.setR(n, cpu.sar(v, cpu.int(1)));
    cpu.setT(lowBit(cpu, v));
  }),
  op("0100nnnn00000000", "shll Rn", (cpu, { n }) => {
    const v = cpu.r(n);
    cpu.setR(n, cpu.shl(v, cpu.int(1)));
    cpu.setT(sign(cpu, v));
  }),
  op("0100nnnn00000001", "shlr Rn", (cpu, { n }) => {
    const v = cpu.r(n);
    cpu.setR(n, cpu.shr(v, cpu.int(1)));
    cpu.setT(lowBit(cpu, v));
  }),
  op("0100nnnn00001000", "shll2 Rn", (cpu, { n }) => cpu.setR(n, cpu.shl(cpu.r(n), cpu.int(2)))),
  op("0100nnnn00001001", "shlr2 Rn", (cpu, { n }) => cpu.setR(n, cpu.shr(cpu.r(n), cpu.int(2)))),
  op("0100nnnn00011000", "shll8 Rn", (cpu, { n }) => cpu.setR(n, cpu.shl(cpu.r(n), cpu.int(8)))),
  op("0100nnnn00011001", "shlr8 Rn", (cpu, { n }) => cpu.setR(n, cpu.shr(cpu.r(n), cpu.int(8)))),
  op("0100nnnn00101000", "shll16 Rn", (cpu, { n }) => cpu.setR(n, cpu.shl(cpu.r(n), cpu.int(16)))),
  op("0100nnnn00101001", "shlr16 Rn", (cpu, { n }) => cpu.setR(n, cpu.shr(cpu.r(n), cpu.int(16)))),
];

/**
 * MAC += a * b. With S = 1 the sum saturates to 48 bits: only those of MAC are valid on entry, and
 * the result lies from 0xffff8000_00000000 to 0x00007fff_ffffffff (manual, MAC.L), so MACH is
 * written whole, sign-extended.
 */
function accumulateLong<V>(cpu: Cpu<V>, a: V, b: V): void {
  const s = cpu.flag(FLAG.s);
  const oldHigh = cpu.special(mach);
  const oldLow = cpu.special(macl);
  const low = cpu.add(oldLow, cpu.mul(a, b));
  const carry = cpu.gtU(oldLow, low);
  const base = cpu.select(s, cpu.sext16(oldHigh), oldHigh);
  const high = cpu.add(cpu.add(base, cpu.mulHighS(a, b)), carry);
  const above = cpu.and(s, cpu.gtS(high, cpu.int(0x7fff)));
  const below = cpu.and(s, cpu.gtS(cpu.int(-0x8000), high));
  const limitedLow = cpu.select(above, cpu.int(-1), cpu.select(below, cpu.int(0), low));
  const limitedHigh = cpu.select(below, cpu.int(-0x8000), high);
  cpu.setSpecial(macl, limitedLow);
  cpu.setSpecial(mach, cpu.select(above, cpu.int(0x7fff), limitedHigh));
}

/**
 * MAC += a * b for 16-bit factors. With S = 1 MACL alone accumulates and saturates to 32 bits; an
 * overflow sets bit 0 of MACH, which is otherwise kept (manual, MAC.W).
 */
function accumulateWord<V>(cpu: Cpu<V>, a: V, b: V): void {
  const s = cpu.flag(FLAG.s);
  const oldHigh = cpu.special(mach);
  const oldLow = cpu.special(macl);
  const product = cpu.mul(a, b);
  const low = cpu.add(oldLow, product);
  const carry = cpu.gtU(oldLow, low);
  const overflow = cpu.and(s, hasOverflowed(cpu, oldLow, product, low));
  const limit = cpu.xor(cpu.sar(oldLow, cpu.int(31)), cpu.int(0x7fffffff));
  const high = cpu.add(cpu.add(oldHigh, cpu.sar(product, cpu.int(31))), carry);
  cpu.setSpecial(macl, cpu.select(overflow, limit, low));
  cpu.setSpecial(mach, cpu.select(s, cpu.or(oldHigh, overflow), high));
}

const multiplications: readonly Op[] = [
  op(
    "0000nnnnmmmm0111",
    "mul.l Rm,Rn",
    (cpu, { n, m }) => cpu.setSpecial(macl, cpu.mul(cpu.r(n), cpu.r(m))),
  ),
  op(
    "0010nnnnmmmm1110",
    "mulu.w Rm,Rn",
    (cpu, { n, m }) => cpu.setSpecial(macl, cpu.mul(cpu.zext16(cpu.r(n)), cpu.zext16(cpu.r(m)))),
  ),
  op(
    "0010nnnnmmmm1111",
    "muls.w Rm,Rn",
    (cpu, { n, m }) => cpu.setSpecial(macl, cpu.mul(cpu.sext16(cpu.r(n)), cpu.sext16(cpu.r(m)))),
  ),
  op("0011nnnnmmmm0101", "dmulu.l Rm,Rn", (cpu, { n, m }) => {
    const a = cpu.r(n);
    const b = cpu.r(m);
    cpu.setSpecial(mach, cpu.mulHighU(a, b));
    cpu.setSpecial(macl, cpu.mul(a, b));
  }),
  op("0011nnnnmmmm1101", "dmuls.l Rm,Rn", (cpu, { n, m }) => {
    const a = cpu.r(n);
    const b = cpu.r(m);
    cpu.setSpecial(mach, cpu.mulHighS(a, b));
    cpu.setSpecial(macl, cpu.mul(a, b));
  }),
  // Rn loads and steps first, so Rm = Rn takes two neighbours and steps twice (manual, MAC.L).
  op("0000nnnnmmmm1111", "mac.l @Rm+,@Rn+", (cpu, { n, m }) => {
    const first = cpu.r(n);
    const second = n === m ? cpu.add(first, cpu.int(4)) : cpu.r(m);
    const a = cpu.load32(first);
    const b = cpu.load32(second);
    if (n !== m) cpu.setR(n, cpu.add(first, cpu.int(4)));
    cpu.setR(m, cpu.add(second, cpu.int(4)));
    accumulateLong(cpu, a, b);
  }),
  op("0100nnnnmmmm1111", "mac.w @Rm+,@Rn+", (cpu, { n, m }) => {
    const first = cpu.r(n);
    const second = n === m ? cpu.add(first, cpu.int(2)) : cpu.r(m);
    const a = cpu.load16(first);
    const b = cpu.load16(second);
    if (n !== m) cpu.setR(n, cpu.add(first, cpu.int(2)));
    cpu.setR(m, cpu.add(second, cpu.int(2)));
    accumulateWord(cpu, a, b);
  }),
];

const flags: readonly Op[] = [
  op("0000000000001000", "clrt", (cpu) => cpu.setT(cpu.int(0))),
  op("0000000000011000", "sett", (cpu) => cpu.setT(cpu.int(1))),
  op("0000000001001000", "clrs", (cpu) => cpu.setFlag(FLAG.s, cpu.int(0))),
  op("0000000001011000", "sets", (cpu) => cpu.setFlag(FLAG.s, cpu.int(1))),
  op("0000000000101000", "clrmac", (cpu) => {
    cpu.setSpecial(mach, cpu.int(0));
    cpu.setSpecial(macl, cpu.int(0));
  }),
];

/** Moves between registers, arithmetic, comparison, logic, shifts, multiplication, flags. */
export const integer: readonly Op[] = [
  ...moves,
  ...arithmetic,
  ...comparisons,
  ...logic,
  ...shifts,
  ...multiplications,
  ...flags,
];
