/** What is special in the translator: code that changes, exact stops, precise faults, bounds. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { SPECIAL } from "../../../core/isa/cpu.ts";
import { assemble } from "../../../core/isa/text.ts";
import type { Machine } from "../../../core/machine/machine.ts";
import type { Supervisor } from "../../../core/machine/mmu.ts";
import { MMUCR_AT } from "../../../core/machine/mmucr.ts";
import { FPSCR_DN } from "../../../core/machine/state.ts";
import { DATA, PAGES, Twins } from "./engine_twins.ts";
import { dataWord, type Entry, SINGLE, USER_CODE, write } from "./guest.ts";

const at = (n: number): string => `0x${(USER_CODE + 2 * n).toString(16)}`;
const word = (line: string): number => assemble(line, USER_CODE, SINGLE);

Deno.test("translator: a program that stores into itself runs what it has stored", () => {
  const twins = new Twins({
    program: [
      "add #1,r3",
      "dt r4",
      `bf ${at(0)}`,
      "mov.w r1,@r2",
      "mov #10,r4",
      `bra ${at(0)}`,
      "nop",
    ],
    prepare: ({ cpu }) => {
      cpu.setR(1, word("add #100,r3"));
      cpu.setR(2, USER_CODE);
      cpu.setR(4, 10);
    },
  });
  twins.run(3 * 10);
  assertEquals(twins.translated.cpu.r(3), 10);
  twins.run(4 + 3 * 10);
  assertEquals(twins.translated.cpu.r(3), 10 + 1000);
  assert((twins.translated.translated?.invalidations ?? 0) > 0);
  twins.run(1000);
  assert(twins.share > 0.1, `${twins.share}`);
});

Deno.test("translator: what a kernel writes into a frame is what runs next", () => {
  const twins = new Twins({ program: ["add #1,r3", `bra ${at(0)}`, "add #1,r5"] });
  twins.run(300);
  const before = twins.translated.cpu.r(3);
  const { translations = 0, shared = 0 } = twins.translated.translated ?? {};
  assert(translations + shared > 0);
  twins.both((machine) => {
    machine.frameWritten(0);
    write(machine, 0, ["add #100,r3"], USER_CODE);
  });
  twins.run(300);
  assertEquals(twins.translated.cpu.r(3), before + 100 * 100);
  assertEquals(twins.translated.translated?.invalidations, translations + shared);
});

Deno.test("translator: another name of a page of code is guarded as its own is", () => {
  const twins = new Twins({
    program: ["add #1,r3", "dt r4", `bf ${at(0)}`, "mov.w r1,@r2", `bra ${at(0)}`, "mov #5,r4"],
    pages: [...PAGES, { page: DATA + 0x8000, frame: 0 }],
    prepare: ({ cpu }) => {
      cpu.setR(1, word("add #7,r3"));
      cpu.setR(2, DATA + 0x8000);
      cpu.setR(4, 5);
    },
  });
  twins.run(15 + 3 + 15);
  assertEquals(twins.translated.cpu.r(3), 5 + 35);
});

Deno.test("translator: code rewritten without end is translated seldom, and little is kept", () => {
  const twins = new Twins({
    program: ["add #1,r5", "add #1,r3", "mov.w r1,@r2", "add #1,r1", `bra ${at(0)}`, "nop"],
    prepare: ({ cpu }) => {
      cpu.setR(1, word("add #1,r3") & 0xff00);
      cpu.setR(2, USER_CODE + 2);
    },
  });
  for (let n = 0; n < 20; n++) twins.run(5000);
  const counts = twins.translated.translated;
  const made = (counts?.translations ?? 0) + (counts?.shared ?? 0);
  assert(made > 0);
  assert(made < 100_000 / 6 / 20, `${made} translations`);
  assert(made - (counts?.invalidations ?? 0) <= 8, JSON.stringify(counts));
});

Deno.test("translator: a hot loop stops at the same step for every budget", () => {
  const programs = [
    ["add #1,r1", "mov.l r1,@r9", "dt r2", `bf/s ${at(0)}`, "add r1,r3", `bra ${at(0)}`, "nop"],
    [`bsr ${at(4)}`, "add #1,r1", `bra ${at(0)}`, "nop", "mov.l @r9,r4", "rts", "add #1,r4"],
    [
      "dt r2",
      `bt ${at(4)}`,
      "add #3,r5",
      "add #5,r6",
      "cmp/pl r2",
      `bf ${at(0)}`,
      `bra ${at(0)}`,
      "nop",
    ],
  ];
  for (const program of programs) {
    const twins = new Twins({
      program,
      prepare: ({ cpu }) => {
        cpu.setR(2, 17);
        cpu.setR(9, DATA);
      },
    });
    twins.run(500);
    for (let budget = 1; budget <= 200; budget++) twins.run(budget);
    assert(twins.share > 0.8, `${twins.share}`);
  }
});

Deno.test("translator: a protected page needs no new translation, and faults where it must", () => {
  const twins = new Twins({
    program: [
      "mov.l r1,@r9",
      "add #4,r9",
      "add #1,r1",
      "dt r2",
      `bf ${at(0)}`,
      `bra ${at(0)}`,
      "nop",
    ],
    prepare: ({ cpu }) => {
      cpu.setR(2, 1_000_000);
      cpu.setR(9, DATA);
    },
  });
  twins.run(1000);
  const counts = () => {
    const { translations = 0, shared = 0, invalidations = 0 } = twins.translated.translated ?? {};
    return [translations + shared, invalidations];
  };
  let before: readonly number[] = [];
  for (const permission of [false, true, false, true, false, true]) {
    twins.both((machine) => {
      machine.invalidatePage(DATA, 0);
      machine.supervisor = permission ? keeper(machine, PAGES) : { refill: () => false };
      machine.cpu.setR(9, DATA + 0xf00);
      machine.pc = USER_CODE; // a run may translate what it begins with
    });
    const stop = twins.run(400);
    if (permission) {
      assertEquals(stop.why, "budget");
      if (before.length === 0) before = counts(); // all ways have been gone once
      continue;
    }
    assertEquals(stop, { why: "exception", exception: "tlbMissWrite", address: DATA + 0xf00 });
    assertEquals(twins.translated.cpu.special(SPECIAL.spc), USER_CODE);
    twins.both((machine) => machine.returnFromException());
  }
  assert((before[0] as number) > 0);
  assertEquals(counts(), before);
});

/** One that answers from a table, with three cycles each, and leaves its answers to the machine. */
function keeper(machine: Machine, pages: readonly Entry[]): Supervisor {
  return {
    refill: (exception, address) => {
      const found = pages.find(({ page }) => ((page ^ address) & ~0xfff) === 0);
      if (found === undefined) return false;
      if (exception === "initialPageWrite") machine.invalidatePage(address, 0);
      machine.setPtel(dataWord(found));
      machine.loadTlb();
      machine.charge(3);
      machine.keepTranslation(3);
      return true;
    },
  };
}

Deno.test("translator: an instruction whose second access drives out the first one's page", () => {
  const lines = [
    `mov.l ${at(8)},r5`,
    `mova ${at(8)},r0`,
    "mac.l @r9+,@r0+", // its own text first, and then data
    "add r4,r9",
    "dt r2",
    `bf ${at(0)}`,
    `bra ${at(0)}`,
    "mov r10,r9",
  ];
  for (const entries of [2, 3, 4, 5]) {
    const pages = [
      ...PAGES.slice(0, 1),
      ...Array.from({ length: 64 }, (_, n) => ({ page: DATA + 0x1000 * n, frame: 0x10000 })),
    ];
    const twins = new Twins({
      program: [...lines, 1, 2, 3, 4],
      prepare: (machine) => {
        machine.mmu.setMmucr(MMUCR_AT | (entries << 18)); // URB: so few entries are used
        machine.supervisor = keeper(machine, pages);
        machine.cpu.setR(2, 1000);
        machine.cpu.setR(4, 0x1000 - 4);
        machine.cpu.setR(9, DATA);
        machine.cpu.setR(10, DATA);
      },
    });
    for (let n = 0; n < 40; n++) {
      twins.run(97, `${entries} entries, slice ${n}`);
      if (n % 4 === 3) twins.both(({ cpu }) => cpu.setR(9, DATA));
    }
    assert(twins.translated.reloads > 0);
  }
});

Deno.test("translator: FPSCR has the cause of the last operation, wherever a loop reads it", () => {
  const programs = {
    "before the operation": [
      "sts fpscr,r3",
      "xor r3,r4",
      "fdiv fr2,fr1",
      "dt r2",
      `bf ${at(0)}`,
      `bra ${at(0)}`,
      "nop",
    ],
    "in a function that is called before it": [
      `bsr ${at(7)}`,
      "nop",
      "fdiv fr2,fr1",
      "dt r2",
      `bf ${at(0)}`,
      `bra ${at(0)}`,
      "nop",
      "sts fpscr,r3",
      "xor r3,r4",
      "rts",
      "fcmp/gt fr1,fr2",
    ],
  };
  for (const [name, program] of Object.entries(programs)) {
    const twins = new Twins({
      program,
      prepare: ({ cpu }) => {
        cpu.setFpscr(FPSCR_DN | 4); // the inexact flag is set
        cpu.setR(2, 30);
        for (let n = 0; n < 4; n++) cpu.setFrBits(n, 0x3fc12345 + 0x100 * n);
      },
    });
    for (let budget = 20; budget < 60; budget++) twins.run(budget, `${name}, ${budget} cycles`);
    assert(twins.share > 0.5, `${name}: ${twins.share}`);
  }
});

Deno.test("translator: arithmetic with zeros of both signs raises what it should", () => {
  const values = [0, -0, 1, -1, 1.5, 3e38, 2 ** -126].map((value) =>
    new Int32Array(Float32Array.of(value).buffer)[0] as number
  );
  for (const operation of ["fmac fr0,fr1,fr2", "fadd fr0,fr2", "fsub fr0,fr2", "fmul fr0,fr2"]) {
    for (const flags of [0, 4]) {
      const twins = new Twins({ program: [operation, "sts fpscr,r3", `bra ${at(0)}`, "nop"] });
      const operands = values.flatMap((a) => values.flatMap((b) => values.map((c) => [a, b, c])));
      for (const each of operands) {
        twins.both((machine) => {
          machine.cpu.setFpscr(FPSCR_DN | flags);
          each.forEach((bits, n) => machine.cpu.setFrBits(n, bits));
          machine.pc = USER_CODE;
        });
        twins.run(8, `${operation} of ${each.map((bits) => bits >>> 0).join()}`);
      }
      assert(twins.share > 0.2, `${operation}: ${twins.share}`);
    }
  }
});

/** Programs that fault in a loop: registers, where, with what. */
const FAULTS = [
  {
    name: "a store in a delay slot",
    program: ["add #4,r9", `bra ${at(0)}`, "mov.l r1,@r9"],
    exception: "tlbMissWrite",
    pc: 1,
  },
  {
    name: "a load in the slot of a call",
    program: ["add #4,r9", `bsr ${at(0)}`, "mov.l @r9,r1"],
    exception: "tlbMissRead",
    pc: 1,
  },
  {
    name: "the second access of mac.l",
    program: ["mov r10,r11", "mac.l @r9+,@r11+", `bra ${at(0)}`, "add #1,r1"],
    exception: "tlbMissRead",
    pc: 1,
  },
  {
    name: "a denormal",
    program: ["fadd fr0,fr1", "fmul fr2,fr3", "dt r2", `bf ${at(0)}`, "bra 0x400000", "nop"],
    exception: "fpu",
    pc: 1,
  },
  {
    name: "an address that is not aligned",
    program: [
      "mov.l @r9,r1",
      "add #4,r9",
      "dt r2",
      `bf ${at(0)}`,
      "add #1,r9",
      `bra ${at(0)}`,
      "nop",
    ],
    exception: "addressErrorRead",
    pc: 0,
  },
] as const;

Deno.test("translator: faults are precise: the step, the registers, the counts", () => {
  for (const { name, program, exception, pc } of FAULTS) {
    const twins = new Twins({
      program,
      prepare: ({ cpu }) => {
        cpu.setFpscr(exception === "fpu" ? 4 : FPSCR_DN);
        cpu.setR(2, 300);
        cpu.setR(9, DATA + 0x3000);
        cpu.setR(10, DATA);
        [1, 1, 0.5, 1].forEach((value, n) => {
          cpu.setFrBits(n, new Int32Array(Float32Array.of(value).buffer)[0] as number);
        });
      },
    });
    const stop = twins.run(10_000, name);
    assertEquals(
      [stop.why, "exception" in stop ? stop.exception : ""],
      ["exception", exception],
      name,
    );
    assertEquals(twins.translated.cpu.special(SPECIAL.spc), USER_CODE + 2 * pc, name);
    assert(twins.share > 0.5, `${name}: ${twins.share}`);
    assertNotEquals(twins.translated.instructions, 0);
  }
});
