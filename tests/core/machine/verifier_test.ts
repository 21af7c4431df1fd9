/** What the comparison of the engines has to know of how translated code leaves. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Jit, Machine } from "../../../core/machine/machine.ts";
import { MMUCR_AT } from "../../../core/machine/mmucr.ts";
import * as S from "../../../core/machine/state.ts";
import type { Translation } from "../../../core/machine/translations.ts";
import { EngineDifference, type Verified, Verifier } from "../../../core/machine/verifier.ts";
import { DATA, PAGES, STATE_WORDS } from "./engine_twins.ts";
import { Refiller, USER_CODE, write } from "./guest.ts";

/** The last instruction of a page. */
const LAST = 0xffe;

/** A loop whose branch ends a page: its slot, a store, begins the next one. */
function machineOf(jit: Jit): Machine {
  const machine = new Machine({ ramBytes: 1 << 20, jit, hot: 1 });
  machine.mmu.setMmucr(MMUCR_AT);
  new Refiller(machine, PAGES);
  const start = LAST - 4;
  const program = ["add #1,r1", "add #2,r3", "jmp @r2", "mov.l r1,@r9"];
  write(machine, start, program, USER_CODE + start);
  machine.cpu.setSr(0);
  machine.cpu.setR(2, USER_CODE + start);
  machine.cpu.setR(9, DATA);
  machine.pc = USER_CODE + start;
  return machine;
}

/** The state but for the engines' notes: registers, both TLBs, the page fetched from. */
function stateOf({ memory, pc, instructions }: Machine): readonly number[] {
  const words = new Int32Array(memory.buffer).slice(0, STATE_WORDS);
  for (const place of S.ENGINE_OWN) words[place >> 2] = 0;
  return [pc, instructions, ...words];
}

Deno.test("verifier: a slot on the next page that is given up has been turned to all the same", () => {
  const evaluated = machineOf("off"), compared = machineOf("verify"), translated = machineOf("on");
  const all = [evaluated, compared, translated];
  for (let round = 0; round < 40; round++) {
    // The store of the slot misses, and so both of them are for the evaluator.
    for (const machine of all) {
      machine.run(4 * 25 + round % 3);
      machine.invalidatePage(DATA, 0);
    }
    assertEquals(stateOf(compared), stateOf(evaluated), `compared, round ${round}`);
    assertEquals(stateOf(translated), stateOf(evaluated), `translated, round ${round}`);
  }
  for (const machine of [compared, translated]) {
    assert((machine.translated?.instructions ?? 0) > 0.4 * machine.instructions);
  }
});

Deno.test("verifier: a word that translated code alone changes is found, wherever it is", () => {
  const memory = new WebAssembly.Memory({ initial: 2, maximum: 2 });
  const words = new Int32Array(memory.buffer);
  const idle = {
    memory,
    mmu: { soft: { replaceState: (put: () => void) => put() } },
    cpu: { onStore() {}, onModeChange() {} },
    evaluate() {
      words[S.BUDGET >> 2] = 0;
      return true;
    },
    fetch() {},
  } as unknown as Verified;
  const nothing = { pc: 0, mode: 0, need: 9, addresses: [], words: [], bytes: new Uint8Array() };
  const verifier = new Verifier(idle);
  const changing = (place: number | undefined) => () =>
    verifier.run(nothing as unknown as Translation, () => {
      words[S.BUDGET >> 2] = 8;
      if (place !== undefined) words[place >> 2] = 1 + (words[place >> 2] as number);
      return 0;
    });
  changing(undefined)();
  for (const place of [S.R, S.UTLB, S.KEPT - 4, S.KEPT, S.KEPT + 4, S.STATE_END - 4]) {
    assertThrows(changing(place), EngineDifference, "1 translated, 0x00000000 evaluated");
  }
});
