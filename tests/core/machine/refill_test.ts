/**
 * The supervisor's refill: asked before anything is written, and the instruction then goes on as if
 * the entry had been there; refused, it leaves every register as it was.
 */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { encoding, isIn, type Mode } from "../../../core/isa/decode.ts";
import { footprint } from "../../../core/isa/footprint.ts";
import type { Op } from "../../../core/isa/op.ts";
import { sh4 } from "../../../core/isa/sh4.ts";
import { SPECIAL } from "../../../core/isa/cpu.ts";
import type { Machine } from "../../../core/machine/machine.ts";
import * as S from "../../../core/machine/state.ts";
import { BASE, enter, type Entry, machineWith, memoryWord, Refiller, registers } from "./guest.ts";
import { setMemoryWord, SINGLE, USER_CODE, write } from "./guest.ts";

const PAGE = 0x00600000;
const FRAME = 0x10000;
const ENTRIES: readonly Entry[] = [0, 1, 2, 3].map((n) => ({
  page: PAGE + 0x1000 * n,
  frame: FRAME + 0x1000 * n,
}));

Deno.test("refill: a read miss asks once, then the load has its value", () => {
  const machine = machineWith(["mov.l @r1+,r2", "mov.l @r1,r3"]);
  setMemoryWord(machine, FRAME, 77);
  const refiller = new Refiller(machine, ENTRIES);
  machine.cpu.setR(1, PAGE);
  assertEquals(machine.run(2), { why: "budget" });
  assertEquals([machine.cpu.r(1), machine.cpu.r(2)], [PAGE + 4, 77]);
  assertEquals(refiller.calls.map(({ exception }) => exception), ["tlbMissRead"]);
  assertEquals(machine.instructions, 2);
});

Deno.test("refill: TEA, PTEH and EXPEVT are set before the supervisor is asked", () => {
  const machine = machineWith(["mov.l r2,@r1"]);
  machine.setPteh(0x21);
  machine.cpu.setR(1, PAGE + 0x804);
  const seen: number[][] = [];
  machine.supervisor = {
    refill(_, address) {
      seen.push([address, machine.tea, machine.pteh, machine.expevt, machine.pc]);
      return false;
    },
  };
  machine.run(1);
  assertEquals(seen, [[PAGE + 0x804, PAGE + 0x804, (PAGE + 0x800) | 0x21, 0x060, BASE]]);
});

Deno.test("refill: a store to a clean page asks once for its first write, and stores once", () => {
  const machine = machineWith(["mov.l r2,@-r1", "mov.l r2,@-r1"]);
  const refiller = new Refiller(machine, ENTRIES);
  enter(machine, { ...ENTRIES[0]!, dirty: false });
  machine.cpu.setR(1, PAGE + 8);
  machine.cpu.setR(2, 5);
  machine.run(2);
  const asked = refiller.calls.map(({ exception, address }) => [exception, address]);
  assertEquals(asked, [["initialPageWrite", PAGE + 4]]);
  assertEquals(machine.cpu.r(1), PAGE);
  assertEquals([0, 4, 8].map((n) => memoryWord(machine, FRAME + n)), [5, 5, 0]);
  assertEquals(machine.mmu.validEntries().length, 1);
});

Deno.test("refill: a write miss asks for the write, not for a read first", () => {
  const machine = machineWith(["tas.b @r1", "mov.l r2,@r3"]);
  const refiller = new Refiller(machine, ENTRIES);
  machine.cpu.setR(1, PAGE);
  machine.cpu.setR(3, PAGE + 0x1000);
  machine.run(2);
  assertEquals(
    refiller.calls.map(({ exception }) => exception),
    ["tlbMissRead", "initialPageWrite", "tlbMissWrite"], // TAS reads before it writes
  );
  assertEquals(memoryWord(machine, FRAME), 0x80);
});

Deno.test("refill: refused, the exception is taken and reported with its address", () => {
  const machine = machineWith(["nop", "mov.l r2,@-r1"]);
  new Refiller(machine, []);
  machine.cpu.setR(1, PAGE + 8);
  assertEquals(machine.run(9), {
    why: "exception",
    exception: "tlbMissWrite",
    address: PAGE + 4,
  });
  assertEquals(machine.cpu.special(SPECIAL.spc), BASE + 2);
  assertEquals(machine.cpu.bank(1), PAGE + 8);
  assertEquals(machine.instructions, 1);
});

Deno.test("refill: for a fetch, and for both words of a branch that straddles two pages", () => {
  const lines = ["bra 0x402100", "add #1,r1"] as const;
  const machine = machineWith([]);
  write(machine, FRAME + 0x1ffe, lines.slice(0, 1), USER_CODE + 0x1ffe);
  write(machine, FRAME + 0x2000, lines.slice(1), USER_CODE + 0x2000);
  write(machine, FRAME + 0x2100, ["nop"]);
  const refiller = new Refiller(
    machine,
    [0, 1, 2].map((n) => ({ page: USER_CODE + 0x1000 * n, frame: FRAME + 0x1000 * n })),
  );
  machine.cpu.setSr(0);
  machine.pc = USER_CODE + 0x1ffe;
  assertEquals(machine.run(2), { why: "budget" });
  assertEquals(
    refiller.calls.map(({ exception, address }) => [exception, address]),
    [["tlbMissRead", USER_CODE + 0x1ffe], ["tlbMissRead", USER_CODE + 0x2000]],
  );
  assertEquals([machine.pc, machine.cpu.r(1)], [USER_CODE + 0x2100, 1]);
});

Deno.test("refill: refused for the slot's fetch, the branch has done nothing and is named", () => {
  for (const branch of ["bsr 0x402100", "jsr @r3", "bsrf r3"]) {
    const machine = machineWith([]);
    write(machine, FRAME + 0x1ffe, [branch], USER_CODE + 0x1ffe);
    new Refiller(machine, [{ page: USER_CODE + 0x1000, frame: FRAME + 0x1000 }]);
    machine.cpu.setSr(0);
    machine.pc = USER_CODE + 0x1ffe;
    machine.cpu.setSpecial(SPECIAL.pr, 5);
    assertEquals(machine.run(9), {
      why: "exception",
      exception: "tlbMissRead",
      address: USER_CODE + 0x2000,
    });
    assertEquals(machine.cpu.special(SPECIAL.spc), USER_CODE + 0x1ffe);
    assertEquals(machine.cpu.special(SPECIAL.pr), 5);
    assertEquals(machine.instructions, 0);
  }
});

/** Rows that touch memory through the TLB in the mode they exist in. */
const MODES: readonly Mode[] = [SINGLE, { PR: 0, SZ: 1 }];
const TOUCHING: readonly { readonly op: Op; readonly mode: Mode }[] = sh4.flatMap((op) => {
  const mode = MODES.find((known) => isIn(op, known));
  const touches = /[@]/.test(op.syntax) && !/^(pref|jmp|jsr|mova)/.test(op.syntax) &&
    !/PC/.test(op.syntax);
  return mode !== undefined && touches && footprint(op).mayFault ? [{ op, mode }] : [];
});

/** A machine about to run one row, its operands in pages of their own. */
function aboutTo({ op, mode }: (typeof TOUCHING)[number], values: readonly number[]): Machine {
  const { match, n, m, i, d } = encoding(op);
  const field = (place: { mask: number; shift: number }, value: number) =>
    (value & place.mask) << place.shift;
  const word = match | field(n, 2) | field(m, 1) | field(i, 0x5a) | field(d, 1);
  const machine = machineWith([word], mode);
  values.forEach((value, k) => setMemoryWord(machine, FRAME + 0x400 * k, value));
  machine.cpu.setR(0, 0x10);
  machine.cpu.setR(1, PAGE + 0x808);
  machine.cpu.setR(2, PAGE + 0x1408);
  machine.cpu.setSpecial(SPECIAL.gbr, PAGE + 0x2800);
  for (const [k, value] of values.entries()) machine.cpu.setFrBits(k, value & 0x3fffffff);
  return machine;
}

const values = fc.array(fc.integer(), { minLength: 16, maxLength: 16 });

Deno.test("refill: a program cannot tell refilled pages from loaded ones, row by row", () => {
  assert(TOUCHING.length > 80, `${TOUCHING.length} rows`);
  fc.assert(
    fc.property(fc.constantFrom(...TOUCHING), values, (row, words) => {
      const loaded = aboutTo(row, words);
      for (const entry of ENTRIES) enter(loaded, entry);
      loaded.run(1);
      const refilled = aboutTo(row, words);
      const refiller = new Refiller(refilled, ENTRIES);
      refilled.run(1);
      assert(refiller.calls.length > 0, row.op.syntax);
      assertEquals(registers(refilled), registers(loaded), row.op.syntax);
      assertEquals(
        refilled.ram.subarray(FRAME, FRAME + 0x4000),
        loaded.ram.subarray(FRAME, FRAME + 0x4000),
      );
      assertEquals(refilled.instructions, loaded.instructions);
    }),
    { numRuns: 400 },
  );
});

Deno.test("refill: every row is asked about with no register written, and refused leaves none", () => {
  for (const row of TOUCHING) {
    const before = registers(aboutTo(row, []));
    for (let refused = 0;; refused++) {
      const machine = aboutTo(row, []);
      const refiller = new Refiller(machine, ENTRIES);
      refiller.allows = (call) => call < refused;
      const stop = machine.run(1);
      for (const call of refiller.calls) assertEquals(call.registers, before, row.op.syntax);
      if (stop.why === "budget") {
        assert(refused > 0);
        break;
      }
      assertEquals(stop.why, "exception", row.op.syntax);
      machine.returnFromException();
      const unsaved = [SPECIAL.ssr, SPECIAL.spc, SPECIAL.sgr].map((k) => (S.SPECIALS >> 2) + k);
      const differing = registers(machine).flatMap((word, k) => word === before[k] ? [] : [k]);
      assertEquals(differing.filter((k) => !unsaved.includes(k)), [], row.op.syntax);
      assertEquals(machine.instructions, 0);
    }
  }
});
