/** Delay slots: a branch and its slot are one step, and a fault in the slot belongs to the branch. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { SPECIAL } from "../../../core/isa/cpu.ts";
import { encoding } from "../../../core/isa/decode.ts";
import { sh4 } from "../../../core/isa/sh4.ts";
import type { Machine } from "../../../core/machine/machine.ts";
import * as S from "../../../core/machine/state.ts";
import { BASE, enter, machineWith, memoryWord, Refiller, registers, takenBy } from "./guest.ts";
import { USER_CODE, VBR, write } from "./guest.ts";

const PAGE = 0x00600000;
const FRAME = 0x10000;
const TARGET = USER_CODE + 0x100;

/** Every delayed branch, where it goes from `USER_CODE`, and what it writes. */
const BRANCHES = [
  { line: `bra 0x${TARGET.toString(16)}`, to: TARGET },
  { line: `bsr 0x${TARGET.toString(16)}`, to: TARGET, calls: true },
  { line: "braf r3", to: TARGET, offset: true },
  { line: "bsrf r3", to: TARGET, calls: true, offset: true },
  { line: "jmp @r3", to: TARGET },
  { line: "jsr @r3", to: TARGET, calls: true },
  { line: "rts", to: TARGET },
  { line: `bt/s 0x${(USER_CODE + 0x80).toString(16)}`, to: USER_CODE + 0x80, t: 1 },
  { line: `bt/s 0x${(USER_CODE + 0x80).toString(16)}`, to: USER_CODE + 4, t: 0 },
  { line: `bf/s 0x${(USER_CODE + 0x80).toString(16)}`, to: USER_CODE + 0x80, t: 0 },
  { line: `bf/s 0x${(USER_CODE + 0x80).toString(16)}`, to: USER_CODE + 4, t: 1 },
] as const;

/** Slots that touch memory, with what they must leave in r2, r4 and the first words of the page. */
const SLOTS = [
  { line: "mov.l @r4+,r2", leaves: [42, PAGE + 4, 42] },
  { line: "mov.l r2,@r4", leaves: [7, PAGE, 7] },
  { line: "mov.l r3,@-r4", at: 4 },
  { line: "tas.b @r4" },
  { line: "mac.l @r4+,@r4+" },
] as const;

function slotMachine(branch: (typeof BRANCHES)[number], slot: string | number): Machine {
  const machine = machineWith([]);
  write(machine, 0, [branch.line, slot], USER_CODE);
  enter(machine, { page: USER_CODE, frame: 0 });
  const { cpu } = machine;
  cpu.setSr("t" in branch ? branch.t : 0);
  cpu.setR(2, 7);
  cpu.setR(3, "offset" in branch ? TARGET - USER_CODE - 4 : TARGET);
  cpu.setR(4, PAGE);
  cpu.setSpecial(SPECIAL.pr, TARGET);
  machine.pc = USER_CODE;
  return machine;
}

Deno.test("slot: each branch goes where it should after its slot, as one step of two", () => {
  for (const branch of BRANCHES) {
    const machine = slotMachine(branch, "add #1,r2");
    assertEquals(machine.run(1), { why: "budget" }, branch.line);
    assertEquals([machine.pc, machine.cpu.r(2)], [branch.to, 8], branch.line);
    assertEquals([machine.instructions, machine.spent], [2, 2], branch.line);
    const pr = "calls" in branch ? USER_CODE + 4 : TARGET;
    assertEquals(machine.cpu.special(SPECIAL.pr), pr, branch.line);
  }
});

Deno.test("slot: condition, target and PR are settled before the slot runs", () => {
  const rts = slotMachine(BRANCHES[6], "lds r2,pr");
  rts.run(1);
  assertEquals([rts.pc, rts.cpu.special(SPECIAL.pr)], [TARGET, 7]);
  const jmp = slotMachine(BRANCHES[4], "mov #0,r3");
  jmp.run(1);
  assertEquals(jmp.pc, TARGET);
  const taken = slotMachine(BRANCHES[7], "clrt");
  taken.run(1);
  assertEquals([taken.pc, taken.cpu.t()], [USER_CODE + 0x80, 0]);
  const jsr = slotMachine(BRANCHES[5], "sts pr,r2");
  jsr.run(1);
  assertEquals(jsr.cpu.r(2), USER_CODE + 4);
});

Deno.test("slot: a fault there reports the branch's address and is not counted", () => {
  for (const branch of BRANCHES) {
    const machine = slotMachine(branch, "mov.l @r4,r2");
    const { expevt, spc, vector } = takenBy(machine);
    assertEquals({ expevt, spc, vector }, { expevt: 0x040, spc: USER_CODE, vector: 0x400 });
    assertEquals([machine.tea, machine.instructions], [PAGE, 1], branch.line); // the sleep
  }
});

Deno.test("slot: the same end whether its page was there, refilled, or loaded by a handler", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...BRANCHES),
      fc.constantFrom(...SLOTS),
      fc.constantFrom("refilled", "handled"),
      (branch, slot, way) => {
        const entry = { page: PAGE, frame: FRAME }, before = { page: PAGE - 0x1000, frame: FRAME };
        const prepared = () => {
          const machine = slotMachine(branch, slot.line);
          machine.cpu.setR(4, "at" in slot ? PAGE + slot.at : PAGE);
          machine.ram[FRAME] = 42;
          return machine;
        };
        const loaded = prepared();
        enter(loaded, entry);
        loaded.run(1);
        const other = prepared();
        const refiller = new Refiller(other, [entry, before]);
        if (way === "handled") {
          refiller.allows = () => false;
          for (let stop = other.run(1); stop.why === "exception"; stop = other.run(1)) {
            other.returnFromException();
            other.invalidatePage(PAGE, 0);
            enter(other, entry);
          }
        } else other.run(1);
        const saved = [SPECIAL.ssr, SPECIAL.spc, SPECIAL.sgr].map((k) => (S.SPECIALS >> 2) + k);
        const visible = (machine: Machine) =>
          registers(machine).filter((_, k) => !saved.includes(k));
        assertEquals(visible(other), visible(loaded));
        assertEquals(memoryWord(other, FRAME), memoryWord(loaded, FRAME));
        assertEquals(other.instructions, loaded.instructions);
        if ("leaves" in slot) {
          const found = [loaded.cpu.r(2), loaded.cpu.r(4), memoryWord(loaded, FRAME)];
          assertEquals(found, [...slot.leaves]);
        }
      },
    ),
    { numRuns: 200 },
  );
});

/** A word of each row, fields small and different. */
const WORDS = sh4.map((op) => {
  const { match, n, m } = encoding(op);
  return { op, word: match | ((2 & n.mask) << n.shift) | ((1 & m.mask) << m.shift) };
});

Deno.test("slot: every row that may not stand there raises 0x1a0 at the branch", () => {
  const forbidden = WORDS.filter(({ op }) => op.notInSlot === true);
  assertEquals(forbidden.length, 18);
  for (const { op, word } of forbidden) {
    for (const branch of BRANCHES) {
      const machine = slotMachine(branch, word);
      const { expevt, spc, vector } = takenBy(machine);
      assertEquals([expevt, spc, vector], [0x1a0, USER_CODE, 0x100], op.syntax);
    }
  }
});

Deno.test("slot: every other row may stand there", () => {
  for (const { op, word } of WORDS.filter(({ op }) => op.notInSlot !== true)) {
    const machine = machineWith(["bra 0x8c000010", word], {
      PR: op.when?.PR ?? 0,
      SZ: op.when?.SZ ?? 0,
    });
    for (let n = 0; n < 16; n++) machine.cpu.setR(n, BASE + 0x10000 + 0x100 * n);
    machine.cpu.setR(0, 8);
    machine.cpu.setSpecial(SPECIAL.gbr, BASE + 0x12000);
    const stop = machine.run(1);
    assertEquals(stop.why, op.syntax === "sleep" ? "sleep" : "budget", op.syntax);
    assertEquals(machine.pc, BASE + 0x10, op.syntax);
  }
});

Deno.test("slot: an undefined word there is a slot illegal instruction, elsewhere a general one", () => {
  for (const word of [0xfffd, 0x0000]) {
    assertEquals(takenBy(machineWith(["bra 0x8c000010", word])).expevt, 0x1a0);
    const machine = machineWith(["nop", word]);
    const { expevt, spc } = takenBy(machine);
    assertEquals([expevt, spc, machine.instructions], [0x180, (BASE + 2) >>> 0, 2]);
  }
});

Deno.test("slot: RTE's is fetched before the privilege falls and executed under the new SR", () => {
  // The handler lies in P1, where user mode may not fetch; the slot reads SR's own bank.
  const machine = machineWith(["rte", "mov r1,r2"]);
  const { cpu } = machine;
  enter(machine, { page: USER_CODE, frame: FRAME });
  write(machine, FRAME, ["add #1,r3"]);
  cpu.setSr(S.SR_MD | S.SR_RB | S.SR_BL);
  cpu.setR(1, 111);
  cpu.setBank(1, 222);
  cpu.setSpecial(SPECIAL.ssr, S.SR_T);
  cpu.setSpecial(SPECIAL.spc, USER_CODE);
  assertEquals(machine.run(3), { why: "budget" });
  assertEquals([machine.pc, cpu.sr(), cpu.r(2), cpu.r(3)], [USER_CODE + 2, S.SR_T, 222, 1]);
});

Deno.test("slot: what RTE's slot may do is the restored SR's to say", () => {
  const machine = machineWith(["rte", "stc ssr,r2"]);
  machine.cpu.setSpecial(SPECIAL.ssr, 0);
  machine.cpu.setSpecial(SPECIAL.spc, USER_CODE);
  assertEquals(takenBy(machine).expevt, 0x1a0);
  const disabled = machineWith(["rte", "fldi0 fr1"]);
  disabled.cpu.setSpecial(SPECIAL.ssr, S.SR_MD | S.SR_FD);
  disabled.cpu.setSpecial(SPECIAL.spc, BASE);
  assertEquals(takenBy(disabled).expevt, 0x820);
});

Deno.test("slot: an exception under BL = 1 is a reset there too", () => {
  const machine = machineWith(["bra 0x8c000010", "mov.l @r1,r2"]);
  machine.cpu.setSr(S.SR_MD | S.SR_BL);
  machine.cpu.setR(1, PAGE);
  assertEquals(machine.run(5), { why: "reset", exception: "tlbMissRead" });
  assertEquals(machine.pc, BASE);
  assertEquals(VBR, machine.cpu.special(SPECIAL.vbr));
});
