/**
 * Decoded instructions by their 16-bit word, one table for each mode in which words mean different
 * things: privilege (MD), FPU disabled (FD), FPSCR.PR and FPSCR.SZ. Filled as words occur.
 */
import type { Cpu } from "../isa/cpu.ts";
import { decode, type Instruction } from "../isa/decode.ts";
import { type ExceptionName, Fault } from "./exception.ts";
import * as S from "./state.ts";

type Exec = (cpu: Cpu<number>, fields: Instruction["fields"]) => number | void;

/** One decoded word, ready to run. */
export interface Step {
  readonly fields: Instruction["fields"];
  readonly exec: Exec;
  /** What happens when it stands in a delay slot: the same, or an exception. */
  readonly execInSlot: Exec;
  readonly delayed: boolean;
  readonly ends: boolean;
}

/** The one word of the FPU's space that is an illegal instruction even to a disabled FPU. */
const NEVER = 0xfffd;

const NO_FIELDS = { n: 0, m: 0, i: 0, d: 0, pc: 0 };

const thrower = (exception: ExceptionName): Exec => () => {
  throw new Fault(exception);
};

const ILLEGAL = thrower("illegal"), ILLEGAL_IN_SLOT = thrower("illegalSlot");
const NO_FPU = thrower("fpuDisabled"), NO_FPU_IN_SLOT = thrower("fpuDisabledSlot");

/** Sixteen tables of 65,536 words: half a megabyte each, so the machines of a thread share them. */
export class DecodeTables {
  private readonly tables: (Step | undefined)[][] = [];

  /** The table of a mode. */
  of(sr: number, fpscr: number): (Step | undefined)[] {
    const key = ((sr & S.SR_MD) !== 0 ? 8 : 0) | ((sr & S.SR_FD) !== 0 ? 4 : 0) |
      ((fpscr & S.FPSCR_PR) !== 0 ? 2 : 0) | ((fpscr & S.FPSCR_SZ) !== 0 ? 1 : 0);
    return this.tables[key] ??= new Array<Step | undefined>(65536).fill(undefined);
  }

  /** What a word does in a mode. */
  decode(word: number, sr: number, fpscr: number): Step {
    const PR = (fpscr & S.FPSCR_PR) !== 0 ? 1 : 0, SZ = (fpscr & S.FPSCR_SZ) !== 0 ? 1 : 0;
    const instruction = decode(word, { PR, SZ });
    const refused = (exec: Exec, execInSlot: Exec): Step => ({
      fields: { ...NO_FIELDS },
      exec,
      execInSlot,
      delayed: false,
      ends: false,
    });
    const isFloat = instruction?.fpu === true || (word >> 12 === 0xf && word !== NEVER);
    if (isFloat && (sr & S.SR_FD) !== 0) return refused(NO_FPU, NO_FPU_IN_SLOT);
    if (instruction === undefined) return refused(ILLEGAL, ILLEGAL_IN_SLOT);
    const { op } = instruction;
    if (op.privileged === true && (sr & S.SR_MD) === 0) return refused(ILLEGAL, ILLEGAL_IN_SLOT);
    return {
      fields: instruction.fields,
      exec: op.exec as Exec,
      execInSlot: op.notInSlot === true ? ILLEGAL_IN_SLOT : op.exec as Exec,
      delayed: op.delayed === true,
      ends: op.ends === true,
    };
  }
}
