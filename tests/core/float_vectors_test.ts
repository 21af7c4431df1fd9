/** The instruction vectors' form, and the floating-point rows under them. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { sh4 } from "../../core/isa/sh4.ts";
import { DEVIATIONS } from "../../core/machine/vector_deviations.ts";
import { STATE, STATE_NAMES, STATE_WORDS } from "../../core/machine/vector_state.ts";
import { parseVectors, runCase, VectorError, vectorName } from "../../core/machine/vectors.ts";
import type { VectorCase } from "../../core/machine/vector_state.ts";
import { VectorCpu } from "./vector_cpu.ts";
import { readVectors, testVectors, VECTOR_NAMES } from "./vector_folder.ts";

/** The collection's files for floating-point rows, FPUL and FPSCR among them. */
function floatFiles(): readonly string[] {
  const patterns = new Set(sh4.filter(({ fpu }) => fpu === true).map(({ pattern }) => pattern));
  return VECTOR_NAMES.filter((name) => patterns.has(vectorName(name).pattern));
}

const casesOf = (file: string): readonly VectorCase[] => parseVectors(file, readVectors(file));

testVectors("the floating-point rows pass their vectors, or differ as the table says", () => {
  const cpu = new VectorCpu();
  const deviations = new Map<string, number>();
  const failures: string[] = [];
  let cases = 0;
  for (const file of floatFiles()) {
    for (const recorded of casesOf(file)) {
      cases++;
      const verdict = runCase(recorded, cpu);
      if (verdict.outcome === "failed") {
        failures.push(`${file} ${recorded.index}: ${verdict.differences.join("; ")}`);
      } else if (verdict.outcome === "deviates") {
        for (const name of verdict.deviations) {
          deviations.set(name, (deviations.get(name) ?? 0) + 1);
        }
      }
    }
  }
  console.log(`${cases} cases, ${failures.length} failed`);
  for (const [name, count] of deviations) console.log(`${count} deviate: ${name}`);
  assertEquals(failures.slice(0, 10), []);
  assert(cases > 0);
});

Deno.test("a deviation names its manual rule and only rows that exist", () => {
  const patterns = new Set(sh4.map(({ pattern }) => pattern));
  for (const { name, rule, patterns: used, explains, exception } of DEVIATIONS) {
    assert(/^Section \d/.test(rule), name);
    assertEquals(used.filter((pattern) => !patterns.has(pattern)), [], name);
    assert(explains !== undefined || exception !== undefined, name);
  }
});

/** A record like the collection's: NOP, an instruction, add r1,r1, NOP. */
interface Made {
  readonly file: string;
  readonly opcode: number;
  readonly before?: Readonly<Record<number, number>>;
  readonly after?: Readonly<Record<number, number>>;
  readonly read?: readonly [number, bigint];
  readonly write?: readonly [number, bigint];
}

const NOP = 0x0009;
const ADD_R1 = 0x311c;
const PC = 0x1000;
const WORDS = 284;
const CYCLES = 156;
const OPCODES = 28;
const SIZE = 4 + 2 * WORDS + CYCLES + OPCODES;

/** The bytes of one record. After it r1 has doubled and pc is eight on, unless told otherwise. */
function made({ opcode, before = {}, after = {}, read, write }: Made): Uint8Array {
  const bytes = new Uint8Array(SIZE);
  const view = new DataView(bytes.buffer);
  const set = (at: number, value: number) => view.setUint32(at, value, true);
  const start = { [STATE.SR]: 0x40000000, [STATE.PC]: PC, ...before };
  const end = { ...start, [STATE.PC]: PC + 8, ...after };
  set(0, SIZE);
  let at = 4;
  for (const state of [start, end]) {
    set(at, WORDS);
    for (const [word, value] of Object.entries(state)) set(at + 8 + 4 * Number(word), value);
    at += WORDS;
  }
  set(at, CYCLES);
  const access = at + 12 + 36;
  set(access, 4 | (read ? 1 : 0) | (write ? 2 : 0));
  set(access + 12, write?.[0] ?? 0xffffffff);
  view.setBigUint64(access + 16, write?.[1] ?? 0n, true);
  set(access + 24, read?.[0] ?? 0xffffffff);
  view.setBigUint64(access + 28, read?.[1] ?? 0n, true);
  at += CYCLES;
  set(at, OPCODES);
  [NOP, opcode, ADD_R1, NOP, 0x322c].forEach((word, n) => set(at + 8 + 4 * n, word));
  return bytes;
}

function verdict(record: Made, bytes: Uint8Array = made(record)) {
  const [recorded] = parseVectors(record.file, bytes);
  assert(recorded !== undefined);
  return runCase(recorded, new VectorCpu());
}

const LOAD: Made = {
  file: "1111nnnnmmmm1000_sz0_pr0.bin",
  opcode: 0xf238, // fmov.s @r3,fr2
  before: { 3: 0x2001 },
  after: { [STATE.FP0 + 2]: 0x12345678 },
  read: [0x2001, 0x12345678n],
};
const STORE_PAIR: Made = {
  file: "1111nnnnmmm01010_sz1_pr0.bin",
  opcode: 0xf32a, // fmov dr2,@r3
  before: { 3: 0x2004, [STATE.FPSCR]: 1 << 20, [STATE.FP0 + 2]: 0xaaaa, [STATE.FP0 + 3]: 0xbbbb },
  write: [0x2004, 0x0000bbbb0000aaaan],
};

Deno.test("a case is equal where every word is", () => {
  assertEquals(verdict(LOAD), { outcome: "equal" });
  assertEquals(verdict(STORE_PAIR), { outcome: "equal" });
});

Deno.test("a case fails on any word of the state", () => {
  for (let word = 0; word < STATE_WORDS; word++) {
    const bytes = made(LOAD);
    const at = 4 + WORDS + 8 + 4 * word;
    bytes[at] = (bytes[at] ?? 0) ^ 4;
    const found = verdict(LOAD, bytes);
    assert(found.outcome === "failed", STATE_NAMES[word]);
    assert(found.differences[0]?.startsWith(`${STATE_NAMES[word]}: expected`), STATE_NAMES[word]);
  }
});

Deno.test("a case fails on a wrong address, a wrong value and a missing write", () => {
  const failed = (record: Made, text: string) => {
    const found = verdict(record);
    assert(found.outcome === "failed");
    assert(found.differences.some((difference) => difference.includes(text)), text);
  };
  failed({ ...LOAD, read: [0x2002, 0n] }, "read 0x00002001, which is not recorded");
  failed({ ...STORE_PAIR, write: [0x2004, 0xbbbb0000aaabn] }, "write at 0x00002004");
  failed({ ...STORE_PAIR, write: [0x2004, 0xaaaa0000aaaan] }, "write at 0x00002008");
  failed({ ...STORE_PAIR, write: [0x3000, 0n] }, "is not recorded");
  failed({ ...STORE_PAIR, opcode: NOP }, "no write at 0x00002004");
  failed({ ...LOAD, opcode: 0xfffd }, "raised illegal");
});

Deno.test("a fault is allowed only where the manual demands it", () => {
  const fadd: Made = {
    file: "1111nnnnmmmm0000_sz0_pr0.bin",
    opcode: 0xf230, // fadd fr3,fr2
    before: { [STATE.FP0 + 2]: 0x00000001, [STATE.FP0 + 3]: 0x00000002 },
    after: { [STATE.FP0 + 2]: 0x00000003 },
  };
  assertEquals(verdict(fadd), {
    outcome: "deviates",
    deviations: ["denormalized operand"],
  });
  // The emulated result counts, too.
  assertEquals(verdict({ ...fadd, after: {} }).outcome, "failed");
  // An enabled exception is none of the set's.
  const traps = { ...fadd, before: { [STATE.FP0 + 2]: 0x7fc00000, [STATE.FPSCR]: 1 << 11 } };
  assertEquals(verdict(traps).outcome, "failed");
});

Deno.test("a deviation does not stretch to other results", () => {
  const ftrc = (found: number, single: number): Made => ({
    file: "1111mmmm00111101_sz0_pr0.bin",
    opcode: 0xf23d, // ftrc fr2,FPUL
    before: { [STATE.FP0 + 2]: single },
    after: { [STATE.FPUL]: found },
  });
  assertEquals(verdict(ftrc(0x7fffff80, 0x7f7fffff)).outcome, "deviates");
  assertEquals(verdict(ftrc(0x7fffff81, 0x7f7fffff)).outcome, "failed");
  assertEquals(verdict(ftrc(0x7fffff80, 0x4effffff)).outcome, "equal"); // the largest in range
  assertEquals(verdict(ftrc(0, 0x7fbfffff)).outcome, "deviates");
  assertEquals(verdict(ftrc(1, 0x7fbfffff)).outcome, "failed");
});

Deno.test("a name that is none is refused", () => {
  for (const name of ["", "add.bin", "1111nnnnmmmm100_sz0_pr0.bin", "1111nnnnmmmm1000.bin"]) {
    assertThrows(() => vectorName(name), VectorError, "expected a name such as");
  }
  assertEquals(vectorName("a/1111nnn0mmm00000_sz0_pr1.json.bin").PR, 1);
});

Deno.test("a file cut off anywhere is refused by name and record", () => {
  const record = made(LOAD);
  const two = new Uint8Array(2 * SIZE);
  two.set(record);
  two.set(record, SIZE);
  assertEquals(parseVectors(LOAD.file, two).length, 2);
  for (let length = 0; length < 2 * SIZE; length++) {
    if (length === SIZE) continue;
    assertThrows(
      () => parseVectors(LOAD.file, two.subarray(0, length)),
      VectorError,
      `${LOAD.file}: record ${length < SIZE ? 0 : 1}: expected`,
    );
  }
});

Deno.test("a garbled section is refused with what was expected and found", () => {
  const sections = [
    [0, "the record"],
    [4, "the state before"],
    [4 + WORDS, "the state after"],
    [4 + 2 * WORDS, "the cycles"],
    [4 + 2 * WORDS + CYCLES, "the opcodes"],
  ] as const;
  for (const [at, what] of sections) {
    for (const size of [0, 3, 0xffffffff]) {
      const bytes = made(LOAD);
      new DataView(bytes.buffer).setUint32(at, size, true);
      assertThrows(() => parseVectors(LOAD.file, bytes), VectorError, what);
    }
  }
});
