/** When a thread begins to translate, and for whom it does not wait. */
import { assertEquals } from "@std/assert";
import { Machine, type MachineOptions } from "../../../core/machine/machine.ts";
import { MMUCR_AT } from "../../../core/machine/mmucr.ts";
import { PATIENCE, Translations } from "../../../core/machine/translations.ts";
import { enter, USER_CODE, write } from "./guest.ts";

const ROUNDS = 300;

/** Instructions translated code retires of a loop that is soon over. */
function translatedOf(options: Partial<MachineOptions>): number {
  const machine = new Machine({ ramBytes: 1 << 20, ...options });
  machine.mmu.setMmucr(MMUCR_AT);
  write(machine, 0, ["add #1,r3", `bra 0x${USER_CODE.toString(16)}`, "nop"], USER_CODE);
  enter(machine, { page: USER_CODE, frame: 0 });
  machine.cpu.setSr(0);
  machine.pc = USER_CODE;
  machine.run(3 * ROUNDS);
  assertEquals(machine.cpu.r(3), ROUNDS);
  return machine.translated?.instructions ?? 0;
}

Deno.test("translations: a thread is young for so many blocks, and never again", () => {
  const translations = new Translations();
  let blocks = 1;
  while (translations.waits()) blocks++;
  assertEquals(blocks, PATIENCE);
  assertEquals(translations.waits(), false);
});

Deno.test("translations: what is soon over is not translated", () => {
  assertEquals(translatedOf({ jit: "on" }), 0);
});

Deno.test("translations: it is where somebody says how hot is hot, or wants it compared", () => {
  assertEquals(translatedOf({ jit: "on", hot: 150 }) > 0, true);
  assertEquals(translatedOf({ jit: "verify" }) > 0, true);
});
