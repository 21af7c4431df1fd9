/** Runs single floating-point instructions and looks at what they leave, for the tests of the unit. */
import { assert, assertEquals } from "@std/assert";
import { SPECIAL } from "../../core/isa/cpu.ts";
import { assemble } from "../../core/isa/text.ts";
import { Fault } from "../../core/machine/exception.ts";
import { VectorCpu } from "./vector_cpu.ts";

export const PR = 1 << 19;
export const SZ = 1 << 20;
export const FR = 1 << 21;
export const DN = 1 << 18;
export const RZ = 1;
export const E = 1 << 17, V = 1 << 16, Z = 1 << 15, O = 1 << 14, U = 1 << 13, I = 1 << 12;
export const flagsOf = (cause: number): number => (cause & ~E) >> 10;
export const enable = (cause: number): number => cause >> 5;

export const ONE = 0x3f800000, TWO = 0x40000000, INF = 0x7f800000, NEGATIVE = 0x80000000;
export const MIN = 0x00800000, MAX = 0x7f7fffff, TINY = 1;
export const QUIET = 0x7f812345, SIGNALLING = 0x7fc00000, NAN = 0x7fbfffff;

export const cpu = new VectorCpu();

export interface Start {
  readonly fpscr?: number;
  /** Bits by register number. */
  readonly fr?: Readonly<Record<number, number>>;
  readonly xf?: Readonly<Record<number, number>>;
  readonly fpul?: number;
  readonly emulate?: boolean;
}

/** Runs one instruction on registers that are zero unless given; false if it raised an exception. */
export function run(
  line: string,
  { fpscr = 0, fr = {}, xf = {}, fpul = 0, emulate = false }: Start,
): boolean {
  cpu.setFpscr(fpscr);
  cpu.fpu.computeDenormals = emulate;
  for (let n = 0; n < 16; n++) {
    cpu.setFrBits(n, fr[n] ?? 0);
    cpu.setXfBits(n, xf[n] ?? 0);
  }
  cpu.setSpecial(SPECIAL.fpul, fpul);
  return again(line);
}

/** Runs one more instruction on the registers as they are. */
export function again(line: string): boolean {
  const fpscr = cpu.fpscr();
  const mode = { PR: (fpscr & PR) === 0 ? 0 : 1, SZ: (fpscr & SZ) === 0 ? 0 : 1 } as const;
  try {
    cpu.runWord(assemble(line, 0, mode));
    return true;
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    assertEquals(fault.exception, "fpu");
    return false;
  }
}

export const hex = (bits: number): string => (bits >>> 0).toString(16);
export const fr = (n: number): string => hex(cpu.frBits(n));
export const fpul = (): string => hex(cpu.special(SPECIAL.fpul));
export const cause = (): string => hex(cpu.fpscr() & (0x3f << 12));

/** A single result in FR2, and the causes. */
export function gives(line: string, start: Start, result: number, causes: number): void {
  const what = `${line} of ${Object.values(start.fr ?? {}).map(hex)} at FPSCR ${
    hex(start.fpscr ?? 0)
  }`;
  assert(run(line, start), `${what} raised an exception`);
  assertEquals(fr(2), hex(result), what);
  assertEquals(cause(), hex(causes), what);
  const flags = (start.fpscr ?? 0) & 0x7c | flagsOf(causes);
  assertEquals(hex(cpu.fpscr() & 0x7c), hex(flags), what);
}

/** An exception with these causes, and every register as it was. */
export function raises(line: string, start: Start, causes: number): void {
  const what = `${line} of ${Object.values(start.fr ?? {}).map(hex)}`;
  assert(!run(line, start), `${what} raised no exception`);
  assertEquals(cause(), hex(causes), what);
  for (let n = 0; n < 16; n++) assertEquals(fr(n), hex(start.fr?.[n] ?? 0), what);
  assertEquals(fpul(), hex(start.fpul ?? 0), what);
}
