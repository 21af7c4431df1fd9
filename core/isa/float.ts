/**
 * The floating-point rows (manual sections 6 and 9): moves, arithmetic in both precisions, the
 * vector instructions and the transfers of FPUL and FPSCR.
 *
 * FPSCR.SZ chooses the meaning of the FMOV patterns, FPSCR.PR that of the arithmetic. A pattern with
 * a three-bit field names an even register: its number is twice the field.
 */
import { type Cpu, SPECIAL } from "./cpu.ts";
import { type Op, op } from "./op.ts";

const always = { fpu: true } as const;
/** FMOV of one register. Any PR. */
const word = { fpu: true, when: { SZ: 0 } } as const;
/** FMOV of a register pair. Any PR: with SZ = PR = 1 the manual leaves it open; it moves pairs. */
const pair = { fpu: true, when: { SZ: 1 } } as const;
const single = { fpu: true, when: { PR: 0 } } as const;
const double = { fpu: true, when: { PR: 1 } } as const;
/** Writes FPSCR, so the next instruction may decode otherwise. */
const ends = { fpu: true, ends: true } as const;

const SIGN = 0x80000000 | 0;
const MAGNITUDE = 0x7fffffff;
/** FPSCR's bits for the register bank and the size of moves (section 6.3.2). */
const FPSCR_FR = 1 << 21;
const FPSCR_SZ = 1 << 20;
/** The bit pattern of 1.0 in single precision. */
const ONE = 0x3f800000;

type Four<V> = [V, V, V, V];

/** The vector FVn (`n` is the first register's number). */
const vector = <V>(cpu: Cpu<V>, n: number): Four<V> => [
  cpu.fr(n),
  cpu.fr(n + 1),
  cpu.fr(n + 2),
  cpu.fr(n + 3),
];

/** Row `i` of XMTRX: the matrix lies in XF0 to XF15 column by column. */
const matrixRow = <V>(cpu: Cpu<V>, i: number): Four<V> => [
  cpu.xf(i),
  cpu.xf(i + 4),
  cpu.xf(i + 8),
  cpu.xf(i + 12),
];

const moves: readonly Op[] = [
  op("1111nnnnmmmm1100", "fmov FRm,FRn", (cpu, { n, m }) => cpu.setFrBits(n, cpu.frBits(m)), word),
  op("1111nnnnmmmm1000", "fmov.s @Rm,FRn", (cpu, { n, m }) => {
    cpu.setFrBits(n, cpu.load32(cpu.r(m)));
  }, word),
  op("1111nnnnmmmm1001", "fmov.s @Rm+,FRn", (cpu, { n, m }) => {
    const address = cpu.r(m);
    const value = cpu.load32(address);
    cpu.setR(m, cpu.add(address, cpu.int(4)));
    cpu.setFrBits(n, value);
  }, word),
  op("1111nnnnmmmm0110", "fmov.s @(R0,Rm),FRn", (cpu, { n, m }) => {
    cpu.setFrBits(n, cpu.load32(cpu.add(cpu.r(0), cpu.r(m))));
  }, word),
  op("1111nnnnmmmm1010", "fmov.s FRm,@Rn", (cpu, { n, m }) => {
    cpu.store32(cpu.r(n), cpu.frBits(m));
  }, word),
  op("1111nnnnmmmm1011", "fmov.s FRm,@-Rn", (cpu, { n, m }) => {
    const address = cpu.sub(cpu.r(n), cpu.int(4));
    cpu.store32(address, cpu.frBits(m));
    cpu.setR(n, address);
  }, word),
  op("1111nnnnmmmm0111", "fmov.s FRm,@(R0,Rn)", (cpu, { n, m }) => {
    cpu.store32(cpu.add(cpu.r(0), cpu.r(n)), cpu.frBits(m));
  }, word),

  op("1111nnn0mmm01100", "fmov DRm,DRn", (cpu, { n, m }) => {
    const even = cpu.frBits(2 * m);
    const odd = cpu.frBits(2 * m + 1);
    cpu.setFrBits(2 * n, even);
    cpu.setFrBits(2 * n + 1, odd);
  }, pair),
  op("1111nnn1mmm01100", "fmov DRm,XDn", (cpu, { n, m }) => {
    cpu.setXfBits(2 * n, cpu.frBits(2 * m));
    cpu.setXfBits(2 * n + 1, cpu.frBits(2 * m + 1));
  }, pair),
  op("1111nnn0mmm11100", "fmov XDm,DRn", (cpu, { n, m }) => {
    cpu.setFrBits(2 * n, cpu.xfBits(2 * m));
    cpu.setFrBits(2 * n + 1, cpu.xfBits(2 * m + 1));
  }, pair),
  op("1111nnn1mmm11100", "fmov XDm,XDn", (cpu, { n, m }) => {
    const even = cpu.xfBits(2 * m);
    const odd = cpu.xfBits(2 * m + 1);
    cpu.setXfBits(2 * n, even);
    cpu.setXfBits(2 * n + 1, odd);
  }, pair),

  op("1111nnn0mmmm1000", "fmov @Rm,DRn", (cpu, { n, m }) => {
    cpu.loadPair(0, 2 * n, cpu.r(m));
  }, pair),
  op("1111nnn1mmmm1000", "fmov @Rm,XDn", (cpu, { n, m }) => {
    cpu.loadPair(1, 2 * n, cpu.r(m));
  }, pair),
  op("1111nnn0mmmm1001", "fmov @Rm+,DRn", (cpu, { n, m }) => {
    const address = cpu.r(m);
    cpu.loadPair(0, 2 * n, address);
    cpu.setR(m, cpu.add(address, cpu.int(8)));
  }, pair),
  op("1111nnn1mmmm1001", "fmov @Rm+,XDn", (cpu, { n, m }) => {
    const address = cpu.r(m);
    cpu.loadPair(1, 2 * n, address);
    cpu.setR(m, cpu.add(address, cpu.int(8)));
  }, pair),
  op("1111nnn0mmmm0110", "fmov @(R0,Rm),DRn", (cpu, { n, m }) => {
    cpu.loadPair(0, 2 * n, cpu.add(cpu.r(0), cpu.r(m)));
  }, pair),
  op("1111nnn1mmmm0110", "fmov @(R0,Rm),XDn", (cpu, { n, m }) => {
    cpu.loadPair(1, 2 * n, cpu.add(cpu.r(0), cpu.r(m)));
  }, pair),

  op("1111nnnnmmm01010", "fmov DRm,@Rn", (cpu, { n, m }) => {
    cpu.storePair(0, 2 * m, cpu.r(n));
  }, pair),
  op("1111nnnnmmm11010", "fmov XDm,@Rn", (cpu, { n, m }) => {
    cpu.storePair(1, 2 * m, cpu.r(n));
  }, pair),
  op("1111nnnnmmm01011", "fmov DRm,@-Rn", (cpu, { n, m }) => {
    const address = cpu.sub(cpu.r(n), cpu.int(8));
    cpu.storePair(0, 2 * m, address);
    cpu.setR(n, address);
  }, pair),
  op("1111nnnnmmm11011", "fmov XDm,@-Rn", (cpu, { n, m }) => {
    const address = cpu.sub(cpu.r(n), cpu.int(8));
    cpu.storePair(1, 2 * m, address);
    cpu.setR(n, address);
  }, pair),
  op("1111nnnnmmm00111", "fmov DRm,@(R0,Rn)", (cpu, { n, m }) => {
    cpu.storePair(0, 2 * m, cpu.add(cpu.r(0), cpu.r(n)));
  }, pair),
  op("1111nnnnmmm10111", "fmov XDm,@(R0,Rn)", (cpu, { n, m }) => {
    cpu.storePair(1, 2 * m, cpu.add(cpu.r(0), cpu.r(n)));
  }, pair),

  // The manual gives FLDI0 and FLDI1 for PR = 0 only; the silicon does not look at PR, and compilers
  // use them under either.
  op("1111nnnn10001101", "fldi0 FRn", (cpu, { n }) => cpu.setFrBits(n, cpu.int(0)), always),
  op("1111nnnn10011101", "fldi1 FRn", (cpu, { n }) => cpu.setFrBits(n, cpu.int(ONE)), always),
  op("1111mmmm00011101", "flds FRm,FPUL", (cpu, { m }) => {
    cpu.setSpecial(SPECIAL.fpul, cpu.frBits(m));
  }, always),
  op("1111nnnn00001101", "fsts FPUL,FRn", (cpu, { n }) => {
    cpu.setFrBits(n, cpu.special(SPECIAL.fpul));
  }, always),
];

/** FABS and FNEG touch the sign bit alone, NaN or not, and leave the cause field as it is. */
const signs: readonly Op[] = [
  op("1111nnnn01011101", "fabs FRn", (cpu, { n }) => {
    cpu.setFrBits(n, cpu.and(cpu.frBits(n), cpu.int(MAGNITUDE)));
  }, single),
  op("1111nnn001011101", "fabs DRn", (cpu, { n }) => {
    cpu.setFrBits(2 * n, cpu.and(cpu.frBits(2 * n), cpu.int(MAGNITUDE)));
  }, double),
  // Reserved by the manual, but the sign is one bit wherever it is: GCC for little endian relies on it.
  op("1111nnn101011101", "fabs FRodd", (cpu, { n }) => {
    cpu.setFrBits(2 * n + 1, cpu.and(cpu.frBits(2 * n + 1), cpu.int(MAGNITUDE)));
  }, double),
  op("1111nnnn01001101", "fneg FRn", (cpu, { n }) => {
    cpu.setFrBits(n, cpu.xor(cpu.frBits(n), cpu.int(SIGN)));
  }, single),
  op("1111nnn001001101", "fneg DRn", (cpu, { n }) => {
    cpu.setFrBits(2 * n, cpu.xor(cpu.frBits(2 * n), cpu.int(SIGN)));
  }, double),
  op("1111nnn101001101", "fneg FRodd", (cpu, { n }) => {
    cpu.setFrBits(2 * n + 1, cpu.xor(cpu.frBits(2 * n + 1), cpu.int(SIGN)));
  }, double),
];

const singles: readonly Op[] = [
  op("1111nnnnmmmm0000", "fadd FRm,FRn", (cpu, { n, m }) => {
    cpu.setFr(n, cpu.addF32(cpu.fr(n), cpu.fr(m)));
  }, single),
  op("1111nnnnmmmm0001", "fsub FRm,FRn", (cpu, { n, m }) => {
    cpu.setFr(n, cpu.subF32(cpu.fr(n), cpu.fr(m)));
  }, single),
  op("1111nnnnmmmm0010", "fmul FRm,FRn", (cpu, { n, m }) => {
    cpu.setFr(n, cpu.mulF32(cpu.fr(n), cpu.fr(m)));
  }, single),
  op("1111nnnnmmmm0011", "fdiv FRm,FRn", (cpu, { n, m }) => {
    cpu.setFr(n, cpu.divF32(cpu.fr(n), cpu.fr(m)));
  }, single),
  op("1111nnnn01101101", "fsqrt FRn", (cpu, { n }) => {
    cpu.setFr(n, cpu.sqrtF32(cpu.fr(n)));
  }, single),
  op("1111nnnnmmmm1110", "fmac FR0,FRm,FRn", (cpu, { n, m }) => {
    cpu.setFr(n, cpu.macF32(cpu.fr(0), cpu.fr(m), cpu.fr(n)));
  }, single),
  op("1111nnnnmmmm0100", "fcmp/eq FRm,FRn", (cpu, { n, m }) => {
    cpu.setT(cpu.eqF32(cpu.fr(n), cpu.fr(m)));
  }, single),
  op("1111nnnnmmmm0101", "fcmp/gt FRm,FRn", (cpu, { n, m }) => {
    cpu.setT(cpu.gtF32(cpu.fr(n), cpu.fr(m)));
  }, single),
  op("1111nnnn00101101", "float FPUL,FRn", (cpu, { n }) => {
    cpu.setFr(n, cpu.f32FromInt(cpu.special(SPECIAL.fpul)));
  }, single),
  op("1111mmmm00111101", "ftrc FRm,FPUL", (cpu, { m }) => {
    cpu.setSpecial(SPECIAL.fpul, cpu.intFromF32(cpu.fr(m)));
  }, single),
];

const doubles: readonly Op[] = [
  op("1111nnn0mmm00000", "fadd DRm,DRn", (cpu, { n, m }) => {
    cpu.setDr(2 * n, cpu.addF64(cpu.dr(2 * n), cpu.dr(2 * m)));
  }, double),
  op("1111nnn0mmm00001", "fsub DRm,DRn", (cpu, { n, m }) => {
    cpu.setDr(2 * n, cpu.subF64(cpu.dr(2 * n), cpu.dr(2 * m)));
  }, double),
  op("1111nnn0mmm00010", "fmul DRm,DRn", (cpu, { n, m }) => {
    cpu.setDr(2 * n, cpu.mulF64(cpu.dr(2 * n), cpu.dr(2 * m)));
  }, double),
  op("1111nnn0mmm00011", "fdiv DRm,DRn", (cpu, { n, m }) => {
    cpu.setDr(2 * n, cpu.divF64(cpu.dr(2 * n), cpu.dr(2 * m)));
  }, double),
  op("1111nnn001101101", "fsqrt DRn", (cpu, { n }) => {
    cpu.setDr(2 * n, cpu.sqrtF64(cpu.dr(2 * n)));
  }, double),
  op("1111nnn0mmm00100", "fcmp/eq DRm,DRn", (cpu, { n, m }) => {
    cpu.setT(cpu.eqF64(cpu.dr(2 * n), cpu.dr(2 * m)));
  }, double),
  op("1111nnn0mmm00101", "fcmp/gt DRm,DRn", (cpu, { n, m }) => {
    cpu.setT(cpu.gtF64(cpu.dr(2 * n), cpu.dr(2 * m)));
  }, double),
  op("1111nnn000101101", "float FPUL,DRn", (cpu, { n }) => {
    cpu.setDr(2 * n, cpu.f64FromInt(cpu.special(SPECIAL.fpul)));
  }, double),
  op("1111mmm000111101", "ftrc DRm,FPUL", (cpu, { m }) => {
    cpu.setSpecial(SPECIAL.fpul, cpu.intFromF64(cpu.dr(2 * m)));
  }, double),
  // FPUL holds a single's bits here, so these two conversions take and give bits, not a value.
  op("1111mmm010111101", "fcnvds DRm,FPUL", (cpu, { m }) => {
    cpu.setSpecial(SPECIAL.fpul, cpu.f32FromF64(cpu.dr(2 * m)));
  }, double),
  op("1111nnn010101101", "fcnvsd FPUL,DRn", (cpu, { n }) => {
    cpu.setDr(2 * n, cpu.f64FromF32(cpu.special(SPECIAL.fpul)));
  }, double),
];

const graphics: readonly Op[] = [
  op("1111nnmm11101101", "fipr FVm,FVn", (cpu, { n, m }) => {
    cpu.setFr(4 * n + 3, cpu.dot4(vector(cpu, 4 * n), vector(cpu, 4 * m)));
  }, single),
  // The four sums are one instruction: its cause field is what any of them raised (section 9, FTRV
  // clears it once). The registers are read anew for each sum, and written only after the last one.
  // It writes FPSCR, hence `ends`, though it never changes the mode.
  op("1111nn0111111101", "ftrv XMTRX,FVn", (cpu, { n }) => {
    const x = cpu.dot4(matrixRow(cpu, 0), vector(cpu, 4 * n));
    const ofX = cpu.fpscr();
    const y = cpu.dot4(matrixRow(cpu, 1), vector(cpu, 4 * n));
    const ofY = cpu.or(ofX, cpu.fpscr());
    const z = cpu.dot4(matrixRow(cpu, 2), vector(cpu, 4 * n));
    const ofZ = cpu.or(ofY, cpu.fpscr());
    const w = cpu.dot4(matrixRow(cpu, 3), vector(cpu, 4 * n));
    const ofW = cpu.or(ofZ, cpu.fpscr());
    cpu.setFr(4 * n, x);
    cpu.setFr(4 * n + 1, y);
    cpu.setFr(4 * n + 2, z);
    cpu.setFr(4 * n + 3, w);
    cpu.setFpscr(ofW);
  }, { ...single, ends: true }),
  op("1111nnn011111101", "fsca FPUL,DRn", (cpu, { n }) => {
    const angle = cpu.special(SPECIAL.fpul);
    const sine = cpu.sine(angle);
    const cosine = cpu.cosine(angle);
    cpu.setFr(2 * n, sine);
    cpu.setFr(2 * n + 1, cosine);
  }, single),
  op("1111nnnn01111101", "fsrra FRn", (cpu, { n }) => {
    cpu.setFr(n, cpu.reciprocalSqrt(cpu.fr(n)));
  }, single),
];

const status: readonly Op[] = [
  // The manual gives both for PR = 0 only; the silicon does not look at PR.
  op("1111101111111101", "frchg", (cpu) => {
    cpu.setFpscr(cpu.xor(cpu.fpscr(), cpu.int(FPSCR_FR)));
  }, ends),
  op("1111001111111101", "fschg", (cpu) => {
    cpu.setFpscr(cpu.xor(cpu.fpscr(), cpu.int(FPSCR_SZ)));
  }, ends),
  op("0100mmmm01011010", "lds Rm,FPUL", (cpu, { m }) => {
    cpu.setSpecial(SPECIAL.fpul, cpu.r(m));
  }, always),
  op("0100mmmm01010110", "lds.l @Rm+,FPUL", (cpu, { m }) => {
    const address = cpu.r(m);
    const value = cpu.load32(address);
    cpu.setR(m, cpu.add(address, cpu.int(4)));
    cpu.setSpecial(SPECIAL.fpul, value);
  }, always),
  op("0100mmmm01101010", "lds Rm,FPSCR", (cpu, { m }) => cpu.setFpscr(cpu.r(m)), ends),
  op("0100mmmm01100110", "lds.l @Rm+,FPSCR", (cpu, { m }) => {
    const address = cpu.r(m);
    const value = cpu.load32(address);
    cpu.setR(m, cpu.add(address, cpu.int(4)));
    cpu.setFpscr(value);
  }, ends),
  op("0000nnnn01011010", "sts FPUL,Rn", (cpu, { n }) => {
    cpu.setR(n, cpu.special(SPECIAL.fpul));
  }, always),
  op("0100nnnn01010010", "sts.l FPUL,@-Rn", (cpu, { n }) => {
    const address = cpu.sub(cpu.r(n), cpu.int(4));
    cpu.store32(address, cpu.special(SPECIAL.fpul));
    cpu.setR(n, address);
  }, always),
  op("0000nnnn01101010", "sts FPSCR,Rn", (cpu, { n }) => cpu.setR(n, cpu.fpscr()), always),
  op("0100nnnn01100010", "sts.l FPSCR,@-Rn", (cpu, { n }) => {
    const address = cpu.sub(cpu.r(n), cpu.int(4));
    cpu.store32(address, cpu.fpscr());
    cpu.setR(n, address);
  }, always),
];

/** Every floating-point instruction of the SH-4. */
export const float: readonly Op[] = [
  ...moves,
  ...signs,
  ...singles,
  ...doubles,
  ...graphics,
  ...status,
];
