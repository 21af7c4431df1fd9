/** `run(budget)`: it stops at exactly the asked instruction, however the budget is cut. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Machine } from "../../../core/machine/machine.ts";
import {
  BASE,
  enter,
  machineWith,
  type Program,
  Refiller,
  registers,
  setMemoryWord,
} from "./guest.ts";

const PAGE = 0x00600000;
const FRAME = 0x10000;

/** Instructions in line: arithmetic of every flag, and memory in two pages. */
const LINES = [
  "add r1,r2",
  "addc r2,r3",
  "add #-1,r4",
  "mov.l @r8+,r5",
  "mov.l r3,@r9",
  "mov.w r0,@(4,r9)",
  "dt r6",
  "rotcl r2",
  "mul.l r2,r3",
  "sts macl,r4",
  "div0s r1,r2",
  "div1 r1,r2",
  "mac.l @r8+,@r9+",
  "tas.b @r9",
  "nop",
];

function straight(lines: Program): Machine {
  const machine = machineWith([...lines, "sleep"]);
  for (let n = 0; n < 8; n++) machine.cpu.setR(n, Math.imul(n, 0x9e3779b1));
  machine.cpu.setR(8, PAGE);
  machine.cpu.setR(9, PAGE + 0x1000);
  for (let n = 0; n < 64; n++) setMemoryWord(machine, FRAME + 4 * n, Math.imul(n, 0x85ebca6b));
  for (const n of [0, 1]) {
    enter(machine, { page: PAGE + 0x1000 * n, frame: FRAME + 0x1000 * n });
  }
  return machine;
}

const memoryOf = (machine: Machine) => machine.ram.subarray(FRAME, FRAME + 0x2000);

Deno.test("run: any cut of a budget gives the same state and count", () => {
  const program = fc.array(fc.constantFrom(...LINES), { minLength: 1, maxLength: 60, size: "max" });
  fc.assert(
    fc.property(
      program,
      fc.array(fc.nat({ max: 12 }), { maxLength: 8, size: "max" }),
      (lines, budgets) => {
        const total = Math.min(budgets.reduce((a, b) => a + b, 0), lines.length);
        const whole = straight(lines);
        assertEquals(whole.run(total), { why: "budget" });
        assertEquals(whole.instructions, total);
        const parts = straight(lines);
        let left = total;
        for (const budget of [...budgets, total]) {
          const part = Math.min(budget, left);
          assertEquals(parts.run(part), { why: "budget" });
          assertEquals(parts.spent, part);
          left -= part;
        }
        assertEquals(parts.instructions, total);
        assertEquals(registers(parts), registers(whole));
        assertEquals(memoryOf(parts), memoryOf(whole));
        assertEquals(whole.pc, BASE + 2 * total);
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("run: with branches, slices that pay for what they overran meet at the same place", () => {
  const loop: Program = [
    "add #1,r1",
    "dt r2",
    "bf/s 0x8c000000",
    "add r1,r3",
    "bra 0x8c000000",
    "nop",
  ];
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (budgets) => {
      const parts = machineWith(loop), whole = machineWith(loop);
      parts.cpu.setR(2, 5);
      whole.cpu.setR(2, 5);
      let given = 0, over = 0;
      for (const budget of budgets) {
        given += budget;
        parts.run(budget - over);
        over = parts.spent - (budget - over);
        assert(over === 0 || over === 1);
        assertEquals(parts.instructions, given + over);
      }
      whole.run(given);
      assertEquals(whole.instructions, parts.instructions);
      assertEquals(registers(whole), registers(parts));
    }),
  );
});

Deno.test("run: a budget of nothing runs nothing, and one that is no 32-bit integer is refused", () => {
  const machine = machineWith(["add #1,r1"]);
  for (const budget of [0, -1]) {
    assertEquals(machine.run(budget), { why: "budget" });
    assertEquals([machine.pc, machine.instructions, machine.spent], [BASE, 0, 0]);
  }
  for (const budget of [0.5, Infinity, NaN, 2 ** 31]) {
    assertThrows(() => machine.run(budget), RangeError, "budget");
  }
});

Deno.test("run: sleep and exceptions stop it within the budget, counted exactly", () => {
  const machine = machineWith(["nop", "nop", "sleep", "nop", "trapa #1"]);
  assertEquals(machine.run(100), { why: "sleep" });
  assertEquals([machine.instructions, machine.spent, machine.pc], [3, 3, BASE + 6]);
  new Refiller(machine, []);
  assertEquals(machine.run(100).why, "exception");
  assertEquals([machine.instructions, machine.spent], [5, 2]);
});

Deno.test("charge: a supervisor's work shortens the slice and is no instruction", () => {
  const machine = machineWith([...new Array<string>(20).fill("nop"), "mov.l @r1,r2", "nop", "nop"]);
  machine.cpu.setR(1, PAGE);
  const refiller = new Refiller(machine, [{ page: PAGE, frame: FRAME }]);
  const { refill } = refiller;
  refiller.refill = (exception, address) => {
    machine.charge(30);
    return refill.call(refiller, exception, address);
  };
  assertEquals(machine.run(52), { why: "budget" });
  assertEquals([machine.instructions, machine.spent], [22, 52]);
  assertEquals(machine.run(1), { why: "budget" });
  assertEquals([machine.instructions, machine.spent], [23, 1]);
});

Deno.test("charge: more than the slice ends it at the step's end; very much does not wrap", () => {
  for (const cycles of [50, 2 ** 31, 5e9, 1e15, 2.5]) {
    const machine = machineWith(["mov.l @r1,r2", "nop", "nop", "nop", "nop", "nop", "nop", "nop"]);
    machine.cpu.setR(1, PAGE);
    machine.supervisor = {
      refill() {
        machine.charge(cycles);
        enter(machine, { page: PAGE, frame: FRAME });
        return true;
      },
    };
    assertEquals(machine.run(5), { why: "budget" });
    const instructions = cycles < 5 ? 2 : 1;
    assertEquals([machine.instructions, machine.spent], [instructions, cycles + instructions]);
    assertEquals(machine.run(2), { why: "budget" });
    assertEquals([machine.instructions, machine.spent], [instructions + 2, 2]);
  }
});

Deno.test("charge: between runs it counts as spent, and the next slice is whole", () => {
  const machine = machineWith(new Array<string>(20).fill("nop"));
  machine.run(3);
  machine.charge(10);
  assertEquals([machine.instructions, machine.spent], [3, 13]);
  machine.run(4);
  assertEquals([machine.instructions, machine.spent], [7, 4]);
});

Deno.test("run: code that changes itself runs as it stands", () => {
  const machine = machineWith(["mov.w r1,@r2", "nop", "add #1,r3"]);
  machine.cpu.setR(1, 0x7364); // add #100,r3
  machine.cpu.setR(2, BASE + 4);
  machine.run(3);
  assertEquals(machine.cpu.r(3), 100);
});

Deno.test("memory that is no whole number of pages is refused", () => {
  assertThrows(() => new Machine({ ramBytes: 1000 }), RangeError, "ramBytes");
});
