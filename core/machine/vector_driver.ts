/**
 * The evaluator as a driver of instruction vectors: the rows and the arithmetic are the machine's, the
 * memory is what a case has recorded. No translation, no alignment, no privilege.
 */
import { decode, type Instruction } from "../isa/decode.ts";
import { Evaluator } from "./evaluator.ts";
import { Fault } from "./exception.ts";
import { Mmu } from "./mmu.ts";
import * as S from "./state.ts";
import { putRegisters, takeRegisters } from "./vector_registers.ts";
import { STATE } from "./vector_state.ts";
import type { VectorBus, VectorDriver } from "./vectors.ts";

/** A bus where nothing is recorded. */
const NOWHERE: VectorBus = { fetch: () => 0, read: () => 0, write: () => {} };

/** A processor whose memory is a bus. */
export class VectorProcessor extends Evaluator implements VectorDriver {
  protected bus = NOWHERE;
  pc = 0;

  constructor() {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    super(memory, new Mmu(memory, 0));
  }

  set(state: Uint32Array, bus: VectorBus): void {
    this.bus = bus;
    this.pending = "none";
    putRegisters(this, state, (state[STATE.SR] as number) | 0);
    this.pc = (state[STATE.PC] as number) | 0;
  }

  state(): Uint32Array {
    return takeRegisters(this, this.pc);
  }

  step(): number {
    const instruction = this.at(this.pc);
    if (!instruction.delayed) {
      const next = instruction.exec(this, instruction.fields);
      // `pending` is written behind the type checker's back, by the meaning.
      if ((this.pending as string) === "trap") throw new Fault("trap");
      this.pc = (next ?? this.pc + 2) | 0;
      return (this.pending as string) === "sleep" ? Infinity : 1;
    }
    const next = instruction.exec(this, instruction.fields);
    const slot = this.at(this.pc + 2);
    if (slot.notInSlot) throw new Fault("illegalSlot");
    slot.exec(this, slot.fields);
    this.pc = (next as number) | 0;
    return 2;
  }

  computeDenormals(on: boolean): void {
    this.fpu.computeDenormals = on;
  }

  private at(pc: number): Instruction {
    const fpscr = this.fpscr();
    const instruction = decode(this.bus.fetch(pc), {
      PR: (fpscr & S.FPSCR_PR) === 0 ? 0 : 1,
      SZ: (fpscr & S.FPSCR_SZ) === 0 ? 0 : 1,
    });
    if (instruction === undefined) throw new Fault("illegal");
    instruction.fields.pc = pc;
    return instruction;
  }

  override load8(a: number): number {
    return (this.bus.read(a, 1) << 24) >> 24;
  }
  override load16(a: number): number {
    return (this.bus.read(a, 2) << 16) >> 16;
  }
  override load32(a: number): number {
    return this.bus.read(a, 4) | 0;
  }
  override store8(a: number, v: number): void {
    this.bus.write(a, 1, v);
  }
  override store16(a: number, v: number): void {
    this.bus.write(a, 2, v);
  }
  override store32(a: number, v: number): void {
    this.bus.write(a, 4, v);
  }
  override loadPair(bank: 0 | 1, n: number, a: number): void {
    const even = this.load32(a), odd = this.load32(a + 4);
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
  override prefetch(): void {}
  override cache(): void {}
}
