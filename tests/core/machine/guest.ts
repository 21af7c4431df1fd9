/** Machines ready for a test: a program in memory, TLB entries by name, and what a run left behind. */
import { SPECIAL } from "../../../core/isa/cpu.ts";
import type { Mode } from "../../../core/isa/decode.ts";
import { assemble } from "../../../core/isa/text.ts";
import { type ExceptionName, Fault } from "../../../core/machine/exception.ts";
import { Machine } from "../../../core/machine/machine.ts";
import type { RefillException } from "../../../core/machine/mmu.ts";
import { MMUCR_AT } from "../../../core/machine/mmucr.ts";
import { PTEL_D, PTEL_SH, PTEL_V } from "../../../core/machine/ptel.ts";
import * as S from "../../../core/machine/state.ts";

/** The beginning of memory as P1 shows it: untranslated. */
export const BASE = (0x80000000 + S.RAM_START) | 0;
/** Where exceptions go; both handlers sleep, so that a run ends there. */
export const VBR = (BASE + 0x8000) | 0;
/** A user program's page, mapped by {@linkcode userMachine} to the first frame. */
export const USER_CODE = 0x00400000;
export const SINGLE: Mode = { PR: 0, SZ: 0 };

/** Lines of assembly, or words where no line would assemble. */
export type Program = readonly (string | number)[];

/** Writes a program into memory; `at` is the address it will run at. */
export function write(
  machine: Machine,
  offset: number,
  lines: Program,
  at: number = BASE + offset,
  mode: Mode = SINGLE,
): void {
  const view = new DataView(machine.ram.buffer, machine.ram.byteOffset, machine.ram.byteLength);
  lines.forEach((line, n) => {
    const word = typeof line === "number" ? line : assemble(line, at + 2 * n, mode);
    view.setUint16(offset + 2 * n, word, true);
  });
}

/** A word of physical memory, by its offset. */
export function memoryWord(machine: Machine, offset: number): number {
  return new DataView(machine.ram.buffer, machine.ram.byteOffset).getInt32(offset, true);
}

/** Sets a word of physical memory. */
export function setMemoryWord(machine: Machine, offset: number, value: number): void {
  new DataView(machine.ram.buffer, machine.ram.byteOffset).setInt32(offset, value, true);
}

/** A privileged machine with the MMU on, its program at the beginning of memory. */
export function machineWith(lines: Program, mode: Mode = SINGLE): Machine {
  const machine = new Machine({ ramBytes: 1 << 20 });
  machine.cpu.setSr(S.SR_MD);
  machine.cpu.setFpscr((mode.PR === 1 ? S.FPSCR_PR : 0) | (mode.SZ === 1 ? S.FPSCR_SZ : 0));
  machine.mmu.setMmucr(MMUCR_AT);
  machine.cpu.setSpecial(SPECIAL.vbr, VBR);
  for (const vector of [0x100, 0x400]) write(machine, VBR + vector - BASE, ["sleep"]);
  write(machine, 0, lines, BASE, mode);
  machine.pc = BASE;
  return machine;
}

/** The same in user mode, at `USER_CODE`. */
export function userMachine(lines: Program, mode: Mode = SINGLE): Machine {
  const machine = machineWith([], mode);
  write(machine, 0, lines, USER_CODE, mode);
  enter(machine, { page: USER_CODE, frame: 0 });
  machine.cpu.setSr(0);
  machine.pc = USER_CODE;
  return machine;
}

/** A TLB entry in words. `frame` is an offset in memory. */
export interface Entry {
  readonly page: number;
  readonly frame: number;
  readonly asid?: number;
  /** SZ: 0 to 3 for 1 KiB, 4 KiB, 64 KiB, 1 MiB. */
  readonly size?: number;
  readonly protection?: number;
  readonly dirty?: boolean;
  readonly shared?: boolean;
  readonly valid?: boolean;
}

/** An entry's data word, as PTEL and the data array have it. */
export function dataWord(
  { frame, size = 1, protection = 3, dirty = true, shared = false, valid = true }: Entry,
): number {
  return (S.RAM_START + frame) | ((size & 2) << 6) | ((size & 1) << 4) | (protection << 5) |
    (dirty ? PTEL_D : 0) | (shared ? PTEL_SH : 0) | (valid ? PTEL_V : 0);
}

/** Loads an entry by LDTLB; PTEH keeps the ASID it had. */
export function enter(machine: Machine, entry: Entry): void {
  const asid = machine.pteh & 0xff;
  machine.setPteh(entry.page | (entry.asid ?? asid));
  machine.setPtel(dataWord(entry));
  machine.loadTlb();
  machine.setPteh(asid);
}

/** The exception an access raises, or undefined. */
export function faultOf(access: () => unknown): ExceptionName | undefined {
  try {
    access();
  } catch (fault) {
    if (fault instanceof Fault) return fault.exception;
    throw fault;
  }
  return undefined;
}

/** What an exception left in the registers it goes by. */
export interface Taken {
  readonly expevt: number;
  readonly spc: number;
  readonly ssr: number;
  readonly vector: number;
}

/** Runs until the handler sleeps, and tells which exception brought it there. */
export function takenBy(machine: Machine, budget = 1000): Taken {
  const stop = machine.run(budget);
  if (stop.why !== "sleep") throw new Error(`stopped by ${stop.why} at ${machine.pc.toString(16)}`);
  return {
    expevt: machine.expevt,
    spc: machine.cpu.special(SPECIAL.spc) >>> 0,
    ssr: machine.cpu.special(SPECIAL.ssr),
    vector: machine.pc - 2 - VBR,
  };
}

/** Every register a program can see, pc included: not the MMU's, not the slice's. */
export function registers(machine: Machine): readonly number[] {
  const words = new Int32Array(machine.memory.buffer);
  return [...words.subarray(0, S.BUDGET >> 2), ...words.subarray(S.FR >> 2, S.PTEH >> 2)];
}

/** One call of a supervisor, with the registers as it found them. */
export interface Call {
  readonly exception: RefillException;
  readonly address: number;
  readonly registers: readonly number[];
}

/** A kernel of a few lines: it answers misses from a table of entries, and remembers the calls. */
export class Refiller {
  readonly calls: Call[] = [];
  /** What `call` number n (from 0) is answered; true to refill. */
  allows: (call: number) => boolean = () => true;

  constructor(readonly machine: Machine, readonly entries: readonly Entry[]) {
    machine.supervisor = this;
  }

  refill(exception: RefillException, address: number): boolean {
    const { machine } = this;
    this.calls.push({ exception, address: address >>> 0, registers: registers(machine) });
    if (!this.allows(this.calls.length - 1)) return false;
    const found = this.entries.find(({ page }) => ((page ^ address) & ~0xfff) === 0);
    if (found === undefined) return false;
    if (exception === "initialPageWrite") machine.invalidatePage(address, machine.pteh & 0xff);
    enter(machine, { ...found, dirty: exception !== "tlbMissRead" });
    return true;
  }
}
