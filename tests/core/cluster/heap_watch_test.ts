/** A heap that is nearly full is an error with figures, one that is not is none. */
import { assertThrows } from "@std/assert";
import { HeapWatch } from "../../../core/cluster/heap_watch.ts";

const figures = (used: number) => ({ used_heap_size: used, heap_size_limit: 100 * 2 ** 20 });

Deno.test("hardly any memory left is said in time", () => {
  const watch = new HeapWatch();
  watch.look(figures(90 * 2 ** 20));
  assertThrows(() => watch.look(figures(91 * 2 ** 20)), Error, "91 of 100 MiB");
  watch.look();
});
