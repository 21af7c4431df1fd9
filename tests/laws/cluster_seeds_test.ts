/** A fixed sample of the worlds of `cluster_seeds.ts`; `deno task seeds` runs all of them. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Protocol } from "../../core/mod.ts";
import { protocols } from "../../plugins/mod.ts";
import {
  addCounts,
  failureOf,
  GUESTS,
  newCounts,
  runSeed,
  type SeedCase,
  type SeedCounts,
} from "./cluster_seeds.ts";

/** It leaves channels open, and has a sample of its own. */
const isOpen = ({ phases }: Protocol): boolean => phases.includes("channels");

/** Runs seeds from 1; what happened, and the failures in words. */
async function run(
  kind: Omit<SeedCase, "seed">,
  count: number,
): Promise<{ readonly counts: SeedCounts; readonly failures: readonly string[] }> {
  const counts = newCounts(), failures: string[] = [];
  for (let seed = 1; seed <= count; seed++) {
    const seedCase = { ...kind, seed };
    const outcome = await runSeed(seedCase);
    addCounts(counts, outcome.counts);
    if (outcome.problems.length > 0) failures.push(failureOf(seedCase, outcome));
  }
  return { counts, failures };
}

for (const guest of GUESTS) {
  Deno.test(`${guest}: whatever crashes, message counting loses and doubles nothing`, async () => {
    const kind = { guest, protocol: "message-counting", order: "any" } as const;
    const { counts, failures } = await run(kind, 50);
    assertEquals(failures.join("\n"), "");
    const { crashes, crashesInCheckpoint, restarts, refused, committed, aborted } = counts;
    assert(crashes >= 50 && restarts >= 35 && committed >= 50, JSON.stringify(counts));
    assert(crashesInCheckpoint >= 5 && aborted >= 5 && refused >= 2, JSON.stringify(counts));
  });

  Deno.test(`${guest}: cls-flush is right on FIFO channels, and caught on others`, async () => {
    const kind = { guest, protocol: "cls-flush" } as const;
    const fit = await run({ ...kind, order: "fifo" }, 25);
    assertEquals(fit.failures.join("\n"), "");
    assert(fit.counts.restarts >= 15, JSON.stringify(fit.counts));
    const { failures } = await run({ ...kind, order: "any" }, 12);
    assert(failures.some((each) => each.includes(": lost [")), failures.join("\n"));
  });
}

for (const { name, requires: { order } } of protocols.filter(isOpen)) {
  for (const guest of GUESTS) {
    Deno.test(`${guest}: whatever crashes, ${name} loses and doubles nothing`, async () => {
      const { counts, failures } = await run({ guest, protocol: name, order }, 20);
      assertEquals(failures.join("\n"), "");
      const { crashesInCheckpoint, restarts, committed } = counts;
      assert(crashesInCheckpoint >= 2 && restarts >= 3 && committed >= 16, JSON.stringify(counts));
    });
  }
}

for (const guest of GUESTS) {
  Deno.test(`${guest}: whatever crashes, koo-toueg goes back to what is newest and permanent`, async () => {
    const { counts, failures } = await run({ guest, protocol: "koo-toueg", order: "any" }, 10);
    assertEquals(failures.join("\n"), "");
    const { crashes, crashesInCheckpoint, restarts, committed } = counts;
    assert(crashesInCheckpoint >= 2 && restarts === crashes, JSON.stringify(counts));
    assert(restarts >= 10 && committed >= 50, JSON.stringify(counts));
  });
}

Deno.test("exits: whatever crashes, spread-out loses and doubles nothing", async () => {
  const kind = { guest: "exits", protocol: "spread-out", order: "any" } as const;
  const { counts, failures } = await run(kind, 30);
  assertEquals(failures.join("\n"), "");
  const { crashesInCheckpoint, restarts, committed } = counts;
  assert(crashesInCheckpoint >= 3 && restarts >= 6 && committed >= 24, JSON.stringify(counts));
});

Deno.test("a seed is one world, and its failure says how to run it again", async () => {
  const seedCase = { guest: "gossip", seed: 2, protocol: "cls-flush", order: "any" } as const;
  const outcome = await runSeed(seedCase);
  assertEquals(await runSeed(seedCase), outcome);
  assertStringIncludes(
    failureOf(seedCase, outcome),
    "deno task seeds --guest gossip --protocol cls-flush --order any --from 2 --count 1",
  );
});

Deno.test("a disk that loses an open local checkpoint is no mistake of the protocol", async () => {
  // Another process of the node crashes: to record what is missing, and to close, comes to nothing.
  for (const [guest, seed] of [["bank", 102_572], ["exits", 100_469]] as const) {
    const seedCase = { guest, seed, protocol: "counting-2", order: "any" } as const;
    const outcome = await runSeed(seedCase);
    assertEquals(outcome.problems, [], failureOf(seedCase, outcome));
    assertEquals(outcome.counts.aborted, 1);
  }
});
