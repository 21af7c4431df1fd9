/** What one thread has translated, another one need not. */
import { assert, assertEquals } from "@std/assert";
import { EXCHANGE } from "../../../core/cluster/translation_exchange.ts";
import type { TranslatorCounts } from "../../../core/machine/translator.ts";
import { hotLoop } from "./workers/hot_loop.ts";

Deno.test("exchange: a Worker that hears of nothing finds what others have compiled", async () => {
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const { port, leave } = EXCHANGE.join();
  const worker = new Worker(new URL("./workers/translates.ts", import.meta.url), {
    type: "module",
  });
  try {
    worker.postMessage({ port, flag }, [port]);
    const here = hotLoop().translated; // after the Worker has joined, before it needs it
    assert(here !== undefined && here.translations > 0);
    const answer = new Promise<TranslatorCounts>((resolve) =>
      worker.onmessage = ({ data }) => resolve(data)
    );
    Atomics.store(flag, 0, 1);
    Atomics.notify(flag, 0);
    const there = await answer;
    assertEquals([there.translations, there.shared], [0, here.translations]);
    assert(there.instructions > 0);
    assertEquals(hotLoop().translated?.translations, 0, "nor does another machine of this thread");
  } finally {
    worker.terminate();
    leave();
  }
});

Deno.test("exchange: who comes later gets what there was", async () => {
  hotLoop();
  const flag = new Int32Array(new SharedArrayBuffer(4));
  flag[0] = 1; // it need not wait
  const { port, leave } = EXCHANGE.join();
  const worker = new Worker(new URL("./workers/translates.ts", import.meta.url), {
    type: "module",
  });
  try {
    const answer = new Promise<TranslatorCounts>((resolve) =>
      worker.onmessage = ({ data }) => resolve(data)
    );
    worker.postMessage({ port, flag }, [port]);
    const { translations, shared } = await answer;
    assertEquals([translations, shared > 0], [0, true]);
  } finally {
    worker.terminate();
    leave();
  }
});
