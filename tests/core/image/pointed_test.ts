/** What a strategy is told of the place a program is at: the pages its registers point into at t0. */
import { assert, assertEquals } from "@std/assert";
import { type CapturePage, type Checkpointer, checkpointer } from "../../../core/mod.ts";
import { stopTheWorld } from "../../../plugins/checkpointers/stop_the_world.ts";
import { startGuest } from "./torn.ts";

const still = stopTheWorld as unknown as Checkpointer;

Deno.test("pointed: the pages of the list that registers point into, once for each that does", () => {
  const seen: (readonly CapturePage[])[] = [];
  let pages: readonly CapturePage[] = [];
  const curious = checkpointer({
    name: "curious",
    help: "Looks at what is pointed at, before t0 and after it.",
    options: {},
    controlMessages: () => 0,
    *capture(view) {
      for (const step of still.capture(view, { buffered: true } as never)) {
        seen.push(view.pointed);
        yield step;
      }
      pages = view.pages;
      seen.push(view.pointed);
    },
  });
  const run = startGuest("fft", ["4096"], 1);
  run.runTo(1_000_000);
  const { image: { manifest } } = run.checkpoint(curious, {});
  assertEquals(seen[0], [], "nothing before t0");
  const values = manifest.process.threads.flatMap(({ registers }) => [...registers.r]);
  const expected = values.map((value) => value >>> 12).flatMap((vpn) =>
    pages.filter((page) => page.vpn === vpn)
  );
  const found = seen.at(-1) ?? [];
  assertEquals(found.map(({ vpn }) => vpn), expected.map(({ vpn }) => vpn));
  assert(found.every((page) => pages.includes(page)), "the capture's own pages");
  assert(found.length > new Set(found).size, "several registers point into one page");
  assert(found.some(({ vpn }) => vpn === (values[15] as number) >>> 12), "the stack is one");
});
