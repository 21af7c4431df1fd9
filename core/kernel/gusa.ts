/**
 * gUSA: how user programs on a uniprocessor SH are atomic without a lock. Inside an atomic sequence
 * r15 is a small negative number (minus the sequence's length), r0 its end address and r1 the real
 * stack pointer. Whoever takes the processor away inside one must send the program back to its
 * start. A checkpoint is a preemption too: a capture inside a region would be a silent bug.
 */

/** The registers of a sequence; see `Context` for the whole set. */
export interface GusaRegisters {
  readonly r: number[];
  pc: number;
}

/** No user stack pointer lies here, so r15 is the mark of a sequence (Linux tests the same). */
const MARK = 0xc0000000;

/**
 * Rewinds an interrupted atomic sequence to its start and gives r15 its stack pointer back. At or
 * past the end address the store has happened, so only r15 is repaired. Returns whether there was
 * a sequence.
 *
 * @example
 * ```ts
 * import { rewindGusa } from "./gusa.ts";
 * const r = new Array<number>(16).fill(0);
 * r[0] = 0x1010, r[1] = 0x7bfff000, r[15] = -6 >>> 0;
 * const registers = { r, pc: 0x100c };
 * rewindGusa(registers);
 * if (registers.pc !== 0x100a || r[15] !== 0x7bfff000) throw new Error("unreachable");
 * ```
 */
export function rewindGusa(registers: GusaRegisters): boolean {
  const mark = (registers.r[15] ?? 0) >>> 0;
  if (mark < MARK) return false;
  const end = (registers.r[0] ?? 0) >>> 0;
  registers.r[15] = (registers.r[1] ?? 0) >>> 0;
  if (registers.pc >>> 0 < end) registers.pc = (end + mark) >>> 0;
  return true;
}
