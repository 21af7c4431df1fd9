/**
 * A whole machine as a driver of instruction vectors: its MMU, its memory, its translator. Cases
 * are moved to where it can run them (vector_move.ts); where that is not possible the evaluator
 * runs them alone.
 */
import { SPECIAL } from "../isa/cpu.ts";
import { Fault } from "./exception.ts";
import { INEXACT_FLAG } from "./float_format.ts";
import { type Jit, Machine } from "./machine.ts";
import { MMUCR_AT } from "./mmucr.ts";
import * as S from "./state.ts";
import { VectorProcessor } from "./vector_driver.ts";
import { moveCase, type MovedCase } from "./vector_move.ts";
import { putRegisters, takeRegisters } from "./vector_registers.ts";
import { count, judgeFile, type VectorFile, type VectorResult } from "./vector_run.ts";
import { type DataAccess, STATE, type VectorCase } from "./vector_state.ts";
import { runCase, type VectorBus, type VectorDriver } from "./vectors.ts";

/** Frames of one machine; each case takes new ones, for written frames are translated late. */
const FRAMES = 1024;
const MOST_PAGES = 8;
/** Instructions of a case. */
const CYCLES = 4;
/**
 * A case is reached by a branch backwards, for there translated code begins; from beyond the reach
 * of its literals. In the slot stands PREF, which does nothing here and is never translated, so that
 * what is counted is the case's own.
 */
const APPROACH = { bytes: [0x600, 0x640], bra: 0xa000, pref: 0x0083, instructions: 2 };
/** SR bits that decide what may be executed at all, which vectors set at random. */
const PERMISSION = S.SR_MD | S.SR_FD | S.SR_BL;
/** PTEL: valid, 4 KiB, open to the user for writing, dirty. */
const PTEL = 0x17c;

/** Runs moved cases. */
class VectorMachine implements VectorDriver {
  private machine: Machine;
  private readonly pages = new Map<number, number>();
  private frame = 0;
  private bus: VectorBus | undefined;
  private permission = 0;
  private start = 0;
  private moved: MovedCase | undefined;
  private expected = new Map<number, Uint8Array>();

  constructor(private readonly jit: Jit) {
    this.machine = this.newMachine();
  }

  /** Instructions translated code has retired on the present machine. */
  get translated(): number {
    return this.machine.translated?.instructions ?? 0;
  }

  /** The case that comes next. */
  arrange(moved: MovedCase): void {
    if (this.frame + 2 * MOST_PAGES > FRAMES) this.machine = this.newMachine();
    this.moved = moved;
  }

  private newMachine(): Machine {
    const machine = new Machine({ ramBytes: 4096 * FRAMES, jit: this.jit, hot: 1 });
    machine.mmu.setMmucr(MMUCR_AT);
    machine.supervisor = this;
    this.frame = 0;
    return machine;
  }

  /** A page is missing only where the record has no access. */
  refill(): boolean {
    return false;
  }

  /** The pages of the case are in the TLB, so that no access is left to the evaluator. */
  private loadPages(): void {
    const { machine, pages } = this;
    machine.invalidateTlb();
    for (const [page, frame] of pages) {
      machine.setPteh(page << 12);
      machine.setPtel((S.RAM_START + 4096 * frame) | PTEL);
      machine.loadTlb();
    }
    machine.setPteh(0);
  }

  /** The place of an address in memory; its page is made when first asked for. */
  private placeOf(address: number): number {
    const page = (address >>> 0) >>> 12;
    let frame = this.pages.get(page);
    if (frame === undefined) this.pages.set(page, frame = this.frame++);
    return 4096 * frame + (address & 4095);
  }

  private writeMemory({ before, opcodes, reads, after }: VectorCase): void {
    const { ram } = this.machine;
    const { size } = this.moved as MovedCase;
    const put = (address: number, value: bigint, bytes: number) => {
      for (let n = 0; n < bytes; n++) {
        ram[this.placeOf(address + n)] = Number((value >> BigInt(8 * n)) & 0xffn);
      }
    };
    const pc = before[STATE.PC] as number, target = ((after[STATE.PC] as number) - 2) | 0;
    for (const at of [target - 2, target]) put(at, BigInt(opcodes[4] as number), 2);
    for (const { address, value } of reads) put(address, value, size);
    for (let n = 0; n < CYCLES; n++) put(pc + 2 * n, BigInt(opcodes[n] as number), 2);
    const harmless = before.subarray(0, 16).findIndex((value) => value >>> 26 !== 0x38);
    const bytes = APPROACH.bytes.find((each) => Math.abs(pc + each - target) > 8) as number;
    this.start = pc + bytes;
    put(this.start, BigInt(APPROACH.bra | ((-(bytes + 4) >> 1) & 0xfff)), 2);
    put(this.start + 2, BigInt(APPROACH.pref | (harmless << 8)), 2);
  }

  set(state: Uint32Array, bus: VectorBus): void {
    const { machine: { cpu }, machine } = this;
    const { recorded, instruction } = this.moved as MovedCase;
    this.bus = bus;
    this.pages.clear();
    this.writeMemory(recorded);
    for (const { address } of recorded.writes) this.placeOf(address);
    this.loadPages();
    this.expected = new Map(
      [...this.pages.values()].map((frame) =>
        [frame, machine.ram.slice(4096 * frame, 4096 * frame + 4096)] as const
      ),
    );
    const sr = (state[STATE.SR] as number) | 0;
    this.permission = sr & PERMISSION;
    putRegisters(cpu, state, (sr & ~PERMISSION) | (instruction.privileged ? S.SR_MD : 0));
    machine.pc = this.start;
  }

  /** All four instructions at once, for less is not worth translating. */
  step(): number {
    const { machine } = this;
    const { cpu } = machine;
    const kept = [SPECIAL.ssr, SPECIAL.spc, SPECIAL.sgr].map((which) =>
      [which, cpu.special(which)] as const
    );
    const before = machine.instructions;
    const stop = machine.run(APPROACH.instructions + CYCLES);
    if (stop.why === "exception" || stop.why === "reset") {
      if (stop.why === "exception") machine.returnFromException();
      for (const [which, value] of kept) cpu.setSpecial(which, value);
      throw new Fault(stop.exception);
    }
    this.tellWrites();
    return stop.why === "sleep" ? Infinity : machine.instructions - before - APPROACH.instructions;
  }

  /** The bus hears of what is different in memory, and of every write it expects. */
  private tellWrites(): void {
    const { ram } = this.machine;
    const { recorded: { writes }, size } = this.moved as MovedCase;
    const read = (address: number, bytes: number): number => {
      let value = 0;
      for (let n = 0; n < bytes; n++) {
        value |= (ram[this.placeOf(address + n)] as number) << (8 * n);
      }
      return value;
    };
    const part = size === 8 ? 4 : size;
    for (const { address } of writes) {
      for (let at = 0; at < size; at += part) {
        this.bus?.write((address + at) >>> 0, part, read(address + at, part));
      }
    }
    for (const [page, frame] of this.pages) {
      const was = this.expected.get(frame);
      for (let n = 0; n < 4096; n++) {
        if (ram[4096 * frame + n] === was?.[n]) continue;
        const address = ((page << 12) + n) >>> 0;
        if (!isWithin(address, writes, size)) this.bus?.write(address, 1, read(address, 1));
      }
    }
  }

  state(): Uint32Array {
    const { cpu, pc } = this.machine;
    const state = takeRegisters(cpu, pc);
    state[STATE.SR] = (cpu.sr() & ~PERMISSION) | this.permission;
    return state;
  }

  computeDenormals(on: boolean): void {
    this.machine.cpu.fpu.computeDenormals = on;
  }
}

const isWithin = (address: number, accesses: readonly DataAccess[], size: number): boolean =>
  accesses.some((access) => ((address - access.address) >>> 0) < size);

/** A file's result, and which engine its cases went through. */
export interface MachineVectorResult extends VectorResult {
  /** Cases whose instruction was executed by translated code. */
  readonly translated: number;
  /** Cases whose instruction translated code left to the evaluator. */
  readonly left: number;
  /** Cases the bare evaluator ran, by why no machine could. */
  readonly evaluated: ReadonlyMap<string, number>;
}

/** How vectors are run on a machine. */
export interface MachineVectorOptions {
  readonly jit: Jit;
  /** The inexact flag is set before, and so after, a floating-point instruction. */
  readonly inexact?: boolean;
}

function withFlag(recorded: VectorCase): VectorCase {
  const before = recorded.before.slice(), after = recorded.after.slice();
  for (const state of [before, after]) {
    state[STATE.FPSCR] = (state[STATE.FPSCR] as number) | INEXACT_FLAG;
  }
  return { ...recorded, before, after };
}

/** Runs files of vectors on machines, as {@linkcode runVectors} does on the evaluator alone. */
export function* runMachineVectors(
  files: Iterable<VectorFile>,
  { jit, inexact = false }: MachineVectorOptions,
): Generator<MachineVectorResult> {
  const machine = new VectorMachine(jit), bare = new VectorProcessor();
  for (const file of files) {
    const evaluated = new Map<string, number>();
    let translated = 0, left = 0;
    const result = judgeFile(file, (recorded) => {
      const moved = moveCase(recorded);
      if (typeof moved === "string") {
        count(evaluated, moved);
        return runCase(recorded, bare);
      }
      const { op } = moved.instruction;
      const isFlagged = inexact && op.fpu === true && !/FPSCR/.test(op.syntax);
      const wanted = isFlagged ? { ...moved, recorded: withFlag(moved.recorded) } : moved;
      machine.arrange(wanted);
      const before = machine.translated;
      const verdict = runCase(wanted.recorded, machine);
      if (machine.translated - before >= 2) translated++; // the first one is a NOP
      else left++;
      return verdict;
    });
    yield { ...result, translated, left, evaluated };
  }
}
