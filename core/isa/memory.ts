/**
 * The rows that load, store and prefetch. The thing to know is the restart law: an access may
 * fault and the instruction then runs again, so registers are written after the last access. That
 * is why a pre-decrement store computes the address, stores, and only then writes Rn.
 */
import { type Cpu, SPECIAL } from "./cpu.ts";
import { type Op, op } from "./op.ts";

const { gbr } = SPECIAL;

/** Register indirect with displacement, in bytes. */
const at = <V>(cpu: Cpu<V>, n: number, bytes: number): V => cpu.add(cpu.r(n), cpu.int(bytes));

/** Indexed: R0 + Rn. */
const indexed = <V>(cpu: Cpu<V>, n: number): V => cpu.add(cpu.r(0), cpu.r(n));

/** GBR indirect with displacement, in bytes. */
const inGbr = <V>(cpu: Cpu<V>, bytes: number): V => cpu.add(cpu.special(gbr), cpu.int(bytes));

/** GBR indexed: R0 + GBR. */
const indexedGbr = <V>(cpu: Cpu<V>): V => cpu.add(cpu.r(0), cpu.special(gbr));

/** A longword beside the program: the instruction's address counts as a multiple of four. */
const longwordAt = (pc: number, d: number): number => ((pc & ~3) + 4 + 4 * d) | 0;

const plain: readonly Op[] = [
  op("0110nnnnmmmm0000", "mov.b @Rm,Rn", (cpu, { n, m }) => cpu.setR(n, cpu.load8(cpu.r(m)))),
  op("0110nnnnmmmm0001", "mov.w @Rm,Rn", (cpu, { n, m }) => cpu.setR(n, cpu.load16(cpu.r(m)))),
  op("0110nnnnmmmm0010", "mov.l @Rm,Rn", (cpu, { n, m }) => cpu.setR(n, cpu.load32(cpu.r(m)))),
  op("0010nnnnmmmm0000", "mov.b Rm,@Rn", (cpu, { n, m }) => cpu.store8(cpu.r(n), cpu.r(m))),
  op("0010nnnnmmmm0001", "mov.w Rm,@Rn", (cpu, { n, m }) => cpu.store16(cpu.r(n), cpu.r(m))),
  op("0010nnnnmmmm0010", "mov.l Rm,@Rn", (cpu, { n, m }) => cpu.store32(cpu.r(n), cpu.r(m))),
];

// The loaded value wins over the increment where Rm = Rn.
const stepping: readonly Op[] = [
  op("0110nnnnmmmm0100", "mov.b @Rm+,Rn", (cpu, { n, m }) => {
    const address = cpu.r(m);
    const value = cpu.load8(address);
    if (n !== m) cpu.setR(m, cpu.add(address, cpu.int(1)));
    cpu.setR(n, value);
  }),
  op("0110nnnnmmmm0101", "mov.w @Rm+,Rn", (cpu, { n, m }) => {
    const address = cpu.r(m);
    const value = cpu.load16(address);
    if (n !== m) cpu.setR(m, cpu.add(address, cpu.int(2)));
    cpu.setR(n, value);
  }),
  op("0110nnnnmmmm0110", "mov.l @Rm+,Rn", (cpu, { n, m }) => {
    const address = cpu.r(m);
    const value = cpu.load32(address);
    if (n !== m) cpu.setR(m, cpu.add(address, cpu.int(4)));
    cpu.setR(n, value);
  }),
  op("0010nnnnmmmm0100", "mov.b Rm,@-Rn", (cpu, { n, m }) => {
    const address = at(cpu, n, -1);
    cpu.store8(address, cpu.r(m));
    cpu.setR(n, address);
  }),
  op("0010nnnnmmmm0101", "mov.w Rm,@-Rn", (cpu, { n, m }) => {
    const address = at(cpu, n, -2);
    cpu.store16(address, cpu.r(m));
    cpu.setR(n, address);
  }),
  op("0010nnnnmmmm0110", "mov.l Rm,@-Rn", (cpu, { n, m }) => {
    const address = at(cpu, n, -4);
    cpu.store32(address, cpu.r(m));
    cpu.setR(n, address);
  }),
];

const displaced: readonly Op[] = [
  op(
    "10000100mmmmdddd",
    "mov.b @(disp,Rm),R0",
    (cpu, { m, d }) => cpu.setR(0, cpu.load8(at(cpu, m, d))),
  ),
  op(
    "10000101mmmmdddd",
    "mov.w @(disp,Rm),R0",
    (cpu, { m, d }) => cpu.setR(0, cpu.load16(at(cpu, m, 2 * d))),
  ),
  op(
    "0101nnnnmmmmdddd",
    "mov.l @(disp,Rm),Rn",
    (cpu, { n, m, d }) => cpu.setR(n, cpu.load32(at(cpu, m, 4 * d))),
  ),
  op(
    "10000000nnnndddd",
    "mov.b R0,@(disp,Rn)",
    (cpu, { n, d }) => cpu.store8(at(cpu, n, d), cpu.r(0)),
  ),
  op(
    "10000001nnnndddd",
    "mov.w R0,@(disp,Rn)",
    (cpu, { n, d }) => cpu.store16(at(cpu, n, 2 * d), cpu.r(0)),
  ),
  op(
    "0001nnnnmmmmdddd",
    "mov.l Rm,@(disp,Rn)",
    (cpu, { n, m, d }) => cpu.store32(at(cpu, n, 4 * d), cpu.r(m)),
  ),
];

const byIndex: readonly Op[] = [
  op(
    "0000nnnnmmmm1100",
    "mov.b @(R0,Rm),Rn",
    (cpu, { n, m }) => cpu.setR(n, cpu.load8(indexed(cpu, m))),
  ),
  op(
    "0000nnnnmmmm1101",
    "mov.w @(R0,Rm),Rn",
    (cpu, { n, m }) => cpu.setR(n, cpu.load16(indexed(cpu, m))),
  ),
  op(
    "0000nnnnmmmm1110",
    "mov.l @(R0,Rm),Rn",
    (cpu, { n, m }) => cpu.setR(n, cpu.load32(indexed(cpu, m))),
  ),
  op(
    "0000nnnnmmmm0100",
    "mov.b Rm,@(R0,Rn)",
    (cpu, { n, m }) => cpu.store8(indexed(cpu, n), cpu.r(m)),
  ),
  op(
    "0000nnnnmmmm0101",
    "mov.w Rm,@(R0,Rn)",
    (cpu, { n, m }) => cpu.store16(indexed(cpu, n), cpu.r(m)),
  ),
  op(
    "0000nnnnmmmm0110",
    "mov.l Rm,@(R0,Rn)",
    (cpu, { n, m }) => cpu.store32(indexed(cpu, n), cpu.r(m)),
  ),
];

const byGbr: readonly Op[] = [
  op(
    "11000100dddddddd",
    "mov.b @(disp,GBR),R0",
    (cpu, { d }) => cpu.setR(0, cpu.load8(inGbr(cpu, d))),
  ),
  op(
    "11000101dddddddd",
    "mov.w @(disp,GBR),R0",
    (cpu, { d }) => cpu.setR(0, cpu.load16(inGbr(cpu, 2 * d))),
  ),
  op(
    "11000110dddddddd",
    "mov.l @(disp,GBR),R0",
    (cpu, { d }) => cpu.setR(0, cpu.load32(inGbr(cpu, 4 * d))),
  ),
  op(
    "11000000dddddddd",
    "mov.b R0,@(disp,GBR)",
    (cpu, { d }) => cpu.store8(inGbr(cpu, d), cpu.r(0)),
  ),
  op(
    "11000001dddddddd",
    "mov.w R0,@(disp,GBR)",
    (cpu, { d }) => cpu.store16(inGbr(cpu, 2 * d), cpu.r(0)),
  ),
  op(
    "11000010dddddddd",
    "mov.l R0,@(disp,GBR)",
    (cpu, { d }) => cpu.store32(inGbr(cpu, 4 * d), cpu.r(0)),
  ),
];

const byPc: readonly Op[] = [
  op(
    "1001nnnndddddddd",
    "mov.w @(disp,PC),Rn",
    (cpu, { n, d, pc }) => cpu.setR(n, cpu.load16(cpu.int((pc + 4 + 2 * d) | 0))),
    { notInSlot: true },
  ),
  op(
    "1101nnnndddddddd",
    "mov.l @(disp,PC),Rn",
    (cpu, { n, d, pc }) => cpu.setR(n, cpu.load32(cpu.int(longwordAt(pc, d)))),
    { notInSlot: true },
  ),
  op(
    "11000111dddddddd",
    "mova @(disp,PC),R0",
    (cpu, { d, pc }) => cpu.setR(0, cpu.int(longwordAt(pc, d))),
    { notInSlot: true },
  ),
];

const bytes: readonly Op[] = [
  op("0100nnnn00011011", "tas.b @Rn", (cpu, { n }) => {
    const address = cpu.r(n);
    const value = cpu.load8(address);
    cpu.store8(address, cpu.or(value, cpu.int(0x80)));
    cpu.setT(cpu.eq(value, cpu.int(0)));
  }),
  op("11001100iiiiiiii", "tst.b #uimm,@(R0,GBR)", (cpu, { i }) => {
    const value = cpu.load8(indexedGbr(cpu));
    cpu.setT(cpu.eq(cpu.and(value, cpu.int(i)), cpu.int(0)));
  }),
  op("11001101iiiiiiii", "and.b #uimm,@(R0,GBR)", (cpu, { i }) => {
    const address = indexedGbr(cpu);
    cpu.store8(address, cpu.and(cpu.load8(address), cpu.int(i)));
  }),
  op("11001111iiiiiiii", "or.b #uimm,@(R0,GBR)", (cpu, { i }) => {
    const address = indexedGbr(cpu);
    cpu.store8(address, cpu.or(cpu.load8(address), cpu.int(i)));
  }),
  op("11001110iiiiiiii", "xor.b #uimm,@(R0,GBR)", (cpu, { i }) => {
    const address = indexedGbr(cpu);
    cpu.store8(address, cpu.xor(cpu.load8(address), cpu.int(i)));
  }),
];

const caches: readonly Op[] = [
  // Without a cache to allocate a block in, a plain store.
  op("0000nnnn11000011", "movca.l R0,@Rn", (cpu, { n }) => cpu.store32(cpu.r(n), cpu.r(0))),
  op("0000nnnn10000011", "pref @Rn", (cpu, { n }) => cpu.prefetch(cpu.r(n))),
  op("0000nnnn10010011", "ocbi @Rn", (cpu, { n }) => cpu.cache("ocbi", cpu.r(n))),
  op("0000nnnn10100011", "ocbp @Rn", (cpu, { n }) => cpu.cache("ocbp", cpu.r(n))),
  op("0000nnnn10110011", "ocbwb @Rn", (cpu, { n }) => cpu.cache("ocbwb", cpu.r(n))),
];

/** Loads, stores, read-modify-write of bytes, prefetch and cache blocks. */
export const memory: readonly Op[] = [
  ...plain,
  ...stepping,
  ...displaced,
  ...byIndex,
  ...byGbr,
  ...byPc,
  ...bytes,
  ...caches,
];
