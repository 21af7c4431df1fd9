/** What a translated function imports: the short ways, the evaluator's unit, its pages' places. */
import type { Region } from "./region.ts";
import { SHORT_WAYS } from "./short_ways.ts";
import { TYPE } from "./wasm_code.ts";
import type { Import } from "./wasm_module.ts";

const { i32, f64 } = TYPE;

/** Indices of the imported functions. */
export const CALLS = {
  read: 0,
  write: 1,
  fetch: 2,
  enter: 3,
  /** (kind, a, b): computes an operation again, for its cause field. */
  settle: 4,
  /** (value): writes FPSCR, banks and all. */
  fpscr: 5,
  /** (address, place in memory, bytes): a store is about to happen. */
  store: 6,
} as const;

/** The imports of a region. Global `n` is what to add to addresses of its page `n`. */
export function importsOf({ pages }: Region, notesStores: boolean): Import[] {
  const stores: Import = {
    name: "store",
    kind: "function",
    signature: { parameters: [i32, i32, i32], results: [] },
  };
  return [
    ...Object.entries(SHORT_WAYS).map(([name, signature]) =>
      ({ name, kind: "function", signature }) as const
    ),
    { name: "settle", kind: "function", signature: { parameters: [i32, f64, f64], results: [] } },
    { name: "fpscr", kind: "function", signature: { parameters: [i32], results: [] } },
    ...pages.map((_, n) => ({ name: `page${n}`, kind: "global", type: i32 }) as const),
    ...notesStores ? [stores] : [],
  ];
}
