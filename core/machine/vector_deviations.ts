/**
 * Where vectors made by an emulator may differ from the SH-4: a table of names, each with the manual's
 * rule. A difference that no row here allows is a failure.
 */
import type { ExceptionName } from "./exception.ts";
import {
  CAUSE_FIELD,
  DOUBLE_NAN_HIGH,
  FLAG_FIELD,
  FPSCR_BITS,
  SINGLE_NAN,
} from "./float_format.ts";
import { FPSCR_DN, SR_MD, SR_RB } from "./state.ts";
import { STATE, type VectorCase } from "./vector_state.ts";

/** One word of the state in which a case differs. */
interface Difference {
  readonly recorded: VectorCase;
  /** Which word of the state. */
  readonly word: number;
  readonly expected: number;
  readonly found: number;
  /** The whole state found. */
  readonly state: Uint32Array;
}

/** A way in which vectors may differ from the manual. */
export interface Deviation {
  readonly name: string;
  /** What the manual says, and where. */
  readonly rule: string;
  /** The encodings it may occur in. */
  readonly patterns: readonly string[];
  /** Whether it explains a differing word of the state. */
  readonly explains?: (difference: Difference) => boolean;
  /** The exception it explains, if the set has none where the manual demands one. */
  readonly exception?: ExceptionName;
  /** Whether the exception is due in a case. */
  readonly due?: (recorded: VectorCase) => boolean;
  /** The set has the result that software emulation after the exception gives. */
  readonly emulated?: boolean;
}

const { FP0, FP1, FPSCR, FPUL } = STATE;

const FIPR = "1111nnmm11101101";
const FTRV = "1111nn0111111101";
const FSRRA = "1111nnnn01111101";
const FSCA = "1111nnn011111101";
const FMAC = "1111nnnnmmmm1110";
const FTRC_SINGLE = "1111mmmm00111101";
const FTRC_DOUBLE = "1111mmm000111101";

const RTE = "0000000000101011";
const TRAPA = "11000011iiiiiiii";
const SLEEP = "0000000000011011";
const DIV1 = "0011nnnnmmmm0100";
const LDC_SR = ["0100mmmm00001110", "0100mmmm00000111"];
const LDS_FPSCR = ["0100mmmm01101010", "0100mmmm01100110"];

const BINARY_SINGLE = ["0000", "0001", "0010", "0011"].map((last) => `1111nnnnmmmm${last}`);
const BINARY_DOUBLE = ["0000", "0001", "0010", "0011"].map((last) => `1111nnn0mmm0${last}`);
const SINGLE = [...BINARY_SINGLE, "1111nnnn01101101", FMAC, FSRRA, FIPR, FTRV];
const DOUBLE = [...BINARY_DOUBLE, "1111nnn001101101"];
/** Everything that clears the cause field. */
const ARITHMETIC = [
  ...SINGLE,
  ...DOUBLE,
  FSCA,
  FTRC_SINGLE,
  FTRC_DOUBLE,
  "1111nnnn00101101",
  "1111nnn000101101",
  "1111nnnnmmmm0100",
  "1111nnnnmmmm0101",
  "1111nnn0mmm00100",
  "1111nnn0mmm00101",
];

const isFr = (word: number): boolean => word >= FP0 && word < FP1;
const isNaNSingle = (bits: number): boolean => (bits & 0x7fffffff) > 0x7f800000;

/** The register fields of a case's instruction, n before m, where its encoding has them. */
function registers({ name: { pattern }, opcodes }: VectorCase): readonly number[] {
  const word = opcodes[1] ?? 0;
  return ["n", "m"].filter((letter) => pattern.includes(letter)).map((letter) => {
    const last = pattern.lastIndexOf(letter);
    return (word >> (15 - last)) & ((1 << (last - pattern.indexOf(letter) + 1)) - 1);
  });
}

/** The words of the state that hold a case's operands. */
function operands(recorded: VectorCase): readonly number[] {
  const { pattern, PR } = recorded.name;
  const named = registers(recorded).map((field) => FP0 + (PR === 1 ? 2 * field : field));
  return pattern === FMAC ? [FP0, ...named] : named;
}

/** Whether an operand is denormalized: exponent 0, fraction not. */
function hasDenormal(recorded: VectorCase): boolean {
  const { before, name } = recorded;
  return operands(recorded).some((place) => {
    const bits = before[place] ?? 0;
    if (name.PR === 0) return (bits & 0x7f800000) === 0 && (bits & 0x007fffff) !== 0;
    const rest = (bits & 0x000fffff) | (before[place + 1] ?? 0);
    return (bits & 0x7ff00000) === 0 && rest !== 0;
  });
}

const float = new Float32Array(1);
const floatBits = new Uint32Array(float.buffer);

function single(bits: number): number {
  floatBits[0] = bits;
  return float[0] ?? 0;
}

/** The distance of two singles in units of the last place. */
function ulps(a: number, b: number): number {
  const order = (bits: number) => (bits | 0) < 0 ? -(bits & 0x7fffffff) : bits;
  return Math.abs(order(a) - order(b));
}

/** A register that holds half of a double in both states: the default NaN found, any NaN expected. */
function isDoubleNaN({ recorded, word, state }: Difference): boolean {
  const high = word & ~1;
  const expected = recorded.after[high] ?? 0;
  const low = recorded.after[high + 1] ?? 0;
  const expectedNaN = (expected & 0x7ff00000) === 0x7ff00000 &&
    ((expected & 0x000fffff) | low) !== 0;
  return isFr(word) && expectedNaN && state[high] === DOUBLE_NAN_HIGH &&
    state[high + 1] === 0xffffffff;
}

/** The largest of the four products that make the word of FIPR's or FTRV's result. */
function largestProduct({ recorded, word }: Difference): number {
  const { before, opcodes, name } = recorded;
  const opcode = opcodes[1] ?? 0;
  const n = FP0 + 4 * ((opcode >> 10) & 3);
  const m = FP0 + 4 * ((opcode >> 8) & 3);
  const at = (place: number) => single(before[place] ?? 0);
  let largest = 0;
  for (let i = 0; i < 4; i++) {
    const factor = name.pattern === FIPR ? at(m + i) : at(FP1 + 4 * i + (word & 3));
    largest = Math.max(largest, Math.abs(at(n + i) * factor));
  }
  return largest;
}

/** Whether the running program sees bank 1: SR.MD and SR.RB both set. */
const isBank1 = (sr: number): boolean => (sr & SR_MD) !== 0 && (sr & SR_RB) !== 0;

const SYSTEM: readonly Deviation[] = [
  {
    name: "RB in user mode",
    rule:
      "Section 2.2.4: RB is a bit of SR like others, and without effect while MD = 0. The set " +
      "clears it when MD = 0 is written.",
    patterns: [...LDC_SR, RTE],
    explains: ({ word, expected, found }) =>
      word === STATE.SR && (expected ^ found) === SR_RB && (found & (SR_MD | SR_RB)) === SR_RB,
  },
  {
    name: "bank of RTE's slot",
    rule:
      "Section 9, RTE: the instruction in the delay slot runs with the SR that RTE restored. In " +
      "the set it works on the bank of the old SR.",
    patterns: [RTE],
    explains: ({ recorded: { before }, word }) =>
      (word === STATE.R + 1 || word === STATE.R_BANK + 1) &&
      isBank1(before[STATE.SR] ?? 0) !== isBank1(before[STATE.SSR] ?? 0),
  },
  {
    name: "DIV1 of a register by itself",
    rule: "Section 9, DIV1: the divisor is read before the dividend is shifted. In the set a " +
      "register divided by itself is read after it.",
    patterns: [DIV1],
    explains: ({ recorded, word }) => {
      const [n, m] = registers(recorded);
      return n === m && (word === n || word === STATE.SR);
    },
  },
  {
    name: "reserved bits of FPSCR",
    rule: "Section 6.3.2: bits 31 to 22 always read as 0. The set keeps what is written.",
    patterns: LDS_FPSCR,
    explains: ({ word, expected, found }) => word === FPSCR && (expected & FPSCR_BITS) === found,
  },
  {
    name: "TRAPA",
    rule: "Section 5.6.2: TRAPA is an exception. The set goes on to the next instruction.",
    patterns: [TRAPA],
    exception: "trap",
    due: () => true,
  },
  {
    name: "pc of SLEEP",
    rule:
      "Section 9, SLEEP: an interrupt returns to the instruction after it, so pc stands there. " +
      "In the set it stands on SLEEP, which repeats itself.",
    patterns: [SLEEP],
    explains: ({ word, expected, found }) => word === STATE.PC && found === ((expected + 2) >>> 0),
  },
];

/** Every deviation from the manual that vectors are known to have. */
export const DEVIATIONS: readonly Deviation[] = [
  ...SYSTEM,
  {
    name: "cause and flags",
    rule:
      "Section 6.3.2: arithmetic clears the cause field, sets in it what was raised, and adds " +
      "that to the flag field. The set never changes either.",
    patterns: ARITHMETIC,
    explains: ({ word, expected, found }) =>
      word === FPSCR && ((expected ^ found) & ~(CAUSE_FIELD | FLAG_FIELD)) === 0,
  },
  {
    name: "default NaN",
    rule: "Section 6.2.2: a NaN result is 0x7fbfffff in single precision. The set has the NaN of " +
      "the host it was made on.",
    patterns: SINGLE,
    explains: ({ word, expected, found }) =>
      isFr(word) && found === SINGLE_NAN && isNaNSingle(expected),
  },
  {
    name: "default NaN of doubles",
    rule: "Section 6.2.2: a NaN result is 0x7ff7ffff_ffffffff in double precision.",
    patterns: DOUBLE,
    explains: isDoubleNaN,
  },
  {
    name: "denormalized operand",
    rule:
      "Section 6.5: a denormalized operand with DN = 0 is an FPU error, which nothing disables. " +
      "The set computes with it, as the handler does; that result is compared too.",
    patterns: [...BINARY_SINGLE, ...BINARY_DOUBLE, FMAC, FSRRA, "1111nnnn01101101", ...DOUBLE],
    exception: "fpu",
    due: (recorded) => ((recorded.before[FPSCR] ?? 0) & FPSCR_DN) === 0 && hasDenormal(recorded),
    emulated: true,
  },
  {
    name: "FTRC overflow",
    rule: "Section 9, FTRC: above the range the result is 0x7fffffff. The set has the largest " +
      "single below 2^31.",
    patterns: [FTRC_SINGLE],
    explains: ({ word, expected, found }) =>
      word === FPUL && found === 0x7fffffff && expected === 0x7fffff80,
  },
  {
    name: "FTRC of NaN",
    rule: "Section 9, FTRC: a NaN gives 0x80000000. The set has 0.",
    patterns: [FTRC_SINGLE, FTRC_DOUBLE],
    explains: ({ word, expected, found }) =>
      word === FPUL && found === 0x80000000 && expected === 0,
  },
  {
    name: "FSRRA approximation",
    rule: "Section 9, FSRRA: the error may reach 2^-21; here it is 1/sqrt in double precision, " +
      "rounded, in the set 1/sqrt in single. One unit of the last place is allowed.",
    patterns: [FSRRA],
    explains: ({ word, expected, found }) => isFr(word) && ulps(expected, found) <= 1,
  },
  {
    name: "FIPR and FTRV approximation",
    rule: "Section 6.6.1: FIPR and FTRV err by up to 2^-25 of the largest product for each, and " +
      "2^-23 of the result. The set adds in single precision; eight times 2^-24 of the largest " +
      "product or result is allowed.",
    patterns: [FIPR, FTRV],
    explains: (difference) => {
      const { word, expected, found } = difference;
      const gap = Math.abs(single(expected) - single(found));
      const scale = Math.max(largestProduct(difference), Math.abs(single(found)), 2 ** -126);
      return isFr(word) && gap <= 8 * 2 ** -24 * scale;
    },
  },
  {
    name: "FIPR and FTRV in their middle",
    rule: "Section 9, FIPR: only the sum of the four products is rounded, so it is infinite or " +
      "invalid by itself or by its operands, not by a sum on the way.",
    patterns: [FIPR, FTRV],
    explains: (difference) => {
      const { word, expected, found } = difference;
      const overflowed = (expected & 0x7f800000) === 0x7f800000;
      return isFr(word) && overflowed && largestProduct(difference) < Infinity &&
        largestProduct(difference) > 2 ** 126 && !isNaNSingle(found);
    },
  },
  {
    name: "FCNVDS and FCNVSD with PR = 0",
    rule:
      "Section 9: both are undefined unless PR = 1. Here they are illegal instructions, in the " +
      "set they do nothing.",
    patterns: ["1111mmm010111101", "1111nnn010101101"],
    exception: "illegal",
    due: ({ name }) => name.PR === 0,
  },
];

/** The deviation that explains a differing word of the state, by name. */
export function deviationOf(
  recorded: VectorCase,
  word: number,
  state: Uint32Array,
): string | undefined {
  const expected = recorded.after[word] ?? 0;
  const found = state[word] ?? 0;
  const difference = { recorded, word, expected, found, state };
  return DEVIATIONS.find(({ patterns, explains }) =>
    patterns.includes(recorded.name.pattern) && explains?.(difference) === true
  )?.name;
}

/** The deviation that explains an exception the set does not have. */
export function exceptionDeviation(
  recorded: VectorCase,
  exception: ExceptionName,
): { readonly name: string; readonly emulated: boolean } | undefined {
  const found = DEVIATIONS.find((deviation) =>
    deviation.exception === exception && deviation.due?.(recorded) === true &&
    deviation.patterns.includes(recorded.name.pattern)
  );
  return found && { name: found.name, emulated: found.emulated === true };
}
