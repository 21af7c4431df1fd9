/** The rows and the evaluator as a vector driver: no translation, no alignment, a bus for memory. */
import { SPECIAL } from "../../core/isa/cpu.ts";
import { decode, type Instruction } from "../../core/isa/decode.ts";
import { Evaluator } from "../../core/machine/evaluator.ts";
import { Fault } from "../../core/machine/exception.ts";
import { Mmu } from "../../core/machine/mmu.ts";
import * as S from "../../core/machine/state.ts";
import { STATE, STATE_WORDS } from "../../core/machine/vector_state.ts";
import type { VectorBus, VectorDriver } from "../../core/machine/vectors.ts";

const NOWHERE: VectorBus = { fetch: () => 0, read: () => 0, write: () => {} };

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

/** An evaluator whose memory is a bus. */
export class VectorCpu extends Evaluator implements VectorDriver {
  bus: VectorBus = NOWHERE;
  pc = 0;

  constructor() {
    const memory = new WebAssembly.Memory({ initial: 2, maximum: 2, shared: true });
    super(memory, new Mmu(memory, 65536));
  }

  computeDenormals(on: boolean): void {
    this.fpu.computeDenormals = on;
  }

  set(state: Uint32Array, bus: VectorBus): void {
    const at = (place: number): number => (state[place] as number) | 0;
    this.bus = bus;
    this.pending = "none";
    // SR and FPSCR first: writing them may swap banks, whose contents come after.
    this.setSr(at(STATE.SR));
    this.setFpscr(at(STATE.FPSCR));
    for (let n = 0; n < 16; n++) {
      this.setR(n, at(STATE.R + n));
      this.setFrBits(n, at(STATE.FP0 + n));
      this.setXfBits(n, at(STATE.FP1 + n));
    }
    for (let n = 0; n < 8; n++) this.setBank(n, at(STATE.R_BANK + n));
    for (const [place, which] of SPECIALS) this.setSpecial(which, at(place));
    this.pc = at(STATE.PC);
  }

  state(): Uint32Array {
    const state = new Uint32Array(STATE_WORDS);
    for (let n = 0; n < 16; n++) {
      state[STATE.R + n] = this.r(n);
      state[STATE.FP0 + n] = this.frBits(n);
      state[STATE.FP1 + n] = this.xfBits(n);
    }
    for (let n = 0; n < 8; n++) state[STATE.R_BANK + n] = this.bank(n);
    for (const [place, which] of SPECIALS) state[place] = this.special(which);
    state[STATE.SR] = this.sr();
    state[STATE.FPSCR] = this.fpscr();
    state[STATE.PC] = this.pc;
    return state;
  }

  step(): number {
    const { pc } = this;
    const instruction = this.#at(pc);
    const next = instruction.exec(this, instruction.fields);
    if (instruction.delayed) {
      const slot = this.#at(pc + 2);
      slot.exec(this, slot.fields);
    }
    if (this.pending === "trap") throw new Fault("trap");
    this.pc = ((next as number | undefined) ?? pc + 2) | 0;
    if (this.pending === "sleep") return Infinity;
    return instruction.delayed ? 2 : 1;
  }

  /** Decodes and runs one word at the current pc, for tests without a recorded case. */
  runWord(word: number): void {
    this.bus = { ...this.bus, fetch: () => word };
    this.step();
  }

  #at(pc: number): Instruction {
    const fpscr = this.fpscr();
    const instruction = decode(this.bus.fetch(pc), {
      PR: (fpscr & S.FPSCR_PR) === 0 ? 0 : 1,
      SZ: (fpscr & S.FPSCR_SZ) === 0 ? 0 : 1,
    });
    if (instruction === undefined) throw new Fault("illegal");
    instruction.fields.pc = pc;
    return instruction;
  }

  override load8 = (a: number) => (this.bus.read(a, 1) << 24) >> 24;
  override load16 = (a: number) => (this.bus.read(a, 2) << 16) >> 16;
  override load32 = (a: number) => this.bus.read(a, 4) | 0;
  override store8 = (a: number, v: number) => this.bus.write(a, 1, v);
  override store16 = (a: number, v: number) => this.bus.write(a, 2, v);
  override store32 = (a: number, v: number) => this.bus.write(a, 4, v);
  override prefetch = () => {};
  override cache = () => {};

  override loadPair(bank: 0 | 1, n: number, a: number): void {
    const even = this.load32(a);
    const odd = this.load32(a + 4);
    if (bank === 0) {
      this.setFrBits(n, even);
      this.setFrBits(n + 1, odd);
    } else {
      this.setXfBits(n, even);
      this.setXfBits(n + 1, odd);
    }
  }

  override storePair(bank: 0 | 1, n: number, a: number): void {
    this.store32(a, bank === 0 ? this.frBits(n) : this.xfBits(n));
    this.store32(a + 4, bank === 0 ? this.frBits(n + 1) : this.xfBits(n + 1));
  }
}
