/**
 * The rows that move control and system registers, and the few that speak to the system. Most come
 * out of two short lists, because four instructions differ in nothing but the register.
 */
import { SPECIAL } from "./cpu.ts";
import { type Op, op, type Traits } from "./op.ts";

const PRIVILEGED: Traits = { privileged: true };

/** LDC, LDC.L, STC, STC.L; all but GBR are privileged. SR, no plain word, has its own rows. */
const CONTROL = [
  { name: "GBR", code: "0001", special: SPECIAL.gbr, traits: {} },
  { name: "VBR", code: "0010", special: SPECIAL.vbr, traits: PRIVILEGED },
  { name: "SSR", code: "0011", special: SPECIAL.ssr, traits: PRIVILEGED },
  { name: "SPC", code: "0100", special: SPECIAL.spc, traits: PRIVILEGED },
] as const;

/**
 * LDS, LDS.L, STS, STS.L; and DBR and SGR, which are called LDC and STC but were given codes in
 * this column. FPUL and FPSCR stand with the floating-point rows.
 */
const SYSTEM = [
  { verb: "s", name: "MACH", code: "0000", special: SPECIAL.mach, traits: {} },
  { verb: "s", name: "MACL", code: "0001", special: SPECIAL.macl, traits: {} },
  { verb: "s", name: "PR", code: "0010", special: SPECIAL.pr, traits: {} },
  { verb: "c", name: "SGR", code: "0011", special: SPECIAL.sgr, traits: PRIVILEGED },
  { verb: "c", name: "DBR", code: "1111", special: SPECIAL.dbr, traits: PRIVILEGED },
] as const;

/** The SH7750 can only store SGR; loading it came with the SH-4A. */
const LOADABLE = SYSTEM.filter(({ name }) => name !== "SGR");

const loads: readonly Op[] = [
  ...CONTROL.flatMap(({ name, code, special, traits }) => [
    op(
      `0100mmmm${code}1110`,
      `ldc Rm,${name}`,
      (cpu, { m }) => cpu.setSpecial(special, cpu.r(m)),
      traits,
    ),
    op(`0100mmmm${code}0111`, `ldc.l @Rm+,${name}`, (cpu, { m }) => {
      const address = cpu.r(m);
      const value = cpu.load32(address);
      cpu.setR(m, cpu.add(address, cpu.int(4)));
      cpu.setSpecial(special, value);
    }, traits),
  ]),
  ...LOADABLE.flatMap(({ verb, name, code, special, traits }) => [
    op(
      `0100mmmm${code}1010`,
      `ld${verb} Rm,${name}`,
      (cpu, { m }) => cpu.setSpecial(special, cpu.r(m)),
      traits,
    ),
    op(`0100mmmm${code}0110`, `ld${verb}.l @Rm+,${name}`, (cpu, { m }) => {
      const address = cpu.r(m);
      const value = cpu.load32(address);
      cpu.setR(m, cpu.add(address, cpu.int(4)));
      cpu.setSpecial(special, value);
    }, traits),
  ]),
];

const stores: readonly Op[] = [
  ...CONTROL.flatMap(({ name, code, special, traits }) => [
    op(
      `0000nnnn${code}0010`,
      `stc ${name},Rn`,
      (cpu, { n }) => cpu.setR(n, cpu.special(special)),
      traits,
    ),
    op(`0100nnnn${code}0011`, `stc.l ${name},@-Rn`, (cpu, { n }) => {
      const address = cpu.sub(cpu.r(n), cpu.int(4));
      cpu.store32(address, cpu.special(special));
      cpu.setR(n, address);
    }, traits),
  ]),
  ...SYSTEM.flatMap(({ verb, name, code, special, traits }) => [
    op(
      `0000nnnn${code}1010`,
      `st${verb} ${name},Rn`,
      (cpu, { n }) => cpu.setR(n, cpu.special(special)),
      traits,
    ),
    op(`0100nnnn${code}0010`, `st${verb}.l ${name},@-Rn`, (cpu, { n }) => {
      const address = cpu.sub(cpu.r(n), cpu.int(4));
      cpu.store32(address, cpu.special(special));
      cpu.setR(n, address);
    }, traits),
  ]),
];

const WRITES_SR: Traits = { privileged: true, ends: true, notInSlot: true };

const status: readonly Op[] = [
  op("0100mmmm00001110", "ldc Rm,SR", (cpu, { m }) => cpu.setSr(cpu.r(m)), WRITES_SR),
  op("0100mmmm00000111", "ldc.l @Rm+,SR", (cpu, { m }) => {
    const address = cpu.r(m);
    const value = cpu.load32(address);
    cpu.setR(m, cpu.add(address, cpu.int(4))); // of the bank that was selected till now
    cpu.setSr(value);
  }, WRITES_SR),
  op("0000nnnn00000010", "stc SR,Rn", (cpu, { n }) => cpu.setR(n, cpu.sr()), PRIVILEGED),
  op("0100nnnn00000011", "stc.l SR,@-Rn", (cpu, { n }) => {
    const address = cpu.sub(cpu.r(n), cpu.int(4));
    cpu.store32(address, cpu.sr());
    cpu.setR(n, address);
  }, PRIVILEGED),
];

const banks: readonly Op[] = [
  op("0100mmmm1nnn1110", "ldc Rm,Rn_BANK", (cpu, { n, m }) => cpu.setBank(n, cpu.r(m)), PRIVILEGED),
  op("0100mmmm1nnn0111", "ldc.l @Rm+,Rn_BANK", (cpu, { n, m }) => {
    const address = cpu.r(m);
    const value = cpu.load32(address);
    cpu.setR(m, cpu.add(address, cpu.int(4)));
    cpu.setBank(n, value);
  }, PRIVILEGED),
  op("0000nnnn1mmm0010", "stc Rm_BANK,Rn", (cpu, { n, m }) => cpu.setR(n, cpu.bank(m)), PRIVILEGED),
  op("0100nnnn1mmm0011", "stc.l Rm_BANK,@-Rn", (cpu, { n, m }) => {
    const address = cpu.sub(cpu.r(n), cpu.int(4));
    cpu.store32(address, cpu.bank(m));
    cpu.setR(n, address);
  }, PRIVILEGED),
];

const requests: readonly Op[] = [
  op("0000000000001001", "nop", () => {}),
  op("11000011iiiiiiii", "trapa #uimm", (cpu, { i }) => cpu.trap(i), {
    ends: true,
    notInSlot: true,
  }),
  op("0000000000011011", "sleep", (cpu) => cpu.sleep(), { ends: true, privileged: true }),
  op("0000000000111000", "ldtlb", (cpu) => cpu.loadTlb(), { ends: true, privileged: true }),
];

/** LDC, LDS, STC and STS in all forms, TRAPA, SLEEP, LDTLB and NOP. */
export const system: readonly Op[] = [...loads, ...stores, ...status, ...banks, ...requests];
