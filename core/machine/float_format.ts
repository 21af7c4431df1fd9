/** The two floating-point formats of the SH-4 and the fields of FPSCR (manual sections 6.2 and 6.3). */

/** A binary format: what rounding and the tests for denormalized numbers need to know of it. */
export interface FloatFormat {
  /** Bits of the significand, the hidden one included. */
  readonly precision: number;
  /** The power of two of a denormalized number's last bit: nothing smaller can be written. */
  readonly lastBit: number;
  readonly minNormal: number;
  readonly maxFinite: number;
}

/** Single precision. */
export const SINGLE: FloatFormat = {
  precision: 24,
  lastBit: -149,
  minNormal: 1.1754943508222875e-38,
  maxFinite: 3.4028234663852886e38,
};

/** Double precision. */
export const DOUBLE: FloatFormat = {
  precision: 53,
  lastBit: -1074,
  minNormal: 2.2250738585072014e-308,
  maxFinite: Number.MAX_VALUE,
};

/** The bits of FPSCR's cause field: FPU error, then the five IEEE exceptions. */
export const CAUSE = {
  /** FPU error: a denormalized operand while DN = 0. It has no enable and no flag bit. */
  E: 1 << 17,
  /** Invalid operation. */
  V: 1 << 16,
  /** Division by zero. */
  Z: 1 << 15,
  /** Overflow. */
  O: 1 << 14,
  /** Underflow. */
  U: 1 << 13,
  /** Inexact. */
  I: 1 << 12,
} as const;

/** The whole cause field. */
export const CAUSE_FIELD = 0x3f << 12;
/** The enable field, V to I. */
export const ENABLE_FIELD = 0x1f << 7;
/** The flag field, V to I. */
export const FLAG_FIELD = 0x1f << 2;
/** How far a cause bit lies above its enable bit. */
export const CAUSE_TO_ENABLE = 5;
/** How far a cause bit lies above its flag bit. */
export const CAUSE_TO_FLAG = 10;
/** The flag that an inexact result leaves behind. */
export const INEXACT_FLAG = CAUSE.I >> CAUSE_TO_FLAG;
/** The rounding mode; 01 rounds to zero, everything else to nearest (10 and 11 are reserved). */
export const ROUNDING_FIELD = 3;
/** The bits of FPSCR that exist; the others read as zero (section 6.3.2). */
export const FPSCR_BITS = 0x003fffff;

/** The NaN that operations give in single precision (section 6.2.2). */
export const SINGLE_NAN = 0x7fbfffff;
/** The high and the low word of the NaN that operations give in double precision. */
export const DOUBLE_NAN_HIGH = 0x7ff7ffff;
export const DOUBLE_NAN_LOW = -1;

/**
 * Whether a single's bits are a signalling NaN. The SH-4 has it the other way round than most: the
 * most significant fraction bit is *set* in a signalling NaN (section 6.2.2, figure 6.3).
 *
 * @example
 * ```ts
 * import { isSignallingSingle } from "./float_format.ts";
 * if (!isSignallingSingle(0x7fc00000)) throw new Error("unreachable");
 * if (isSignallingSingle(0x7fbfffff)) throw new Error("unreachable");
 * ```
 */
export const isSignallingSingle = (bits: number): boolean => (bits & 0x7fc00000) === 0x7fc00000;

/** Whether the high word of a double belongs to a signalling NaN. */
export const isSignallingDouble = (high: number): boolean => (high & 0x7ff80000) === 0x7ff80000;

/** Whether a number is denormalized in the format. */
export const isDenormal = (value: number, format: FloatFormat): boolean =>
  value !== 0 && Math.abs(value) < format.minNormal;
