/** Translation by the UTLB: what matches, what is allowed, and what a refusal tells the handler. */
import { assertEquals } from "@std/assert";
import { SPECIAL } from "../../../core/isa/cpu.ts";
import { type ExceptionName, EXCEPTIONS } from "../../../core/machine/exception.ts";
import type { Machine } from "../../../core/machine/machine.ts";
import { MMUCR_AT, MMUCR_SV } from "../../../core/machine/mmucr.ts";
import * as S from "../../../core/machine/state.ts";
import { BASE, enter, type Entry, faultOf, machineWith, takenBy } from "./guest.ts";
import { USER_CODE, userMachine } from "./guest.ts";

const PAGE = 0x00600000;
const FRAME = 0x10000;

const sizes = [0x400, 0x1000, 0x10000, 0x100000];

Deno.test("utlb: a page of each size covers its own bytes and no more", () => {
  sizes.forEach((bytes, size) => {
    const frame = size === 3 ? 0 : FRAME;
    const machine = machineWith([]);
    enter(machine, { page: PAGE, frame, size });
    const offsetOf = (address: number) => machine.mmu.translate(address, "read") - S.RAM_START;
    assertEquals(offsetOf(PAGE), frame, `${bytes}`);
    assertEquals(offsetOf(PAGE + bytes - 1), frame + bytes - 1, `${bytes}`);
    assertEquals(faultOf(() => offsetOf(PAGE + bytes)), "tlbMissRead", `${bytes}`);
    assertEquals(faultOf(() => offsetOf(PAGE - 1)), "tlbMissRead", `${bytes}`);
  });
});

Deno.test("utlb: the low bits of a large page's VPN and PPN do not count", () => {
  const machine = machineWith([]);
  enter(machine, { page: PAGE + 0x7c00, frame: 0x13400, size: 2 });
  assertEquals(machine.mmu.translate(PAGE + 0x123, "read"), S.RAM_START + 0x10123);
});

Deno.test("utlb: the ASID must match, unless SH or single virtual mode says otherwise", () => {
  for (const shared of [false, true]) {
    for (const single of [false, true]) {
      for (const md of [0, S.SR_MD]) {
        for (const asid of [3, 4]) {
          const machine = machineWith([]);
          machine.mmu.setMmucr(MMUCR_AT | (single ? MMUCR_SV : 0));
          enter(machine, { page: PAGE, frame: FRAME, asid: 3, shared });
          machine.setPteh(asid);
          machine.cpu.setSr(md);
          const hits = asid === 3 || shared || (single && md !== 0);
          const found = faultOf(() => machine.cpu.load32(PAGE)) === undefined;
          assertEquals(found, hits, JSON.stringify({ shared, single, md, asid }));
        }
      }
    }
  }
});

/** Table 3.2 of the manual's PR field, and the order of section 3.6, the naive way. */
function verdict(
  access: "read" | "write" | "fetch",
  md: boolean,
  { protection = 3, dirty = true, valid = true }: Partial<Entry>,
): ExceptionName | undefined {
  const write = access === "write";
  if (!valid) return write ? "tlbMissWrite" : "tlbMissRead";
  const mayRead = md ? true : protection >= 2;
  const mayWrite = md ? protection === 1 || protection === 3 : protection === 3;
  if (!(write ? mayWrite : mayRead)) return write ? "protectionWrite" : "protectionRead";
  return write && !dirty ? "initialPageWrite" : undefined;
}

Deno.test("utlb: miss, then protection, then initial page write, in every combination", () => {
  let raised = 0;
  for (const protection of [0, 1, 2, 3]) {
    for (const md of [false, true]) {
      for (const dirty of [false, true]) {
        for (const valid of [false, true]) {
          for (const access of ["read", "write", "fetch"] as const) {
            const machine = machineWith([]);
            enter(machine, { page: PAGE, frame: FRAME, protection, dirty, valid });
            machine.cpu.setSr(md ? S.SR_MD : 0);
            const found = faultOf(() => machine.mmu.translate(PAGE + 4, access));
            const expected = verdict(access, md, { protection, dirty, valid });
            assertEquals(found, expected, JSON.stringify({ protection, md, dirty, valid, access }));
            if (access !== "fetch") {
              const again = faultOf(() =>
                access === "read" ? machine.cpu.load32(PAGE) : machine.cpu.store32(PAGE, 1)
              );
              assertEquals(again, expected);
            }
            if (found !== undefined) raised++;
          }
        }
      }
    }
  }
  assertEquals(raised, 69);
});

Deno.test("utlb: a line that was filled for reads does not let a write through", () => {
  const machine = machineWith([]);
  enter(machine, { page: PAGE, frame: FRAME, dirty: false });
  machine.cpu.load32(PAGE);
  assertEquals(faultOf(() => machine.cpu.store8(PAGE + 1, 7)), "initialPageWrite");
});

Deno.test("utlb: a line filled in privileged mode is not there in user mode", () => {
  const machine = machineWith([]);
  enter(machine, { page: PAGE, frame: FRAME, protection: 1 });
  machine.cpu.store32(PAGE, 1);
  machine.cpu.setSr(0);
  assertEquals(faultOf(() => machine.cpu.load32(PAGE)), "protectionRead");
  assertEquals(faultOf(() => machine.cpu.store32(PAGE, 2)), "protectionWrite");
});

/** How each exception with an address is provoked by a user program, and what it must leave. */
const PROVOKED: readonly {
  readonly exception: ExceptionName;
  readonly line: string;
  readonly entry?: Partial<Entry>;
  readonly address?: number;
}[] = [
  { exception: "tlbMissRead", line: "mov.l @r1,r2" },
  { exception: "tlbMissWrite", line: "mov.l r2,@r1" },
  { exception: "initialPageWrite", line: "mov.l r2,@r1", entry: { dirty: false } },
  { exception: "protectionRead", line: "mov.l @r1,r2", entry: { protection: 1 } },
  { exception: "protectionWrite", line: "mov.l r2,@r1", entry: { protection: 2 } },
  { exception: "addressErrorRead", line: "mov.l @r1,r2", address: PAGE + 0x802 },
  { exception: "addressErrorWrite", line: "mov.l r2,@r1", address: 0x8c000404 },
];

function provoke({ line, entry, address = PAGE + 0x804 }: (typeof PROVOKED)[number]): Machine {
  const machine = userMachine(["nop", line]);
  machine.setPteh(0);
  if (entry !== undefined) enter(machine, { page: PAGE, frame: FRAME, ...entry });
  machine.cpu.setR(1, address);
  machine.cpu.setR(15, 0x12345678);
  machine.cpu.setT(1);
  return machine;
}

Deno.test("utlb: EXPEVT, TEA, PTEH, SPC, SSR, SGR, SR and the vector of each exception", () => {
  for (const row of PROVOKED) {
    const { exception, address = PAGE + 0x804 } = row;
    const machine = provoke(row);
    const { expevt, spc, ssr, vector } = takenBy(machine);
    const { code } = EXCEPTIONS[exception];
    assertEquals(
      { expevt, spc, ssr, vector },
      {
        expevt: code,
        spc: USER_CODE + 2,
        ssr: S.SR_T,
        vector: code === 0x040 || code === 0x060 ? 0x400 : 0x100,
      },
      exception,
    );
    assertEquals(machine.tea >>> 0, address >>> 0, exception);
    assertEquals(machine.pteh >>> 0, (address & ~0x3ff) >>> 0, exception);
    assertEquals(machine.cpu.special(SPECIAL.sgr), 0x12345678, exception);
    assertEquals(machine.cpu.sr(), S.SR_MD | S.SR_RB | S.SR_BL | S.SR_T, exception);
    assertEquals(machine.instructions, 2, exception); // the nop and the handler's sleep
  }
});

Deno.test("utlb: an exception leaves PTEH.ASID alone", () => {
  const machine = userMachine(["mov.l @r1,r2"]);
  machine.setPteh(0x42);
  enter(machine, { page: USER_CODE, frame: 0 });
  machine.cpu.setR(1, PAGE);
  assertEquals(takenBy(machine).expevt, 0x040);
  assertEquals(machine.pteh, PAGE | 0x42);
});

Deno.test("utlb: the codes are the manual's", () => {
  const codes = Object.entries(EXCEPTIONS).map(([name, { code }]) => [name, code.toString(16)]);
  assertEquals(Object.fromEntries(codes), {
    tlbMissRead: "40",
    tlbMissWrite: "60",
    initialPageWrite: "80",
    protectionRead: "a0",
    protectionWrite: "c0",
    addressErrorRead: "e0",
    addressErrorWrite: "100",
    fpu: "120",
    tlbMultipleHit: "140",
    trap: "160",
    illegal: "180",
    illegalSlot: "1a0",
    fpuDisabled: "800",
    fpuDisabledSlot: "820",
  });
});

Deno.test("utlb: two matching entries are a multiple hit and a reset, even behind a filled line", () => {
  for (const touchFirst of [false, true]) {
    const machine = machineWith(["mov.l @r1,r2"]);
    enter(machine, { page: PAGE, frame: FRAME });
    machine.cpu.setR(1, PAGE);
    if (touchFirst) machine.cpu.load32(PAGE);
    enter(machine, { page: PAGE, frame: FRAME, size: 2 });
    assertEquals(machine.run(10), { why: "reset", exception: "tlbMultipleHit" });
    assertEquals([machine.expevt, machine.tea], [0x140, PAGE]);
    assertEquals(machine.pc, BASE);
  }
});

Deno.test("utlb: entries of other address spaces and invalid ones make no multiple hit", () => {
  const machine = machineWith([]);
  enter(machine, { page: PAGE, frame: FRAME });
  enter(machine, { page: PAGE, frame: FRAME + 0x1000, asid: 9 });
  enter(machine, { page: PAGE, frame: FRAME + 0x2000, valid: false });
  assertEquals(machine.mmu.translate(PAGE, "read"), S.RAM_START + FRAME);
});

Deno.test("utlb: P1 and P2 are not translated, P0 and P3 only with AT = 1", () => {
  const machine = machineWith([]);
  const { mmu } = machine;
  assertEquals(mmu.translate(0x8c000010 | 0, "write"), 0x0c000010);
  assertEquals(mmu.translate(0xac000010 | 0, "write"), 0x0c000010);
  assertEquals(faultOf(() => mmu.translate(0xcc000010 | 0, "write")), "tlbMissWrite");
  enter(machine, { page: 0xcc000000 | 0, frame: FRAME });
  assertEquals(mmu.translate(0xcc000010 | 0, "write"), S.RAM_START + FRAME + 0x10);
  mmu.setMmucr(0);
  assertEquals(mmu.translate(0xcc000010 | 0, "write"), 0x0c000010);
  assertEquals(mmu.translate(0x0c000010, "write"), 0x0c000010);
});

Deno.test("utlb: what AT = 0 or single virtual mode let through is not there after them", () => {
  const machine = machineWith([]);
  const { cpu, mmu } = machine;
  enter(machine, { page: PAGE, frame: FRAME, asid: 3 });
  mmu.setMmucr(MMUCR_AT | MMUCR_SV);
  cpu.store32(PAGE, 1);
  assertEquals(cpu.load32(PAGE), 1);
  mmu.setMmucr(MMUCR_AT);
  assertEquals(faultOf(() => cpu.load32(PAGE)), "tlbMissRead");
  assertEquals(faultOf(() => cpu.store32(PAGE, 1)), "tlbMissWrite");
  mmu.setMmucr(0);
  cpu.store32(S.RAM_START, 2);
  assertEquals(cpu.load32(S.RAM_START), 2);
  mmu.setMmucr(MMUCR_AT);
  assertEquals(faultOf(() => cpu.load32(S.RAM_START)), "tlbMissRead");
  assertEquals(faultOf(() => cpu.store32(S.RAM_START, 2)), "tlbMissWrite");
});
