/** Scales that charts of cells share. */
import { xMeasure } from "../../chart_points.ts";
import { type Shown, shownIn } from "../../chart_scale.ts";
import { SYMBOLS, unique } from "../../plotting.ts";
import { sameDimension } from "../../units.ts";
import { seriesColour } from "./figure.ts";

/** The scale of an axis whose every value is a number of the same kind. */
export function scaleOf(texts: readonly string[]): Shown | undefined {
  const measures = texts.map(xMeasure);
  const [first] = measures;
  if (first === undefined || unique(texts).length < 2) return undefined;
  const alike = measures.every((each) => each && sameDimension(each.dimension, first.dimension));
  const largest = Math.max(...measures.map((each) => Math.abs(each?.value ?? 0)));
  return alike ? shownIn(first.dimension, false, largest) : undefined;
}

/** Colours and signs of series, in their order. */
export const scalesOf = (names: readonly string[]) => ({
  color: { type: "ordinal", domain: names, range: names.map((_, i) => seriesColour(i)) },
  symbol: { domain: names, range: names.map((_, i) => SYMBOLS[i] ?? "circle") },
});
