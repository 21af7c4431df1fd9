/** Cells in Workers: a pool that was ended begins nothing more, and watches nobody. */
import { assert, assertEquals } from "@std/assert";
import { CellPool } from "../../dsl/cell_pool.ts";

/** A Worker that says that it evaluates a module, and never anything more. */
const STUCK = "data:text/javascript,postMessage({ evaluating: 'a' });";

const nap = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

function stuckPool(modulePatienceMs: number) {
  let made = 0, pauses = 0;
  const begun: number[] = [];
  const host = {
    readFile: () => Promise.reject(new Error("no file is read")),
    readProgram: () => new Uint8Array(),
    pause: () => {
      pauses++;
      return nap(1);
    },
    pauseMs: 1,
    modulePatienceMs,
  };
  const make = () => {
    made++;
    return new Worker(STUCK, { type: "module" });
  };
  const orders = ["a", "b", "c"].map((id) => ({ file: "a.ckpt", id, twice: false }));
  const batch = { set: [], trace: "never" } as unknown as ConstructorParameters<typeof CellPool>[3];
  const pool = new CellPool({ make, isIsolated: true, host }, 1, orders, batch, {
    begun: (place) => begun.push(place),
    ended: () => {},
  });
  return { pool, begun, made: () => made, pauses: () => pauses };
}

Deno.test("a Worker that a plugin keeps is replaced, as long as the pool runs", async () => {
  const { pool, begun, made } = stuckPool(5);
  for (const place of [0, 1, 2]) await pool.run(place).catch(() => {});
  pool.end();
  assertEquals(begun, [0, 1, 2]);
  assertEquals(made(), 3);
});

Deno.test("a pool that was ended makes no Worker, begins no cell and watches nobody", async () => {
  const { pool, begun, made, pauses } = stuckPool(50);
  while (pauses() === 0) await nap(1);
  pool.end();
  await nap(5);
  const before = pauses();
  await nap(200);
  assertEquals([begun, made()], [[0], 1]);
  assertEquals(pauses(), before);
  assert(before > 0);
});
