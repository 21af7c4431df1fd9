/**
 * The same script gives the same trace: again, in Workers or without, by whichever engines, and while
 * the host has other things to do.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { inProcess, temporary } from "./command/workshop.ts";

const SCRIPTS = ["02_crash_and_restart", "05_buffer_b", "10_two_programs"];

const pathOf = (script: string): string =>
  new URL(`../scenarios/${script}.ckpt`, import.meta.url).pathname;

/** Processes that send: short enough for who compares the engines step by step. */
const RING = pathOf("11_a_ring");

/** The chapter about a crash, a quarter as long. */
const CRASH: readonly (readonly [was: string, is: string])[] = [
  ["size: 64", "size: 40"],
  ["at 4ms ", "at 1ms "],
  ["at 12ms ", "at 4ms "],
  ['include "lib/', `include "${pathOf("lib/machines").replace("machines.ckpt", "")}`],
];

function shortCrash(folder: string): string {
  let text = Deno.readTextFileSync(pathOf("02_crash_and_restart"));
  for (const [was, is] of CRASH) {
    assert(text.includes(was), was);
    text = text.replace(was, is);
  }
  const path = `${folder}/short_crash.ckpt`;
  Deno.writeTextFileSync(path, text);
  return path;
}

/** Trace hashes of every world of the scripts, in order. */
async function hashes(
  seed: number,
  flags: readonly string[] = [],
  scripts: readonly string[] = SCRIPTS.map(pathOf),
): Promise<string[]> {
  const line = ["run", "--json", "--seed", String(seed), ...flags, ...scripts];
  const { code, out, err } = await inProcess(line);
  assertEquals(code, 0, err);
  return [...out.matchAll(/"traceHash": "([0-9a-f]{16})"/g)].map(([, hash]) => hash as string);
}

Deno.test("a scenario gives the identical trace, whichever engines run it, and wherever", async () => {
  const translated = await hashes(7, ["--jit", "on"]);
  assertEquals(await hashes(7), translated, "it is what is usual");
  for (const workers of ["0", "2"]) {
    const flags = ["--jit", "off", "--workers", workers];
    assertEquals(await hashes(7, flags), translated, flags.join(" "));
  }
  using folder = temporary();
  for (
    const [workers, scripts] of [["0", [RING, shortCrash(folder.path)]], ["2", [RING]]] as const
  ) {
    const usual = await hashes(7, [], scripts);
    assertEquals(usual.length >= 2, true);
    const flags = ["--jit", "verify", "--workers", workers];
    assertEquals(await hashes(7, flags, scripts), usual, flags.join(" "));
  }
});

/** What a burner does until the word it was sent is no longer 0. */
const BURNING = "onmessage = ({ data }) => { while (Atomics.load(data, 0) === 0); };";

/** A Worker that keeps a processor busy until it is told to stop: one in a loop cannot be ended. */
function burner(stop: Int32Array): Worker {
  const source = `data:application/javascript,${encodeURIComponent(BURNING)}`;
  const worker = new Worker(source, { type: "module" });
  worker.postMessage(stop);
  return worker;
}

Deno.test("a scenario run twice gives the identical trace, whatever else the host does", async () => {
  const first = await hashes(7);
  assertEquals(first.length >= 6, true);
  assertEquals(new Set(first).size > 1, true, "a hash that never changes says nothing");
  for (const hash of first) assertMatch(hash, /^[0-9a-f]{16}$/);
  for (const count of ["0", "2"]) assertEquals(await hashes(7, ["--workers", count]), first, count);
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const burners = [burner(stop), burner(stop), burner(stop)];
  try {
    assertEquals(await hashes(7), first);
  } finally {
    Atomics.store(stop, 0, 1);
    for (const worker of burners) worker.terminate();
  }
});
