/** What a row of the instruction table is: encoding, syntax and meaning in one place. */
import type { Cpu } from "./cpu.ts";

/** The letters of an encoding pattern: "0011nnnnmmmm1100" has the fields n and m. */
export type Letter<P extends string> = P extends `${infer C}${infer Rest}`
  ? C extends "0" | "1" ? Letter<Rest> : C | Letter<Rest>
  : never;

/** The decoded fields of one instruction, unsigned, and the address it stands at. */
export type Fields<F extends string> = Readonly<Record<F, number>> & { readonly pc: number };

/** What an instruction does. Returns where to go, or nothing for the next instruction. */
export type Semantics<F extends string> = <V>(cpu: Cpu<V>, fields: Fields<F>) => V | void;

/** What the driver must know of a row besides its meaning. */
export interface Traits {
  /** The next instruction runs before the branch takes effect. */
  readonly delayed?: true;
  /** Control leaves the block, or the decoding mode may change (SR, FPSCR written). */
  readonly ends?: true;
  /** Illegal in a delay slot: changes pc, reads it, traps, or writes SR (manual section 5.5). */
  readonly notInSlot?: true;
  /** SR.MD = 0 makes it a general illegal instruction. */
  readonly privileged?: true;
  /** SR.FD = 1 makes it an FPU-disabled exception. */
  readonly fpu?: true;
  /** The FPSCR mode in which this row is the meaning of the pattern. */
  readonly when?: { readonly PR?: 0 | 1; readonly SZ?: 0 | 1 };
}

/** One row of the instruction table. */
export interface Op extends Traits {
  /** Sixteen characters, first the most significant bit: 0, 1 or a field's letter. */
  readonly pattern: string;
  /** The manual's syntax; the assembler and the disassembler are made of it. */
  readonly syntax: string;
  readonly exec: Semantics<string>;
}

/**
 * Declares an instruction.
 *
 * @example
 * ```ts
 * import { op } from "./op.ts";
 * const add = op("0011nnnnmmmm1100", "add Rm,Rn", (cpu, { n, m }) =>
 *   cpu.setR(n, cpu.add(cpu.r(n), cpu.r(m))));
 * if (add.syntax !== "add Rm,Rn") throw new Error("unreachable");
 * ```
 */
export function op<P extends string>(
  pattern: P,
  syntax: string,
  exec: Semantics<Letter<P>>,
  traits: Traits = {},
): Op {
  return { pattern, syntax, exec: exec as Semantics<string>, ...traits };
}
