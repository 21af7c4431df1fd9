/**
 * The kernel under a random program: it answers misses from a page table as
 * core/kernel/tlb_refill.ts does, kept translations and all, and lets the program go on after every exception.
 */
import { decode, type Instruction, type Mode } from "../../core/isa/decode.ts";
import { Machine, type MachineOptions, type Stop } from "../../core/machine/machine.ts";
import type { RefillException } from "../../core/machine/mmu.ts";
import { MMUCR_AT, MMUCR_SQMD } from "../../core/machine/mmucr.ts";
import { FPSCR_PR, FPSCR_SZ, RAM_START, SR_MD } from "../../core/machine/state.ts";
import { FRAMES } from "./random_data.ts";
import type { RandomProgram } from "./random_programs.ts";

/** PTEL: valid, 4 KiB, user access, cacheable; write access, dirty. */
const READABLE = 0x158, WRITABLE = 0x020, DIRTY = 0x004;
/** The spaces a program runs in, one at a time; its pages are the same in both. */
export const ASIDS = [0x21, 0x42] as const;

/** A page of the table. */
export interface Page {
  frame: number;
  writable: boolean;
  dirty: boolean;
  present: boolean;
}

/** A machine with a program and the kernel under it. */
export class ProgramMachine {
  readonly machine: Machine;
  readonly pages = new Map<number, Page>();
  /** Misses the kernel was asked about. */
  misses = 0;

  constructor(readonly program: RandomProgram, options: Pick<MachineOptions, "jit" | "hot">) {
    const machine = this.machine = new Machine({ ...options, ramBytes: FRAMES * 4096 });
    for (const { address, frame, writable, dirty, present } of program.pages) {
      this.pages.set(address >>> 12, { frame, writable, dirty, present });
    }
    this.writeProgram();
    const urb = program.entriesUsed << 18;
    machine.mmu.setMmucr(MMUCR_AT | urb | (program.seed % 3 === 0 ? MMUCR_SQMD : 0));
    machine.setPteh(ASIDS[0]);
    machine.supervisor = this;
    this.settleMode();
  }

  /** The program stands in memory as it was made: where it has changed it is written anew. */
  writeProgram(): void {
    this.program.words.forEach((word, n) => {
      const { ram } = this.machine;
      if (((ram[2 * n] as number) | ((ram[2 * n + 1] as number) << 8)) !== word) {
        this.writeWord(2 * n, word);
      }
    });
  }

  /** The kernel writes a word of memory, and says so first. */
  writeWord(offset: number, word: number): void {
    const { machine } = this;
    machine.frameWritten(offset >> 12);
    machine.ram[offset] = word & 0xff;
    machine.ram[offset + 1] = word >> 8;
  }

  /** SR as the program has it. */
  settleMode(): void {
    this.machine.cpu.setSr(this.program.privileged ? SR_MD : 0);
  }

  refill(exception: RefillException, address: number): boolean {
    const { machine } = this;
    const page = this.pages.get(address >>> 12);
    const write = exception !== "tlbMissRead";
    this.misses++;
    if (page === undefined || !page.present || (write && !page.writable)) return false;
    let ptel = READABLE | (RAM_START + 4096 * page.frame);
    if (write) {
      page.dirty = true;
      if (exception === "initialPageWrite") machine.invalidatePage(address, machine.pteh & 0xff);
    }
    if (page.writable) ptel |= WRITABLE | (page.dirty ? DIRTY : 0);
    if (!this.program.ordinary && address >>> 12 === 0x605) ptel &= ~0x40; // for privilege alone
    machine.setPtel(ptel);
    machine.loadTlb();
    machine.charge(this.program.missCycles);
    if (page.dirty || !page.writable) machine.keepTranslation(this.program.missCycles);
    return true;
  }

  /** What stands at an address of the program's code, if that can be read at all. */
  wordAt(address: number): number | undefined {
    const { machine: { ram } } = this;
    if ((address & 1) !== 0) return undefined;
    const page = this.pages.get(address >>> 12);
    let offset = (address & 0x1fffffff) - RAM_START;
    if (address >= 0) {
      if (page === undefined || !page.present) return undefined;
      offset = 4096 * page.frame + (address & 4095);
    } else if (!this.program.privileged || offset < 0 || offset >= ram.length) return undefined;
    return (ram[offset] as number) | ((ram[offset + 1] as number) << 8);
  }

  /** The bits of FPSCR that tell what words mean. */
  get mode(): Mode {
    const fpscr = this.machine.cpu.fpscr();
    return { PR: (fpscr & FPSCR_PR) !== 0 ? 1 : 0, SZ: (fpscr & FPSCR_SZ) !== 0 ? 1 : 0 };
  }

  /** The instruction at an address of the program's code, if there is one. */
  instructionAt(address: number): Instruction | undefined {
    const word = this.wordAt(address);
    return word === undefined ? undefined : decode(word, this.mode);
  }

  /** The program goes on after a stop: behind what has failed, or at `anew` if it cannot. */
  goOn(stop: Stop, anew: number): void {
    const { machine } = this;
    if (stop.why === "budget" || stop.why === "sleep") return;
    if (stop.why === "reset") {
      machine.invalidateTlb();
      this.settleMode();
      machine.pc = anew;
      return;
    }
    machine.returnFromException();
    if (stop.exception === "trap") return;
    if (this.wordAt(machine.pc) === undefined) {
      this.settleMode();
      machine.pc = anew;
      return;
    }
    machine.pc += this.instructionAt(machine.pc)?.delayed === true ? 4 : 2;
  }
}
