/** Changing the TLBs: LDTLB and its counter, the memory-mapped arrays, MMUCR.TI, and the ITLB. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Machine } from "../../../core/machine/machine.ts";
import { MMUCR_AT, MMUCR_SV, MMUCR_TI } from "../../../core/machine/mmucr.ts";
import * as S from "../../../core/machine/state.ts";
import { dataWord, enter, faultOf, machineWith, setMemoryWord, write } from "./guest.ts";

const PAGE = 0x00600000;
const FRAME = 0x10000;
const MMUCR = 0xff000010 | 0;

/** The addresses of the arrays, by entry. */
const UTLB_ADDRESS = (n: number) => (0xf6000000 + (n << 8)) | 0;
const UTLB_DATA = (n: number) => (0xf7000000 + (n << 8)) | 0;
const ITLB_ADDRESS = (n: number) => (0xf2000000 + (n << 8)) | 0;
const ITLB_DATA = (n: number) => (0xf3000000 + (n << 8)) | 0;
const ASSOCIATIVE = 0xf6000080 | 0;

const urc = (machine: Machine) => (machine.cpu.load32(MMUCR) >> 10) & 63;
const lrui = (machine: Machine) => machine.cpu.load32(MMUCR) >>> 26;

const fetchOf = (machine: Machine, address: number) =>
  faultOf(() => machine.mmu.translate(address, "fetch"));

Deno.test("ldtlb: URC counts through all 64 entries and wraps", () => {
  const machine = machineWith([]);
  for (let n = 0; n < 64; n++) {
    assertEquals(urc(machine), n);
    enter(machine, { page: PAGE + 0x1000 * n, frame: FRAME });
  }
  assertEquals(urc(machine), 0);
  assertEquals(machine.mmu.validEntries().length, 64);
  enter(machine, { page: PAGE + 0x1000 * 64, frame: FRAME });
  assertEquals(faultOf(() => machine.cpu.load32(PAGE)), "tlbMissRead");
  assertEquals(faultOf(() => machine.cpu.load32(PAGE + 0x1000)), undefined);
});

Deno.test("ldtlb: the replaced entry's lines are gone, whatever its size", () => {
  for (const size of [0, 1, 2, 3]) {
    const machine = machineWith([]);
    enter(machine, { page: PAGE, frame: 0, size });
    const last = PAGE + [0x3fc, 0xffc, 0xfffc, 0xffffc][size]!;
    for (const address of [PAGE, last]) {
      machine.cpu.load32(address);
      machine.cpu.store32(address, 0);
    }
    machine.cpu.store32(MMUCR, MMUCR_AT); // URC = 0
    enter(machine, { page: 0x00a00000, frame: FRAME });
    for (const address of [PAGE, last]) {
      assertEquals(faultOf(() => machine.cpu.load32(address)), "tlbMissRead", `${size}`);
      assertEquals(faultOf(() => machine.cpu.store32(address, 0)), "tlbMissWrite", `${size}`);
    }
  }
});

Deno.test("ldtlb: URB keeps the entries from it on; a URC beyond it runs to the end", () => {
  const machine = machineWith([]);
  machine.cpu.store32(MMUCR, MMUCR_AT | (3 << 18));
  const seen: number[] = [];
  for (let n = 0; n < 5; n++) {
    seen.push(urc(machine));
    enter(machine, { page: PAGE + 0x1000 * n, frame: FRAME });
  }
  assertEquals(seen, [0, 1, 2, 0, 1]);
  machine.cpu.store32(MMUCR, MMUCR_AT | (3 << 18) | (62 << 10));
  const beyond = [0, 1, 2].map(() => {
    enter(machine, { page: PAGE, frame: FRAME, valid: false });
    return urc(machine);
  });
  assertEquals(beyond, [63, 0, 1]);
});

Deno.test("ldtlb as an instruction takes PTEH and PTEL, reserved bits left out", () => {
  const machine = machineWith(["ldtlb"]);
  machine.cpu.store32(0xff000000 | 0, -1);
  machine.cpu.store32(0xff000004 | 0, -1);
  machine.run(1);
  assertEquals(machine.cpu.load32(UTLB_ADDRESS(0)), 0xffffffff | 0); // VPN, D, V, ASID
  assertEquals(machine.cpu.load32(UTLB_DATA(0)), 0x1ffffdff);
  assertEquals([machine.pteh, machine.ptel], [0xfffffcff | 0, 0x1ffffdff]);
});

Deno.test("arrays: a UTLB entry is written and read by its number", () => {
  const machine = machineWith([]);
  for (const n of [0, 1, 31, 63]) {
    const page = PAGE + 0x1000 * n, data = dataWord({ page, frame: 0x1000 * n });
    machine.cpu.store32(UTLB_ADDRESS(n), page | 0x300 | 7); // V and D, ASID 7
    machine.cpu.store32(UTLB_DATA(n), data);
    assertEquals(machine.cpu.load32(UTLB_ADDRESS(n)), page | 0x300 | 7);
    assertEquals(machine.cpu.load32(UTLB_DATA(n)), data);
    const words = new Int32Array(machine.memory.buffer, S.UTLB + 8 * n, 2);
    assertEquals([...words], [page | 7, data]);
  }
  machine.setPteh(7);
  assertEquals(machine.mmu.translate(PAGE + 63 * 0x1000, "write"), S.RAM_START + 63 * 0x1000);
  assertEquals(machine.mmu.validEntries().length, 4);
});

Deno.test("arrays: V and D of the address array are the entry's own", () => {
  const machine = machineWith([]);
  enter(machine, { page: PAGE, frame: FRAME });
  machine.cpu.store32(PAGE, 1);
  machine.cpu.store32(UTLB_ADDRESS(0), PAGE | 0x100);
  assertEquals(faultOf(() => machine.cpu.store32(PAGE, 1)), "initialPageWrite");
  machine.cpu.store32(UTLB_ADDRESS(0), PAGE | 0x200);
  assertEquals(faultOf(() => machine.cpu.load32(PAGE)), "tlbMissRead");
  machine.cpu.store32(UTLB_DATA(0), dataWord({ page: PAGE, frame: FRAME + 0x1000 }));
  assertEquals(machine.mmu.translate(PAGE, "write"), S.RAM_START + FRAME + 0x1000);
});

Deno.test("arrays: the data arrays 2 and the caches' arrays take what they are given", () => {
  const machine = machineWith([]);
  enter(machine, { page: PAGE, frame: FRAME });
  machine.cpu.load32(PAGE);
  for (const address of [0xf0000000, 0xf1000000, 0xf3800000, 0xf4000008, 0xf5000000, 0xf7800000]) {
    machine.cpu.store32(address | 0, -1);
    assertEquals(machine.cpu.load32(address | 0), 0);
  }
  assertEquals(machine.mmu.translate(PAGE, "read"), S.RAM_START + FRAME);
});

Deno.test("associative write: V and D of the entry that matches VPN and PTEH.ASID", () => {
  const machine = machineWith([]);
  enter(machine, { page: PAGE, frame: FRAME, asid: 1 });
  enter(machine, { page: PAGE, frame: FRAME + 0x1000, asid: 2 });
  machine.setPteh(1);
  machine.cpu.store32(PAGE, 1);
  machine.cpu.store32(ASSOCIATIVE, PAGE | 0x100); // D = 0
  assertEquals(faultOf(() => machine.cpu.store32(PAGE, 1)), "initialPageWrite");
  assertEquals(faultOf(() => machine.cpu.load32(PAGE)), undefined);
  machine.cpu.store32(ASSOCIATIVE, PAGE); // V = 0
  assertEquals(faultOf(() => machine.cpu.load32(PAGE)), "tlbMissRead");
  machine.setPteh(2);
  assertEquals(faultOf(() => machine.cpu.store32(PAGE, 1)), undefined);
});

Deno.test("associative write: the usual comparison: page size, SH, single virtual mode", () => {
  const rows = [
    { entry: { size: 2 }, sv: 0, dies: true }, // 64 KiB page, VPN within it
    { entry: { size: 1 }, sv: 0, dies: false },
    { entry: { size: 2, asid: 5, shared: true }, sv: 0, dies: true },
    { entry: { size: 2, asid: 5 }, sv: 0, dies: false },
    { entry: { size: 2, asid: 5 }, sv: MMUCR_SV, dies: true },
  ];
  for (const { entry, sv, dies } of rows) {
    const machine = machineWith([]);
    machine.cpu.store32(MMUCR, MMUCR_AT | sv);
    enter(machine, { page: PAGE, frame: FRAME, ...entry });
    machine.cpu.store32(ASSOCIATIVE, PAGE + 0x3000);
    assertEquals(machine.mmu.validEntries().length, dies ? 0 : 1, JSON.stringify({ entry, sv }));
  }
});

Deno.test("associative write: no match is no operation, two are a multiple hit", () => {
  const machine = machineWith(["mov.l r1,@r2"]);
  machine.cpu.store32(ASSOCIATIVE, PAGE);
  enter(machine, { page: PAGE, frame: FRAME });
  enter(machine, { page: PAGE, frame: FRAME, size: 2 });
  machine.cpu.setR(1, PAGE);
  machine.cpu.setR(2, ASSOCIATIVE);
  assertEquals(machine.run(1), { why: "reset", exception: "tlbMultipleHit" });
  assertEquals(machine.mmu.validEntries().length, 2);
});

Deno.test("MMUCR.TI empties both TLBs and reads as 0", () => {
  const machine = machineWith([]);
  enter(machine, { page: PAGE, frame: FRAME });
  machine.cpu.store32(PAGE, 1);
  machine.mmu.translate(PAGE, "fetch");
  machine.cpu.store32(MMUCR, MMUCR_AT | MMUCR_TI);
  assertEquals(machine.cpu.load32(MMUCR) & 0xffff, MMUCR_AT);
  assertEquals(faultOf(() => machine.cpu.store32(PAGE, 1)), "tlbMissWrite");
  assertEquals(fetchOf(machine, PAGE), "tlbMissRead");
  assertEquals(machine.cpu.load32(ITLB_ADDRESS(3)) & 0x100, 0);
});

Deno.test("invalidating from outside does what the instructions do", () => {
  const machine = machineWith([]);
  enter(machine, { page: PAGE, frame: FRAME, asid: 3 });
  machine.invalidatePage(PAGE, 4);
  assertEquals(machine.mmu.validEntries().length, 1);
  machine.invalidatePage(PAGE + 0xffc, 3);
  assertEquals(machine.mmu.validEntries(), []);
  enter(machine, { page: PAGE, frame: FRAME });
  machine.invalidateTlb();
  assertEquals(machine.mmu.validEntries(), []);
});

Deno.test("itlb: a fetch copies the UTLB entry, and the copy outlives it", () => {
  const machine = machineWith([]);
  enter(machine, { page: PAGE, frame: FRAME });
  assertEquals(fetchOf(machine, PAGE), undefined);
  machine.cpu.store32(UTLB_ADDRESS(0), 0);
  assertEquals(faultOf(() => machine.cpu.load32(PAGE)), "tlbMissRead");
  assertEquals(machine.mmu.translate(PAGE + 8, "fetch"), S.RAM_START + FRAME + 8);
  machine.cpu.store32(ASSOCIATIVE, PAGE); // finds the stale copy though the UTLB has none
  assertEquals(fetchOf(machine, PAGE), "tlbMissRead");
});

Deno.test("itlb: a match in both takes the UTLB entry's word", () => {
  const machine = machineWith([]);
  enter(machine, { page: PAGE, frame: FRAME });
  machine.mmu.translate(PAGE, "fetch");
  machine.cpu.store32(UTLB_DATA(0), dataWord({ page: PAGE, frame: FRAME + 0x1000 }));
  assertEquals(machine.mmu.translate(PAGE, "fetch"), S.RAM_START + FRAME);
  machine.cpu.store32(ASSOCIATIVE, PAGE | 0x300);
  assertEquals(machine.mmu.translate(PAGE, "fetch"), S.RAM_START + FRAME + 0x1000);
});

Deno.test("itlb: its arrays show and set the four entries", () => {
  const machine = machineWith([]);
  for (let n = 0; n < 4; n++) {
    machine.cpu.store32(ITLB_ADDRESS(n), (PAGE + 0x1000 * n) | 0x100);
    machine.cpu.store32(ITLB_DATA(n), dataWord({ page: 0, frame: FRAME + 0x1000 * n }));
  }
  for (let n = 0; n < 4; n++) {
    assertEquals(machine.cpu.load32(ITLB_ADDRESS(n)), (PAGE + 0x1000 * n) | 0x100);
    const address = PAGE + 0x1000 * n + 2;
    assertEquals(machine.mmu.translate(address, "fetch"), S.RAM_START + FRAME + 0x1000 * n + 2);
  }
  machine.cpu.store32(ITLB_ADDRESS(1), PAGE); // V = 0
  assertEquals(fetchOf(machine, PAGE + 0x1000), "tlbMissRead");
});

Deno.test("itlb: two matching entries are a multiple hit", () => {
  const machine = machineWith([]);
  for (const n of [0, 2]) {
    machine.cpu.store32(ITLB_ADDRESS(n), PAGE | 0x100);
    machine.cpu.store32(ITLB_DATA(n), dataWord({ page: PAGE, frame: FRAME }));
  }
  assertEquals(fetchOf(machine, PAGE), "tlbMultipleHit");
});

Deno.test("itlb: the victim is the least recently used of the four", () => {
  const pages = [0, 1, 2, 3, 4, 5].map((n) => PAGE + 0x1000 * n);
  const sequence = fc.array(fc.constantFrom(...pages), { maxLength: 60, size: "max" });
  fc.assert(fc.property(sequence, (fetched) => {
    const machine = machineWith([]);
    for (const page of pages) enter(machine, { page, frame: FRAME });
    const held: number[] = []; // the model: last used last
    for (const page of fetched) {
      machine.mmu.translate(page, "fetch");
      if (held.includes(page)) held.splice(held.indexOf(page), 1);
      else if (held.length === 4) held.shift();
      held.push(page);
      const found = [0, 1, 2, 3].map((k) => machine.cpu.load32(ITLB_ADDRESS(k)))
        .filter((word) => (word & 0x100) !== 0).map((word) => word & ~0x3ff);
      assertEquals(found.sort(), [...held].sort());
    }
  }));
});

Deno.test("itlb: LRUI is what the manual's table says after each use", () => {
  const machine = machineWith([]);
  const pages = [0, 1, 2, 3].map((n) => PAGE + 0x1000 * n);
  for (const page of pages) enter(machine, { page, frame: FRAME });
  machine.cpu.store32(MMUCR, (0b111000 << 26) | MMUCR_AT);
  const seen = [0, 1, 2, 3, 1].map((n) => {
    machine.mmu.translate(pages[n]!, "fetch");
    return lrui(machine);
  });
  // Entry 0 replaced first, for LRUI said so; with 000000 the next victim is entry 3.
  assertEquals(seen, [0b000000, 0b001011, 0b011110, 0b111000, 0b111011]);
});

Deno.test("itlb: a running program sees its page go when software drops it", () => {
  const machine = machineWith([]);
  write(machine, FRAME, ["mov.l r1,@r2", "nop", "nop"], PAGE);
  setMemoryWord(machine, FRAME + 0x1000, 0);
  enter(machine, { page: PAGE, frame: FRAME });
  machine.cpu.setR(1, PAGE);
  machine.cpu.setR(2, ASSOCIATIVE);
  machine.pc = PAGE;
  assertEquals(machine.run(100), { why: "sleep" });
  assertEquals([machine.expevt, machine.tea], [0x040, PAGE + 2]);
  assertEquals(machine.instructions, 2);
});
