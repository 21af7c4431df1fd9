import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import * as rationals from "../../dsl/rational.ts";
import {
  format,
  formatNs,
  fromEngine,
  PLAIN,
  readMeasure,
  TIME,
  toEngine,
  UNITS,
} from "../../dsl/units.ts";

const fraction = fc.tuple(fc.bigInt({ min: -9999n, max: 9999n }), fc.bigInt({ min: 1n, max: 999n }))
  .map(([top, bottom]) => rationals.rational(top, bottom));
const equal = (a: rationals.Rational, b: rationals.Rational) => rationals.compare(a, b) === 0;

Deno.test("fractions obey the laws of a field", () => {
  fc.assert(fc.property(fraction, fraction, fraction, (a, b, c) => {
    assert(equal(rationals.add(a, b), rationals.add(b, a)));
    assert(equal(
      rationals.multiply(a, rationals.add(b, c)),
      rationals.add(rationals.multiply(a, b), rationals.multiply(a, c)),
    ));
    assert(equal(rationals.subtract(rationals.add(a, b), b), a));
    if (b.top !== 0n) assert(equal(rationals.divide(rationals.multiply(a, b), b), a));
    assertEquals(Math.sign(rationals.compare(a, b)), -Math.sign(rationals.compare(b, a)));
  }));
});

Deno.test("a float becomes exactly itself and comes back", () => {
  fc.assert(fc.property(fc.integer(), (n) => {
    assertEquals(rationals.toNumber(rationals.fromNumber(n)), n === 0 ? 0 : n);
  }));
  fc.assert(fc.property(fc.integer({ min: -1_000_000, max: 1_000_000 }), (n) => {
    const value = n / 64;
    assertEquals(rationals.toNumber(rationals.fromNumber(value)), value === 0 ? 0 : value);
  }));
  // As written: one tenth, not the binary fraction next to it.
  assert(equal(rationals.fromNumber(0.1), rationals.rational(1n, 10n)));
  assert(equal(rationals.fromNumber(-2.5e-7), rationals.rational(-1n, 4_000_000n)));
  assert(equal(rationals.fromNumber(1.5e21), rationals.rational(15n * 10n ** 20n)));
  fc.assert(fc.property(fc.double({ noNaN: true, min: -1e15, max: 1e15 }), (n) => {
    assertEquals(rationals.toNumber(rationals.fromNumber(n)), n === 0 ? 0 : n);
  }));
});

Deno.test("a number that grows without end is refused", () => {
  const huge = rationals.rational(1n << 2000n);
  assertThrows(() => rationals.multiply(huge, huge), rationals.NumberTooLarge);
  assertThrows(() => rationals.rational(1n, 0n), RangeError);
});

const READ: readonly (readonly [string, string])[] = [
  ["20ms", "20ms"],
  ["0.5s", "500ms"],
  ["1500ns", "1.5us"],
  ["90min", "5400s"],
  ["4KiB", "4KiB"],
  ["4096B", "4KiB"],
  ["5000B", "5000B"],
  ["1536KiB", "1.5MiB"],
  ["1GB", "1000000000B"],
  ["16000B", "16000B"],
  ["200MHz", "200MHz"],
  ["1.2GHz", "1.2GHz"],
  ["20MB/s", "20MB/s"],
  ["1B/ns", "1GB/s"],
  ["2/ms", "2000/s"],
  ["21.4%", "21.4%"],
  ["100%", "100%"],
  ["300cycles", "300cycles"],
  ["1_000", "1000"],
  ["0xFF", "255"],
];

for (const [text, wanted] of READ) {
  Deno.test(`${text} is printed as ${wanted}`, () => {
    const read = readMeasure(text);
    assert(!("problem" in read));
    assertEquals(format(read), wanted);
  });
}

Deno.test("wrong units are answered with the nearest one", () => {
  const suggestion = (text: string) => {
    const read = readMeasure(text);
    return "problem" in read ? read.suggestion : "none needed";
  };
  assertEquals(suggestion("20sm"), "ms");
  assertEquals(suggestion("4kib"), "KiB");
  assertEquals(suggestion("4mb/s"), "MB");
  assertEquals(suggestion("200mhz"), "MHz");
  assertEquals(suggestion("0xq"), undefined);
});

Deno.test("every unit reads back what it prints", () => {
  for (const { symbol, factor, dimension } of UNITS) {
    const printed = format({ value: factor, dimension, percent: false });
    const read = readMeasure(printed);
    assert(!("problem" in read), printed);
    assertEquals(read.value, factor);
    assertEquals(read.dimension, dimension, symbol);
  }
});

Deno.test("times of any length print and read back exactly", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 52 }), (ns) => {
    const read = readMeasure(formatNs(ns));
    assert(!("problem" in read));
    assertEquals(toEngine(read, "time"), ns);
  }));
});

Deno.test("the engine gets plain numbers in its own units, or a problem", () => {
  const engine = (text: string, quantity: Parameters<typeof toEngine>[1]) => {
    const read = readMeasure(text);
    assert(!("problem" in read));
    const value = toEngine(read, quantity);
    return typeof value === "number" ? value : "problem";
  };
  assertEquals(engine("200MHz", "frequency"), 200_000_000);
  assertEquals(engine("2/ms", "frequency"), 2_000);
  assertEquals(engine("20MB/s", "bandwidth"), 20_000_000);
  assertEquals(engine("4MiB", "bytes"), 4 * 2 ** 20);
  assertEquals(engine("20ms", "time"), 20_000_000);
  assertEquals(engine("50%", "ratio"), 0.5);
  assertEquals(engine("100", "cycles"), 100);
  assertEquals(engine("100cycles", "cycles"), 100);
  assertEquals(engine("100cycles", "count"), "problem");
  assertEquals(engine("0.5ns", "time"), "problem");
  assertEquals(engine("1.5B", "bytes"), "problem");
  assertEquals(engine("50%", "count"), "problem");
  assertEquals(engine("20ms", "bytes"), "problem");
  assertEquals(engine("99999999999999999999", "count"), "problem");
});

Deno.test("metrics come back with their units", () => {
  assertEquals(format(fromEngine(15_200_000, "time")), "15.2ms");
  assertEquals(format(fromEngine(0.5, "ratio")), "50%");
  assertEquals(format(fromEngine(1 / 3, "ratio")), "≈33.3333%");
  assertEquals(format(fromEngine(200e6, "frequency")), "200MHz");
  assertEquals(format({ value: rationals.ZERO, dimension: TIME, percent: false }), "0ns");
  assertEquals(
    format({ value: rationals.rational(-3n, 2n), dimension: PLAIN, percent: false }),
    "-1.5",
  );
});
