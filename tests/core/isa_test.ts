/** What the instruction table means and how it is read and written, where a law cannot say it. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { FLAG, SPECIAL } from "../../core/isa/cpu.ts";
import { decode } from "../../core/isa/decode.ts";
import { footprint } from "../../core/isa/footprint.ts";
import { op } from "../../core/isa/op.ts";
import { assemble, disassemble } from "../../core/isa/text.ts";
import { NumberCpu } from "./number_cpu.ts";

const MODE = { PR: 0, SZ: 0 } as const;

/** Words, the extremes often. */
const word = fc.oneof(
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.constantFrom(0, 1, -1, 0x7fffffff, -(2 ** 31), 0x8000, 0xffff, -0x8000),
);
const bit = fc.constantFrom(0, 1);

const signed = (v: bigint): number => Number(BigInt.asIntN(32, v));
const unsigned = (v: number): bigint => BigInt(v >>> 0);

function cpuWith(registers: readonly number[], t = 0): NumberCpu {
  const cpu = new NumberCpu();
  cpu.registers.set(registers);
  cpu.truth = t;
  return cpu;
}

function mac(cpu: NumberCpu): bigint {
  return BigInt.asIntN(
    64,
    (unsigned(cpu.special(SPECIAL.mach)) << 32n) | unsigned(cpu.special(SPECIAL.macl)),
  );
}

Deno.test("additions and subtractions carry, borrow and overflow as wide integers do", () => {
  const a = 5;
  const b = 6;
  fc.assert(fc.property(word, word, bit, (x, y, t) => {
    const after = (line: string) => {
      const cpu = cpuWith([0, 0, 0, 0, 0, x, y], t);
      cpu.run(line);
      return [cpu.r(a), cpu.t()];
    };
    const [ux, uy, ut] = [unsigned(x), unsigned(y), BigInt(t)];
    const outside = (v: bigint) => Number(v !== BigInt.asIntN(32, v));
    const borrow = (v: bigint) => Number(v < 0n);
    assertEquals(after(`addc r${b},r${a}`), [signed(ux + uy + ut), Number((ux + uy + ut) >> 32n)]);
    assertEquals(after(`subc r${b},r${a}`), [signed(ux - uy - ut), borrow(ux - uy - ut)]);
    assertEquals(after(`negc r${b},r${a}`), [signed(-uy - ut), borrow(-uy - ut)]);
    const [sx, sy] = [BigInt(x), BigInt(y)];
    assertEquals(after(`addv r${b},r${a}`), [signed(sx + sy), outside(sx + sy)]);
    assertEquals(after(`subv r${b},r${a}`), [signed(sx - sy), outside(sx - sy)]);
  }));
});

Deno.test("dynamic shifts go left by a positive count and right by a negative one", () => {
  fc.assert(fc.property(word, fc.oneof(word, fc.integer({ min: -40, max: 40 })), (x, count) => {
    const after = (line: string) => {
      const cpu = cpuWith([count, x]);
      cpu.run(line);
      return cpu.r(1);
    };
    const low = BigInt(count & 31);
    const left = signed(unsigned(x) << low);
    assertEquals(after("shad r0,r1"), count >= 0 ? left : signed(BigInt(x) >> (32n - low)));
    assertEquals(after("shld r0,r1"), count >= 0 ? left : signed(unsigned(x) >> (32n - low)));
  }));
});

Deno.test("cmp/str finds an equal byte", () => {
  const bytes = fc.array(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), { minLength: 4, maxLength: 4 });
  fc.assert(fc.property(bytes, bytes, (x, y) => {
    const whole = (b: readonly number[]) => b.reduce((v, byte) => (v << 8) | byte, 0);
    const cpu = cpuWith([whole(x), whole(y)]);
    cpu.run("cmp/str r0,r1");
    assertEquals(cpu.t(), Number(x.some((byte, k) => byte === y[k])));
  }));
});

Deno.test("rotl and rotr leave the bit that went round in T", () => {
  const cpu = cpuWith([0x80000001 | 0]);
  cpu.run("rotl r0");
  assertEquals([cpu.r(0), cpu.t()], [3, 1]);
  cpu.run("rotr r0");
  assertEquals([cpu.r(0), cpu.t()], [0x80000001 | 0, 1]);
});

Deno.test("div0u and 32 pairs of rotcl and div1 divide 64 unsigned bits by 32", () => {
  const lines = Array.from({ length: 32 }, () => ["rotcl r2", "div1 r0,r1"]).flat();
  fc.assert(fc.property(word, word, word, (divisor, low, seed) => {
    fc.pre(divisor !== 0);
    // The quotient must fit 32 bits, as the manual demands.
    const high = Number(unsigned(seed) % unsigned(divisor)) | 0;
    const cpu = cpuWith([divisor, high, low]);
    cpu.run("div0u", ...lines, "rotcl r2");
    const dividend = (unsigned(high) << 32n) | unsigned(low);
    assertEquals(cpu.r(2), signed(dividend / unsigned(divisor)));
  }));
});

Deno.test("div0s and 32 pairs of rotcl and div1 divide signed 32 bits by 32", () => {
  // The manual's own sequence, except that its quotient is one's complement until the last ADDC.
  const start = ["mov r2,r3", "rotcl r3", "subc r1,r1", "mov #0,r3", "subc r3,r2", "div0s r0,r1"];
  const pairs = Array.from({ length: 32 }, () => ["rotcl r2", "div1 r0,r1"]).flat();
  fc.assert(fc.property(word, word, (divisor, dividend) => {
    fc.pre(divisor !== 0 && !(divisor === -1 && dividend === -(2 ** 31)));
    const cpu = cpuWith([divisor, 0, dividend]);
    cpu.run(...start, ...pairs, "rotcl r2", "addc r3,r2");
    assertEquals(cpu.r(2), Math.trunc(dividend / divisor) | 0);
  }));
});

Deno.test("div1 of a register by itself takes the divisor before the shift", () => {
  const cpu = cpuWith([3]);
  cpu.run("div0u", "div1 r0,r0");
  assertEquals([cpu.r(0), cpu.flag(FLAG.q), cpu.t()], [3, 0, 1]);
});

Deno.test("multiplications agree with wide integers", () => {
  fc.assert(fc.property(word, word, (x, y) => {
    const after = (line: string) => {
      const cpu = cpuWith([x, y]);
      cpu.run(line);
      return mac(cpu);
    };
    assertEquals(after("dmuls.l r0,r1"), BigInt(x) * BigInt(y));
    assertEquals(after("dmulu.l r0,r1"), BigInt.asIntN(64, unsigned(x) * unsigned(y)));
    assertEquals(BigInt.asIntN(32, after("mul.l r0,r1")), BigInt.asIntN(32, BigInt(x) * BigInt(y)));
    const [lowX, lowY] = [BigInt(x & 0xffff), BigInt(y & 0xffff)];
    assertEquals(BigInt.asUintN(32, after("mulu.w r0,r1")), lowX * lowY);
    const product = BigInt.asIntN(16, lowX) * BigInt.asIntN(16, lowY);
    assertEquals(BigInt.asIntN(32, after("muls.w r0,r1")), product);
  }));
});

/** MAC after `line` on two factors in memory, at 16 and at 32. */
function accumulate(
  line: string,
  high: number,
  low: number,
  s: number,
  put: (d: DataView) => void,
) {
  const cpu = cpuWith([16, 32]);
  put(cpu.memory);
  cpu.setSpecial(SPECIAL.mach, high);
  cpu.setSpecial(SPECIAL.macl, low);
  cpu.setFlag(FLAG.s, s);
  const before = mac(cpu);
  cpu.run(line);
  return { before, after: mac(cpu), registers: [cpu.r(0), cpu.r(1)] };
}

Deno.test("mac.l accumulates 64 bits, or saturates to 48", () => {
  const most = 2n ** 47n - 1n;
  const high = fc.oneof(word, fc.integer({ min: -0x8000, max: 0x7fff }));
  fc.assert(fc.property(high, word, word, word, bit, (high, low, x, y, s) => {
    const { before, after, registers } = accumulate("mac.l @r0+,@r1+", high, low, s, (memory) => {
      memory.setInt32(16, x, true);
      memory.setInt32(32, y, true);
    });
    assertEquals(registers, [20, 36]);
    const product = BigInt(x) * BigInt(y);
    const sum = BigInt.asIntN(48, before) + product;
    const limited = sum > most ? most : sum < -most - 1n ? -most - 1n : sum;
    assertEquals(after, s === 1 ? limited : BigInt.asIntN(64, before + product));
  }));
});

Deno.test("mac.w accumulates 64 bits, or saturates MACL and marks it in MACH", () => {
  fc.assert(fc.property(word, word, word, word, bit, (high, low, x, y, s) => {
    const { before, after, registers } = accumulate("mac.w @r0+,@r1+", high, low, s, (memory) => {
      memory.setInt16(16, x, true);
      memory.setInt16(32, y, true);
    });
    assertEquals(registers, [18, 34]);
    const product = BigInt.asIntN(16, BigInt(x)) * BigInt.asIntN(16, BigInt(y));
    if (s === 0) return assertEquals(after, BigInt.asIntN(64, before + product));
    const sum = BigInt(low) + product;
    const overflow = sum !== BigInt.asIntN(32, sum);
    const limited = !overflow ? sum : sum < 0n ? -(2n ** 31n) : 2n ** 31n - 1n;
    assertEquals(BigInt.asIntN(32, after), limited);
    assertEquals(Number(after >> 32n), overflow ? high | 1 : high);
  }));
});

Deno.test("mac of a register with itself takes two neighbours", () => {
  const cpu = cpuWith([16]);
  cpu.memory.setInt32(16, 7, true);
  cpu.memory.setInt32(20, 6, true);
  cpu.run("mac.l @r0+,@r0+");
  assertEquals([mac(cpu), cpu.r(0)], [42n, 24]);
});

Deno.test("where Rm is Rn a load keeps the value, a store the register as it was", () => {
  const cpu = cpuWith([16]);
  cpu.memory.setInt32(16, 1234, true);
  cpu.run("mov.l @r0+,r0");
  assertEquals(cpu.r(0), 1234);
  cpu.setR(0, 32);
  cpu.run("mov.l r0,@-r0");
  assertEquals([cpu.r(0), cpu.memory.getInt32(28, true)], [28, 32]);
});

Deno.test("tas.b tests the byte it marks", () => {
  const cpu = cpuWith([16]);
  cpu.run("tas.b @r0");
  assertEquals([cpu.t(), cpu.memory.getUint8(16)], [1, 0x80]);
  cpu.run("tas.b @r0");
  assertEquals([cpu.t(), cpu.memory.getUint8(16)], [0, 0x80]);
});

Deno.test("a branch returns its target and a call writes PR", () => {
  const cpu = cpuWith([0x40], 1);
  assertEquals(cpu.run("bt 0x20"), 0x20);
  assertEquals(cpu.run("bf 0x20"), 2);
  assertEquals(cpu.run("bf/s 0x20"), 4);
  assertEquals(cpu.run("bsr 0xfffff800"), 0xfffff800 | 0);
  assertEquals(cpu.special(SPECIAL.pr), 4);
  assertEquals(cpu.run("braf r0"), 0x44);
  assertEquals(cpu.run("rts"), 4);
  assertEquals(cpu.run("nop"), undefined);
});

Deno.test("rte returns to SPC under SSR", () => {
  const cpu = new NumberCpu();
  cpu.setSpecial(SPECIAL.spc, 0x100);
  cpu.setSpecial(SPECIAL.ssr, 0x40000000);
  assertEquals([cpu.run("rte"), cpu.sr()], [0x100, 0x40000000]);
});

Deno.test("every decoded instruction has its own fields, all of one shape", () => {
  const first = decode(0x321c, MODE);
  const second = decode(0x321c, MODE);
  assert(first !== undefined && second !== undefined && first.fields !== second.fields);
  for (const w of [0x0009, 0x321c, 0xe7ff, 0x8ffa, 0xc301]) {
    assertEquals(Object.keys(decode(w, MODE)?.fields ?? {}), ["n", "m", "i", "d", "pc"]);
  }
  assertEquals(decode(0xfffd, MODE), undefined);
  assertEquals(decode(0x0000, MODE), undefined);
});

Deno.test("text is the manual's, in lower case, with bytes and addresses", () => {
  const expected: readonly (readonly [number, string])[] = [
    [0x0009, "nop"],
    [0xe1ff, "mov #-1,r1"],
    [0xc9ff, "and #255,r0"],
    [0x6046, "mov.l @r4+,r0"],
    [0x51f2, "mov.l @(8,r15),r1"],
    [0x8163, "mov.w r0,@(6,r6)"],
    [0xc604, "mov.l @(16,gbr),r0"],
    [0xcd0f, "and.b #15,@(r0,gbr)"],
    [0x9102, "mov.w 0x100a,r1"],
    [0xd101, "mov.l 0x1008,r1"],
    [0xc7ff, "mova 0x1400,r0"],
    [0xaffe, "bra 0x1002"],
    [0x8d00, "bt/s 0x1006"],
    [0x43be, "ldc r3,r3_bank"],
    [0x4f22, "sts.l pr,@-r15"],
    [0x003a, "stc sgr,r0"],
    [0x403a, ".word 0x403a"],
    [0xc31f, "trapa #31"],
  ];
  for (const [w, text] of expected) assertEquals(disassemble(w, 0x1002, MODE), text);
});

Deno.test("the assembler forgives case and spaces", () => {
  assertEquals(assemble("  MOV.L\t@( 8, R15 ), R1 ", 0, MODE), 0x51f2);
  assertEquals(assemble("bra 0x80000000", -0x7ffffffc, MODE), 0xaffc | 0);
});

Deno.test("the assembler says what it expected and what it found", () => {
  const refused: readonly (readonly [string, string])[] = [
    ["", `expected an SH-4 instruction, found ""`],
    ["addd r1,r2", `expected an SH-4 instruction, found "addd r1,r2"`],
    ["add r1", `expected "add Rm,Rn" or "add #imm,Rn", found "add r1"`],
    ["add #300,r1", `expected -128 to 127 in "add #imm,Rn", found 300`],
    ["and #-1,r0", `expected 0 to 255 in "and #uimm,R0", found -1`],
    ["add r16,r1", `expected r0 to r15 in "add Rm,Rn", found 16`],
    ["mov.l @(62,r1),r2", `expected 0 to 60 in steps of 4 in "mov.l @(disp,Rm),Rn", found 62`],
    ["bt 0x2000", `expected 0xf04 to 0x1102 in steps of 2 in "bt label", found 0x2000`],
    ["bt 0x1001", `expected 0xf04 to 0x1102 in steps of 2 in "bt label", found 0x1001`],
    ["bt 0x100001004", `expected 0xf04 to 0x1102 in steps of 2 in "bt label", found 0x100001004`],
    ["ldc r1,r8_bank", `expected r0_bank to r7_bank in "ldc Rm,Rn_BANK", found 8`],
  ];
  for (const [text, message] of refused) {
    const error = assertThrows(() => assemble(text, 0x1000, MODE), Error);
    assertEquals(error.message, message);
  }
});

Deno.test("the recorder names what a row touches", () => {
  const at = (line: string, fields = {}) => {
    const w = assemble(line, 0, MODE);
    const instruction = decode(w, MODE);
    assert(instruction !== undefined);
    return footprint(instruction.op, { ...instruction.fields, ...fields });
  };
  const load = at("mov.l @r4+,r0");
  assertEquals([...load.reads], ["r4"]);
  assertEquals([...load.writes], ["r4", "r0"]);
  assert(load.mayFault && !load.branches && !load.endsBlock && !load.notInSlot);
  const divide = at("div1 r0,r1");
  assertEquals([...divide.reads].sort(), ["m", "q", "r0", "r1", "t"]);
  assertEquals([...divide.writes].sort(), ["q", "r1", "t"]);
  const call = at("jsr @r3");
  assertEquals([...call.writes], ["pr"]);
  assert(call.branches && call.notInSlot && !call.mayFault && !call.endsBlock);
  const bank = at("stc.l r3_bank,@-r2");
  assertEquals([...bank.reads], ["r2", "r3_bank"]);
  assert(at("ldc r1,sr").endsBlock && at("trapa #1").endsBlock && at("sleep").endsBlock);
  assert(at("mova 0x10,r0").notInSlot && !at("sleep").notInSlot);
});

Deno.test("the recorder refuses a row that could not run again", () => {
  const wrong = op("0010nnnnmmmm0110", "mov.l Rm,@-Rn", (cpu, { n, m }) => {
    const address = cpu.sub(cpu.r(n), cpu.int(4));
    cpu.setR(n, address);
    cpu.store32(address, cpu.r(m));
  });
  assertThrows(() => footprint(wrong), Error, "store32 may fault after r2 was written");
  const wrongFlag = op("1111nnnnmmmm0100", "fcmp/eq FRm,FRn", (cpu, { n, m }) => {
    cpu.setT(cpu.int(0));
    cpu.setT(cpu.eqF32(cpu.fr(n), cpu.fr(m)));
  });
  assertThrows(() => footprint(wrongFlag), Error, "eqF32 may fault after t was written");
  const wrongPair = op("1111nnn0mmmm1001", "fmov @Rm+,DRn", (cpu, { n, m }) => {
    cpu.loadPair(0, 2 * n, cpu.r(m));
    cpu.loadPair(1, 2 * n, cpu.r(m));
  });
  assertThrows(() => footprint(wrongPair), Error, "loadPair may fault after fr4 was written");
});
