/**
 * The SH-4's floating-point operations in full: special operands, denormalized numbers, exact
 * rounding and every cause bit (manual section 9, "special cases" of each instruction).
 *
 * Nothing here touches a register. The unit in fpu.ts takes a short cut wherever host arithmetic is
 * known to agree, and comes here for the rest.
 */
import {
  type Exact,
  exactOf,
  type Outcome,
  productOf,
  quotientOf,
  rootOf,
  rounded,
  type Rounding,
  sumOf,
} from "./exact.ts";
import { CAUSE, isDenormal } from "./float_format.ts";

/** How an operation is to be carried out. */
export interface FloatMode extends Rounding {
  /** DN = 0: a denormalized operand is an FPU error. Not so while software emulation is asked for. */
  readonly refuse: boolean;
  /** One of the operands was a signalling NaN; as host numbers all NaN are alike. */
  readonly signalling: boolean;
}

const plain = (value: number): Outcome => ({ value, cause: 0 });
const invalid: Outcome = { value: NaN, cause: CAUSE.V };
const fpuError: Outcome = { value: NaN, cause: CAUSE.E };

const anyNaN = (mode: FloatMode): Outcome => mode.signalling ? invalid : plain(NaN);

const refuses = (mode: FloatMode, ...operands: number[]): boolean =>
  mode.refuse && operands.some((operand) => isDenormal(operand, mode.format));

/** With DN = 1 a denormalized operand reads as the zero of its sign. */
const operand = (mode: FloatMode, value: number): number =>
  mode.flush && isDenormal(value, mode.format) ? value * 0 : value;

/** Rounds what is not zero; of an exact zero the caller knows the sign. */
const finish = (mode: FloatMode, exact: Exact, zero: number): Outcome =>
  exact.magnitude === 0n && !exact.sticky ? plain(zero) : rounded(exact, mode);

/** FADD, and FSUB with the second operand negated. */
export function addition(mode: FloatMode, left: number, right: number): Outcome {
  if (left !== left || right !== right) return anyNaN(mode);
  if (refuses(mode, left, right)) return fpuError;
  const a = operand(mode, left);
  const b = operand(mode, right);
  const host = a + b;
  if (host !== host) return invalid; // infinities of opposite sign
  if (Math.abs(a) === Infinity || Math.abs(b) === Infinity) return plain(host);
  // x + -x is +0 in both rounding modes, -0 + -0 is -0: as the host has it.
  return finish(mode, sumOf(exactOf(a), exactOf(b)), host);
}

/** FMUL. */
export function multiplication(mode: FloatMode, left: number, right: number): Outcome {
  if (left !== left || right !== right) return anyNaN(mode);
  if (refuses(mode, left, right)) return fpuError;
  const a = operand(mode, left);
  const b = operand(mode, right);
  const host = a * b;
  if (host !== host) return invalid; // 0 * infinity
  if (Math.abs(a) === Infinity || Math.abs(b) === Infinity) return plain(host);
  return finish(mode, productOf(exactOf(a), exactOf(b)), host);
}

/** FDIV: `left / right`. */
export function division(mode: FloatMode, left: number, right: number): Outcome {
  if (left !== left || right !== right) return anyNaN(mode);
  // Table "FDIV special cases": a denormalized dividend over zero is a division by zero, not an error.
  if (right !== 0 && refuses(mode, left, right)) return fpuError;
  const a = operand(mode, left);
  const b = operand(mode, right);
  const host = a / b;
  if (host !== host) return invalid; // 0 / 0, infinity / infinity
  if (Math.abs(a) === Infinity || Math.abs(b) === Infinity || a === 0) return plain(host);
  if (b === 0) return { value: host, cause: CAUSE.Z };
  return rounded(quotientOf(exactOf(a), exactOf(b)), mode);
}

/** FSQRT. */
export function squareRoot(mode: FloatMode, value: number): Outcome {
  if (value !== value) return anyNaN(mode);
  const a = operand(mode, value);
  if (a < 0) return invalid; // a negative denormalized number too
  if (refuses(mode, a)) return fpuError;
  if (a === 0 || a === Infinity) return plain(a);
  return rounded(rootOf(exactOf(a)), mode);
}

/** FMAC: `left * right + addend`, rounded once. */
export function multiplyAdd(
  mode: FloatMode,
  left: number,
  right: number,
  addend: number,
): Outcome {
  if (mode.signalling) return invalid;
  if (left !== left || right !== right) return plain(NaN);
  if (refuses(mode, left, right)) return fpuError;
  const a = operand(mode, left);
  const b = operand(mode, right);
  const product = a * b; // of two singles: exact
  if (product !== product) return invalid; // 0 * infinity, whatever is to be added
  if (addend !== addend) return plain(NaN);
  if (refuses(mode, addend)) return fpuError;
  const c = operand(mode, addend);
  const host = product + c;
  if (host !== host) return invalid;
  if (Math.abs(host) === Infinity) return plain(host); // two singles' product does not overflow
  const exact = sumOf(productOf(exactOf(a), exactOf(b)), exactOf(c));
  return finish(mode, exact, host);
}

/** FCNVDS, and FLOAT in single precision: a number in the mode's format. */
export function conversion(mode: FloatMode, value: number): Outcome {
  if (Math.abs(value) === Infinity || value === 0) return plain(value);
  return rounded(exactOf(value), mode);
}

/**
 * FIPR, and one row of FTRV. The hardware adds the four products in its own approximate way; here it
 * is three sums of doubles from left to right, rounded once more to single precision. Denormalized
 * operands are taken as they are, or as zero with DN = 1: these instructions raise no FPU error.
 */
export function innerProduct(
  mode: FloatMode,
  a: readonly [number, number, number, number],
  b: readonly [number, number, number, number],
): Outcome {
  let sum = -0;
  let inexact = false;
  let improper = mode.signalling;
  let nan = false;
  for (let i = 0; i < 4; i++) {
    const left = operand(mode, a[i] ?? 0);
    const right = operand(mode, b[i] ?? 0);
    const product = left * right;
    if (left !== left || right !== right) nan = true;
    else if (product !== product) improper = true; // 0 * infinity
    const next = sum + product;
    inexact ||= next - product !== sum || next - sum !== product;
    sum = next;
  }
  if (improper) return invalid;
  if (nan) return plain(NaN);
  if (sum !== sum) return invalid; // infinities of both signs
  if (Math.abs(sum) === Infinity) return plain(sum);
  const { value, cause } = sum === 0 ? plain(sum) : rounded(exactOf(sum), mode);
  return { value, cause: inexact ? cause | CAUSE.I : cause };
}

/** FSRRA. A normalized operand always raises I, since the hardware approximates. */
export function reciprocalRoot(mode: FloatMode, value: number): Outcome {
  if (value !== value) return anyNaN(mode);
  const a = operand(mode, value);
  if (a === 0) return { value: 1 / a, cause: CAUSE.Z };
  if (a < 0) return invalid;
  if (refuses(mode, a)) return fpuError;
  if (a === Infinity) return plain(0);
  return { value: Math.fround(1 / Math.sqrt(a)), cause: CAUSE.I };
}
