/** Units: which a script may write, what they measure, and how figures are printed. */
import type { MetricUnit, Quantity } from "../core/mod.ts";
import * as rationals from "./rational.ts";
import type { Rational } from "./rational.ts";
import { nearest } from "./suggest.ts";

/** What a number measures, as exponents. Values are kept in ns, bytes and cycles. */
export interface Dimension {
  readonly time: number;
  readonly bytes: number;
  readonly cycles: number;
}

/** A measured number. `percent` remembers that it was written with %, for printing and `within`. */
export interface Measure {
  readonly value: Rational;
  readonly dimension: Dimension;
  readonly percent: boolean;
}

const dimension = (time: number, bytes: number, cycles: number): Dimension => ({
  time,
  bytes,
  cycles,
});

export const PLAIN = dimension(0, 0, 0);
export const TIME = dimension(1, 0, 0);
const BYTES = dimension(0, 1, 0);
const CYCLES = dimension(0, 0, 1);
/** Hz is cycles a second, so that `4096cycles / 200MHz` is a time. */
const FREQUENCY = dimension(-1, 0, 1);
const RATE = dimension(-1, 0, 0);
const BANDWIDTH = dimension(-1, 1, 0);

/** One unit of the language. */
export interface Unit {
  readonly symbol: string;
  readonly dimension: Dimension;
  /** How many base units (ns, bytes, cycles) one of it is. */
  readonly factor: Rational;
  readonly help: string;
}

const unit = (
  symbol: string,
  measures: Dimension,
  factor: bigint,
  help: string,
  below = 1n,
): Unit => ({ symbol, dimension: measures, factor: rationals.rational(factor, below), help });

const SECOND = 1_000_000_000n;

/** Every unit a number may carry. */
export const UNITS: readonly Unit[] = [
  unit("ns", TIME, 1n, "a nanosecond"),
  unit("us", TIME, 1_000n, "a microsecond"),
  unit("ms", TIME, 1_000_000n, "a millisecond"),
  unit("s", TIME, SECOND, "a second"),
  unit("min", TIME, 60n * SECOND, "a minute"),
  unit("B", BYTES, 1n, "a byte"),
  unit("KiB", BYTES, 1n << 10n, "1024 bytes"),
  unit("MiB", BYTES, 1n << 20n, "1024 KiB"),
  unit("GiB", BYTES, 1n << 30n, "1024 MiB"),
  unit("kB", BYTES, 1_000n, "1000 bytes"),
  unit("MB", BYTES, 1_000_000n, "1000 kB"),
  unit("GB", BYTES, 1_000_000_000n, "1000 MB"),
  unit("Hz", FREQUENCY, 1n, "a cycle a second", SECOND),
  unit("kHz", FREQUENCY, 1_000n, "1000 Hz", SECOND),
  unit("MHz", FREQUENCY, 1_000_000n, "1000 kHz", SECOND),
  unit("GHz", FREQUENCY, 1_000_000_000n, "1000 MHz", SECOND),
  unit("cycles", CYCLES, 1n, "cycles of a node's clock"),
];

const BY_SYMBOL: ReadonlyMap<string, Unit> = new Map(UNITS.map((row) => [row.symbol, row]));

/** How each quantity of an option or metric is written, and its engine unit in base units. */
const QUANTITIES: Readonly<
  Record<Quantity, { accepts: readonly Dimension[]; scale: bigint; whole: boolean }>
> = {
  count: { accepts: [PLAIN], scale: 1n, whole: true },
  ratio: { accepts: [PLAIN], scale: 1n, whole: false },
  cycles: { accepts: [CYCLES, PLAIN], scale: 1n, whole: true },
  time: { accepts: [TIME], scale: 1n, whole: true },
  bytes: { accepts: [BYTES], scale: 1n, whole: true },
  frequency: { accepts: [FREQUENCY, RATE], scale: SECOND, whole: false },
  bandwidth: { accepts: [BANDWIDTH], scale: SECOND, whole: false },
};

/** How a quantity is written, for messages. */
export const WRITTEN: Readonly<Record<Quantity, string>> = {
  count: "a plain number",
  ratio: "a ratio such as 50%",
  cycles: "cycles such as 100cycles",
  time: "a time such as 20ms",
  bytes: "a size such as 4KiB",
  frequency: "a frequency such as 200MHz",
  bandwidth: "a bandwidth such as 20MB/s",
};

export const sameDimension = (a: Dimension, b: Dimension): boolean =>
  a.time === b.time && a.bytes === b.bytes && a.cycles === b.cycles;

/** The dimension of a product, or of a quotient with `sign` -1. */
export const combined = (a: Dimension, b: Dimension, sign: 1 | -1): Dimension =>
  dimension(a.time + sign * b.time, a.bytes + sign * b.bytes, a.cycles + sign * b.cycles);

/** What a dimension is called in messages. */
export function dimensionName(of: Dimension): string {
  const known: readonly (readonly [Dimension, string])[] = [
    [PLAIN, "a plain number"],
    [TIME, "a time"],
    [BYTES, "a size"],
    [CYCLES, "cycles"],
    [FREQUENCY, "a frequency"],
    [RATE, "a rate"],
    [BANDWIDTH, "a bandwidth"],
  ];
  const found = known.find(([candidate]) => sameDimension(candidate, of));
  if (found !== undefined) return found[1];
  const factors = (["time", "bytes", "cycles"] as const)
    .filter((base) => of[base] !== 0)
    .map((base) => of[base] === 1 ? base : `${base}^${of[base]}`);
  return factors.join("*");
}

/** Reads a number literal: `20ms`, `4KiB`, `8MB/s`, `2/ms`, `21.4%`, `0x1f`. */
export function readMeasure(text: string): Measure | { problem: string; suggestion?: string } {
  if (/^0[xX]/.test(text)) {
    const digits = text.slice(2).replaceAll("_", "");
    if (!/^[0-9a-fA-F]+$/.test(digits)) return { problem: `'${text}' is no hexadecimal number` };
    return plain(rationals.rational(BigInt("0x" + digits)));
  }
  const match = /^(\d[\d_]*(?:\.\d+)?)(.*)$/.exec(text);
  const [, digits = "0", symbol = ""] = match ?? [];
  if (digits.length > 300) return { problem: "a number with more than 300 digits" };
  const value = rationals.fromDecimal(digits);
  if (symbol === "") return plain(value);
  if (symbol === "%") return { ...plain(rationals.divide(value, HUNDRED)), percent: true };
  const [over = "", under] = symbol.split("/");
  let measured = plain(value);
  for (const [part, sign] of [[over, 1], [under, -1]] as const) {
    if (part === undefined || part === "") continue;
    const row = BY_SYMBOL.get(part);
    if (row === undefined) return unknownUnit(text, part);
    measured = {
      value: sign === 1
        ? rationals.multiply(measured.value, row.factor)
        : rationals.divide(measured.value, row.factor),
      dimension: combined(measured.dimension, row.dimension, sign),
      percent: false,
    };
  }
  return measured;
}

const HUNDRED = rationals.rational(100n);
const plain = (value: Rational): Measure => ({ value, dimension: PLAIN, percent: false });

function unknownUnit(text: string, symbol: string): { problem: string; suggestion?: string } {
  const problem = `unknown unit '${symbol}' in '${text}'`;
  const exact = UNITS.find((row) => row.symbol.toLowerCase() === symbol.toLowerCase())?.symbol;
  const suggestion = exact ?? nearest(symbol, BY_SYMBOL.keys());
  return suggestion === undefined ? { problem } : { problem, suggestion };
}

/** A script's number as the engine's plain number, or what is wrong with it. */
export function toEngine(given: Measure, quantity: Quantity): number | { problem: string } {
  const row = QUANTITIES[quantity];
  if (!row.accepts.some((accepted) => sameDimension(accepted, given.dimension))) {
    return { problem: `expected ${WRITTEN[quantity]} but found ${dimensionName(given.dimension)}` };
  }
  if (given.percent && quantity !== "ratio") {
    return { problem: `expected ${WRITTEN[quantity]} but found a percentage` };
  }
  const scaled = rationals.multiply(given.value, rationals.rational(row.scale));
  if (row.whole && !rationals.isWhole(scaled)) {
    return { problem: `expected ${BASE[quantity]} but found ${format(given)}` };
  }
  const value = rationals.toNumber(scaled);
  if (row.whole && !Number.isSafeInteger(value)) {
    return { problem: `${format(given)} is beyond what the lab can count` };
  }
  return value;
}

const BASE: Readonly<Record<Quantity, string>> = {
  count: "a whole number",
  ratio: "a whole number",
  cycles: "whole cycles",
  time: "whole nanoseconds",
  bytes: "whole bytes",
  frequency: "whole Hz",
  bandwidth: "whole bytes a second",
};

/** True when a metric of this unit is a number. */
export const isQuantity = (name: MetricUnit): name is Quantity => Object.hasOwn(QUANTITIES, name);

/** The dimension of a quantity's values. */
export const dimensionOf = (quantity: Quantity): Dimension =>
  QUANTITIES[quantity].accepts[0] ?? PLAIN;

/** The engine's plain number as a script's number. */
export function fromEngine(value: number, quantity: Quantity): Measure {
  const scale = rationals.rational(QUANTITIES[quantity].scale);
  return {
    value: rationals.divide(rationals.fromNumber(value), scale),
    dimension: dimensionOf(quantity),
    percent: quantity === "ratio",
  };
}

/**
 * A number with the unit in which it reads best.
 *
 * @example
 * ```ts
 * import { formatNs } from "./units.ts";
 * if (formatNs(15_200_000) !== "15.2ms") throw new Error("unreachable");
 * ```
 */
export function format(given: Measure): string {
  const { value, dimension: of } = given;
  if (given.percent && sameDimension(of, PLAIN)) {
    return rationals.toDecimal(rationals.multiply(value, HUNDRED)) + "%";
  }
  if (sameDimension(of, PLAIN)) return rationals.toDecimal(value);
  if (sameDimension(of, CYCLES)) return rationals.toDecimal(value) + "cycles";
  if (sameDimension(of, TIME)) return scaled(value, ["ns", "us", "ms", "s"]);
  if (sameDimension(of, BYTES)) return scaled(value, ["B", "KiB", "MiB", "GiB"], true);
  if (sameDimension(of, FREQUENCY)) return scaled(value, ["Hz", "kHz", "MHz", "GHz"]);
  const perSecond = rationals.multiply(value, rationals.rational(SECOND));
  if (sameDimension(of, BANDWIDTH)) return scaled(perSecond, ["B", "kB", "MB", "GB"]) + "/s";
  if (sameDimension(of, RATE)) return rationals.toDecimal(perSecond) + "/s";
  return `${rationals.toDecimal(value)} (${dimensionName(of)})`;
}

/** In the largest unit that leaves at least 1; `neat` wants few digits besides. */
function scaled(value: Rational, symbols: readonly string[], neat = false): string {
  let best = symbols[0] ?? "";
  for (const symbol of symbols) {
    const factor = BY_SYMBOL.get(symbol)?.factor ?? rationals.ONE;
    if (rationals.compare(rationals.absolute(value), factor) < 0) continue;
    if (!neat || isNeat(rationals.divide(value, factor))) best = symbol;
  }
  const factor = BY_SYMBOL.get(best)?.factor ?? rationals.ONE;
  return rationals.toDecimal(rationals.divide(value, factor)) + best;
}

/** A whole number, or one with a single decimal that is not long. */
function isNeat(value: Rational): boolean {
  if (rationals.isWhole(value)) return true;
  const isShort = rationals.compare(rationals.absolute(value), rationals.rational(1024n)) < 0;
  return isShort && rationals.isWhole(rationals.multiply(value, rationals.rational(10n)));
}

/** A time in ns as people read it. */
export const formatNs = (ns: number): string => format(fromEngine(ns, "time"));
