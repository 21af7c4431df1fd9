/** Times as a script writes them: exactly, and rounded to what a reader remembers. */

const UNITS = [["s", 1_000_000_000], ["ms", 1_000_000], ["us", 1_000]] as const;

/**
 * A whole number of ns, exactly.
 *
 * @example
 * ```ts
 * import { timeText } from "./times.ts";
 * const texts = [0, 1_500_000, 12_345_678, 999].map(timeText).join(" ");
 * if (texts !== "0ns 1.5ms 12.345678ms 999ns") throw new Error(texts);
 * ```
 */
export function timeText(ns: number): string {
  const [symbol, factor] = UNITS.find(([, one]) => ns >= one) ?? ["ns", 1];
  const digits = Math.round(Math.log10(factor));
  const padded = String(ns).padStart(digits + 1, "0");
  const fraction = padded.slice(padded.length - digits).replace(/0+$/, "");
  const whole = digits === 0 ? padded : padded.slice(0, -digits);
  return `${whole}${digits === 0 || fraction === "" ? "" : `.${fraction}`}${symbol}`;
}

/**
 * The time with so many digits that say something, at least 1 ns.
 *
 * @example
 * ```ts
 * import { rounded } from "./times.ts";
 * if (rounded(12_345_678, 2) !== 12_000_000) throw new Error("unreachable");
 * ```
 */
export function rounded(ns: number, digits: number): number {
  if (ns <= 0) return ns;
  const step = 10 ** Math.max(0, Math.floor(Math.log10(ns)) + 1 - digits);
  return Math.max(1, Math.round(ns / step)) * step;
}
