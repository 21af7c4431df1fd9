/** The registers of a processor as an instruction vector records them. */
import { SPECIAL } from "../isa/cpu.ts";
import type { Evaluator } from "./evaluator.ts";
import { STATE, STATE_WORDS } from "./vector_state.ts";

/** Where each special register lies in a vector's state. */
const SPECIALS = [
  [STATE.GBR, SPECIAL.gbr],
  [STATE.SSR, SPECIAL.ssr],
  [STATE.SPC, SPECIAL.spc],
  [STATE.VBR, SPECIAL.vbr],
  [STATE.SGR, SPECIAL.sgr],
  [STATE.DBR, SPECIAL.dbr],
  [STATE.MACL, SPECIAL.macl],
  [STATE.MACH, SPECIAL.mach],
  [STATE.PR, SPECIAL.pr],
  [STATE.FPUL, SPECIAL.fpul],
] as const;

/** Puts a recorded state into the registers, but for PC; `sr` is what SR becomes. */
export function putRegisters(cpu: Evaluator, state: Uint32Array, sr: number): void {
  const at = (place: number): number => (state[place] as number) | 0;
  // SR and FPSCR first: writing them may swap banks, whose contents come after.
  cpu.setSr(sr);
  cpu.setFpscr(at(STATE.FPSCR));
  for (let n = 0; n < 16; n++) {
    cpu.setR(n, at(STATE.R + n));
    cpu.setFrBits(n, at(STATE.FP0 + n));
    cpu.setXfBits(n, at(STATE.FP1 + n));
  }
  for (let n = 0; n < 8; n++) cpu.setBank(n, at(STATE.R_BANK + n));
  for (const [place, which] of SPECIALS) cpu.setSpecial(which, at(place));
}

/** The registers as a vector's state. */
export function takeRegisters(cpu: Evaluator, pc: number): Uint32Array {
  const state = new Uint32Array(STATE_WORDS);
  for (let n = 0; n < 16; n++) {
    state[STATE.R + n] = cpu.r(n);
    state[STATE.FP0 + n] = cpu.frBits(n);
    state[STATE.FP1 + n] = cpu.xfBits(n);
  }
  for (let n = 0; n < 8; n++) state[STATE.R_BANK + n] = cpu.bank(n);
  for (const [place, which] of SPECIALS) state[place] = cpu.special(which);
  state[STATE.SR] = cpu.sr();
  state[STATE.FPSCR] = cpu.fpscr();
  state[STATE.PC] = pc;
  return state;
}
