/** What the comparison of the engines has to know of how translated code leaves. */
import { assert, assertEquals } from "@std/assert";
import { type Jit, Machine } from "../../../core/machine/machine.ts";
import { MMUCR_AT } from "../../../core/machine/mmucr.ts";
import * as S from "../../../core/machine/state.ts";
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
