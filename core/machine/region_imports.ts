/**
 * The functions a translated function calls, by their indices, and what its module imports: the
 * short ways, the evaluator's unit, its pages' places.
 */
import type { Region } from "./region.ts";
import { SHORT_WAYS } from "./short_ways.ts";
import { TYPE } from "./wasm_code.ts";
import type { Import } from "./wasm_module.ts";

const { i32, f64 } = TYPE;

/** Indices of functions: imported ones, behind them the region's own. */
export const CALLS = {
  fetch: 0,
  enter: 1,
  /** (kind, a, b): computes an operation again, for its cause field. */
  settle: 2,
  /** (value): writes FPSCR, banks and all. */
  fpscr: 3,
  /** (address, place in memory, bytes): a store is about to happen, and somebody wants to know. */
  store: 4,
  /** The region itself. */
  run: 5,
  /** The refills, in the order of `REFILLS`. */
  read: 6,
  write: 7,
} as const;

/** The imports of a region. Global `n` is what to add to addresses of its page `n`. */
export function importsOf({ pages }: Region): Import[] {
  const others = { settle: [i32, f64, f64], fpscr: [i32], store: [i32, i32, i32] };
  return [
    ...Object.entries(SHORT_WAYS).map(([name, signature]) =>
      ({ name, kind: "function", signature }) as const
    ),
    ...Object.entries(others).map(([name, parameters]) =>
      ({ name, kind: "function", signature: { parameters, results: [] } }) as const
    ),
    ...pages.map((_, n) => ({ name: `page${n}`, kind: "global", type: i32 }) as const),
  ];
}
