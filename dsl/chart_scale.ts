/** In which unit figures of a chart are shown, and what an axis is called. */
import { type Dimension, dimensionName, PLAIN, sameDimension, UNITS } from "./units.ts";

/** How figures in base units become those on an axis. */
export interface Shown {
  /** Empty for plain numbers. */
  readonly unit: string;
  /** Base units in one of it. */
  readonly factor: number;
}

/** Units an axis may have, by what they measure; minutes and kB would only be a second choice. */
const SHOWN_UNITS = ["ns", "us", "ms", "s", "B", "KiB", "MiB", "GiB", "Hz", "kHz", "MHz", "GHz"];

const ofSymbol = (symbol: string): number => {
  const factor = UNITS.find((each) => each.symbol === symbol)?.factor;
  return factor === undefined ? 1 : Number(factor.top) / Number(factor.bottom);
};

const BYTES_A_SECOND: Dimension = { time: -1, bytes: 1, cycles: 0 };

/** The unit in which the largest figure reads best. */
export function shownIn(dimension: Dimension, percent: boolean, largest: number): Shown {
  if (sameDimension(dimension, PLAIN)) {
    return percent ? { unit: "%", factor: 0.01 } : { unit: "", factor: 1 };
  }
  const candidates: readonly Shown[] = sameDimension(dimension, BYTES_A_SECOND)
    ? ["B", "kB", "MB", "GB"].map((symbol) => ({
      unit: `${symbol}/s`,
      factor: ofSymbol(symbol) / ofSymbol("s"),
    }))
    : UNITS.filter((row) =>
      SHOWN_UNITS.includes(row.symbol) && sameDimension(row.dimension, dimension)
    ).map(({ symbol }) => ({ unit: symbol, factor: ofSymbol(symbol) }));
  const fitting = candidates.findLast(({ factor }) => factor <= largest) ?? candidates[0];
  return fitting ?? { unit: dimensionName(dimension), factor: 1 };
}

/** A name with its unit: `g.sync_time (ms)`. */
export const axisLabel = (name: string, { unit }: Shown): string =>
  unit === "" ? name : `${name} (${unit === "us" ? "µs" : unit})`;

const BASES: Readonly<Record<string, "time" | "bytes" | "cycles">> = {
  ns: "time",
  bytes: "bytes",
  cycles: "cycles",
};

/** The unit in which figures in a base unit, as of a claim, are drawn. */
export function unitFor(unit: string | undefined, percent: boolean, largest: number): Shown {
  if (unit === undefined || unit === "") return shownIn(PLAIN, percent, largest);
  const base = BASES[unit];
  return base === undefined
    ? { unit, factor: 1 }
    : shownIn({ ...PLAIN, [base]: 1 }, false, largest);
}
