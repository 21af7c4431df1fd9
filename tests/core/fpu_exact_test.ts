/** The floating-point rows and unit against exact fractions: results, causes, flags and traps. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Fault } from "../../core/machine/exception.ts";
import {
  DOUBLE_SHAPE,
  expected,
  type Operation,
  type Setting,
  type Shape,
  SINGLE_SHAPE,
} from "./float_reference.ts";
import { VectorCpu } from "./vector_cpu.ts";

const PR = 1 << 19;
const DN = 1 << 18;
const CAUSE_FIELD = 0x3f << 12;
const FLAG_FIELD = 0x1f << 2;
const ENABLE_FIELD = 0x1f << 7;

/** Patterns of a format: anything, and often the numbers where rules change. */
function patterns({ exponent, fraction }: Shape): fc.Arbitrary<bigint> {
  const width = BigInt(fraction);
  const most = (1 << exponent) - 1;
  const bias = most >> 1;
  const full = (1n << width) - 1n;
  const biased = fc.oneof(
    fc.integer({ min: 0, max: most }),
    fc.integer({ min: bias - 3, max: bias + 3 }),
    fc.constantFrom(0, 1, 2, bias - fraction, bias + fraction, most - 2, most - 1, most),
    // Around the square roots of the extremes, where products overflow and vanish.
    fc.integer({ min: (bias >> 1) - fraction, max: (bias >> 1) + 2 }),
    fc.integer({ min: bias + (bias >> 1) - 1, max: bias + (bias >> 1) + 2 }),
  );
  const rest = fc.oneof(
    fc.bigInt({ min: 0n, max: full }),
    fc.constantFrom(0n, 1n, full, full - 1n, full >> 1n, (full >> 1n) + 1n),
    fc.integer({ min: 0, max: fraction - 1 }).map((n) => 1n << BigInt(n)),
    fc.integer({ min: 0, max: 255 }).map((n) => BigInt(n) << (width - 8n)),
  );
  return fc.tuple(fc.boolean(), biased, rest).map(([negative, e, f]) =>
    (((negative ? BigInt(most + 1) : 0n) | BigInt(e)) << width) | f
  );
}

/** Operands, the second often the first's neighbour, so that sums cancel. */
function operands(shape: Shape): fc.Arbitrary<readonly bigint[]> {
  const one = patterns(shape);
  const top = BigInt.asUintN(shape.exponent + shape.fraction + 1, -1n);
  const near = fc.tuple(one, one, fc.bigInt({ min: -3n, max: 3n }), fc.boolean()).map(
    ([a, c, step, flip]) => [a, ((flip ? ~a : a) + step) & top, c],
  );
  return fc.oneof(fc.tuple(one, one, one), near);
}

/** The last digit of each instruction's word; the operands are FR or DR 2 and 4, and FR0 for FMAC. */
const WORDS: Readonly<Record<Operation, number>> = {
  add: 0xf240,
  sub: 0xf241,
  mul: 0xf242,
  div: 0xf243,
  sqrt: 0xf26d,
  mac: 0xf24e,
};

/** Which registers hold the operands a, b, c of the reference. */
const PLACES: Readonly<Record<Operation, readonly number[]>> = {
  add: [2, 4],
  sub: [2, 4],
  mul: [2, 4],
  div: [2, 4],
  sqrt: [2],
  mac: [0, 4, 2],
};

const cpu = new VectorCpu();
const isSingle = (shape: Shape): boolean => shape === SINGLE_SHAPE;

function put(n: number, bits: bigint, shape: Shape): void {
  const words = isSingle(shape) ? [bits] : [bits >> 32n, bits & 0xffffffffn];
  words.forEach((word, i) => cpu.setFrBits(n + i, Number(word) | 0));
}

function get(n: number, shape: Shape): bigint {
  const high = BigInt(cpu.frBits(n) >>> 0);
  return isSingle(shape) ? high : (high << 32n) | BigInt(cpu.frBits(n + 1) >>> 0);
}

function runs(word: number): boolean {
  try {
    cpu.runWord(word);
    return true;
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    assertEquals(fault.exception, "fpu");
    return false;
  }
}

function check(operation: Operation, given: readonly bigint[], fpscr: number, setting: Setting) {
  const places = PLACES[operation];
  const used = places.map((place, i) => {
    const bits = given[i] ?? 0n;
    put(place, bits, setting.shape);
    return bits;
  });
  cpu.setFpscr(fpscr);
  cpu.fpu.computeDenormals = setting.emulate;
  const { bits, cause } = expected(operation, used, setting);
  const traps = (cause & ((1 << 17) | ((fpscr & ENABLE_FIELD) << 5))) !== 0;
  const before = get(2, setting.shape);
  const ran = runs(WORDS[operation]);
  const result = get(2, setting.shape);
  assertEquals(
    { ran, result: result.toString(16), fpscr: cpu.fpscr() },
    {
      ran: !traps,
      result: (traps ? before : bits).toString(16),
      fpscr: (fpscr & ~CAUSE_FIELD) | cause | ((cause >> 10) & FLAG_FIELD),
    },
  );
}

const CASES: readonly [Operation, Shape][] = [
  ...(["add", "sub", "mul", "div", "sqrt", "mac"] as const).map((operation) =>
    [operation, SINGLE_SHAPE] as [Operation, Shape]
  ),
  ...(["add", "sub", "mul", "div", "sqrt"] as const).map((operation) =>
    [operation, DOUBLE_SHAPE] as [Operation, Shape]
  ),
];

/** FPSCR: rounding mode, flags, seldom enables, and a cause field that must go. */
const statuses = fc.tuple(
  fc.constantFrom(0, 1),
  fc.integer({ min: 0, max: 0x1f }),
  fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, {
    weight: 1,
    arbitrary: fc.integer({ min: 0, max: 0x1f }),
  }),
  fc.integer({ min: 0, max: 0x3f }),
  fc.boolean(),
).map(([rm, flags, enables, cause, dn]) =>
  rm | (flags << 2) | (enables << 7) | (cause << 12) | (dn ? DN : 0)
);

for (const [operation, shape] of CASES) {
  const precision = isSingle(shape) ? "single" : "double";
  Deno.test(`${operation} in ${precision} precision is exact in result, cause and flags`, () => {
    fc.assert(
      fc.property(operands(shape), statuses, fc.boolean(), (given, status, emulate) => {
        check(operation, given, status | (isSingle(shape) ? 0 : PR), {
          shape,
          toZero: (status & 3) === 1,
          flush: (status & DN) !== 0,
          emulate,
        });
      }),
      { numRuns: 3000 },
    );
  });
}

Deno.test("reserved rounding modes round to nearest", () => {
  for (const rm of [2, 3]) {
    cpu.setFpscr(rm);
    cpu.fpu.computeDenormals = false;
    put(2, 0x3f800000n, SINGLE_SHAPE);
    put(4, 0x33c00000n, SINGLE_SHAPE); // three quarters of the last place of 1
    runs(WORDS.add);
    assertEquals(get(2, SINGLE_SHAPE), 0x3f800001n);
  }
});
