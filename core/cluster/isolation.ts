/** How the processes of a world are put into Workers. It changes speed, never the trace. */

/** A Worker for each process, for each node, or a number of Workers for all. */
export type Isolation =
  | { readonly kind: "process" }
  | { readonly kind: "node" }
  | { readonly kind: "pool"; readonly count: number };

/** How processes are housed when nobody says: each by itself, unless they are many. */
export const usualIsolation = (count: number): Isolation =>
  count <= 16 ? { kind: "process" } : { kind: "pool", count: 4 };
