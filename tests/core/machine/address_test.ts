/** Addresses that are refused before the TLB is asked, the P4 registers and the store queues. */
import { assertEquals } from "@std/assert";
import { SPECIAL } from "../../../core/isa/cpu.ts";
import type { ExceptionName } from "../../../core/machine/exception.ts";
import { MMUCR_AT, MMUCR_SQMD } from "../../../core/machine/mmucr.ts";
import * as S from "../../../core/machine/state.ts";
import { BASE, enter, faultOf, machineWith, memoryWord, takenBy, USER_CODE } from "./guest.ts";
import { Refiller, registers, userMachine } from "./guest.ts";

const PAGE = 0x00600000;
const FRAME = 0x10000;
const SQ0 = 0xe0000000 | 0;
const QACR0 = 0xff000038 | 0;
const MMUCR = 0xff000010 | 0;

Deno.test("address error: 2, 4 and 8 bytes must be aligned, with a filled line or without", () => {
  const machine = machineWith([]);
  enter(machine, { page: PAGE, frame: FRAME });
  const { cpu } = machine;
  const accesses = [
    { bytes: 1, load: (a: number) => cpu.load8(a), store: (a: number) => cpu.store8(a, 1) },
    { bytes: 2, load: (a: number) => cpu.load16(a), store: (a: number) => cpu.store16(a, 1) },
    { bytes: 4, load: (a: number) => cpu.load32(a), store: (a: number) => cpu.store32(a, 1) },
    {
      bytes: 8,
      load: (a: number) => cpu.loadPair(0, 0, a),
      store: (a: number) => cpu.storePair(1, 0, a),
    },
  ];
  for (const base of [PAGE, BASE, 0x00700000]) {
    for (let round = 0; round < 2; round++) {
      for (const { bytes, load, store } of accesses) {
        for (let n = 0; n < 8; n++) {
          const aligned = n % bytes === 0, mapped = base !== 0x00700000;
          const expected = (wrong: ExceptionName, miss: ExceptionName) =>
            !aligned ? wrong : mapped ? undefined : miss;
          const place = `${bytes} bytes at ${n}`;
          assertEquals(
            faultOf(() => load(base + n)),
            expected("addressErrorRead", "tlbMissRead"),
            place,
          );
          assertEquals(
            faultOf(() => store(base + n)),
            expected("addressErrorWrite", "tlbMissWrite"),
            place,
          );
        }
      }
    }
  }
});

Deno.test("address error: an odd pc, and a pc where no program can be", () => {
  for (const pc of [BASE + 1, 0xe0000000 | 0, 0xf6000000 | 0]) {
    const machine = machineWith([]);
    machine.pc = pc;
    const { expevt, spc } = takenBy(machine);
    assertEquals([expevt, spc, machine.tea], [0x0e0, pc >>> 0, pc]);
  }
});

Deno.test("address error: user mode has nothing above 0x80000000 but the store queues", () => {
  for (const address of [0x8c000000, 0xac000000, 0xcc000000, 0xe4000000, 0xf6000000, 0xff000010]) {
    const machine = machineWith([]);
    machine.cpu.setSr(0);
    const { cpu, mmu } = machine;
    for (let round = 0; round < 2; round++) {
      assertEquals(faultOf(() => cpu.load32(address | 0)), "addressErrorRead");
      assertEquals(faultOf(() => cpu.store32(address | 0, 0)), "addressErrorWrite");
      assertEquals(faultOf(() => mmu.translate(address | 0, "fetch")), "addressErrorRead");
    }
  }
});

Deno.test("address error: a user program that jumps into P1 is stopped there", () => {
  const machine = userMachine(["jmp @r1", "nop"]);
  machine.cpu.setR(1, BASE);
  const { expevt, spc } = takenBy(machine);
  assertEquals([expevt, spc], [0x0e0, BASE >>> 0]);
});

Deno.test("registers: the MMU's and the exceptions' are read and written at their addresses", () => {
  const machine = machineWith([]);
  const { cpu } = machine;
  const rows = [
    [0xff000000, 0x12345c7f, S.PTEH],
    [0xff000004, 0x0c0101ff & 0x1ffffdff, S.PTEL],
    [0xff000008, 0x11111110, S.TTB],
    [0xff00000c, 0x22222222, S.TEA],
    [0xff00001c, 0x00000101, S.CCR],
    [0xff000020, 0x0000004c, S.TRA],
    [0xff000024, 0x00000160, S.EXPEVT],
    [0xff000028, 0x00000620, S.INTEVT],
    [0xff000034, 0x0000000b, S.PTEA],
    [0xff000038, 0x0000000c, S.QACR0],
    [0xff00003c, 0x00000010, S.QACR1],
  ] as const;
  for (const [address, value, place] of rows) {
    cpu.store32(address | 0, value);
    assertEquals(cpu.load32(address | 0), value);
    assertEquals(new Int32Array(machine.memory.buffer)[place >> 2], value);
  }
  cpu.store32(MMUCR, -1 & ~MMUCR_AT);
  assertEquals(cpu.load32(MMUCR) >>> 0, 0xfcfcff00);
  cpu.store32(0xff000044 | 0, 7);
  assertEquals(cpu.load32(0xff000044 | 0), 0);
});

Deno.test("an address without memory reads as 0 and keeps nothing", () => {
  const machine = machineWith([]);
  const beyond = (BASE + machine.ram.length) | 0;
  for (const address of [beyond, 0x80000000 | 0, (BASE - 4) | 0]) {
    machine.cpu.store32(address, 5);
    assertEquals(machine.cpu.load32(address), 0);
  }
  const before = registers(machine);
  for (let n = 0; n < 64; n += 4) machine.cpu.store32((beyond + n) | 0, -1);
  for (let n = 0; n < 64; n += 4) assertEquals(machine.cpu.load32((beyond + n) | 0), 0);
  assertEquals(registers(machine), before);
  assertEquals(faultOf(() => machine.cpu.storePair(0, 0, beyond)), "addressErrorWrite");
  machine.cpu.store32(beyond - 4, 5);
  assertEquals(machine.cpu.load32(beyond - 4), 5);
});

Deno.test("pairs: the word at the address goes to the even register, the next to the odd one", () => {
  const machine = machineWith([]);
  const { cpu } = machine;
  enter(machine, { page: PAGE, frame: FRAME });
  for (const address of [PAGE + 8, (BASE + FRAME + 8) | 0]) {
    for (const bank of [0, 1] as const) {
      const bits = bank === 0 ? (n: number) => cpu.frBits(n) : (n: number) => cpu.xfBits(n);
      for (let round = 0; round < 2; round++) {
        cpu.store32(address, 0x3ff80000);
        cpu.store32(address + 4, 0x12345678);
        cpu.loadPair(bank, 6, address);
        assertEquals([bits(6), bits(7)], [0x3ff80000, 0x12345678]);
        cpu.storePair(bank, 6, address + 8);
        assertEquals([cpu.load32(address + 8), cpu.load32(address + 12)], [0x3ff80000, 0x12345678]);
      }
    }
  }
  cpu.loadPair(0, 2, PAGE + 8);
  assertEquals(Math.abs(cpu.dr(2) - 1.5) < 1e-6, true); // the even register is a double's high word
});

Deno.test("store queues: words and pairs go to queue and place that bits 5 to 2 say", () => {
  const machine = machineWith([]);
  const { cpu } = machine;
  for (let n = 0; n < 16; n++) cpu.store32(SQ0 + 4 * n, 100 + n);
  cpu.setFrBits(4, 7);
  cpu.setFrBits(5, 8);
  cpu.storePair(0, 4, SQ0 + 0x28 + 0x40); // bit 6 and up do not choose
  const words = new Int32Array(machine.memory.buffer, S.SQ, 16);
  const expected = Array.from({ length: 16 }, (_, n) => n === 10 ? 7 : n === 11 ? 8 : 100 + n);
  assertEquals([...words], expected);
  assertEquals(faultOf(() => cpu.storePair(0, 4, SQ0 + 4)), "addressErrorWrite");
  assertEquals(faultOf(() => cpu.storePair(0, 4, 0xff000000 | 0)), "addressErrorWrite");
});

Deno.test("store queues: SQMD closes them to user mode, PREF too", () => {
  for (const sqmd of [0, MMUCR_SQMD]) {
    for (const md of [0, S.SR_MD]) {
      const machine = machineWith([]);
      const { cpu } = machine;
      machine.mmu.setMmucr(sqmd);
      cpu.setSr(md);
      const closed = sqmd !== 0 && md === 0 ? "addressErrorWrite" : undefined;
      assertEquals(faultOf(() => cpu.store32(SQ0, 1)), closed);
      assertEquals(faultOf(() => cpu.storePair(0, 0, SQ0)), closed);
      assertEquals(faultOf(() => cpu.prefetch(SQ0)), closed);
    }
  }
});

Deno.test("store queues: with AT = 0 PREF writes 32 bytes where QACR and the address say", () => {
  for (const queue of [0, 1]) {
    const machine = machineWith([]);
    const { cpu } = machine;
    machine.mmu.setMmucr(0);
    cpu.store32(QACR0 + 4 * queue, S.RAM_START >>> 24);
    cpu.store32(QACR0 + 4 * (1 - queue), 0x10);
    for (let n = 0; n < 8; n++) cpu.store32(SQ0 + 32 * queue + 4 * n, 500 + n);
    cpu.prefetch(SQ0 + 0x12340 + 32 * queue + 28);
    const words = Array.from(
      { length: 10 },
      (_, n) => memoryWord(machine, 0x12340 + 32 * queue - 4 + 4 * n),
    );
    assertEquals(words, [0, 500, 501, 502, 503, 504, 505, 506, 507, 0]);
  }
});

Deno.test("store queues: with AT = 1 PREF goes through the TLB, miss and first write included", () => {
  const machine = machineWith(["pref @r1"]);
  const { cpu } = machine;
  cpu.store32(SQ0 + 0x20, 9);
  cpu.setR(1, SQ0 + 0x7e0);
  const refiller = new Refiller(machine, [{ page: SQ0, frame: FRAME }]);
  machine.run(1);
  assertEquals(memoryWord(machine, FRAME + 0x7e0), 9);
  enter(machine, { page: SQ0 + 0x1000, frame: FRAME + 0x1000, dirty: false });
  assertEquals(faultOf(() => cpu.prefetch(SQ0 + 0x1000)), "initialPageWrite");
  assertEquals(memoryWord(machine, FRAME + 0x1000), 0);
  machine.invalidatePage(SQ0 + 0x1000, 0);
  enter(machine, { page: SQ0 + 0x1000, frame: FRAME + 0x1000, protection: 2 });
  assertEquals(faultOf(() => cpu.prefetch(SQ0 + 0x1000)), "protectionWrite");
  assertEquals(refiller.calls.map(({ exception }) => exception), [
    "tlbMissWrite",
    "initialPageWrite",
  ]);
});

Deno.test("a prefetch elsewhere is a hint and never a fault", () => {
  const machine = machineWith([]);
  machine.cpu.setSr(0);
  for (const address of [0x1, PAGE, 0x8c000000 | 0, 0xff000010 | 0]) {
    assertEquals(faultOf(() => machine.cpu.prefetch(address)), undefined);
  }
});

Deno.test("cache operations: OCBI is checked as a write, OCBP and OCBWB as reads", () => {
  const machine = userMachine([]);
  const { cpu } = machine;
  assertEquals(faultOf(() => cpu.cache("ocbi", PAGE)), "tlbMissWrite");
  assertEquals(faultOf(() => cpu.cache("ocbp", PAGE)), "tlbMissRead");
  assertEquals(faultOf(() => cpu.cache("ocbwb", PAGE)), "tlbMissRead");
  enter(machine, { page: PAGE, frame: FRAME, dirty: false });
  assertEquals(faultOf(() => cpu.cache("ocbi", PAGE)), "initialPageWrite");
  assertEquals(faultOf(() => cpu.cache("ocbp", PAGE)), undefined);
  assertEquals(faultOf(() => cpu.cache("ocbwb", 0x8c000000 | 0)), "addressErrorRead");
});

Deno.test("a fault in memory order: alignment before the TLB, the area before the TLB", () => {
  const machine = userMachine(["mov.l @r1,r2"]);
  machine.cpu.setR(1, 0x8c000001 | 0);
  machine.cpu.setSpecial(SPECIAL.pr, 0);
  const { expevt, spc } = takenBy(machine);
  assertEquals([expevt, spc, machine.tea >>> 0], [0x0e0, USER_CODE, 0x8c000001]);
});
