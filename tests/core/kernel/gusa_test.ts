import { assertEquals } from "@std/assert";
import { rewindGusa } from "../../../core/kernel/gusa.ts";

const STACK = 0x7bfff000, END = 0x400110;

/** Registers inside (or outside) a sequence of `length` bytes that ends at END. */
function registers(pc: number, r15: number) {
  const r = new Array<number>(16).fill(7);
  r[0] = END, r[1] = STACK, r[15] = r15 >>> 0;
  return { r, pc };
}

Deno.test("gUSA: every place inside a sequence goes back to its start", () => {
  for (const length of [2, 6, 8, 64, 128]) {
    for (let pc = END - length; pc < END; pc += 2) {
      const state = registers(pc, -length);
      assertEquals(rewindGusa(state), true);
      assertEquals([state.pc, state.r[15]], [END - length, STACK]);
    }
  }
});

Deno.test("gUSA: at the end only the stack pointer is repaired", () => {
  const state = registers(END, -6);
  assertEquals(rewindGusa(state), true);
  assertEquals([state.pc, state.r[15]], [END, STACK]);
});

Deno.test("gUSA: an ordinary stack pointer means no sequence", () => {
  for (const r15 of [STACK, 0, 4, 0x7c000000]) {
    const state = registers(END - 4, r15);
    assertEquals(rewindGusa(state), false);
    assertEquals([state.pc, state.r[15]], [END - 4, r15]);
  }
});

Deno.test("gUSA: rewinding twice is rewinding once", () => {
  const state = registers(END - 2, -6);
  rewindGusa(state);
  const once = { pc: state.pc, r: [...state.r] };
  assertEquals(rewindGusa(state), false);
  assertEquals({ pc: state.pc, r: [...state.r] }, once);
});
