/** Corners of the translator: rare code and rare states in which the engines must agree all the same. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Machine } from "../../../core/machine/machine.ts";
import { FPSCR_DN } from "../../../core/machine/state.ts";
import { DATA, PAGES, Twins } from "./engine_twins.ts";
import { dataWord, enter, type Entry, setMemoryWord, USER_CODE } from "./guest.ts";
import type { Program } from "./guest.ts";

const at = (n: number): string => `0x${(USER_CODE + 2 * n).toString(16)}`;
const CODE_PAGES: readonly Entry[] = PAGES.slice(0, 2);

/** Answers misses from a table, and lets the processor keep what it answers. */
function keepFrom(machine: Machine, pages: readonly Entry[]): void {
  machine.supervisor = {
    refill: (exception, address) => {
      const found = pages.find(({ page }) => ((page ^ address) & ~0xfff) === 0);
      if (found === undefined) return false;
      if (exception === "initialPageWrite") {
        machine.invalidatePage(address, machine.pteh & 0xff);
      }
      machine.setPtel(dataWord(found));
      machine.loadTlb();
      machine.charge(7);
      machine.keepTranslation(7);
      return true;
    },
  };
}

/** Makes a page's entry invalid where the arrays show it. */
function dropByArray({ mmu }: Machine, page: number): void {
  for (let n = 0; n < 64; n++) {
    const place = (0xf6000000 | (n << 8)) | 0;
    const tag = mmu.readArray(place);
    if ((tag & ~0xfff) === page) mmu.writeArray(place, tag & ~0x100);
  }
}

/** A program of two pages: lines by the place of their first, `nop` between. */
function spread(parts: Readonly<Record<number, Program>>): Program {
  const lines: (string | number)[] = [];
  for (const [place, part] of Object.entries(parts)) {
    while (lines.length < Number(place)) lines.push("nop");
    lines.push(...part);
  }
  return lines;
}

for (
  const [name, jump] of Object.entries({
    jmp: ["jmp @r0", "nop"],
    jsr: ["jsr @r0", "nop"],
    rts: ["lds r0,pr", "rts", "nop"],
    braf: ["mov #3,r0", "braf r0", "nop"],
  })
) {
  Deno.test(`corners: ${name} to an odd address that is known when translating`, () => {
    const program = [`mov.l ${at(8)},r0`, "add #1,r3", ...jump];
    const twins = new Twins({
      program: spread({ 0: program, 10: ["add #1,r4", `bra ${at(0)}`, "nop"] }),
      prepare: (machine) => setMemoryWord(machine, 16, USER_CODE + 21),
    });
    assertEquals(twins.run(20).why, "exception");
  });
}

Deno.test("corners: a page is entered anew when the load that goes on from it is gone", () => {
  // 64 entries and more pages than that: turning to the second page may drive out the data's.
  const pages = [
    ...CODE_PAGES,
    ...Array.from(
      { length: 80 },
      (_, n) => ({ page: DATA + 0x1000 * n, frame: 0x10000 + n * 256 }),
    ),
  ].map((entry) => ({ ...entry, frame: entry.frame & ~0xfff }));
  const twins = new Twins({
    program: spread({
      0x7f8: ["mov.l @r1,r2", "add #1,r3"],
      0x800: ["mov.l @(4,r1),r4", "add #1,r6", "jmp @r8", "nop"],
    }),
    prepare: (machine) => {
      keepFrom(machine, pages);
      machine.pc = USER_CODE + 0xff0;
      machine.cpu.setR(1, DATA);
      machine.cpu.setR(8, USER_CODE + 0xff0);
      machine.cpu.load32(USER_CODE + 0x1000);
    },
  });
  for (let n = 0; n < 6; n++) twins.run(48);
  assert(twins.share > 0);
  for (let others = 55; others < 66; others++) {
    for (let budget = 1; budget <= 30; budget++) {
      twins.both((machine) => {
        machine.invalidateTlb();
        machine.pc = USER_CODE + 0xff0;
        const touch = (n: number) => void machine.cpu.load32(DATA + 0x1000 * n);
        for (let n = 0; n < 72; n++) touch(n);
        machine.cpu.load32(USER_CODE + 0x1000);
        touch(0);
        machine.cpu.load32(USER_CODE);
        for (let n = 1; n <= others; n++) touch(n);
      });
      twins.run(budget, `${others} pages touched, budget ${budget}`);
      twins.run(40, `${others} pages touched, on from budget ${budget}`);
    }
  }
});

Deno.test("corners: a literal is read again when its page, not the code's, is another", () => {
  const tables: Entry[][] = [];
  const twins = new Twins({
    program: spread({
      0x7f0: [
        `mov.l ${at(0x810)},r1`,
        "add r1,r3",
        "tst r5,r5",
        `bt ${at(0x7f0)}`,
        `bra ${at(0x800)}`,
      ],
      0x800: ["add #1,r6", "mov #0,r5", `bra ${at(0x7f0)}`, "nop"],
    }),
    prepare: (machine) => {
      const table = [...CODE_PAGES];
      tables.push(table);
      keepFrom(machine, table);
      setMemoryWord(machine, 0x1020, 5);
      setMemoryWord(machine, 0x5020, 1000);
      machine.pc = USER_CODE + 0x1000; // so that it is known to be reached, and becomes part of the loop
      machine.cpu.load32(USER_CODE + 0x1000);
    },
  });
  for (let n = 0; n < 3; n++) {
    twins.run(41);
    twins.both(({ cpu }) => cpu.setR(5, 1));
  }
  twins.run(41);
  assert(twins.share > 0);
  for (const table of tables) table[1] = { page: USER_CODE + 0x1000, frame: 0x5000 };
  twins.both((machine) => machine.invalidatePage(USER_CODE + 0x1000, machine.pteh & 0xff));
  const before = twins.translated.cpu.r(3);
  twins.run(41);
  assert(twins.translated.cpu.r(3) - before > 1000, "the new page's literal was added");
});

Deno.test("corners: FMAC whose product is below, and whose sum is at, the smallest normal number", () => {
  const word = (x: number): number => {
    const bits = new DataView(new ArrayBuffer(4));
    bits.setFloat32(0, x);
    assertEquals(bits.getFloat32(0), x);
    return bits.getInt32(0);
  };
  const factors = [8390649 * 2 ** -98, -16773135 * 2 ** -99, 2 ** -126] as const;
  for (const flags of [0, 4, FPSCR_DN, FPSCR_DN | 4]) {
    const twins = new Twins({
      program: ["fmac fr0,fr1,fr2", "fmov fr2,fr3", "fmov fr4,fr2", `bra ${at(0)}`, "nop"],
      prepare: ({ cpu }) => {
        cpu.setFpscr(flags);
        for (const n of [0, 1, 2]) cpu.setFrBits(n, word(1));
        cpu.setFrBits(4, word(2 ** -126));
      },
    });
    twins.run(25);
    assert(twins.share > 0);
    twins.both((machine) => {
      machine.pc = USER_CODE;
      factors.forEach((factor, n) => machine.cpu.setFrBits(n, word(factor)));
    });
    for (let n = 0; n < 4; n++) twins.run(5, `FPSCR ${flags.toString(16)}, run ${n}`);
  }
});

Deno.test("corners: an access below address 0 from one that was near page 0", () => {
  const others = Array.from(
    { length: 70 },
    (_, n) => ({ page: DATA + 0x1000 * n, frame: 0x12000 }),
  );
  const twins = new Twins({
    program: [
      "mov.l @r1,r2",
      "mov.l @r9,r3",
      "add #-32,r1",
      "mov.l @r1,r4",
      "add #32,r1",
      `bra ${at(0)}`,
      "nop",
    ],
    prepare: (machine) => {
      keepFrom(machine, [...others, ...PAGES.slice(0, 2), { page: 0, frame: 0x11000 }]);
      machine.cpu.setR(1, 0x20);
      machine.cpu.setR(9, DATA);
    },
  });
  for (let n = 0; n < 6; n++) twins.run(14);
  assert(twins.share > 0);
  twins.both((machine) => {
    machine.cpu.setR(1, 0x10);
    machine.pc = USER_CODE;
    // The data's entry is driven out, and comes back from what was kept.
    for (const { page } of others) machine.cpu.load32(page);
    machine.cpu.load32(0);
    machine.cpu.load32(USER_CODE);
  });
  const before = twins.translated.reloads;
  twins.run(100);
  assert(twins.translated.reloads > before);
});

Deno.test("corners: two entries of the ITLB that match are a multiple hit on either engine", () => {
  const twins = new Twins({
    program: spread({ 0x7fe: ["add #1,r3", "nop", "add #1,r6", "jmp @r8", "nop"] }),
    prepare: (machine) => {
      machine.pc = USER_CODE + 0xffc;
      machine.cpu.setR(8, USER_CODE + 0xffc);
    },
  });
  for (let n = 0; n < 6; n++) twins.run(10);
  assert(twins.share > 0);
  twins.both((machine) => {
    machine.pc = USER_CODE + 0xffc;
    for (const n of [0, 1, 2, 3]) {
      const page = USER_CODE + (n < 2 ? 0x9000 * n : 0x1000);
      const data = dataWord({ page, frame: n < 2 ? 0 : 0x1000 });
      machine.mmu.writeArray((0xf3000000 | (n << 8)) | 0, data);
      machine.mmu.writeArray((0xf2000000 | (n << 8)) | 0, page | (machine.pteh & 0xff) | 0x100);
    }
  });
  assertEquals(twins.run(20), { why: "reset", exception: "tlbMultipleHit" });
});

Deno.test("corners: calls deeper than the chain of translated functions may be", () => {
  const twins = new Twins({
    program: [
      "sts.l pr,@-r15",
      "tst r4,r4",
      `bt ${at(6)}`,
      `bsr ${at(0)}`,
      "add #-1,r4",
      "nop",
      "lds.l @r15+,pr",
      "rts",
      "add #1,r3",
      `bsr ${at(0)}`,
      "nop",
      `bra ${at(9)}`,
      "mov r7,r4",
    ],
    prepare: (machine) => {
      machine.pc = USER_CODE + 18;
      machine.cpu.setR(15, DATA + 0x3000);
      machine.cpu.setR(7, 400);
      machine.cpu.setR(4, 300);
    },
  });
  for (let n = 0; n < 20; n++) twins.run(1777, `slice ${n}`);
  assert(twins.share > 0.5);
});

Deno.test("corners: an entry dropped by the array is not put back from what was kept", () => {
  const twins = new Twins({
    program: ["mov.l @r1,r2", `bra ${at(0)}`, "add #1,r3"],
    prepare: (machine) => {
      keepFrom(machine, PAGES);
      machine.cpu.setR(1, DATA);
    },
  });
  twins.run(60);
  const before = twins.translated.reloads;
  twins.both((machine) => dropByArray(machine, DATA));
  assertEquals(twins.run(60).why, "budget");
  assertEquals(twins.translated.reloads, before);
});

Deno.test("corners: what a kept translation costs is the same for all of a machine", () => {
  const twins = new Twins({ program: ["nop"], prepare: (machine) => keepFrom(machine, PAGES) });
  twins.both((machine) => {
    machine.cpu.load32(DATA);
    enter(machine, { page: DATA, frame: 0x10000 });
    assertThrows(() => machine.keepTranslation(8), RangeError, "7");
  });
});

Deno.test("corners: a region made anew is what the next machine finds", () => {
  const made = [1, 2, 3].map(() => {
    const twins = new Twins({
      program: [
        "tst r5,r5",
        `bt ${at(4)}`,
        "add #1,r3",
        "add #2,r3",
        "add #1,r4",
        `bra ${at(0)}`,
        "xor r6,r5",
        0x5eed, // a text of its own
      ],
      prepare: ({ cpu }) => cpu.setR(5, 1),
      hot: 20,
    });
    for (let n = 0; n < 5; n++) twins.run(5000);
    twins.both(({ cpu }) => cpu.setR(6, 1));
    for (let n = 0; n < 5; n++) twins.run(5000);
    return twins.translated.translated?.translations;
  });
  assertEquals(made, [2, 0, 0]);
});
