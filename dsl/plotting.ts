/**
 * The drawing library, with a document to draw in. It is loaded when there is something to draw, for
 * that takes longer than most commands.
 */
/// <reference lib="dom" />
import type { PlotOptions } from "@observablehq/plot";

/** Signs of series, in their order, so that no chart needs colour to be read. */
export const SYMBOLS = ["circle", "square", "triangle", "diamond", "star", "wye", "cross"] as const;

/** The library and the means to draw. */
export interface Plotting {
  readonly Plot: typeof import("@observablehq/plot");
  /** An SVG as text: the same options give the same bytes. */
  draw(options: PlotOptions): string;
}

/** Loads the library. */
export async function loadPlotting(): Promise<Plotting> {
  const Plot = await import("@observablehq/plot");
  const { parseHTML } = await import("linkedom");
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  return {
    Plot,
    draw: (options) =>
      Plot.plot({ ...options, document: document as unknown as Document }).outerHTML,
  };
}

/** Each of several things once, in the order they come. */
export const unique = <T>(items: readonly T[]): readonly T[] => [...new Set(items)];

/** Without the last digits of a division. */
export const rounded = (value: number): number => Number(value.toPrecision(12));
