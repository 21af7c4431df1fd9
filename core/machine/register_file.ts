/** The on-chip registers of the P4 area: MMU, exceptions, store queues (manual tables 3.1, 5.1). */
import type { Mmu } from "./mmu.ts";
import * as S from "./state.ts";

/** Plain words by address; PTEH, PTEL and MMUCR act when written. */
const WORDS: Readonly<Record<number, number>> = {
  0xff000000: S.PTEH,
  0xff000004: S.PTEL,
  0xff000008: S.TTB,
  0xff00000c: S.TEA,
  0xff000010: S.MMUCR,
  0xff00001c: S.CCR,
  0xff000020: S.TRA,
  0xff000024: S.EXPEVT,
  0xff000028: S.INTEVT,
  0xff000034: S.PTEA,
  0xff000038: S.QACR0,
  0xff00003c: S.QACR1,
};

/** The word of a store queue behind an address of 0xe0000000 to 0xe3ffffff. */
const queueWord = (address: number): number => (S.SQ >> 2) + ((address >> 2) & 15);

/** Reads a register; what does not exist here reads as 0. */
export function readRegister(mmu: Mmu, i32: Int32Array, address: number): number {
  if (address >>> 26 === 0x38) return i32[queueWord(address)] as number;
  const at = WORDS[address >>> 0];
  if (at !== undefined) return i32[at >> 2] as number;
  return mmu.readArray(address);
}

/** Writes a register; what does not exist here takes the value and forgets it. */
export function writeRegister(mmu: Mmu, i32: Int32Array, address: number, value: number): void {
  if (address >>> 26 === 0x38) {
    i32[queueWord(address)] = value;
    return;
  }
  const at = WORDS[address >>> 0];
  if (at === S.PTEH) mmu.setPteh(value);
  else if (at === S.PTEL) mmu.setPtel(value);
  else if (at === S.MMUCR) mmu.setMmucr(value);
  else if (at !== undefined) i32[at >> 2] = value;
  else mmu.writeArray(address, value);
}
