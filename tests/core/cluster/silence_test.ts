/** Whose silence it is: that of a hook, or that of the Worker outside of hooks. */
import { assertEquals } from "@std/assert";
import { Silence } from "../../../core/cluster/silence.ts";

Deno.test("a hook answers for its own time, and not for what was silent before or after it", () => {
  const silence = new Silence(0);
  for (let n = 0; n < 500; n++) silence.slept(false, false, 0);
  assertEquals([silence.quiet, silence.inHook], [500, 0]);
  silence.slept(false, true, 1);
  assertEquals([silence.quiet, silence.inHook], [500, 1]);
  for (let n = 0; n < 9; n++) silence.slept(false, true, 1);
  assertEquals([silence.quiet, silence.inHook], [500, 10]);
  // Another one has begun meanwhile.
  silence.slept(false, true, 3);
  assertEquals([silence.quiet, silence.inHook], [500, 1]);
  silence.slept(false, false, 4);
  assertEquals([silence.quiet, silence.inHook], [501, 0]);
  silence.slept(true, false, 4);
  assertEquals([silence.quiet, silence.inHook], [0, 0]);
});
