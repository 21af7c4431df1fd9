/** Moves, conversions and the vector instructions: vectors of our own from the manual. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { SPECIAL } from "../../core/isa/cpu.ts";
import { assemble } from "../../core/isa/text.ts";
import {
  again,
  cause,
  cpu,
  DN,
  FR,
  fr,
  hex,
  I,
  INF,
  MAX,
  MIN,
  NAN,
  NEGATIVE,
  O,
  ONE,
  PR,
  QUIET,
  RZ,
  SIGNALLING,
  SZ,
  TINY,
  TWO,
  U,
  V,
} from "./float_runner.ts";
import { fpul, gives, raises, run, Z } from "./float_runner.ts";

const floats = new Float32Array(1);
const floatBits = new Uint32Array(floats.buffer);
const bitsOf = (value: number): number => {
  floats[0] = value;
  return floatBits[0] ?? 0;
};
const valueOf = (bits: number): number => {
  floatBits[0] = bits;
  return floats[0] ?? 0;
};
const xf = (n: number): string => hex(cpu.xfBits(n));

Deno.test("FLOAT rounds to single by RM, and is exact in double", () => {
  gives("float FPUL,fr2", { fpul: 0x01000001 }, 0x4b800000, I);
  gives("float FPUL,fr2", { fpul: 0x01000003 }, 0x4b800002, I);
  gives("float FPUL,fr2", { fpul: 0x01000003, fpscr: RZ }, 0x4b800001, I);
  gives("float FPUL,fr2", { fpul: -3 }, 0xc0400000, 0);
  gives("float FPUL,fr2", { fpul: -3, fpscr: RZ }, 0xc0400000, 0);
  gives("float FPUL,fr2", { fpul: 0x80000000 }, 0xcf000000, 0);
  gives("float FPUL,dr2", { fpul: 0x7fffffff, fpscr: PR }, 0x41dfffff, 0);
  assertEquals(fr(3), "ffc00000");
});

Deno.test("FTRC truncates, saturates, and calls NaN the most negative integer", () => {
  const truncates = (bits: number, result: number, causes: number) => {
    assert(run("ftrc fr2,FPUL", { fpscr: 0, fr: { 2: bits } }));
    assertEquals([fpul(), cause()], [hex(result), hex(causes)], hex(bits));
  };
  truncates(0x3fffffff, 1, 0);
  truncates(0xbfffffff, -1, 0);
  truncates(NEGATIVE, 0, 0);
  truncates(TINY, 0, 0);
  truncates(0x4effffff, 0x7fffff80, 0);
  truncates(0x4f000000, 0x7fffffff, V);
  truncates(0xcf000000, 0x80000000, 0);
  truncates(0xcf000001, 0x80000000, V);
  truncates(INF, 0x7fffffff, V);
  truncates(INF + NEGATIVE, 0x80000000, V);
  truncates(QUIET, 0x80000000, V);
  truncates(SIGNALLING, 0x80000000, V);
  const double = (high: number, low: number, result: number, causes: number) => {
    assert(run("ftrc dr2,FPUL", { fpscr: PR, fr: { 2: high, 3: low } }));
    assertEquals([fpul(), cause()], [hex(result), hex(causes)], hex(high));
  };
  double(0x41dfffff, 0xffffffff, 0x7fffffff, 0); // a fraction below 2^31
  double(0x41e00000, 0, 0x7fffffff, V);
  double(0xc1e00000, 0x001fffff, 0x80000000, 0); // a fraction above -2^31 - 1
  double(0xc1e00000, 0x00200000, 0x80000000, V);
  double(0x7ff00000, 1, 0x80000000, V);
});

Deno.test("FCNVDS rounds the double into FPUL", () => {
  const converts = (high: number, low: number, result: number, causes: number, fpscr = 0) => {
    assert(run("fcnvds dr2,FPUL", { fpscr: PR | fpscr, fr: { 2: high, 3: low } }));
    assertEquals([fpul(), cause()], [hex(result), hex(causes)], hex(high));
  };
  converts(0x3ff00000, 0, ONE, 0);
  converts(0x80000000, 0, NEGATIVE, 0);
  converts(0x3ff00000, 0x10000000, ONE, I); // a tie
  converts(0x3ff00000, 0x30000000, ONE + 2, I);
  converts(0x3ff00000, 0x30000000, ONE + 1, I, RZ);
  converts(0x47f00000, 0, INF, O | I);
  converts(0x47f00000, 0, MAX, O | I, RZ);
  converts(0x36a00000, 0, TINY, 0);
  converts(0x36a00000, 1, TINY, U | I);
  converts(0x36a00000, 0, 0, U | I, DN);
  converts(0x00000000, 1, 0, 0, DN);
  converts(0x7ff00000, 0, INF, 0);
  converts(0x7ff00000, 1, NAN, 0);
  converts(0x7ff80000, 0, NAN, V);
});

Deno.test("FCNVSD takes a single's bits from FPUL", () => {
  const converts = (bits: number, high: number, low: number, causes: number, more = {}) => {
    assert(run("fcnvsd FPUL,dr2", { fpscr: PR, fpul: bits, ...more }));
    assertEquals([fr(2), fr(3), cause()], [hex(high), hex(low), hex(causes)], hex(bits));
  };
  converts(ONE + 1, 0x3ff00000, 0x20000000, 0);
  converts(INF + NEGATIVE, 0xfff00000, 0, 0);
  converts(QUIET, 0x7ff7ffff, 0xffffffff, 0);
  converts(SIGNALLING, 0x7ff7ffff, 0xffffffff, V);
  converts(TINY, 0x36a00000, 0, 0, { emulate: true });
  converts(TINY + NEGATIVE, 0x80000000, 0, 0, { fpscr: PR | DN });
  raises("fcnvsd FPUL,dr2", { fpscr: PR | (1 << 11), fpul: SIGNALLING }, V);
});

Deno.test("FPUL moves bits, whatever they mean", () => {
  run("flds fr2,FPUL", { fr: { 2: SIGNALLING + 1 } });
  assertEquals(fpul(), "7fc00001");
  run("fsts FPUL,fr2", { fpul: 0xffc00001 });
  assertEquals(fr(2), "ffc00001");
  run("sts FPUL,r1", { fpul: 0x87654321 });
  assertEquals(hex(cpu.r(1)), "87654321");
  cpu.setR(1, 0x1234567);
  again("lds r1,FPUL");
  assertEquals(fpul(), "1234567");
});

Deno.test("FLDI0 and FLDI1 load singles whatever PR is", () => {
  for (const fpscr of [0, PR]) {
    run("fldi1 fr2", { fpscr });
    assertEquals([fr(2), fr(3)], [hex(ONE), "0"]);
    run("fldi0 fr3", { fpscr, fr: { 2: TWO, 3: TWO } });
    assertEquals([fr(2), fr(3)], [hex(TWO), "0"]);
  }
});

Deno.test("writing FPSCR keeps the bits that exist and swaps the banks with FR", () => {
  cpu.setR(1, -1);
  run("lds r1,FPSCR", { fr: { 2: 22 }, xf: { 2: 33 } });
  assertEquals([hex(cpu.fpscr()), cpu.frBits(2), cpu.xfBits(2)], ["3fffff", 33, 22]);
  again("sts FPSCR,r2");
  assertEquals(hex(cpu.r(2)), "3fffff");
  run("frchg", { fpscr: PR, fr: { 15: 5 }, xf: { 15: 6 } });
  assertEquals([cpu.fpscr(), cpu.frBits(15), cpu.xfBits(15)], [PR | FR, 6, 5]);
  again("frchg");
  assertEquals([cpu.fpscr(), cpu.frBits(15), cpu.xfBits(15)], [PR, 5, 6]);
  again("fschg");
  assertEquals(cpu.fpscr(), PR | SZ);
  again("fschg");
  assertEquals(cpu.fpscr(), PR);
});

/** A little memory behind the bus, by address. */
function memory(words: Readonly<Record<number, number>>): Map<number, number> {
  const store = new Map(Object.entries(words).map(([at, value]) => [Number(at), value]));
  cpu.bus = {
    fetch: () => 0,
    read: (address) => store.get(address) ?? 0,
    write: (address, _, value) => void store.set(address, value >>> 0),
  };
  return store;
}

Deno.test("pair moves take the even register from the lower address, with either PR", () => {
  for (const fpscr of [SZ, SZ | PR]) {
    const start = { fpscr, fr: { 2: 0xa2, 3: 0xa3 }, xf: { 2: 0xb2, 3: 0xb3 } };
    const registers = (line: string, base: number, index = 0) => {
      cpu.setR(0, index);
      cpu.setR(5, base);
      run(line, start);
    };
    const two = { 64: 0xc0, 68: 0xc1 };
    for (
      const [line, base, index, after] of [
        ["fmov @r5,", 64, 0, 64],
        ["fmov @r5+,", 64, 0, 72],
        ["fmov @(r0,r5),", 48, 16, 48],
      ] as const
    ) {
      memory(two);
      registers(line + "dr2", base, index);
      assertEquals([fr(2), fr(3), xf(2), cpu.r(5)], ["c0", "c1", "b2", after], line);
      registers(line + "xd2", base, index);
      assertEquals([xf(2), xf(3), fr(2), cpu.r(5)], ["c0", "c1", "a2", after], line);
    }
    for (
      const [line, base, index, after] of [
        [",@r5", 64, 0, 64],
        [",@-r5", 72, 0, 64],
        [",@(r0,r5)", 48, 16, 48],
      ] as const
    ) {
      const store = memory({});
      registers("fmov dr2" + line, base, index);
      assertEquals([store.get(64), store.get(68), cpu.r(5)], [0xa2, 0xa3, after], line);
      registers("fmov xd2" + line, base, index);
      assertEquals([store.get(64), store.get(68), cpu.r(5)], [0xb2, 0xb3, after], line);
    }
    const moves = (line: string, found: () => readonly string[], expected: readonly string[]) => {
      run(line, start);
      assertEquals(found(), expected, line);
    };
    moves("fmov dr2,dr4", () => [fr(4), fr(5)], ["a2", "a3"]);
    moves("fmov dr2,xd4", () => [xf(4), xf(5)], ["a2", "a3"]);
    moves("fmov xd2,dr4", () => [fr(4), fr(5)], ["b2", "b3"]);
    moves("fmov xd2,xd4", () => [xf(4), xf(5)], ["b2", "b3"]);
  }
});

Deno.test("FPUL and FPSCR go to memory and come back", () => {
  const store = memory({ 64: 0x12345678, 68: 0xffffffff });
  cpu.setR(5, 64);
  run("lds.l @r5+,FPUL", {});
  again("lds.l @r5+,FPSCR");
  assertEquals([fpul(), hex(cpu.fpscr()), cpu.r(5)], ["12345678", "3fffff", 72]);
  again("sts.l FPUL,@-r5");
  again("sts.l FPSCR,@-r5");
  assertEquals([store.get(68), store.get(64), cpu.r(5)], [0x12345678, 0x3fffff, 64]);
});

Deno.test("FSCA: every angle within half a unit of the last place, quadrants exact", () => {
  for (let angle = 0; angle < 65536; angle++) {
    run("fsca FPUL,dr2", { fpul: angle | 0xabcd0000 });
    const turn = angle / 32768 * Math.PI;
    const [sine, cosine] = [valueOf(cpu.frBits(2)), valueOf(cpu.frBits(3))];
    // The host's sine of an angle near a multiple of pi is that of a rounded angle.
    assertAlmostEquals(sine, Math.sin(turn), 2 ** -24 * Math.abs(sine) + 1e-15);
    assertAlmostEquals(cosine, Math.cos(turn), 2 ** -24 * Math.abs(cosine) + 1e-15);
    assertAlmostEquals(sine * sine + cosine * cosine, 1, 2 ** -23);
  }
  const quadrants = [[0, 0, ONE], [0x4000, ONE, 0], [0x8000, 0, ONE + NEGATIVE], [
    0xc000,
    ONE + NEGATIVE,
    0,
  ]] as const;
  for (const [angle, sine, cosine] of quadrants) {
    run("fsca FPUL,dr2", { fpul: angle });
    assertEquals([fr(2), fr(3), cause()], [hex(sine), hex(cosine), hex(I)]);
  }
});

Deno.test("FSRRA", () => {
  gives("fsrra fr2", { fr: { 2: 0x40800000 } }, 0x3f000000, I);
  gives("fsrra fr2", { fr: { 2: TWO } }, bitsOf(Math.SQRT1_2), I);
  gives("fsrra fr2", { fr: { 2: INF } }, 0, 0);
  gives("fsrra fr2", { fr: { 2: ONE + NEGATIVE } }, NAN, V);
  gives("fsrra fr2", { fr: { 2: INF + NEGATIVE } }, NAN, V);
  gives("fsrra fr2", { fr: { 2: TINY + NEGATIVE } }, NAN, V);
  gives("fsrra fr2", { fpscr: DN, fr: { 2: TINY } }, INF, Z);
  gives("fsrra fr2", { emulate: true, fr: { 2: 2 } }, bitsOf(2 ** 74), I);
});

/** FV0 and FV4 as lists. */
const vectors = (a: readonly number[], b: readonly number[]) => ({ ...[...a, ...b] });

Deno.test("FIPR adds four products into the last register", () => {
  const product = (
    a: readonly number[],
    b: readonly number[],
    result: number,
    causes: number,
    fpscr = 0,
  ) => {
    assert(run("fipr fv0,fv4", { fpscr, fr: vectors(a, b) }));
    assertEquals([fr(7), cause()], [hex(result), hex(causes)], a.map(hex).join());
    assertEquals([fr(3), fr(4)], [hex(a[3] ?? 0), hex(b[0] ?? 0)]);
  };
  const one = [ONE, ONE, ONE, ONE];
  const at = (...values: number[]) => values.map(bitsOf);
  product(at(1, 2, 3, 4), at(5, 6, 7, 8), bitsOf(70), 0);
  product(at(1, 0, 0, 2 ** -30), one, ONE, I);
  product(at(1, 0, 0, 2 ** -80), one, ONE, I);
  product(at(2, 0, 0, -(2 ** -30)), one, bitsOf(2) - 1, I, RZ);
  product(at(1, -1, 0, 0), one, 0, 0);
  product([MAX, MAX, 0, 0], one, INF, O | I);
  product([MAX, MAX, 0, 0], one, MAX, O | I, RZ);
  product([INF, ONE, 0, 0], one, INF, 0);
  product([INF, INF + NEGATIVE, 0, 0], one, NAN, V);
  product([INF, 0, 0, 0], [0, 0, 0, 0], NAN, V);
  product([QUIET, ONE, 0, 0], one, NAN, 0);
  product([QUIET, SIGNALLING, 0, 0], one, NAN, V);
  product([QUIET, INF, 0, 0], [ONE, 0, 0, 0], NAN, V);
  product([TINY, 0, 0, 0], one, TINY, 0);
  product([TINY, 0, 0, 0], one, 0, 0, DN);
  product([TINY, ONE, 0, 0], at(2 ** 100, 1, 0, 0), ONE, 0, DN);
  product([MIN, 0, 0, 0], at(0.5, 0, 0, 0), 0, U | I, DN);
});

Deno.test("FTRV multiplies by XMTRX, by columns, and its causes are those of all four sums", () => {
  // Column j holds 1 + j, 10 + j, 100 + j, 1000 + j.
  const column = (j: number) => [1, 10, 100, 1000].map((row) => bitsOf(row + j));
  const matrix = { ...[0, 1, 2, 3].flatMap(column) };
  const fv = (...values: number[]) => ({ ...[0, 0, 0, 0, ...values.map(bitsOf)] });
  run("ftrv XMTRX,fv4", { fr: fv(1, 2, 3, 4), xf: matrix });
  const sums = [1, 10, 100, 1000].map((row) => bitsOf(10 * row + 20));
  assertEquals([4, 5, 6, 7].map(fr), sums.map(hex));
  assertEquals(cause(), "0");
  // V in the first sum, O in the third, nothing in the last.
  const xf = { ...matrix, 0: SIGNALLING, 2: MAX, 6: MAX };
  run("ftrv XMTRX,fv4", { fr: fv(1, 1, 0, 0), xf });
  assertEquals([fr(4), fr(6), cause()], [hex(NAN), hex(INF), hex(V | O | I)]);
  assertEquals(hex(cpu.fpscr() & 0x7c), hex((V | O | I) >> 10));
  // A trap in a later sum leaves every register.
  raises("ftrv XMTRX,fv4", { fpscr: O >> 5, fr: fv(1, 1, 0, 0), xf: { 2: MAX, 6: MAX } }, O | I);
});

Deno.test("arithmetic words have a meaning in their own precision only", () => {
  const illegal = (word: number, fpscr: number) => {
    cpu.setFpscr(fpscr);
    let raised = "nothing";
    try {
      cpu.runWord(word);
    } catch (fault) {
      raised = (fault as { exception: string }).exception;
    }
    assertEquals(raised, "illegal", hex(word));
  };
  for (const line of ["fmac fr0,fr2,fr4", "fipr fv0,fv4", "ftrv XMTRX,fv0", "fsrra fr2"]) {
    illegal(assemble(line, 0, { PR: 0, SZ: 0 }), PR);
  }
  for (const line of ["fcnvds dr2,FPUL", "fcnvsd FPUL,dr2"]) {
    illegal(assemble(line, 0, { PR: 1, SZ: 0 }), 0);
  }
  illegal(0xf340, PR); // fadd with an odd register
  assertEquals(cpu.special(SPECIAL.fpul), 0);
});
