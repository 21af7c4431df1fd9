/**
 * Floating-point vectors of our own from the manual (SH7750 section 6, and section 9 by instruction),
 * for what no collection covers: causes, flags and traps, FPUL, NaN forms, denormalized numbers.
 */
import { assert, assertEquals } from "@std/assert";
import {
  again,
  cause,
  cpu,
  E,
  flagsOf,
  fr,
  gives,
  hex,
  I,
  O,
  raises,
  run,
} from "./float_runner.ts";
import { DN, enable, INF, MAX, MIN, NAN, NEGATIVE, ONE, PR, QUIET } from "./float_runner.ts";
import { RZ, SIGNALLING, TINY, TWO, U, V, Z } from "./float_runner.ts";

const BINARY = ["fadd", "fsub", "fmul", "fdiv"] as const;

Deno.test("a NaN operand gives the default NaN, and V only if it signals", () => {
  for (const name of BINARY) {
    for (const [a, b] of [[QUIET, ONE], [ONE, QUIET], [QUIET, TINY]] as const) {
      gives(`${name} fr3,fr2`, { fr: { 2: a, 3: b } }, NAN, 0);
    }
    for (const [a, b] of [[SIGNALLING, ONE], [ONE, SIGNALLING], [QUIET, SIGNALLING]] as const) {
      gives(`${name} fr3,fr2`, { fr: { 2: a, 3: b } }, NAN, V);
    }
    const nan = (high: number) => ({ fpscr: PR, fr: { 2: high, 3: 1, 4: 0x3ff00000 } });
    gives(`${name} dr4,dr2`, nan(0x7ff00000), 0x7ff7ffff, 0);
    assertEquals(fr(3), "ffffffff");
    gives(`${name} dr4,dr2`, nan(0xfff80000), 0x7ff7ffff, V);
  }
  gives("fsqrt fr2", { fr: { 2: QUIET } }, NAN, 0);
  gives("fsqrt fr2", { fr: { 2: 0xffffffff } }, NAN, V);
  gives("fsrra fr2", { fr: { 2: SIGNALLING } }, NAN, V);
  // The last quiet NaN and the first signalling one are neighbours.
  gives("fadd fr3,fr2", { fr: { 2: 0x7fbfffff } }, NAN, 0);
});

Deno.test("a signalling NaN is not remembered beyond its instruction", () => {
  run("fadd fr3,fr2", { fr: { 2: SIGNALLING } });
  assertEquals(cause(), hex(V));
  again("fadd fr3,fr2");
  assertEquals(cause(), "0");
  run("ftrc fr2,FPUL", { fr: { 2: SIGNALLING, 4: QUIET } });
  again("fadd fr3,fr4");
  assertEquals(cause(), "0");
});

Deno.test("invalid operations", () => {
  gives("fadd fr3,fr2", { fr: { 2: INF, 3: INF + NEGATIVE } }, NAN, V);
  gives("fsub fr3,fr2", { fr: { 2: INF, 3: INF } }, NAN, V);
  gives("fmul fr3,fr2", { fr: { 2: INF, 3: 0 } }, NAN, V);
  gives("fdiv fr3,fr2", { fr: { 2: 0, 3: 0 } }, NAN, V);
  gives("fdiv fr3,fr2", { fr: { 2: INF, 3: INF } }, NAN, V);
  gives("fsqrt fr2", { fr: { 2: ONE + NEGATIVE } }, NAN, V);
  gives("fsqrt fr2", { fr: { 2: TINY + NEGATIVE } }, NAN, V);
  gives("fsqrt fr2", { fr: { 2: NEGATIVE } }, NEGATIVE, 0);
  gives("fsqrt fr2", { fpscr: DN, fr: { 2: TINY + NEGATIVE } }, NEGATIVE, 0);
  // The product decides before a quiet NaN to be added, a signalling NaN before everything.
  gives("fmac fr0,fr3,fr2", { fr: { 0: 0, 3: INF, 2: QUIET } }, NAN, V);
  gives("fmac fr0,fr3,fr2", { fr: { 0: ONE, 3: INF, 2: INF + NEGATIVE } }, NAN, V);
  gives("fmac fr0,fr3,fr2", { fr: { 0: QUIET, 3: TINY, 2: ONE } }, NAN, 0);
});

Deno.test("division by zero", () => {
  gives("fdiv fr3,fr2", { fr: { 2: ONE } }, INF, Z);
  gives("fdiv fr3,fr2", { fr: { 2: ONE, 3: NEGATIVE } }, INF + NEGATIVE, Z);
  gives("fdiv fr3,fr2", { fr: { 2: TINY } }, INF, Z); // no FPU error: the divisor decides
  gives("fdiv fr3,fr2", { fpscr: DN, fr: { 2: ONE, 3: TINY } }, INF, Z);
  gives("fdiv fr3,fr2", { fr: { 2: INF } }, INF, 0);
  gives("fsrra fr2", {}, INF, Z);
  gives("fsrra fr2", { fr: { 2: NEGATIVE } }, INF + NEGATIVE, Z);
});

Deno.test("overflow, underflow and inexact results in both rounding modes", () => {
  const halves = { 2: ONE, 3: 0x33800000 }; // 1 and half of its last place
  gives("fadd fr3,fr2", { fr: halves }, ONE, I);
  gives("fadd fr3,fr2", { fr: { 2: ONE + 1, 3: 0x33800000 } }, ONE + 2, I);
  gives("fadd fr3,fr2", { fpscr: RZ, fr: { 2: ONE + 1, 3: 0x33800000 } }, ONE + 1, I);
  gives("fsub fr3,fr2", { fpscr: RZ, fr: { 2: ONE, 3: TINY << 23 } }, ONE - 1, I);
  gives("fadd fr3,fr2", { fr: { 2: MAX, 3: MAX } }, INF, O | I);
  gives("fadd fr3,fr2", { fpscr: RZ, fr: { 2: MAX, 3: MAX } }, MAX, O | I);
  gives("fadd fr3,fr2", { fr: { 2: INF, 3: MAX } }, INF, 0);
  gives("fmul fr3,fr2", { fr: { 2: MIN, 3: 0x3f000000 } }, MIN >> 1, 0); // exact: no underflow
  gives("fmul fr3,fr2", { fr: { 2: MIN + 1, 3: 0x3f000000 } }, MIN >> 1, U | I);
  gives("fmul fr3,fr2", { fr: { 2: MIN, 3: MIN + NEGATIVE } }, NEGATIVE, U | I);
  gives("fmul fr3,fr2", { fpscr: DN, fr: { 2: MIN, 3: 0xbf000000 } }, NEGATIVE, U | I);
  // Rounded up to the smallest normal number: delivered normal, so no underflow.
  gives("fmul fr3,fr2", { fr: { 2: MIN - 1 + MIN, 3: 0x3f000000 } }, MIN, I);
  gives("fdiv fr3,fr2", { fr: { 2: ONE, 3: 0x40400000 } }, 0x3eaaaaab, I);
  gives("fdiv fr3,fr2", { fpscr: RZ, fr: { 2: ONE, 3: 0x40400000 } }, 0x3eaaaaaa, I);
  gives("fsqrt fr2", { fr: { 2: TWO } }, 0x3fb504f3, I);
  gives("fsqrt fr2", { fr: { 2: 0x40800000 } }, TWO, 0);
});

Deno.test("doubles round, overflow and underflow as singles do", () => {
  const double = (high: number, low = 0, other = 0x3ff00000, otherLow = 0) => ({
    fpscr: PR,
    fr: { 2: high, 3: low, 4: other, 5: otherLow },
  });
  gives("fadd dr4,dr2", double(0x3ff00000), 0x40000000, 0);
  gives("fadd dr4,dr2", double(0x3ca00000), 0x3ff00000, I);
  gives("fmul dr4,dr2", double(0x7fe00000, 0, 0x40000000), 0x7ff00000, O | I);
  gives("fmul dr4,dr2", double(0x00100000, 0, 0x3fe00000), 0x00080000, 0);
  gives("fmul dr4,dr2", double(0x00100000, 1, 0x3fe00000), 0x00080000, U | I);
  gives("fdiv dr4,dr2", double(0x3ff00000, 0, 0), 0x7ff00000, Z);
  gives("fsqrt dr2", double(0x40000000), 0x3ff6a09e, I);
  gives("fsqrt dr2", double(0x40100000), 0x40000000, 0);
  raises("fadd dr4,dr2", double(0, 1), E);
});

Deno.test("FMAC rounds once", () => {
  // (1 + 2^-12)^2 - 1: the product alone would lose 2^-24.
  const x = ONE + (1 << 11);
  gives("fmac fr0,fr3,fr2", { fr: { 0: x, 3: x, 2: ONE + NEGATIVE } }, 0x3a000400, 0);
  // Just below a tie, which the sum in double precision cannot tell from the tie.
  gives("fmac fr0,fr3,fr2", { fr: { 0: ONE + 1, 3: 0x337ffffe, 2: ONE + 1 } }, ONE + 1, I);
});

Deno.test("a denormalized operand is an FPU error where the manual has one", () => {
  const operand = { fr: { 0: ONE, 2: TINY, 3: ONE } };
  const other = { fr: { 0: ONE, 2: ONE, 3: TINY } };
  for (const name of BINARY) {
    raises(`${name} fr3,fr2`, operand, E);
    raises(`${name} fr3,fr2`, other, E);
  }
  raises("fsqrt fr2", operand, E);
  raises("fsrra fr2", operand, E);
  raises("fmac fr0,fr3,fr2", operand, E);
  raises("fmac fr0,fr3,fr2", other, E);
  raises("fmac fr0,fr3,fr2", { fr: { 0: TINY, 3: ONE } }, E);
  raises("fadd fr3,fr2", { fr: { 2: TINY, 3: INF } }, E);
  raises("fcnvds dr2,FPUL", { fpscr: PR, fr: { 3: 1 } }, E);
  raises("fcnvsd FPUL,dr2", { fpscr: PR, fpul: TINY }, E);
  assert(run("fcmp/gt fr3,fr2", operand) && run("ftrc fr2,FPUL", operand));
  assert(run("fipr fv0,fv4", operand) && run("fabs fr2", operand) && run("fneg fr2", operand));
});

Deno.test("DN = 1 makes denormalized operands zero, emulation computes with them", () => {
  gives("fadd fr3,fr2", { fpscr: DN, fr: { 2: ONE, 3: TINY } }, ONE, 0);
  gives("fmul fr3,fr2", { fpscr: DN, fr: { 2: ONE, 3: TINY + NEGATIVE } }, NEGATIVE, 0);
  gives("fadd fr3,fr2", { emulate: true, fr: { 2: TINY, 3: TINY } }, 2, 0);
  gives("fadd fr3,fr2", { emulate: true, fr: { 2: ONE, 3: TINY } }, ONE, I);
  gives("fsqrt fr2", { emulate: true, fr: { 2: 4 } }, 0x1ab504f3, I);
  gives("fadd fr3,fr2", { emulate: true, fpscr: DN, fr: { 2: TINY, 3: TINY } }, 0, 0);
});

Deno.test("an enabled cause is an exception, and nothing else is", () => {
  const cases = [
    ["fdiv fr3,fr2", {}, V],
    ["fdiv fr3,fr2", { 2: ONE }, Z],
    ["fadd fr3,fr2", { 2: MAX, 3: MAX }, O | I],
    ["fmul fr3,fr2", { 2: MIN, 3: MIN }, U | I],
    ["fdiv fr3,fr2", { 2: ONE, 3: 0x40400000 }, I],
    ["fsrra fr2", { 2: TWO }, I],
    ["fsca FPUL,dr2", {}, I],
    ["float FPUL,fr2", {}, I],
    ["fcmp/gt fr3,fr2", { 2: QUIET }, V],
    ["ftrc fr2,FPUL", { 2: INF }, V],
    ["fipr fv0,fv4", { 0: INF, 4: 0 }, V],
  ] as const;
  for (const [line, registers, causes] of cases) {
    const start = { fr: registers, fpul: 0x7fffffff };
    for (const one of [V, Z, O, U, I]) {
      const fpscr = enable(one);
      if ((causes & one) !== 0) raises(line, { ...start, fpscr }, causes);
      else assert(run(line, { ...start, fpscr }), line);
    }
  }
  // The trapping operation's causes reach the flags as well (section 6.5).
  assertEquals(hex(cpu.fpscr() & 0x7c), hex(flagsOf(V)));
});

Deno.test("arithmetic clears the cause field, flags stay, moves change neither", () => {
  const full = 0x3f000 | 0x7c;
  run("fadd fr3,fr2", { fpscr: full });
  assertEquals(hex(cpu.fpscr()), "7c");
  const moves = ["fmov fr3,fr2", "fabs fr2", "fneg fr2", "fldi0 fr2", "fldi1 fr2"];
  for (const line of [...moves, "flds fr2,FPUL", "fsts FPUL,fr2", "sts FPSCR,r1", "lds r1,FPUL"]) {
    run(line, { fpscr: full, fr: { 2: SIGNALLING, 3: TINY } });
    assertEquals(hex(cpu.fpscr()), hex(full), line);
  }
  for (const line of ["fcmp/eq fr3,fr2", "ftrc fr2,FPUL", "float FPUL,fr2", "fipr fv0,fv4"]) {
    run(line, { fpscr: full });
    assertEquals(hex(cpu.fpscr()), "7c", line);
  }
});

Deno.test("FCMP: equal zeros, NaN, and denormalized numbers by DN", () => {
  const compares = (name: string, a: number, b: number, t: number, causes = 0, fpscr = 0) => {
    assert(run(`fcmp/${name} fr3,fr2`, { fpscr, fr: { 2: a, 3: b } }));
    assertEquals([cpu.t(), cause()], [t, hex(causes)], `${name} ${hex(a)} ${hex(b)}`);
  };
  compares("eq", 0, NEGATIVE, 1);
  compares("eq", ONE, ONE, 1);
  compares("eq", ONE, TWO, 0);
  compares("eq", QUIET, QUIET, 0);
  compares("eq", SIGNALLING, ONE, 0, V);
  compares("eq", TINY, 2, 0);
  compares("eq", TINY, 2, 1, 0, DN);
  compares("eq", TINY, MIN, 0, 0, DN);
  compares("gt", TWO, ONE, 1);
  compares("gt", ONE, TWO, 0);
  compares("gt", QUIET, ONE, 0, V);
  compares("gt", ONE, SIGNALLING, 0, V);
  compares("gt", TINY, 0, 1);
  compares("gt", TINY, 0, 0, 0, DN);
  compares("gt", MIN, TINY, 1, 0, DN);
  run("fcmp/gt dr4,dr2", { fpscr: PR, fr: { 2: 0, 3: 2, 5: 1 } });
  assertEquals(cpu.t(), 1);
});

Deno.test("FABS and FNEG change the sign bit alone, of NaN and doubles too", () => {
  run("fneg fr2", { fr: { 2: SIGNALLING + 5 } });
  assertEquals(fr(2), hex(SIGNALLING + 5 + NEGATIVE));
  run("fabs fr2", { fr: { 2: 0xffc00001 } });
  assertEquals(fr(2), "7fc00001");
  run("fneg dr2", { fpscr: PR, fr: { 2: 0x7ff80000, 3: NEGATIVE } });
  assertEquals([fr(2), fr(3)], ["fff80000", "80000000"]);
  run("fabs dr2", { fpscr: PR, fr: { 2: 0x80000000, 3: NEGATIVE } });
  assertEquals([fr(2), fr(3)], ["0", "80000000"]);
});
