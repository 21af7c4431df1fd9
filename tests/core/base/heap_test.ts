/** The heap against a sorted list. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Heap } from "../../../core/base/heap.ts";

Deno.test("a heap gives the least first, whatever comes and goes", () => {
  const steps = fc.array(fc.option(fc.integer({ min: 0, max: 50 }), { nil: "pop" as const }));
  fc.assert(fc.property(steps, (taken) => {
    const heap = new Heap<number>((a, b) => a - b), model: number[] = [];
    for (const step of taken) {
      if (step === "pop") assertEquals(heap.pop(), model.shift());
      else {
        heap.push(step);
        model.push(step);
        model.sort((a, b) => a - b);
      }
      assertEquals([heap.size, heap.peek()], [model.length, model[0]]);
    }
  }));
});
