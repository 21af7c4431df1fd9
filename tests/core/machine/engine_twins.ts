/** The same program on a machine that evaluates and on one that translates nearly at once. */
import { assert, assertEquals } from "@std/assert";
import { sameBytes } from "../../../core/base/bytes.ts";
import { type Mode } from "../../../core/isa/decode.ts";
import { type Jit, Machine, type Stop } from "../../../core/machine/machine.ts";
import { MMUCR_AT } from "../../../core/machine/mmucr.ts";
import * as S from "../../../core/machine/state.ts";
import { type Entry, Refiller, SINGLE, USER_CODE, write } from "./guest.ts";
import type { Program } from "./guest.ts";

/** All that lies before the kept translations and the tables by page. */
export const STATE_WORDS = S.KEPT >> 2;
/** Pages of data, in frames of their own. */
export const DATA = 0x00600000;
const DATA_FRAME = 0x10000;
/** The pages a program has unless it is given others: two of code, four of data. */
export const PAGES: readonly Entry[] = [
  ...[0, 1].map((n) => ({ page: USER_CODE + 0x1000 * n, frame: 0x1000 * n })),
  ...[0, 1, 2, 3].map((n) => ({ page: DATA + 0x1000 * n, frame: DATA_FRAME + 0x1000 * n })),
];

/** What makes a machine ready. */
export interface Twin {
  readonly program: Program;
  readonly mode?: Mode;
  readonly pages?: readonly Entry[];
  readonly prepare?: (machine: Machine) => void;
  /** How often a block begins before it is translated: 1 unless given. */
  readonly hot?: number;
}

function machineOf(twin: Twin, jit: Jit): Machine {
  const { program, mode = SINGLE, pages = PAGES, prepare, hot = 1 } = twin;
  const machine = new Machine({ ramBytes: 1 << 20, jit, hot });
  machine.mmu.setMmucr(MMUCR_AT);
  new Refiller(machine, pages);
  machine.cpu.setFpscr((mode.PR === 1 ? S.FPSCR_PR : 0) | (mode.SZ === 1 ? S.FPSCR_SZ : 0));
  write(machine, 0, program, USER_CODE, mode);
  machine.cpu.setSr(0);
  machine.pc = USER_CODE;
  prepare?.(machine);
  return machine;
}

/** Two machines that must never differ. */
export class Twins {
  readonly evaluated: Machine;
  readonly translated: Machine;

  constructor(twin: Twin) {
    this.evaluated = machineOf(twin, "off");
    this.translated = machineOf(twin, "on");
  }

  both(act: (machine: Machine) => void): void {
    act(this.evaluated);
    act(this.translated);
  }

  /** Runs both, and compares all there is. */
  run(budget: number, message = `budget ${budget}`): Stop {
    const stop = this.evaluated.run(budget), other = this.translated.run(budget);
    assertEquals(other, stop, message);
    this.compare(message);
    return stop;
  }

  compare(message: string): void {
    const both = [this.evaluated, this.translated];
    const [one, two] = both.map((machine) => ({
      pc: (machine.pc >>> 0).toString(16),
      instructions: machine.instructions,
      spent: machine.spent,
      reloads: machine.reloads,
    }));
    assertEquals(two, one, message);
    assertSame(both.map(stateOf), `${message}: byte of the state`);
    assertSame(both.map(({ ram }) => ram), `${message}: byte of memory`);
  }

  /** The share of the instructions that translated code has retired. */
  get share(): number {
    return (this.translated.translated?.instructions ?? 0) / this.translated.instructions;
  }
}

/** The state, the kept translations apart. */
function stateOf(machine: Machine): Uint8Array {
  const words = new Int32Array(machine.memory.buffer).slice(0, STATE_WORDS);
  for (const place of S.ENGINE_OWN) words[place >> 2] = 0;
  return new Uint8Array(words.buffer);
}

/** Says the first byte that differs: to compare lists of thousands by `assertEquals` takes long. */
function assertSame([wanted, found]: readonly Uint8Array[], message: string): void {
  assert(wanted !== undefined && found !== undefined);
  assertEquals(found.length, wanted.length, message);
  if (sameBytes(wanted, found)) return;
  const at = wanted.findIndex((byte, n) => byte !== found[n]);
  assertEquals(found[at], wanted[at], `${message} ${at}`);
}
