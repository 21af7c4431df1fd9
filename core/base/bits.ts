/** Bits and words: the few functions on 32-bit integers that several layers need. */

/** Sign-extends the low 8 bits. */
export const sext8 = (n: number): number => (n << 24) >> 24;

/** Sign-extends the low 12 bits. */
export const sext12 = (n: number): number => (n << 20) >> 20;

/** Sign-extends the low 16 bits. */
export const sext16 = (n: number): number => (n << 16) >> 16;

/**
 * A 32-bit word as eight hexadecimal digits.
 *
 * @example
 * ```ts
 * import { hex32 } from "./bits.ts";
 * if (hex32(-1) !== "0xffffffff") throw new Error("unreachable");
 * ```
 */
export const hex32 = (n: number): string => "0x" + (n >>> 0).toString(16).padStart(8, "0");

/** A 16-bit word as four hexadecimal digits. */
export const hex16 = (n: number): string => "0x" + (n & 0xffff).toString(16).padStart(4, "0");
