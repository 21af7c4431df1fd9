/** `run --shrink`: what a run leaves of a cell that failed is made short at once. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { inProcess, runAlone } from "./workshop.ts";

const SCRIPT = `ckpt 1
scenario "it fails" {
  node a
  node b
  proc p on a runs counter { ticks: 4, turns: 20000 }
  proc q on b runs counter { ticks: 9, turns: 20000 }
  at 100us  note "this is not needed"
  at 200us  crash q
  expect p.exit == CODE
}
`;

/** Runs the script; what is in the folder of its cell. */
const run = (code: number, ...flags: readonly string[]) =>
  runAlone(SCRIPT.replace("CODE", String(code)), flags);

Deno.test("run --shrink: a short script that fails beside the repro.json; the code is the run's", async () => {
  const { code, out, err, folder, cell } = await run(1, "--shrink", "--json");
  using _ = folder;
  assertEquals(code, 1);
  assertEquals(JSON.parse(out).summary.failed, 1);
  assertMatch(err, /shrinking \S+repro\.json\n[^]*shrunk \d+ → \d+ statements in \d+ runs\n/);
  const script = Deno.readTextFileSync(`${cell}/shrunk.ckpt`);
  assert(!script.includes("note") && !script.includes("crash"), script);
  const again = await inProcess(["run", `${cell}/shrunk.ckpt`, "--trace", "never"]);
  assertEquals(again.code, 1, again.out);
});

Deno.test("run --shrink: where all holds there is nothing to do", async () => {
  for (const flags of [[], ["--trace", "always"]]) {
    const { code, err, folder } = await run(0, "--shrink", ...flags);
    using _ = folder;
    assertEquals([code, err.includes("shrink")], [0, false], err);
  }
});

Deno.test("run --shrink: without files about cells it is a mistake", async () => {
  const { code, err, folder } = await run(1, "--shrink", "--trace", "never");
  using _ = folder;
  assertEquals(code, 64);
  assertStringIncludes(err, "--shrink needs the files about cells that failed");
});

Deno.test("run --shrink: a run that was given up is shrunk too, and the code stays", async () => {
  const { code, err, folder } = await run(0, "--shrink", "--max-events", "5");
  using _ = folder;
  assertEquals(code, 2);
  assertMatch(err, /shrunk \d+ → \d+ statements in \d+ runs\n/);
});
