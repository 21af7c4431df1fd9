/**
 * The rows that change pc. A branch returns its target; the driver runs the slot and moves pc. So
 * condition, address and PR are settled before the slot runs, as the manual asks.
 */
import { sext12, sext8 } from "../base/bits.ts";
import { type Cpu, SPECIAL } from "./cpu.ts";
import { type Op, op, type Traits } from "./op.ts";

const { pr, spc, ssr } = SPECIAL;

/** Displacements count instructions from the one after the slot. */
const near = <V>(cpu: Cpu<V>, pc: number, instructions: number): V =>
  cpu.int((pc + 4 + 2 * instructions) | 0);

/** Where a call returns to: behind the slot. */
const behindSlot = <V>(cpu: Cpu<V>, pc: number): V => cpu.int((pc + 4) | 0);

const DELAYED: Traits = { delayed: true, notInSlot: true };

const conditional: readonly Op[] = [
  op(
    "10001001dddddddd",
    "bt label",
    (cpu, { d, pc }) => cpu.select(cpu.t(), near(cpu, pc, sext8(d)), cpu.int((pc + 2) | 0)),
    { notInSlot: true },
  ),
  op(
    "10001011dddddddd",
    "bf label",
    (cpu, { d, pc }) => cpu.select(cpu.t(), cpu.int((pc + 2) | 0), near(cpu, pc, sext8(d))),
    { notInSlot: true },
  ),
  op(
    "10001101dddddddd",
    "bt/s label",
    (cpu, { d, pc }) => cpu.select(cpu.t(), near(cpu, pc, sext8(d)), behindSlot(cpu, pc)),
    DELAYED,
  ),
  op(
    "10001111dddddddd",
    "bf/s label",
    (cpu, { d, pc }) => cpu.select(cpu.t(), behindSlot(cpu, pc), near(cpu, pc, sext8(d))),
    DELAYED,
  ),
];

const jumps: readonly Op[] = [
  op("1010dddddddddddd", "bra label", (cpu, { d, pc }) => near(cpu, pc, sext12(d)), DELAYED),
  op(
    "0000mmmm00100011",
    "braf Rm",
    (cpu, { m, pc }) => cpu.add(cpu.r(m), behindSlot(cpu, pc)),
    DELAYED,
  ),
  op("0100mmmm00101011", "jmp @Rm", (cpu, { m }) => cpu.r(m), DELAYED),
];

const calls: readonly Op[] = [
  op("1011dddddddddddd", "bsr label", (cpu, { d, pc }) => {
    cpu.setSpecial(pr, behindSlot(cpu, pc));
    return near(cpu, pc, sext12(d));
  }, DELAYED),
  op("0000mmmm00000011", "bsrf Rm", (cpu, { m, pc }) => {
    const back = behindSlot(cpu, pc);
    cpu.setSpecial(pr, back);
    return cpu.add(cpu.r(m), back);
  }, DELAYED),
  op("0100mmmm00001011", "jsr @Rm", (cpu, { m, pc }) => {
    cpu.setSpecial(pr, behindSlot(cpu, pc));
    return cpu.r(m);
  }, DELAYED),
];

const returns: readonly Op[] = [
  op("0000000000001011", "rts", (cpu) => cpu.special(pr), DELAYED),
  // The slot runs under the restored SR, register bank included (manual, RTE: SR = SSR comes before
  // Delay_Slot). The manual forbids it to raise an exception: SSR and SPC would be lost.
  op("0000000000101011", "rte", (cpu) => {
    cpu.setSr(cpu.special(ssr));
    return cpu.special(spc);
  }, { ...DELAYED, ends: true, privileged: true }),
];

/** Branches, jumps, calls and returns. */
export const branch: readonly Op[] = [...conditional, ...jumps, ...calls, ...returns];
