/** How far restarts take processes back. */
import { assert, assertEquals } from "@std/assert";
import type { World } from "../../../core/mod.ts";
import {
  job,
  load,
  MS,
  named,
  oneProcess,
  protocol,
  until,
  using,
  victims,
} from "./world_fixture.ts";

const STOP = using("stop-the-world");
const behind = (world: World, name = "p0") => world.processMetric(name, "checkpoints_behind");
const distance = (world: World, name = "p0") =>
  world.processMetric(name, "rollback_distance") as number;

async function save(world: World, names: readonly string[], label: string): Promise<void> {
  await world.checkpoint(names, label, STOP);
  await until(world, () => world.checkpointMetric(label, "committed") === true);
}

Deno.test("the way back is that of the longest restart, and what is undone counts once", async () => {
  const world = oneProcess(load("sort", { count: 600 }));
  assertEquals([distance(world), behind(world)], [0, 0]);
  await world.advance(MS);
  await save(world, ["p0"], "c1");
  await save(world, ["p0"], "c2");
  const taken = world.checkpoints.get("c1")?.parts[0]?.takenNs ?? 0;
  assert(taken >= MS);
  await world.advance(6 * MS);
  await world.crash(victims("p0"), "nothing");
  await world.advance(9 * MS);
  await world.restart(["p0"], "c1", undefined);
  assertEquals([distance(world), behind(world)], [Math.round(6 * MS - taken), 1]);
  // c2 was undone by that restart, and c3 is the only one behind c1 in the second life.
  await save(world, ["p0"], "c3");
  await world.advance(12 * MS);
  await world.crash(victims("p0"), "nothing");
  await world.restart(["p0"], "c1", undefined);
  assertEquals([distance(world), behind(world)], [Math.round(12 * MS - taken), 1]);
  await world.crash(victims("p0"), "nothing");
  await world.restart(["p0"], "c1", undefined);
  assertEquals([distance(world), behind(world)], [Math.round(12 * MS - taken), 1]);
});

Deno.test("what had come to nothing before the crash is behind, too, but not without a t0", async () => {
  const seen = new Set<boolean>();
  for (const after of [0, 0.5 * MS]) {
    const workload = load("gossip", { messages: 60, gap: 200_000 });
    const world = job({ workload, protocol: protocol("message-counting") });
    await world.advance(MS);
    await save(world, named(3), "c1");
    await world.checkpoint(named(3), "c2", STOP);
    await world.advance(world.now + after);
    await world.crash(victims("p1"), "nothing");
    await until(world, () => world.checkpointMetric("c2", "aborted") === true);
    await world.crash(victims("p0", "p2"), "nothing");
    const parts = world.checkpoints.get("c2")?.parts ?? [];
    const expected = parts.map(({ takenNs }) => takenNs === undefined ? 0 : 1);
    await world.restart(named(3), "c1", undefined);
    assertEquals(named(3).map((name) => behind(world, name)), expected);
    for (const { takenNs } of parts) seen.add(takenNs === undefined);
    world.end();
  }
  assertEquals(seen, new Set([true, false]));
});

Deno.test("without a checkpoint it is the way to the beginning, and who ran on is lost later", async () => {
  const workload = load("gossip", { messages: 60, gap: 200_000 });
  const plan = { workload, protocol: protocol("uncoordinated"), starts: [0, 0, MS] };
  const world = job(plan);
  await world.advance(4 * MS);
  await world.crash(victims("p0"), "nothing");
  await world.advance(5 * MS);
  await world.restart(named(3), undefined, undefined);
  assertEquals(named(3).map((name) => distance(world, name)), [4 * MS, 5 * MS, 4 * MS]);
  assertEquals(named(3).map((name) => behind(world, name)), [0, 0, 0]);
});
