/**
 * The same script gives the same trace: again, in Workers or without, and while the host has other
 * things to do.
 */
import { assertEquals, assertMatch } from "@std/assert";
import { main } from "../dsl/cli.ts";
import { denoHost } from "../dsl/host.ts";
import { parts } from "../mod.ts";

const SCRIPTS = ["02_crash_and_restart", "05_buffer_b", "10_two_programs"].map((name) =>
  new URL(`../scenarios/${name}.ckpt`, import.meta.url).pathname
);

/** Trace hashes of every world of the scripts, in order. */
async function hashes(seed: number, ...flags: readonly string[]): Promise<string[]> {
  let json = "";
  const host = { ...denoHost(parts), stdout: (text: string) => void (json += text) };
  const line = ["run", "--json", "--seed", String(seed), ...flags, ...SCRIPTS];
  assertEquals(await main(line, host), 0);
  return [...json.matchAll(/"traceHash": "([0-9a-f]{16})"/g)].map(([, hash]) => hash as string);
}

/** A worker that keeps a processor busy until it is ended. */
const burner = () =>
  new Worker(`data:application/javascript,${encodeURIComponent("for (let n = 0;; n++) n *= 3;")}`, {
    type: "module",
  });

Deno.test("a scenario run twice gives the identical trace, whatever else the host does", async () => {
  const first = await hashes(7);
  assertEquals(first.length >= 6, true);
  assertEquals(new Set(first).size > 1, true, "a hash that never changes says nothing");
  for (const hash of first) assertMatch(hash, /^[0-9a-f]{16}$/);
  for (const count of ["0", "2"]) assertEquals(await hashes(7, "--workers", count), first, count);
  const burners = [burner(), burner(), burner()];
  try {
    assertEquals(await hashes(7), first);
  } finally {
    for (const worker of burners) worker.terminate();
  }
});
