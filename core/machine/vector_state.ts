/** One case of an instruction vector file, and the layout of the states in it. */

/** What a file's name says: `1111nnnnmmmm1100_sz0_pr0.bin`. */
export interface VectorName {
  readonly file: string;
  readonly pattern: string;
  readonly SZ: 0 | 1;
  readonly PR: 0 | 1;
}

/** One access to data; the value's size is that of the instruction. */
export interface DataAccess {
  readonly address: number;
  readonly value: bigint;
}

/** One record. States are `STATE_WORDS` words, unsigned. */
export interface VectorCase {
  readonly name: VectorName;
  readonly index: number;
  readonly before: Uint32Array;
  readonly after: Uint32Array;
  readonly reads: readonly DataAccess[];
  readonly writes: readonly DataAccess[];
  /** Four at PC and after it, and the one found everywhere else. */
  readonly opcodes: readonly number[];
}

/** Where a state's parts begin. FP0 is the active bank whatever FPSCR.FR says, so is R0 to R15. */
export const STATE = {
  R: 0,
  R_BANK: 16,
  FP0: 24,
  FP1: 40,
  PC: 56,
  GBR: 57,
  SR: 58,
  SSR: 59,
  SPC: 60,
  VBR: 61,
  SGR: 62,
  DBR: 63,
  MACL: 64,
  MACH: 65,
  PR: 66,
  FPSCR: 67,
  FPUL: 68,
} as const;

/** Words of a state. */
export const STATE_WORDS = 69;

const numbered = (prefix: string, count: number, suffix = ""): string[] =>
  Array.from({ length: count }, (_, n) => prefix + n + suffix);

/** The name of each word of a state. */
export const STATE_NAMES: readonly string[] = [
  ...numbered("R", 16),
  ...numbered("R", 8, "_BANK"),
  ...numbered("FR", 16),
  ...numbered("XF", 16),
  ..."PC GBR SR SSR SPC VBR SGR DBR MACL MACH PR FPSCR FPUL".split(" "),
];
