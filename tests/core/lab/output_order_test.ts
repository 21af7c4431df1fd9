/** What ranks write comes in one order, in whatever portions it is told. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { OutputOrder, type Written } from "../../../core/lab/output_order.ts";

/** What some ranks write: each in its own order of time. */
const writings = fc.array(fc.record({ rank: fc.nat(3), at: fc.nat(20) }), { maxLength: 30 })
  .map((all) =>
    all.toSorted((a, b) => a.at - b.at).map(({ rank, at }, index): Written => ({
      rank,
      at,
      stream: "output",
      bytes: Uint8Array.of(index),
    }))
  );

/** What comes out when ranks are heard one after the other, up to each of these times. */
function shown(all: readonly Written[], times: readonly number[]): readonly number[] {
  const out: number[] = [];
  const order = new OutputOrder(({ bytes }) => void out.push(...bytes));
  let before = 0;
  for (const time of [...times.toSorted((a, b) => a - b), Infinity]) {
    const due = all.filter(({ at }) => at >= before && at < time);
    for (const each of due.toSorted((a, b) => b.rank - a.rank)) order.add(each);
    order.flush(time);
    before = time;
  }
  return out;
}

Deno.test("output comes by time, then rank, then as it was written", () => {
  fc.assert(fc.property(writings, fc.array(fc.nat(20)), (all, times) => {
    const expected = all.toSorted((a, b) => a.at - b.at || a.rank - b.rank)
      .map(({ bytes }) => bytes[0] ?? -1);
    assertEquals(shown(all, times), expected);
  }));
});

Deno.test("what was written at the time of a flush or after it waits", () => {
  const out: number[] = [];
  const order = new OutputOrder(({ at }) => void out.push(at));
  for (const at of [5, 7, 6]) order.add({ rank: 0, stream: "output", bytes: Uint8Array.of(1), at });
  order.flush(6);
  assertEquals(out, [5]);
  order.flush(8);
  assertEquals(out, [5, 6, 7]);
});
