/** SR and FPSCR: what a change of mode swaps, forbids and decodes otherwise, at once. */
import { assert, assertEquals } from "@std/assert";
import { SPECIAL } from "../../../core/isa/cpu.ts";
import { encoding } from "../../../core/isa/decode.ts";
import { sh4 } from "../../../core/isa/sh4.ts";
import { Machine } from "../../../core/machine/machine.ts";
import * as S from "../../../core/machine/state.ts";
import {
  BASE,
  enter,
  machineWith,
  Refiller,
  takenBy,
  USER_CODE,
  userMachine,
  VBR,
} from "./guest.ts";

const PAGE = 0x00600000;

/** R0 to R7 then their bank, marked apart. */
function mark({ cpu }: Machine): void {
  for (let n = 0; n < 8; n++) {
    cpu.setR(n, 100 + n);
    cpu.setBank(n, 200 + n);
  }
  cpu.setR(8, 108);
}

const isSwapped = ({ cpu }: Machine): boolean => {
  const numbers = [0, 1, 2, 3, 4, 5, 6, 7];
  const front = numbers.map((n) => cpu.r(n)), back = numbers.map((n) => cpu.bank(n));
  const swapped = front[0] === 200;
  assertEquals(front, numbers.map((n) => (swapped ? 200 : 100) + n));
  assertEquals(back, numbers.map((n) => (swapped ? 100 : 200) + n));
  assertEquals(cpu.r(8), 108);
  return swapped;
};

Deno.test("mode: R0 to R7 swap exactly when MD and RB together change", () => {
  const modes = [0, S.SR_RB, S.SR_MD, S.SR_MD | S.SR_RB];
  for (const from of modes) {
    for (const to of modes) {
      const machine = machineWith([]);
      machine.cpu.setSr(from);
      mark(machine);
      machine.cpu.setSr(to);
      const second = S.SR_MD | S.SR_RB;
      assertEquals(isSwapped(machine), (from === second) !== (to === second));
    }
  }
});

Deno.test("mode: LDC to SR swaps before the next instruction, LDC.L steps the old bank's register", () => {
  const machine = machineWith(["ldc r1,sr", "mov r2,r9"]);
  mark(machine);
  machine.cpu.setR(1, S.SR_MD | S.SR_RB | S.SR_T);
  machine.run(2);
  assertEquals([machine.cpu.r(9), machine.cpu.t()], [202, 1]);
  const loaded = machineWith(["ldc.l @r1+,sr", "mov r1,r9"]);
  mark(loaded);
  loaded.cpu.store32(BASE + 0x10000, S.SR_MD | S.SR_RB);
  loaded.cpu.setR(1, BASE + 0x10000);
  loaded.run(2);
  assertEquals([loaded.cpu.r(9), loaded.cpu.bank(1)], [201, BASE + 0x10004]);
});

Deno.test("mode: SR keeps the bits that exist and no others", () => {
  const machine = machineWith(["ldc r1,sr", "stc sr,r9"]);
  machine.cpu.setR(1, -1 & ~S.SR_RB);
  machine.run(2);
  assertEquals(machine.cpu.r(9) >>> 0, 0x500083f3);
});

Deno.test("mode: an exception swaps to bank 1, RTE gives bank 0 back", () => {
  const machine = userMachine(["trapa #3", "nop"]);
  mark(machine);
  new Refiller(machine, []);
  assertEquals(machine.run(5), { why: "exception", exception: "trap", address: USER_CODE + 2 });
  assertEquals(isSwapped(machine), true);
  machine.returnFromException();
  assertEquals(isSwapped(machine), false);
  assertEquals([machine.pc, machine.cpu.sr()], [USER_CODE + 2, 0]);
});

Deno.test("mode: FPSCR keeps 22 bits; FR swaps the banks", () => {
  const machine = machineWith(["lds r1,fpscr", "sts fpscr,r2", "flds fr3,fpul"]);
  machine.cpu.setFrBits(3, 33);
  machine.cpu.setXfBits(3, 44);
  machine.cpu.setR(1, -1);
  machine.run(3);
  assertEquals(machine.cpu.r(2), 0x003fffff);
  assertEquals([machine.cpu.special(SPECIAL.fpul), machine.cpu.xfBits(3)], [44, 33]);
});

Deno.test("mode: FSCHG, FRCHG and PR are felt by the next instruction", () => {
  const machine = machineWith(["fschg", 0xf42c, "frchg", 0xf42c, "fschg", 0xf42c]);
  const { cpu } = machine;
  cpu.setFrBits(2, 2);
  cpu.setFrBits(3, 3);
  cpu.setXfBits(2, 22);
  cpu.setXfBits(3, 33);
  machine.run(2); // a pair: dr2 to dr4
  assertEquals([cpu.frBits(4), cpu.frBits(5)], [2, 3]);
  machine.run(2); // the other bank
  assertEquals([cpu.frBits(4), cpu.frBits(5)], [22, 33]);
  cpu.setFrBits(5, 0);
  machine.run(2); // one register
  assertEquals([cpu.frBits(4), cpu.frBits(5)], [22, 0]);
  const precise = machineWith(["lds r1,fpscr", 0xf240, "lds r2,fpscr", 0xf240]); // fadd
  precise.cpu.setDr(2, 1.5);
  precise.cpu.setDr(4, 2.25);
  precise.cpu.setR(1, S.FPSCR_PR);
  precise.run(2);
  assertEquals(precise.cpu.dr(2), 3.75);
  precise.run(2);
  assertEquals(precise.cpu.fr(2), Math.fround(precise.cpu.fr(2)));
  assert(precise.cpu.dr(2) !== 3.75);
});

/** A word of each row, in a mode that has it. */
const ROWS = sh4.map((op) => {
  const { match, n, m } = encoding(op);
  const word = match | ((2 & n.mask) << n.shift) | ((1 & m.mask) << m.shift);
  return { op, word, mode: { PR: op.when?.PR ?? 0, SZ: op.when?.SZ ?? 0 } as const };
});

const SHORT_BRANCH = 0xa006; // bra, well within the page

Deno.test("mode: privileged rows are illegal in user mode, 0x180, and 0x1a0 in a slot", () => {
  const privileged = ROWS.filter(({ op }) => op.privileged === true);
  assertEquals(privileged.length, 29);
  for (const { op, word, mode } of privileged) {
    assertEquals(takenBy(userMachine([word], mode)).expevt, 0x180, op.syntax);
    const { expevt, spc } = takenBy(userMachine(["nop", SHORT_BRANCH, word], mode));
    assertEquals([expevt, spc], [0x1a0, USER_CODE + 2], op.syntax);
  }
});

Deno.test("mode: no other row minds user mode", () => {
  for (const { op, word, mode } of ROWS.filter(({ op }) => op.privileged !== true)) {
    if (/^trapa/.test(op.syntax)) continue;
    const machine = userMachine([word, "nop"], mode);
    const page = { page: PAGE, frame: 0x10000, size: 2 };
    enter(machine, page);
    for (let n = 0; n < 16; n++) machine.cpu.setR(n, PAGE + 0x100 * n);
    machine.cpu.setR(0, 8);
    machine.cpu.setSpecial(SPECIAL.gbr, PAGE);
    assertEquals(machine.run(1), { why: "budget" }, op.syntax);
    assertEquals(machine.expevt, 0, op.syntax);
  }
});

Deno.test("mode: with FD = 1 FPU rows raise 0x800, 0x820 in a slot, and nothing else does", () => {
  for (const md of [0, S.SR_MD]) {
    for (const { op, word, mode } of ROWS.filter(({ op }) => op.fpu === true)) {
      for (const [program, code] of [[[word], 0x800], [[SHORT_BRANCH, word], 0x820]] as const) {
        const machine = userMachine(program, mode);
        machine.cpu.setSr(md | S.SR_FD);
        const { expevt, spc, vector } = takenBy(machine);
        assertEquals([expevt, spc, vector], [code, USER_CODE, 0x100], op.syntax);
      }
    }
  }
  const machine = userMachine(["add #1,r1", "sts macl,r2"]);
  machine.cpu.setSr(S.SR_FD);
  assertEquals(machine.run(2), { why: "budget" });
  assertEquals(machine.cpu.r(1), 1);
});

Deno.test("mode: to a disabled FPU all of 1111… is the FPU's, but for 0xfffd", () => {
  for (const [word, code] of [[0xf00f, 0x800], [0xffff, 0x800], [0xfffd, 0x180]] as const) {
    const machine = machineWith([word]);
    assertEquals(takenBy(machine).expevt, 0x180);
    const disabled = machineWith([word]);
    disabled.cpu.setSr(S.SR_MD | S.SR_FD);
    assertEquals(takenBy(disabled).expevt, code);
  }
});

Deno.test("mode: the same word is decoded anew when SR.FD or MD changes", () => {
  const machine = machineWith(["fldi1 fr2"]);
  for (const disabled of [true, false, true]) {
    machine.cpu.setSr(S.SR_MD | (disabled ? S.SR_FD : 0));
    machine.pc = BASE;
    machine.cpu.setFrBits(2, 0);
    machine.run(disabled ? 2 : 1);
    assertEquals([machine.cpu.fr(2), machine.pc], disabled ? [0, VBR + 0x102] : [1, BASE + 2]);
  }
  const user = userMachine(["stc ssr,r2"]);
  for (const md of [0, S.SR_MD, 0]) {
    user.cpu.setSr(md);
    user.pc = USER_CODE;
    user.run(1);
    assertEquals(user.pc, md === 0 ? VBR + 0x102 : USER_CODE + 2);
  }
});

Deno.test("TRAPA: TRA is the number times four, SPC the next instruction", () => {
  for (const number of [0, 1, 0x13, 0xff]) {
    const machine = userMachine([`trapa #${number}`]);
    machine.cpu.setSpecial(SPECIAL.spc, 0);
    const { expevt, spc, vector } = takenBy(machine);
    assertEquals([expevt, spc, vector], [0x160, USER_CODE + 2, 0x100]);
    assertEquals([machine.tra, machine.instructions], [number << 2, 2]);
  }
});

Deno.test("SLEEP: stops behind itself, in a slot behind the branch; illegal in user mode", () => {
  const machine = machineWith(["sleep", "add #1,r1"]);
  assertEquals(machine.run(10), { why: "sleep" });
  assertEquals(machine.pc, BASE + 2);
  assertEquals(machine.run(1), { why: "budget" });
  assertEquals(machine.cpu.r(1), 1);
  const slot = machineWith(["bra 0x8c000010", "sleep"]);
  assertEquals(slot.run(10), { why: "sleep" });
  assertEquals([slot.pc, slot.instructions], [BASE + 0x10, 2]);
});

Deno.test("an exception under BL = 1 is a reset, whatever it is", () => {
  const rows = [
    { word: 0xfffd, exception: "illegal" },
    { word: 0xc301, exception: "trap" },
    { word: 0x6212, exception: "tlbMissRead" }, // mov.l @r1,r2
    { word: 0xf00d, exception: "fpuDisabled", sr: S.SR_FD },
  ] as const;
  for (const row of rows) {
    const machine = machineWith([row.word]);
    machine.cpu.setSr(S.SR_MD | S.SR_BL | ("sr" in row ? row.sr : 0));
    machine.cpu.setR(1, PAGE);
    assertEquals(machine.run(5), { why: "reset", exception: row.exception });
  }
});

Deno.test("power-on: privileged, blocked, bank 1, FPU single and rounding to zero, DN", () => {
  const machine = new Machine({ ramBytes: 65536 });
  assertEquals(machine.cpu.sr() >>> 0, 0x700000f0);
  assertEquals(machine.cpu.fpscr(), 0x00040001);
  assertEquals(machine.instructions, 0);
});
