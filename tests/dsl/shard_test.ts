import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { UsageError } from "../../dsl/flags.ts";
import { costKey, costsText, deal, readCosts, readShard } from "../../dsl/shard.ts";

const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { maxLength: 60 })
  .map((names) => names.map((name) => `a.ckpt#${name}@1`));

Deno.test("every cell is in exactly one shard, in its order, with a plan or without", () => {
  fc.assert(fc.property(
    ids,
    fc.integer({ min: 1, max: 9 }),
    fc.option(fc.array(fc.nat(1000), { minLength: 1, maxLength: 60 })),
    (all, count, figures) => {
      const costs = figures === null ? undefined : Object.fromEntries(
        figures.flatMap((cost, i) => all[i] === undefined ? [] : [[costKey(all[i] ?? ""), cost]]),
      );
      const shards = deal(all, count, costs);
      assertEquals(shards.length, count);
      assertEquals(shards.flat().sort(), [...all].sort());
      for (const shard of shards) assertEquals(shard, all.filter((id) => shard.includes(id)));
    },
  ));
});

Deno.test("by cost no shard is longer than a fair share and one cell, whatever the order", () => {
  fc.assert(fc.property(
    ids,
    fc.integer({ min: 1, max: 9 }),
    fc.array(fc.nat(1000), { minLength: 60, maxLength: 60 }),
    (all, count, figures) => {
      const costs = Object.fromEntries(all.map((id, i) => [costKey(id), figures[i] ?? 0]));
      const load = (shard: readonly string[]) =>
        shard.reduce((sum, id) => sum + (costs[costKey(id)] ?? 0), 0);
      const shards = deal(all, count, costs);
      const most = Math.max(0, ...Object.values(costs));
      for (const shard of shards) assert(load(shard) <= load(all) / count + most);
      const turned = deal([...all].reverse(), count, costs);
      assertEquals(turned.map((shard) => [...shard].sort()), shards.map((one) => [...one].sort()));
    },
  ));
});

Deno.test("the longest goes first, so that the last are short", () => {
  const costs = { "a#x": 1, "a#y": 1, "a#z": 2 };
  assertEquals(deal(["a#x@1", "a#y@1", "a#z@1"], 2, costs), [["a#z@1"], ["a#x@1", "a#y@1"]]);
});

Deno.test("without a plan a cell stays where it is when others come, or the seed changes", () => {
  const all = Array.from({ length: 40 }, (_, i) => `a.ckpt#s[n=${i}]@1`);
  const shards = deal(all, 3, undefined);
  assertEquals(shards.every((shard) => shard.length > 0), true);
  const fewer = deal(all.slice(20), 3, undefined);
  const other = deal(all.map((id) => id.replace("@1", "@77")), 3, undefined);
  for (const [i, shard] of shards.entries()) {
    assertEquals(fewer[i], shard.filter((id) => all.indexOf(id) >= 20));
    assertEquals(other[i], shard.map((id) => id.replace("@1", "@77")));
  }
});

Deno.test("a cell nobody knows counts as what is usual", () => {
  const costs = { "a#x": 10, "a#y": 10, "a#z": 10 };
  const shards = deal(["a#x@1", "a#y@1", "a#z@1", "a#new@1"], 2, costs);
  assertEquals(shards.map((shard) => shard.length), [2, 2]);
});

Deno.test("--shard i/n counts from 1; auto reads what CI sets", () => {
  assertEquals(readShard("2/4", {}), { index: 2, count: 4 });
  assertEquals(readShard("auto", { CI_NODE_INDEX: "3", CI_NODE_TOTAL: "5" }), {
    index: 3,
    count: 5,
  });
  const indexed = { JOB_COMPLETION_INDEX: "0", JOB_COMPLETIONS: "2" };
  assertEquals(readShard("auto", indexed), { index: 1, count: 2 });
  for (const text of ["0/2", "3/2", "1", "a/b", "1/0", "1.5/2", "-1/2"]) {
    assertThrows(() => readShard(text, {}), UsageError, "--shard takes i/n");
  }
  assertThrows(() => readShard("auto", {}), UsageError, "set CI_NODE_INDEX and CI_NODE_TOTAL");
  const beyond = { CI_NODE_INDEX: "6", CI_NODE_TOTAL: "5" };
  assertThrows(() => readShard("auto", beyond), UsageError, "there is no part 6 of 5");
});

Deno.test("a plan of costs reads back as it was written, and a bad one says what is wrong", () => {
  const costs = { "b#2": 5, "a#1": 7 };
  assertEquals(readCosts(costsText(costs), "costs.json"), costs);
  const bad: readonly (readonly [string, string])[] = [
    ["{", "it is no JSON"],
    ["null", "it has no costs of version 1"],
    ['{"version":2,"costs":{}}', "it has no costs of version 1"],
    ['{"version":1,"costs":{"a":-1}}', "'a' costs -1"],
  ];
  for (const [text, why] of bad) {
    assertThrows(() => readCosts(text, "p.json"), UsageError, `--plan p.json: ${why}`);
  }
});
