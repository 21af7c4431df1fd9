/** The registers a user program sees, as a named record: what a thread is when it does not run. */
import { type Cpu, SPECIAL } from "../isa/cpu.ts";

/** Every register is an unsigned 32-bit word; floating-point registers are bits, not numbers. */
export interface Context {
  /** R0 to R15. */
  readonly r: number[];
  pc: number;
  pr: number;
  gbr: number;
  mach: number;
  macl: number;
  /** Only the bits a user program owns: T, S, Q and M. */
  sr: number;
  fpscr: number;
  fpul: number;
  /** FR0 to FR15 of the bank FPSCR.FR selects. */
  readonly fr: number[];
  /** XF0 to XF15, the other bank. */
  readonly xf: number[];
}

/** SR bits that belong to the user: M, Q, S, T. */
export const SR_USER = 0x303;

/** FPSCR of a new program: double precision, rounding to nearest (guests rely on it). */
export const FPSCR_START = 0x00080000;

/** What saving and loading need of a machine. */
export interface RegisterFile {
  readonly cpu: Cpu<number>;
  pc: number;
}

const NUMBERS: readonly number[] = Array.from({ length: 16 }, (_, n) => n);

const zeros = (): number[] => new Array<number>(16).fill(0);

/** The registers of a program that starts at `pc` with this stack pointer. */
export function startContext(pc: number, stackPointer: number): Context {
  const r = zeros();
  r[15] = stackPointer >>> 0;
  return {
    r,
    pc: pc >>> 0,
    pr: 0,
    gbr: 0,
    mach: 0,
    macl: 0,
    sr: 0,
    fpscr: FPSCR_START,
    fpul: 0,
    fr: zeros(),
    xf: zeros(),
  };
}

/** A copy that shares nothing. */
export const copyContext = (context: Context): Context => ({
  ...context,
  r: [...context.r],
  fr: [...context.fr],
  xf: [...context.xf],
});

/** Reads the registers of the running user program. */
export function saveContext(machine: RegisterFile): Context {
  const { cpu } = machine;
  const special = (which: (typeof SPECIAL)[keyof typeof SPECIAL]) => cpu.special(which) >>> 0;
  return {
    r: NUMBERS.map((n) => cpu.r(n) >>> 0),
    pc: machine.pc >>> 0,
    pr: special(SPECIAL.pr),
    gbr: special(SPECIAL.gbr),
    mach: special(SPECIAL.mach),
    macl: special(SPECIAL.macl),
    sr: cpu.sr() & SR_USER,
    fpscr: cpu.fpscr() >>> 0,
    fpul: special(SPECIAL.fpul),
    fr: NUMBERS.map((n) => cpu.frBits(n) >>> 0),
    xf: NUMBERS.map((n) => cpu.xfBits(n) >>> 0),
  };
}

/** Makes the machine run this user program. SR and FPSCR go first: they select register banks. */
export function loadContext(machine: RegisterFile, context: Context): void {
  const { cpu } = machine;
  cpu.setSr(context.sr & SR_USER);
  cpu.setFpscr(context.fpscr | 0);
  for (const n of NUMBERS) {
    cpu.setR(n, (context.r[n] ?? 0) | 0);
    cpu.setFrBits(n, (context.fr[n] ?? 0) | 0);
    cpu.setXfBits(n, (context.xf[n] ?? 0) | 0);
  }
  cpu.setSpecial(SPECIAL.pr, context.pr | 0);
  cpu.setSpecial(SPECIAL.gbr, context.gbr | 0);
  cpu.setSpecial(SPECIAL.mach, context.mach | 0);
  cpu.setSpecial(SPECIAL.macl, context.macl | 0);
  cpu.setSpecial(SPECIAL.fpul, context.fpul | 0);
  machine.pc = context.pc | 0;
}
