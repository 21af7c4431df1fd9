/** Zigzag: what its bits cost, what a store costs that moves a page, and how many frames it takes. */
import { assert, assertEquals } from "@std/assert";
import type { Checkpointer } from "../../../core/image/checkpointer.ts";
import { PROFILE } from "../../../core/mod.ts";
import { checkpointers } from "../../../plugins/mod.ts";
import { BASE, machineWith, memoryWord, setMemoryWord } from "../machine/guest.ts";
import { begin, COSTS, FakeProcess, goOn } from "./fake_process.ts";

const byName = (name: string) => checkpointers.find((row) => row.name === name) as Checkpointer;

/** `for (i = 0; i < n; i++) mw[i] = ~mr[i];` as gcc -O2 has it, and a stop behind it. */
const TURN_OVER = [
  "mov.l @r5+,r2",
  "dt r1",
  "not r2,r2",
  "mov.l r2,@r4",
  `bf/s ${BASE}`,
  "add #4,r4",
  "sleep",
];

Deno.test("zigzag: bit_word is what the machine takes for a word of bits", () => {
  const cycles = [10, 20].map((words) => {
    const machine = machineWith(TURN_OVER);
    [[1, words], [4, BASE + 0x2000], [5, BASE + 0x1000]].forEach(([register = 0, value = 0]) =>
      machine.cpu.setR(register, value)
    );
    for (let word = 0; word < words; word++) setMemoryWord(machine, 0x1000 + 4 * word, word * 77);
    const before = machine.instructions;
    machine.run(1000);
    for (let word = 0; word < words; word++) {
      assertEquals(memoryWord(machine, 0x2000 + 4 * word), ~(word * 77));
    }
    assertEquals(memoryWord(machine, 0x2000 + 4 * words), 0);
    return machine.instructions - before;
  });
  assertEquals(((cycles[1] as number) - (cycles[0] as number)) / 10, PROFILE.bit_word.default);
});

/** A process of so many pages, from which zigzag has just turned away. */
function turned(pages: number, given: Record<string, unknown>) {
  const process = new FakeProcess(pages);
  const { session } = begin(byName("zigzag"), given, process);
  session.turn(0);
  session.turn(COSTS.fixedStop);
  const words = given.unit === "quarter" ? Math.ceil(pages / 8) : Math.ceil(pages / 32);
  session.turn(words * COSTS.bitWord - 1);
  assert(process.frozen);
  session.turn(1);
  assert(!process.frozen);
  assertEquals(session.account.in("stop"), COSTS.fixedStop + words * COSTS.bitWord);
  session.turn(0);
  return { process, session };
}

Deno.test("zigzag: it stops for a bit of each page, and a store that moves one costs f + c", () => {
  for (const unit of ["page", "quarter"]) {
    for (const pages of [6, 33]) {
      const { process, session } = turned(pages, { unit });
      process.store(3, 4, "user");
      process.store(3, 8, "user");
      // Bytes 4 * 1040 and 8 * 1040 lie in the same quarter of the page.
      const copied = unit === "page" ? COSTS.pageCopy : COSTS.pageCopy / 4;
      assertEquals(session.account.in("fault"), COSTS.trap + copied);
      for (let n = 0; !session.over && n < 20; n++) goOn(session, process, 30_000, 1);
      assertEquals([session.state, session.account.in("steal")], ["committed", 0]);
      assertEquals(session.counts.controlMessages, 0);
    }
  }
});

/** The frames a checkpoint of six pages takes, one of them the executable's, while two are written. */
const FRAMES: readonly (readonly [string, Record<string, unknown>, most: number, kept: number])[] =
  [
    ["stop-the-world", {}, 6, 0],
    ["stop-the-world", { leave_out_executable: true }, 5, 0],
    ["concurrent-cow", {}, 5, 0],
    ["fork-cow", {}, 5, 0],
    ["fork-cow", { direct: true }, 2, 0],
    ["tlb-cow-plus", { direct: true }, 2, 0],
    ["zigzag", {}, 5, 5],
    ["zigzag", { unit: "quarter" }, 5, 5],
    ["zigzag", { include_executable: true }, 6, 6],
    ["incremental", { copies: "concurrent" }, 5, 0],
    ["ping-pong", {}, 10, 10],
    ["ping-pong", { shadows: 1 }, 5, 5],
  ];

Deno.test("frames: what lies in memory besides the process, and what stays", () => {
  for (const [name, given, most, kept] of FRAMES) {
    const process = new FakeProcess(6);
    const { session } = begin(byName(name), given, process);
    for (let n = 0; !session.over && n < 50; n++) {
      goOn(session, process, 1000, 1);
      // Not before t0, nor when the last page is captured.
      if (session.takenAt === undefined || process.frozen) continue;
      for (const page of [4, 5]) process.store(page, 9, "user");
    }
    assertEquals(session.frames, { most, kept }, `${name} ${JSON.stringify(given)}`);
  }
});
