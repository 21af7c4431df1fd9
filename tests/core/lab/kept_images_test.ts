/** What stays on the disks of a world for images that build on others, or share pages with them. */
import { assert, assertEquals } from "@std/assert";
import type { World } from "../../../core/mod.ts";
import {
  addNode,
  job,
  load,
  MS,
  named,
  newWorld,
  protocol,
  toEnd,
  until,
  using,
  victims,
} from "./world_fixture.ts";

const INCREMENTAL = using("incremental"), STOP = using("stop-the-world");
const ALL = named(3);

const outputs = (world: World, names: readonly string[] = ALL) =>
  names.map((name) => world.processMetric(name, "output"));

const isDone = (world: World, label: string) => () =>
  world.checkpointMetric(label, "committed") === true ||
  world.checkpointMetric(label, "aborted") === true;

const committed = (world: World, label: string) =>
  world.checkpointMetric(label, "committed") === true;

/** Two of one program on one node, the second 20 ms after the first, and pages kept by content. */
function twins(): World {
  const world = newWorld();
  world.keep({ name: "local", options: { retain: 1, dedup: true } });
  addNode(world, "n", { disk: 40_000_000, page_hash: 2000 });
  const workload = load("wmem2", { pages: 48, sweeps: 300, gap: 600 });
  world.addProcess("p0", "n", workload);
  world.addProcess("p1", "n", workload, 20 * MS);
  return world;
}

Deno.test("a page that an image under way relies on stays, though its last image is forgotten", async () => {
  const undisturbed = twins();
  await toEnd(undisturbed, "p0", "p1");
  let shared = 0;
  // At 25 ms there is in p1 what was in p0 at k1; at 28 ms it has pages of its own.
  for (const [at, ahead] of [[25, 0], [25, 2], [25, 4], [28, 1], [28, 3], [28, 5]] as const) {
    const world = twins();
    await world.advance(5 * MS);
    await world.checkpoint(["p0"], "k1", STOP);
    await world.advance((at - ahead) * MS);
    await world.checkpoint(["p0"], "k2", STOP);
    await world.advance(at * MS);
    await world.checkpoint(["p1"], "k", STOP);
    for (const label of ["k", "k2"]) await until(world, isDone(world, label));
    assertEquals([committed(world, "k"), committed(world, "k2")], [true, true]);
    if (Number(world.checkpointMetric("k", "image_size")) < 80_000) shared++;
    await world.crash(victims("p1"), "nothing");
    await world.restart(["p1"], "k", undefined);
    await toEnd(world, "p0", "p1");
    assertEquals(outputs(world, ["p0", "p1"]), outputs(undisturbed, ["p0", "p1"]));
    world.end();
  }
  assert(shared > 0, "no image found its pages there");
});

Deno.test("an image of a line that came to nothing may still be the parent of the next", async () => {
  const plan = {
    workload: load("bank", { transfers: 60, gap: 100_000 }),
    protocol: protocol("message-counting"),
  };
  const undisturbed = job(plan);
  await toEnd(undisturbed, ...ALL);
  let aborted = 0;
  for (let after = 100_000; after < 1.5 * MS; after += 100_000) {
    const world = job(plan);
    await world.advance(MS);
    await world.checkpoint(ALL, "g1", INCREMENTAL);
    await until(world, isDone(world, "g1"));
    await world.checkpoint(ALL, "g2", INCREMENTAL);
    await world.advance(world.now + after);
    await world.crash({ processes: [], nodes: [], manager: true }, "nothing");
    await world.advance(world.now + MS / 10);
    await world.restart(["manager"], undefined, undefined);
    await until(world, isDone(world, "g2"));
    if (!committed(world, "g2")) aborted++;
    await world.checkpoint(ALL, "g3", INCREMENTAL);
    await until(world, isDone(world, "g3"));
    assert(committed(world, "g3"));
    assert(Number(world.checkpointMetric("g3", "chain")) > 1);
    await world.crash(victims(...ALL), "nothing");
    await world.restart(ALL, undefined, undefined);
    assertEquals(world.checkpointMetric("g3", "restored"), true);
    await toEnd(world, ...ALL);
    assertEquals(outputs(world), outputs(undisturbed));
    world.end();
  }
  assert(aborted > 0, "no line came to nothing");
});
